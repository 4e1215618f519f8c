"""A whole screen drawn for a test, and what of it a person would look at."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.panes.row import Box, Span


def lines(frame: Frame, width: int = 120, height: int = 40, **look: object) -> str:
    return as_text(screen(frame, Look(**look), width, height), width, height)


def box(frame: Frame, pane: PaneName, width: int = 120, height: int = 40, **look: object) -> Box:
    found = screen(frame, Look(**look), width, height)
    return next(b for b in found if b.id == pane.value)


def said(of: Box) -> str:
    return "\n".join("".join(s.text for s in row) for row in of.rows)


def spans(of: Box) -> list[Span]:
    return [s for row in of.rows for s in row]
