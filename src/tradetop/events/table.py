"""The event table through one open connection: pages of rows that cost little, whatever the rows hold."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from tradetop.events.connection import GuardedConnection, connect
from tradetop.events.fault import EventError, TooMuchError, explain
from tradetop.events.file import shown
from tradetop.events.row import Cell, Row, text_of
from tradetop.events.schema import COLUMNS_SQL, KIND_SQL, TABLES_SQL, Schema, missing, schema_of, unfit
from tradetop.model.clock import Clock

if TYPE_CHECKING:
    from aiosqlite import Connection

_NOTHING = frozenset[str]()
_LEAVE_OUT = (_NOTHING, frozenset({"metadata"}))
_ALL = frozenset({"metadata", "pair", "strategy", "bot_id", "event_type"})
"""What a single row that is too large is read without, at last."""

_CLOSING = 0.2
"""Longest wait for a connection to close (seconds): quitting has 0.3."""
_PATIENCE = 100


class Page(NamedTuple):
    """Some rows in order, and whether there may be more."""

    rows: list[Row]
    more: bool


class Table:
    """`bot_events` while its connection is open; every method is one short statement, or a few."""

    def __init__(self, path: Path, link: Connection, guard: GuardedConnection, schema: Schema) -> None:
        self._name = shown(path)
        self._link = link
        self._guard = guard
        self.schema = schema

    async def page(self, where: str, values: Sequence[Cell], order: str, limit: int) -> Page:
        """At most `limit` rows; fewer where all of them would take too long."""
        while limit > 1:
            try:
                return await self._rows(where, values, order, limit)
            except TooMuchError:
                limit = max(1, limit // 8)
        for leave_out in _LEAVE_OUT:
            try:
                return await self._rows(where, values, order, 1, leave_out)
            except TooMuchError:
                continue
        return await self._rows(where, values, order, 1, _ALL)

    async def fetch(self, sql: str, values: Iterable[Cell] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement, fetched at once, so that no lock outlives it."""
        try:
            rows: Iterable[Any] = await self._link.execute_fetchall(sql, values)
        except sqlite3.Error as error:
            raise explain(self._name, error) from None
        self._guard.verify()
        return list(rows)

    async def _rows(
        self, where: str, values: Sequence[Cell], order: str, limit: int, leave_out: frozenset[str] = _NOTHING
    ) -> Page:
        sql = self.schema.select(where, order, leave_out=leave_out)
        rows = [Row(*row) for row in await self.fetch(sql, (*values, limit))]
        return Page(rows, len(rows) == limit)


def _inspect(name: str, guard: GuardedConnection) -> Schema:
    """The table's schema; EventError where there is no table that can be read."""

    def fetch(sql: str) -> list[tuple[Any, ...]]:
        rows = guard.execute(sql).fetchall()
        guard.verify()
        return rows

    kinds = fetch(KIND_SQL)
    if not kinds:
        raise EventError(f"{name}: {missing([text_of(row[0]) for row in fetch(TABLES_SQL)])}")
    kind, sql = text_of(kinds[0][0]), text_of(kinds[0][1])
    if reason := unfit(kind, sql):
        raise EventError(f"{name}: {reason}")
    schema = schema_of(sql, [text_of(row[1]) for row in fetch(COLUMNS_SQL)])
    if not schema.pageable:
        raise EventError(f"{name}: bot_events has neither a rowid nor id and created_at: what is new?")
    return schema


@asynccontextmanager
async def open_table(path: Path, clock: Clock) -> AsyncIterator[Table]:
    """Open the database for one read and close it again; EventError says why it cannot be read."""
    # Imported late: it costs start-up time, and most targets are URLs.
    from aiosqlite import Connection

    guards: list[GuardedConnection] = []
    schemas: list[Schema] = []
    faults: list[EventError] = []

    def opened() -> sqlite3.Connection:
        # A fault is carried out of the thread by hand: where opening fails, aiosqlite waits for its thread no more.
        # And the schema is looked at in here: handing each statement to the thread takes longer than the statement.
        try:
            guards.append(connect(path, clock))
            schemas.append(_inspect(shown(path), guards[0]))
        except EventError as error:
            faults.append(error)
        except sqlite3.Error as error:
            faults.append(explain(shown(path), error))
        except OSError as error:
            faults.append(EventError(f"{shown(path)}: cannot be opened ({error.strerror})"))
        return guards[0] if guards else sqlite3.connect(":memory:")

    link = Connection(opened, 64)
    # A read from a disk that has died must not keep the program from ending.
    thread = getattr(link, "_thread", None)
    if isinstance(thread, Thread):
        thread.daemon = True
    opening = asyncio.ensure_future(link)
    try:
        await asyncio.shield(opening)
        if faults:
            raise faults[0]
        yield Table(path, link, guards[0], schemas[0])
    finally:
        await _closed(link, opening, thread)


async def _closed(link: Connection, opening: asyncio.Future[Connection], thread: Thread | None) -> None:
    """Close also when cancelled, and see the thread end before the loop does, but wait for no dead disk."""
    await asyncio.wait([opening], timeout=_CLOSING)
    stopped = None if opening.cancelled() else link.stop()
    if stopped is not None:
        await asyncio.wait([stopped], timeout=_CLOSING)
        return
    for _ in range(_PATIENCE):
        if thread is None or not thread.is_alive():
            return
        await asyncio.sleep(_CLOSING / _PATIENCE)
