"""Columns that hold one value all the time, in no memory: creation times, versions, buckets that nothing fell into."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import overload


class Constant(Sequence[float]):
    """One value, many times over; it ends with the first other one, and hands the column over as an array."""

    __slots__ = ("_ended", "_length", "_one")

    def __init__(self, one: array[float], length: int, ended: Callable[[array[float]], None]) -> None:
        self._one = one
        self._length = length
        self._ended = ended

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
        if added.tobytes() == self._one.tobytes() * len(added):
            self._length += len(added)
        else:
            self._ended(self._one * self._length + added)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> float: ...

    @overload
    def __getitem__(self, index: slice) -> array[float]: ...

    def __getitem__(self, index: int | slice) -> float | array[float]:
        if isinstance(index, slice):
            return self._one * len(range(*index.indices(self._length)))
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._one[0]

    def __delitem__(self, index: slice) -> None:
        self._length -= len(range(*index.indices(self._length)))
