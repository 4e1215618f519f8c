"""The server process: a socket, deadlines for slow clients, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import h11
from starlette.applications import Starlette
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

EXCHANGE = 20.0
"""Longest time from a connection, or the first byte of a request, until its answer has been taken (seconds)."""
IDLE = 15
"""How long a connection may stay open without a request (seconds): longer than a bot's buffer."""
CONNECTIONS = 128
"""Most connections at once; one more is closed at once."""
_HEAD_LIMIT = 16 * 1024


class _Timely(H11Protocol):
    """HTTP/1.1 with peers that have to be quick about it, since uvicorn waits for a request and its reader forever."""

    _deadline: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, exchange: float, **named: Any) -> None:
        super().__init__(*args, **named)
        self._exchange = exchange

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
        else:
            self._start()

    def data_received(self, data: bytes) -> None:
        self._start()
        super().data_received(data)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._stop()
        if (
            self.transport.get_write_buffer_size()
            or self.conn.their_state is not h11.IDLE
            or self.conn.trailing_data[0]
        ):
            # The answer is not taken yet, or what was refused goes on coming, or the next request has begun.
            self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self._exchange, self.transport.abort)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Orderly(Server):
    """Ends on SIGTERM or SIGINT, and leaves it to its caller to say with which code."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        kept = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; OSError where the address is taken or not this machine's. Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only of sockets that are TCP by name asyncio switches off Nagle's delay: 40 ms for each answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(CONNECTIONS)
    except BaseException:
        listening.close()
        raise
    return listening


def loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server(app: Starlette, exchange: float = EXCHANGE) -> Server:
    """What serves the app until told to stop, and then answers what it took by then; `exchange` is in seconds."""
    config = Config(
        app,
        http=cast(type[asyncio.Protocol], partial(_Timely, exchange=exchange)),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=_HEAD_LIMIT,
    )
    return _Orderly(config)
