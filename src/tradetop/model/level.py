"""Levels (how bad) and presence (may it be believed)."""

from __future__ import annotations

from enum import Enum, IntEnum


class Level(IntEnum):
    """How a value stands against its thresholds; higher is worse."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


_CRITICAL = frozenset(["critical", "crit", "page", "fatal", "emergency", "disaster", "high", "error"])


def severity_level(severity: str) -> Level:
    """The level of an alert with this `severity` label: what rule files call critical, else a warning."""
    return Level.CRITICAL if severity.lower() in _CRITICAL else Level.WARNING


class Presence(Enum):
    """The five kinds of absence that nobody may confuse."""

    LIVE = "live"
    STALE = "stale"
    """Had samples and stopped; the last value is kept with its age."""
    ABSENT = "absent"
    """Never had any."""
    NEVER_SET = "never set"
    """Exposed since the process began and constant zero, though the preset says normal work sets it."""
    NOT_RECORDED = "not recorded"
    """Our own gap: nobody was recording."""
