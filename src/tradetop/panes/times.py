"""Times of day in the zone that the person chose; milliseconds since the epoch, offsets in minutes east of UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from tradetop.model.clock import DAY, HOUR, MINUTE

_LAST = 253_402_300_799_000
_STEPS = (MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR,
          12 * HOUR, DAY, 2 * DAY, 7 * DAY)  # fmt: skip


def clock(t: float, offset: int) -> str:
    """`12:03:27`."""
    return f"{_local(t, offset):%H:%M:%S}"


def minute(t: float, offset: int) -> str:
    """`12:03`."""
    return f"{_local(t, offset):%H:%M}"


def stamp(t: float, offset: int) -> str:
    """`2025-11-20 12:03:27`."""
    return f"{_local(t, offset):%Y-%m-%d %H:%M:%S}"


def since(t: int, now: int, offset: int) -> str:
    """The time of day, with the date where it is another day."""
    here, there = _local(now, offset), _local(t, offset)
    return f"{there:%H:%M}" if here.date() == there.date() else f"{there:%m-%d %H:%M}"


def dated(t: int, now: int, offset: int) -> str:
    """`12:03:27`, with the date before it where that is of another day than now: `11-20 12:03:27`."""
    here, there = _local(now, offset), _local(t, offset)
    return f"{there:%H:%M:%S}" if here.date() == there.date() else f"{there:%m-%d %H:%M:%S}"


@lru_cache(maxsize=64)
def axis(start: int, end: int, offset: int, width: int) -> tuple[tuple[int, str], ...]:
    """Labels under a time axis of `width` cells: (column, text), the first at the start and the last at the end."""
    span = max(1, end - start)
    form = "%m-%d" if span > 3 * DAY else "%H:%M"
    room = 11
    step = next((s for s in _STEPS if span / s * room <= width), _STEPS[-1])
    shift = offset * MINUTE
    first = -(-(start + shift) // step) * step - shift
    inner = [(round((t - start) / span * (width - 1)), f"{_local(t, offset):{form}}") for t in range(first, end, step)]
    last = (max(0, width - 5), f"{_local(end, offset):{form}}")
    labels = [(0, f"{_local(start, offset):{form}}")]
    for column, text in inner:
        at = column - 2
        if labels[-1][0] + 7 <= at and at + 6 <= last[0]:
            labels.append((at, text))
    if last[0] >= labels[-1][0] + 6:
        labels.append(last)
    return tuple(labels)


def _local(t: float, offset: int) -> datetime:
    """The time, kept within what a calendar can say."""
    whole = int(min(max(t, DAY), _LAST - DAY))
    return datetime.fromtimestamp(whole / 1_000, UTC) + timedelta(minutes=offset)
