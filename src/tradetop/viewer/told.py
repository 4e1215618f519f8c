"""What a bot's events tell at one moment: the feed, the groups of errors, the open positions, what axes show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import merge

from tradetop.events.filter import Filter, Sieve, parse
from tradetop.events.fingerprint import fingerprint
from tradetop.events.folding import Folding
from tradetop.events.log import LIMIT, Log, between
from tradetop.events.pairing import Pairing
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import DAY, HOUR
from tradetop.model.feed_frame import ErrorGroup, ErrorTally, FeedFrame, GroupFrame, Incident, Position
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.silence import Silence
from tradetop.model.view import View
from tradetop.viewer.bot import Bot
from tradetop.viewer.mistakes import Mistakes
from tradetop.viewer.noted import event_of, events_of, in_window, known

FEED = LIMIT
"""Events that a frame carries at most: all that there are in memory."""


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of a frame that come from events and marks."""

    own: FeedFrame
    """What the bot itself told."""
    feed: FeedFrame
    """The same with the person's marks, and what was done to alerts."""
    noted: tuple[BotEvent, ...]
    """All of those, as events."""
    errors: int
    """Of the last hour."""
    error_groups: tuple[ErrorGroup, ...]
    errors_by_type: tuple[ErrorTally, ...]
    errors_by_pair: tuple[ErrorTally, ...]
    to_review: int
    """Groups of errors."""
    group: GroupFrame | None
    """Those that the view asks for."""
    positions: tuple[Position, ...]
    marks: tuple[Mark, ...]
    incidents: tuple[Incident, ...]


class Teller:
    """Tells of one bot's events; those that a filter has looked at once are not looked at again."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._sieve = Sieve()
        self._folding = Folding()
        self._held: tuple[int, Sequence[BotEvent]] | None = None
        """The moment that is looked back to, and the events until then: new ones must not push them out."""
        self._marks: tuple[Mark, ...] = ()
        self._silences: tuple[Silence, ...] | None = None
        self._done: tuple[BotEvent, ...] = ()
        self._incidents: tuple[Incident, ...] = ()
        self._mistakes = Mistakes(bot)
        self._pairing = Pairing()
        self._positions: tuple[Position, ...] = ()

    def told(self, view: View, at: int) -> Told:
        """What the events of a bot tell at `at` (ms), to somebody who looks at this view."""
        log = self._bot.log()
        own = self._own(log, view, at)
        marks = known(self._bot.marks(), at)
        # The same objects while they say the same: what is drawn from them need not be drawn again.
        window, incidents = in_window(marks, at, view.span), _incidents(between(log.incidents, at - view.span, at))
        if window != self._marks:
            self._marks = window
        if incidents != self._incidents:
            self._incidents = incidents
        errors = between(log.errors, at - HOUR + 1, at)
        mistakes = self._mistakes
        mistakes.look(log, view, at)
        positions = tuple(p for p in self._pairing.of(between(log.trades, 0, at)) if at - (p.opened_at or at) <= DAY)
        if positions != self._positions:
            self._positions = positions
        written = tuple(event_of(mark, "" if mark.everybodys else self._bot.name) for mark in marks)
        noted = tuple(merge(written, self.attention(at), key=lambda event: event.t))
        return Told(
            own=own,
            feed=with_noted(own, noted, self._sieve.filter),
            noted=noted,
            errors=len(errors),
            error_groups=mistakes.groups,
            errors_by_type=mistakes.by_type,
            errors_by_pair=mistakes.by_pair,
            to_review=mistakes.to_review,
            group=mistakes.opened(view.errors),
            positions=self._positions,
            marks=self._marks,
            incidents=self._incidents,
        )

    def alike(self, error: BotEvent) -> ErrorGroup | None:
        """The errors that are like one of them, as they were told last."""
        return self._mistakes.alike(fingerprint(error))

    def attention(self, at: int) -> Sequence[BotEvent]:
        """What people did to alerts by `at` (ms); the same objects while nothing of it is new."""
        silences = self._bot.silences()
        if silences is not self._silences:
            self._silences, self._done = silences, events_of(silences, self._bot.name)
        return self._done[: bisect_right(self._done, at, key=lambda event: event.t)]

    def _own(self, log: Log, view: View, at: int) -> FeedFrame:
        status = self._bot.status()
        kept, text = self._kept(log, view, at), view.filter
        passed = self._sieve.passed(text, kept)
        rows = self._folding.rows(passed) if view.folded else passed
        return FeedFrame(
            events=tuple(rows[-FEED:]),
            per_hour=len(between(kept, at - HOUR + 1, at)),
            derived=not self._bot.target.database,
            stale=bool(status.database_reason),
            reason=status.database_reason,
            filter=text,
            problem=self._sieve.filter.problem,
            hidden=len(kept) - len(passed),
            total=len(kept),
            dropped=log.dropped,
        )

    def _kept(self, log: Log, view: View, at: int) -> Sequence[BotEvent]:
        """The events until `at` (ms); what a paused display shows stays, whatever arrives meanwhile."""
        if view.at is None:
            self._held = None
        elif self._held is None or self._held[0] != view.at:
            self._held = view.at, between(log.events, 0, at)
        return between(log.events, 0, at) if self._held is None else self._held[1]


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
        dropped=sum(feed.dropped for feed in feeds),
    )
    return with_noted(feed, sorted(noted, key=lambda event: event.t), parse(text))


def _incidents(events: Iterable[BotEvent]) -> tuple[Incident, ...]:
    """What a time axis shows of events: restarts, alerts, and what the bot itself marked."""
    return tuple(
        Incident(event.t, event.cls, event.level, event.type if event.cls is EventClass.MARK else "")
        for event in events
        if event.cls is not EventClass.ALERT or event.level is not Level.OK
    )
