"""The screen while it is watched: bytes, what they had to be, CPU, and how keys are answered."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bots import Stage
from cells import output
from pressing import PRESSES, press, press_hastily
from terminal import NORMAL, Session, Size, attend

WARM_UP = 14.0
"""Seconds before the steady window: what loading a day of history costs is not what watching costs."""
UP, DOWN = b"\x1b[A", b"\x1b[B"
SMALL: Size = (80, 24)
COLOURS_256 = {"COLORTERM": ""}


@dataclass(slots=True)
class Watching:
    """A program to watch, with what may be said of it and what was measured."""

    name: str
    command: list[str]
    quit_keys: bytes = b"q"
    size: Size = NORMAL
    environment: dict[str, str] = field(default_factory=dict)
    keys: tuple[bytes, ...] = ()
    """Pressed in turn to be answered: they move a cursor."""
    first: bytes = b""
    """Pressed before those."""
    limits: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)


def watchings(stage: Stage) -> list[Watching]:
    """Everything that is watched, side by side."""
    here = Path(__file__).parent
    pressed = partial(Watching, first=b"7", keys=(UP, UP, DOWN, DOWN))
    answers = {"key": 10.0, "worst": 20.0, "move": 300.0}
    steady = {"times": 1.5, "cpu": 1.5}
    normal = {"bytes": 1_500.0, **steady, **answers}
    found = [
        Watching("empty Textual app", [sys.executable, str(here / "empty_app.py")], b"\x11"),
        pressed("tradetop, 1 event/s", stage.command(1), limits=normal),
        pressed("  at 80x24", stage.command(1), size=SMALL, limits={**normal, "bytes": 1_000.0}),
        pressed("  in 256 colours", stage.command(1), environment=COLOURS_256, limits=normal),
        Watching("  nothing changes", stage.still(), limits=steady),
        Watching("  10 events/s", stage.command(10)),
        Watching("  100 events/s", stage.command(100)),
        Watching("  no event database", stage.command(None), limits={"bytes": 1_500.0, **steady}),
    ]
    if _knows("--slow"):
        slow = {"bytes": 300.0, **steady, **answers}
        found.insert(3, pressed("  with --slow", stage.command(1, "--slow"), limits=slow))
    for name, options in (("htop", ["-d", "10"]), ("btop", [])):
        path = shutil.which(name)
        if path is None:
            print(f"{name} is not installed: its row is left out")
        else:
            found.append(Watching(f"{name}, 1 s", [path, *options], keys=(DOWN, DOWN, UP, UP)))
    return found


def watch(subjects: Sequence[Watching], seconds: float, presses: int = PRESSES) -> dict[str, str]:
    """Watch all of them at the same time, then press keys in one after the other; the screens as they were."""
    sessions = [Session.start(s.command, s.environment, s.size) for s in subjects]
    attend(sessions, WARM_UP)
    began, spent = time.perf_counter(), [session.cpu_seconds() for session in sessions]
    attend(sessions, seconds)
    ended = time.perf_counter()
    taken = ended - began
    for subject, session, before in zip(subjects, sessions, spent, strict=True):
        if not session.ended:
            subject.figures["cpu"] = 100 * (session.cpu_seconds() - before) / taken
    # The last first: nobody reads from the others meanwhile, and those at the end take that badly.
    for subject, session in reversed([*zip(subjects, sessions, strict=True)]):
        _press(subject, session, presses)
        with suppress(OSError):
            subject.figures["quit"] = session.quit(subject.quit_keys) or 0.0
    screens = {}
    for subject, session in zip(subjects, sessions, strict=True):
        said = output(session, began, ended)
        screens[subject.name] = said.text
        if "cpu" not in subject.figures:
            continue
        subject.figures |= {"bytes": said.size / taken, "least": said.least / taken, "paints": said.pictures / taken}
        if said.least:
            subject.figures["times"] = said.size / said.least
    return screens


def during_a_cold_query(stage: Stage) -> Watching:
    """Keys pressed while windows of up to a week are drawn for the first time."""
    limits = {"key": 10.0, "worst": 20.0}
    subject = Watching("  a week drawn cold", stage.command(1, hours=7 * 24), limits=limits)
    session = Session.start(subject.command)
    session.read(WARM_UP)
    os.write(session.fd, b"7")
    session.read(1.0)
    found = []
    for _ in range(4):
        os.write(session.fd, b"]")
        found.append(press_hastily(session, (UP, DOWN), 2.5, 0.07))
    taken = sorted(time for answers in found for time in answers.taken)
    if taken:
        subject.figures = {"key": taken[len(taken) // 2], "worst": taken[-1], "presses": float(len(taken))}
    session.quit(b"q")
    return subject


def _press(subject: Watching, session: Session, presses: int) -> None:
    if not subject.keys or session.ended:
        return
    session.calm(0.05, 0.5)
    if subject.first:
        os.write(session.fd, subject.first)
        session.read(1.2)
    answers = press(session, subject.keys, presses)
    if answers.median is not None and answers.worst is not None:
        sizes = sorted(answers.sizes)
        subject.figures |= {"key": answers.median, "worst": answers.worst, "move": float(sizes[len(sizes) // 2])}
        subject.figures |= {"unanswered": float(answers.unanswered)}


def _knows(option: str) -> bool:
    from tradetop.cli.commands import watch as command

    return any(option in parameter.opts for parameter in command.params)
