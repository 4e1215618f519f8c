"""Resampling: values to the columns of a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence

NAN = math.nan


def columns(values: Sequence[float], count: int) -> list[float]:
    """`count` values, NaN where there is a gap.

    Where several values share a column the one farthest from zero stands for them, so that a peak is never lost;
    where one value covers several columns it is repeated, never interpolated.
    """
    have = len(values)
    if not have or count <= 0:
        return [NAN] * max(0, count)
    if have <= count:
        return [_finite(values[i * have // count]) for i in range(count)]
    found = []
    for i in range(count):
        best = NAN
        for value in values[i * have // count : (i + 1) * have // count]:
            if math.isfinite(value) and not abs(value) < abs(best):
                best = value
        found.append(best)
    return found


def extent(values: Sequence[float]) -> tuple[float, float] | None:
    """Least and greatest finite value; None where there is none."""
    finite = [v for v in values if math.isfinite(v)]
    return (min(finite), max(finite)) if finite else None


def _finite(value: float) -> float:
    return value if math.isfinite(value) else NAN
