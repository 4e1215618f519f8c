"""Fakes at the screen's ports: a source of frames, a clock, a drawing that shows what it was given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tradetop.model.frame import Frame
from tradetop.model.view import View
from tradetop.panes.look import Look
from tradetop.panes.row import Box, Span

T0 = 1_700_000_000_000


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now: int = T0) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time


class FakeSource:
    """Answers every view with one frame, at once and from another thread, as an engine would."""

    def __init__(self, frame: Frame, *, answers: bool = True) -> None:
        self.frame = frame
        self.answers = answers
        self.views: list[View] = []
        self.answered = 0
        self._listeners: list[Callable[[Frame], None]] = []

    def subscribe(self, listener: Callable[[Frame], None]) -> None:
        self._listeners.append(listener)

    def look(self, view: View) -> None:
        self.views.append(view)
        if self.answers:
            self.publish(replace(self.frame, view=view))

    @contextmanager
    def answering(self) -> Iterator[None]:
        self.answered += 1
        yield

    def publish(self, frame: Frame) -> None:
        engine = threading.Thread(target=lambda: [listener(frame) for listener in self._listeners])
        engine.start()
        engine.join()


def plain_frame(now: int = T0) -> Frame:
    return Frame(View(), now, now, (), 0)


def plain_draw(frame: Frame | None, look: Look, width: int, height: int) -> tuple[Box, ...]:
    """Says in its rows what it was asked to draw."""
    said = ["connecting" if frame is None else f"now {frame.now}", f"screen {look.screen.value}", look.notice]
    lines = [*said, *(f"row {y}" for y in range(len(said), height))][:height]
    return (Box("all", 0, 0, width, height, tuple((Span(line.ljust(width)[:width]),) for line in lines)),)
