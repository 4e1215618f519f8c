"""Columns that hardly ever move, in hardly any memory: creation times, versions, buckets that nothing falls into."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import overload

RUNS = 8
"""Different values in a row that a steady column may hold; with more it becomes an array."""


class Steady(Sequence[float]):
    """A few values, each many times in a row; with one too many it hands the column over as an array."""

    __slots__ = ("_become", "_ends", "_values")

    def __init__(self, values: array[float], become: Callable[[array[float]], None]) -> None:
        self._values = values[:1]
        self._ends = [len(values)]
        """Where each run ends: the first position after it."""
        self._become = become

    @staticmethod
    def fits(values: array[float]) -> bool:
        """Whether values are all the same to the bit, a negative zero and every kind of NaN told apart."""
        return len(values) > 1 and values.tobytes() == values[:1].tobytes() * len(values)

    def append(self, value: float) -> None:
        """Add a value."""
        self.extend((value,))

    def extend(self, values: Iterable[float]) -> None:
        """Add values."""
        added = array("d", values)
        if not added:
            return
        if len(added) > 1 and not self.fits(added):
            self._become(self[:] + added)
        elif added[:1].tobytes() == self._values[-1:].tobytes():
            self._ends[-1] += len(added)
        elif len(self._ends) < RUNS:
            self._values.append(added[0])
            self._ends.append(len(self) + len(added))
        else:
            self._become(self[:] + added)

    def __len__(self) -> int:
        return self._ends[-1]

    @overload
    def __getitem__(self, index: int) -> float: ...

    @overload
    def __getitem__(self, index: slice) -> array[float]: ...

    def __getitem__(self, index: int | slice) -> float | array[float]:
        size = len(self)
        if isinstance(index, slice):
            return self._all()[index] if len(self._ends) > 1 else self._values * len(range(*index.indices(size)))
        if not -size <= index < size:
            raise IndexError(index)
        return self._values[bisect_right(self._ends, index % size)]

    def __delitem__(self, index: slice) -> None:
        """Drop the first values; only `[:n]` is asked of a column."""
        gone = min(index.stop, len(self))
        kept = bisect_right(self._ends, gone) if gone < len(self) else len(self._ends) - 1
        self._values, self._ends = self._values[kept:], [end - gone for end in self._ends[kept:]]

    def _all(self) -> array[float]:
        whole, begin = array("d"), 0
        for i, end in enumerate(self._ends):
            whole += self._values[i : i + 1] * (end - begin)
            begin = end
        return whole
