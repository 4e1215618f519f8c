"""Reading a history file that another connection, perhaps another process, goes on writing."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.target import TargetStatus
from tradetop.store import schema
from tradetop.store.codec import decode
from tradetop.store.joined import FOREVER, Imported, count, imported
from tradetop.store.layouts import Layouts
from tradetop.store.loading import Wanted, fitting, has_blocks, load, metadata_of
from tradetop.store.memory import MemoryStore

R = TypeVar("R")

_BUSY_SECONDS = 0.1
CELLS = 12_000_000
"""Values that are loaded at most, 96 MB: a page of very many series must not take the memory of the bot's machine."""

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
        self.layouts = Layouts()
        """Which series its scrapes have."""

    @classmethod
    def open(cls, path: Path) -> HistoryReader:
        """Open the file at `path`; where there is none yet, later calls look again."""
        reader = cls(path)
        reader.read(_nothing, None)
        return reader

    def load(self, into: MemoryStore, since: int, cells: int = CELLS) -> int:
        """Load all scrapes from `since` (ms) on, or the newest with at most `cells` values; how many there were.

        What was imported from then on is laid beside them.
        """
        return self.read(lambda c: self._begin(c, into, fitting(c, since, cells), cells), 0)

    def poll(self, into: MemoryStore) -> int:
        """Load the scrapes written since `load` or the last `poll`; cheap where there are none."""
        return self.read(lambda connection: self._poll(connection, into), 0)

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
        return self.read(lambda connection: dict(metadata_of(connection)), {})

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

        return self.read(work, [])

    def newest(self, group: str) -> dict[Labels, float]:
        """The last scrape of a group; empty where there is none, or it cannot be read."""
        return self.read(lambda connection: self._newest(connection, group), {})

    def first_seen(self) -> int | None:
        """Time of the first scrape ever recorded (ms), however much was forgotten since."""
        seen: int | None = self._one("select first_seen from target")
        return seen

    def oldest(self) -> int | None:
        """When the oldest scrape was that is still there (ms)."""

        def work(connection: sqlite3.Connection) -> int | None:
            found = [connection.execute("select min(t) from scrape").fetchone()[0]]
            if has_blocks(connection):
                found += connection.execute("select min(start) from block").fetchone()
            return min((t for t in found if t is not None), default=None)

        return self.read(work, None)

    def inode(self) -> tuple[int, int] | None:
        """Which file it is that is there now, of all that had its name; None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._version = -1
        self.layouts.clear()

    def _one(self, query: str) -> Any:
        row = self.read(lambda connection: connection.execute(query).fetchone(), None)
        return row[0] if row else None

    def read(self, work: Callable[[sqlite3.Connection], R], otherwise: R) -> R:
        """What `work` reads; `otherwise`, with the reason kept, where the file cannot be read."""
        try:
            with schema.reading():
                connection = self._connected()
                if connection is None:
                    return otherwise
                with snapshot(connection):
                    return work(connection)
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
            return dict(zip(self.layouts.series(connection, row[1]), schema.unpack_values(row[2]), strict=True))
        except (zlib.error, ValueError, TypeError) as error:
            raise schema.DamagedError("its last scrape cannot be read") from error

    def _begin(self, connection: sqlite3.Connection, into: MemoryStore, since: int, cells: int) -> int:
        loaded = self._load(connection, into, Wanted(since))
        samples = count(connection, since) if has_blocks(connection) else 0
        if samples * 2 > cells:
            self.reason = f"history: {self.path}: {samples:,} samples were imported, too many for windows up to a day"
        elif samples:
            into.lay_beside(Imported(dict(imported(connection, lambda _: True, since, FOREVER))))
        return loaded

    def _poll(self, connection: sqlite3.Connection, into: MemoryStore) -> int:
        version = connection.execute("pragma data_version").fetchone()[0]
        return 0 if version == self._version else self._load(connection, into, Wanted(after=self._last))

    def _load(self, connection: sqlite3.Connection, into: MemoryStore, wanted: Wanted) -> int:
        # The version first: what is written while we read must make the next poll look again.
        self._version = connection.execute("pragma data_version").fetchone()[0]
        loaded = load(connection, self.layouts, into, wanted)
        self._last = loaded.last
        if loaded.skipped:
            self.damaged = True
            self.reason = passed_over(self.path, loaded.skipped)
        return loaded.count


def passed_over(path: Path, skipped: int) -> str:
    """What is said of scrapes that could not be read."""
    return f"history: {path}: {skipped} scrapes are damaged and were passed over"


def _nothing(_connection: sqlite3.Connection) -> None:
    """Reads nothing: whether the file can be opened at all."""


@contextlib.contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything in the block is read as of one moment: what is packed meanwhile would else be missed."""
    connection.execute("begin")
    try:
        yield
    finally:
        # An error may have ended it already.
        if connection.in_transaction:
            connection.execute("rollback")
