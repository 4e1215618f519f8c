"""Events at one moment: the feed, errors by what they have in common, the story of a trade, open positions."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.level import Level
from tradetop.model.panel_frame import Trend


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Errors that are alike."""

    category: str
    text: str
    count: int
    last: int
    level: Level = Level.WARNING
    newest: BotEvent | None = None
    """The last of them, which the feed may not show any more."""
    fingerprint: str = ""
    """What they have in common, as `events.fingerprint` tells it; never drawn."""
    type: str = ""
    first: int = 0
    """When one was first seen, however long before the window (ms)."""
    bots: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    """The most frequent first."""
    trend: Trend | None = None
    fresh: bool = False
    """The first of them came after the last deployment."""
    waiting: int = 0
    """How many of them are to be reviewed."""
    reviewed: int = 0
    """Up to when a person has looked at them (ms); 0 for never."""


@dataclass(frozen=True, slots=True)
class ErrorTally:
    """How many errors there are of one thing: of a type and a bot, or of a pair."""

    names: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    """By category."""
    last: int

    @property
    def total(self) -> int:
        """Of every category."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class GroupFrame:
    """The errors of one group, one by one."""

    group: ErrorGroup
    events: tuple[BotEvent, ...]
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class Position:
    """An open position, as far as a source tells."""

    pair: str
    strategy: str = ""
    side: str = ""
    size: float | None = None
    entry: float | None = None
    opened_at: int | None = None
    pnl: float | None = None


@dataclass(frozen=True, slots=True)
class FeedFrame:
    """The newest events, newest last."""

    events: tuple[BotEvent, ...]
    """One for each row; an event may tell of others like it."""
    per_hour: int = 0
    derived: bool = False
    """Worked out from metrics: no event source is connected."""
    stale: bool = False
    """The source itself has gone."""
    reason: str = ""
    filter: str = ""
    """The filter that was applied, as typed."""
    problem: str = ""
    """Why the filter could not be applied; everything is shown then."""
    hidden: int = 0
    """Events of the feed that the filter left out."""
    total: int = 0
    """Events that there are, of which a frame carries the newest; 0 where nobody counted."""
    dropped: int = 0
    """Events that arrived while the program ran and have left memory since."""


NO_FEED = FeedFrame(())
"""Nothing has happened, or nobody tells."""


@dataclass(frozen=True, slots=True)
class Story:
    """The events of one trade, as far as they are known."""

    signal: BotEvent | None
    risk: BotEvent | None
    opened: BotEvent | None
    close: BotEvent | None
    paired: str = ""
    """By what they were found to belong together; one line for people."""
    since: int = 0
    """The time of the oldest event that was looked at (ms)."""

    @property
    def parts(self) -> tuple[tuple[EventClass, BotEvent | None], ...]:
        """Each part with its event, in the order of a trade."""
        return (
            (EventClass.SIGNAL, self.signal),
            (EventClass.RISK, self.risk),
            (EventClass.OPEN, self.opened),
            (EventClass.CLOSE, self.close),
        )


@dataclass(frozen=True, slots=True)
class Incident:
    """What a time axis shows beside its values, whatever the feed shows: a restart, an alert, a deployment."""

    t: int
    cls: EventClass
    level: Level = Level.OK
    label: str = ""
    """What the bot calls it, where that is worth reading."""
