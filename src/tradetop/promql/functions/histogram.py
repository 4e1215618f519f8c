"""Classic histograms: quantiles and fractions of cumulative buckets (promql/quantile.go)."""

from __future__ import annotations

import math
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from typing import NamedTuple

from tradetop.floats import format_openmetrics
from tradetop.model.labels import Labels
from tradetop.promql.functions.signature import Function
from tradetop.promql.names import REMEMBERED
from tradetop.promql.nodes import Call, Node
from tradetop.promql.notes import MONOTONIC, of_metric, quoted
from tradetop.promql.numbers import divide
from tradetop.promql.run import Cell, Curve, Result, Run

TOLERANCE = 1e-12
"""Counts that differ by less, relatively, are rounding errors of rates and sums."""

NEARLY = 1e-11
"""Counts that differ by more need no second look."""

PAGES = 64
"""Sets of series of which it is remembered what histograms they make up."""

Buckets = tuple[Sequence[float], Sequence[float]]
"""Upper bounds, rising, and how many observations lie at or below each."""

Measure = Callable[[Buckets, int], tuple[float, bool]]
"""Measures buckets at a step, and says whether their counts had to be changed for that."""


_UNLIKE = frozenset("_ \t\n\r\f\v")
"""What Python reads in a number, and Go does not."""


@lru_cache(maxsize=REMEMBERED)
def _bucket(labels: Labels) -> tuple[Labels, float | None]:
    """Which histogram a bucket belongs to, and its upper bound; None where that is no number."""
    text = labels.get("le", "")
    bound = None
    if _UNLIKE.isdisjoint(text):
        with suppress(ValueError):
            bound = float(text)
    return labels.without("le"), bound


class _Histogram(NamedTuple):
    """Which of some series are the buckets of one histogram."""

    labels: Labels
    places: tuple[int, ...]
    """Of its buckets among the series, by rising upper bound."""
    bounds: tuple[float, ...]
    distinct: bool
    """Whether no two bounds are alike."""


@lru_cache(maxsize=PAGES)
def _histograms(series: tuple[Labels, ...]) -> tuple[tuple[_Histogram, ...], tuple[Labels, ...]]:
    """The histograms that series make up, and the series that are no buckets; every refresh asks of the same ones."""
    groups: dict[Labels, list[tuple[float, int]]] = {}
    others = []
    for place, each in enumerate(series):
        labels, bound = _bucket(each)
        if bound is None:
            others.append(each)
        else:
            groups.setdefault(labels, []).append((bound, place))
    found = []
    for labels, buckets in groups.items():
        buckets.sort(key=lambda bucket: bucket[0])
        bounds = tuple(bound for bound, _ in buckets)
        places = tuple(place for _, place in buckets)
        found.append(_Histogram(labels, places, bounds, len(set(bounds)) == len(bounds)))
    return tuple(found), tuple(others)


def _per_histogram(curves: list[Curve], node: Node, run: Run, measure: Measure) -> list[Curve]:
    """Apply a measure to each histogram's buckets at each step at which it has any."""
    out = []
    histograms, others = _histograms(tuple([curve.labels for curve in curves]))
    for labels in others:
        said = f'bucket label "le" is missing or has a malformed value of {quoted(labels.get("le", ""))}'
        run.set.notes.warn(of_metric(said, labels.name), node.place)
    for labels, places, bounds, distinct in histograms:
        values: list[Cell] = []
        falling = False
        for step, row in enumerate(zip(*[curves[place].values for place in places], strict=True)):
            found: Buckets | None = (bounds, row)
            if not distinct or None in row:
                present = [(bound, v) for bound, v in zip(bounds, row, strict=True) if v is not None]
                found = _coalesced(present) if present else None
            if found is None:
                values.append(None)
                continue
            value, forced = measure(found, step)
            falling = falling or forced
            values.append(value)
        out.append(Curve(labels, values, True))
        if falling:
            said = of_metric(MONOTONIC, labels.name)
            run.set.notes.inform(said, node.place)
    return out


def _coalesced(buckets: list[tuple[float, float]]) -> Buckets:
    """Add up buckets with the same bound, such as "0.2" and "2e-1"."""
    bounds: list[float] = []
    counts: list[float] = []
    for bound, count in buckets:
        if bounds and bounds[-1] == bound:
            counts[-1] += count
        else:
            bounds.append(bound)
            counts.append(count)
    return bounds, counts


def _monotonic(counts: Sequence[float]) -> tuple[Sequence[float], bool]:
    """Counts that never fall, and whether any had to be changed for that.

    Rounding errors are evened out silently; as in Prometheus, what follows is compared with the last count that stood.
    """
    before = 0.0
    for count in counts:
        if count - before <= NEARLY * count and count != before:
            return _evened(counts)
        before = count
    return counts, False


def _evened(counts: Sequence[float]) -> tuple[list[float], bool]:
    before, forced = counts[0], False
    steady = [before]
    for count in counts[1:]:
        rise = count - before
        if rise > NEARLY * count >= 0:
            before = count
        elif rise < -NEARLY * before <= 0:
            forced = True
        elif rise != 0 and not _close(before, count):
            if count < before:
                forced = True
            else:
                before = count
        steady.append(before)
    return steady, forced


def _close(one: float, other: float) -> bool:
    """Whether two different counts are alike but for rounding (util/almost/almost.go, Equal)."""
    size, apart = abs(one) + abs(other), abs(one - other)
    if not one or not other or size < sys.float_info.min:
        return apart < TOLERANCE * sys.float_info.min
    return apart / min(size, sys.float_info.max) < TOLERANCE


def quantile_of(level: float, buckets: Buckets) -> tuple[float, bool]:
    """The quantile, linear within its bucket, and whether counts had to be changed so that they never fall.

    NaN without observations or without the bucket up to infinity.
    """
    bounds, counts = buckets
    if not 0 <= level <= 1:
        return (level if level != level else math.copysign(math.inf, level)), False
    if bounds[-1] != math.inf:
        return math.nan, False
    counts, forced = _monotonic(counts)
    if len(bounds) < 2 or not counts[-1]:
        return math.nan, False
    rank = level * counts[-1]
    at = _first_with(rank, counts)
    if at == len(counts) - 1:
        return bounds[-2], forced
    if at == 0 and bounds[0] <= 0:
        return bounds[0], forced
    start, count = 0.0, counts[at]
    if at > 0:
        start, count, rank = bounds[at - 1], count - counts[at - 1], rank - counts[at - 1]
    return start + (bounds[at] - start) * divide(rank, count), forced


def _first_with(rank: float, counts: Sequence[float]) -> int:
    """The first bucket with that many observations at or below it, the last where none has."""
    low, high = 0, len(counts) - 1
    total = sum(counts)
    if total == total and rank == rank:
        return bisect_left(counts, rank, 0, high)
    # What is no number is not as large as anything, where bisecting would take it to be.
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if counts[middle] >= rank else (middle + 1, high)
    return low


def fraction_of(lower: float, upper: float, buckets: Buckets) -> float:
    """The share of observations between two bounds; NaN as for quantiles. Counts that fall are taken as they are."""
    bounds, counts = buckets
    if bounds[-1] != math.inf or not counts[-1] or lower != lower or upper != upper:
        return math.nan
    if lower >= upper:
        return 0.0
    return (_rank(upper, bounds, counts) - _rank(lower, bounds, counts)) / counts[-1]


def _rank(value: float, bounds: Sequence[float], counts: Sequence[float]) -> float:
    """How many observations lie below a value; those of a bucket without an end are on its other side."""
    rank, start = 0.0, 0.0 if bounds[0] > 0 else -math.inf
    for bound, count in zip(bounds, counts, strict=True):
        if start >= value:
            break
        if value < bound:
            rank = count if start == -math.inf else rank + (count - rank) * (value - start) / (bound - start)
            break
        rank, start = count, bound
    return min(rank, counts[-1])


def _quantile(call: Call, run: Run) -> Result:
    levels = run.scalar(call.args[0])
    run.warn_of_quantiles(levels, call.args[0])
    return _per_histogram(run.vector(call.args[1]), call.args[1], run, partial(_level_at, levels))


def _level_at(levels: Sequence[float], buckets: Buckets, step: int) -> tuple[float, bool]:
    return quantile_of(levels[step], buckets)


def _fraction(call: Call, run: Run) -> Result:
    lows, highs = run.scalar(call.args[0]), run.scalar(call.args[1])
    node = call.args[2]
    return _per_histogram(run.vector(node), node, run, lambda b, step: (fraction_of(lows[step], highs[step], b), False))


def _quantiles(call: Call, run: Run) -> Result:
    name = run.text(call.args[1])
    curves = run.vector(call.args[0])
    out = []
    for arg in call.args[2:]:
        levels = run.scalar(arg)
        run.warn_of_quantiles(levels, arg)
        words = list(map(format_openmetrics, levels))
        for curve in _per_histogram(curves, call.args[0], run, partial(_level_at, levels)):
            for word in dict.fromkeys(words):
                values = [v if w == word else None for v, w in zip(curve.values, words, strict=True)]
                out.append(Curve(curve.labels.merged({name: word}), values, True))
    return out


def _native_only(call: Call, run: Run) -> Result:
    """Native histograms, which no text page carries, are all that these functions look at."""
    run.vector(call.args[-1])
    return []


FUNCTIONS: dict[str, Function] = {
    "histogram_fraction": _fraction,
    "histogram_quantile": _quantile,
    "histogram_quantiles": _quantiles,
    **dict.fromkeys(
        ("histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"), _native_only
    ),
}
