"""Bot events: what a bot did, from its event database or derived from its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from tradetop.model.level import Level
from tradetop.model.unit import Kind, Unit


class EventClass(Enum):
    """What an event is, whatever the bot calls it; the screen's colour and glyph follow it."""

    SIGNAL = "signal"
    RISK = "risk"
    OPEN = "open"
    CLOSE = "close"
    TRADE = "trade"
    """A trade that does not say whether it opened or closed (counters know no more)."""
    SETTLEMENT = "settlement"
    """What became of a trade on the chain or at the exchange, after it closed; its profit was counted then."""
    ERROR = "error"
    HEALTH = "health"
    RESTART = "restart"
    SCRAPE = "scrape"
    ALERT = "alert"
    MARK = "mark"
    ONCALL = "on call"
    """What a person did to an alert."""
    OTHER = "other"

    # Enum's own is written in Python, and thousands of events are asked for theirs each second.
    __hash__ = object.__hash__


class EventSource(Enum):
    """Whether the bot said it, tradetop worked it out, or a person wrote it down."""

    DATABASE = "database"
    LOG = "log"
    DERIVED = "derived"
    PERSON = "person"


MOST_PNL = 1e15
"""No trade earns or loses more (USD): what says so is a mistake, and would drown all others."""


def earned(said: object) -> float | None:
    """A profit or loss (USD) that may be one; None for whatever else a bot says in its place."""
    return said if isinstance(said, float) and abs(said) <= MOST_PNL else None


SPOKEN = (EventSource.DATABASE, EventSource.LOG)
"""Where a bot says itself what it does."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One detail of an event; a number keeps its unit, a text its kind, so that it can be hidden."""

    name: str
    value: float | str
    kind: Kind = Kind.TEXT
    unit: Unit = Unit.NONE


class Written(Protocol):
    """A text that is written when it is asked for."""

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class BotEvent:
    """Something that happened at `t` (milliseconds since the epoch); every text in it is already clean."""

    id: str
    t: int
    bot: str
    type: str
    """As the bot wrote it."""
    cls: EventClass
    source: EventSource
    pair: str = ""
    strategy: str = ""
    category: str = ""
    """Of an error: connection, execution, validation or other."""
    level: Level = Level.OK
    facts: Sequence[Fact] = ()
    """In the order worth reading; of most events nobody asks, so they may be worked out when somebody does."""
    written: Written = ""
    """What `raw` is read from."""
    guessed_time: bool = False
    """The event's own time could not be read: `t` is when it arrived."""
    sequence: int = 0
    """Order of arrival within its source."""
    flaws: tuple[str, ...] = ()
    """What was missing of it or could not be read: time, type, bot, metadata."""
    repeats: tuple[BotEvent, ...] = ()
    """The events before it that a row of the feed tells with it, oldest first: they say the same."""

    @property
    def raw(self) -> str:
        """The whole event as JSON, cut where it was too long."""
        return str(self.written)

    @property
    def told(self) -> tuple[BotEvent, ...]:
        """All events that its row of the feed tells, oldest first."""
        return (*self.repeats, self)

    def tells(self, id: str) -> bool:
        """Whether the event with this id is told in its row of the feed."""
        return self.id == id or any(event.id == id for event in self.repeats)

    @property
    def pnl(self) -> float | None:
        """Profit or loss in USD that a closing event reports."""
        for fact in self.facts:
            if fact.name == "pnl_usd" and isinstance(fact.value, float):
                return earned(fact.value)
        return None
