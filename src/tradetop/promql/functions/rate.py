"""Slopes of counters and gauges: rate, increase, delta, irate, idelta.

The extrapolation is that of Prometheus' promql/functions.go, extrapolatedRate. A counter's resets come from an index
of the column, so that a window costs the same however long it is.
"""

from __future__ import annotations

import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Column
from tradetop.promql.functions.signature import Function
from tradetop.promql.marks import Marks
from tradetop.promql.names import without
from tradetop.promql.nodes import Call, Selector
from tradetop.promql.run import Cell, Curve, Result, Run
from tradetop.promql.select import Windows, window_times, window_values, windows

CREATED = "_created"
_NAME = (NAME,)
_BUCKET = (NAME, "le", "quantile")

COUNTER_SUFFIXES = ("_total", "_bucket", "_count", "_sum")

_PLANS = 4
"""Plans that are kept: the series of a page have their times in common, those of events each their own."""

Plan = list[tuple[int, int, float, float, float] | None]
"""For each step the first and last slot of a full window, its seconds covered, and those missing at both ends."""


class _Slope:
    """The slope of one column over each window."""

    __slots__ = ("_column", "_counter", "_divisor", "_marks", "_plan", "_windows")

    def __init__(self, found: Windows, column: Column, marks: Marks, plan: Plan, counter: bool, rate: bool) -> None:
        self._windows = found
        self._column = column
        self._marks = marks
        self._plan = plan
        self._counter = counter
        self._divisor = found.span / 1_000 if rate else 1.0

    def values(self, low: Sequence[int], high: Sequence[int]) -> list[Cell]:
        """For each step the slope, or a gap where there are fewer than two samples."""
        column, divisor, counter, marks = self._column, self._divisor, self._counter, self._marks
        values, first = column.values, column.first
        end = first + len(values)
        if counter:
            marks.count()
        resets = marks.resets if counter else ()
        odd = bool(marks.stale) or (bool(marks.births) and max(marks.births) >= low[0] - first)
        out: list[Cell] = []
        for step, full in enumerate(self._plan):
            if full is None:
                out.append(None if high[step] - low[step] < 1 else self._careful(step, low[step], high[step]))
                continue
            a, z, covered, start, stop = full
            a, z = a - first, z - first
            if a < 0 or z >= end - first or (odd and self._is_odd(a, z)):
                out.append(self._careful(step, low[step], high[step]))
                continue
            origin = values[a]
            rise = values[z] - origin
            if resets and resets[-1] > a and (lost := self._lost(a, z)):
                rise += lost
            if counter and rise > 0 and origin >= 0 and origin * covered < start * rise:
                start = covered * (origin / rise)
            out.append(rise * ((covered + start + stop) / covered / divisor) if rise else rise / divisor)
        return out

    def _is_odd(self, a: int, z: int) -> bool:
        """Whether a window from position a to z holds a staleness marker, or begins with the counter's birth."""
        stale = self._marks.stale
        return a in self._marks.births or (bool(stale) and bisect_left(stale, a) != bisect_right(stale, z))

    def _lost(self, a: int, z: int) -> float:
        """What resets hid at positions a < i <= z."""
        resets = self._marks.resets
        return sum(self._marks.before[bisect_right(resets, a) : bisect_right(resets, z)])

    def _careful(self, step: int, low: int, high: int) -> Cell:
        """The slope over a window that may hold staleness markers, lack samples or see the counter's birth."""
        column, stale = self._column, self._marks.stale
        times, first = column.times, column.first
        a, z = max(low - first, 0), min(high - first, len(column.values)) - 1
        s, e = bisect_left(stale, a), bisect_right(stale, z)
        while s < e and stale[s] == a:
            a, s = a + 1, s + 1
        while s < e and stale[e - 1] == z:
            z, e = z - 1, e - 1
        if z < a:
            return None
        ref = self._windows.refs[step if len(self._windows.refs) > 1 else 0]
        zero = self._marks.births.get(a) if self._counter else None
        born = column.values[a] if zero is not None and zero > ref - self._windows.span else None
        gaps = z - a - (e - s)
        if gaps < 1:
            return None if born is None else born / self._divisor
        covered, start, stop = _ends(times[a + first], times[z + first], gaps, ref, self._windows.span)
        if born is not None:
            # What a counter had at its first sample is known, not guessed: it is added as it is.
            return (born + self._rise(a, z) * ((covered + stop) / covered)) / self._divisor
        return self._extrapolated(a, z, covered, start, stop)

    def _rise(self, a: int, z: int) -> float:
        values = self._column.values
        lost = self._lost(a, z) if self._counter else 0.0
        # Adding nothing would still make a negative zero positive.
        return values[z] - values[a] + lost if lost else values[z] - values[a]

    def _extrapolated(self, a: int, z: int, covered: float, start: float, stop: float) -> float:
        rise, origin = self._rise(a, z), self._column.values[a]
        if self._counter and rise > 0 and origin >= 0:
            start = min(start, covered * (origin / rise))
        return rise * ((covered + start + stop) / covered / self._divisor)


def _ends(first: int, last: int, gaps: int, ref: int, span: int) -> tuple[float, float, float]:
    """Seconds that the samples cover, and by how many to extrapolate at the start and at the end of the window."""
    covered = (last - first) / 1_000
    between = covered / gaps
    start, stop = (first - ref + span) / 1_000, (ref - last) / 1_000
    near = between * 1.1
    return covered, between / 2 if start >= near else start, between / 2 if stop >= near else stop


def _plan(times: Sequence[int], low: Sequence[int], high: Sequence[int], refs: range, span: int) -> Plan:
    plan: Plan = []
    for ref, a, end in zip(refs, low, high, strict=True):
        gaps = end - 1 - a
        plan.append((a, end - 1, *_ends(times[a], times[end - 1], gaps, ref, span)) if gaps > 0 else None)
    return plan


def _slopes(call: Call, run: Run, counter: bool, rate: bool) -> Result:
    found = windows(call.args[0], run)
    known = [*map(run.set.marks.of, found.columns)]
    if counter and run.set.born and found.selector is not None:
        _bear(found, known, found.selector, run)
    curves = []
    times: Sequence[int] | None = None
    plans: dict[int, Plan] = {}
    for column, marks in zip(found.columns, known, strict=True):
        # The series of a page come one after the other.
        if column.times is not times:
            times = column.times
            low, high = run.bounds(times, found.refs, found.span)
            if id(times) not in plans:
                if len(plans) >= _PLANS:
                    plans.clear()
                plans[id(times)] = _plan(times, low, high, found.refs, found.span)
            plan = plans[id(times)]
        values = _Slope(found, column, marks, plan, counter, rate).values(low, high)
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values * found.repeat, True))
    return curves


def _bear(found: Windows, known: Sequence[Marks], selector: Selector, run: Run) -> None:
    """Let each counter know when it began: what its `_created` series says, else what the store saw."""
    if any(marks.teller() is None for marks in known):
        strangers = [c for c, marks in zip(found.columns, known, strict=True) if marks.teller() is None]
        _find_tellers(strangers, found, selector, run)
    last: Column | None = None
    told: Sequence[tuple[int, int]] = ()
    for column, marks in zip(found.columns, known, strict=True):
        teller = marks.teller()
        if teller is not last:  # The buckets of a histogram come one after the other.
            last, told = teller, () if teller is None else run.marks(teller).tellings()
        if told or column.births:
            marks.begin(column.births, told)


def _find_tellers(columns: Sequence[Column], found: Windows, selector: Selector, run: Run) -> None:
    """Find the `_created` series of counters; each is remembered as long as it is there."""
    others = tuple(m for m in selector.matchers if m.name not in (NAME, "le"))
    for stem in {stem for column in columns if (stem := _stem(column.labels.name)) is not None}:
        name = Matcher(NAME, MatchOp.EQUAL, stem + CREATED)
        created = {
            without(column.labels, _NAME): column for column in run.select((name, *others), found.refs, found.span)
        }
        if not created:
            continue
        for column in columns:
            if _stem(column.labels.name) == stem:
                teller = created.get(without(column.labels, _BUCKET))
                if teller is not None:
                    run.marks(column).teller = weakref.ref(teller)


@lru_cache(maxsize=4_096)
def _stem(name: str) -> str | None:
    """A counter's name less what says which part of it a series is."""
    return next((name.removesuffix(s) for s in COUNTER_SUFFIXES if name.endswith(s)), None)


def _instant_slopes(call: Call, run: Run, counter: bool) -> Result:
    found = windows(call.args[0], run)
    curves = []
    for column in found.columns:
        stale = run.marks(column).stale
        low, high = run.bounds(column.times, found.refs, found.span)
        values: list[Cell] = []
        for a, b in zip(low, high, strict=True):
            near = max(a, b - 2) if not stale else a
            samples, times = window_values(column, near, b, stale), window_times(column, near, b, stale)
            if len(samples) < 2:
                values.append(None)
                continue
            rise = samples[-1] if counter and samples[-1] < samples[-2] else samples[-1] - samples[-2]
            values.append(rise / ((times[-1] - times[-2]) / 1_000) if counter else rise)
        curves.append(Curve(column.labels, values * found.repeat, True))
    return curves


FUNCTIONS: dict[str, Function] = {
    "rate": lambda call, run: _slopes(call, run, counter=True, rate=True),
    "increase": lambda call, run: _slopes(call, run, counter=True, rate=False),
    "delta": lambda call, run: _slopes(call, run, counter=False, rate=False),
    "irate": lambda call, run: _instant_slopes(call, run, counter=True),
    "idelta": lambda call, run: _instant_slopes(call, run, counter=False),
}
