"""An event database that grows as fast as wanted: the sample bot's own kinds of events, over and over."""

from __future__ import annotations

import threading
import time
from itertools import cycle, islice
from pathlib import Path
from types import TracebackType
from typing import Self

from tradetop.demo.happening import Cycled, Happening
from tradetop.demo.ledger import Ledger
from tradetop.demo.story import stress
from tradetop.demo.trader import Trader
from tradetop.model.clock import SystemClock

BEAT = 0.1
"""Seconds between two writes of a fast feed; a slow one writes an event at a time."""
PAST = 6.0
"""Hours of events that were there before."""


def happenings(minutes: int = 60) -> list[Happening]:
    """What the sample bot logs in so many minutes."""
    trader = Trader(7)
    for _ in trader.live_past():
        pass
    found: list[Happening] = []
    for t in range(minutes * 60):
        found += [one for one in trader.advance(t, stress(t, 7)) if not isinstance(one, Cycled)]
    return found


class EventFeed:
    """Writes `rate` events a second into a database until it is left; its past has one every `every` seconds."""

    def __init__(self, path: Path, rate: float, *, hours: float = PAST, every: float = 10.0) -> None:
        self.path = path
        self._rate = rate
        self._pool = happenings()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        now = SystemClock().now()
        with_times = range(now - int(hours * 3_600_000), now, int(every * 1_000))
        ledger = Ledger(path, run="past")
        ledger.write(zip(with_times, cycle(self._pool), strict=False))
        ledger.close()

    def __enter__(self) -> Self:
        if self._rate:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        if self._rate:
            self._thread.join()

    def _write(self) -> None:
        ledger, pool = Ledger(self.path, run="now"), cycle(self._pool)
        began, written = time.monotonic(), 0
        while not self._stop.wait(max(BEAT, 1 / self._rate)):
            due = int((time.monotonic() - began) * self._rate) - written
            now = SystemClock().now()
            ledger.write([(now, one) for one in islice(pool, due)])
            written += due
        ledger.close()
