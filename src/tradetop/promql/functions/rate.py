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
from tradetop.promql.select import Windows, newest, window_times, window_values, windows
from tradetop.promql.times import moments

CREATED = "_created"
_NAME = (NAME,)
_BUCKET = (NAME, "le", "quantile")

COUNTER_SUFFIXES = ("_total", "_bucket", "_count", "_sum")

_PLANS = 4
"""Plans that are kept: the series of a page have their times in common, those of events each their own."""


_Full = tuple[int, int, float, float, float, float]
"""A window that has more than one slot: its first and its last, seconds between them, seconds to extrapolate at its
start and at its end, and what a rise between the slots is multiplied by. A plain tuple, since it is taken apart for
every series."""


class _Slopes:
    """The slopes of columns over windows; what they have in common is worked out once for columns of the same times."""

    __slots__ = ("_counter", "_divisor", "_high", "_low", "_plan", "_plans", "_run", "_windows")

    def __init__(self, found: Windows, run: Run, counter: bool, rate: bool) -> None:
        self._windows = found
        self._run = run
        self._counter = counter
        self._divisor = found.span / 1_000 if rate else 1.0
        self._plans: dict[int, list[_Full | None]] = {}

    def _turn_to(self, times: Sequence[int]) -> None:
        """Go on with columns of these times."""
        found = self._windows
        self._low, self._high = self._run.bounds(times, found.refs, found.span)
        if id(times) not in self._plans:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            self._plans[id(times)] = _plan(times, self._low, self._high, found, self._divisor)
        self._plan = self._plans[id(times)]

    def curves(self, columns: Sequence[Column], known: Sequence[Marks]) -> list[Curve]:
        """For each column the slope at each step, or a gap where there are fewer than two samples."""
        counter, divisor, repeat = self._counter, self._divisor, self._windows.repeat
        times: Sequence[int] | None = None
        curves = []
        for column, marks in zip(columns, known, strict=True):
            # The series of a page come one after the other.
            if column.times is not times:
                times = column.times
                self._turn_to(times)
                plan, start_of_all = self._plan, self._low[0]
            values, first = column.values, column.first
            size = len(values)
            if counter and marks.counted != marks.read:
                marks.count()
            resets = marks.resets if counter else ()
            odd = True if marks.stale else marks.born >= start_of_all - first
            out: list[Cell] = []
            for step, full in enumerate(plan):
                if full is None:
                    out.append(self._careful(column, marks, step) if self._high[step] > self._low[step] else None)
                    continue
                a, z, covered, start, stop, factor = full
                a, z = a - first, z - first
                if a < 0 or z >= size or (odd and _is_odd(marks, a, z)):
                    out.append(self._careful(column, marks, step))
                    continue
                origin = values[a]
                rise = values[z] - origin
                if resets and resets[-1] > a and (lost := _lost(marks, a, z)):
                    rise += lost
                if counter and rise > 0 and origin >= 0 and origin * covered < start * rise:
                    factor = (covered + covered * (origin / rise) + stop) / covered / divisor
                out.append(rise * factor)
            if out[0] is not None or out.count(None) < len(out):
                curves.append(Curve(column.labels, out if repeat == 1 else out * repeat, True))
        return curves

    def _careful(self, column: Column, marks: Marks, step: int) -> Cell:
        """The slope over a window that may hold staleness markers, lack samples or see the counter's birth."""
        times, first, stale = column.times, column.first, marks.stale
        a, z = max(self._low[step] - first, 0), min(self._high[step] - first, len(column.values)) - 1
        s, e = bisect_left(stale, a), bisect_right(stale, z)
        while s < e and stale[s] == a:
            a, s = a + 1, s + 1
        while s < e and stale[e - 1] == z:
            z, e = z - 1, e - 1
        if z < a:
            return None
        refs, span, divisor = self._windows.refs, self._windows.span, self._divisor
        ref = refs[step if len(refs) > 1 else 0]
        zero = marks.births.get(a) if self._counter else None
        born = column.values[a] if zero is not None and zero > ref - span else None
        gaps = z - a - (e - s)
        if gaps < 1:
            return None if born is None else born / divisor
        covered, start, stop = _ends(times[a + first], times[z + first], gaps, ref, span)
        origin = column.values[a]
        rise = column.values[z] - origin
        if self._counter and (lost := _lost(marks, a, z)):
            rise += lost
        if born is not None:
            # What a counter had at its first sample is known, not guessed: it is added as it is.
            return (born + rise * ((covered + stop) / covered)) / divisor
        if self._counter and rise > 0 and origin >= 0:
            start = min(start, covered * (origin / rise))
        return rise * ((covered + start + stop) / covered / divisor)


def _is_odd(marks: Marks, a: int, z: int) -> bool:
    """Whether a window from position a to z holds a staleness marker, or begins with the counter's birth."""
    stale = marks.stale
    return a in marks.births or (bool(stale) and bisect_left(stale, a) != bisect_right(stale, z))


def _lost(marks: Marks, a: int, z: int) -> float:
    """What resets hid at positions a < i <= z; adding nothing would still make a negative zero positive."""
    resets = marks.resets
    return sum(marks.before[bisect_right(resets, a) : bisect_right(resets, z)])


def _ends(first: int, last: int, gaps: int, ref: int, span: int) -> tuple[float, float, float]:
    """Seconds that the samples cover, and by how many to extrapolate at the start and at the end of the window."""
    covered = (last - first) / 1_000
    between = covered / gaps
    start, stop = (first - ref + span) / 1_000, (ref - last) / 1_000
    near = between * 1.1
    return covered, between / 2 if start >= near else start, between / 2 if stop >= near else stop


def _plan(
    times: Sequence[int], low: Sequence[int], high: Sequence[int], found: Windows, divisor: float
) -> list[_Full | None]:
    plan: list[_Full | None] = []
    for ref, a, end in zip(found.refs, low, high, strict=True):
        if end - 1 <= a:
            plan.append(None)
            continue
        covered, start, stop = _ends(times[a], times[end - 1], end - 1 - a, ref, found.span)
        plan.append((a, end - 1, covered, start, stop, (covered + start + stop) / covered / divisor))
    return plan


def _slopes(call: Call, run: Run, counter: bool, rate: bool) -> Result:
    found = windows(call.args[0], run)
    known = run.set.marks.of_all(found.columns)
    if counter and run.set.born and found.selector is not None:
        _bear(found, known, found.selector, run)
    return _Slopes(found, run, counter, rate).curves(found.columns, known)


def _bear(found: Windows, known: Sequence[Marks], selector: Selector, run: Run) -> None:
    """Let each counter know when it began: what its `_created` series says, else what the store saw."""
    strangers = _tell(found.columns, known, run)
    if strangers and _find_tellers(strangers, found, selector, run):
        _tell(strangers, run.set.marks.of_all(strangers), run)


def _tell(columns: Sequence[Column], known: Sequence[Marks], run: Run) -> list[Column]:
    """Note what is known of each counter's beginning; those of which no series tells it."""
    strangers = []
    last: Column | None = None
    told: Sequence[tuple[int, int]] = ()
    for column, marks in zip(columns, known, strict=True):
        teller = marks.teller()
        if teller is None:
            strangers.append(column)
        if teller is not last:  # The buckets of a histogram come one after the other.
            last, told = teller, () if teller is None else run.marks(teller).tellings()
        births = column.births
        if (told or births) and marks.begun != (len(births), len(told)):
            marks.begin(births, told)
    return strangers


def _find_tellers(columns: Sequence[Column], found: Windows, selector: Selector, run: Run) -> bool:
    """Find the `_created` series of counters, and whether there are any; each is remembered as long as it is there."""
    any_found = False
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
                    any_found = True
    return any_found


@lru_cache(maxsize=4_096)
def _stem(name: str) -> str | None:
    """A counter's name less what says which part of it a series is."""
    return next((name.removesuffix(s) for s in COUNTER_SUFFIXES if name.endswith(s)), None)


def _instant_slopes(call: Call, run: Run, counter: bool) -> Result:
    found = windows(call.args[0], run)
    known = run.set.marks.of_all(found.columns)
    if counter and run.set.born and found.selector is not None:
        _bear(found, known, found.selector, run)
    curves = []
    for column, marks in zip(found.columns, known, strict=True):
        stale = marks.stale
        low, high = run.bounds(column.times, found.refs, found.span)
        born = {i + column.first for i in marks.births} if counter else ()
        values: list[Cell] = []
        for a, b in zip(low, high, strict=True):
            near = max(a, b - 2) if not stale else a
            samples, times = window_values(column, near, b, stale), window_times(column, near, b, stale)
            if len(samples) < 2:
                values.append(None)
                continue
            anew = counter and (samples[-1] < samples[-2] or bisect_left(column.times, times[-1]) in born)
            rise = samples[-1] if anew else samples[-1] - samples[-2]
            values.append(rise / ((times[-1] - times[-2]) / 1_000) if counter else rise)
        curves.append(Curve(column.labels, values * found.repeat, True))
    return curves


def _start_timestamps(call: Call, run: Run) -> Result:
    """When each counter began to count what its newest sample says (s); 0 where nobody tells, or it is no selector.

    That is what its source or its `_created` series says, else the last good scrape without it.
    """
    node = call.args[0]
    if not isinstance(node, Selector) or node.plus or not run.set.born:
        return [Curve(c.labels, [None if v is None else 0.0 for v in c.values], True) for c in run.vector(node)]
    refs, repeat = moments(node, run)
    columns = run.select(node.matchers, refs, run.set.lookback)
    known = run.set.marks.of_all(columns)
    _bear(Windows(columns, [False] * len(columns), refs, run.set.lookback, repeat, node), known, node, run)
    curves = []
    for column, marks in zip(columns, known, strict=True):
        high = run.bounds(column.times, refs, run.set.lookback)[1]
        births = sorted(marks.births)
        values: list[Cell] = []
        for value, end in zip(newest(column, refs, run), high, strict=True):
            at = bisect_right(births, end - 1 - column.first)
            values.append(None if value is None else marks.births[births[at - 1]] / 1_000 if at else 0.0)
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values * repeat, True))
    return curves


FUNCTIONS: dict[str, Function] = {
    "start_timestamp": _start_timestamps,
    "rate": lambda call, run: _slopes(call, run, counter=True, rate=True),
    "increase": lambda call, run: _slopes(call, run, counter=True, rate=False),
    "delta": lambda call, run: _slopes(call, run, counter=False, rate=False),
    "irate": lambda call, run: _instant_slopes(call, run, counter=True),
    "idelta": lambda call, run: _instant_slopes(call, run, counter=False),
}
