"""A glance at what a server has of one target now: the page that it read last, as far as it can be told."""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.clock import SECOND
from tradetop.model.target import Target
from tradetop.remote.address import server_at
from tradetop.remote.follow import Follower
from tradetop.remote.server import server_of
from tradetop.scrape.faults import FetchError
from tradetop.scrape.page import Page
from tradetop.scrape.scrape import Scrape

SPAN = 3
"""Intervals that are looked back."""


async def glance(target: Target, now: int) -> Scrape:
    """The newest scrape that a target's server has at `now` (ms); a failure is a result, not an exception."""
    server = server_of(target)
    follower = Follower(server, server_at(target.url), target.interval)
    try:
        attached = await follower.attach(now)
        found = await follower.newest(now + follower.ahead - SPAN * target.interval - 10 * SECOND, now)
    except FetchError as fault:
        return Scrape(now, False, 0.0, reason=str(fault), word=fault.word)
    if not found.rows:
        reason = f"{server.where} has nothing new of this target: does it still scrape it?"
        return Scrape(now, False, 0.0, reason=reason, word="no samples")
    t, row = found.rows[-1]
    up = next((value for labels, value in row.items() if labels.name == "up"), 1.0) == 1
    duration = next((value for labels, value in row.items() if labels.name == "scrape_duration_seconds"), 0.0)
    if not up:
        return Scrape(t, False, duration, reason=f"{server.where} cannot scrape it", word="down")
    own = {labels: value for labels, value in row.items() if labels.name != "up" and not _is_own(labels.name)}
    return replace(Scrape(t, True, duration), page=Page(own, attached.metadata))


def _is_own(name: str) -> bool:
    """Whether a series is the server's own word about its scrape."""
    return name.startswith("scrape_")
