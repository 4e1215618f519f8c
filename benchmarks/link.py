"""A slow link: what a person sees who is 300 ms and 20 KB/s away."""

from __future__ import annotations

import os
import re
import select
import statistics
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bots import Stage
from cells import Sheet
from terminal import NORMAL, Session, Size

ROUND_TRIP = 0.3
"""Seconds for a key to get there and its answer back."""
RATE = 20_000.0
"""Bytes a second."""
WARM_UP = 15.0
GRACE = 1.5
"""Seconds after a key in which its answer must be whole."""
_CLOCK = re.compile(r"\b(\d\d):(\d\d):(\d\d)\b")


@dataclass(slots=True)
class Line:
    """A program at the other end of a link, and what was measured of it."""

    name: str
    command: list[str]
    size: Size = NORMAL
    keys: tuple[bytes, ...] = (b"7", b"\x1b[A", b"\x1b", b"?", b"\x1b", b"9", b"\x1b", b"]", b"[", b"z", b"\x1b")
    limits: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)


class Link:
    """Carries a session's bytes to a person with delay and limited speed; nothing is lost, all of it waits its turn.

    Like a network with large buffers: what the program writes is taken at once, and arrives when the line is free.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sheet = Sheet(session.size)
        self.arrived: list[tuple[float, int]] = []
        """When something came to the person, and how many bytes."""
        self._coming: deque[tuple[float, bytes]] = deque()
        self._going: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0

    def press(self, key: bytes) -> None:
        """The person presses a key."""
        self._going.append((time.perf_counter() + ROUND_TRIP / 2, key))

    def carry(self, seconds: float) -> None:
        """Let some time pass."""
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end and not self.session.ended:
            while self._going and self._going[0][0] <= now:
                os.write(self.session.fd, self._going.popleft()[1])
            while self._coming and self._coming[0][0] <= now:
                at, data = self._coming.popleft()
                self.sheet.feed(data)
                self.arrived.append((at, len(data)))
            waits = [queue[0][0] - now for queue in (self._going, self._coming) if queue]
            if not select.select([self.session.fd], [], [], max(0.0, min([*waits, end - now])))[0]:
                continue
            chunk = self.session.take(0.0)
            # The line sends packet by packet: what is long arrives bit by bit.
            for i in range(0, len(chunk), 1_000):
                packet = chunk[i : i + 1_000]
                self._free_at = max(self._free_at, time.perf_counter()) + len(packet) / RATE
                self._coming.append((self._free_at + ROUND_TRIP / 2, packet))


def over_a_slow_link(stage: Stage, seconds: float) -> list[Line]:
    """Watch at a distance, and press keys."""
    limits = {"lag worst": 1.0, "key worst": 1.0, "whole worst": 1.0}
    lines = [
        Line("120x40, 1 event/s", stage.command(1), limits=limits),
        Line("80x24, 1 event/s", stage.command(1), size=(80, 24), limits=limits),
    ]
    for line in lines:
        _measure(line, seconds)
    return lines


def _measure(line: Line, seconds: float) -> None:
    link = Link(Session.start(line.command, size=line.size))
    link.carry(WARM_UP)
    before, began = link.session.written(), time.perf_counter()
    lags = _lags(link, seconds / 2)
    line.figures["bytes"] = (link.session.written() - before) / (time.perf_counter() - began)
    firsts, wholes = _answers(link, line.keys)
    for name, found in (("lag", lags), ("key", firsts), ("whole", wholes)):
        if found:
            line.figures |= {name: statistics.median(found), f"{name} worst": max(found)}
    link.session.quit(b"q")


def _lags(link: Link, seconds: float) -> list[float]:
    """How far the clock that the person sees is behind (s), looked at just before it should change."""
    found = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        link.carry(0.05)
        now = datetime.now(UTC)
        shown = _shown(link.sheet.text().partition("\n")[0])
        if shown is not None:
            # It says a whole second: while that lasts it is right.
            since = (now.hour * 3_600 + now.minute * 60 + now.second + now.microsecond / 1e6 - shown) % 86_400
            found.append(max(0.0, since - 1.0))
    return found


def _shown(header: str) -> int | None:
    said = _CLOCK.findall(header)
    if not said:
        return None
    hours, minutes, seconds = map(int, said[-1])
    return hours * 3_600 + minutes * 60 + seconds


def _answers(link: Link, keys: Sequence[bytes]) -> tuple[list[float], list[float]]:
    """Seconds from each key to the first byte of its answer, and to the last before all was quiet."""
    firsts, wholes = [], []
    for key in [*keys, *keys]:
        # Just after a tick, so that the next one is no part of the answer.
        link.carry(1.0 - time.time() % 1.0 + 0.25)
        pressed, known = time.perf_counter(), len(link.arrived)
        link.press(key)
        link.carry(GRACE)
        after = [at - pressed for at, _ in link.arrived[known:] if at >= pressed + ROUND_TRIP]
        if after:
            firsts.append(after[0])
            together = [after[0]]
            for at in after[1:]:
                if at - together[-1] > 0.1:
                    break
                together.append(at)
            wholes.append(together[-1])
    return firsts, wholes
