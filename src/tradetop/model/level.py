"""Levels (how bad) and presence (may it be believed)."""

from __future__ import annotations

from enum import Enum, IntEnum


class Level(IntEnum):
    """How a value stands against its thresholds; higher is worse."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


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
