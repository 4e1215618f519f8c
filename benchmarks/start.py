"""Starting and ending: until the first useful frame, until live values, memory with a day of history, the end."""

from __future__ import annotations

import re
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bots import Stage
from terminal import Session

SETTLED = 12.0
"""Seconds after which memory is looked at: a day of history is loaded by then."""


@dataclass(slots=True)
class Starting:
    """A program to start, and what was measured of it."""

    name: str
    command: list[str]
    useful: re.Pattern[str]
    live: re.Pattern[str]
    quit_keys: bytes
    fresh: Path | None = None
    """A directory that is not there at each start: nothing has been recorded yet."""
    limits: dict[str, float] = field(default_factory=dict)
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, figure: str, value: float | None) -> None:
        if value is not None:
            self.rounds.setdefault(figure, []).append(value)

    @property
    def figures(self) -> dict[str, float]:
        return {figure: statistics.median(values) for figure, values in self.rounds.items()}


def startings(stage: Stage) -> list[Starting]:
    """What is started."""
    word = re.compile("Empty")
    title = re.compile("limits", re.IGNORECASE)
    value = re.compile(r"5\d,\d\d\d")
    limits = {"useful times": 1.5, "live times": 2.2, "pss": 60.0, "quit": 0.3}
    week = stage.command(None)
    week.insert(4, str(stage.events(days=7, count=50_000)))
    new = stage.home / "new"
    empty = [sys.executable, str(Path(__file__).parent / "empty_app.py")]
    found = [
        Starting("empty Textual app", empty, word, word, b"\x11"),
        Starting("tradetop URL", stage.command(None), title, value, b"q", limits=limits),
        Starting("tradetop URL bots.db", stage.command(0), title, value, b"q", limits=limits),
        Starting("  7 d, 50,000 events", week, title, value, b"q"),
        Starting("  new store", [*stage.command(None)[:4], "--store", str(new)], title, value, b"q", new, limits),
    ]
    htop = shutil.which("htop")
    if htop is not None:
        bars = re.compile(r"Mem\[")
        found.append(Starting("htop, 1 s", [htop, "-d", "10"], bars, bars, b"q"))
    return found


def start(subjects: Sequence[Starting], rounds: int) -> None:
    """Start each of them some times, in turn; then each once alone, to see what memory it settles at."""
    for _ in range(rounds):
        for subject in subjects:
            _once(subject)
    for subject in subjects:
        session = Session.start(subject.command)
        if session.read(SETTLED):
            subject.note("pss", session.pss_mib())
            subject.note("spent", session.cpu_seconds())
        subject.note("quit", session.quit(subject.quit_keys))
    empty = subjects[0].figures
    for subject in subjects[1:]:
        for figure in ("useful", "live"):
            if figure in subject.figures and figure in empty:
                subject.note(f"{figure} times", subject.figures[figure] / empty[figure])


def _once(subject: Starting) -> None:
    """One start, up to the live values, and one quit."""
    if subject.fresh is not None:
        shutil.rmtree(subject.fresh, ignore_errors=True)
    session = Session.start(subject.command)
    session.read(8.0, until=subject.live)
    useful, live = session.shown(subject.useful, subject.live)
    subject.note("first", session.first_byte)
    subject.note("useful", useful)
    subject.note("live", live)
    subject.note("quit", session.quit(subject.quit_keys))
