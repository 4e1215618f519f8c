"""Trends: one expression over a window, of which each refresh evaluates only what is new."""

from __future__ import annotations

from array import array

from tradetop.dashboards.window import Window
from tradetop.model.labels import Labels
from tradetop.model.ports import Querier
from tradetop.model.value import Matrix

NAN = float("nan")


class TrendCache:
    """The columns of one expression; a column whose samples have all landed is evaluated once."""

    def __init__(self, expr: str, *, incremental: bool) -> None:
        self._expr = expr
        self._incremental = incremental
        self._step = 0
        self._first = 0
        self._length = 0
        self._final = 0
        self._columns: dict[Labels, array[float]] = {}

    def columns(self, querier: Querier, window: Window, settled: int) -> dict[Labels, array[float]]:
        """The columns of `window` before its last one, by series; NaN is a gap.

        Samples up to `settled` (ms) have landed: columns up to there never change again. The last column is the
        caller's: it holds the value at `window.at`.
        """
        self._align(window)
        self._cut(self._final)
        self._extend(querier, window.last - window.step)
        self._final = max(self._final, min(self._length, (settled - self._first) // self._step + 1))
        self._forget(window)
        begin = (window.start - self._first) // self._step
        end = begin + window.count - 1
        return {labels: column[begin:end] for labels, column in self._columns.items()}

    def _align(self, window: Window) -> None:
        end = self._first + self._length * self._step
        if self._incremental and window.step == self._step and self._first <= window.start <= end:
            return
        self._step, self._first, self._length, self._final = window.step, window.start, 0, 0
        self._columns.clear()

    def _cut(self, length: int) -> None:
        for column in self._columns.values():
            del column[length:]
        self._length = length

    def _extend(self, querier: Querier, last: int) -> None:
        start = self._first + self._length * self._step
        if start > last:
            return
        value = querier.range(self._expr, start=start, end=last, step=self._step)
        added = (last - start) // self._step + 1
        for series in value.series if isinstance(value, Matrix) else ():
            labels = series.labels
            if labels not in self._columns:
                self._columns[labels] = array("d", [NAN]) * self._length
            column = self._columns[labels]
            column.extend(array("d", [NAN]) * (self._length + added - len(column)))
            for t, number in zip(series.times, series.values, strict=True):
                column[(t - self._first) // self._step] = number
        self._length += added
        for column in self._columns.values():
            column.extend(array("d", [NAN]) * (self._length - len(column)))

    def _forget(self, window: Window) -> None:
        """Drop columns before the window in bulk, and series that have nothing left."""
        old = (window.start - self._first) // self._step
        if old * 4 < window.count:
            return
        self._first += old * self._step
        self._length -= old
        self._final = max(0, self._final - old)
        for labels, column in list(self._columns.items()):
            del column[:old]
            if all(number != number for number in column):
                del self._columns[labels]
