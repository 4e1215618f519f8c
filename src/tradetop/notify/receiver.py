"""Receivers: where notifications go, and what each of them wants to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.level import Level
from tradetop.model.target import Secret


class ReceiverKind(Enum):
    """How a receiver is reached."""

    APPRISE = "apprise"
    """A service that apprise knows: Telegram, Slack, e-mail, PagerDuty, a webhook..."""
    ALERTMANAGER = "alertmanager"
    """Prometheus' Alertmanager, which groups, repeats and silences by itself."""
    BELL = "bell"
    """The terminal of the screens that watch."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the day, in a zone, in which a receiver is left alone."""

    start: int
    """Minutes after midnight; later than `end` for hours over midnight."""
    end: int
    zone: tzinfo
    critical: bool = True
    """Whether critical alerts ring all the same."""

    def hold(self, t: int) -> bool:
        """Whether it is quiet at `t` (ms)."""
        there = datetime.fromtimestamp(t / SECOND, self.zone)
        minute = there.hour * 60 + there.minute
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


_NOWHERE = Secret("")


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiver; times in milliseconds, in Alertmanager's words."""

    name: str
    kind: ReceiverKind = ReceiverKind.APPRISE
    url: Secret = _NOWHERE
    level: Level = Level.WARNING
    """Alerts below it are not sent here."""
    after: int = 0
    """Escalation: only alerts that nobody has acknowledged or snoozed for so long; 0 for all at once."""
    group_wait: int = 10 * SECOND
    """How long a first alert waits for others to go into the same message."""
    group_interval: int = 5 * MINUTE
    """How long after a message the next one may come, unless a critical alert is new."""
    repeat_interval: int = 4 * HOUR
    """How often an alert that goes on firing is sent again; 0 for never."""
    per_hour: int = 30
    """Most messages in any hour, a quarter of them kept for critical alerts; 0 for any number."""
    send_resolved: bool = True
    quiet: QuietHours | None = None

    def is_reached_as(self, other: Receiver) -> bool:
        """Whether a message to the one goes where a message to the other does."""
        return self.kind is other.kind and self.url.reveal() == other.url.reveal()

    def room(self, *, urgent: bool) -> int | None:
        """How many messages an hour may have for this one to be allowed; None for any number."""
        if not self.per_hour:
            return None
        return self.per_hour if urgent else self.per_hour - self.per_hour // 4
