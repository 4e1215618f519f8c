"""Silences: alerts that a person has acknowledged or snoozed, and when they ring all the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from tradetop.model.alert import Alert
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level
from tradetop.model.panel import Side

WORSE = 0.2
"""How much of the value that was silenced an alert must move further from its limit to ring again."""
_ROUNDING = 1e-9


class SilenceKind(Enum):
    """What a person did to an alert."""

    ACK = "ack"
    """Somebody knows: quiet until it has resolved."""
    SNOOZE = "snooze"
    """Quiet until a time."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts of one name that shall be quiet; texts are clean, times are milliseconds since the epoch."""

    id: str
    kind: SilenceKind
    alert: str
    """The alert's name."""
    made: int
    until: int | None = None
    """When it ends; None for an acknowledgement, which lasts until the alert has resolved."""
    labels: Labels = EMPTY
    """Labels that the alert must have, among others; none for every alert of the name."""
    bot: str = ""
    """Whose alerts; "" for those of every bot."""
    reason: str = ""
    level: Level = Level.WARNING
    """How bad it was when this was made."""
    value: float = 0.0
    """The alert's value when this was made."""
    side: Side | None = None
    """On which side of the limit the trouble lies, as `rules.side.limit_side` finds it; None where there is no side,
    such as of `up == 0`: only a worse severity rings again then."""
    planned: int | None = None
    """When it was to end as it was made; `until` is earlier where somebody took it back."""


def fingerprint(bot: str, alert: Alert) -> str:
    """What is the same alert: its bot, its rule's name and its labels; never a text or a value, which change."""
    return _digest(bot, alert.rule.name, alert.labels)


@lru_cache(maxsize=2_048)
def _digest(bot: str, name: str, labels: Labels) -> str:
    """Remembered, since every alert is asked for it every second."""
    text = "\0".join((bot, name, *(f"{label}\0{value}" for label, value in labels.items())))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def applies(silence: Silence, bot: str, alert: Alert, t: int) -> bool:
    """Whether a silence speaks of this alert of a bot at `t` (ms), be it worse by now or not.

    An acknowledgement is of the alert as it was: once that has resolved, a new one is not acknowledged.
    """
    if silence.bot not in ("", bot) or silence.alert != alert.rule.name:
        return False
    if any(alert.labels.get(name, "") != value for name, value in silence.labels.items()):
        return False
    if silence.kind is SilenceKind.ACK and alert.active_at > silence.made:
        return False
    return silence.until is None or t < silence.until


def rings_again(silence: Silence, alert: Alert) -> bool:
    """Whether an alert has become worse than it was when it was silenced.

    It has where its severity is worse, or its value moved away from the limit by a fifth of what it was: silenced at
    -480 of < -400, it rings at -576; silenced at 9.1 of > 8, it rings at 10.92.
    """
    if alert.rule.level > silence.level:
        return True
    if silence.side is None:
        return False
    moved = alert.value - silence.value if silence.side is Side.ABOVE else silence.value - alert.value
    return moved > 0 and moved >= WORSE * abs(silence.value) * (1 - _ROUNDING)


def quiet(silence: Silence, bot: str, alert: Alert, t: int) -> bool:
    """Whether a silence keeps this alert of a bot from ringing at `t` (ms)."""
    return applies(silence, bot, alert, t) and not rings_again(silence, alert)
