"""Series as a store keeps them: columns of values beside columns of times, shared by those written together."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from tradetop.model.labels import Labels
from tradetop.model.ports import Column
from tradetop.store.steady import Steady

LONG = 500
"""Slots of a column that is looked at for whether it seldom moves."""


class Group:
    """Series that are written together: one time for all of them."""

    __slots__ = ("adders", "good", "last", "live", "lost", "order", "series", "times")

    def __init__(self) -> None:
        self.times: array[int] = array("q")
        self.last: int | None = None
        self.good: int | None = None
        self.series: dict[Labels, Kept] = {}
        self.live: dict[Labels, Kept] = {}
        self.lost: dict[Labels, Kept] = {}
        # The series of the last scrape in its order, and what adds to each: the next scrape is nearly always alike.
        self.order: list[Labels] | None = []
        self.adders: list[Callable[[float], None]] = []


class Kept:
    """One series: the value at `times[first + i]` is `values[i]`."""

    __slots__ = ("births", "column", "first", "group", "labels", "start", "times", "values")

    def __init__(self, labels: Labels, group: Group | None, times: array[int]) -> None:
        self.labels = labels
        self.group = group
        self.times = times
        self.first = len(times)
        self.values: array[float] | Steady = array("d")
        self.births: tuple[tuple[int, int], ...] = ()
        self.start: int | None = None
        """When it last began to count, where its source tells that."""
        self.column: Column | None = None

    def begin(self, start: int, t: int) -> None:
        """Before the sample at `t` (ms): its source says that the series began to count at `start`.

        A start that is known already says nothing; one before the last sample does not either, or samples would be
        counted twice.
        """
        slots = len(self.values)
        known = self.start == start or start >= t or (slots and start < self.times[self.first + slots - 1])
        self.start = start
        if not known:
            # What the store concluded by itself gives way: the source knows better.
            self.births = (*(b for b in self.births if b[1] != t), (start, t))
            self.column = None

    def view(self) -> Column:
        """The column that readers get; the same one until slots are dropped or a birth is added."""
        if self.column is None:
            self.column = Column(self.labels, self.times, self.values, self.first, self.births)
        return self.column

    def become(self, values: array[float] | Steady) -> None:
        """Go on with another column of the same values and more."""
        self.values, self.column = values, None
        if self.group is not None:
            self.group.order = None

    def go_on(self, values: array[float]) -> None:
        """Add many values, of which the first is there already; a series that is new takes them as they are."""
        if len(self.values) > 1:
            self.extend(values[1:])
        else:
            self.become(Steady.of(values, self.become) or values)

    def extend(self, values: array[float]) -> None:
        """Add many values; where the series seldom moves, they take little memory."""
        if isinstance(self.values, array) and len(values) >= len(self.values):
            whole = self.values + values
            self.become(Steady.of(whole, self.become) or whole)
        else:
            self.values.extend(values)

    def settle(self) -> None:
        """Keep the values in little memory, where they seldom moved."""
        steady = Steady.of(self.values, self.become) if isinstance(self.values, array) else None
        if steady is not None and len(steady) >= LONG:
            self.become(steady)


def cut(series: Kept, slots: int) -> bool:
    """Drop a series' values in the first slots of its times; whether it has none left."""
    drop = max(0, slots - series.first)
    series.first = max(0, series.first - slots)
    del series.values[:drop]
    series.column = None
    if series.births:
        oldest = series.times[0] if series.times else 0
        series.births = tuple(b for b in series.births if b[1] >= oldest)
    return not series.values
