"""Reading a history file that another connection, perhaps another process, goes on writing."""

from __future__ import annotations

import sqlite3
import sys
import zlib
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.target import TargetStatus
from tradetop.store import schema
from tradetop.store.codec import decode
from tradetop.store.layouts import Layouts
from tradetop.store.memory import MemoryStore

R = TypeVar("R")

_BUSY_SECONDS = 0.1
_CELLS = 1_500_000
"""Values handed over at once: 12 MB that go back to the system. Columns that grow in small steps would leave holes."""

CELLS = 12_000_000
"""Values that are loaded at most, 96 MB: a page of very many series must not take the memory of the bot's machine."""

_SIZES = """
    select s.t, sum(length(l.series) / 4) from scrape s join layout l on l.id = s.layout
    where s.t >= ? group by s.t order by s.t desc
"""
_SIZE = """
    select sum(n * (select length(series) / 4 from layout where id = layout))
    from (select layout, count(*) n from scrape where t >= ? group by layout)
"""
_SINCE = "select grp, t, layout, v from scrape where t >= ? and id <= ? order by id"
_THINNED = """
    select grp, t, layout, v from scrape
    where id in (select max(id) from scrape where t >= ? and id <= ? group by grp, t / ?) order by id
"""
_KEPT = "select count(distinct grp || ' ' || t / ?) from scrape where t >= ?"
_AFTER = "select grp, t, layout, v from scrape where id > ? and id <= ? order by id"
_NEWEST = "select t, layout, v from scrape where grp = ? order by id desc limit ?"


class HistoryReader:
    """Reads a history file without ever writing it; what is wrong with the file is in `reason`, never raised."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reason = ""
        """Why the file cannot be read, or what of it could not be; "" while all is well or there is no file yet."""
        self.damaged = False
        """Part of the file cannot be read: its writer may set it aside."""
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._version = -1
        self._last = 0
        self._layouts = Layouts()

    @classmethod
    def open(cls, path: Path) -> HistoryReader:
        """Open the file at `path`; where there is none yet, later calls look again."""
        reader = cls(path)
        reader._read(_nothing, None)
        return reader

    def load(self, into: MemoryStore, since: int, cells: int = CELLS) -> int:
        """Load all scrapes from `since` (ms) on, or the newest with at most `cells` values; how many there were."""

        def work(connection: sqlite3.Connection) -> int:
            return self._load(connection, into, _SINCE, _fitting(connection, since, cells))

        return self._read(work, 0)

    def load_thinned(self, into: MemoryStore, since: int, every: int) -> int:
        """Load one scrape of each group for every `every` ms since `since` (ms): long spans in little memory."""

        def work(connection: sqlite3.Connection) -> int:
            whole = connection.execute("select count(*) from scrape where t >= ?", (since,)).fetchone()[0]
            kept = connection.execute(_KEPT, (every, since)).fetchone()[0]
            cells = CELLS * whole // max(1, kept)
            return self._load(connection, into, _THINNED, _fitting(connection, since, cells), every)

        return self._read(work, 0)

    def poll(self, into: MemoryStore) -> int:
        """Load the scrapes written since `load` or the last `poll`; cheap where there are none."""
        return self._read(lambda connection: self._poll(connection, into), 0)

    def status(self) -> TargetStatus | None:
        """How the recorder's watching goes; None where it never said."""
        body = self._one("select body from status")
        if body is None:
            return None
        try:
            return decode(TargetStatus, body)
        except ValueError as error:
            self.reason = f"history: {self.path}: the recorder's status cannot be read ({error})"
            return None

    def metadata(self) -> dict[str, Metadata]:
        """Types, help texts and units by metric family."""
        return self._read(lambda connection: dict(_metadata(connection)), {})

    def page(self) -> str:
        """The last page as the bot wrote it; "" where there is none."""
        body = self._one("select body from page")
        try:
            return zlib.decompress(body).decode("utf-8", "replace") if body else ""
        except zlib.error:
            return ""

    def times(self, group: str, count: int) -> list[int]:
        """When the last scrapes of a group were (ms), the newest first."""

        def work(connection: sqlite3.Connection) -> list[int]:
            return [t for t, _, _ in connection.execute(_NEWEST, (group, count))]

        return self._read(work, [])

    def newest(self, group: str) -> dict[Labels, float]:
        """The last scrape of a group; empty where there is none, or it cannot be read."""
        return self._read(lambda connection: self._newest(connection, group), {})

    def first_seen(self) -> int | None:
        """Time of the first scrape ever recorded (ms), however much was forgotten since."""
        seen: int | None = self._one("select first_seen from target")
        return seen

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._version = -1
        self._layouts.clear()

    def _one(self, query: str) -> Any:
        row = self._read(lambda connection: connection.execute(query).fetchone(), None)
        return row[0] if row else None

    def _read(self, work: Callable[[sqlite3.Connection], R], otherwise: R) -> R:
        """What `work` reads; `otherwise`, with the reason kept, where the file cannot be read."""
        try:
            connection = self._connected()
            return otherwise if connection is None else work(connection)
        except (sqlite3.Error, OSError) as error:
            self.damaged = schema.is_damage(error)
            self.reason = f"history: {schema.explain(error, self.path)}"
            self.close()
            return otherwise

    def _connected(self) -> sqlite3.Connection | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self.close()
            return None
        inode = found.st_dev, found.st_ino
        if self._connection is not None and inode == self._inode:
            return self._connection
        # The first look, or the recorder moved a damaged file aside and started a new one.
        self.close()
        if inode != self._inode:
            self._last = 0
            self.reason, self.damaged = "", False
        connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", timeout=_BUSY_SECONDS, uri=True)
        connection.isolation_level = None
        try:
            connection.execute(schema.SMALL_CACHE)
            if schema.check_version(connection) == 0:
                connection.close()
                return None
        except sqlite3.Error:
            connection.close()
            raise
        self._connection, self._inode = connection, inode
        return connection

    def _newest(self, connection: sqlite3.Connection, group: str) -> dict[Labels, float]:
        row = connection.execute(_NEWEST, (group, 1)).fetchone()
        if row is None or row[1] is None:
            return {}
        try:
            return dict(zip(self._layouts.series(connection, row[1]), schema.unpack_values(row[2]), strict=True))
        except (zlib.error, ValueError, TypeError) as error:
            raise schema.DamagedError("its last scrape cannot be read") from error

    def _poll(self, connection: sqlite3.Connection, into: MemoryStore) -> int:
        version = connection.execute("pragma data_version").fetchone()[0]
        return 0 if version == self._version else self._load(connection, into, _AFTER, self._last)

    def _load(self, connection: sqlite3.Connection, into: MemoryStore, query: str, bound: int, *more: int) -> int:
        # The version first: what is written while we read must make the next poll look again.
        self._version = connection.execute("pragma data_version").fetchone()[0]
        self._last = connection.execute("select coalesce(max(id), 0) from scrape").fetchone()[0]
        # Types first: they decide which series are counters.
        for name, metadata in _metadata(connection):
            into.set_metadata(name, metadata)
        batch = _Batch(into)
        try:
            for group, t, layout, packed in connection.execute(query, (bound, self._last, *more)):
                if layout is None:
                    batch.failed(group, t)
                else:
                    batch.add(group, t, layout, self._layouts.series(connection, layout), packed)
        finally:
            # Where the file is damaged half-way, what came before it is worth having.
            batch.flush()
        if batch.skipped:
            self.damaged = True
            self.reason = f"history: {self.path}: {batch.skipped} scrapes are damaged and were passed over"
        return batch.count


def _nothing(_connection: sqlite3.Connection) -> None:
    """Reads nothing: whether the file can be opened at all."""


def _fitting(connection: sqlite3.Connection, since: int, cells: int) -> int:
    """The time (ms), not before `since`, from which on the scrapes have at most `cells` values."""
    if (connection.execute(_SIZE, (since,)).fetchone()[0] or 0) <= cells:
        return since
    newer = sys.maxsize
    for t, size in connection.execute(_SIZES, (since,)):
        cells -= size
        if cells < 0:
            break
        newer = t
    return newer


def _metadata(connection: sqlite3.Connection) -> Iterator[tuple[str, Metadata]]:
    for name, type_, help_, unit in connection.execute("select name, type, help, unit from metadata"):
        yield name, Metadata(type_, help_, unit)


class _Batch:
    """Collects scrapes of the same group and series, to hand them over together."""

    def __init__(self, into: MemoryStore) -> None:
        self.count = 0
        self.skipped = 0
        self._into = into
        self._runs: dict[str, _Run] = {}
        self._last: dict[str, int] = {}

    def add(self, group: str, t: int, layout: int, labels: tuple[Labels, ...], packed: bytes) -> None:
        if not self._later(group, t):
            return
        try:
            values = schema.unpack_values(packed)
        except (zlib.error, ValueError, TypeError):
            self.skipped += 1
            return
        if len(values) != len(labels):
            self.skipped += 1
            return
        run = self._runs.get(group)
        if run is None or run.layout != layout or len(run.values) >= _CELLS:
            self._hand_over(group)
            run = self._runs[group] = _Run(layout, labels)
        run.times.append(t)
        run.values.extend(values)

    def failed(self, group: str, t: int) -> None:
        if self._later(group, t):
            self._hand_over(group)
            self._into.append_failed(group, t)
            self.count += 1

    def flush(self) -> None:
        for group in list(self._runs):
            self._hand_over(group)

    def _later(self, group: str, t: int) -> bool:
        """Whether a scrape comes after what is there: a clock that was set back leaves some that do not."""
        last = self._last.get(group)
        if last is None:
            last = self._into.last_time(group)
        if last is not None and t <= last:
            return False
        self._last[group] = t
        return True

    def _hand_over(self, group: str) -> None:
        run = self._runs.pop(group, None)
        if run is None:
            return
        try:
            self._into.append_rows(group, run.labels, run.times, run.values)
        except ValueError:
            # Two groups claim one series: no recorder writes that.
            self.skipped += len(run.times)
        else:
            self.count += len(run.times)


class _Run:
    """Scrapes in a row that gave the same series."""

    __slots__ = ("labels", "layout", "times", "values")

    def __init__(self, layout: int, labels: tuple[Labels, ...]) -> None:
        self.layout = layout
        self.labels = labels
        self.times = array("q")
        self.values = array("d")
