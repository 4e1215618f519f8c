"""Columns that seldom move, in little memory: creation times, versions, counters that count now and then."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, count
from operator import ne
from typing import overload

SPARED = 8
"""Values that one run must stand for on the average, for a column to begin as runs; at half of that it ends as such."""
FEW = 8
"""With so few runs a column stays as it is, however short."""
GLANCE = 256
"""Values that are looked at first: most columns that move always show it at once."""


class Steady(Sequence[float]):
    """Values, each many times in a row; with too many changes it hands the column over as an array."""

    __slots__ = ("_become", "_ends", "_values")

    def __init__(self, values: array[float], ends: array[int], become: Callable[[array[float]], None]) -> None:
        self._values = values
        """One of each run."""
        self._ends = ends
        """Where each run ends: the first position after it."""
        self._become = become

    @classmethod
    def of(cls, values: array[float], become: Callable[[array[float]], None]) -> Steady | None:
        """These values as runs; None where that would not spare much. A negative zero and every NaN are told apart."""
        ends = _ends(values)
        return None if ends is None else cls(_ones(values, ends), ends, become)

    def append(self, value: float) -> None:
        """Add a value."""
        self.extend(array("d", (value,)))

    def extend(self, values: Iterable[float]) -> None:
        """Add values."""
        added = values if isinstance(values, array) else array("d", values)
        if not added:
            return
        ends = _ends(added) if len(added) > 1 else array("q", (1,))
        if ends is None:
            self._become(self[:] + added)
            return
        size, goes_on = len(self), added[:1].tobytes() == self._values[-1:].tobytes()
        if goes_on:
            self._ends.pop()
        self._values += _ones(added, ends)[goes_on:]
        self._ends.extend(size + end for end in ends)
        if len(self._ends) > max(FEW, 2 * len(self) // SPARED):
            self._become(self[:])

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> float: ...

    @overload
    def __getitem__(self, index: slice) -> array[float]: ...

    def __getitem__(self, index: int | slice) -> float | array[float]:
        size = self._ends[-1] if self._ends else 0
        if isinstance(index, slice):
            start, stop, step = index.indices(size)
            return self._between(start, stop) if step == 1 else self._between(0, size)[index]
        if index < 0:
            index += size
        if not 0 <= index < size:
            raise IndexError(index)
        return self._values[bisect_right(self._ends, index)]

    def __delitem__(self, index: slice) -> None:
        """Drop the first values; only `[:n]` is asked of a column."""
        gone = min(index.stop, len(self))
        kept = bisect_right(self._ends, gone)
        self._values, self._ends = self._values[kept:], array("q", [end - gone for end in self._ends[kept:]])

    def _between(self, start: int, stop: int) -> array[float]:
        """The values at start <= i < stop."""
        if start >= stop:
            return array("d")
        ends, values = self._ends, self._values
        first = bisect_right(ends, start)
        if stop <= ends[first]:
            return values[first : first + 1] * (stop - start)
        found: array[float] = array("d")
        for i in range(first, len(ends)):
            end = min(ends[i], stop)
            found += values[i : i + 1] * (end - start)
            start = end
            if end == stop:
                break
        return found


def _ends(values: array[float]) -> array[int] | None:
    """Where the runs of equal values end; None where they are too many."""
    size = len(values)
    if values.tobytes() == values[:1].tobytes() * size:
        return array("q", (size,) if size else ())
    bits = memoryview(values).cast("B").cast("q")
    for seen in (min(size, GLANCE), size):
        ends = list(compress(count(1), map(ne, bits[: seen - 1], bits[1:seen])))
        if len(ends) >= max(1, seen // SPARED):
            return None
    return array("q", (*ends, size))


def _ones(values: array[float], ends: array[int]) -> array[float]:
    """One value of each run."""
    return array("d", [values[end - 1] for end in ends])
