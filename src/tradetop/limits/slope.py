"""Slopes: how fast a value moves, told only where it moves steadily."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median

LEAST = 10
"""Samples that a slope needs."""

MOST = 20
"""Samples that it looks at."""

STEADY = 0.7
"""Kendall's tau from which a movement is called steady. Ten values of white noise reach it in one direction with a
probability of 0.002 (M. G. Kendall, Rank Correlation Methods, table of S for n = 10), twenty with less than 0.0001."""


def slope(times: Sequence[float], values: Sequence[float]) -> float | None:
    """Change per unit of time of a steady movement; None where there is none, or fewer than `LEAST` samples.

    The Mann-Kendall test says whether it is steady; the Theil-Sen estimator, the median of all pairs' slopes, how much.
    """
    times, values = times[-MOST:], values[-MOST:]
    count = len(values)
    if count < LEAST:
        return None
    pairs = combinations(zip(times, values, strict=True), 2)
    slopes = [(v2 - v1) / (t2 - t1) for (t1, v1), (t2, v2) in pairs if t2 > t1]
    score = sum((s > 0) - (s < 0) for s in slopes)
    if abs(score) < STEADY * count * (count - 1) / 2:
        return None
    return median(slopes)
