"""Scouting: whether servers have bots that they had not when they were asked for them, and that nobody watches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.target import Target
from tradetop.model.text import clean
from tradetop.remote.address import server_at
from tradetop.remote.bots import newcomers
from tradetop.remote.server import Server, server_of
from tradetop.scrape.faults import FetchError

EVERY = MINUTE
"""How often a server is asked (ms)."""
_NAMED = 3
"""New bots that are named."""

Key = tuple[str, str]
"""Job and instance."""


@dataclass(frozen=True, slots=True)
class Met:
    """A server as it was met at the start: how it is reached, and which of its targets are known, bots or not."""

    target: Target
    known: frozenset[Key]


class Scout:
    """Asks servers for new bots, for ever; what they have is in `notices`."""

    def __init__(self, met: Sequence[Met], wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._met = tuple(met)
        self._wait = wait
        self._new: dict[str, list[str]] = {}

    @property
    def notices(self) -> tuple[str, ...]:
        """Which bots are new, one line for each server."""
        return tuple(
            f"{where}: {', '.join(names[:_NAMED])}{f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''}"
            f" {'is' if len(names) == 1 else 'are'} new there: start tradetop anew to watch {_them(names)}"
            for where, names in self._new.items()
        )

    async def run(self) -> None:
        """Ask every minute."""
        servers = [(server_of(met.target), set(met.known)) for met in self._met]
        while True:
            await self._wait(EVERY / SECOND)
            for server, known in servers:
                await self._ask(server, known)

    async def _ask(self, server: Server, known: set[Key]) -> None:
        try:
            found = await newcomers(server, server.address, known)
        except FetchError:
            # That a server is away is said of the bots that it has.
            return
        known.update((bot.job, bot.instance) for bot in (*found.bots, *found.others))
        if found.bots:
            names = self._new.setdefault(server.address.place, [])
            names += [clean(" ".join(filter(None, (bot.job, bot.instance))), 80) for bot in found.bots]


def met(target: Target, known: Sequence[Key]) -> Met | None:
    """What is to be scouted; None where nothing but one target, or none yet, is meant."""
    return None if server_at(target.url).is_one or not known else Met(target, frozenset(known))


def _them(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
