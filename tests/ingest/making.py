"""Events as bots send them, and a server for them in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tradetop.ingest.access import Token
from tradetop.ingest.app import Ingest
from tradetop.ingest.event import Judge
from tradetop.ingest.table import EventTable
from tradetop.model.target import Secret

TOKEN = "a-token-of-a-test-0123456789"
NOW = 1_796_000_000_000
"""2026-11-30T00:53:20Z."""
HOSTILE = (
    "PEPE'); DELETE FROM bot_events; --",
    "\x1b[2J\x1b]0;owned\x07[red]markup[/red] <b>x</b>",
    "\u202egnp.exe\u200b‮",
    "../../etc/passwd",
    '"quoted" \\ back',
)


def event(id: object = "e-1", **more: object) -> dict[str, object]:
    """An event in which nothing is wrong, but for what is said otherwise; None leaves a field out."""
    said = {"id": id, "bot_id": "alpha", "event_type": "signal", "timestamp": "2026-11-30T00:53:19.500Z", **more}
    return {name: value for name, value in said.items() if value is not None}


def body(*events: object) -> bytes:
    return json.dumps(events).encode()


class StillClock:
    """A clock that a test sets."""

    def __init__(self, now: int = NOW) -> None:
        self.t = now

    def now(self) -> int:
        return self.t

    def monotonic(self) -> int:
        return self.t


@asynccontextmanager
async def asked(path: Path, clock: StillClock | None = None, **options: float) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has the token, and the server behind it."""
    table = EventTable(path, 0.1)
    ingest = Ingest(table, Token(Secret(TOKEN)), Judge(), clock or StillClock(), **options)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(ingest.app()), base_url="http://bots", headers=headers
    ) as client:
        yield client
    table.close()
