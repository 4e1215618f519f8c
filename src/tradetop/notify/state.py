"""What notifications know: alerts as they are seen, what receivers have been told of them, and what is to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from tradetop.model.alert import Alert
from tradetop.model.level import Level
from tradetop.model.silence import fingerprint
from tradetop.model.unit import Unit


@dataclass(frozen=True, slots=True)
class Sighting:
    """An alert of a bot as its rule last gave it, with the words that go with it; every text is clean."""

    bot: str
    alert: Alert
    unit: Unit = Unit.NONE
    summary: str = ""
    action: str = ""
    """What to do: the runbook line."""
    outranked: bool = False
    """A worse alert of the same series fires, which is enough."""

    @property
    def fingerprint(self) -> str:
        """What makes it the same alert as before."""
        return fingerprint(self.bot, self.alert)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one evaluation gave: the alerts, and of which bots it can speak."""

    sightings: tuple[Sighting, ...] = ()
    bots: frozenset[str] = frozenset()
    """The bots whose rules were evaluated; alerts of others are as they were."""
    dark: frozenset[str] = frozenset()
    """Those of them without data at present: an alert of theirs that is gone has not resolved."""
    unsure: frozenset[tuple[str, str]] = frozenset()
    """Bots with names of rules of which nothing can be said: they failed, or were not evaluated since there is data."""


@dataclass(frozen=True, slots=True)
class Facts:
    """An alert as a message tells it."""

    bot: str
    name: str
    labels: tuple[tuple[str, str], ...]
    level: Level
    value: float
    unit: Unit
    since: int
    """When it became active (ms)."""
    fired_at: int
    condition: str = ""
    summary: str = ""
    action: str = ""


class Change(Enum):
    """What is new about an alert."""

    FIRING = "firing"
    AGAIN = "again"
    """It has become worse than it was when it was silenced, or its silence is over."""
    STILL = "still"
    """It goes on."""
    RESOLVED = "resolved"
    PASSED = "passed"
    """It fired and resolved before there was a message."""


@dataclass(frozen=True, slots=True)
class Item:
    """One alert in a message."""

    fingerprint: str
    facts: Facts
    change: Change
    over: int | None = None
    """When it resolved (ms)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one receiver."""

    id: str
    """Unique for ever: who gets it twice can tell."""
    receiver: str
    made: int
    items: tuple[Item, ...]
    held: bool = False
    """The receiver's cap held its alerts back until now."""
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that a receiver is to be told of."""

    receiver: str
    change: Change
    since: int


@dataclass(frozen=True, slots=True)
class Told:
    """When a receiver was last told of an alert (ms)."""

    receiver: str
    at: int


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert from its firing until every receiver knows that it resolved."""

    facts: Facts
    over: int | None = None
    """When it resolved (ms)."""
    silenced: bool = False
    outgrown: tuple[str, ...] = ()
    """Ids of silences that it has become too bad for."""
    waiting: tuple[Waiting, ...] = ()
    told: tuple[Told, ...] = ()


def is_urgent(waiting: Waiting, episode: Episode) -> bool:
    """Whether it is that a critical alert fires, or fires again."""
    return waiting.change in (Change.FIRING, Change.AGAIN) and episode.facts.level is Level.CRITICAL


@dataclass(frozen=True, slots=True)
class Ledger:
    """What went to one receiver lately."""

    receiver: str
    sent: tuple[int, ...] = ()
    """When, within the last hour, or the last time before (ms)."""
    held: bool = False
    """Its cap holds something back."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that must survive a restart; `origin` and `serial` make the ids of deliveries."""

    origin: str = ""
    serial: int = 0
    episodes: Mapping[str, Episode] = field(default_factory=dict)
    """By fingerprint."""
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    """By receiver."""
