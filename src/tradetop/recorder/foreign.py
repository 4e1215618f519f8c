"""A server's own alerts: looked at now and then, by whoever watches, and never sent by us."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from tradetop.events.edges import alert_edges
from tradetop.model.alert import Alert, AlertState
from tradetop.model.clock import SECOND, Clock
from tradetop.recorder.record import Record
from tradetop.remote.address import server_at
from tradetop.remote.firing import firing
from tradetop.remote.server import Server, server_of
from tradetop.scrape.faults import FetchError

EVERY = 10 * SECOND
"""How often they are asked for at most (ms)."""


async def follow(
    record: Record, clock: Clock, wait: Callable[[float], Awaitable[None]], server: Server | None = None
) -> None:
    """Keep what the record's server has raised, for ever; of a server that is gone, what was firing then.

    What began or ceased to fire between two answers is an event.
    """
    target = record.target
    asked, address = server or server_of(target), server_at(target.url)
    seen_at = clock.now()
    while True:
        try:
            found = await firing(asked, address)
            seen_at = clock.now()
            if record.foreign is not None:
                record.take_derived(alert_edges(record.foreign, found, seen_at, bot=target.name))
        except FetchError:
            # That it does not answer is said where its series are asked for.
            found = tuple(_last(record.foreign or (), seen_at))
        if found != record.foreign:
            record.foreign = found
            record.revision += 1
            record.changed()
        await wait(max(EVERY, target.interval) / SECOND)


def _last(alerts: tuple[Alert, ...], t: int) -> list[Alert]:
    """Those that were firing when they were seen last, at `t` (ms)."""
    return [
        alert if alert.last_seen is not None else replace(alert, last_seen=t)
        for alert in alerts
        if alert.state is AlertState.FIRING
    ]
