"""A database's past in little memory: its newest events whole, of all others what counting needs."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain

from tradetop.model.bot_event import BotEvent, EventClass

NEWEST = 2_000
"""Events that stay whole."""
ERRORS = 1_000
"""Errors that do, besides: they are to be looked at for longer than the feed goes back."""
_APART = frozenset({EventClass.OPEN, EventClass.CLOSE})
"""What such an event says counts; of others only their kind does."""


class Past:
    """Takes the pages of a past from the newest back, and gives its events in the order of their times."""

    def __init__(self, since: int) -> None:
        self._since = since
        self.newest: list[BotEvent] = []
        """The newest events by time, oldest first."""
        self.errors: list[BotEvent] = []
        """The newest errors by time, oldest first; those among `newest` too."""
        self._kinds: list[BotEvent] = []
        self._known: dict[tuple[object, ...], int] = {}
        self._pages: list[tuple[array[int], array[int]]] = []
        self.read = 0
        """Events so far, also those that were too old."""

    def add(self, page: Sequence[BotEvent]) -> None:
        """Take the page before the last one, its events in the order in which they were written."""
        self.read += len(page)
        found = [event for event in page if event.t >= self._since]
        self._pages.append((array("q", [event.t for event in found]), array("q", map(self._kind, found))))
        self.newest = _sorted([*found, *self.newest])[-NEWEST:]
        if errors := [event for event in found if event.cls is EventClass.ERROR]:
            self.errors = _sorted([*errors, *self.errors])[-ERRORS:]

    def counted(self) -> Iterator[tuple[int, BotEvent]]:
        """Each event's time (ms) and an event that counts as it does, in the order of the times."""
        times = array("q", chain.from_iterable(page[0] for page in reversed(self._pages)))
        kinds = array("q", chain.from_iterable(page[1] for page in reversed(self._pages)))
        for i in sorted(range(len(times)), key=times.__getitem__):
            yield times[i], self._kinds[kinds[i]]

    def bots(self) -> tuple[str, ...]:
        """The bots that it tells of, in the order of their first events."""
        named = {event.bot for event in self._kinds}
        return tuple(named if len(named) < 2 else dict.fromkeys(event.bot for _, event in self.counted()))

    def _kind(self, event: BotEvent) -> int:
        if event.cls in _APART:
            self._kinds.append(event)
            return len(self._kinds) - 1
        key = (event.bot, event.type, event.category, event.strategy, event.pair, event.flaws)
        if key not in self._known:
            self._known[key] = len(self._kinds)
            self._kinds.append(event)
        return self._known[key]


def _sorted(events: list[BotEvent]) -> list[BotEvent]:
    return sorted(events, key=lambda event: (event.t, event.sequence))
