"""Arithmetic as Go and Prometheus do it, where Python's differs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain


def divide(x: float, y: float) -> float:
    """Division that gives infinity or NaN where there is nothing to divide by."""
    if y:
        return x / y
    if x != x or not x or y != y:
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1.0, y)


def exact_sum(values: Sequence[float]) -> float:
    """The sum without rounding on the way (Prometheus sums by Kahan and Neumaier); infinities as in plain addition."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        return float(sum(values))


def average(values: Sequence[float]) -> float:
    """The mean, rounded once; it does not overflow where its values do not."""
    size = len(values)
    total = exact_sum(values)
    if total - total:  # It is no number, or infinite.
        if math.isinf(total) and not any(map(math.isinf, values)):
            return exact_sum([v / size for v in values])
        return total / size
    rest = math.fsum(chain(values, (-total,)))
    if not rest:
        return total / size
    # The sum is none that a float can be: of three times 0.7 the mean is 0.7 all the same.
    parts, doubt = [total, rest], math.ulp(rest)
    if (found := _share((*parts, doubt), size)) == _share((*parts, -doubt), size):
        return found  # What is still missing makes no difference.
    while rest := math.fsum(chain(values, [-part for part in parts])):
        parts.append(rest)
    return _share(parts, size)


def _share(parts: Sequence[float], count: int) -> float:
    """The exact sum of some numbers, divided and only then rounded."""
    ratios = [part.as_integer_ratio() for part in parts]
    whole = max(divisor for _, divisor in ratios)
    return sum(dividend * (whole // divisor) for dividend, divisor in ratios) / (whole * count)


def least(values: Sequence[float]) -> float:
    """The smallest value; NaN only where there is nothing else."""
    best = min(values)
    # A NaN is smaller than nothing, and larger too: only where it comes first does it stay.
    return best if best == best else min((v for v in values if v == v), default=best)


def greatest(values: Sequence[float]) -> float:
    """The largest value; NaN only where there is nothing else."""
    best = max(values)
    return best if best == best else max((v for v in values if v == v), default=best)


def variance(values: Sequence[float]) -> float:
    """The population variance, by Welford's method."""
    mean = spread = 0.0
    for count, value in enumerate(values, 1):
        delta = value - mean
        mean += delta / count
        spread += delta * (value - mean)
    return spread / len(values)


def root(spread: float) -> float:
    """A standard deviation of a variance; NaN where rounding makes nonsense of it."""
    return math.sqrt(spread) if spread >= 0 else math.nan


def deviation(values: Sequence[float]) -> float:
    """The population standard deviation."""
    return root(variance(values))


def sorted_nan_first(values: Sequence[float]) -> list[float]:
    """Values in the order of quantiles."""
    ordered = sorted(values)
    if math.isnan(sum(ordered)):
        ordered.sort(key=lambda v: (v == v, v if v == v else 0.0))
    return ordered


def quantile(level: float, values: Sequence[float]) -> float:
    """The quantile by linear interpolation (promql/quantile.go); NaN sorts first."""
    return quantile_of(level, sorted_nan_first(values))


def quantile_of(level: float, ordered: Sequence[float]) -> float:
    """The quantile of values that are in order."""
    if level != level or not ordered:
        return math.nan
    if level < 0:
        return -math.inf
    if level > 1:
        return math.inf
    rank = level * (len(ordered) - 1)
    lower = max(0, math.floor(rank))
    upper = min(len(ordered) - 1, lower + 1)
    weight = rank - math.floor(rank)
    # Zeros are alike in order, whichever sign they have: adding one takes the sign off.
    return ordered[lower] * (1 - weight) + ordered[upper] * weight + 0.0
