"""Receivers as the configuration names them, and `tradetop notify test`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from tradetop.cli.configured import settings
from tradetop.cli.refusal import Refusal
from tradetop.config import NotifyConfig, QuietConfig, ReceiverConfig
from tradetop.document import nearest
from tradetop.model.clock import MINUTE, SystemClock
from tradetop.model.level import Level
from tradetop.model.target import Secret
from tradetop.model.text import clean
from tradetop.model.unit import Unit
from tradetop.notify.fault import Failure
from tradetop.notify.message import title
from tradetop.notify.receiver import QuietHours, Receiver, ReceiverKind
from tradetop.notify.send import send
from tradetop.notify.state import Change, Delivery, Facts, Item
from tradetop.scrape.credentials import secret_from
from tradetop.scrape.locate import locate

REPEAT = MINUTE
"""How often Alertmanager hears of a firing alert, as from Prometheus (ms)."""


def receivers_of(config: NotifyConfig, environment: Mapping[str, str]) -> tuple[Receiver, ...]:
    """The receivers with their secrets; Refusal where one is missing or its URL is none."""
    return tuple(_receiver(entry, config, environment) for entry in config.receivers)


def test(names: tuple[str, ...], path: Path | None) -> int:
    """Send a test message to the receivers of these names, or to all. The exit code: 0, or 1 where one failed."""
    receivers = receivers_of(settings(path).config.notify, os.environ)
    if not receivers:
        raise Refusal("the configuration names no receivers: see notify in docs/notify.md")
    known = {receiver.name: receiver for receiver in receivers}
    for name in names:
        if name not in known:
            raise Refusal(f"no receiver is called {clean(name, 80)}; {nearest(name, known)}")
    chosen = [known[name] for name in dict.fromkeys(names)] or list(receivers)
    failures = asyncio.run(_test(chosen, SystemClock().now()))
    width = max(len(receiver.name) for receiver in chosen)
    for receiver, failure in zip(chosen, failures, strict=True):
        click.echo(f"{receiver.name:<{width}}  {'ok' if failure is None else f'failed: {failure.text}'}")
    return 1 if any(failures) else 0


def trial(receiver: str, t: int) -> Delivery:
    """A message that says what it is."""
    words = "A test by `tradetop notify test`: nothing is wrong."
    facts = Facts("tradetop", "NotificationTest", (), Level.WARNING, 1.0, Unit.NONE, t, t, "", words)
    return Delivery(f"test-{t}", receiver, t, (Item("test", facts, Change.FIRING),))


async def _test(receivers: list[Receiver], t: int) -> list[Failure | None]:
    return await asyncio.gather(*(_sent(receiver, t) for receiver in receivers))


async def _sent(receiver: Receiver, t: int) -> Failure | None:
    delivery = trial(receiver.name, t)
    return ring_bell(delivery) if receiver.kind is ReceiverKind.BELL else await send(receiver, [delivery], t)


def ring_bell(delivery: Delivery) -> Failure | None:
    """Ring in the terminal of standard output, and have it show a message's title."""
    if not sys.stdout.isatty():
        return Failure("no terminal", "the bell needs a terminal, and standard output is none")
    sys.stdout.write(f"\a\033]9;{title(delivery)}\a")
    sys.stdout.flush()
    return None


def _receiver(entry: ReceiverConfig, config: NotifyConfig, environment: Mapping[str, str]) -> Receiver:
    kind = ReceiverKind(entry.kind)
    where = f"configuration, receiver {entry.name} in line {entry.place.line}"
    try:
        found, _ = secret_from(environment, "url", entry.url_file, entry.url_env)
        url = found or entry.url or Secret("")
        if kind is ReceiverKind.ALERTMANAGER:
            locate(url.reveal())
    except ValueError as error:
        raise Refusal(f"{where}: {error}") from None
    if kind is not ReceiverKind.BELL and "://" not in url.reveal():
        raise Refusal(f"{where}: its URL is none: it has no ://")
    usual = Receiver(entry.name)
    if kind is ReceiverKind.ALERTMANAGER:
        # It groups, repeats and caps by itself: what is said for all receivers is not meant for it.
        config = NotifyConfig()
        usual = Receiver(entry.name, group_wait=0, group_interval=0, repeat_interval=REPEAT, per_hour=0)
    return Receiver(
        entry.name,
        kind,
        url,
        Level[entry.level.upper()],
        entry.after,
        _first(entry.group_wait, config.group_wait, usual.group_wait),
        _first(entry.group_interval, config.group_interval, usual.group_interval),
        _first(entry.repeat_interval, config.repeat_interval, usual.repeat_interval),
        _first(entry.per_hour, config.per_hour, usual.per_hour),
        entry.send_resolved,
        _quiet(config.quiet if entry.quiet is None else entry.quiet),
    )


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def _quiet(config: QuietConfig | bool | None) -> QuietHours | None:
    if not isinstance(config, QuietConfig):
        return None
    return QuietHours(config.start, config.end, config.zone, config.critical == "rings")
