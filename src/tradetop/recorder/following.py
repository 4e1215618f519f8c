"""Following: a target that a server scrapes is recorded from what the server has of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

from tradetop.model.clock import MINUTE, SECOND, Clock
from tradetop.model.labels import Labels
from tradetop.model.target import STALE_AFTER
from tradetop.recorder.record import Record
from tradetop.remote.address import server_at
from tradetop.remote.bots import find, only_one
from tradetop.remote.faults import ServerError
from tradetop.remote.follow import Attached, Follower
from tradetop.remote.scrapes import Scrapes
from tradetop.remote.server import Server, server_of
from tradetop.scrape.faults import FetchError
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryWriter

PERIOD = 10 * SECOND
"""The server is asked at least this often (ms), however seldom it scrapes."""
ARRIVAL = 700
"""How long after its time a scrape has arrived in the server, nearly always (ms)."""
HURRY = 2 * SECOND
"""How often a scrape that is late is looked for (ms)."""
SLICE = 25
"""Scrapes of the past that are taken before anything else has its turn."""
GROUP = "scrape"
DOWN = MINUTE
"""How often it is asked why the server cannot scrape its target (ms)."""

Wait = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class Session(Protocol):
    """Who takes what was read."""

    def followed(self, t: int, found: Mapping[Labels, float], *, into_history: bool = True) -> None: ...

    def settle(self, t: int) -> None: ...


class Following:
    """Keeps a record true to what a server has of its target, for ever; a server that fails costs nothing but time."""

    def __init__(self, record: Record, clock: Clock, wait: Wait, server: Server | None = None) -> None:
        target = record.target
        self._record = record
        self._clock = clock
        self._wait = wait
        self._server = server or server_of(target)
        self._follower = Follower(self._server, server_at(target.url), target.interval)
        self._late = 0
        self._asked_why = 0

    async def run(self, session: Session, history: HistoryWriter | None) -> None:
        """Read the newest, then the past, then what is new, for ever."""
        attached = await self._insist(session, self._attach)
        if history is not None:
            history.put_metadata(attached.metadata)
        last, horizon = self._record.store.last_time(GROUP), self._now() - self._memory(attached)
        if last is None or last < horizon:
            await self._first(session, history, attached, horizon)
        else:
            await self._catch_up(session, last, attached)
        self._record.followed = True
        while True:
            await self._wait(self._rest() / SECOND)
            await self._poll(session)

    def _now(self) -> int:
        """The server's present (ms)."""
        return self._clock.now() + self._follower.ahead

    def _memory(self, attached: Attached) -> int:
        from tradetop.recorder.recorder import MEMORY
        from tradetop.store.reader import CELLS

        return min(MEMORY, max(2, CELLS // max(1, attached.series)) * self._record.target.interval)

    async def _attach(self) -> Attached:
        """Get to know the target; where the address names none, the only bot that the server has."""
        if not self._follower.address.is_one and not self._follower.address.match:
            found = only_one(await find(self._server, self._follower.address), self._server.where)
            address = self._follower.address.of(found.job, found.instance)
            self._follower = Follower(self._server, address, self._record.target.interval)
        attached = await self._follower.attach(self._clock.now())
        for name, metadata in attached.metadata.items():
            self._record.store.set_metadata(name, metadata)
        return attached

    async def _first(self, session: Session, history: HistoryWriter | None, attached: Attached, horizon: int) -> None:
        """The newest at once, for the screen; then the past before it, into a store that takes its place."""
        start = max(horizon, self._now() - self._follower.chunk(attached.series))
        newest = await self._insist(session, lambda: self._follower.newest(start, self._clock.now()))
        recent = [newest]
        self._take(session, newest, into_history=False)
        self._settled(session)
        begin = newest.rows[0][0] if newest.rows else start
        past, sorter, oldest = MemoryStore(), self._follower.past(), begin
        for name, metadata in attached.metadata.items():
            past.set_metadata(name, metadata)
        due = self._clock.monotonic() + self._rest()
        for from_, to in self._follower.chunks(horizon, begin - 1, attached.series):

            async def ask(from_: int = from_, to: int = to) -> Scrapes:
                return await self._follower.between(from_, to, sorter)

            found = await self._insist(session, ask)
            oldest = min([oldest, *(t for t, _ in found.rows[:1])])
            await self._remember(past, found, history)
            if self._clock.monotonic() >= due:
                recent += await self._poll(session, into_history=False)
                due = self._clock.monotonic() + self._rest()
        for scrapes in recent:
            await self._remember(past, scrapes, history)
        self._record.store.adopt(past)
        self._record.rewritten += 1
        self._record.say(first_seen=min(oldest, self._record.status.first_seen or oldest))
        self._settled(session)

    async def _catch_up(self, session: Session, last: int, attached: Attached) -> None:
        """What the server has seen since the history ended, oldest first: until then the history is what is shown."""
        for from_, to in self._follower.chunks(last, self._now() - SECOND, attached.series):

            async def ask(from_: int = from_, to: int = to) -> Scrapes:
                return await self._follower.between(from_, to)

            found = await self._insist(session, ask)
            for i in range(0, len(found.rows), SLICE):
                self._take(session, Scrapes(found.rows[i : i + SLICE]))
                await asyncio.sleep(0)
            self._take(session, replace(found, rows=()))
        await self._poll(session)

    async def _insist(self, session: Session, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer."""
        while True:
            try:
                return await ask()
            except FetchError as fault:
                self._missed(session, fault)
            await self._wait(min(PERIOD, self._record.target.interval) / SECOND)

    async def _poll(self, session: Session, *, into_history: bool = True) -> list[Scrapes]:
        """Take what is new; what it was."""
        now = self._clock.now()
        since = self._record.store.last_time(GROUP) or self._now() - self._record.target.interval * 2
        try:
            found = await self._newest(since, now)
        except FetchError as fault:
            self._missed(session, fault)
            return []
        self._take(session, found, into_history=into_history)
        self._record.say(tried_at=now, **({} if found.rows else self._silent(now)))
        if self._record.status.up is False and found.rows:
            self._record.say(reason=await self._why(now))
        self._settled(session)
        return [found]

    async def _newest(self, since: int, now: int) -> Scrapes:
        """What came since then; of a server that was away for long, no more than what comes at one time."""
        longest = self._follower.chunk(self._record.store.series_count)
        if self._now() - since <= longest + 2 * PERIOD:
            return await self._follower.newest(since, now)
        return await self._follower.between(since, since + longest)

    def _silent(self, now: int) -> dict[str, object]:
        """What to say of a target of which the server has had nothing for long."""
        status, target = self._record.status, self._record.target
        last = self._record.store.last_time(GROUP) or 0
        if status.up is False or self._now() - last <= max(STALE_AFTER * target.interval, PERIOD):
            return {}
        reason = f"{self._server.where} answers, but has nothing new of this target: does it still scrape it?"
        return {"up": False, "failing_since": now, "reason": reason}

    async def _why(self, now: int) -> str:
        """Why the server cannot scrape its target, in its own words."""
        before = self._record.status.reason
        if before and now - self._asked_why < DOWN:
            return before
        self._asked_why = now
        address = self._follower.address
        said = ""
        # That it is down is known all the same.
        with contextlib.suppress(FetchError):
            said = await self._server.scrape_error(next(iter(address.jobs), ""), next(iter(address.instances), ""))
        return f"{self._server.where} cannot scrape it" + (f": {said}" if said else ", and its log says why")

    def _take(self, session: Session, found: Scrapes, *, into_history: bool = True) -> None:
        for t, row in found.rows:
            session.followed(t, row, into_history=into_history)
        for labels, t, value in found.alone:
            self._append(self._record.store, labels, t, value)

    async def _remember(self, store: MemoryStore, found: Scrapes, history: HistoryWriter | None) -> None:
        """Take the past, in small slices."""
        for i, (t, row) in enumerate(found.rows):
            if t > (store.last_time(GROUP) or 0):
                store.append_scrape(GROUP, t, row)
                if history is not None:
                    history.append_scrape(GROUP, t, row)
            if i % SLICE == 0:
                await asyncio.sleep(0)
        for labels, t, value in found.alone:
            self._append(store, labels, t, value)

    def _append(self, store: MemoryStore, labels: Labels, t: int, value: float) -> None:
        try:
            store.append(labels, t, value)
        except ValueError:
            # A series that was in step once, or that we write ourselves.
            self._late += 1

    def _missed(self, session: Session, fault: FetchError) -> None:
        """The server failed: what is known is shown, with its age."""
        now, status = self._clock.now(), self._record.status
        self._record.say(up=False, tried_at=now, failing_since=status.failing_since or now, reason=str(fault))
        self._record.source_notice, self._record.followed = "", True
        if fault.word == "too many series" and isinstance(fault, ServerError):
            self._record.source_notice = str(fault)
        self._settled(session)

    def _settled(self, session: Session) -> None:
        """Judge: at the newest scrape, or now where there is none."""
        record = self._record
        record.source_notice = "; ".join(self._follower.notes)
        if record.status.tried_at is None:
            record.say(tried_at=self._clock.now())
        at = (record.store.last_time(GROUP) or 0) if record.status.up else self._now()
        session.settle(max(at, (record.store.last_time("rules") or 0) + 1))

    def _rest(self) -> int:
        """How long until the next scrape should have arrived (ms)."""
        interval = self._record.target.interval
        period = min(PERIOD, interval)
        due = (self._record.store.last_time(GROUP) or 0) + interval + ARRIVAL - self._now()
        if due < -3 * interval or self._record.status.up is False:
            return period
        return max(SECOND, min(period, due)) if due > 0 else min(period, HURRY)
