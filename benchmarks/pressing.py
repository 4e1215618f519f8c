"""Keys: how long a program takes to answer one, and how many bytes the answer has."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

from terminal import Session

PRESSES = 40
PATIENCE = 1.0
"""Seconds after which a key has no answer."""
PAUSE = 0.25
"""Seconds of quiet before a key, so that no tick falls into its answer."""


@dataclass(slots=True)
class Answers:
    """Milliseconds to the first byte, and the bytes, of each answer."""

    taken: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    unanswered: int = 0

    @property
    def median(self) -> float | None:
        return statistics.median(self.taken) if self.taken else None

    @property
    def worst(self) -> float | None:
        return max(self.taken, default=None)


def press(session: Session, keys: Sequence[bytes], count: int = PRESSES) -> Answers:
    """Press the keys in turn, each in a moment of quiet."""
    answers = Answers()
    for _, key in zip(range(count), cycle(keys), strict=False):
        session.calm(PAUSE)
        _answer(session, key, answers)
    return answers


def press_hastily(session: Session, keys: Sequence[bytes], seconds: float, every: float) -> Answers:
    """Press the keys in turn, one every so many seconds, whatever else is going on."""
    answers, began = Answers(), time.perf_counter()
    for i, key in enumerate(cycle(keys)):
        while (left := began + i * every - time.perf_counter()) > 0:
            session.take(left)
        if time.perf_counter() - began > seconds or session.ended:
            return answers
        while session.take(0.0):  # What is on its way is no answer.
            continue
        _answer(session, key, answers, calm=0.005)
    return answers


def _answer(session: Session, key: bytes, answers: Answers, calm: float = 0.05) -> None:
    began, chunks = time.perf_counter(), len(session.chunks)
    os.write(session.fd, key)
    if not session.take(PATIENCE):
        answers.unanswered += 1
        return
    answers.taken.append(1e3 * (time.perf_counter() - began))
    session.calm(calm, 0.2)
    answers.sizes.append(session.written(chunks))
