"""A connection that cannot harm the bot: nothing written, nothing created, nothing locked for longer than a read."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tradetop.events.fault import EventError, LockedError
from tradetop.events.file import Journal, journal, open_plainly, shown, signature
from tradetop.model.clock import Clock

TABLE = "bot_events"
READ_LIMIT = 250
"""Longest time one statement may take (ms)."""
BUSY_TIMEOUT = 0.05
"""Longest wait for a lock (seconds): well below any timeout of a bot's own."""
COPY_LIMIT = 256 * 1024 * 1024
"""Largest database that is copied to be read (bytes)."""
_VALUE_LIMIT = 64 * 1024 * 1024
_OPCODES = 200
# The range that SQLite's readers lock (os_unix.c: PENDING_BYTE + 2, SHARED_SIZE).
_SHARED_FIRST = 0x40000000 + 2
_SHARED_SIZE = 510
_READABLE = {TABLE, "", "sqlite_master", "sqlite_schema"}
_FUNCTIONS = {"substr", "length", "like"}


class GuardedConnection(sqlite3.Connection):
    """Stops each statement after `limit`, and gives back what opening it took."""

    name: str = ""
    taken: ExitStack | None = None
    unchanged: Callable[[], bool] | None = None
    """Where the file is read without SQLite's locks: whether nobody wrote meanwhile."""
    tick: Callable[[], int] | None = None
    limit: int = READ_LIMIT
    """Longest time one statement may take (ms)."""
    _started: int = 0

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run one statement, its time counted from here."""
        self._started = self.tick() if self.tick is not None else 0
        return super().execute(sql, parameters)

    def verify(self) -> None:
        """Raise LockedError where the file changed under a read that no lock guarded: what it gave may be torn."""
        if self.unchanged is not None and not self.unchanged():
            raise LockedError(f"{self.name}: is being written; waiting for it")

    def late(self) -> bool:
        """Whether the statement has had its time."""
        return self.tick is not None and self.tick() - self._started > self.limit

    def close(self) -> None:
        """Close, then drop the lock and the private copy."""
        super().close()
        if self.taken is not None:
            self.taken.close()

    def __del__(self) -> None:
        if self.taken is not None:
            self.taken.close()


def connect(path: Path, clock: Clock) -> GuardedConnection:
    """Open the database for one short read; EventError says why it cannot be.

    Use one reader for each file and process: closing any descriptor of a file drops the process' POSIX locks on it.
    """
    before = signature(path)
    with ExitStack() as taken:
        uri, frozen = _source(path, taken)
        link = sqlite3.connect(
            uri,
            uri=True,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=0,
            factory=GuardedConnection,
        )
        taken.callback(sqlite3.Connection.close, link)
        link.name = shown(path)
        link.tick = clock.monotonic
        if frozen:
            link.unchanged = lambda: signature(path) == before
        restrict(link)
        link.taken = taken.pop_all()
    return link


def _source(path: Path, taken: ExitStack) -> tuple[str, bool]:
    """The URI to open, and whether SQLite's locks do not guard it."""
    fd = open_plainly(path)
    real = os.path.realpath(path)
    with ExitStack() as opened:
        opened.callback(os.close, fd)
        if journal(path, fd) is Journal.ROLLBACK:
            return _uri(real, "mode=ro&readonly_shm=1"), False
        # Under this lock the bot's last connection leaves -wal and -shm in place: SQLite need not create them for us.
        _hold(path, fd)
        taken.enter_context(opened.pop_all())
    wal, shm = Path(f"{real}-wal"), Path(f"{real}-shm")
    if journal(path, fd) is Journal.ROLLBACK or (wal.exists() and shm.exists()):
        return _uri(real, "mode=ro&readonly_shm=1"), False
    if not wal.exists() or wal.stat().st_size == 0:
        return _uri(real, "immutable=1"), True
    return _uri(_copied(path, wal, taken), "mode=ro"), True


def _hold(path: Path, fd: int) -> None:
    try:
        fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    except (BlockingIOError, PermissionError):
        raise LockedError(f"{shown(path)}: locked by another program; waiting for it") from None
    except OSError as error:
        raise EventError(f"{shown(path)}: its file system has no locks ({error.strerror}); copy it elsewhere") from None


def _copied(path: Path, wal: Path, taken: ExitStack) -> str:
    """A private copy: a log without its index can be read only by writing an index beside it."""
    size = path.stat().st_size + wal.stat().st_size
    if size > COPY_LIMIT:
        raise EventError(f"{shown(path)}: {size >> 20} MiB with an unread -wal; start the bot, it will tidy up")
    before = signature(path)
    try:
        folder = taken.enter_context(tempfile.TemporaryDirectory(prefix="tradetop-"))
        copy = f"{os.path.realpath(folder)}/events.db"
        shutil.copyfile(path, copy)
        shutil.copyfile(wal, f"{copy}-wal")
    except OSError as error:
        raise EventError(f"{shown(path)}: cannot be copied to be read safely ({error.strerror})") from None
    if signature(path) != before:
        raise LockedError(f"{shown(path)}: is being written; waiting for it")
    return copy


def _uri(real: str, options: str) -> str:
    """The URI of a file; the links in its path are followed, so that what lies beside it is found."""
    return f"file:{quote(os.fsencode(real))}?{options}"


def restrict(link: GuardedConnection) -> None:
    """Leave a connection nothing but reading the event table, each statement for `limit` at most."""
    link.text_factory = lambda text: text.decode("utf-8", "replace")
    link.execute("PRAGMA query_only=1")
    link.execute("PRAGMA trusted_schema=0")
    link.execute("PRAGMA mmap_size=0")
    link.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_LIMIT)
    link.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    link.set_progress_handler(link.late, _OPCODES)
    link.set_authorizer(_authorise)


def _authorise(action: int, first: str | None, second: str | None, database: str | None, _trigger: str | None) -> int:
    """Allow reading the event table and the schema, and nothing else."""
    name = (first or "").lower()
    match action:
        case sqlite3.SQLITE_SELECT:
            allowed = True
        case sqlite3.SQLITE_READ:
            # Counting rows reads no column, and SQLite then names no table either.
            allowed = name in _READABLE and database in {"main", None}
        case sqlite3.SQLITE_PRAGMA:
            allowed = name == "table_xinfo" or (name == "schema_version" and second is None)
        case sqlite3.SQLITE_FUNCTION:
            allowed = (second or "").lower() in _FUNCTIONS
        case _:
            allowed = False
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
