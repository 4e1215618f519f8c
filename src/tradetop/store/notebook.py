"""The notebook: a small file beside the histories for what people write down; every instance reads and writes it."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from pathlib import Path

from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.mark import Mark
from tradetop.model.text import clean
from tradetop.store import schema
from tradetop.store.place import prepare
from tradetop.store.statements import transaction

VERSION = 1
"""Version of the tables (`PRAGMA user_version`); a file with a higher one is left alone."""
TEXT = 200
"""Characters of a mark's text that are kept."""
MOST = 1_000
"""Marks that are read, the latest ones."""

_TABLES = (
    """
    create table mark(
        id integer primary key autoincrement,
        subject text not null,
        bot text not null,
        t integer not null,
        text text not null,
        made integer not null
    )
    """,
    "create index mark_time on mark(t)",
    f"pragma user_version = {VERSION}",
)
"""`subject` is the name of a target's history file less its ending, "" for every target; `bot` is one of several bots
of a target, "" for all of it. `t` is where the mark stands, `made` when it was written (ms)."""

_READ = """
    select id, subject, bot, t, text from mark
    where typeof(t) = 'integer' and typeof(text) = 'text' order by t desc, id desc limit ?
"""
_WRITE = "insert into mark(subject, bot, t, text, made) values (?, ?, ?, ?, ?)"
_WAIT = 250
"""How long a write waits for another process' (ms); a read does not wait at all, but is tried again."""
_PATIENCE = 5 * SECOND
"""How long the file may be locked before it is said."""
_REMIND = MINUTE
"""How long it is said that a mark was not kept."""


class NotebookFile:
    """The marks in one file; for one thread. No method raises for what is wrong with the file: `notice` says it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._version = -1
        self._read_at = 0
        self._rows: tuple[tuple[str, str, Mark], ...] = ()
        self._known: dict[tuple[str, str], tuple[Mark, ...]] = {}
        self._reason = ""
        self._refused = ""
        self._refused_at = 0

    def notice(self, now: int) -> str:
        """Why marks cannot be read, or a mark lately could not be kept; "" while all is well."""
        return self._refused if self._refused and now - self._refused_at < _REMIND else self._reason

    def marks(self, subject: str, bot: str = "") -> tuple[Mark, ...]:
        """The marks of one bot of a target and those of everybody, oldest first; the same object while none is new."""
        key = subject, bot
        if key not in self._known:
            self._known[key] = tuple(m for s, b, m in self._rows if not s or (s == subject and b in ("", bot)))
        return self._known[key]

    def follow(self, now: int) -> None:
        """Read what any process has written since, at `now` (ms); next to nothing where that is nothing."""
        try:
            connection = self._connected()
            if connection is not None:
                self._read(connection)
            self._read_at, self._reason = now, ""
        except (sqlite3.Error, OSError) as error:
            busy = isinstance(error, sqlite3.Error) and schema.code(error) == sqlite3.SQLITE_BUSY
            if not busy or now - self._read_at > _PATIENCE:
                self._reason = f"marks: {schema.explain(error, self.path)}"
            if not busy:
                self.close()

    def write(self, subject: str, t: int, text: str, *, bot: str = "", now: int) -> bool:
        """Put a mark at `t` (ms) on the axis of a target, of one of its bots, or of all (""); whether it is kept."""
        said = clean(" ".join(text.split()), TEXT)
        try:
            self._create()
            connection = self._connected()
            if connection is None:
                raise FileNotFoundError(errno.ENOENT, "removed while it was written")
            self._insert(connection, (subject, bot, t, said, now))
        except (sqlite3.Error, OSError) as error:
            self._refused = f'the mark "{said}" is not kept: {schema.explain(error, self.path)}'
            self._refused_at = now
            self.close()
            return False
        self._refused, self._version = "", -1
        self.follow(now)
        return True

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection, self._version = None, -1

    def _create(self) -> None:
        """Make the file where there is none, readable by its owner alone."""
        prepare(self.path.parent)
        # Never opened where it exists: closing would drop the locks that this process has on it.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))

    def _connected(self) -> sqlite3.Connection | None:
        """The file's connection; None where there is no file."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self.close()
            self._show(())
            return None
        inode = found.st_dev, found.st_ino
        if self._connection is None or inode != self._inode:
            # The first look, or somebody has put another file in its place.
            self.close()
            # Opened for writing even to read: only so a write that a dead process left half done can be taken back.
            # Its journal is SQLite's simplest, which needs no files beside it while nobody writes.
            uri = f"{self.path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(uri, timeout=0, isolation_level=None, uri=True)
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            self._connection, self._inode = connection, inode
        return self._connection

    def _read(self, connection: sqlite3.Connection) -> None:
        # The version first: what is written while we read must make the next look read again.
        version = connection.execute("pragma data_version").fetchone()[0]
        if version == self._version:
            return
        rows = connection.execute(_READ, (MOST,)).fetchall() if _layout(connection) else []
        self._show(
            tuple((s, b, Mark(f"mark {i}", t, clean(said, 2 * TEXT), not s)) for i, s, b, t, said in reversed(rows))
        )
        self._version = version

    def _show(self, rows: tuple[tuple[str, str, Mark], ...]) -> None:
        if rows != self._rows:
            self._rows, self._known = rows, {}

    def _insert(self, connection: sqlite3.Connection, row: tuple[str, str, int, str, int]) -> None:
        connection.execute(f"pragma busy_timeout = {_WAIT}").fetchall()
        try:
            with transaction(connection):
                if not _layout(connection):
                    for statement in _TABLES:
                        connection.execute(statement)
                connection.execute(_WRITE, row)
        finally:
            connection.execute("pragma busy_timeout = 0").fetchall()


def _layout(connection: sqlite3.Connection) -> int:
    """The version of the file's tables, 0 where it has none; NewerVersionError where it is beyond ours."""
    version = int(connection.execute("pragma user_version").fetchone()[0])
    if version > VERSION:
        raise schema.NewerVersionError(
            f"it was written by a newer tradetop (format {version}, this one knows {VERSION})"
        )
    return version
