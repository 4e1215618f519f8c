"""Events of the database on their way into a record: into its feed, and as series into its store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain

from tradetop.events.categorise import Categorised
from tradetop.events.counters import Changes, EventCounters
from tradetop.events.fault import EventError
from tradetop.events.opening import open_store
from tradetop.events.past import Past
from tradetop.events.store import LooksBack
from tradetop.events.streams import Streams
from tradetop.events.tail import tail
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import MINUTE, SECOND, Clock
from tradetop.model.error_category import USUAL
from tradetop.model.labels import Labels
from tradetop.recorder.record import Record

KEEP = MINUTE
"""A total is written again this often (ms)."""
COUNTED = 5 * SECOND
"""Events are counted this often at most (ms): a busy bot's would otherwise fill memory with a sample each second."""
SLICE = 100
"""Steps of the past that are counted in one go."""
LATEST = 4 * MINUTE
"""And in the past this often: a series without samples for five minutes would count as gone."""


class Feed:
    """Follows the event database of one record's target."""

    def __init__(self, record: Record, clock: Clock, wait: Callable[[float], Awaitable[None]]) -> None:
        self._record = record
        self._clock = clock
        self._wait = wait
        self._counters = EventCounters()
        self._streams = Streams()
        self._back: LooksBack | None = None
        self._written = 0
        self._uncounted: list[BotEvent] = []
        self._counted = 0

    async def run(self) -> None:
        """Follow the database, for ever; its faults go into the status."""
        target = self._record.target
        database = open_store(target.database, self._clock, target.database_auth)
        self._back = database if isinstance(database, LooksBack) else None
        if target.errors != USUAL:
            database = Categorised(database, target.errors)
        watching = self._arrived, self._fault, self._pause
        try:
            await tail(
                database,
                self._clock,
                *watching,
                on_newest=self._newest,
                on_past=self._past,
                on_notice=self._notice,
            )
        finally:
            await database.close()

    async def _pause(self, milliseconds: int) -> None:
        self._count(self._clock.now())
        await self._wait(milliseconds / SECOND)
        self.keep(self._clock.now())
        await self._look_back()

    async def _look_back(self) -> None:
        """Read what came before the event that somebody looks at; what is wrong with the store is told elsewhere."""
        wanted = self._record.kin.wanted
        if wanted is None or self._back is None:
            return
        found: Sequence[BotEvent] = ()
        with suppress(EventError):
            found = await self._back.kin(wanted)
        self._record.kin.take(wanted, found)
        if found:
            self._record.heard += 1
            self._record.changed()

    def keep(self, now: int) -> None:
        """Write every total again at `now` (ms), if it is time to."""
        if now - self._written >= KEEP:
            self._write([(now, {**self._counters.totals(), **self._streams.series(now)})])

    def _newest(self, events: Sequence[BotEvent]) -> None:
        """Show the newest page: all of the past takes longer, the more of it there is."""
        self._record.take_events(_not_after(events, self._clock.now() - 1))

    async def _past(self, past: Past) -> None:
        """Show the events that stay in memory, then count all, and meanwhile let everything else go on."""
        now = self._clock.now()
        self._record.meet(past.bots())
        if past.newest:  # Of a bot that has been idle for longer its last page goes on being shown.
            self._record.take_events(_not_after(past.newest, now - 1), anew=True)
        shown = {id(event) for event in past.newest}
        self._record.take_past_errors(e for e in _not_after(past.errors, now - 1) if id(e) not in shown)
        timed = self._streams.hear_all((min(t, now - 1), event) for t, event in past.counted())
        for i, changes in enumerate(_kept(self._counters.past(timed), now)):
            self._write([changes])
            if i % SLICE == 0:
                await asyncio.sleep(0)
        self._write([(now, self._streams.series(now))])
        self._record.past_told.set()
        self._record.rewritten += 1
        self._record.revision += 1
        self._record.say(database_reason="")
        self._record.changed()

    def _arrived(self, events: Sequence[BotEvent]) -> None:
        now = self._clock.now()
        self._uncounted += events
        self._count(now)
        self._record.take_events(_not_after(events, now))

    def _count(self, now: int) -> None:
        """Count what has arrived, at `now` (ms), if it is time to."""
        if self._uncounted and now - self._counted >= COUNTED:
            self._counted = now
            for event in sorted(self._uncounted, key=lambda event: event.t):
                self._streams.hear(min(event.t, now), event)
            self._write(self._counters.arrivals(self._uncounted, now))
            self._write([(now, self._streams.series(now))])
            self._uncounted.clear()

    def _fault(self, reason: str) -> None:
        if self._record.say(database_reason=reason):
            self._record.changed()

    def _notice(self, notice: str) -> None:
        if self._record.say(database_notice=notice):
            self._record.changed()

    def _write(self, changes: Iterable[Changes]) -> None:
        store = self._record.store
        for t, samples in changes:
            for labels, value in samples.items():
                try:
                    store.append(labels, t, value)
                except ValueError:
                    # It has a value of this very moment, or of a later one.
                    continue
            self._written = t


def _not_after(events: Sequence[BotEvent], t: int) -> list[BotEvent]:
    """Events dated later than `t` (ms) take that time: a bot's fast clock must not hide them until then."""
    return [event if event.t <= t else replace(event, t=t, guessed_time=True) for event in events]


def _kept(changes: Iterator[Changes], now: int) -> Iterator[Changes]:
    """Changes with all values written again in between, so that none is taken for gone, and at `now` (ms)."""
    values: dict[Labels, float] = {}
    whole: int | None = None
    for t, samples in chain(changes, [(now, {})]):
        whole = t if whole is None else whole
        while t - whole > LATEST:
            whole += LATEST
            yield whole, dict(values)
        values.update(samples)
        yield t, samples if t < now else dict(values)
