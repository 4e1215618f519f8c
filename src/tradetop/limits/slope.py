"""Slopes: how fast a value moves, told only where it moves steadily, and where a movement that slows down ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

LEAST = 10
"""Samples that a slope needs."""

MOST = 20
"""Samples that it looks at."""

STEADY = 0.7
"""Kendall's tau from which a movement is called steady. Ten values of white noise reach it in one direction with a
probability of 0.002 (M. G. Kendall, Rank Correlation Methods, table of S for n = 10), twenty with less than 0.0001."""

SURE = 2.0
"""How many standard errors the later half's slope must be below the earlier one's before a movement slows down."""


def slope(times: Sequence[float], values: Sequence[float]) -> float | None:
    """Change per unit of time of a steady movement; None where there is none, or fewer than `LEAST` samples.

    The Mann-Kendall test says whether it is steady; the Theil-Sen estimator, the median of all pairs' slopes, how much.
    """
    times, values = times[-MOST:], values[-MOST:]
    count = len(values)
    if count < LEAST:
        return None
    slopes = _slopes(times, values)
    score = sum((s > 0) - (s < 0) for s in slopes)
    if abs(score) < STEADY * count * (count - 1) / 2:
        return None
    return _middle(slopes)


def rest(times: Sequence[float], values: Sequence[float]) -> float | None:
    """Where a steady movement comes to rest if it goes on slowing down as it has; None where it does not slow down.

    The slopes of its two halves tell. That of an exponential approach falls by the same factor in the same time, and
    what is still to come is the sum of that.
    """
    times, values = times[-MOST:], values[-MOST:]
    half = len(values) // 2
    before, after = _median(times[:half], values[:half]), _median(times[half:], values[half:])
    if before * after <= 0:
        return values[-1]
    ratio = after / before
    if ratio >= 1 or abs(before - after) <= SURE * _error(times[half:], values[half:], after):
        return None
    apart = _mean(times[half:]) - _mean(times[:half])
    return values[-1] + after * math.sqrt(ratio) * apart / -math.log(ratio)


def _slopes(times: Sequence[float], values: Sequence[float]) -> list[float]:
    pairs = combinations(zip(times, values, strict=True), 2)
    return [(v2 - v1) / (t2 - t1) for (t1, v1), (t2, v2) in pairs if t2 > t1]


def _median(times: Sequence[float], values: Sequence[float]) -> float:
    return _middle(_slopes(times, values) or [0.0])


# The library's own bring decimals and fractions with them, a MiB of code that nothing else on the screen needs.


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _middle(values: Sequence[float]) -> float:
    """The median."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _error(times: Sequence[float], values: Sequence[float], rate: float) -> float:
    """Standard error of the difference of two such slopes, by the scatter about this one."""
    centre = _mean(times)
    left = [v - rate * (t - centre) for t, v in zip(times, values, strict=True)]
    level = _mean(left)
    scatter = math.sqrt(sum((v - level) ** 2 for v in left) / max(1, len(left) - 2))
    return scatter * math.sqrt(2 / (sum((t - centre) ** 2 for t in times) or math.inf))
