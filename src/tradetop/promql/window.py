"""The samples of a column within a window."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from tradetop.model.ports import Column
from tradetop.model.sample import is_stale


def window_values(column: Column, low: int, high: int, stale: Sequence[int]) -> Sequence[float]:
    """The samples of a column at indices low <= i < high of its times, less staleness markers."""
    first = column.first
    a, b = max(low - first, 0), min(high - first, len(column.values))
    if a >= b:
        return ()
    values = column.values[a:b]
    if stale and bisect_left(stale, a) < bisect_left(stale, b):
        return [v for v in values if v == v or not is_stale(v)]
    return values


def window_times(column: Column, low: int, high: int, stale: Sequence[int]) -> Sequence[int]:
    """The times of the same samples."""
    first = column.first
    a, b = max(low - first, 0), min(high - first, len(column.values))
    if a >= b:
        return ()
    times = column.times[a + first : b + first]
    if stale and bisect_left(stale, a) < bisect_left(stale, b):
        return [t for t, v in zip(times, column.values[a:b], strict=True) if v == v or not is_stale(v)]
    return times
