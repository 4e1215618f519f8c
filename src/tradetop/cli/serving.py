"""`tradetop serve`: bots' events over HTTP into a database."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tradetop.cli import started
from tradetop.cli.refusal import Refusal
from tradetop.model.clock import SystemClock
from tradetop.model.target import Secret
from tradetop.model.text import clean
from tradetop.scrape.credentials import secret_from

if TYPE_CHECKING:
    from tradetop.ingest.table import EventTable

_LEAST = 16
"""Characters of the shortest token that is not easily guessed."""
_MAKE = "make one: (umask 077; openssl rand -hex 32 > serve.token), then --token-file serve.token"


def serve(host: str, port: int, token_file: Path | None, db: Path, types: Sequence[str], rate: float) -> int:
    """Serve until told to stop. The exit code: 0; Refusal where something is missing."""
    missing = [name for name in ("msgspec", "starlette", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise Refusal(f"serve needs {', '.join(missing)}: pip install 'tradetop[serve]'")
    token = _token(token_file)
    with _listening(host, port) as listening:
        table = _table(db)
        asyncio.run(_serve(listening, table, token, types, rate, host))
    _say("stopped; every event that was answered is in the file")
    return 0


async def _serve(
    listening: socket.socket, table: EventTable, token: Secret, types: Sequence[str], rate: float, host: str
) -> None:
    from tradetop.ingest.access import Token
    from tradetop.ingest.app import Ingest
    from tradetop.ingest.event import Judge
    from tradetop.ingest.server import loopback, server

    ingest = Ingest(table, Token(token), Judge(types), SystemClock(), rate=rate)
    address = f"[{host}]" if ":" in host else host
    path = clean(str(table.path.absolute()), 300)
    _say(f"events are taken at http://{address}:{listening.getsockname()[1]}/events into {path}")
    if table.journal != "wal":
        _say(f"{path} has no write-ahead log (its journal is {table.journal}): reading may have to wait for writing")
    if not loopback(host):
        _say("other machines can connect, and who is on the way can read the token: put a proxy with TLS in front")
    started()
    await server(ingest.app()).serve([listening])


def _token(file: Path | None) -> Secret:
    if file is None:
        raise Refusal(f"serve needs a token that bots send; {_MAKE}")
    try:
        token, warnings = secret_from(os.environ, "token", str(file), "")
    except ValueError as error:
        raise Refusal(f"{error}; {_MAKE}") from None
    assert token is not None
    if len(token.reveal()) < _LEAST:
        raise Refusal(
            f"token_file: {clean(str(file), 200)}: shorter than {_LEAST} characters, too easily guessed; {_MAKE}"
        )
    for line in warnings:
        _say(line)
    return token


def _listening(host: str, port: int) -> socket.socket:
    from tradetop.ingest.server import listen

    try:
        return listen(host, port)
    except OSError as error:
        why = error.strerror or str(error)
        raise Refusal(f"cannot listen on {clean(host, 80)} port {port}: {why}: name another --host or --port") from None


def _table(path: Path) -> EventTable:
    from tradetop.ingest.fault import DatabaseFault
    from tradetop.ingest.table import EventTable

    try:
        return EventTable(path)
    except DatabaseFault as fault:
        raise Refusal(str(fault)) from None


def _say(line: str) -> None:
    # Standard error may be a terminal that has gone.
    with contextlib.suppress(OSError):
        click.echo(f"tradetop: {line}", err=True)
