"""A feed over HTTP, as a dashboard's worker gives it: the newest events of a stretch of time, as JSON."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from tradetop.events.fault import EventError
from tradetop.events.metadata import METADATA_LIMIT
from tradetop.events.moment import milliseconds
from tradetop.events.row import Cell, Row, event_of
from tradetop.events.schema import CELL_LIMIT
from tradetop.events.store import PAGE, POLL
from tradetop.events.wire import Server, ask, cell_of, refused
from tradetop.model.address import FEEDS, scheme_of, shown
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import DAY, SECOND, Clock
from tradetop.model.target import Auth

PACE = 10 * SECOND
"""How often it is asked (ms): as often as the dashboard that it was made for."""
MARGIN = 30 * SECOND
"""How much further back than the last answer is asked for: events are written in batches."""
FIRST = 7 * DAY
"""How far back the first question goes (ms)."""
FULL = 50
"""Events of an answer at which more may have been left out: that many the seed's worker gives at most."""
PAGES = 100
"""Most pages of one answer that are read."""
_REMEMBERED = 60_000
_LISTS = ("results", "events", "data")
"""Where the events may be when the answer is no list itself."""


class _Page(NamedTuple):
    """What one answer has."""

    entries: Sequence[object]
    next: str | None
    """What comes after it is asked for by this; None where a feed has no pages."""
    more: bool


class WebFeed:
    """Reads what a worker tells at `.../api/events?since=`; it tells the newest alone, so that its past is short."""

    def __init__(self, address: str, clock: Clock, auth: Auth) -> None:
        self.behind = False
        self.poll = POLL
        self._server = Server(_bare(address), shown(address), auth)
        self._clock = clock
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._asked: int | None = None
        self._sequence = 0
        self._first = 0
        self._past: list[Row] = []
        """What the first answer had before the newest events."""
        self._broken = 0
        self._notice = ""

    async def check(self) -> None:
        """EventError where there is no such feed."""
        await self._rows(MARGIN)

    async def bots(self) -> tuple[str, ...]:
        """None: a feed tells its bots by their events alone."""
        return ()

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The newest events that it tells, oldest first."""
        asked = self._clock.monotonic()
        rows = await self._rows(FIRST)
        self._asked, self._past = asked, rows[:-limit]
        return self._events(rows[-limit:])

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """What else came with the first answer; a worker's is one page alone."""
        rows = self._past[-limit:]
        del self._past[-limit:]
        return self._events(rows, brief=True)

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:  # noqa: ARG002 - it gives no more
        """The events that were not there before; none before it is time to ask again."""
        asked, before = self._clock.monotonic(), self._asked
        if before is not None and asked - before < PACE:
            return ()
        rows = await self._rows(FIRST if before is None else asked - before + MARGIN)
        self._asked = asked
        fresh = [row for row in rows if row.identity not in self._seen]
        if before is not None and len(fresh) == len(rows) >= FULL:
            self._notice = f"{self._server.where}: more happened than it tells at once ({FULL}); some was not seen"
        return self._events(fresh)

    def take_notice(self) -> str:
        """What is wrong with its answers since the last call, one line for people; "" for nothing."""
        notice, self._notice = self._notice, ""
        return notice

    async def close(self) -> None:
        """Nothing stays open."""

    def _events(self, rows: Sequence[Row], *, brief: bool = False) -> tuple[BotEvent, ...]:
        now, first = self._clock.now(), self._first - len(rows) if brief else self._sequence
        if brief:
            self._first = first
        else:
            self._sequence += len(rows)
        for row in rows:
            self._seen[row.identity] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return tuple(event_of(row, now, first + i, brief=brief) for i, row in enumerate(rows))

    async def _rows(self, span: int) -> list[Row]:
        """What was written within the last `span` (ms), oldest first."""
        # SQLite reads "-30s", as the seed's worker makes it of "30s", as no time at all; "-30 seconds" it knows.
        since = quote(f"{-(-span // SECOND)} seconds")
        entries: list[object] = []
        for _ in range(PAGES):
            page = await self._page(since)
            # A worker tells the newest first and has one page; `tradetop serve` tells the oldest first, and goes on.
            entries = [*page.entries, *entries] if page.next is None else [*entries, *page.entries]
            if page.next is None or not page.more:
                break
            since = quote(page.next)
        else:
            self._notice = f"{self._server.where}: more happened than is read at once; some was not seen"
        rows = [_row(entry) for entry in entries if isinstance(entry, dict)]
        broken = len(entries) - len(rows)
        if broken > self._broken:
            self._notice = f"{self._server.where}: {broken} of {len(entries)} entries are no events; left out"
        self._broken = broken
        if page.next is None:
            rows.reverse()
        rows.sort(key=lambda row: milliseconds(row.created_at) or milliseconds(row.timestamp) or 0)
        return rows

    async def _page(self, since: str) -> _Page:
        """One answer."""
        glue = "&" if "?" in self._server.url else "?"
        answer = await ask(self._server, f"{self._server.url}{glue}since={since}")
        if answer.status != 200:
            raise refused(self._server, answer)
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        found, following, more = document, None, False
        if isinstance(document, dict):
            found = next((document[name] for name in _LISTS if isinstance(document.get(name), list)), None)
            following = document["next"] if isinstance(document.get("next"), str) else None
            more = document.get("more") is True
        if not isinstance(found, list):
            raise EventError(f"{self._server.where}: answers no list of events as JSON; check the address")
        return _Page(found, following, more)


def _bare(address: str) -> str:
    """The URL to ask, less the `since` that somebody copied with it."""
    scheme = scheme_of(address)
    plain = address[len("feed+") :] if scheme in FEEDS else address
    try:
        parts: SplitResult = urlsplit(plain)
    except ValueError:
        return plain
    asked = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "since"]
    return parts._replace(query=urlencode(asked), fragment="").geturl()


def _row(entry: dict[str, object]) -> Row:
    """A row as a table would have it: texts cut, metadata as text with its full size."""
    metadata = cell_of(entry.get("metadata"))
    metadata = metadata if metadata is None else str(metadata)
    return Row(
        key=None,
        id=_cell(entry.get("id")),
        bot_id=_cell(entry.get("bot_id")),
        event_type=_cell(entry.get("event_type")),
        pair=_cell(entry.get("pair")),
        strategy=_cell(entry.get("strategy")),
        timestamp=_cell(entry.get("timestamp")),
        metadata=None if metadata is None else metadata[:METADATA_LIMIT],
        created_at=_cell(entry.get("created_at")),
        metadata_size=None if metadata is None else len(metadata),
    )


def _cell(value: object) -> Cell:
    cell = cell_of(value)
    return cell[:CELL_LIMIT] if isinstance(cell, str) else cell
