"""Following an event database: its past once, then what comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from tradetop.events.fault import EventError, LockedError, UnreachableError
from tradetop.events.past import Past
from tradetop.events.store import POLL, EventStore
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import DAY, SECOND, Clock

PAST = 7 * DAY
"""How far back the past is read at first sight (ms)."""
MOST_PAST = 50_000
"""Most rows of it."""
BUSY = 180
"""How long to wait at least where there was something (ms): what comes meanwhile is read, and shown, in one go."""
SLOWEST = 30 * SECOND
RECONNECT = 5 * SECOND
"""Longest wait between two looks for a server that is away (ms)."""
NOTICE = 30 * SECOND
"""How long it is said that a database was replaced (ms)."""

Take = Callable[[Sequence[BotEvent]], None]


async def tail(
    database: EventStore,
    clock: Clock,
    on_events: Take,
    on_fault: Callable[[str], None],
    wait: Callable[[int], Awaitable[None]],
    *,
    on_newest: Take | None = None,
    on_past: Callable[[Past], Awaitable[None]] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> None:
    """Follow a database until cancelled; it outlives every fault of the file.

    At first sight `on_newest` gets the newest page at once, for the feed, and then `on_past` gets the whole past
    exactly once (the newest page included), to be counted at the events' own times; without `on_past` the newest of
    it goes to `on_events`. From then on `on_events` gets each new event once. `on_fault` gets one line for people when
    something goes wrong and "" when it is over; `on_notice` the same for what is no fault, such as another database in
    the old one's place (without it, that goes to `on_fault`). `wait` waits that many milliseconds.
    """
    past, voice = _Reading(database, clock, on_newest), _Voice(clock, on_fault)
    aside = voice if on_notice is None else _Voice(clock, on_notice)
    pause = POLL
    while True:
        try:
            if not past.done:
                whole = await past.read()
                if on_past is not None:
                    await on_past(whole)
                else:
                    on_events(whole.newest)
            events = await database.read_new()
        except LockedError as error:
            # A lock passes, and most have passed by the next poll.
            if error.seconds > 0:
                voice.say(str(error))
            pause = POLL
            await wait(max(BUSY, database.poll))
            continue
        except EventError as error:
            # A bot or a person will not come faster for our asking; a connection comes back by itself.
            voice.say(str(error))
            pause = min(2 * pause, RECONNECT if isinstance(error, UnreachableError) else SLOWEST)
            await wait(pause)
            continue
        pause = POLL
        if notice := database.take_notice():
            aside.say(notice, NOTICE)
        voice.rest()
        aside.rest()
        if events:
            on_events(events)
        await wait(0 if database.behind else max(BUSY, database.poll) if events else database.poll)


class _Voice:
    """Says what is wrong, and once that it is over."""

    def __init__(self, clock: Clock, on_fault: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_fault = on_fault
        self._until: int | None = None

    def say(self, text: str, lasting: int = 0) -> None:
        """Say a line; it stands for at least that long (ms)."""
        self._on_fault(text)
        self._until = self._clock.monotonic() + lasting

    def rest(self) -> None:
        """All is well: take the line back, if one stands and has had its time."""
        if self._until is not None and self._clock.monotonic() >= self._until:
            self._on_fault("")
            self._until = None


class _Reading:
    """The past as far as it has been read, so that a fault in the middle does not begin it again."""

    def __init__(self, database: EventStore, clock: Clock, on_newest: Take | None) -> None:
        self.done = False
        self._database = database
        self._since = clock.now() - PAST
        self._on_newest = on_newest
        self._past: Past | None = None
        self._last: Sequence[BotEvent] = ()

    async def read(self) -> Past:
        """The whole past."""
        if self._past is None:
            self._last = await self._database.newest()
            self._past = Past(self._since)
            self._past.add(self._last)
            if self._last and self._on_newest is not None:
                self._on_newest(self._last)
        # Rows may be written in another order than they happened in.
        while self._past.read < MOST_PAST and any(event.t >= self._since for event in self._last):
            self._last = await self._database.older()
            self._past.add(self._last)
        self.done = True
        past, self._past = self._past, None
        return past
