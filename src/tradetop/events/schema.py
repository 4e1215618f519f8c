"""What the event table of a database looks like, and the statements that read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.events.metadata import METADATA_LIMIT
from tradetop.events.row import Cell, Row
from tradetop.model.text import clean

COLUMNS = ("id", "bot_id", "event_type", "pair", "strategy", "timestamp", "metadata", "created_at")
CELL_LIMIT = 2_000
_NAMED = 12
"""Columns that are named of a table that is another."""
_KEYS = ("rowid", "_rowid_", "oid")
_LAST_WORDS = re.compile(r"\bwithout\s+rowid\b", re.IGNORECASE)

CREATE_SQL = """
    CREATE TABLE IF NOT EXISTS bot_events (
        id TEXT PRIMARY KEY,
        bot_id TEXT NOT NULL,
        event_type TEXT NOT NULL,
        pair TEXT,
        strategy TEXT,
        timestamp TEXT NOT NULL,
        metadata TEXT,
        created_at TEXT DEFAULT (datetime('now'))
    );
    CREATE INDEX IF NOT EXISTS idx_bot_events_bot ON bot_events(bot_id, timestamp);
    CREATE INDEX IF NOT EXISTS idx_bot_events_type ON bot_events(event_type, timestamp);
"""
"""The documented table and its indexes, for those who write one."""
KIND_SQL = "SELECT type, sql FROM sqlite_master WHERE name = 'bot_events' COLLATE NOCASE AND type IN ('table', 'view')"
COLUMNS_SQL = "PRAGMA table_xinfo(bot_events)"
"""The column's name is its second value, its place in the primary key its sixth."""
BOTS_SQL = """WITH RECURSIVE bots(name) AS (SELECT min(bot_id) FROM bot_events
UNION ALL SELECT (SELECT min(bot_id) FROM bot_events WHERE bot_id > name) FROM bots WHERE name IS NOT NULL)
SELECT substr(CAST(name AS TEXT), 1, 2000) FROM bots WHERE name IS NOT NULL LIMIT ?"""
"""Every bot's name in one statement, from the index; for servers, where each look for the next would cost a trip."""
TABLES_SQL = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name LIMIT 8"


@dataclass(frozen=True, slots=True)
class Schema:
    """Which of the documented columns there are, and how rows are told apart."""

    columns: frozenset[str]
    key: str
    """The rowid's name; "" for a table WITHOUT ROWID, and where there is no such thing."""
    cast: str = ""
    """What makes a text of a column of any type, where that does not go by itself."""
    primary: tuple[str, ...] = ()
    """The primary key of a table without a rowid; () where it has columns of its own."""
    unique: bool = False
    """Whether the table itself sees to it that no id comes twice."""

    @property
    def pageable(self) -> bool:
        """Whether it can be told which rows are new."""
        return bool(self.key) or {"id", "created_at"} <= self.columns

    @property
    def forwards(self) -> str:
        """The order of arrival, as far as the table tells."""
        return self.key or "created_at, id"

    @property
    def backwards(self) -> str:
        """The same from the newest on."""
        return f"{self.key} DESC" if self.key else "created_at DESC, id DESC"

    def beside(self, sign: str, row: Row) -> tuple[str, tuple[Cell, ...]]:
        """The condition for the rows before (`<`) or after (`>`) a row, and its values."""
        if self.key:
            return f"WHERE {self.key} {sign} ?", (row.key,)
        return f"WHERE (created_at, id) {sign} (?, ?)", (row.created_at, row.id)

    def select(self, where: str, order: str, *, leave_out: frozenset[str] = frozenset(), offset: int = 0) -> str:
        """One page of rows in `Row`'s order; texts are cut in the database, before they cost memory here."""
        cells = [self._cell(column, leave_out) for column in COLUMNS]
        size = f"length(metadata{self.cast})" if {"metadata"} <= self.columns - leave_out else "NULL"
        chosen = ", ".join((self.key or "NULL", *cells, size))
        page = f"{where} ORDER BY {order} LIMIT ?" + (f" OFFSET {offset}" if offset else "")
        if not self.cast:
            return f"SELECT {chosen} FROM bot_events {page}"  # noqa: S608 - only our own words
        # PostgreSQL would make texts of all rows before it chose those of the page: five times the work.
        return f"SELECT {chosen} FROM (SELECT * FROM bot_events {page}) AS page ORDER BY {order}"  # noqa: S608

    def _cell(self, column: str, leave_out: frozenset[str]) -> str:
        if column not in self.columns or column in leave_out:
            return "NULL"
        return f"substr({column}{self.cast}, 1, {METADATA_LIMIT if column == 'metadata' else CELL_LIMIT})"


def schema_of(sql: str, columns: Sequence[tuple[str, object]]) -> Schema:
    """The schema by the table's own definition, and its columns' names, each with its place in the primary key."""
    names = frozenset(name.lower() for name, _ in columns)
    unique = [name.lower() for name, place in columns if place] == ["id"]
    if _LAST_WORDS.search(sql.rpartition(")")[2]):
        ordered = sorted((place, name.lower()) for name, place in columns if isinstance(place, int) and place)
        primary = tuple(name for _, name in ordered)
        return Schema(names & set(COLUMNS), "", "", primary if set(primary) <= set(COLUMNS) else (), unique)
    return Schema(names & set(COLUMNS), next(key for key in _KEYS if key not in names), unique=unique)


def unfit(kind: str, sql: str) -> str:
    """Why this `bot_events` is not read, or ""."""
    if kind == "view":
        return "bot_events is a view; only a plain table is read"
    if re.match(r"\s*create\s+virtual\b", sql, re.IGNORECASE):
        return "bot_events is a virtual table; only a plain table is read"
    return ""


def missing(tables: list[str]) -> str:
    """That there is no such table, and what there is."""
    found = ", ".join(clean(name, 40) for name in tables) or "no table at all"
    return f"has no table bot_events (it has: {found}); is it the bot's event database?"


def incomplete(columns: Sequence[str]) -> str:
    """That a `bot_events` with these columns lacks one without which nothing is an event, or ""; and what it has."""
    names = {name.lower() for name in columns}
    lacks = ["event_type"] if "event_type" not in names else []
    lacks += [] if names & {"timestamp", "created_at"} else ["timestamp (or created_at)"]
    if not lacks:
        return ""
    found = ", ".join(clean(name, 40) for name in columns[:_NAMED]) + (", ..." if len(columns) > _NAMED else "")
    return f"bot_events has no {' and no '.join(lacks)} (it has: {found}); is it the bot's event database?"
