"""Resampling: values to the columns of a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradetop.model.hidden import Hidden, Proportions

NAN = math.nan


def columns(values: Sequence[float], count: int, across: int = 1, origin: int = 0) -> list[float]:
    """`count` values, NaN where there is a gap; `across` of them make a cell.

    Where several values share a column the one farthest from zero stands for them, so that a peak is never lost, unless
    half of them or more are missing: a gap is never bridged. Where one value covers several columns it is repeated,
    never interpolated.

    `origin` is the index of the first value counted from a fixed moment. Cells keep their place in time: when values
    come in the picture moves by whole cells, and only the last one is drawn anew in between (its end may be blank).
    """
    if not len(values) or count <= 0:
        return [NAN] * max(0, count)
    return [_one(values[share.start : share.stop]) for share in shares(len(values), count, across, origin)]


def shares(have: int, count: int, across: int = 1, origin: int = 0) -> list[range]:
    """For each of the `count` columns the indices of the values that it stands for, as `columns` spreads them."""
    last = -(-(origin + have) * count // have) - 1
    first = (last // across + 1) * across - count
    found = []
    for column in range(first, first + count):
        start = column * have // count - origin
        end = max(start + 1, (column + 1) * have // count - origin)
        found.append(range(max(0, start), max(0, min(have, end))))
    return found


def _one(values: Sequence[float]) -> float:
    """What stands for values that share a column."""
    if len(values) == 1:
        (value,) = values  # Unlike an index this gives a plain number of hidden ones too.
        return value if math.isfinite(value) else NAN
    finite = [v for v in values if math.isfinite(v)]
    return NAN if len(finite) * 2 <= len(values) else max(reversed(finite), key=abs)


def extent(values: Sequence[float]) -> tuple[float, float] | None:
    """Least and greatest finite value, hidden where the values are; None where there is none."""
    finite = [v for v in values if math.isfinite(v)]
    if not finite:
        return None
    low, high = min(finite), max(finite)
    return (Hidden(low), Hidden(high)) if isinstance(values, Proportions) else (low, high)
