"""Recorded series together with what was imported of them, as single columns."""

from __future__ import annotations

import json
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tradetop.model.labels import Labels
from tradetop.model.ports import Column
from tradetop.store.imported import unpacked

FOREVER = 2**62
_CHUNKS = """
    select s.labels, i.t, i.n, i.v from imported i join series s on s.id = i.series
    where i.until >= ? and i.start <= ? order by i.series, i.start
"""


@dataclass(slots=True)
class _Both:
    """One series as both have it, and how much of what was recorded is in it."""

    recorded: Column
    column: Column
    times: array[int]
    values: array[float]
    read: int


class Imported:
    """Samples that were imported, by series; what is recorded of the same series goes on growing beside them."""

    __slots__ = ("_both", "_columns")

    def __init__(self, columns: Mapping[Labels, Column] | None = None) -> None:
        self._columns = dict(columns or {})
        self._both: dict[Labels, _Both] = {}

    def __bool__(self) -> bool:
        return bool(self._columns)

    @property
    def size(self) -> int:
        """How many numbers, times counted, are held."""
        columns = [*self._columns.values(), *(both.column for both in self._both.values())]
        return 2 * sum(len(column.values) for column in columns)

    def joined(
        self, recorded: Sequence[Column], matches: Callable[[Labels], bool], start: int, end: int
    ) -> list[Column]:
        """Recorded series with what was imported of them, and those of [start, end] (ms) that were only imported."""
        alone = {labels: column for labels, column in self._columns.items() if matches(labels)}
        found = []
        for column in recorded:
            other = alone.pop(column.labels, None)
            found.append(column if other is None else self._merged(column, other))
        for column in alone.values():
            first = bisect_left(column.times, start)
            if first < len(column.times) and column.times[first] <= end:
                found.append(column)
        return found

    def trim(self, before: int) -> None:
        """Forget the series whose samples are all older than `before` (ms)."""
        for labels in [labels for labels, column in self._columns.items() if column.times[-1] < before]:
            del self._columns[labels]
            self._both.pop(labels, None)

    def _merged(self, recorded: Column, imported: Column) -> Column:
        """Both in the order of their times; what was recorded at the same time counts."""
        both, size = self._both.get(recorded.labels), len(recorded.values)
        if both is None or both.recorded is not recorded:
            both = self._both[recorded.labels] = _merge(recorded, imported)
        elif both.read < size:
            times = recorded.times[recorded.first + both.read : recorded.first + size]
            if times[0] > both.times[-1]:
                both.times.extend(times)
                both.values.extend(recorded.values[both.read : size])
                both.read = size
            else:
                both = self._both[recorded.labels] = _merge(recorded, imported)
        return both.column


def count(connection: sqlite3.Connection, since: int) -> int:
    """How many samples there are that were imported, in chunks that end at `since` (ms) or later."""
    found: int | None = connection.execute("select sum(n) from imported where until >= ?", (since,)).fetchone()[0]
    return found or 0


def imported(
    connection: sqlite3.Connection, only: Callable[[Labels], bool], start: int, end: int
) -> Iterator[tuple[Labels, Column]]:
    """The series that are wanted of those that were imported, with chunks of [start, end] (ms); DamagedError."""
    columns: dict[Labels, tuple[array[int], array[float]]] = {}
    for text, times, n, values in connection.execute(_CHUNKS, (start, end)):
        labels = Labels(json.loads(text))
        if not only(labels):
            continue
        known = columns.setdefault(labels, (array("q"), array("d")))
        for t, value in unpacked(times, n, values):
            known[0].append(t)
            known[1].append(value)
    for labels, (at, those) in columns.items():
        yield labels, Column(labels, at, those, 0)


def _merge(recorded: Column, imported: Column) -> _Both:
    size = len(recorded.values)
    samples = dict(zip(imported.times, imported.values, strict=True))
    # As arrays: a column of runs looks for each single value anew.
    samples.update(zip(recorded.times[recorded.first : recorded.first + size], recorded.values[:size], strict=True))
    order = array("q", sorted(samples))
    values = array("d", [samples[t] for t in order])
    return _Both(recorded, Column(recorded.labels, order, values, 0, recorded.births), order, values, size)
