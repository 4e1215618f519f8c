"""The event table of a PostgreSQL database, over one connection that only reads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tradetop.events.fault import EventError, LockedError, TooMuchError, UnreachableError
from tradetop.events.pages import Pages
from tradetop.events.row import Cell, text_of
from tradetop.events.schema import COLUMNS, Schema, incomplete, missing
from tradetop.model.address import shown
from tradetop.model.clock import SECOND
from tradetop.model.target import Auth
from tradetop.model.text import clean

if TYPE_CHECKING:
    import psycopg

CONNECT = 5
"""Longest wait for a connection (seconds)."""
STATEMENT = 5 * SECOND
"""Longest time one statement may take on the server (ms)."""
DEADLINE = 10 * SECOND
"""And until its answer is here (ms)."""
_SETTINGS = f"""SET default_transaction_read_only = on;
SET statement_timeout = {STATEMENT}; SET lock_timeout = {SECOND}; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'"""
COLUMNS_SQL = """SELECT attname::text FROM pg_catalog.pg_attribute
WHERE attrelid = to_regclass('bot_events') AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
TABLES_SQL = """SELECT tablename::text FROM pg_catalog.pg_tables
WHERE schemaname = ANY (current_schemas(false)) ORDER BY 1 LIMIT 8"""
_REFUSED = ("authentication failed", "does not exist", "no password supplied", "no pg_hba.conf entry", "not permitted")
INSTALL = "reading PostgreSQL needs psycopg: pip install 'tradetop[postgres]'"


def installed() -> bool:
    """Whether PostgreSQL can be read here."""
    return find_spec("psycopg") is not None


class PostgresTable(Pages):
    """`bot_events` of one database, as its search path finds it; the connection stays, and is made anew when lost."""

    def __init__(self, address: str, auth: Auth) -> None:
        self._address = address
        self._where = shown(address)
        self._auth = auth
        self._link: psycopg.AsyncConnection[Any] | None = None
        self._schema: Schema | None = None

    @property
    def _seen(self) -> Schema | None:
        return self._schema

    async def look(self) -> None:
        """See that the table is there and what it looks like; EventError says why it cannot be read."""
        if self._schema is not None:
            return
        columns = [text_of(row[0]).lower() for row in await self.fetch(COLUMNS_SQL)]
        if not columns:
            tables = [text_of(row[0]) for row in await self.fetch(TABLES_SQL)]
            raise EventError(f"{self._where}: {missing(tables)}")
        if reason := incomplete(columns):
            raise EventError(f"{self._where}: {reason}")
        schema = Schema(frozenset(COLUMNS).intersection(columns), "", "::text", ("id",))
        if not schema.pageable:
            raise EventError(f"{self._where}: bot_events has not both id and created_at: what is new?")
        self._schema = schema

    async def fetch(self, sql: str, values: Iterable[Cell] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        if not installed():
            raise EventError(f"{self._where}: {INSTALL}")
        import psycopg  # Imported late: it takes its time, and most stores are files.

        try:
            async with asyncio.timeout(DEADLINE / SECOND):
                if self._link is None:
                    self._link = await _connected(self._address, self._auth)
                cursor = await self._link.execute(sql.replace("?", "%s").encode(), tuple(values))
                return await cursor.fetchall()
        except (psycopg.Error, OSError, UnicodeError) as error:
            raise await self._fault(error) from None
        except BaseException:
            # Cut off in the middle of an answer: nothing that comes over it can be trusted any more.
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connection; that waits for nobody."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _fault(self, error: Exception) -> EventError:
        """The driver's or the server's error as one of ours."""
        import psycopg

        where, said = self._where, self._said(error)
        match error:
            case psycopg.errors.QueryCanceled():
                return TooMuchError(f"{where}: a read took too long ({said}); trying smaller ones")
            case psycopg.errors.LockNotAvailable():
                return LockedError(f"{where}: locked by another program; waiting for it")
            case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedColumn():
                self._schema = None
                return LockedError(f"{where}: its table has been changed; reading on")
            case psycopg.errors.InsufficientPrivilege():
                return EventError(f"{where}: may not be read by this user: GRANT SELECT ON bot_events TO it")
        await self.close()
        if any(words in said for words in _REFUSED):
            return EventError(f"{where}: is not opened ({said}); check user, password and database")
        if isinstance(error, psycopg.ProgrammingError | psycopg.DataError | UnicodeError):
            return EventError(f"{where}: cannot be read ({said})")
        return UnreachableError(f"{where}: no connection ({said}); trying again")

    def _said(self, error: Exception) -> str:
        text = " ".join(str(error).split()) or type(error).__name__
        if self._auth.password is not None and self._auth.password.reveal():
            text = text.replace(self._auth.password.reveal(), "***")
        return clean(text, 200)


async def _connected(address: str, auth: Auth) -> psycopg.AsyncConnection[Any]:
    """A connection on which nothing can be written."""
    import psycopg

    logging.getLogger("psycopg").setLevel(logging.CRITICAL)

    class Reading(psycopg.AsyncConnection[Any]):
        async def cancel_safe(self, *, timeout: float = 0.0) -> None:  # noqa: ARG002 - it is the driver's
            # Asking a server to stop takes as long as the server likes; one that has gone would be waited for.
            self.pgconn.finish()

    link = await Reading.connect(
        address,
        autocommit=True,
        prepare_threshold=None,
        user=auth.user or None,
        password=auth.password.reveal() if auth.password else None,
        connect_timeout=CONNECT,
        application_name="tradetop",
    )
    link.adapters.register_loader("text", tolerant())
    await link.execute(_SETTINGS)
    return link


def tolerant() -> type[psycopg.adapt.Loader]:
    """A loader of texts: reads texts whose bytes are no UTF-8, which a database without an encoding may hold."""
    from psycopg.adapt import Buffer, Loader

    class Tolerant(Loader):
        def load(self, data: Buffer) -> str:
            return bytes(data).decode("utf-8", "replace")

    return Tolerant
