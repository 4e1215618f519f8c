"""Event stores of every kind as the contract needs them: made, filled and spoiled from outside."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from events.bot_database import INDEXES, INSERT, SCHEMA
from events.cable import Cable
from events.d1_server import D1Server
from events.hands import HandClock
from events.postgres_server import PASSWORD, USER, PostgresServer
from events.worker import Worker
from tradetop.events.opening import open_store
from tradetop.events.store import EventStore

Run = Callable[[str, Sequence[Any]], object]


class Made:
    """A store that was made for one test."""

    def __init__(self, kind: str, address: str, run: Run, cable: Cable | None = None) -> None:
        self.kind = kind
        self.address = address
        self.cable = cable
        self.clock = HandClock(time.time_ns() // 1_000_000)
        """A server dates what is written by its own clock."""
        self._run = run

    @property
    def pages(self) -> bool:
        """Whether its past can be read page by page; a feed tells the newest alone."""
        return self.kind != "feed"

    @property
    def remote(self) -> bool:
        return self.cable is not None

    def open(self) -> EventStore:
        return open_store(self.address, self.clock)

    def run(self, sql: str, values: Sequence[Any] = ()) -> object:
        """Run a statement as the bot does."""
        return self._run(sql, values)

    def insert(
        self,
        id: str | None,
        event_type: str | None = "signal",
        metadata: object = None,
        *,
        bot: str = "defi-1",
        pair: str | None = "SOL/USDC",
        strategy: str | None = "momentum",
        timestamp: str = "2026-01-02T03:04:05Z",
    ) -> None:
        """One event; a dict as metadata becomes JSON."""
        text = json.dumps(metadata) if isinstance(metadata, dict) else metadata
        self.run(INSERT, (id, bot, event_type, pair, strategy, timestamp, text))

    def insert_many(self, ids: Sequence[str]) -> None:
        """Many events in one statement, so all of one moment."""
        rows = ", ".join(f"('{one}', 'defi-1', 'signal', '2026-01-02T03:04:05Z')" for one in ids)
        self.run(f"INSERT INTO bot_events (id, bot_id, event_type, timestamp) VALUES {rows}")

    def wait(self) -> None:
        """Let so much time pass that every store is asked again."""
        self.clock.forward(10_000)


@contextmanager
def sqlite_made(folder: Path) -> Iterator[Made]:
    link = sqlite3.connect(folder / "bots.db", isolation_level=None)
    for statement in (SCHEMA, *INDEXES):
        link.execute(statement)
    try:
        yield Made("sqlite", f"sqlite://{folder / 'bots.db'}", link.execute)
    finally:
        link.close()


@contextmanager
def d1_made(server: D1Server) -> Iterator[Made]:
    server.run("DROP TABLE IF EXISTS bot_events")
    for statement in (SCHEMA, *INDEXES):
        server.run(statement)
    with Cable(server.port) as cable:
        yield Made("d1", f"d1+http://127.0.0.1:{cable.port}{server.path}", server.run, cable)


POSTGRES_SCHEMA = SCHEMA.replace("TEXT DEFAULT (datetime('now'))", "TIMESTAMPTZ DEFAULT now()")


@contextmanager
def postgres_made(server: PostgresServer, schema: str = POSTGRES_SCHEMA) -> Iterator[Made]:
    import psycopg

    with psycopg.connect(**server.kwargs, autocommit=True) as link, Cable(server.port) as cable:
        link.execute("DROP TABLE IF EXISTS bot_events")
        for statement in (schema, *INDEXES):
            link.execute(statement.encode())

        def run(sql: str, values: Sequence[Any] = ()) -> object:
            return link.execute(sql.replace("?", "%s").encode(), list(values))

        login = f"{USER}:{quote(PASSWORD, safe='')}"
        yield Made("postgres", f"postgresql://{login}@127.0.0.1:{cable.port}/postgres", run, cable)


@contextmanager
def feed_made(server: Worker) -> Iterator[Made]:
    def run(sql: str, values: Sequence[Any] = ()) -> object:
        with server.lock:
            return server.link.execute(sql, values)

    with Cable(server.port) as cable:
        yield Made("feed", f"http://127.0.0.1:{cable.port}/api/events?since=30s", run, cable)


Kind = Callable[[], AbstractContextManager[Made]]
