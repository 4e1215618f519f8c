"""Loki's query API: `GET /loki/api/v1/query_range`, as its documentation has it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tradetop.events.fault import EventError
from tradetop.events.lines.line import LINE_LIMIT
from tradetop.events.lines.lokiurl import LokiUrl
from tradetop.model.text import clean

if TYPE_CHECKING:
    import httpx

PATH = "/loki/api/v1/query_range"
DEADLINE = 15.0
"""Seconds for one answer."""
ANSWER_LIMIT = 64 * 1024 * 1024
"""Most bytes of one answer."""
_LEVELS = ("detected_level", "level", "severity")
_FAULTS = {
    401: "asks for a user and a password: loki+http://USER:PASSWORD@HOST…",
    403: "does not let this user read; ask for the right to query, or name the tenant: &org=NAME",
    404: "has no query API at this address; give Loki's own, such as http://HOST:3100",
    429: "asks for fewer queries; trying again later",
}


class Entry(NamedTuple):
    """One line that Loki keeps."""

    ns: int
    """Nanoseconds since the epoch."""
    identity: int
    """Tells it from others of the same time."""
    text: bytes
    size: int
    """Its full length where it was cut, else 0."""
    priority: str


class LokiApi:
    """Asks one server one query; the connection stays between questions."""

    def __init__(self, url: LokiUrl) -> None:
        self._url = url
        self._client: httpx.AsyncClient | None = None

    async def ask(self, *, start: int, end: int, limit: int, forward: bool) -> list[Entry]:
        """Entries from `start` up to, not including, `end` (ns), oldest first.

        At most `limit`: the oldest of them with `forward`, else the newest. EventError says why there are none.
        """
        import httpx

        asked = {"query": self._url.query, "start": str(start), "end": str(end), "limit": str(limit)}
        asked["direction"] = "forward" if forward else "backward"
        try:
            async with asyncio.timeout(DEADLINE):
                status, body = await self._get(asked)
        except (TimeoutError, httpx.TimeoutException):
            raise self._fault(f"no answer within {DEADLINE:g} s; is Loki overloaded, or the query too wide?") from None
        except httpx.ConnectError:
            raise self._fault("cannot be reached; is Loki running there?") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise self._fault("the answer broke off; trying again") from None
        if status != 200:
            said = clean(body[:400].decode("utf-8", "replace").strip(), 200)
            raise self._fault(_FAULTS.get(status) or f"answers {status}: {said}")
        return sorted(self._entries(body), key=lambda entry: entry.ns)

    async def close(self) -> None:
        """Let the connection go."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _get(self, asked: dict[str, str]) -> tuple[int, bytes]:
        if self._client is None:
            self._client = _client(self._url)
        body = bytearray()
        async with self._client.stream("GET", self._url.base + PATH, params=asked) as response:
            async for block in response.aiter_bytes():
                body += block
                if len(body) > ANSWER_LIMIT:
                    raise self._fault(f"an answer is longer than {ANSWER_LIMIT >> 20} MiB; narrow the query")
            return response.status_code, bytes(body)

    def _entries(self, body: bytes) -> Iterator[Entry]:
        try:
            data = json.loads(body)["data"]
            kind, streams = data["resultType"], data["result"]
            if kind != "streams":
                raise self._fault(f"the query gives a {clean(str(kind), 20)}, not lines; leave out rate() and the like")
            for stream in streams:
                labels = stream.get("stream", {})
                for value in stream["values"]:
                    yield _entry(labels, value)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            raise self._fault("the answer is none of Loki's; is this its address?") from None

    def _fault(self, text: str) -> EventError:
        return EventError(f"{self._url.shown}: {text}")


def _entry(labels: dict[str, object], value: list[object]) -> Entry:
    ns, text = int(str(value[0])), str(value[1])
    # Structured metadata stands behind the line.
    more = value[2] if len(value) > 2 and isinstance(value[2], dict) else {}
    priority = next((str(of[name]) for name in _LEVELS for of in (more, labels) if name in of), "")
    raw = text.encode("utf-8", "replace")
    identity = hash((tuple(sorted((k, str(v)) for k, v in labels.items())), text))
    return Entry(ns, identity, raw[:LINE_LIMIT], len(raw) if len(raw) > LINE_LIMIT else 0, priority)


def _client(url: LokiUrl) -> httpx.AsyncClient:
    import httpx

    for name in ("httpx", "httpcore"):  # Below WARNING they log URLs and headers, and with them secrets.
        logging.getLogger(name).setLevel(logging.WARNING)
    headers = {"X-Scope-OrgID": url.org} if url.org else {}
    auth = httpx.BasicAuth(url.user, url.password.reveal()) if url.user else None
    return httpx.AsyncClient(auth=auth, headers=headers, timeout=DEADLINE, trust_env=False, follow_redirects=False)
