"""Loading: scrapes of a history file, rows and blocks alike, into columns in memory."""

from __future__ import annotations

import sqlite3
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.store import packing, schema
from tradetop.store.layouts import Layouts
from tradetop.store.memory import MemoryStore

BLOCKS = 2
"""The first format that has blocks."""
_HANDED = 1_300
"""Scrapes handed over at once: with fewer it takes longer, more of them leave holes in the memory behind them."""
_CELLS = 1_500_000
"""And values at most, 12 MB."""
_FOREVER = 2**63 - 1

_SCRAPES = """
    select grp, t, layout, v from scrape where t >= ? and t <= ? and id > ? and id <= ? order by id
"""
_PACKED = """
    select grp, t, n, layout, v from block where until >= ? and start <= ? and id > ? and id <= ? order by id
"""
_ROW_SIZES = """
    select s.t t, length(l.series) / 4 size from scrape s join layout l on l.id = s.layout where s.t >= ?
"""
_BLOCK_SIZES = """
    select b.start t, b.n * length(l.series) / 4 size from block b join layout l on l.id = b.layout where b.until >= ?
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which scrapes are to be loaded, and what of them; times in ms."""

    start: int = 0
    end: int = _FOREVER
    after: int = 0
    """Of scrapes with ids beyond this one alone."""
    only: Callable[[Labels], bool] | None = None
    """Which series; None for all."""
    every: int = 0
    """One scrape of so many ms is enough; 0 for each."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it."""

    count: int
    """Scrapes."""
    skipped: int
    """Scrapes that are damaged."""
    last: int
    """The id of the newest scrape that there was."""


def load(connection: sqlite3.Connection, layouts: Layouts, into: MemoryStore, wanted: Wanted) -> Loaded:
    """Load what is wanted behind what the store has; sqlite3.Error where the file cannot be read."""
    last = newest_id(connection)
    # Types first: they decide which series are counters.
    for name, metadata in metadata_of(connection):
        into.set_metadata(name, metadata)
    batch = _Batch(into, wanted)
    try:
        if has_blocks(connection):
            bounds = (wanted.start, wanted.end, wanted.after, last)
            for group, times, n, layout, packed in connection.execute(_PACKED, bounds):
                batch.block(group, times, n, layout, _series(connection, layouts, layout), packed)
        for group, t, layout, packed in connection.execute(_SCRAPES, (wanted.start, wanted.end, wanted.after, last)):
            batch.row(group, t, layout, _series(connection, layouts, layout), packed)
    finally:
        # Where the file is damaged half-way, what came before it is worth having.
        batch.flush()
    return Loaded(batch.count, batch.skipped, last)


def has_blocks(connection: sqlite3.Connection) -> bool:
    """Whether a file is of a format with blocks: its recorder may be older than we are, or be replaced meanwhile."""
    return int(connection.execute("pragma user_version").fetchone()[0]) >= BLOCKS


def newest_id(connection: sqlite3.Connection) -> int:
    """The id of the newest scrape; 0 where there is none."""
    return int(connection.execute("select coalesce(max(id), 0) from scrape").fetchone()[0])


def fitting(connection: sqlite3.Connection, since: int, cells: int) -> int:
    """The time (ms), not before `since`, from which on the scrapes have at most `cells` values."""
    query, bounds = _ROW_SIZES, [since]
    if has_blocks(connection):
        query, bounds = f"{_ROW_SIZES} union all {_BLOCK_SIZES}", [since, since]
    if (connection.execute(f"select sum(size) from ({query})", bounds).fetchone()[0] or 0) <= cells:  # noqa: S608 - ours
        return since
    newer = sys.maxsize
    by_time = f"select t, sum(size) from ({query}) group by t order by t desc"  # noqa: S608 - ours
    for t, size in connection.execute(by_time, bounds):
        cells -= size
        if cells < 0:
            break
        newer = t
    return newer


def metadata_of(connection: sqlite3.Connection) -> Iterator[tuple[str, Metadata]]:
    """What a file knows of metric families."""
    for name, type_, help_, unit in connection.execute("select name, type, help, unit from metadata"):
        yield name, Metadata(type_, help_, unit)


def _series(connection: sqlite3.Connection, layouts: Layouts, layout: int | None) -> tuple[Labels, ...]:
    return () if layout is None else layouts.series(connection, layout)


class _Batch:
    """Collects scrapes of the same group and series, to hand them over together."""

    def __init__(self, into: MemoryStore, wanted: Wanted) -> None:
        self.count = 0
        self.skipped = 0
        self._into = into
        self._wanted = wanted
        self._runs: dict[str, _Run] = {}
        self._last: dict[str, int] = {}
        self._places: dict[int, list[int]] = {}

    def row(self, group: str, t: int, layout: int | None, labels: Sequence[Labels], packed: bytes) -> None:
        if t <= self._latest(group):
            return  # A clock that was set back leaves some of these in files of format 1.
        self._last[group] = t
        if layout is None:
            self._failed(group, t)
            return
        try:
            values = schema.unpack_values(packed)
        except (zlib.error, ValueError, TypeError):
            values = array("d")
        if len(values) != len(labels):
            self.skipped += 1
            return
        places = self._of(layout, labels)
        self._run(group, layout, labels, places).add_row(t, values, places)

    def block(
        self, group: str, packed_times: bytes, n: int, layout: int | None, labels: Sequence[Labels], packed: bytes
    ) -> None:
        try:
            times = packing.unpack_times(packed_times)
            if len(times) != n:
                raise ValueError("another number of times than it says")
            first = max(bisect_right(times, self._latest(group)), bisect_left(times, self._wanted.start))
            end = bisect_right(times, self._wanted.end)
            if first >= end:
                return
            self._last[group] = times[end - 1]
            if layout is None:
                self._failed(group, times[first], end - first)
                return
            places = self._of(layout, labels)
            columns = packing.unpack_columns(packed, n, len(labels), places)
        except (zlib.error, ValueError, TypeError):
            self.skipped += n
            return
        run = self._run(group, layout, labels, places)
        if self._wanted.every:
            kept = _thinned(times, first, end, self._wanted.every)
            run.add_columns(array("q", [times[i] for i in kept]), [array("d", [c[i] for i in kept]) for c in columns])
        elif end - first == n:
            run.add_columns(times, columns)
        else:
            run.add_columns(times[first:end], [column[first:end] for column in columns])

    def flush(self) -> None:
        for group in list(self._runs):
            self._hand_over(group)

    def _latest(self, group: str) -> int:
        last = self._last.get(group)
        if last is None:
            last = self._into.last_time(group)
        return -_FOREVER if last is None else last

    def _of(self, layout: int, labels: Sequence[Labels]) -> list[int] | None:
        """The places in a layout of the series that are wanted; None for all."""
        only = self._wanted.only
        if only is None:
            return None
        found = self._places.get(layout)
        if found is None:
            found = self._places[layout] = [i for i, each in enumerate(labels) if only(each)]
        return found

    def _failed(self, group: str, t: int, count: int = 1) -> None:
        self._hand_over(group)
        self._into.append_failed(group, t)
        self.count += count

    def _run(self, group: str, layout: int, labels: Sequence[Labels], places: list[int] | None) -> _Run:
        """The run that scrapes of this layout are to be added to."""
        run = self._runs.get(group)
        if run is None or run.layout != layout or run.is_full:
            self._hand_over(group)
            chosen = labels if places is None else [labels[i] for i in places]
            run = self._runs[group] = _Run(layout, chosen)
        return run

    def _hand_over(self, group: str) -> None:
        run = self._runs.pop(group, None)
        if run is None:
            return
        try:
            run.hand_to(self._into, group)
        except ValueError:
            # Two groups claim one series: no recorder writes that.
            self.skipped += len(run.times)
        else:
            self.count += len(run.times)


class _Run:
    """Scrapes in a row that gave the same series."""

    __slots__ = ("columns", "labels", "layout", "rows", "times")

    def __init__(self, layout: int, labels: Sequence[Labels]) -> None:
        self.layout = layout
        self.labels = labels
        self.times = array("q")
        self.columns: list[array[float]] = []
        self.rows: array[float] = array("d")
        """Values of rows behind the columns, one scrape after the other."""

    @property
    def is_full(self) -> bool:
        """Whether it is to be handed over."""
        return len(self.times) >= _HANDED or len(self.times) * len(self.labels) >= _CELLS

    def add_row(self, t: int, values: array[float], places: list[int] | None) -> None:
        self.times.append(t)
        self.rows.extend(values if places is None else [values[i] for i in places])

    def add_columns(self, times: array[int], columns: list[array[float]]) -> None:
        self._settle()
        self.times.extend(times)
        if self.columns:
            for column, more in zip(self.columns, columns, strict=True):
                column.extend(more)
        else:
            self.columns = columns

    def hand_to(self, store: MemoryStore, group: str) -> None:
        """ValueError as `MemoryStore.append_columns`."""
        self._settle()
        store.append_columns(group, self.labels, self.times, self.columns)

    def _settle(self) -> None:
        width, rows = len(self.labels), self.rows
        if not rows:
            return
        self.rows = array("d")
        if self.columns:
            for i, column in enumerate(self.columns):
                column.extend(rows[i::width])
        else:
            self.columns = [rows[i::width] for i in range(width)]


def _thinned(times: Sequence[int], first: int, end: int, every: int) -> list[int]:
    """Which of the times from `first` to before `end` are the last in their `every` ms."""
    return [i for i in range(first, end) if i == end - 1 or times[i] // every != times[i + 1] // every]
