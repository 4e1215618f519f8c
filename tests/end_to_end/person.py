"""Somebody at a terminal: keys go in, text comes out; no terminal is needed for it."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.model.view import View
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.panes.row import Box
from tradetop.tui.navigate import step
from tradetop.tui.state import Scene, State


class Person:
    """Looks at one frame through a screen of some size."""

    def __init__(self, frame: Frame, size: tuple[int, int] = (80, 24)) -> None:
        self.frame = frame
        self.size = size
        self.state = State(Look(mono=True), View())

    def boxes(self) -> tuple[Box, ...]:
        """What is on the screen."""
        return screen(self.frame, self.state.look, *self.size)

    def text(self) -> str:
        """The screen as text."""
        return as_text(self.boxes(), *self.size)

    def press(self, *keys: str) -> str:
        """Press keys by their ids, one after the other; the screen afterwards."""
        for key in keys:
            self.state = step(self.state, Scene(self.frame, self.boxes()), key)
        return self.text()

    def box(self, name: str) -> Box:
        """A box of the screen by its name."""
        return next(box for box in self.boxes() if box.id == name)
