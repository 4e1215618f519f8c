"""The rhythm of watching: at once, then every interval, with no drift, no burst, and never faster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tradetop.model.clock import SECOND, Clock
from tradetop.scrape.probe import Probe, Prober
from tradetop.scrape.scrape import Scrape, Scraper

Wait = Callable[[float], Awaitable[None]]
"""Waits so many seconds, as `asyncio.sleep` does."""


def _unknown_start() -> int | None:
    return None


async def watch(
    scraper: Scraper, clock: Clock, on_scrape: Callable[[Scrape], None], wait: Wait = asyncio.sleep
) -> None:
    """Scrape for ever, until cancelled; a server that asks us to stay away (Retry-After) is left alone so long."""
    interval = scraper.target.interval
    due = clock.monotonic()
    while True:
        await _until(due, clock, wait)
        begun = clock.monotonic()
        scrape = await scraper.scrape(clock.now())
        on_scrape(scrape)
        due = next_due(due, begun, interval)
        if scrape.retry_after:
            due = max(due, clock.monotonic() + scrape.retry_after)


async def watch_health(
    prober: Prober,
    clock: Clock,
    on_probe: Callable[[Probe], None],
    wait: Wait = asyncio.sleep,
    started: Callable[[], int | None] = _unknown_start,
) -> None:
    """Probe for ever, until cancelled; `started` tells when the bot's process began (ms), if that is known."""
    interval = prober.target.check.interval
    due = clock.monotonic()
    while True:
        await _until(due, clock, wait)
        begun = clock.monotonic()
        on_probe(await prober.probe(clock.now(), started()))
        due = next_due(due, begun, interval)


def next_due(due: int, begun: int, interval: int) -> int:
    """When the next turn is due, after one that was due at `due` and began at `begun` (all ms, monotonic).

    A little late does not add up; after a long sleep the rhythm starts anew instead of catching up.
    """
    late = begun - due
    return due + interval if late < interval // 10 else begun + interval


async def _until(due: int, clock: Clock, wait: Wait) -> None:
    while (left := due - clock.monotonic()) > 0:
        await wait(left / SECOND)
