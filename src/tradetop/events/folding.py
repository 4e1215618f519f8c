"""Repeats: events of one bot that follow each other and say the same become one row of the feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tradetop.events.fingerprint import essence
from tradetop.events.log import moved_on
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import MINUTE

WITHIN = MINUTE
"""The newest event of a row is at most so much newer than its oldest (ms)."""
_EACH_COUNTS = frozenset(
    {EventClass.OPEN, EventClass.CLOSE, EventClass.TRADE, EventClass.ALERT, EventClass.MARK, EventClass.ONCALL}
)
"""What is never folded: each of them has an amount, or a moment, that must not be lost behind another."""


class Folding:
    """Folds a feed that goes on; each event is looked at once, and rows that stay are the same objects."""

    def __init__(self) -> None:
        self._events: Sequence[BotEvent] = ()
        self._members: list[list[BotEvent]] = []
        self._rows: list[BotEvent] = []

    def rows(self, events: Sequence[BotEvent]) -> Sequence[BotEvent]:
        """Of one bot's events in the order of time the newest of each row, the others in its `repeats`."""
        gone = moved_on(self._events, events)
        if gone is None:
            self._members, self._rows = [], []
        else:
            self._forget(gone)
        for event in events if gone is None else events[len(self._events) - gone :]:
            self._take(event)
        self._events = events
        return self._rows

    def _forget(self, gone: int) -> None:
        """So many of the oldest events are no more."""
        whole = 0
        while gone and gone >= len(self._members[whole]):
            gone -= len(self._members[whole])
            whole += 1
        del self._members[:whole], self._rows[:whole]
        if gone:
            del self._members[0][:gone]
            self._rows[0] = _row(self._members[0])

    def _take(self, event: BotEvent) -> None:
        if self._members and is_repeat(self._members[-1][0], self._members[-1][-1], event):
            self._members[-1].append(event)
            self._rows[-1] = _row(self._members[-1])
        else:
            self._members.append([event])
            self._rows.append(event)


def _row(members: Sequence[BotEvent]) -> BotEvent:
    newest = members[-1]
    return replace(newest, repeats=tuple(members[:-1])) if len(members) > 1 else newest


def is_repeat(first: BotEvent, last: BotEvent, event: BotEvent) -> bool:
    """Whether an event says what the row from `first` to `last` says, but for numbers and ids."""
    if event.cls in _EACH_COUNTS or event.t - first.t > WITHIN or _names(last) != _names(event):
        return False
    return _words(last) == _words(event)


def _names(event: BotEvent) -> tuple[object, ...]:
    # Cheap to compare, unlike what an event says: that is read only where all of this is the same.
    return event.bot, event.type, event.pair, event.strategy, event.category, event.level, event.source


def _words(event: BotEvent) -> tuple[object, ...]:
    """What an event says without what changes; of a number only that there is one."""
    return tuple((f.name, essence(f.value) if isinstance(f.value, str) else None) for f in event.facts)
