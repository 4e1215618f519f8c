"""Rows of servers, for questions: PostgreSQL sends them as a stream of one statement, D1 page by page."""

# ruff: noqa: S608 - only our own words are put together.

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tradetop.ask.answer import CELL
from tradetop.ask.names import MOST, NAMED
from tradetop.ask.postgres import explained, opened
from tradetop.ask.span import Span
from tradetop.ask.window import Condition, near
from tradetop.ask.words import Known
from tradetop.events.d1 import D1Table, strange
from tradetop.events.fault import EventError
from tradetop.events.pgtable import COLUMNS_SQL, INSTALL, TABLES_SQL, installed, tolerant
from tradetop.events.row import Cell, Row, text_of
from tradetop.events.schema import CELL_LIMIT, COLUMNS, Schema, incomplete, missing
from tradetop.model.address import shown
from tradetop.model.clock import Clock
from tradetop.model.target import Auth
from tradetop.model.text import clean

if TYPE_CHECKING:
    import psycopg

Statement = Callable[[Schema], tuple[str, Sequence[Cell]]]
"""What is asked of a table that looks so: SQL with `?` for each value, and the values."""
_SETTINGS = ("timezone=UTC", "datestyle=ISO")
"""So that every time comes as ISO 8601."""
_TOGETHER = 20_000
"""Most bots, strategies and pairs that are found together."""
_PAGE = 2_000
"""Rows that D1 is asked for at once."""
_Found = TypeVar("_Found")


class PostgresRows:
    """`bot_events` of a PostgreSQL database, read in a transaction that cannot write."""

    def __init__(self, address: str, auth: Auth, clock: Clock, limit: int, bot: str = "") -> None:
        """`limit` is the longest time of a statement (ms); the rows are of one `bot`, or of all ("")."""
        self.name = shown(address)
        self._bot = bot
        self._address, self._auth, self._clock, self._limit = address, auth, clock, limit

    def known(self) -> Known:
        """The names that the table is about; AskError, EventError where it cannot be read."""
        return _known(list(self._stream(lambda schema: _names(schema, self._bot))))

    def read(self, span: Span, most: int) -> Generator[Row]:
        """At most so many rows that may be of a span, the newest first, all of one moment."""

        def statement(schema: Schema) -> tuple[str, Sequence[Cell]]:
            where, values = _wanted(schema, span, self._clock.now(), self._bot)
            newest = [f"{name} DESC NULLS LAST" for name in ("created_at", "id") if name in schema.columns]
            return schema.select(f"WHERE {where}" if where else "", ", ".join(newest) or "1"), (*values, most)

        with closing(self._stream(statement)) as rows:
            for row in rows:
                yield Row(*row)

    def _stream(self, statement: Statement) -> Generator[tuple[Any, ...]]:
        """The rows of a statement over the table as it is now."""
        if not installed():
            raise EventError(f"{self.name}: {INSTALL}")
        import psycopg

        try:
            with opened(self._address, self._auth, self._limit, *_SETTINGS) as link:
                link.adapters.register_loader("text", tolerant())
                sql, values = statement(self._schema(link))
                with link.cursor() as cursor, closing(_streamed(cursor, sql, values)) as rows:
                    yield from rows
        except psycopg.Error as error:
            raise explained(error, self._limit) from None

    def _schema(self, link: psycopg.Connection[tuple[object, ...]]) -> Schema:
        columns = [str(row[0]).lower() for row in link.execute(COLUMNS_SQL.encode())]
        if not columns:
            raise EventError(f"{self.name}: {missing([str(row[0]) for row in link.execute(TABLES_SQL.encode())])}")
        if reason := incomplete(columns):
            raise EventError(f"{self.name}: {reason}")
        return Schema(frozenset(COLUMNS).intersection(columns), "", "::text")


class D1Rows:
    """`bot_events` of a D1 database."""

    def __init__(self, address: str, auth: Auth, clock: Clock, bot: str = "") -> None:
        """The rows are of one `bot`, or of all ("")."""
        self.name = shown(address)
        self._bot = bot
        self._table, self._clock = D1Table(address, auth), clock

    def known(self) -> Known:
        """The names that the table is about; EventError where it cannot be read."""
        return _known(self._asked(self._names()))

    def read(self, span: Span, most: int) -> Generator[Row]:
        """At most so many rows that may be of a span, the newest first."""
        self._asked(self._table.look())
        schema = self._table.schema
        where, values = _wanted(schema, span, self._clock.now(), self._bot)
        sql, place = (f"WHERE {where}" if where else ""), tuple[Cell, ...]()
        while most > 0:
            page = self._asked(self._table.page(sql, (*place, *values), schema.backwards, min(_PAGE, most)))
            yield from page.rows
            if not page.more:
                return
            most -= len(page.rows)
            sql, place = schema.beside("<", page.rows[-1])
            sql += f" AND {where}" if where else ""

    async def _names(self) -> list[tuple[Any, ...]]:
        await self._table.look()
        return await self._table.fetch(*_names(self._table.schema, self._bot))

    def _asked(self, question: Coroutine[Any, Any, _Found]) -> _Found:
        """What the server answers; whatever speaks in D1's place is found out here."""
        try:
            return asyncio.run(question)
        except (TypeError, LookupError):
            raise strange(self.name) from None


def _streamed(
    cursor: psycopg.Cursor[tuple[object, ...]], sql: str, values: Sequence[Cell]
) -> Generator[tuple[Any, ...]]:
    rows = cursor.stream(sql.replace("?", "%s").encode(), tuple(values) or None)
    return cast("Generator[tuple[Any, ...]]", rows)


def _names(schema: Schema, bot: str) -> Condition:
    """The statement that gives the names that stand together; it goes through the table once."""
    cells = [f"substr(CAST({name} AS TEXT), 1, {CELL_LIMIT})" if name in schema.columns else "NULL" for name in NAMED]
    where, values = _of(schema, bot)
    kept = f" WHERE {where}" if where else ""
    return f"SELECT DISTINCT {', '.join(cells)} FROM bot_events{kept} LIMIT {_TOGETHER}", values


def _wanted(schema: Schema, span: Span, now: int, bot: str) -> Condition:
    """The condition for rows that may be of a span, and are of a bot; ("", ()) where every row is wanted."""
    of, at = _of(schema, bot), near(schema, span, now)
    return " AND ".join(filter(None, (of[0], at[0]))), (*of[1], *at[1])


def _of(schema: Schema, bot: str) -> Condition:
    if not bot:
        return "", ()
    return ("trim(CAST(bot_id AS TEXT)) = ?", (bot,)) if "bot_id" in schema.columns else ("1 = 0", ())


def _known(rows: Sequence[tuple[Any, ...]]) -> Known:
    def of(index: int) -> tuple[str, ...]:
        told = (text_of(row[index]).strip(" ") for row in rows if row[index] is not None)
        return tuple(dict.fromkeys(clean(name, CELL) for name in told))[:MOST]

    return Known(*(of(NAMED.index(name)) for name in ("bot_id", "strategy", "pair")))
