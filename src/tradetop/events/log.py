"""One feed out of what the bot said and what was worked out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort_right
from collections.abc import Iterable, Sequence
from operator import attrgetter, is_

from tradetop.model.bot_event import BotEvent, EventClass

LIMIT = 2_500
"""Events that are kept, and as many of each class that is also kept apart."""
TOLD = frozenset(
    {EventClass.SIGNAL, EventClass.RISK, EventClass.OPEN, EventClass.CLOSE, EventClass.TRADE, EventClass.ERROR}
)
"""What a bot with an event database tells itself, and better."""
STATES = ("breaker", "kill_switch")
"""Types of derived events that no event database tells."""
INCIDENTS = frozenset({EventClass.ALERT, EventClass.RESTART, EventClass.MARK})
"""What a time axis shows beside its values."""

_time = attrgetter("t")


class Log:
    """The newest events of one bot in the order of their times, and of arrival where those are equal.

    Each list grows as events arrive, wherever in it they belong; to be read, never to be kept.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self.dropped = 0
        """Events that had to make room for newer ones, or were lost before they came here."""
        self.events: list[BotEvent] = []
        self.errors: list[BotEvent] = []
        self.trades: list[BotEvent] = []
        """Those that open or close a position."""
        self.incidents: list[BotEvent] = []
        self._apart = {EventClass.ERROR: self.errors, EventClass.OPEN: self.trades, EventClass.CLOSE: self.trades}
        self._apart |= dict.fromkeys(INCIDENTS, self.incidents)

    def add(self, events: Iterable[BotEvent]) -> None:
        """Take events in the order in which they arrived."""
        for event in events:
            self._insert(self.events, event)
            if (apart := self._apart.get(event.cls)) is not None:
                self._insert(apart, event)

    def add_errors(self, events: Iterable[BotEvent]) -> None:
        """Take errors from before the feed begins; they are among the errors alone."""
        for event in events:
            self._insert(self.errors, event)

    def _insert(self, events: list[BotEvent], event: BotEvent) -> None:
        if not events or event.t >= events[-1].t:
            events.append(event)
        else:
            insort_right(events, event, key=_time)
        if len(events) > self._limit:
            del events[0]
            self.dropped += events is self.events


def between(events: Sequence[BotEvent], since: int, until: int) -> Sequence[BotEvent]:
    """Of events in the order of time those from `since` to `until` (ms), both included."""
    first = bisect_left(events, since, key=_time)
    return events[first : bisect_right(events, until, lo=first, key=_time)]


def moved_on(before: Sequence[BotEvent], now: Sequence[BotEvent]) -> int | None:
    """How many events `before` had at its start that `now` has no more; None where `now` is not its rest, and more."""
    if not before or not now:
        return None if before else 0
    gone = bisect_left(before, now[0].t, key=_time)
    while gone < len(before) and before[gone] is not now[0]:
        gone += 1
    rest = before[gone:]
    return gone if 0 < len(rest) <= len(now) and all(map(is_, rest, now)) else None


def untold(derived: Iterable[BotEvent]) -> list[BotEvent]:
    """Of derived events those that the event database of a bot does not tell."""
    return [event for event in derived if event.cls not in TOLD or event.type.startswith(STATES)]
