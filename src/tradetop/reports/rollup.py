"""What reports are made of, kept in a file of our own: counts by hour, every trade, errors and stages.

It is a cache: whatever it holds can be made again from the bot's database, which it never touches.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_VERSION = 4
_PATIENCE = 30.0
"""How long another process may take over its share of the work (seconds)."""
_MOST_NAMES = 100_000
_TABLES = """
CREATE TABLE state(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE names(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE hourly(hour INT, bot INT, mode INT, strategy INT, events INT, signals INT, risks INT, opens INT,
    closes INT, errors INT, known INT, wins INT, losses INT, pnl REAL,
    PRIMARY KEY (hour, bot, mode, strategy)) WITHOUT ROWID;
CREATE TABLE bot_days(day INT, bot INT, mode INT, events INT, signals INT, risks INT, opens INT,
    closes INT, errors INT, known INT, wins INT, losses INT, pnl REAL, PRIMARY KEY (day, bot, mode)) WITHOUT ROWID;
CREATE TABLE pairs(hour INT, bot INT, pair INT, n INT, PRIMARY KEY (hour, bot, pair)) WITHOUT ROWID;
CREATE TABLE pair_days(day INT, bot INT, pair INT, n INT, PRIMARY KEY (day, bot, pair)) WITHOUT ROWID;
CREATE TABLE closes(t INT, key INT, bot INT, mode INT, strategy INT, pair INT, pnl REAL, ids TEXT, tags INT, opened INT,
    PRIMARY KEY (t, key)) WITHOUT ROWID;
CREATE TABLE close_days(day INT, bot INT, mode INT, strategy INT, pair INT, tags INT, opened INT,
    n INT, known INT, wins INT, losses INT, pnl REAL, squares REAL,
    PRIMARY KEY (day, bot, mode, strategy, pair, tags, opened)) WITHOUT ROWID;
CREATE TABLE curve_days(day INT, bot INT, strategy INT, mode INT, n INT, known INT, wins INT, first REAL, second REAL,
    third REAL, fourth REAL, low REAL, high REAL, drawdown REAL, PRIMARY KEY (bot, day, strategy, mode)) WITHOUT ROWID;
CREATE TABLE opens(t INT, key INT, bot INT, mode INT, strategy INT, pair INT, ids TEXT, tags INT, done INT,
    PRIMARY KEY (t, key)) WITHOUT ROWID;
CREATE INDEX opens_done ON opens(bot, done);
CREATE TABLE unsettled(day INT, bot INT, PRIMARY KEY (day, bot)) WITHOUT ROWID;
CREATE TABLE errors(hour INT, bot INT, category INT, message INT, pair INT, n INT,
    PRIMARY KEY (hour, bot, category, message, pair)) WITHOUT ROWID;
CREATE TABLE error_pairs(day INT, category INT, message INT, pair INT, n INT,
    PRIMARY KEY (day, category, message, pair)) WITHOUT ROWID;
CREATE TABLE error_bots(day INT, category INT, message INT, bot INT, n INT,
    PRIMARY KEY (day, category, message, bot)) WITHOUT ROWID;
CREATE TABLE stages(hour INT, bot INT, mode INT, strategy INT, stage INT, n INT, total INT, squares INT, took BLOB,
    PRIMARY KEY (hour, bot, mode, strategy, stage)) WITHOUT ROWID;
CREATE TABLE stage_days(day INT, bot INT, mode INT, strategy INT, stage INT, n INT, total INT, squares INT,
    PRIMARY KEY (day, bot, mode, strategy, stage)) WITHOUT ROWID;
CREATE TABLE latency_days(day INT, bot INT, stage INT, n INT, middle REAL, p95 REAL, longest INT,
    PRIMARY KEY (day, bot, stage)) WITHOUT ROWID;
CREATE TABLE chunks(hour INT, chunk INT, PRIMARY KEY (hour, chunk)) WITHOUT ROWID;
CREATE TABLE unlinked(hour INTEGER PRIMARY KEY);
CREATE TABLE seen(id INTEGER PRIMARY KEY, t INT, at TEXT);
CREATE INDEX seen_t ON seen(t) WHERE t IS NOT NULL;
CREATE TABLE staged(hour INT, key INT, t INT, place INT, bot INT, mode INT, strategy INT, pair INT, ids TEXT,
    PRIMARY KEY (hour, key)) WITHOUT ROWID;
CREATE TABLE relink(hour INTEGER PRIMARY KEY);
"""


class Rollup:
    """One bot database's cache; an unusable file is made anew, and without a place for one it is kept in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._names: dict[str, int] = {}
        self.outdated = False
        """Whether it was made by another version, and is empty now."""
        self._link = self._opened()

    def close(self) -> None:
        """Close the file."""
        self._link.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement; texts in it are our own."""
        return self._link.execute(sql, values).fetchall()

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows."""
        self._link.executemany(sql, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One step of work that is kept whole or not at all, and that only one process does."""
        self._link.execute("BEGIN IMMEDIATE")
        # Another process may have made it anew.
        self._names.clear()
        try:
            yield
        except BaseException:
            self._link.execute("ROLLBACK")
            self._names.clear()
            raise
        self._link.execute("COMMIT")

    @contextmanager
    def still(self) -> Iterator[None]:
        """Statements that see one moment of it, whatever another process adds meanwhile."""
        self._link.execute("BEGIN")
        try:
            yield
        finally:
            self._link.execute("ROLLBACK")

    def get(self, name: str) -> Any:
        """A value of the state; None where there is none."""
        found = self.rows("SELECT value FROM state WHERE name = ?", (name,))
        return found[0][0] if found else None

    def put(self, **values: Any) -> None:
        """Keep values of the state."""
        self.many("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())

    def clear(self) -> None:
        """Forget everything; within `writing`."""
        tables = [str(name) for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            self._link.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables.
        self._names.clear()

    def number(self, text: str) -> int:
        """The number that stands for a text; within `writing`."""
        known = self._names.get(text)
        if known is None:
            if len(self._names) > _MOST_NAMES:
                self._names.clear()
            self._link.execute("INSERT OR IGNORE INTO names(text) VALUES (?)", (text,))
            known = self._names[text] = self.rows("SELECT id FROM names WHERE text = ?", (text,))[0][0]
        return known

    def find(self, text: str) -> int:
        """The number that stands for a text; -1 where none does."""
        found = self.rows("SELECT id FROM names WHERE text = ?", (text,))
        return int(found[0][0]) if found else -1

    def values(self, column: str, table: str = "hourly") -> tuple[str, ...]:
        """The texts that a column of ours has, in their order."""
        numbers = [number for (number,) in self.rows(f"SELECT DISTINCT {column} FROM {table}")]  # noqa: S608 - ours.
        return tuple(sorted(self.texts(numbers).values()))

    def texts(self, numbers: Iterable[int]) -> dict[int, str]:
        """The texts that numbers stand for."""
        wanted = set(numbers)
        if len(wanted) > 500:
            return {i: text for i, text in self.rows("SELECT id, text FROM names") if i in wanted}
        marks = ", ".join("?" * len(wanted))
        return dict(self.rows(f"SELECT id, text FROM names WHERE id IN ({marks})", (*wanted,)))  # noqa: S608 - marks.

    def _opened(self) -> sqlite3.Connection:
        if self.path is None:
            return self._connected(":memory:")
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            return self._connected(str(self.path))
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # Not ours, or damaged: nothing in it is worth more than the time to make it again.
            for ending in ("", "-wal", "-shm", "-journal"):
                Path(f"{self.path}{ending}").unlink(missing_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            return self._connected(str(self.path))

    def _connected(self, name: str) -> sqlite3.Connection:
        link = sqlite3.connect(name, timeout=_PATIENCE, isolation_level=None)
        try:
            link.execute("PRAGMA journal_mode = WAL")
            link.execute("PRAGMA synchronous = NORMAL")
            link.execute("PRAGMA cache_size = -65536")
            link.execute("BEGIN IMMEDIATE")
            (version,) = link.execute("PRAGMA user_version").fetchone()
            if version != _VERSION:
                self.outdated = version != 0
                _make_anew(link)
            link.execute("COMMIT")
        except sqlite3.Error:
            link.close()
            raise
        return link


def _make_anew(link: sqlite3.Connection) -> None:
    tables = link.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        if not table.startswith("sqlite_"):
            quoted = table.replace('"', '""')
            link.execute(f'DROP TABLE "{quoted}"')
    for statement in _TABLES.strip().split(";")[:-1]:
        link.execute(statement)
    link.execute(f"PRAGMA user_version = {_VERSION}")
