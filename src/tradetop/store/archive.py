"""Archives: all that a history file keeps, of which only the series that are asked for are read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tradetop.model.clock import MINUTE
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column, Metadata
from tradetop.store.joined import FOREVER, Imported, imported
from tradetop.store.loading import Wanted, has_blocks, load
from tradetop.store.matching import label_test, metric_name, value_test
from tradetop.store.memory import MemoryStore
from tradetop.store.reader import CELLS, HistoryReader, passed_over

_COARSE = (0, MINUTE, 10 * MINUTE, 60 * MINUTE)
"""How much of one metric is read (one scrape of so many ms), the first with which it stays in bounds."""


@dataclass(slots=True)
class _Metric:
    """What has been read of one metric name."""

    store: MemoryStore = field(default_factory=MemoryStore)
    imported: Imported = field(default_factory=Imported)
    last: int = 0
    cells: int = 0
    fresh: bool = True


class Archive:
    """The series of a history file from `start` to `end` (ms), by metric name: each is read when it is selected first.

    What is wrong with the file is in `reason`, never raised. Of a metric of so many series that `cells` values do not
    hold them, one scrape a minute is read (or of ten, or an hour): `coarse` names it.
    """

    def __init__(self, path: Path, start: int = 0, end: int = FOREVER, cells: int = CELLS) -> None:
        self.start = start
        self.end = end
        self.coarse: dict[str, int] = {}
        """By metric name: one scrape of so many ms was read, where not all were."""
        self._cells = cells
        self._reader = HistoryReader(path)
        self._metrics: dict[str, _Metric] = {}
        self._skipped = 0
        """Scrapes that could not be read, for the metric that lacks most."""
        self._inode = self._reader.inode()

    @property
    def reason(self) -> str:
        """Why the file, or what of it, cannot be read; "" while all is well."""
        return self._reader.reason or (passed_over(self._reader.path, self._skipped) if self._skipped else "")

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series that match and have samples in [start, end] (ms); ValueError for a bad regular expression."""
        matches = label_test(matchers)
        name = metric_name(matchers)
        found: list[Column] = []
        for each in [name] if name is not None else self.names(matchers):
            metric = self._metric(each)
            recorded = metric.store.select(matchers, start, end)
            found += metric.imported.joined(recorded, matches, start, end) if metric.imported else recorded
        return found

    def names(self, matchers: Sequence[Matcher] = ()) -> list[str]:
        """The metric names that may have series for these matchers, in order."""
        tests = [value_test(matcher) for matcher in matchers if matcher.name == NAME]
        names = {labels.name for labels in self.series()}
        return sorted(name for name in names if all(test(name) for test in tests))

    def series(self) -> list[Labels]:
        """The label sets that the file knows."""
        return self._reader.read(lambda c: [Labels(json.loads(text)) for (text,) in c.execute(_LABELS)], [])

    def scrapes(self) -> int:
        """How many samples the series of the longest history can have."""
        return self._reader.read(_scrapes, 0)

    def metadata(self) -> dict[str, Metadata]:
        """Types, help texts and units by metric family."""
        return self._reader.metadata()

    def whole(self, series: Collection[Labels]) -> list[Column]:
        """Every sample of some series; it is not kept here, and never read coarsely."""
        return self._reader.read(lambda connection: self._whole(connection, frozenset(series)), [])

    def refresh(self, start: int) -> None:
        """Let what is selected next have what was written since too, and forget what is older than `start` (ms)."""
        self.start = start
        before, now = self._inode, self._reader.inode()
        if now != before:
            # The recorder has set a damaged file aside and started a new one.
            self._inode, self._skipped = now, 0
            self._metrics.clear()
        for metric in self._metrics.values():
            metric.fresh = False

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        self._reader.close()

    def _whole(self, connection: sqlite3.Connection, series: frozenset[Labels]) -> list[Column]:
        store, more = MemoryStore(), Imported()
        self._load(connection, store, Wanted(self.start, self.end, only=series.__contains__))
        if has_blocks(connection):
            more = Imported(dict(imported(connection, series.__contains__, self.start, self.end)))
        return more.joined(store.select((), 0, FOREVER), lambda _: True, self.start, self.end)

    def _metric(self, name: str) -> _Metric:
        metric = self._metrics.pop(name, None)
        if metric is None:
            metric = _Metric()
            self._reader.read(lambda connection: self._begin(connection, name, metric), None)
        elif not metric.fresh:
            self._reader.read(lambda connection: self._go_on(connection, name, metric), None)
        # The last that was asked for stands last: the others go first.
        self._metrics[name] = metric
        held = sum(each.cells for each in self._metrics.values())
        for other in [*self._metrics][:-1]:
            if held <= self._cells:
                break
            held -= self._metrics.pop(other).cells
        return metric

    def _begin(self, connection: sqlite3.Connection, name: str, metric: _Metric) -> None:
        wanted = self._wanted(connection, name)
        metric.last = self._load(connection, metric.store, wanted)
        if has_blocks(connection):
            metric.imported = Imported(dict(imported(connection, wanted.only or bool, self.start, self.end)))
        metric.cells = _cells(metric)

    def _go_on(self, connection: sqlite3.Connection, name: str, metric: _Metric) -> None:
        every = self.coarse.get(name, 0)
        wanted = replace(self._wanted(connection, name), after=metric.last, every=every)
        metric.last = self._load(connection, metric.store, wanted)
        metric.store.trim(self.start)
        metric.imported.trim(self.start)
        metric.cells, metric.fresh = _cells(metric), True

    def _load(self, connection: sqlite3.Connection, into: MemoryStore, wanted: Wanted) -> int:
        """Load what is wanted; where to go on the next time."""
        loaded = load(connection, self._reader.layouts, into, wanted)
        self._skipped = max(self._skipped, loaded.skipped)
        return loaded.last

    def _wanted(self, connection: sqlite3.Connection, name: str) -> Wanted:
        """All scrapes of a metric, or only some where there would be too many values."""
        every = 0
        for every in _COARSE:
            if self._count(connection, name, every) <= self._cells:
                break
        if every:
            self.coarse[name] = every
        else:
            self.coarse.pop(name, None)
        return Wanted(self.start, self.end, only=lambda labels: labels.name == name, every=every)

    def _count(self, connection: sqlite3.Connection, name: str, every: int) -> int:
        """At most how many values of a metric there are, with the times of its scrapes."""
        layouts: dict[int, int] = {}
        count = 0
        for layout, scrapes, span in connection.execute(_BOTH if has_blocks(connection) else _ROWS, _twice(self)):
            if layout not in layouts:
                series = self._reader.layouts.series(connection, layout)
                layouts[layout] = sum(labels.name == name for labels in series)
            count += (min(scrapes, span // every + 2) if every else scrapes) * (layouts[layout] + 1)
        return count


_LABELS = "select labels from series"
_ROWS = """
    select layout, count(*), max(t) - min(t) from scrape
    where layout is not null and t >= ?1 and t <= ?2 group by layout
"""
_BLOCKS = "select layout, n, until - start from block where layout is not null and until >= ?1 and start <= ?2"
_BOTH = f"{_ROWS} union all {_BLOCKS}"


def _scrapes(connection: sqlite3.Connection) -> int:
    found = [connection.execute("select count(*) from scrape").fetchone()[0]]
    if has_blocks(connection):
        found.append(connection.execute("select sum(n) from block").fetchone()[0])
        found += connection.execute("select max(n) from (select sum(n) n from imported group by series)").fetchone()
    return sum(n or 0 for n in found)


def _twice(archive: Archive) -> tuple[int, int]:
    return archive.start, archive.end


def _cells(metric: _Metric) -> int:
    """How many values, and times, a metric takes."""
    columns = metric.store.select((), 0, FOREVER)
    times = {id(column.times): len(column.times) for column in columns}
    return sum(len(column.values) for column in columns) + sum(times.values()) + metric.imported.size
