"""The one way to fetch a page: a total deadline, a cap on decompressed bytes, nothing followed, nothing guessed."""

from __future__ import annotations

import asyncio
import base64
import importlib
import logging
import sys
import zlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import SplitResult, unquote, urlsplit

import tradetop
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.target import Auth, Secret, Tls
from tradetop.model.text import clean
from tradetop.scrape.faults import FetchError, status_fault, timeout_fault, transport_fault
from tradetop.scrape.locate import masked
from tradetop.scrape.tls import context_for, plain_context

if TYPE_CHECKING:
    import httpx

PAGE_LIMIT = 16 * 1024 * 1024
"""Most decompressed bytes of one page."""
HEAD_LIMIT = 256 * 1024
"""Most bytes that may come before a page begins."""
RETRY_LIMIT = 15 * MINUTE
"""Longest that a Retry-After keeps us away (ms)."""
METRICS = "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1"
"""What a scrape accepts, best first."""
JSON = "application/json,text/plain;q=0.5,*/*;q=0.1"
"""What a health check accepts."""
_REDIRECTS = {301, 302, 303, 307, 308}
_NO_AUTH, _NO_TLS = Auth(), Tls()
_NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Response:
    """A page that arrived whole."""

    status: int
    content_type: str
    text: str
    elapsed: float
    """Seconds from the request's start to the page's end."""


class Fetch(Protocol):
    """How a page is fetched; `fetch` is it, a test may give another."""

    def __call__(
        self,
        url: str,
        *,
        deadline: int,
        limit: int = PAGE_LIMIT,
        accept: str = METRICS,
        auth: Auth = _NO_AUTH,
        tls: Tls = _NO_TLS,
        statuses: Collection[int] = (200,),
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Awaitable[Response]:
        """Fetch one page, or raise FetchError."""
        ...


async def fetch(
    url: str,
    *,
    deadline: int,
    limit: int = PAGE_LIMIT,
    accept: str = METRICS,
    auth: Auth = _NO_AUTH,
    tls: Tls = _NO_TLS,
    statuses: Collection[int] = (200,),
    headers: Mapping[str, str] = _NO_HEADERS,
) -> Response:
    """GET a page within `deadline` ms in all and of at most `limit` decompressed bytes.

    One fresh connection, closed at the end; proxies, netrc and redirects are never used. Raises FetchError for
    anything but a whole UTF-8 page with one of `statuses`.
    """
    _load_library()
    import httpx

    for name in ("httpx", "httpcore"):  # Below WARNING they log URLs and headers, and with them secrets.
        logging.getLogger(name).setLevel(logging.WARNING)
    where = masked(url)
    progress = _Progress(where)
    try:
        plain, auth = _without_user(url, auth)
    except ValueError:
        raise FetchError("bad URL", f"{where} cannot be fetched: check how it is written") from None
    context = context_for(tls, where) if plain.startswith("https:") else plain_context()
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    clock = asyncio.get_running_loop().time
    started = clock()
    try:
        async with asyncio.timeout(deadline / SECOND), transport:
            sent = _headers(accept, auth) + [(name.encode(), value.encode()) for name, value in headers.items()]
            request = httpx.Request("GET", plain, headers=sent, extensions=_extensions(tls, progress))
            response = await transport.handle_async_request(request)
            try:
                _check_head(response, where, auth, limit, statuses)
                body = await _body(response, where, limit)
            finally:
                await response.aclose()
    except TimeoutError:
        raise timeout_fault(progress.stage, where, deadline) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise transport_fault(error, where) from None
    finally:
        await progress.close()
    content_type = clean(response.headers.get("content-type", ""), 100).lower()
    return Response(response.status_code, content_type, _decoded(body, where), clock() - started)


def _load_library() -> None:
    """Import httpx, on first use since it takes its time, and without the command line that it comes with.

    That one loads click, rich and pygments for nothing: 17 ms and 2 MiB. httpx goes on where it is missing.
    """
    if "httpx" not in sys.modules:
        sys.modules["httpx._main"] = cast("ModuleType", None)
        importlib.import_module("httpx")
        del sys.modules["httpx._main"]


class _Stream(Protocol):
    read: Callable[..., Awaitable[bytes]]

    async def aclose(self) -> None: ...


class _Progress:
    """How far the exchange has come, so that a timeout can say what it waited for; it ends answers that never begin."""

    def __init__(self, where: str) -> None:
        self.stage = "connect"
        self._where = where
        self._head = 0
        self._stream: _Stream | None = None

    async def trace(self, event: str, info: Mapping[str, _Stream]) -> None:
        match event:
            case "connection.connect_tcp.complete":
                self._stream = info["return_value"]
                self._count(self._stream)
            case "connection.start_tls.complete":
                self._count(info["return_value"])
            case "connection.start_tls.started":
                self.stage = "tls"
            case "http11.send_request_headers.started":
                self.stage = "answer"
            case "http11.receive_response_headers.complete":
                self.stage = "page"

    def _count(self, stream: _Stream) -> None:
        """Give up on a server that sends interim answers for ever: httpcore reads them as fast as they come."""
        read = stream.read

        async def counted(max_bytes: int, timeout: float | None = None) -> bytes:
            data = await read(max_bytes, timeout)
            if self.stage == "answer":
                self._head += len(data)
                if self._head > HEAD_LIMIT:
                    raise FetchError("endless", f"{self._where} talks without end and sends no page: is it the port?")
            return data

        stream.read = counted

    async def close(self) -> None:
        """Close the connection: httpcore leaves it open where a TLS handshake is cancelled."""
        if self._stream is not None:
            await self._stream.aclose()


def _extensions(tls: Tls, progress: _Progress) -> dict[str, str | Callable[..., Awaitable[None]]]:
    extensions: dict[str, str | Callable[..., Awaitable[None]]] = {"trace": progress.trace}
    if tls.server_name:
        extensions["sni_hostname"] = tls.server_name
    return extensions


def _headers(accept: str, auth: Auth) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"Accept", accept.encode()),
        (b"Accept-Encoding", b"gzip"),
        (b"User-Agent", f"tradetop/{tradetop.__version__}".encode()),
        (b"Connection", b"close"),
    ]
    if auth.bearer is not None:
        headers.append((b"Authorization", b"Bearer " + auth.bearer.reveal().encode()))
    elif auth.password is not None:
        pair = f"{auth.user}:{auth.password.reveal()}".encode()
        headers.append((b"Authorization", b"Basic " + base64.b64encode(pair)))
    return headers


def _without_user(url: str, auth: Auth) -> tuple[str, Auth]:
    """The URL less its user and password, which become basic authentication where no other is given."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, auth
    if auth == _NO_AUTH:
        auth = Auth(user=unquote(parts.username or ""), password=Secret(unquote(parts.password or "")))
    bare: SplitResult = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return bare.geturl(), auth


def _check_head(response: httpx.Response, where: str, auth: Auth, limit: int, statuses: Collection[int]) -> None:
    status, headers = response.status_code, response.headers
    if status in _REDIRECTS and status not in statuses:
        goal = masked(headers.get("location", "")) or "nowhere"
        raise FetchError("redirect", f"{where} redirects to {goal}, which is not followed: give the final URL")
    if status not in statuses:
        raise status_fault(status, where, auth, _retry_after(headers))
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise FetchError("encoding", f"{where} answers in {clean(encoding, 40)}, though only gzip was offered")
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(where, limit)


async def _body(response: httpx.Response, where: str, limit: int) -> bytes:
    zipped = "gzip" in response.headers.get("content-encoding", "").lower()
    inflate = zlib.decompressobj(wbits=31) if zipped else None
    page = bytearray()
    try:
        async for chunk in response.aiter_raw():
            page += inflate.decompress(chunk, limit + 1 - len(page)) if inflate else chunk
            if len(page) > limit:
                raise _too_large(where, limit)
    except zlib.error:
        raise FetchError("bad gzip", f"the page of {where} says gzip but cannot be unpacked: not used") from None
    if inflate and (not inflate.eof or inflate.unused_data):
        raise FetchError("cut off", f"the gzip page of {where} was cut off: nothing of it is used")
    return bytes(page)


def _decoded(body: bytes, where: str) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise FetchError(
            "not UTF-8", f"the page of {where} is not UTF-8 text (line {line}): is it another kind of page?"
        ) from None


def _too_large(where: str, limit: int) -> FetchError:
    size = f"{limit // 1024**2} MiB" if limit >= 1024**2 else f"{limit // 1024} KiB"
    return FetchError("too large", f"the page of {where} is larger than {size}: is it the right URL?")


def _retry_after(headers: httpx.Headers) -> int | None:
    """Milliseconds that Retry-After asks for, as a number or as a date against the server's own clock."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isdecimal():
        wait = int(text[:9]) * SECOND
    else:
        try:
            until = parsedate_to_datetime(text)
            wait = int((until - parsedate_to_datetime(headers.get("date", ""))).total_seconds()) * SECOND
        except (ValueError, TypeError):
            return None
    return min(wait, RETRY_LIMIT) if wait > 0 else None
