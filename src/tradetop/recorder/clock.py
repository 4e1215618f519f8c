"""A clock for stamps that never goes back, whatever the machine's wall clock does."""

from __future__ import annotations

from tradetop.model.clock import Clock

SLOWER = 0.01
"""By how much time passes more slowly while the wall clock is behind: rates are wrong by no more than that."""


class SteadyClock:
    """Wall time that never runs backwards.

    Where the wall clock is set back, time goes on nearly at the monotonic clock's pace until the wall clock has caught
    up: samples stay in order, and no schedule and no `for` is cheated.
    """

    def __init__(self, clock: Clock, floor: int = 0) -> None:
        self._clock = clock
        self._last = float(floor)
        self._seen = clock.monotonic()

    def now(self) -> int:
        """Milliseconds since the epoch, never less than before and never below the floor."""
        monotonic, wall = self._clock.monotonic(), self._clock.now()
        # A machine that was moved or woken may have set even this one back.
        passed = max(0, monotonic - self._seen)
        ahead = self._last + passed - wall
        self._last = max(wall, self._last + passed - max(0.0, min(ahead, passed * SLOWER)))
        self._seen = monotonic
        return int(self._last)

    def ahead(self) -> int:
        """How far stamps are ahead of the wall clock (ms), which was set back: less from hour to hour."""
        return self.now() - self._clock.now()

    def monotonic(self) -> int:
        return self._clock.monotonic()

    def raise_to(self, floor: int) -> None:
        """Let no later stamp be below `floor` (ms), such as the end of the history that was loaded."""
        self._last = max(self._last, floor)
