"""The past beyond what stays in memory: read from the history file, thinned, when somebody looks at it."""

from __future__ import annotations

from pathlib import Path

from tradetop.model.clock import DAY, MINUTE, Clock
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader

SPAN = 7 * DAY + 6 * 60 * MINUTE
"""How far back it goes (ms): the longest window, and what a query at its beginning looks back on."""
EVERY = MINUTE
"""One scrape of so many ms is kept: a rate over five minutes still has five samples."""
ANEW = 10 * MINUTE
"""How old it may be (ms); columns of a week are nearly an hour wide."""


class Past:
    """The last week of one history file; costs nothing until it is asked for."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._read_at: int | None = None
        self._store = MemoryStore()

    def series(self) -> MemoryStore:
        """The series, at most ten minutes old."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at > ANEW:
            self._read_at = now
            self._store = MemoryStore()
            reader = HistoryReader.open(self._path)
            reader.load_thinned(self._store, now - SPAN, EVERY)
            reader.close()
        return self._store
