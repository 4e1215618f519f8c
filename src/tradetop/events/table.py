"""The event table of a file that is opened for each statement."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from tradetop.events.connection import GuardedConnection, connect
from tradetop.events.fault import EventError, LockedError, explain
from tradetop.events.file import shown
from tradetop.events.pages import Pages
from tradetop.events.row import Cell, text_of
from tradetop.events.schema import COLUMNS_SQL, KIND_SQL, TABLES_SQL, Schema, incomplete, missing, schema_of, unfit
from tradetop.model.clock import Clock

if TYPE_CHECKING:
    from aiosqlite import Connection

_LOOK = "PRAGMA schema_version"

_CLOSING = 0.2
"""Longest wait for the thread to end (seconds): quitting has 0.3."""


class Table(Pages):
    """`bot_events` of one file; every method is one short statement, or a few.

    The thread that reads stays between statements; the file does not stay open, so that nothing is locked.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._visits = _Visits(path, clock)
        self._link: Connection | None = None

    @property
    def _seen(self) -> Schema | None:
        return self._visits.schema

    async def look(self) -> None:
        """See that the table is there and what it looks like; EventError says why it cannot be read."""
        if self._visits.schema is None:
            await self.fetch(_LOOK)

    async def fetch(self, sql: str, values: Iterable[Cell] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement, fetched at once, so that no lock outlives it."""
        if self._link is None:
            self._link = await _thread(self._visits)
        rows: Iterable[Any] = await self._link.execute_fetchall(sql, values)
        return list(rows)

    async def close(self) -> None:
        """See the thread end before the loop does, but wait for no dead disk."""
        link, self._link = self._link, None
        stopped = None if link is None else link.stop()
        if stopped is not None:
            await asyncio.wait([stopped], timeout=_CLOSING)


class _Visits(sqlite3.Connection):
    """Opens the bot's file for each statement, and closes it again."""

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(":memory:", check_same_thread=False)
        self.schema: Schema | None = None
        self._path = path
        self._clock = clock
        self._looked: tuple[int, ...] = ()
        """The file, and the version of its schema, that `schema` was taken from."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """The rows of one statement, fetched already; EventError says why there are none."""
        name = shown(self._path)
        try:
            with closing(connect(self._path, self._clock)) as link:
                self._look(name, link)
                found = _Rows(self)
                found.rows = _fetched(link, sql, parameters)
                return found
        except sqlite3.Error as error:
            raise explain(name, error) from None
        except OSError as error:
            raise EventError(f"{name}: cannot be opened ({error.strerror})") from None

    def _look(self, name: str, link: GuardedConnection) -> None:
        """See that the table is as the statement believes; a bot may change it while it is watched."""
        found = self._path.stat()
        seen = (found.st_dev, found.st_ino, *_fetched(link, _LOOK)[0])
        if self.schema is not None and seen == self._looked:
            return
        known, self.schema = self.schema, inspect(name, link)
        self._looked = seen
        if known is not None and known != self.schema:
            raise LockedError(f"{name}: its table has been changed; reading on")


class _Rows(sqlite3.Cursor):
    """What a statement gave, after its connection has gone."""

    rows: Sequence[Any] = ()

    def fetchall(self) -> list[Any]:
        return [*self.rows]


def _fetched(link: GuardedConnection, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    # What is UTF-8, as nearly all is, SQLite's module reads itself, in a third of the time.
    tolerant, link.text_factory = link.text_factory, str
    try:
        rows = link.execute(sql, parameters).fetchall()
    except sqlite3.OperationalError as error:
        if not str(error).startswith("Could not decode"):
            raise
        link.text_factory = tolerant
        rows = link.execute(sql, parameters).fetchall()
    finally:
        link.text_factory = tolerant
    link.verify()
    return rows


def inspect(name: str, link: GuardedConnection) -> Schema:
    """The table's schema; EventError where there is no table that can be read."""
    kinds = _fetched(link, KIND_SQL)
    if not kinds:
        raise EventError(f"{name}: {missing([text_of(row[0]) for row in _fetched(link, TABLES_SQL)])}")
    kind, sql = text_of(kinds[0][0]), text_of(kinds[0][1])
    if reason := unfit(kind, sql):
        raise EventError(f"{name}: {reason}")
    columns = [(text_of(row[1]), row[5]) for row in _fetched(link, COLUMNS_SQL)]
    if reason := incomplete([name for name, _ in columns]):
        raise EventError(f"{name}: {reason}")
    schema = schema_of(sql, columns)
    if not schema.pageable:
        raise EventError(f"{name}: bot_events has neither a rowid nor id and created_at: what is new?")
    return schema


def _unheard(run: Callable[[], None]) -> None:
    """Run until the loop has ended, and nobody is left to hear what a read gave."""
    with suppress(RuntimeError):
        run()


async def _thread(visits: _Visits) -> Connection:
    """A thread that runs statements one after the other, and keeps nothing from ending."""
    # Imported late: it costs start-up time, and most targets are URLs.
    from aiosqlite import Connection

    class Reading(Connection):
        def __del__(self) -> None:
            # Nobody reads any more; where no loop is left to say so, the program ends, and the thread with it.
            with suppress(RuntimeError):
                self.stop()

    link = Reading(lambda: visits, 64)
    # A read from a disk that has died must not keep the program from ending.
    thread = getattr(link, "_thread", None)
    if isinstance(thread, Thread):
        thread.daemon = True
        thread.run = partial(_unheard, thread.run)  # type: ignore[method-assign]
    return await link
