"""From a server to the bots that it knows: one target each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tradetop.cli.configured import Configured
from tradetop.cli.refusal import Refusal
from tradetop.cli.scouting import Met, met
from tradetop.model.address import is_server
from tradetop.model.clock import HOUR, SECOND
from tradetop.model.target import Target
from tradetop.remote.address import server_at
from tradetop.remote.bots import BOTS, Found, ServedBot, find
from tradetop.remote.server import Server
from tradetop.scrape.faults import FetchError
from tradetop.store.place import prepare

PATIENCE = 4 * SECOND
"""How long the first start waits for a server (ms)."""
KNOWN = 1 * SECOND
"""And every other, which knows its bots from before."""
FILE = "servers.json"
"""Which bots servers had when they were asked last: for a start while one of them is down."""
_SIZE = 1024**2


@dataclass(frozen=True, slots=True)
class Expanded:
    """Targets with each server's bots in its place."""

    targets: tuple[Configured, ...]
    lines: tuple[str, ...]
    """For people."""
    met: tuple[Met, ...]
    """Servers that may get more bots."""


def expanded(chosen: Sequence[Configured], directory: Path) -> Expanded:
    """Targets with each server's bots in its place; Refusal where a server has none.

    Of a server that does not answer: those that it had when it was asked last, else itself, until it does.
    """
    asked = {c.target.url: c.target for c in chosen if is_server(c.target.url)}
    answers = dict(zip(asked, asyncio.run(_ask(asked.values(), directory)), strict=True))
    _remember(directory, {url: found.bots for url, found in answers.items() if isinstance(found, Found) and found.bots})
    made: list[Configured] = []
    lines: list[str] = []
    known: dict[str, Met | None] = {}
    for each in chosen:
        answer = answers.get(each.target.url)
        if answer is None:
            made.append(each)
        elif isinstance(answer, Found):
            where = server_at(each.target.url).place
            if not answer.bots:
                raise Refusal(answer.left_out(where) or _nothing(each.target, where))
            lines += filter(None, [answer.left_out(where)])
            made += [replace(each, target=target) for target in _targets(each.target, answer.bots)]
            keys = [(bot.job, bot.instance) for bot in (*answer.bots, *answer.others)]
            known[each.target.url] = met(each.target, keys)
        else:
            before = [*remembered(each.target, directory)]
            made += [replace(each, target=target) for target in before or [each.target]]
            known[each.target.url] = met(each.target, [(bot.job, bot.instance) for bot in before])
    return Expanded(_apart(made), tuple(lines), tuple(filter(None, known.values())))


def remembered(target: Target, directory: Path) -> Iterable[Target]:
    """The bots that a target's server had when it was asked last; none where it never was."""
    bots = []
    for said in _read(directory).get(target.url, ()):
        with contextlib.suppress(TypeError, ValueError, KeyError):
            interval = int(said["interval"])
            if SECOND <= interval <= HOUR and isinstance(said["job"], str) and isinstance(said["instance"], str):
                bots.append(ServedBot(said["job"], said["instance"], interval))
    return _targets(target, bots[:BOTS])


def all_remembered(directory: Path) -> list[Target]:
    """The bots of every server that was asked before."""
    found: list[Target] = []
    for url in _read(directory):
        with contextlib.suppress(ValueError):
            place = server_at(url).place
            found += remembered(Target(place, url=url, instance=place), directory)
    return found


async def _ask(targets: Iterable[Target], directory: Path) -> list[Found | FetchError]:
    return await asyncio.gather(
        *(_asked(target, KNOWN if [*remembered(target, directory)] else PATIENCE) for target in targets)
    )


async def _asked(target: Target, patience: int) -> Found | FetchError:
    address = server_at(target.url)
    server = Server(address, target.auth, target.tls, PATIENCE)
    try:
        async with asyncio.timeout(patience / SECOND):
            return await find(server, address)
    except TimeoutError:
        return FetchError("timeout", f"{server.where} does not answer in time")
    except FetchError as fault:
        if fault.word == "too many targets":
            raise Refusal(str(fault)) from None
        return fault


def _targets(target: Target, bots: Sequence[ServedBot]) -> list[Target]:
    """A target for each bot; its database belongs to a single one."""
    address = server_at(target.url)
    jobs = [bot.job for bot in bots]
    configured = target.name if target.name != target.instance else ""

    def name(bot: ServedBot) -> str:
        own = bot.job if jobs.count(bot.job) == 1 and bot.job else bot.instance
        if len(bots) == 1:
            return configured or own or target.name
        return f"{configured} {own}" if configured else own or target.name

    made = [
        replace(
            target,
            name=name(bot),
            url=address.of(bot.job, bot.instance).url,
            job=bot.job,
            instance=bot.instance,
            interval=max(target.interval, bot.interval),
        )
        for bot in bots
    ]
    if len(made) < 2 or not target.database:
        return made
    alone = replace(target, url="", job="", instance=target.database)
    return [*(replace(each, database="", bot_id="") for each in made), alone]


def _apart(made: Sequence[Configured]) -> tuple[Configured, ...]:
    """Each target once."""
    return tuple({(c.target.url, c.target.database): c for c in reversed(made)}.values())[::-1]


def _nothing(target: Target, where: str) -> str:
    asked = " that the address names" if server_at(target.url).names_all else ""
    return f"{where} has scraped no target{asked} in the last minutes: does it scrape the bot?"


def _read(directory: Path) -> dict[str, list[Any]]:
    """What was remembered, as far as it can be read."""
    path = directory / FILE
    try:
        if path.stat().st_size > _SIZE:
            return {}
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = said.items() if isinstance(said, dict) else ()
    return {url: bots for url, bots in pairs if isinstance(bots, list)}


def _remember(directory: Path, found: dict[str, tuple[ServedBot, ...]]) -> None:
    if not found:
        return
    made = {
        url: [{"job": bot.job, "instance": bot.instance, "interval": bot.interval} for bot in bots]
        for url, bots in found.items()
    }
    path = directory / FILE
    fresh = path.with_name(f"{FILE}.{os.getpid()}")
    # A directory that takes nothing is told where the history is kept.
    with contextlib.suppress(OSError):
        prepare(directory)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({**_read(directory), **made}, file)
        fresh.replace(path)
