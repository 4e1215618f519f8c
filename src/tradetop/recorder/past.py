"""The past beyond what stays in memory: read from the history file, series by series, when somebody looks at them."""

from __future__ import annotations

from pathlib import Path

from tradetop.model.clock import DAY, HOUR, MINUTE, Clock
from tradetop.store.archive import Archive

SPAN = 7 * DAY + 6 * HOUR
"""How far back it goes (ms): the longest window, and what a query at its beginning looks back on."""
ANEW = 10 * MINUTE
"""How old it may be (ms); columns of a week are nearly an hour wide."""


class Past:
    """The last week of one history file, every scrape of it; costs nothing until a series is asked for."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._read_at: int | None = None
        self._archive = Archive(path)

    def series(self) -> Archive:
        """The series, at most ten minutes old."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at > ANEW:
            self._read_at = now
            self._archive.refresh(now - SPAN)
        return self._archive
