"""The history file of one target: the recorder appends to it, and nothing that happens to it stops the recorder."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.target import TargetStatus
from tradetop.store import schema
from tradetop.store.codec import encode
from tradetop.store.imported import merge
from tradetop.store.numbering import Numbering
from tradetop.store.place import move_aside, prepare
from tradetop.store.reader import HistoryReader
from tradetop.store.room import bound, give_back, shrink, told
from tradetop.store.statements import create, forget, forget_tenth, transaction, upgrade
from tradetop.store.tail import Tail

__all__ = ["HistoryReader", "HistoryWriter"]

_BUSY_SECONDS = 0.25
_ATTEMPTS = 3
_JOURNAL_PAGES = 64
"""The journal is folded into the file after this many pages, so that both need little room on a small disk."""


class HistoryWriter:
    """Appends to a history file; only the process that holds its lock may have one, and only in one thread.

    No method raises for what is wrong with the file: `reason` says it, recording goes on without the file, and every
    `append_*` tries again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reason = ""
        """Why nothing is being recorded at present; "" while all is well."""
        self._moved = ""
        self._crowded = False
        self._limited = ""
        self._now = 0
        self.dropped = 0
        """Samples that were not written: they came twice, or later ones had come before."""
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._numbering = Numbering()
        self._tail = Tail()
        self._metadata: dict[str, Metadata] = {}
        self._page: bytes = b""
        self._seen = False

    @classmethod
    def open(cls, path: Path, *, now: int) -> HistoryWriter:
        """Open or create the file at `path`; one that is damaged is moved aside first, one of a newer version refused.

        `now` (ms) dates the name it is moved to. Look at `reason` and `notice` afterwards.
        """
        writer = cls(path)
        writer._write(now, _nothing)
        return writer

    @property
    def notice(self) -> str:
        """What else is worth saying: an older file was moved aside, or a disk or a limit keeps the history short."""
        crowded = f"the disk of {self.path.parent} is nearly full: the oldest history makes room for the new"
        return "; ".join(filter(None, (self._moved, crowded if self._crowded else "", self._limited)))

    @property
    def size(self) -> int:
        """Bytes of the file; 0 where it is not there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def append_scrape(self, group: str, t: int, samples: Mapping[Labels, float]) -> None:
        """Write the values that a scrape of a group gave at `t` (ms), staleness markers and all.

        One that is not later than the group's last is dropped and counted.
        """

        def work(connection: sqlite3.Connection) -> None:
            layout = self._numbering.layout(connection, group, samples)
            row = (group, t, layout, schema.pack_values(samples.values()))
            connection.execute("insert into scrape(grp, t, layout, v) values (?, ?, ?, ?)", row)
            if not self._seen:
                connection.execute("insert or ignore into target values (1, ?)", (t,))

        if self._append(group, t, work, len(samples)):
            self._seen = True

    def append_failed(self, group: str, t: int) -> None:
        """Write that the scrape of a group at `t` (ms) failed: its series are stale from there on."""
        self._append(group, t, lambda c: c.execute("insert into scrape(grp, t) values (?, ?)", (group, t)), 0)

    def _append(self, group: str, t: int, work: Callable[[sqlite3.Connection], object], samples: int) -> bool:
        """Write a scrape, and pack older ones where that is due; whether it is in the file."""
        late = False

        def checked(connection: sqlite3.Connection) -> None:
            nonlocal late
            late = self._tail.is_late(group, t)
            if not late:
                work(connection)

        if not self._write(t, checked):
            return False
        if late:
            self.dropped += samples
            return False
        self._tail.wrote(group, t)
        # Each in a transaction of its own: killed in between, a scrape is a row or in a block, never both or neither.
        for _ in range(self._tail.steps(group)):
            self._pack(group)
        return True

    def _pack(self, group: str) -> None:
        rows = 0

        def work(connection: sqlite3.Connection) -> None:
            nonlocal rows
            with schema.reading():
                rows = self._tail.pack(connection, group)

        if self._put(work):
            self._tail.packed(group, rows)

    def put_metadata(self, metadata: Mapping[str, Metadata]) -> None:
        """Keep types, help texts and units of metric families; those not named stay."""
        changed = [(k, m.type, m.help, m.unit) for k, m in metadata.items() if self._metadata.get(k) != m]
        if changed and self._put(lambda c: c.executemany("replace into metadata values (?, ?, ?, ?)", changed)):
            self._metadata.update(metadata)

    def put_imported(self, found: Mapping[Labels, Mapping[int, float]]) -> int | None:
        """Keep samples from elsewhere, by series and time (ms); how many are new, None where `reason` says why not."""
        new = 0

        def work(connection: sqlite3.Connection) -> None:
            nonlocal new
            ids = ((self._numbering.series(connection, labels), samples) for labels, samples in found.items())
            new = sum(merge(connection, series, samples) for series, samples in ids)

        # What is there must not go for what is imported.
        return new if self._put(work, forgetting=False) else None

    def put_status(self, status: TargetStatus) -> None:
        """Keep how the watching goes, for the processes that only read."""
        body = encode(status)
        self._put(lambda c: c.execute("replace into status values (1, ?)", (body,)))

    def put_page(self, text: str) -> None:
        """Keep the last page as the bot wrote it."""
        body = zlib.compress(text.encode("utf-8", "surrogatepass"), 1)
        if body != self._page and self._put(lambda c: c.execute("replace into page values (1, ?)", (body,))):
            self._page = body

    def trim(self, before: int, size: int | None = None) -> None:
        """Forget what is older than `before` (ms), and the oldest of what makes the file larger than `size` bytes."""
        self._put(lambda c: forget(c, before))
        self._numbering.clear()
        if self._connection is None:
            return
        try:
            if size is not None and shrink(self._connection, size):
                self._limited = f"the history has reached its limit of {told(size)}: the oldest makes room for the new"
            give_back(self._connection)
        except (sqlite3.Error, UnicodeDecodeError):
            # Whatever it is, the next scrape meets it too, and mends what can be mended.
            self.close()

    def set_aside(self, now: int, why: str) -> None:
        """Rename the file, dated `now` (ms), and start a new one: for damage that only a reader came upon."""
        if self._moved:
            return  # What is there by now is the new one.
        self._now = now
        self._move(why)
        self._write(now, _nothing)

    def close(self) -> None:
        """Close the file; the journal is folded into it where that is possible."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
        self._crowded = False
        self._metadata.clear()
        self._page = b""
        self._seen = False
        self._numbering.clear()

    def _put(self, work: Callable[[sqlite3.Connection], object], *, forgetting: bool = True) -> bool:
        """Like `_write`, but waits for the next scrape where the file is not open."""
        return self._connection is not None and self._write(self._now, work, forgetting=forgetting)

    def _write(self, now: int, work: Callable[[sqlite3.Connection], object], *, forgetting: bool = True) -> bool:
        """One transaction at `now` (ms), after mending what can be mended; whether it is in the file.

        On a full disk the oldest history makes room for it, where it is not to go without `forgetting`.
        """
        self._now = now
        for attempt in range(_ATTEMPTS):
            try:
                with schema.reading():
                    connection = self._connected()
                self._crowded = bound(connection, self.path, bounded=self._crowded)
                with transaction(connection):
                    work(connection)
            except (sqlite3.Error, OSError, UnicodeDecodeError) as fault:
                # Of a damaged file even SQLite's messages may be no text.
                error = schema.DamagedError("no text") if isinstance(fault, UnicodeDecodeError) else fault
                # Rows that were rolled back took their ids with them.
                self._numbering.clear()
                self.reason = f"not recording: {schema.explain(error, self.path)}"
                if not self._mended(error, attempt, forgetting=forgetting):
                    break
            else:
                self.reason = ""
                return True
        self.close()
        return False

    def _mended(self, error: sqlite3.Error | OSError, attempt: int, *, forgetting: bool) -> bool:
        """Do what can be done about a fault; whether it is worth another try."""
        if schema.is_damage(error):
            return attempt == 0 and self._move(schema.explain(error, self.path))
        if isinstance(error, OSError) or schema.code(error) != schema.FULL or self._connection is None:
            return False
        try:
            # A fold gives the journal's room back; only where that is not enough the oldest history must go.
            self._connection.execute("pragma wal_checkpoint(restart)").fetchall()
            return attempt == 0 or (forgetting and forget_tenth(self._connection))
        except sqlite3.Error:
            return False

    def _move(self, why: str) -> bool:
        self.close()
        stamp = datetime.fromtimestamp(self._now / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        try:
            aside = move_aside(self.path, stamp)
        except OSError as error:
            self.reason = f"not recording: {why}, and it cannot be moved aside: {error.strerror}"
            return False
        self._moved = f"history: {why}; it was moved to {aside.name} and a new one started"
        return True

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None:
            if _inode(self.path) == self._inode:
                return self._connection
            # Somebody removed or replaced the file: what we would write now nobody could ever read.
            self.close()
        prepare(self.path.parent)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            schema.check_header(os.pread(descriptor, schema.HEADER, 0))
        finally:
            os.close(descriptor)
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            version = schema.check_version(connection)
            if version == 0:
                create(connection)
            else:
                upgrade(connection, version)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            connection.execute(schema.SMALL_CACHE)
            connection.execute(f"pragma wal_autocheckpoint = {_JOURNAL_PAGES}")
            self._tail.begin(connection)
        except sqlite3.Error:
            connection.close()
            raise
        self._connection, self._inode = connection, _inode(self.path)
        return connection


def _nothing(_connection: sqlite3.Connection) -> None:
    """An empty transaction: whether the file can be written at all."""


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
