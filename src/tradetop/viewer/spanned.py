"""A querier for windows of any length: what memory holds from there, more from the history file."""

from __future__ import annotations

from collections.abc import Callable

from tradetop.events.counters import EVENT_SERIES
from tradetop.model.clock import DAY, MINUTE
from tradetop.model.ports import Queryable
from tradetop.model.value import Value
from tradetop.promql import Engine

UP = "up"
LATE = 15 * MINUTE
"""How far the past may lag behind (ms): it is not read from the file at every look."""


class Spanned:
    """Answers for one moment, and for ranges that memory holds, from `near`; for longer ones from the past."""

    def __init__(
        self,
        near: Engine,
        past: Callable[[], Queryable],
        born_counters: bool = True,
        stand_back: Callable[[], object] = lambda: None,
    ) -> None:
        self._near = near
        self._past = past
        self._born = born_counters
        self._stand_back = stand_back
        self._series: Queryable | None = None
        self._far = near
        self._long = False

    def look(self, span: int, memory: int = DAY) -> None:
        """What follows is for a window of `span`, of which memory holds `memory` (ms)."""
        self._long = span > min(memory, DAY)

    def settled(self, landed: int | None, at: int) -> int | None:
        """Up to when all samples of what `look` was told are there, if memory has them up to `landed` (ms)."""
        return at - LATE if self._long else landed

    def instant(self, expr: str, *, at: int) -> Value:
        """Evaluate at one time (ms)."""
        self._stand_back()
        return self._near.instant(expr, at=at)

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        """Evaluate at start, start + step, ... up to end (ms)."""
        self._stand_back()
        # The series of events are not in the file: their database is, and memory keeps a week of them.
        if not self._long or _is_of_events(self._near.metric_names(expr)):
            return self._near.range(expr, start=start, end=end, step=step)
        series = self._past()
        if series is not self._series:
            self._series, self._far = series, Engine(series, born_counters=self._born)
        return self._far.range(expr, start=start, end=end, step=step)

    def is_incremental(self, expr: str) -> bool:
        """Whether a step once evaluated stays true when later steps are."""
        return self._near.is_incremental(expr)

    def metric_names(self, expr: str) -> frozenset[str]:
        """The metric names that an expression selects."""
        return self._near.metric_names(expr)


def _is_of_events(names: frozenset[str]) -> bool:
    """Whether an expression is of the series of events, with or without a look at whether the bot is up."""
    return names <= EVENT_SERIES | {UP} and names != {UP}
