"""Rows: what a pane draws, as text with colour roles."""

from __future__ import annotations

from typing import NamedTuple

from tradetop.theme.roles import Role


class Span(NamedTuple):
    """A run of text in one style."""

    text: str
    role: Role = Role.FOREGROUND
    back: Role | None = None
    """Background role; None is the screen's own background."""
    bold: bool = False
    reverse: bool = False
    level: float | None = None
    """For the chart and fill roles: where between -lo and -hi the colour lies (0 to 1)."""


Row = tuple[Span, ...]
"""One line of a box; its spans are exactly as wide as the box."""


class Box(NamedTuple):
    """A drawn rectangle of the screen; (x, y) is its upper left cell."""

    id: str
    x: int
    y: int
    width: int
    height: int
    rows: tuple[Row, ...]
