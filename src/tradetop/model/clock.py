"""Time as an argument: the one place that asks the machine for it."""

from __future__ import annotations

import time
from typing import Protocol

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LEEWAY = 5 * SECOND
"""How far what is recorded may be ahead of the clock before that is worth saying (ms)."""


class Clock(Protocol):
    """Wall clock for stamps, monotonic clock for schedules; both in milliseconds."""

    def now(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def monotonic(self) -> int:
        """Milliseconds that never jump."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        return time.monotonic_ns() // 1_000_000
