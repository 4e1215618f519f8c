"""The history file of one target: the recorder appends to it, and nothing that happens to it stops the recorder."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tradetop.model.clock import DAY
from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.target import TargetStatus
from tradetop.store import schema
from tradetop.store.codec import encode
from tradetop.store.layouts import KNOWN_SERIES
from tradetop.store.place import move_aside, prepare
from tradetop.store.reader import HistoryReader
from tradetop.store.statements import create, forget, forget_tenth, layout_row, series_row, transaction

__all__ = ["RETENTION", "HistoryReader", "HistoryWriter"]

RETENTION = 15 * DAY
"""How long the file keeps history by default (ms)."""

_BUSY_SECONDS = 0.25
_ATTEMPTS = 3
_JOURNAL_PAGES = 64
"""The journal is folded into the file after this many pages, so that both need little room on a small disk."""

_SPARE = 16 * 2**20
"""Bytes (or an eighth of a small disk) that we leave to others: the disk may be the bot's own."""

_UNBOUNDED = 2**32 - 2


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
        self._crowded = ""
        self._now = 0
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._series: dict[Labels, int] = {}
        self._layouts: dict[str, tuple[list[Labels], int]] = {}
        self._metadata: dict[str, Metadata] = {}
        self._page: bytes = b""
        self._seen = False

    @classmethod
    def open(cls, path: Path, *, now: int) -> HistoryWriter:
        """Open or create the file at `path`; one that is damaged or of a newer version is moved aside first.

        `now` (ms) dates the name it is moved to. Look at `reason` and `notice` afterwards.
        """
        writer = cls(path)
        writer._write(now, _nothing)
        return writer

    @property
    def notice(self) -> str:
        """What else is worth saying: an older file was moved aside, or a nearly full disk keeps the history short."""
        return "; ".join(filter(None, (self._moved, self._crowded)))

    def append_scrape(self, group: str, t: int, samples: Mapping[Labels, float]) -> None:
        """Write the values that a scrape of a group gave at `t` (ms), staleness markers and all."""

        def work(connection: sqlite3.Connection) -> None:
            layout = self._layout(connection, group, samples)
            row = (group, t, layout, schema.pack_values(samples.values()))
            connection.execute("insert into scrape(grp, t, layout, v) values (?, ?, ?, ?)", row)
            if not self._seen:
                connection.execute("insert or ignore into target values (1, ?)", (t,))

        if self._write(t, work):
            self._seen = True

    def append_failed(self, group: str, t: int) -> None:
        """Write that the scrape of a group at `t` (ms) failed: its series are stale from there on."""
        self._write(t, lambda c: c.execute("insert into scrape(grp, t) values (?, ?)", (group, t)))

    def put_metadata(self, metadata: Mapping[str, Metadata]) -> None:
        """Keep types, help texts and units of metric families; those not named stay."""
        changed = [(k, m.type, m.help, m.unit) for k, m in metadata.items() if self._metadata.get(k) != m]
        if changed and self._put(lambda c: c.executemany("replace into metadata values (?, ?, ?, ?)", changed)):
            self._metadata.update(metadata)

    def put_status(self, status: TargetStatus) -> None:
        """Keep how the watching goes, for the processes that only read."""
        body = encode(status)
        self._put(lambda c: c.execute("replace into status values (1, ?)", (body,)))

    def put_page(self, text: str) -> None:
        """Keep the last page as the bot wrote it."""
        body = zlib.compress(text.encode("utf-8", "surrogatepass"), 1)
        if body != self._page and self._put(lambda c: c.execute("replace into page values (1, ?)", (body,))):
            self._page = body

    def trim(self, before: int) -> None:
        """Forget scrapes older than `before` (ms), and what only they used."""
        self._put(lambda c: forget(c, before))
        self._forget_ids()

    def set_aside(self, now: int, why: str) -> None:
        """Rename the file, dated `now` (ms), and start a new one: for damage that only a reader came upon."""
        self._now = now
        self._move(why)
        self._write(now, _nothing)

    def close(self) -> None:
        """Close the file; the journal is folded into it where that is possible."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
        self._crowded = ""
        self._metadata.clear()
        self._page = b""
        self._seen = False
        self._forget_ids()

    def _forget_ids(self) -> None:
        self._series.clear()
        self._layouts.clear()

    def _put(self, work: Callable[[sqlite3.Connection], object]) -> bool:
        """Like `_write`, but waits for the next scrape where the file is not open."""
        return self._connection is not None and self._write(self._now, work)

    def _write(self, now: int, work: Callable[[sqlite3.Connection], object]) -> bool:
        """One transaction at `now` (ms), after mending what can be mended; whether it is in the file."""
        self._now = now
        for attempt in range(_ATTEMPTS):
            try:
                connection = self._connected()
                self._leave_room(connection)
                with transaction(connection):
                    work(connection)
            except (sqlite3.Error, OSError) as error:
                # Rows that were rolled back took their ids with them.
                self._forget_ids()
                self.reason = f"not recording: {schema.explain(error, self.path)}"
                if not self._mended(error, attempt):
                    break
            else:
                self.reason = ""
                return True
        self.close()
        return False

    def _mended(self, error: sqlite3.Error | OSError, attempt: int) -> bool:
        """Do what can be done about a fault; whether it is worth another try."""
        if schema.is_damage(error) or isinstance(error, schema.NewerVersionError):
            return attempt == 0 and self._move(schema.explain(error, self.path))
        if isinstance(error, OSError) or schema.code(error) != schema.FULL or self._connection is None:
            return False
        try:
            # A fold gives the journal's room back; only where that is not enough the oldest history must go.
            self._connection.execute("pragma wal_checkpoint(restart)").fetchall()
            return attempt == 0 or forget_tenth(self._connection)
        except sqlite3.Error:
            return False

    def _leave_room(self, connection: sqlite3.Connection) -> None:
        """Where the disk is nearly full, let the file take no more of it: it forgets its oldest scrapes instead."""
        disk = os.statvfs(self.path.parent)
        if disk.f_bavail * disk.f_frsize >= min(_SPARE, disk.f_blocks * disk.f_frsize // 8):
            if self._crowded:
                connection.execute(f"pragma max_page_count = {_UNBOUNDED}").fetchall()
            self._crowded = ""
        elif not self._crowded:
            pages = connection.execute("pragma page_count").fetchone()[0]
            connection.execute(f"pragma max_page_count = {int(pages)}").fetchall()
            self._crowded = f"the disk of {self.path.parent} is nearly full: the oldest history makes room for the new"

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
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            if schema.check_version(connection) == 0:
                create(connection)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            connection.execute(schema.SMALL_CACHE)
            connection.execute(f"pragma wal_autocheckpoint = {_JOURNAL_PAGES}")
        except sqlite3.Error:
            connection.close()
            raise
        self._connection, self._inode = connection, _inode(self.path)
        return connection

    def _layout(self, connection: sqlite3.Connection, group: str, samples: Mapping[Labels, float]) -> int:
        """Id of the layout for these series; the one before is nearly always the same."""
        names = list(samples)
        last = self._layouts.get(group)
        if last is not None and last[0] == names:
            return last[1]
        ids = schema.pack_ids(self._series_id(connection, labels) for labels in names)
        layout = layout_row(connection, ids)
        self._layouts[group] = (names, layout)
        return layout

    def _series_id(self, connection: sqlite3.Connection, labels: Labels) -> int:
        known = self._series.get(labels)
        if known is None:
            if len(self._series) >= KNOWN_SERIES:
                self._series.clear()  # Series that keep changing must not fill the memory.
            text = json.dumps(dict(labels), ensure_ascii=False, separators=(",", ":"))
            known = self._series[labels] = series_row(connection, text)
        return known


def _nothing(_connection: sqlite3.Connection) -> None:
    """An empty transaction: whether the file can be written at all."""


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
