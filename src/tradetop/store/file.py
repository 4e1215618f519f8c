"""The history file of one target: the recorder appends to it, and nothing that happens to it stops the recorder."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tradetop.model.clock import DAY
from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.target import TargetStatus
from tradetop.store import schema
from tradetop.store.codec import encode
from tradetop.store.place import prepare
from tradetop.store.reader import HistoryReader

__all__ = ["RETENTION", "HistoryReader", "HistoryWriter"]

RETENTION = 15 * DAY
"""How long the file keeps history by default (ms)."""

_BUSY_SECONDS = 0.25
_SIDECARS = ("", "-wal", "-shm")


class HistoryWriter:
    """Appends to a history file; only the process that holds its lock may have one, and only in one thread.

    No method raises for what is wrong with the file: `reason` says it, recording goes on without the file, and every
    `append_*` tries again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reason = ""
        """Why nothing is being recorded at present; "" while all is well."""
        self.notice = ""
        """What became of an older file that could not be used; stays until the process ends."""
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
        self._put(lambda c: _forget(c, before))
        self._series.clear()
        self._layouts.clear()

    def set_aside(self, now: int, why: str) -> None:
        """Rename the file, dated `now` (ms), and start a new one: for damage that only a reader came upon."""
        self._move(now, why)
        self._write(now, _nothing)

    def close(self) -> None:
        """Close the file; the journal is folded into it where that is possible."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
        self._series.clear()
        self._layouts.clear()
        self._metadata.clear()
        self._page = b""
        self._seen = False

    def _put(self, work: Callable[[sqlite3.Connection], object]) -> bool:
        """Like `_write`, but waits for the next scrape where the file is not open."""
        return self._connection is not None and self._write(None, work)

    def _write(self, now: int | None, work: Callable[[sqlite3.Connection], object]) -> bool:
        """One transaction; whether it is in the file. With `now` (ms) a fault is mended once, if it can be."""
        for mend in (True, False):
            try:
                connection = self._connected()
                with _transaction(connection):
                    work(connection)
            except (sqlite3.Error, OSError) as error:
                self.reason = f"not recording: {schema.explain(error, self.path)}"
                if not (mend and now is not None and self._mended(error, now)):
                    self.close()
                    return False
            else:
                self.reason = ""
                return True
        return False

    def _mended(self, error: sqlite3.Error | OSError, now: int) -> bool:
        """Do what can be done about a fault; whether it is worth another try."""
        if schema.is_damage(error) or isinstance(error, schema.NewerVersionError):
            return self._move(now, schema.explain(error, self.path))
        if isinstance(error, sqlite3.Error) and schema.code(error) == schema.FULL and self._connection is not None:
            self._layouts.clear()
            self._series.clear()
            return _forget_tenth(self._connection)
        return False

    def _move(self, now: int, why: str) -> bool:
        self.close()
        stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = self.path.with_name(f"{self.path.name}.aside-{stamp}")
        try:
            for end in _SIDECARS:
                source = Path(f"{self.path}{end}")
                if source.exists():
                    source.rename(f"{aside}{end}")
        except OSError as error:
            self.reason = f"not recording: {why}, and it cannot be moved aside: {error.strerror}"
            return False
        self.notice = f"history: {why}; it was moved to {aside.name} and a new one started"
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
                _create(connection)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
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
        layout = _layout_row(connection, ids)
        self._layouts[group] = (names, layout)
        return layout

    def _series_id(self, connection: sqlite3.Connection, labels: Labels) -> int:
        known = self._series.get(labels)
        if known is None:
            text = json.dumps(dict(labels), ensure_ascii=False, separators=(",", ":"))
            known = self._series[labels] = _series_row(connection, text)
        return known


def _nothing(_connection: sqlite3.Connection) -> None:
    """An empty transaction: whether the file can be written at all."""


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        # Where SQLite rolled back by itself there is nothing left to do.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables in one transaction: a process killed meanwhile leaves an empty file, not half a one."""
    connection.executescript(f"begin; {schema.TABLES} pragma user_version = {schema.VERSION}; commit")


def _series_row(connection: sqlite3.Connection, labels: str) -> int:
    """The id of a label set; a new row where there is none."""
    found = connection.execute("select id from series where labels = ?", (labels,)).fetchone()
    return (
        int(found[0])
        if found
        else connection.execute("insert into series(labels) values (?)", (labels,)).lastrowid or 0
    )


def _layout_row(connection: sqlite3.Connection, ids: bytes) -> int:
    """The id of a layout; a new row where there is none."""
    found = connection.execute("select id from layout where series = ?", (ids,)).fetchone()
    return (
        int(found[0]) if found else connection.execute("insert into layout(series) values (?)", (ids,)).lastrowid or 0
    )


def _forget(connection: sqlite3.Connection, before: int) -> None:
    """Delete older scrapes, then layouts and series without one; the newest scrape stays, so that ids only grow."""
    older = "delete from scrape where t < ? and id < (select max(id) from scrape)"
    if connection.execute(older, (before,)).rowcount == 0:
        return
    unused = "delete from layout where id not in (select layout from scrape where layout is not null)"
    if connection.execute(unused).rowcount:
        used = {i for (ids,) in connection.execute("select series from layout") for i in schema.unpack_ids(ids)}
        gone = [(i,) for (i,) in connection.execute("select id from series") if i not in used]
        connection.executemany("delete from series where id = ?", gone)


def _forget_tenth(connection: sqlite3.Connection) -> bool:
    """Free space inside a file that cannot grow: delete the oldest tenth of it; whether that was possible."""
    try:
        # A fold of the journal lets the deletion itself reuse the journal's space.
        connection.execute("pragma wal_checkpoint(restart)").fetchall()
        with _transaction(connection):
            count = connection.execute("select count(*) from scrape").fetchone()[0]
            older = "select t from scrape order by t limit 1 offset ?"
            bound = connection.execute(older, (count // 10 + 1,)).fetchone()
            if bound is None:
                return False
            _forget(connection, bound[0])
    except sqlite3.Error:
        return False
    return True
