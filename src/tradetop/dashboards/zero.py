"""Zeros: whether a series that reads 0 has ever moved since the process began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradetop.dashboards.window import Window, nice_step
from tradetop.model.labels import Labels
from tradetop.model.ports import Querier
from tradetop.model.value import Matrix

COLUMNS = 120
"""How finely the time before the window is looked at."""
REMEMBERED = 4_000
"""Series of which it is remembered that they moved."""


class ZeroWatch:
    """Remembers when each series of one expression was first seen to differ from zero."""

    def __init__(self, expr: str) -> None:
        self._expr = expr
        self._since = 0
        self._checked = 0
        self._moved: dict[Labels, int] = {}

    def unmoved(
        self,
        querier: Querier,
        zeros: Sequence[Labels],
        trends: Mapping[Labels, Sequence[float]],
        window: Window,
        since: int,
    ) -> frozenset[Labels]:
        """Those of `zeros` that have been zero whenever they were seen from `since` (ms) to the window's end."""
        if since != self._since:
            self._since, self._checked = since, since
            self._moved.clear()
        self._look_before(querier, window)
        first = max(0, -(-(since - window.start) // window.step))
        still = []
        for labels in zeros:
            known = self._moved.get(labels)
            if known is not None and known <= window.at:
                self.saw(labels, known)
                continue
            column = trends.get(labels, ())
            moved = next((i for i in range(first, len(column)) if column[i] and column[i] == column[i]), None)
            if moved is None:
                still.append(labels)
            else:
                self.saw(labels, window.start + moved * window.step)
        return frozenset(still)

    def saw(self, labels: Labels, t: int) -> None:
        """A series differed from zero at `t` (ms)."""
        self._moved[labels] = min(t, self._moved.pop(labels, t))
        # Series that keep changing must not fill the memory: the one that was longest not seen goes.
        if len(self._moved) > REMEMBERED:
            del self._moved[next(iter(self._moved))]

    def _look_before(self, querier: Querier, window: Window) -> None:
        """Look once at the time between the process' start and the window, for all series together."""
        end = min(window.start, window.at)
        if self._checked >= end:
            return
        step = max(window.step, nice_step((end - self._checked) / COLUMNS))
        value = querier.range(self._expr, start=self._checked, end=end, step=step)
        for series in value.series if isinstance(value, Matrix) else ():
            moved = next((t for t, v in zip(series.times, series.values, strict=True) if v and v == v), None)
            if moved is not None:
                self.saw(series.labels, moved)
        self._checked = end
