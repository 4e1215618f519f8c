"""Classic histograms: quantiles and fractions of cumulative buckets (promql/quantile.go)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial

from tradetop.model.labels import Labels
from tradetop.promql.functions.signature import Function
from tradetop.promql.names import without
from tradetop.promql.nodes import Call
from tradetop.promql.numbers import divide, format_value
from tradetop.promql.run import Cell, Curve, Result, Run

TOLERANCE = 1e-12
"""Counts that differ by less, relatively, are rounding errors of rates and sums."""

_BOUND = ("le",)

Buckets = tuple[Sequence[float], Sequence[float]]
"""Upper bounds, rising, and how many observations lie at or below each."""


def _groups(curves: list[Curve]) -> dict[Labels, list[tuple[float, Curve]]]:
    """The buckets of each histogram, by rising upper bound; series without a bound are no buckets."""
    groups: dict[Labels, list[tuple[float, Curve]]] = {}
    for curve in curves:
        try:
            bound = float(curve.labels.get("le", ""))
        except ValueError:
            continue
        groups.setdefault(without(curve.labels, _BOUND), []).append((bound, curve))
    for buckets in groups.values():
        buckets.sort(key=lambda bucket: bucket[0])
    return groups


def _per_histogram(curves: list[Curve], measure: Callable[[Buckets, int], float]) -> list[Curve]:
    """Apply a measure to each histogram's buckets at each step at which it has any."""
    out = []
    for labels, buckets in _groups(curves).items():
        bounds = [bound for bound, _ in buckets]
        distinct = len(set(bounds)) == len(bounds)
        values: list[Cell] = []
        for step, row in enumerate(zip(*(curve.values for _, curve in buckets), strict=True)):
            if distinct and None not in row:
                values.append(measure((bounds, row), step))
                continue
            present = [(bound, v) for bound, v in zip(bounds, row, strict=True) if v is not None]
            values.append(measure(_coalesced(present), step) if present else None)
        out.append(Curve(labels, values, True))
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


def _monotonic(counts: Sequence[float]) -> list[float]:
    """Counts that never fall: rounding errors are evened out, then every decrease."""
    steady = [counts[0]]
    for count in counts[1:]:
        before = steady[-1]
        close = count != 0 and abs(count - before) / count <= TOLERANCE
        steady.append(before if close else count)
    highest = -math.inf
    for i, count in enumerate(steady):
        highest = max(highest, count)
        steady[i] = max(count, highest)
    return steady


def quantile_of(level: float, buckets: Buckets) -> float:
    """The quantile, linear within its bucket; NaN without observations or without the bucket up to infinity."""
    bounds, counts = buckets
    if level != level or bounds[-1] != math.inf:
        return math.nan
    if level < 0:
        return -math.inf
    if level > 1:
        return math.inf
    if len(bounds) < 2 or not counts[-1]:
        return math.nan
    counts = _monotonic(counts)
    rank = level * counts[-1]
    if rank != rank:
        return bounds[-2]
    at = bisect_left(counts, rank, 0, len(counts) - 1)
    if at == len(counts) - 1:
        return bounds[-2]
    if at == 0 and bounds[0] <= 0:
        return bounds[0]
    start, count = 0.0, counts[at]
    if at > 0:
        start, count, rank = bounds[at - 1], count - counts[at - 1], rank - counts[at - 1]
    return start + (bounds[at] - start) * divide(rank, count)


def fraction_of(lower: float, upper: float, buckets: Buckets) -> float:
    """The share of observations between two bounds."""
    bounds, counts = buckets
    if bounds[-1] != math.inf or len(bounds) < 2:
        return math.nan
    counts = _monotonic(counts)
    total = counts[-1]
    if not total or lower != lower or upper != upper:
        return math.nan
    if lower >= upper:
        return 0.0
    return (_rank(upper, bounds, counts) - _rank(lower, bounds, counts)) / total


def _rank(value: float, bounds: Sequence[float], counts: Sequence[float]) -> float:
    """How many observations lie below a value."""
    at = bisect_left(bounds, value)
    if at == len(bounds):
        return counts[-1]
    below = counts[at - 1] if at else 0.0
    if bounds[at] == value:
        return counts[at]
    start = bounds[at - 1] if at else (0.0 if bounds[0] > 0 else -math.inf)
    if value <= start or math.isinf(start):
        return below
    if math.isinf(bounds[at]):
        return below
    return below + (counts[at] - below) * (value - start) / (bounds[at] - start)


def _quantile(call: Call, run: Run) -> Result:
    levels = run.scalar(call.args[0])
    return _per_histogram(run.vector(call.args[1]), partial(_level_at, levels))


def _level_at(levels: Sequence[float], buckets: Buckets, step: int) -> float:
    return quantile_of(levels[step], buckets)


def _fraction(call: Call, run: Run) -> Result:
    lows, highs = run.scalar(call.args[0]), run.scalar(call.args[1])
    return _per_histogram(run.vector(call.args[2]), lambda buckets, step: fraction_of(lows[step], highs[step], buckets))


def _quantiles(call: Call, run: Run) -> Result:
    name = run.text(call.args[1])
    curves = run.vector(call.args[0])
    out = []
    for arg in call.args[2:]:
        levels = run.scalar(arg)
        words = list(map(format_value, levels))
        for curve in _per_histogram(curves, partial(_level_at, levels)):
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
