"""The way out to the terminal: bytes leave as fast as it takes them, and a terminal that has gone blocks nobody."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections import deque
from collections.abc import Callable

CHUNK = 1_024
"""Bytes handed over at once; small, since a terminal that says it has room may have room for few."""
PATIENCE = 0.1
"""Seconds between two looks at whether it still makes sense to wait."""
WINDOW = 15.0
"""Seconds of which the traffic is the mean."""


class Meter:
    """Counts what leaves, as bytes per second over a short while."""

    def __init__(self) -> None:
        self._left: deque[tuple[float, int]] = deque()
        self._began: float | None = None

    def add(self, count: int, now: float) -> None:
        """So many bytes have left at `now` (seconds, monotonic)."""
        if self._began is None:
            self._began = now
        self._left.append((now, count))
        self._drop(now)

    def rate(self, now: float) -> float | None:
        """Bytes per second of the last `WINDOW` seconds, or since the first byte; None within a second of that."""
        if self._began is None or now - self._began < 1:
            return None
        self._drop(now)
        return sum(count for _, count in [*self._left]) / min(WINDOW, now - self._began)

    def _drop(self, now: float) -> None:
        while self._left and self._left[0][0] <= now - WINDOW:
            try:
                self._left.popleft()
            except IndexError:  # The other thread was quicker.
                return


def open_terminal(fd: int) -> int:
    """A descriptor for the terminal behind `fd`, whatever happens to `fd` later.

    The terminal is opened anew where its name is known: only then can it be made non-blocking without making the
    shell's own descriptors so, too. Raises OSError when there is no descriptor to be had.
    """
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return os.dup(fd)


class Outlet:
    """What the driver's writing thread writes to; looks like a text file."""

    def __init__(self, fd: int, on_lost: Callable[[], None], on_taken: Callable[[], None]) -> None:
        self._fd = fd
        self._on_lost = on_lost
        self._on_taken = on_taken
        self.meter = Meter()
        self._deadline: float | None = None
        self._poll = select.poll()
        self._poll.register(fd, select.POLLOUT)
        self.lost = False
        self.written = 0
        """Characters that have left, or were given up."""

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        """Hand over `text`, waiting for the terminal if it is slow; what a lost terminal cannot take is dropped."""
        data = memoryview(text.encode("utf-8", "replace"))
        self.meter.add(len(data), time.monotonic())
        while data and not self.lost:
            try:
                if self._poll.poll(PATIENCE * 1_000):
                    data = data[os.write(self._fd, data[:CHUNK]) :]
                elif self._deadline is not None and time.monotonic() > self._deadline:
                    self.lost = True
            except BlockingIOError:
                continue
            except OSError:
                self.lost = True
                self._on_lost()
        self.written += len(text)
        self._on_taken()

    def flush(self) -> None:
        """Nothing is held back, so there is nothing to flush."""

    def hurry(self, seconds: float | None) -> None:
        """Wait for a stalled terminal no longer than `seconds` from now; None to be patient again."""
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def close(self) -> None:
        """Let go of the terminal."""
        with contextlib.suppress(OSError):
            os.close(self._fd)
