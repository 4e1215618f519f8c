"""The status of a past moment, as far as the series tell it."""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.clock import DAY
from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Queryable
from tradetop.model.sample import is_stale
from tradetop.model.target import TargetStatus

_UP = (Matcher(NAME, MatchOp.EQUAL, "up"),)


def landed(series: Queryable, at: int) -> int | None:
    """The time (ms) of the last page that was asked for: its samples are all there. None where there was none."""
    return max((column.times[-1] for column in series.select(_UP, at - DAY, at)), default=None)


def status_at(status: TargetStatus, series: Queryable, at: int) -> TargetStatus:
    """Today's status with what is known of `at` (ms): whether the bot was up, and when it last had been.

    What happens later changes none of it, so that a look back always shows the same.
    """
    slots = [
        (t, value)
        for column in series.select(_UP, 0, at)
        for t, value in zip(column.times[column.first :], column.values, strict=False)
        if t <= at and not is_stale(value)
    ]
    tried, good = max(slots, default=None), max((t for t, value in slots if value == 1), default=None)
    return replace(
        status,
        up=None if tried is None else tried[1] == 1,
        scraped_at=good,
        tried_at=None if tried is None else tried[0],
        failing_since=None,
        reason="",
        errors=(),
        error_count=0,
    )
