"""The canvas: drawn boxes become lines of styled text, cut into columns so that only what changed is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tradetop.panes.row import Box, Row, Span
from tradetop.tui.wall import Wall

COLUMN = 16
"""Cells from one cut to the next: Textual sends a changed line from the cut to its left on."""

Placed = tuple[tuple[int, Row], ...]
"""The rows that lie in one line of the terminal, each with its first cell."""


class Canvas:
    """The lines of the terminal as last drawn."""

    def __init__(self, style: Callable[[Span], Style], wall: Wall) -> None:
        self._style = style
        self._wall = wall
        self._placed: list[Placed] = []
        self._strips: list[list[Strip]] = []
        self.width = 0
        self.height = 0

    def draw(self, boxes: Iterable[Box], width: int, height: int) -> list[tuple[int, int]] | None:
        """Take a new drawing; gives the (column, line) pairs that changed, or None when everything did."""
        placed = _place(boxes, height)
        fresh = (width, height) != (self.width, self.height)
        if fresh:
            self.width, self.height = width, height
            self._placed = [()] * height
            self._strips = [[] for _ in range(height)]
        changed = []
        for y, (old, new) in enumerate(zip(self._placed, placed, strict=True)):
            if old == new and not fresh:
                continue
            columns = self._columns(new)
            if not fresh:
                pairs = zip(self._strips[y], columns, strict=True)
                changed += [(x, y) for x, (before, after) in enumerate(pairs) if before != after]
            self._strips[y] = columns
        self._placed = placed
        return None if fresh else changed

    def strip(self, column: int, line: int) -> Strip:
        """The piece of a line that lies in one column; blank outside the canvas."""
        if line < len(self._strips) and column < len(self._strips[line]):
            return self._strips[line][column]
        return Strip.blank(COLUMN, self._style(Span("")))

    def restyle(self, style: Callable[[Span], Style]) -> None:
        """Use other colours from the next drawing on, which then changes everything."""
        self._style = style
        self.width = self.height = 0

    def _columns(self, placed: Placed) -> list[Strip]:
        """One line, cut every `COLUMN` cells; gaps between boxes and a missing end are blank."""
        segments: list[Segment] = []
        at = 0
        for x, row in placed:
            if x > at:
                segments.append(self._blank(x - at))
            pieces = self._wall.tame([Segment(span.text, self._style(span)) for span in row if span.text])
            segments += pieces
            at = max(at, x) + sum(piece.cell_length for piece in pieces)
        whole = -(-self.width // COLUMN) * COLUMN
        strip = Strip(segments, at).adjust_cell_length(self.width, self._style(Span("")))
        strip = strip.adjust_cell_length(whole, self._style(Span("")))
        return list(strip.divide(range(COLUMN, whole + 1, COLUMN)))

    def _blank(self, cells: int) -> Segment:
        return Segment(" " * cells, self._style(Span("")))


def _place(boxes: Iterable[Box], height: int) -> list[Placed]:
    lines: list[list[tuple[int, Row]]] = [[] for _ in range(height)]
    for box in boxes:
        for y, row in enumerate(box.rows[: box.height], box.y):
            if 0 <= y < height:
                lines[y].append((box.x, row))
    return [tuple(sorted(line, key=_first_cell)) for line in lines]


def _first_cell(placed: tuple[int, Row]) -> int:
    return placed[0]
