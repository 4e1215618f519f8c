"""The requests and their answers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tradetop.ingest.access import Pace, Token
from tradetop.ingest.event import Batch, BodyError, Judge
from tradetop.ingest.fault import DatabaseFault
from tradetop.ingest.metrics import RESULTS, Metrics
from tradetop.ingest.page import PAGE, PAGE_LIMIT, SinceError, dumped, read
from tradetop.ingest.table import EventTable, Stored
from tradetop.model.clock import SECOND, Clock

BODY_LIMIT = 4 * 1024 * 1024
"""Largest body of a request (bytes)."""
BODY_SECONDS = 10.0
"""Longest time that a body may take to come."""
AT_ONCE = 16
"""Batches that are read, judged and written at the same time; others wait for their turn."""
RATE = 200.0
"""Requests a second of one client."""
_WRONG_RATE = 5.0
"""The same without the right token."""
_PROBLEMS = 100
"""Most problems that an answer tells."""
_UNREADY = 60 * SECOND
"""How long a write that failed makes the server unready, unless one succeeds (ms)."""

_Answer = Callable[[Request], Awaitable[Response]]


class _LimitError(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        self.status, self.text = status, text
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(slots=True)
class _Trouble:
    """The last write that failed."""

    text: str = ""
    at: int = 0


class Ingest:
    """Takes events and gives them back; everything that it needs is handed in."""

    def __init__(
        self,
        table: EventTable,
        token: Token,
        judge: Judge,
        clock: Clock,
        *,
        rate: float = RATE,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self.metrics = Metrics()
        self._table = table
        self._token = token
        self._judge = judge
        self._clock = clock
        self._body_seconds = body_seconds
        self._pace, self._wrong_pace = Pace(rate), Pace(_WRONG_RATE if rate else 0)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._trouble = _Trouble()
        self._look, self._look_again, self._unready = asyncio.Lock(), 0, ""

    def app(self) -> Starlette:
        """What a server runs; its end writes what has come, and closes the file."""
        routes = [
            Route("/events", self._counted("/events", self._post), methods=["POST"]),
            Route("/events", self._counted("/events", self._get), methods=["GET"]),
            Route("/metrics", self._counted("/metrics", self._metrics), methods=["GET"]),
            Route("/-/healthy", self._healthy, methods=["GET"]),
            Route("/-/ready", self._ready, methods=["GET"]),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan, exception_handlers={HTTPException: self._nothing_here})

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(self._writer.shutdown)
        self._table.close()

    def _counted(self, path: str, answer: _Answer) -> _Answer:
        """Only with the token and at a decent pace; counted."""

        async def counted(request: Request) -> Response:
            try:
                self._admit(request)
                response = await answer(request)
            except _LimitError as error:
                response = _error(error.status, error.text, error.headers)
            self.metrics.requests.labels(path, str(response.status_code)).inc()
            return response

        return counted

    def _admit(self, request: Request) -> None:
        client = request.client.host if request.client is not None else ""
        header = request.headers.get("authorization", "")
        right = self._token.opens(header)
        pace = self._pace if right else self._wrong_pace
        if wait := pace.wait(client, self._clock.monotonic()):
            seconds = str(math.ceil(wait))
            raise _LimitError(
                429, f"too many requests: try again in {seconds} s, or send larger batches", Retry_After=seconds
            )
        if not right:
            said = "the token is not the server's" if header else "no token: send it as Authorization: Bearer TOKEN"
            raise _LimitError(401, said, WWW_Authenticate="Bearer")

    async def _post(self, request: Request) -> Response:
        async with self._turns:
            body = await _body(request, self._body_seconds)
            self.metrics.body_bytes.inc(len(body))
            batch, stored = await self._stored(body)
        return _told(batch, stored)

    async def _stored(self, body: bytes) -> tuple[Batch, Stored]:
        """What a body holds and what became of it; judged where it is written, so that requests go on meanwhile."""
        now = self._clock.now()
        try:
            batch, stored = await asyncio.get_running_loop().run_in_executor(self._writer, self._write, body, now)
        except BodyError as error:
            raise _LimitError(400, str(error)) from None
        except DatabaseFault as fault:
            self.metrics.write_faults.inc()
            self._trouble = _Trouble(str(fault), self._clock.monotonic())
            raise _LimitError(507 if fault.full else 503, str(fault), Retry_After="5") from None
        if batch.rows:
            self._trouble = _Trouble()
            self.metrics.last_write.set(now / 1_000)
        for result, count in zip(RESULTS, (stored.new, len(stored.duplicates), batch.refused), strict=True):
            self.metrics.events.labels(result).inc(count)
        return batch, stored

    def _write(self, body: bytes, now: int) -> tuple[Batch, Stored]:
        """In the writer's thread."""
        batch = self._judge.sort(body, now)
        if not batch.rows:
            return batch, Stored(0, ())
        with self.metrics.write_seconds.time():
            return batch, self._table.insert(batch.rows)

    async def _get(self, request: Request) -> Response:
        query = request.query_params
        for name in query:
            if name not in ("since", "limit"):
                raise _LimitError(400, "only `since` and `limit` can be asked for")
        limit = query.get("limit", str(PAGE))
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= PAGE_LIMIT):
            raise _LimitError(400, f"limit: write a number from 1 to {PAGE_LIMIT:,}")
        since, now = query.get("since", "30s"), self._clock.now()
        try:
            page = await asyncio.to_thread(read, self._table.path, since, int(limit), now)
        except SinceError as error:
            raise _LimitError(400, str(error)) from None
        except DatabaseFault as fault:
            raise _LimitError(503, str(fault), Retry_After="5") from None
        return _json(200, {"events": page.events, "next": str(page.next), "more": page.more})

    async def _metrics(self, _request: Request) -> Response:
        return Response(self.metrics.page(), headers={"Content-Type": self.metrics.content_type})

    async def _healthy(self, _request: Request) -> Response:
        return _json(200, {"status": "healthy"})

    async def _ready(self, _request: Request) -> Response:
        """Whether an event would be stored; why not is for those who have the token."""
        trouble = self._trouble
        if trouble.text and self._clock.monotonic() - trouble.at < _UNREADY:
            return _json(503, {"status": "not ready: the last batch could not be stored"})
        async with self._look:
            if self._clock.monotonic() >= self._look_again:
                self._unready = await self._looked()
                self._look_again = self._clock.monotonic() + SECOND
        return _json(503 if self._unready else 200, {"status": self._unready or "ready"})

    async def _looked(self) -> str:
        """What keeps the database from being written; looked at once a second, since anybody may ask."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._table.check)
        except DatabaseFault:
            return "not ready: the database cannot be written"
        return ""

    async def _nothing_here(self, _request: Request, error: Exception) -> Response:
        """What the router finds no answer for."""
        assert isinstance(error, HTTPException)
        self.metrics.requests.labels("other", str(error.status_code)).inc()
        here = "there are POST /events, GET /events, /-/healthy, /-/ready and /metrics"
        return _error(error.status_code, f"{error.detail}: {here}", dict(error.headers or {}))


async def _body(request: Request, seconds: float) -> bytes:
    """The whole body, unless it is too large or comes too slowly."""
    said = request.headers.get("content-length", "0")
    if said.isascii() and said.isdigit() and int(said[:18]) > BODY_LIMIT:
        raise _too_large()
    if "content-encoding" in request.headers:
        raise _LimitError(415, "Content-Encoding: events are read as plain JSON alone")
    chunks, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                chunks.append(chunk)
                size += len(chunk)
                if size > BODY_LIMIT:
                    raise _too_large()
    except TimeoutError:
        raise _LimitError(408, f"the body did not come within {seconds:g} s", Connection="close") from None
    except ClientDisconnect:
        raise _LimitError(400, "the body broke off") from None
    return b"".join(chunks)


def _too_large() -> _LimitError:
    return _LimitError(413, f"the body is larger than {BODY_LIMIT:,} bytes: send fewer events at once")


def _told(batch: Batch, stored: Stored) -> Response:
    """200 where every event is there, 207 where some were refused, 422 where all were."""
    status = 200 if not batch.refused else 207 if batch.rows else 422
    said: dict[str, object] = {"stored": stored.new, "duplicates": stored.duplicates, "refused": batch.refused}
    if batch.problems:
        said["problems"] = [asdict(problem) for problem in batch.problems[:_PROBLEMS]]
    if len(batch.problems) > _PROBLEMS:
        said["more_problems"] = len(batch.problems) - _PROBLEMS
    return _json(status, said)


def _error(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return _json(status, {"error": text}, headers)


def _json(status: int, value: dict[str, object], headers: dict[str, str] | None = None) -> Response:
    return Response(dumped(value) + b"\n", status, headers, "application/json")
