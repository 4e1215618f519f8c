"""Selectors that look beyond their window: `anchored` and `smoothed` (Prometheus' extended range selectors).

An anchored window begins with the last sample before it; a smoothed one has values at both its ends, interpolated
between the samples beside them. Neither looks further than the lookback.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.ports import Column
from tradetop.model.sample import is_stale
from tradetop.promql.nodes import Range, Reach, Selector
from tradetop.promql.run import Cell, Curve, Run
from tradetop.promql.times import moments
from tradetop.promql.window import window_times, window_values


@dataclass(frozen=True, slots=True)
class Reached:
    """One window of a column: the values that count at its ends, and the positions of the samples strictly within."""

    left: float
    right: float
    within: range
    """Staleness markers among them."""


def around(column: Column, run: Run, start: int, end: int) -> tuple[Sequence[int], Sequence[float]]:
    """The times (ms) and values of a column's samples in (start, end], less staleness markers."""
    stale = run.marks(column).stale
    low, high = bisect_right(column.times, start), bisect_right(column.times, end)
    run.set.budget.spend(high - low)
    return window_times(column, low, high, stale), window_values(column, low, high, stale)


def columns_of(selector: Selector, run: Run, refs: range, span: int) -> Sequence[Column]:
    """The columns whose samples such a selector may look at."""
    lookback = run.set.lookback
    return run.select(selector.matchers, refs, span + lookback, lookback if selector.reach is Reach.SMOOTHED else 0)


def reached(column: Column, run: Run, reach: Reach, start: int, end: int, *, counter: bool) -> Reached | None:
    """What a column has in the window (start, end] (ms); None where nothing has changed within it.

    As Prometheus' promql/functions.go, extendedRate, without looking at every sample.
    """
    smooth, lookback, stale = reach is Reach.SMOOTHED, run.set.lookback, run.marks(column).stale
    at = _Clock(column)
    low, high = at.after(start - lookback), at.after(end + lookback if smooth else end)
    first = _live_before(stale, at.after(start), low)
    if first is None:
        first = _live_from(stale, at.after(start), high)
    last = _live_from(stale, at.after(end - 1), high) if smooth else None
    if last is None:
        last = _live_before(stale, high, low)
    if first is None or last is None or at[last] <= start or (smooth and at[first] > end):
        return None
    left, right = column.values[first], column.values[last]
    if smooth and at[first] < start and (after := _live_from(stale, first + 1, high)) is not None:
        left = _between(at, column.values, (first, after), start, counter=counter)
    if smooth and at[last] > end and (before := _live_before(stale, last, low)) is not None:
        right = _between(at, column.values, (before, last), end, counter=counter)
    return Reached(left, right, range(first + (at[first] <= start), last + (at[last] < end)))


class _Clock:
    """The times of a column by the positions of its values."""

    __slots__ = ("_count", "_first", "_times")

    def __init__(self, column: Column) -> None:
        self._times, self._first, self._count = column.times, column.first, len(column.values)

    def __getitem__(self, position: int) -> int:
        return self._times[position + self._first]

    def after(self, t: int) -> int:
        """The position of the first value after a time (ms)."""
        return min(max(bisect_right(self._times, t) - self._first, 0), self._count)


def _live_before(stale: Sequence[int], position: int, least: int) -> int | None:
    """The last position before one, and from `least` on, that holds no staleness marker."""
    found, mark = position - 1, bisect_left(stale, position) - 1
    while found >= least and mark >= 0 and stale[mark] == found:
        found, mark = found - 1, mark - 1
    return found if found >= least else None


def _live_from(stale: Sequence[int], position: int, end: int) -> int | None:
    """The first position from one on, and before `end`, that holds no staleness marker."""
    found, mark = position, bisect_left(stale, position)
    while found < end and mark < len(stale) and stale[mark] == found:
        found, mark = found + 1, mark + 1
    return found if found < end else None


def lost(column: Column, run: Run, of: Reached) -> float:
    """What a counter's resets within a window hid."""
    marks, values = run.marks(column), column.values
    marks.count()
    a, z = _live_from(marks.stale, of.within.start, of.within.stop), None
    if a is not None:
        z = _live_before(marks.stale, of.within.stop, a)
    if a is None or z is None:
        return of.left if of.right < of.left else 0.0
    resets = range(bisect_right(marks.resets, a), bisect_right(marks.resets, z))
    # Of a birth that no value shows such windows do not know, whoever else has asked about it.
    hidden = sum(before for k in resets if values[marks.resets[k]] < (before := marks.before[k]))
    return (of.left if values[a] < of.left else 0.0) + hidden + (values[z] if of.right < values[z] else 0.0)


def _between(at: _Clock, values: Sequence[float], ends: tuple[int, int], t: int, *, counter: bool) -> float:
    """The value at a time between two samples; a counter that fell has risen from zero."""
    i, k = ends
    before = 0.0 if counter and values[k] < values[i] else values[i]
    return before + (values[k] - before) * (t - at[i]) / (at[k] - at[i])


def smoothed(node: Selector, run: Run) -> list[Curve]:
    """An instant vector interpolated between the samples on both sides of each step.

    Where none comes after it the last one counts, and where none comes before it there is no value.
    """
    refs, repeat = moments(node, run)
    curves = []
    for column in columns_of(node, run, refs, 0):
        values = [_interpolated(column, run, ref) for ref in refs]
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values * repeat, False))
    return curves


def _interpolated(column: Column, run: Run, t: int) -> Cell:
    stale, at, lookback = run.marks(column).stale, _Clock(column), run.set.lookback
    here, high = at.after(t), at.after(t + lookback)
    before = _live_before(stale, here, at.after(t - lookback))
    after = _live_from(stale, here, high)
    if before is None:
        return None
    if after is None or at[before] == t:
        return column.values[before]
    return _between(at, column.values, (before, after), t, counter=False)


def bounded(node: Range, refs: range, span: int, run: Run) -> list[Column]:
    """The samples of such a window themselves, with those at its ends, at the run's one step."""
    (end,) = refs
    out = []
    for column in columns_of(node.selector, run, refs, span):
        found = reached(column, run, node.selector.reach, end - span, end, counter=False)
        if found is None:
            continue
        run.set.budget.spend(len(found.within))
        inner = [i for i in found.within if not is_stale(column.values[i])]
        times = [end - span, *(column.times[i + column.first] for i in inner), end]
        values = [found.left, *(column.values[i] for i in inner), found.right]
        out.append(Column(column.labels, array("q", times), array("d", values), 0))
    return out
