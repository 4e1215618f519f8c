"""The stretch of time that a report is about, and its days in the zone shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from tradetop.model.clock import DAY, HOUR, MINUTE

Offset = Callable[[int], int]
"""Minutes east of UTC at a time (ms)."""
MOST_HOURLY = 14 * DAY
"""Windows up to here are told hour by hour (ms), longer ones day by day."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` up to but not at `until` (ms), both on the hour."""

    since: int
    until: int

    @classmethod
    def around(cls, since: int, until: int) -> Window:
        """The whole hours that a stretch of time touches."""
        return cls(since // HOUR * HOUR, max(-(-until // HOUR), since // HOUR + 1) * HOUR)

    @property
    def hours(self) -> int:
        """How many hours it has."""
        return (self.until - self.since) // HOUR

    @property
    def step(self) -> int:
        """How long a row of a report by time is (ms): an hour, or a day."""
        return HOUR if self.until - self.since <= MOST_HOURLY else DAY


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a window in which the zone's clock does not change; times as the window's."""

    since: int
    until: int
    offset: int
    """Minutes east of UTC."""


def stretches(window: Window, offset: Offset) -> Iterator[Stretch]:
    """The parts of a window between which the zone goes into summer time or out of it, in order."""
    start = window.since
    while start < window.until:
        end, here = start, offset(start)
        for step in (DAY, HOUR):
            while end < window.until and offset(end) == here:
                end += step
            # One step too far; the hours find the place.
            end = end if step == HOUR else max(start, end - step)
        yield Stretch(start, min(end, window.until), here)
        start = end


def day_text(day: int) -> str:
    """`2026-11-20` of a number of days since the epoch."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y-%m-%d}"


@lru_cache(maxsize=4_096)
def slot_text(slot: int, step: int) -> str:
    """The beginning of an hour or a day that is counted from the epoch in the zone shown."""
    if step == DAY:
        return day_text(slot)
    return f"{datetime.fromtimestamp(slot * HOUR // 1_000, UTC):%Y-%m-%d %H:%M}"


def minutes(step: int) -> int:
    """A step (ms) in minutes."""
    return step // MINUTE
