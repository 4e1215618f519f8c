"""Asking a server over HTTP: one short exchange on a connection of its own, which arrives whole or not at all."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import math
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import tradetop
from tradetop.events.fault import EventError, TooMuchError, UnreachableError
from tradetop.events.row import Cell
from tradetop.model.clock import SECOND
from tradetop.model.target import Auth
from tradetop.model.text import clean

if TYPE_CHECKING:
    import httpx

DEADLINE = 10 * SECOND
"""How long one exchange may take in all (ms)."""
ANSWER_LIMIT = 8 * 1024 * 1024
"""Most bytes of one answer."""
_REDIRECTS = {301, 302, 303, 307, 308}
_SAID = 200


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to ask."""

    url: str
    """Without user and password."""
    where: str
    """The same as it may be shown."""
    auth: Auth

    def said(self, text: str) -> str:
        """Words of the server for people, on one line; should they repeat a secret, without it."""
        for secret in (self.auth.bearer, self.auth.password):
            if secret is not None and secret.reveal():
                text = text.replace(secret.reveal(), "***")
        return clean(" ".join(text.split()), _SAID)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    body: bytes


async def ask(
    server: Server, url: str, body: bytes | None = None, *, deadline: int = DEADLINE, limit: int = ANSWER_LIMIT
) -> Answer:
    """GET `url` of a server, or POST a JSON `body` to it, within `deadline` (ms); `limit` bytes at most come back.

    Proxies, netrc and redirects are never used; certificates are checked. Raises UnreachableError where there is no
    whole answer, TooMuchError where it is too large, EventError where it leads elsewhere or refuses our credentials.
    """
    import httpx  # Imported late: it costs start-up time, and most stores are files.

    for name in ("httpx", "httpcore"):  # Below WARNING they log URLs and headers, and with them secrets.
        logging.getLogger(name).setLevel(logging.WARNING)
    where, opened = server.where, _Opened()
    transport = httpx.AsyncHTTPTransport(verify=_trusted(), trust_env=False)
    try:
        async with asyncio.timeout(deadline / SECOND), transport:
            method, headers = ("GET" if body is None else "POST"), _headers(server.auth, body)
            request = httpx.Request(method, url, headers=headers, content=body, extensions={"trace": opened.trace})
            response = await transport.handle_async_request(request)
            try:
                return Answer(response.status_code, await _body(response, where, limit))
            finally:
                await response.aclose()
    except TimeoutError:
        raise UnreachableError(f"{where}: no answer within {deadline / SECOND:g} s; trying again") from None
    except httpx.ConnectError as error:
        raise _unconnected(where, error) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        raise EventError(f"{where}: cannot be asked: check how the address is written") from None
    except (httpx.HTTPError, OSError):
        raise UnreachableError(f"{where}: broke off, or does not speak HTTP; trying again") from None
    finally:
        await opened.close()


def cell_of(value: object) -> Cell:
    """A value of somebody's JSON as a table would hold it: what no column could be is text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "(a number, or a structure, beyond reason)"


def refused(server: Server, answer: Answer, said: str = "") -> EventError:
    """Why an answer is none that can be used, by its status; `said` is what the server says of it."""
    where, status = server.where, answer.status
    words = f" ({server.said(said)})" if said else ""
    if status in _REDIRECTS:
        return EventError(f"{where}: redirects elsewhere, which is not followed: give the final address")
    if status in (401, 403):
        why = "refuses the credentials" if server.auth != Auth() else "wants credentials"
        return EventError(f"{where}: {why}: HTTP {status}{words}; see database_auth in docs/events.md")
    if status == 404:
        return EventError(f"{where}: is not there: HTTP 404{words}; check the address")
    if status == 429:
        return EventError(f"{where}: asked too often: HTTP 429{words}; asking less often")
    if status >= 500:
        return UnreachableError(f"{where}: fails: HTTP {status}{words}; trying again")
    return EventError(f"{where}: cannot be read: HTTP {status}{words}")


class _Stream(Protocol):
    def aclose(self) -> Awaitable[None]: ...


class _Opened:
    """The connection, to be closed whatever happens: httpcore leaves it open where a TLS handshake is cancelled."""

    def __init__(self) -> None:
        self._stream: _Stream | None = None

    async def trace(self, event: str, info: Mapping[str, _Stream]) -> None:
        if event == "connection.connect_tcp.complete":
            self._stream = info["return_value"]

    async def close(self) -> None:
        if self._stream is not None:
            await self._stream.aclose()


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Checks certificates; made once, since reading all that are trusted takes its time."""
    return ssl.create_default_context()


def _headers(auth: Auth, body: bytes | None) -> list[tuple[str, str]]:
    # Nothing packed is offered: what arrives is what there is.
    headers = [
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        ("User-Agent", f"tradetop/{tradetop.__version__}"),
        ("Connection", "close"),
    ]
    if body is not None:
        headers.append(("Content-Type", "application/json"))
    if auth.bearer is not None:
        headers.append(("Authorization", f"Bearer {auth.bearer.reveal()}"))
    elif auth.password is not None:
        pair = f"{auth.user}:{auth.password.reveal()}".encode()
        headers.append(("Authorization", f"Basic {base64.b64encode(pair).decode()}"))
    return headers


async def _body(response: httpx.Response, where: str, limit: int) -> bytes:
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise EventError(f"{where}: answers packed, though that was not offered")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise TooMuchError(f"{where}: answers more than {limit >> 20} MiB; asking for less")
    return bytes(body)


def _unconnected(where: str, error: httpx.ConnectError) -> EventError:
    text = str(error).lower()
    if "certificate" in text or "ssl" in text or "tls" in text:
        return EventError(f"{where}: its certificate is not trusted, or it speaks no TLS: not used")
    return UnreachableError(f"{where}: no connection; trying again")
