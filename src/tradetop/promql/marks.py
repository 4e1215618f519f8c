"""What is worked out of a column once, and kept: where it is stale, where its counter began anew."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, compress, count
from operator import lt, ne
from weakref import ref

from tradetop.model.ports import Column
from tradetop.model.sample import is_stale


class Known:
    """The marks of columns, as long as the columns are there."""

    __slots__ = ("__weakref__", "_by_id")

    def __init__(self) -> None:
        # By hand, since a dictionary of weak keys makes a reference with every question, and this is asked most.
        self._by_id: dict[int, Marks] = {}

    def of(self, column: Column) -> Marks:
        """What is known of a column, up to date."""
        marks = self._by_id.get(id(column))
        if marks is None:
            # Weakly, or this and what it holds would keep each other.
            marks = self._by_id[id(column)] = Marks(column, partial(_forget, ref(self), id(column)))
        if marks.read != len(column.values):
            marks.update()
        return marks

    def of_all(self, columns: Sequence[Column]) -> list[Marks]:
        """The same of many columns."""
        known, found = self._by_id, []
        for column in columns:
            marks = known.get(id(column))
            if marks is None or marks.read != len(column.values):
                marks = self.of(column)
            found.append(marks)
        return found

    def forget(self, key: int) -> None:
        """The column with this id is gone."""
        self._by_id.pop(key, None)


def _forget(known: Callable[[], Known | None], key: int, _gone: object) -> None:
    there = known()
    if there is not None:
        there.forget(key)


def _nobody() -> None:
    """What a reference to nothing gives."""


class Marks:
    """Positions within a column's values, extended as the column grows; `update` before reading.

    What only counters have is there after `count`: of what rises and falls it would be every second position.
    That was done up to position `counted`. `resets[k]` is a position whose value is lower than the one before it, which
    was `before[k]`. `births[i]` is when (ms) the counter was known not to exist, or to be zero, before its sample at
    position i; `born` is the last such position, or -1. `teller` gives the column that says when the counter began,
    once somebody has found it and as long as it is there.
    """

    __slots__ = (
        "_borne",
        "_column",
        "_last",
        "_told",
        "_told_until",
        "_told_value",
        "before",
        "begun",
        "births",
        "born",
        "counted",
        "read",
        "resets",
        "stale",
        "teller",
    )

    def __init__(self, column: Column, forget: Callable[[object], None] | None = None) -> None:
        # Weakly: what is known of a column must not keep it, or no series that has gone would ever be forgotten.
        self._column = ref(column, forget)
        self.read = 0
        self.counted = 0
        self._last: float | None = None
        self.stale: array[int] = array("q")
        self.resets: array[int] = array("q")
        self.before: array[float] = array("d")
        self.births: dict[int, int] = {}
        self.born = -1
        self._borne: Sequence[tuple[int, int]] = ()
        self.begun: tuple[int, int] | None = None
        """How many beginnings were seen and told when all of them had been noted."""
        self.teller: Callable[[], Column | None] = _nobody
        self._told: list[tuple[int, int]] = []
        self._told_until = 0
        self._told_value = math.nan

    @property
    def column(self) -> Column:
        """The column itself, which whoever asks is holding."""
        column = self._column()
        assert column is not None
        return column

    def update(self) -> None:
        """Read what the column has gained."""
        values, read = self.column.values, self.read
        gained = len(values) - read
        if gained == 1:
            value = values[read]
            if value != value and is_stale(value):
                self.stale.append(read)
        # At once: a column of runs looks for each single value anew.
        elif gained and math.isnan(sum(new := values[read:])):
            self.stale.extend(i for i, value in enumerate(new, read) if value != value and is_stale(value))
        self.read = read + gained

    def count(self) -> None:
        """See where it was reset, as far as it has been read."""
        counted, read = self.counted, self.read
        if counted == read:
            return
        values, self.counted = self.column.values, read
        new = [values[counted]] if counted == read - 1 else list(values[counted:read])
        if len(new) > 3 and (self._last is not None or counted == 0) and not math.isnan(sum(new)):
            self._count_plain(new, counted)
            return
        for i, value in enumerate(new, counted):
            if value != value and is_stale(value):
                continue
            if self._last is not None and value < self._last:
                self.resets.append(i)
                self.before.append(self._last)
            self._last = value

    def _count_plain(self, new: list[float], counted: int) -> None:
        """Read values among which there is no NaN; most counters only rise, which sorting tells fastest."""
        last = new[0] if self._last is None else self._last
        if new[0] < last or new != sorted(new):
            found = list(compress(count(), map(lt, new, chain((last,), new))))
            self.resets.extend(counted + i for i in found)
            self.before.extend(new[i - 1] if i else last for i in found)
        self._last = new[-1]

    def begin(self, seen: Sequence[tuple[int, int]], told: Sequence[tuple[int, int]]) -> None:
        """Note when a counter began, as the store saw it and as its teller says; both lists only grow."""
        self.bear(agreed(seen, told))
        self.begun = (len(seen), len(told)) if self._borne else None

    def tellings(self) -> Sequence[tuple[int, int]]:
        """Each beginning that a `_created` column tells of, as (zero, first sample after it) in ms."""
        column, read = self.column, self._told_until
        if read == len(column.values):
            return self._told
        times, first = column.times, column.first
        self._told_until = len(column.values)
        # As an array: a column of runs looks for each single value anew.
        values = column.values[read:]
        if values.count(self._told_value) == len(values):
            return self._told
        changed = [0] if values.count(values[0]) == len(values) else compress(count(), map(ne, values, [0, *values]))
        for at in changed:
            i, value = read + at, values[at]
            if value == self._told_value or value != value or not 0 < value < 1e11:
                continue
            since = times[first + i]
            zero = min(int(value * 1_000), since - 1)
            if i > 0 and self._told:
                zero = max(zero, times[first + i - 1])
            self._told.append((zero, since))
            self._told_value = value
        return self._told

    def bear(self, births: Sequence[tuple[int, int]]) -> None:
        """Note when a counter began: pairs of (known to be zero, first sample at or after), in ms.

        A beginning after earlier samples is a reset, whatever the values say.
        """
        if births == self._borne:
            return
        self.count()
        column = self.column
        times, first, size = column.times, column.first, len(column.values)
        # A birth whose first sample has not come yet is looked at again.
        self._borne = births if not births or births[-1][1] <= times[first + size - 1] else ()
        for zero, since in births:
            i = max(0, bisect_left(times, since) - first)
            while i < size and self._is_stale(i):
                i += 1
            if i >= size or self.births.get(i) == zero:
                continue
            before = i - 1
            while before >= 0 and self._is_stale(before):
                before -= 1
            if before >= 0 and times[first + before] > zero:
                continue  # It counted before that time: whoever tells of it came late.
            self.births[i] = zero
            self.born = max(self.born, i)
            at = bisect_left(self.resets, i)
            if before >= 0 and (at == len(self.resets) or self.resets[at] != i):
                self.resets.insert(at, i)
                self.before.insert(at, column.values[before])

    def _is_stale(self, i: int) -> bool:
        at = bisect_left(self.stale, i)
        return at < len(self.stale) and self.stale[at] == i


def agreed(seen: Sequence[tuple[int, int]], told: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Beginnings by their first sample; where the bot tells an earlier one than the store saw, its clock is wrong."""
    zeros = {since: zero for zero, since in seen}
    for zero, since in told:
        zeros[since] = max(zero, zeros.get(since, zero))
    return [(zero, since) for since, zero in sorted(zeros.items())]
