"""Marking: where on whose time axis a mark belongs, and the line that says so."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.model.ports import Notebook
from tradetop.model.text import clean
from tradetop.panes import times
from tradetop.tui.state import State

LIMIT = 120
"""Characters of a mark's text."""
UNNAMED = "deploy"
"""What a mark without a text says: it is what marks are mostly set for."""


def mark(notebook: Notebook | None, state: State, frame: Frame | None, now: int, text: str) -> str:
    """Put a mark where the person looks: the crosshair's time, else the view's, else now. The line that says so."""
    text = clean(text.strip() or UNNAMED, LIMIT)
    if notebook is None:
        return "no mark: there is no place to keep one here"
    focus = state.view.focus
    at = focus.at if focus is not None and focus.at is not None else state.view.at
    t = now if at is None else at
    bot = state.view.bot if frame is None or frame.subject is None else frame.bot
    notebook.mark(bot, t, text)
    return f"marked {text!r} at {times.clock(t, state.look.offset)}"
