"""Cloudflare D1 over its REST API: SQLite behind HTTP, asked one statement at a time."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from tradetop.events.fault import EventError, LockedError, UnreachableError
from tradetop.events.paged import PagedStore
from tradetop.events.pages import Page, Pages
from tradetop.events.row import Cell, text_of
from tradetop.events.schema import COLUMNS_SQL, KIND_SQL, TABLES_SQL, Schema, incomplete, missing, schema_of, unfit
from tradetop.events.store import PAGE
from tradetop.events.wire import Answer, Server, ask, cell_of, refused
from tradetop.model.address import shown
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND, Clock
from tradetop.model.target import Auth

API = "https://api.cloudflare.com/client/v4"
PACE = 5 * SECOND
"""How often it is asked (ms): bots write in batches of five seconds, and Cloudflare allows four requests a second."""
SHAPE = "d1://ACCOUNT/DATABASE, both as Cloudflare's dashboard shows them"
_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_OWN = "_cf_"
"""How tables of D1's own begin."""


def endpoint(address: str) -> str:
    """Where the statements of a D1 address go; EventError where it is none."""
    parts = urlsplit(address)
    if parts.scheme == "d1":
        account, database = parts.netloc, parts.path.strip("/")
        if not (_ID.fullmatch(account) and _ID.fullmatch(database)):
            raise EventError(f"{shown(address)}: is no D1 address: write {SHAPE}")
        return f"{API}/accounts/{account}/d1/database/{database}/raw"
    if not parts.hostname:
        raise EventError(f"{shown(address)}: names no host: write d1+https://HOST/PATH-OF-THE-DATABASE")
    path = re.sub(r"/(?:raw|query)?$", "", parts.path)
    return f"{parts.scheme.removeprefix('d1+')}://{parts.netloc}{path}/raw"


def strange(where: str) -> EventError:
    """That what answers is no D1."""
    return EventError(f"{where}: answers, but not as D1 does; check the address")


class D1Store(PagedStore):
    """Reads `bot_events` of a D1 database as it grows."""

    def __init__(self, address: str, clock: Clock, auth: Auth) -> None:
        super().__init__(D1Table(address, auth), shown(address), clock)
        self._asked: int | None = None

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows written since the last read; none before it is time to ask again."""
        now = self._clock.monotonic()
        if self._asked is not None and now - self._asked < PACE and not self.behind:
            return ()
        async with self._table() as table:
            events = await self._new(table, limit)
        self._asked = now
        return events

    @asynccontextmanager
    async def _table(self) -> AsyncIterator[Pages]:
        """The table for one read; whatever speaks in D1's place is found out here."""
        try:
            await self._there.look()
            yield self._there
        except (TypeError, LookupError):
            raise strange(self._name) from None


class D1Table(Pages):
    """`bot_events` of one D1 database; each statement is one POST that only selects."""

    def __init__(self, address: str, auth: Auth) -> None:
        self._address = address
        self._where = shown(address)
        self._auth = auth
        self._schema: Schema | None = None

    @property
    def _seen(self) -> Schema | None:
        return self._schema

    async def look(self) -> None:
        """See that the table is there and what it looks like; EventError says why it cannot be read."""
        if self._schema is None:
            try:
                self._schema = await self._found()
            except (TypeError, LookupError):
                raise strange(self._where) from None

    async def _found(self) -> Schema:
        where = self._where
        kinds = await self.fetch(KIND_SQL)
        if not kinds:
            tables = [text_of(row[0]) for row in await self.fetch(TABLES_SQL)]
            raise EventError(f"{where}: {missing([name for name in tables if not name.startswith(_OWN)])}")
        kind, sql = text_of(kinds[0][0]), text_of(kinds[0][1])
        if reason := unfit(kind, sql):
            raise EventError(f"{where}: {reason}")
        columns = [(text_of(row[1]), row[5]) for row in await self.fetch(COLUMNS_SQL)]
        if reason := incomplete([name for name, _ in columns]):
            raise EventError(f"{where}: {reason}")
        schema = schema_of(sql, columns)
        if not schema.pageable:
            raise EventError(f"{where}: bot_events has neither a rowid nor id and created_at: what is new?")
        return schema

    async def fetch(self, sql: str, values: Iterable[Cell] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        # The API takes texts alone; SQLite makes numbers of them where a column or LIMIT wants one.
        body = json.dumps({"sql": sql, "params": [text_of(value) for value in values]}).encode()
        server = Server(endpoint(self._address), self._where, self._auth)
        answer = await ask(server, server.url, body)
        document = _document(answer)
        if answer.status != 200 or not document.get("success"):
            raise self._fault(server, answer, document)
        rows = _rows(document)
        if rows is None:
            raise strange(self._where)
        return rows

    async def page(self, where: str, values: Sequence[Cell], order: str, limit: int) -> Page:
        """As `Pages.page`; whatever speaks in D1's place may give rows of another width."""
        try:
            return await super().page(where, values, order, limit)
        except TypeError:
            raise strange(self._where) from None

    async def close(self) -> None:
        """Nothing stays open."""

    def _fault(self, server: Server, answer: Answer, document: dict[str, Any]) -> EventError:
        errors = document.get("errors")
        said = "; ".join(
            str(error["message"]) for error in (errors if isinstance(errors, list) else ())[:3] if _has_message(error)
        )
        if "no such table" in said or "no such column" in said:
            self._schema = None
            return LockedError(f"{self._where}: its table has been changed; reading on")
        if answer.status == 200 and not said:
            return strange(self._where)
        if answer.status == 200:
            return UnreachableError(f"{self._where}: fails ({server.said(said)}); trying again")
        return refused(server, answer, said)


def _has_message(error: object) -> bool:
    return isinstance(error, dict) and "message" in error


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _rows(document: dict[str, Any]) -> list[tuple[Any, ...]] | None:
    """The rows of the first statement's result; None where they are not where D1 has them."""
    try:
        rows = document["result"][0]["results"]["rows"]
        width = len(document["result"][0]["results"]["columns"])
        if not all(isinstance(row, list) and len(row) == width for row in rows):
            return None
        return [tuple(map(_cell, row)) for row in rows]
    except (LookupError, TypeError):
        return None


def _cell(value: object) -> Cell:
    """A value as SQLite gives it: bytes come as a list of numbers."""
    if isinstance(value, list):
        with suppress(ValueError, TypeError):
            return bytes(value)
    return cell_of(value)
