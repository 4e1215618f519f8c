"""The event table as its only writer sees it: one transaction for each batch, each event once."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tradetop.events.schema import CREATE_SQL
from tradetop.ingest.event import EventRow
from tradetop.ingest.fault import DatabaseFault, fault_of
from tradetop.model.text import clean

BUSY_TIMEOUT = 5.0
"""Longest wait for another program's lock (seconds)."""
CACHE = 16_384
"""Memory for pages of the file (KiB): ids are random, so that a batch goes all over their index."""
CHECKPOINT = 4_000
"""Pages of the log before they are folded into the file: one that many batches wrote is then copied once."""
_INSERT = """
    INSERT INTO bot_events (id, bot_id, event_type, pair, strategy, timestamp, metadata, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch."""

    new: int
    duplicates: tuple[str, ...]
    """Ids that were there already, or twice in the batch: what was stored first stays."""


class EventTable:
    """Writes into one file, for one thread at a time; DatabaseFault says why it cannot."""

    def __init__(self, path: Path, busy: float = BUSY_TIMEOUT) -> None:
        """Opens the file, or makes it, readable by its owner alone; `busy` is how long a lock is waited for (s)."""
        self.path = path
        self._busy = busy
        self.journal = ""
        """How SQLite guards a transaction in this file: wal, or delete where the file system cannot."""
        self._inode = 0
        self._link = self._open()

    def insert(self, rows: Sequence[EventRow]) -> Stored:
        """Store a batch: all of it or nothing."""
        try:
            self._stay()
            link = self._link
            link.execute("BEGIN IMMEDIATE")
            try:
                before = _last(link)
                written = link.executemany(_INSERT, rows).rowcount
                duplicates = () if written == len(rows) else _missing(link, rows, before)
                link.execute("COMMIT")
            except BaseException:
                if link.in_transaction:
                    link.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OSError) as error:
            raise fault_of(error, self.path) from None
        return Stored(written, duplicates)

    def check(self) -> None:
        """DatabaseFault where nothing could be written now; a lock is not waited for."""
        try:
            self._stay()
            self._link.execute("PRAGMA busy_timeout = 0")
            try:
                self._link.execute("BEGIN IMMEDIATE")
                self._link.execute("ROLLBACK")
            finally:
                self._link.execute(f"PRAGMA busy_timeout = {round(self._busy * 1_000)}")
        except (sqlite3.Error, OSError) as error:
            raise fault_of(error, self.path) from None

    def close(self) -> None:
        """Fold the log into the file and close it."""
        self._link.close()

    def _stay(self) -> None:
        """Open anew where the file was moved or removed: what is written to it then would be lost."""
        try:
            there = self.path.stat().st_ino
        except FileNotFoundError:
            there = 0
        if there != self._inode:
            self._link.close()
            self._link = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._inode = self.path.stat().st_ino
            link = sqlite3.connect(self.path, timeout=self._busy, isolation_level=None, check_same_thread=False)
            try:
                self.journal = _prepare(link, self.path)
            except BaseException:
                link.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise fault_of(error, self.path) from None
        return link


def _prepare(link: sqlite3.Connection, path: Path) -> str:
    """Make the table where there is none; what was answered as stored shall survive a power cut."""
    try:
        mode = str(link.execute("PRAGMA journal_mode = wal").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "READONLY" in error.sqlite_errorname or "CANTOPEN" in error.sqlite_errorname:
            raise
        # It cannot have one, or somebody reads it just now: it stays as it is.
        mode = str(link.execute("PRAGMA journal_mode").fetchone()[0])
    link.execute("PRAGMA synchronous = full")
    link.execute(f"PRAGMA cache_size = -{CACHE}")
    link.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    try:
        link.executescript(CREATE_SQL)
        link.execute("SELECT rowid FROM bot_events LIMIT 0")
        link.execute(f"EXPLAIN {_INSERT}", (None,) * 8)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_ERROR":
            raise
        why = f"its bot_events is not the documented table ({clean(str(error), 100)}): name another file"
        raise DatabaseFault(f"{clean(str(path), 300)}: {why}") from None
    return mode


def _last(link: sqlite3.Connection) -> int:
    return int(link.execute("SELECT coalesce(max(rowid), 0) FROM bot_events").fetchone()[0])


def _missing(link: sqlite3.Connection, rows: Sequence[EventRow], before: int) -> tuple[str, ...]:
    """The ids of a batch of which no row came to be, once for each time."""
    new = Counter(row[0] for row in link.execute("SELECT id FROM bot_events WHERE rowid > ?", (before,)))
    found = []
    for row in rows:
        if new[row.id]:
            new[row.id] -= 1
        else:
            found.append(row.id)
    return tuple(found)
