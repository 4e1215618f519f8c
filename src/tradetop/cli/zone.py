"""Zones: times as commands print them, in UTC or in the machine's own zone, which is always named."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tradetop.model.clock import SECOND
from tradetop.panes import times


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone that the person wants times in."""

    local: bool = False
    """Their own instead of UTC."""

    def at(self, t: int) -> tuple[int, str]:
        """Minutes east of UTC, and the zone's name, at `t` (ms): with and without summer time they are others."""
        if not self.local:
            return 0, "UTC"
        there = time.localtime(t / SECOND)
        return there.tm_gmtoff // 60, there.tm_zone

    def stamp(self, t: int) -> str:
        """`2025-11-20 12:03:27 CET`."""
        offset, name = self.at(t)
        return f"{times.stamp(t, offset)} {name}"

    def clock(self, t: int) -> str:
        """`12:03:27 CET`."""
        offset, name = self.at(t)
        return f"{times.clock(t, offset)} {name}"

    def since(self, t: int, now: int) -> str:
        """`12:03 CET`, with the date where it is another day than `now` (ms)."""
        offset, name = self.at(t)
        return f"{times.since(t, now, offset)} {name}"


UTC = Zone()
