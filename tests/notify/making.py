"""Alerts, receivers and a small world in which a test lets time pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.silence import Silence
from tradetop.notify.advance import advance
from tradetop.notify.receiver import Receiver
from tradetop.notify.state import Delivery, Seen, Sighting, State

T0 = 1_767_323_040_000
"""2026-01-02 03:04:00 UTC."""
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000


def sighting(
    name: str = "Drawdown",
    value: float = 9.1,
    *,
    at: int = T0,
    level: Level = Level.WARNING,
    state: AlertState = AlertState.FIRING,
    bot: str = "bot",
    summary: str = "",
    action: str = "",
    outranked: bool = False,
    **labels: str,
) -> Sighting:
    rule = Rule(name, "dd > 8", level=level, condition="> 8")
    alert = Alert(rule, Labels(labels), state, value, active_at=at, fired_at=at)
    return Sighting(bot, alert, summary=summary, action=action, outranked=outranked)


def quick(name: str = "phone", **more: object) -> Receiver:
    """A receiver that waits for nothing."""
    return Receiver(name, **{"group_wait": 0, "group_interval": 0, "repeat_interval": 0, "per_hour": 0, **more})  # type: ignore[arg-type]


@dataclass
class World:
    """The machine as it is driven: `at(t, alerts...)` says what was delivered, as `receiver: change name...`."""

    receivers: Sequence[Receiver] = field(default_factory=lambda: [quick()])
    silences: Sequence[Silence] = ()
    dark: frozenset[str] = frozenset()
    stuck: frozenset[str] = frozenset()
    state: State = field(default_factory=lambda: State("x"))
    deliveries: list[Delivery] = field(default_factory=list)

    def at(self, t: int, *sightings: Sighting, bots: frozenset[str] = frozenset({"bot"})) -> list[str]:
        seen = Seen(sightings, bots | {s.bot for s in sightings}, self.dark)
        self.state, made = advance(self.state, seen, self.silences, self.receivers, t, stuck=self.stuck)
        self.deliveries += made
        return [
            f"{d.receiver}: " + " ".join(f"{i.change.value} {i.facts.name}" for i in d.items) + (" held" * d.held)
            for d in made
        ]
