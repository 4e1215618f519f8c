"""The first screen, before anything is known: the panes' titles, and what is being tried."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.panes import cells
from tradetop.panes.content import Content
from tradetop.panes.frames import finished, framed, inner
from tradetop.panes.line import Line, text
from tradetop.panes.look import Look
from tradetop.panes.overview import tabs
from tradetop.panes.places import TITLES, Class, Place, class_of, places
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role


def connecting(frame: Frame | None, look: Look, width: int, height: int) -> list[Box]:
    """The overview's boxes without values."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    return [_pane(frame, look, place, boxed) for place in places(look, width, height, 1)]


def _pane(frame: Frame | None, look: Look, place: Place, boxed: bool) -> Box:
    columns, lines = inner(place.width, place.height, boxed)
    said = "waiting for the first values"
    middle = text(" " * max(0, (columns - len(said)) // 2), (cells.cut(said, columns), Role.FAINT))
    rows: list[Line] = [*([[]] * ((lines - 1) // 2)), middle]
    if place.pane is PaneName.ALERTS:
        where = ", ".join(bot.url for bot in frame.bots if bot.url) if frame is not None else ""
        rows = [[Span(f"connecting to {where}…" if where else "connecting…", Role.INFO)]]
    if place.height == 1:
        return finished(place.pane.value, place.x, place.y, place.width, 1, [[Span(" "), *rows[0]]], look)
    title = TITLES[place.pane]
    return framed(
        place.pane.value,
        place.x,
        place.y,
        place.width,
        place.height,
        Content(title, rows),
        look,
        tabs(place, title, place.width),
        boxed=boxed,
        focused=look.focus is place.pane,
    )
