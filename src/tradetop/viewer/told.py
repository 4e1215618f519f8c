"""What a bot's events tell at one moment: the feed, the groups of errors, the open positions, what axes show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from operator import is_

from tradetop.events.filter import Filter, Sieve, parse
from tradetop.events.groups import error_groups
from tradetop.events.pairing import open_positions
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import DAY, HOUR
from tradetop.model.frame import ErrorGroup, FeedFrame, Incident, Position
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.silence import Silence
from tradetop.model.view import View
from tradetop.viewer.bot import Bot
from tradetop.viewer.noted import event_of, events_of, in_window, known

FEED = 500
"""Events that a frame carries at most."""

_TRADES = frozenset({EventClass.OPEN, EventClass.CLOSE})


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of a frame that come from events and marks."""

    own: FeedFrame
    """What the bot itself told."""
    feed: FeedFrame
    """The same with the person's marks, and what was done to alerts."""
    noted: tuple[BotEvent, ...]
    """All of those, as events."""
    error_groups: tuple[ErrorGroup, ...]
    positions: tuple[Position, ...]
    marks: tuple[Mark, ...]
    incidents: tuple[Incident, ...]


class Teller:
    """Tells of one bot's events; those that a filter has looked at once are not looked at again."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._sieve = Sieve()
        self._marks: tuple[Mark, ...] = ()
        self._silences: tuple[Silence, ...] | None = None
        self._done: tuple[BotEvent, ...] = ()
        self._incidents: tuple[Incident, ...] = ()
        self._errors: list[BotEvent] = []
        self._groups: tuple[ErrorGroup, ...] = ()
        self._trades: list[BotEvent] = []
        self._positions: tuple[Position, ...] = ()

    def told(self, events: Sequence[BotEvent], view: View, at: int) -> Told:
        """What the events of a bot tell at `at` (ms), to somebody who looks at this view."""
        own = self._own(events, view.filter, at)
        marks = known(self._bot.marks(), at)
        # The same objects while they say the same: what is drawn from them need not be drawn again.
        window, incidents = in_window(marks, at, view.span), _incidents(self._bot.incidents(), at - view.span, at)
        if window != self._marks:
            self._marks = window
        if incidents != self._incidents:
            self._incidents = incidents
        self._group(events, at)
        self._pair(events, at)
        written = tuple(event_of(mark, "" if mark.everybodys else self._bot.name) for mark in marks)
        noted = tuple(merge(written, self.attention(at), key=lambda event: event.t))
        return Told(
            own=own,
            feed=with_noted(own, noted, self._sieve.filter),
            noted=noted,
            error_groups=self._groups,
            positions=self._positions,
            marks=self._marks,
            incidents=self._incidents,
        )

    def attention(self, at: int) -> Sequence[BotEvent]:
        """What people did to alerts by `at` (ms); the same objects while nothing of it is new."""
        silences = self._bot.silences()
        if silences is not self._silences:
            self._silences, self._done = silences, events_of(silences, self._bot.name)
        return self._done[: bisect_right(self._done, at, key=lambda event: event.t)]

    def _group(self, events: Sequence[BotEvent], at: int) -> None:
        """The errors of the last hour in groups, worked out anew where they are other ones."""
        found = [event for event in events if event.cls is EventClass.ERROR and 0 <= at - event.t < HOUR]
        if not _same(found, self._errors):
            self._errors = found
            groups = error_groups(found, since=at - HOUR, until=at)
            self._groups = self._groups if groups == self._groups else groups

    def _pair(self, events: Sequence[BotEvent], at: int) -> None:
        """The open positions of the last day, worked out anew where other trades opened or closed."""
        found = [event for event in events if event.cls in _TRADES and 0 <= at - event.t <= DAY]
        if not _same(found, self._trades):
            self._trades = found
            positions = open_positions(found)
            self._positions = self._positions if positions == self._positions else positions

    def _own(self, events: Sequence[BotEvent], text: str, at: int) -> FeedFrame:
        status = self._bot.status()
        newest = [event for event in events if event.t <= at]
        kept = [event for event in self._bot.kept() if event.t <= at] if text else newest
        passed = self._sieve.passed(text, kept)
        return FeedFrame(
            events=tuple(passed[-FEED:]),
            per_hour=len([event for event in newest if at - event.t < HOUR]),
            derived=not self._bot.target.database,
            stale=bool(status.database_reason),
            reason=status.database_reason,
            filter=text,
            problem=self._sieve.filter.problem,
            hidden=len(kept) - len(passed),
            total=len(kept),
        )


def _same(events: Sequence[BotEvent], known: Sequence[BotEvent]) -> bool:
    """Whether these are the very same events."""
    return len(events) == len(known) and all(map(is_, events, known))


def with_noted(feed: FeedFrame, noted: Sequence[BotEvent], wanted: Filter) -> FeedFrame:
    """The feed with those of a person's marks that the filter lets pass."""
    if not noted:
        return feed
    passed = [event for event in noted if wanted.accepts(event)]
    both = tuple(merge(feed.events, passed, key=lambda event: event.t))
    hidden = feed.hidden + len(noted) - len(passed)
    return replace(feed, events=both[-FEED:], hidden=hidden, total=feed.total + len(noted))


def together(feeds: Sequence[FeedFrame], noted: Sequence[BotEvent], text: str) -> FeedFrame:
    """The feeds of several bots as one, in the order of time, with the marks that are on any of their axes.

    `text` is the filter that the feeds have been through already.
    """
    events = tuple(merge(*(feed.events for feed in feeds), key=lambda event: event.t))
    feed = FeedFrame(
        events=events[-FEED:],
        per_hour=sum(feed.per_hour for feed in feeds),
        filter=text,
        problem=next((feed.problem for feed in feeds), ""),
        hidden=sum(feed.hidden for feed in feeds),
        total=sum(feed.total for feed in feeds),
    )
    return with_noted(feed, sorted(noted, key=lambda event: event.t), parse(text))


def _incidents(events: Iterable[BotEvent], since: int, at: int) -> tuple[Incident, ...]:
    """What a time axis from `since` to `at` (ms) shows: restarts, alerts, and what the bot itself marked."""
    found = []
    for event in events:
        if since <= event.t <= at and (event.cls is not EventClass.ALERT or event.level is not Level.OK):
            label = event.type if event.cls is EventClass.MARK else ""
            found.append(Incident(event.t, event.cls, event.level, label))
    return tuple(sorted(found, key=lambda incident: incident.t))
