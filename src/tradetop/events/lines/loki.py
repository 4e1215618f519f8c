"""Lines that Loki keeps, followed by asking for them: each once, though pages and questions overlap."""

from __future__ import annotations

from functools import partial

from tradetop.events.lines.aside import Aside
from tradetop.events.lines.interpret import Interpreter
from tradetop.events.lines.line import Line
from tradetop.events.lines.lokiapi import Entry, LokiApi
from tradetop.events.lines.lokiurl import LokiUrl, loki_url
from tradetop.events.row import AHEAD
from tradetop.events.store import PAGE, POLL
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import DAY, SECOND, Clock
from tradetop.model.target import Auth

PAST = 7 * DAY
"""How far back is asked (ms); Loki refuses more than a month."""
OVERLAP = 30 * SECOND
"""How late a line may come after younger ones and still be seen (ms): shippers send in batches."""
LARGEST = 5_000
"""The largest page that Loki gives as it comes."""
_NS = 1_000_000
"""Nanoseconds of a millisecond."""
_MOST_PAGES = 20
_NOBODY = Auth()

Key = tuple[int, int]


class LokiLog:
    """Follows a query: backwards for the past, forwards with an overlap for what is new."""

    def __init__(self, url: str, interpreter: Interpreter, clock: Clock, auth: Auth = _NOBODY) -> None:
        self.behind = False
        self.poll = POLL
        self._typed = url
        self._auth = auth
        self._interpreter = interpreter
        self._clock = clock
        self._aside = Aside()
        self._url: LokiUrl | None = None
        self._asking: LokiApi | None = None
        self._since = 0
        self._newest: int | None = None
        self._oldest: int | None = None
        self._resume: int | None = None
        """Where to go on when the last read did not take everything (ns)."""
        self._seen: set[Key] = set()
        self._border: set[Key] = set()
        """The entries of the oldest moment read so far."""
        self._found: list[Entry] = []
        """New entries that have not been given yet: an answer that failed must not cost those before it."""
        self._said: list[str] = []

    async def check(self) -> None:
        """EventError where the address or the mapping is none, or Loki does not answer."""
        self._interpreter.check()
        now = self._clock.now()
        await self._api().ask(start=(now - SECOND) * _NS, end=now * _NS, limit=1, forward=False)

    async def bots(self) -> tuple[str, ...]:
        """The bots that lines have named so far."""
        return tuple(sorted(self._interpreter.bots))

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the newest lines, oldest first."""
        self._interpreter.check()
        now = self._clock.now()
        self._since, self._oldest, self._newest = (now - PAST) * _NS, (now + AHEAD) * _NS, None
        self._seen, self._border, self._resume = set(), set(), None
        return await self._back(min(limit, PAGE), brief=False)

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the lines before those, brief; none when there are no more."""
        return await self._back(min(limit, PAGE), brief=True)

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the lines that came since the last read."""
        self._interpreter.check()
        entries = await self._arrived(min(limit, PAGE))
        return await self._aside.run(partial(self._interpreter.forward, list(map(_line, entries))))

    def take_notice(self) -> str:
        """What could not be read; "" for nothing."""
        told = "; ".join(filter(None, [*dict.fromkeys(self._said), self._interpreter.notice()]))
        self._said.clear()
        return f"{self._url.shown}: {told}" if told and self._url is not None else ""

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            await self._asking.close()

    def _api(self) -> LokiApi:
        if self._asking is None:
            self._url = loki_url(self._typed, self._auth)
            self._asking = LokiApi(self._url)
        return self._asking

    async def _back(self, limit: int, *, brief: bool) -> tuple[BotEvent, ...]:
        while self._oldest is not None:
            entries, whole = await self._before(self._oldest, limit)
            if entries:
                self._keep(entries)
                self._border = {_key(e) for e in entries if e.ns == entries[0].ns} | (
                    self._border if entries[0].ns == self._oldest else set()
                )
            self._oldest = None if whole or not entries else entries[0].ns
            read = partial(self._interpreter.back, list(map(_line, entries)), whole=whole, brief=brief)
            if found := await self._aside.run(read):
                return found
        return ()

    async def _before(self, oldest: int, limit: int) -> tuple[list[Entry], bool]:
        """The entries before the oldest ones, and whether there are none before them."""
        for asked in (limit + len(self._border), LARGEST):
            # What is asked for ends before `end`; of the border's own moment there may be more.
            page = await self._api().ask(start=self._since, end=oldest + 1, limit=min(asked, LARGEST), forward=False)
            fresh = [entry for entry in page if _key(entry) not in self._border]
            if fresh or len(page) < asked:
                return fresh, len(page) < asked
        self._crowded()
        page = await self._api().ask(start=self._since, end=oldest, limit=limit, forward=False)
        return page, len(page) < limit

    async def _arrived(self, limit: int) -> list[Entry]:
        """New entries, oldest first; asks again for those that may have come late."""
        now = self._clock.now() * _NS
        start = self._resume or (self._newest - OVERLAP * _NS if self._newest is not None else now - PAST * _NS)
        end = now + AHEAD * _NS
        size = PAGE
        self.behind = True
        for _ in range(_MOST_PAGES):
            page = await self._api().ask(start=start, end=end, limit=size, forward=True)
            self._found += [entry for entry in page if _key(entry) not in self._seen]
            self._keep(page)
            self.behind = len(page) >= size
            if not self.behind:
                break
            if page[-1].ns > start:
                start = page[-1].ns
            elif size < LARGEST:
                size = LARGEST
            else:
                self._crowded()
                start += 1
            if len(self._found) >= limit:
                break
        self._resume = start if self.behind else None
        self._forget()
        found, self._found = self._found, []
        return sorted(found, key=lambda entry: entry.ns)

    def _crowded(self) -> None:
        self._said.append(f"over {LARGEST:,} lines of one moment: Loki gives no more of them")

    def _keep(self, entries: list[Entry]) -> None:
        if not entries:
            return
        newest = max(entry.ns for entry in entries)
        self._newest = newest if self._newest is None else max(self._newest, newest)
        self._seen.update(_key(entry) for entry in entries if entry.ns >= self._newest - 2 * OVERLAP * _NS)

    def _forget(self) -> None:
        """What no question will bring again."""
        if self._newest is not None and len(self._seen) > 2 * LARGEST:
            since = min(self._newest - 2 * OVERLAP * _NS, self._resume or self._newest)
            self._seen = {key for key in self._seen if key[0] >= since}


def _key(entry: Entry) -> Key:
    return entry.ns, entry.identity


def _line(entry: Entry) -> Line:
    name = f"{entry.ns} {entry.identity & 0xFFFFFF:06x}"
    return Line(entry.text, name, entry.size, entry.ns // _NS, entry.priority)
