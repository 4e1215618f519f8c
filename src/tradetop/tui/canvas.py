"""The canvas: drawn boxes become lines of styled text, cut into columns so that only what changed is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.cells import cell_len
from rich.segment import ControlType, Segment
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
            columns = self._columns(new, y)
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

    def _columns(self, placed: Placed, y: int) -> list[Strip]:
        """Line `y`, cut every `COLUMN` cells; gaps between boxes and a missing end are blank."""
        whole = -(-self.width // COLUMN) * COLUMN
        blank = self._style(Span(""))
        run = _Run(blank)
        for x, row in placed:
            run.add(" " * (x - run.cells), blank)
            for span in row:
                run.add(span.text, self._style(span))
        strip = Strip(self._wall.tame(run.segments())).adjust_cell_length(self.width, blank)
        return _cut(strip.adjust_cell_length(whole, blank), whole, y)


def _cut(strip: Strip, whole: int, y: int) -> list[Strip]:
    """Cut a line into columns; a wide character across an edge stays whole, in the column where it begins."""
    columns = list(strip.divide(range(COLUMN, whole + 1, COLUMN)))
    if "".join(column.text for column in columns) == strip.text:
        return columns
    edges, at = {}, 0
    for char in strip.text:
        width = cell_len(char)
        if width == 2 and at % COLUMN == COLUMN - 1:
            edges[at // COLUMN] = char
        at += width
    for i, char in edges.items():
        if i + 1 < len(columns):
            style = next((s.style for s in reversed(list(columns[i])) if s.text), None)
            head = columns[i].crop(0, COLUMN - 1)
            # It is said to be as long as the others, or Textual would cut it again.
            columns[i] = Strip([*head, Segment(char, style)], COLUMN)
            # Whichever of the two is sent alone: the next column begins behind the character's second half.
            behind = Segment(f"\x1b[{y + 1};{(i + 1) * COLUMN + 2}H", None, [(ControlType.CURSOR_MOVE_TO, 0, 0)])
            columns[i + 1] = Strip([behind, *columns[i + 1].crop(1, COLUMN)], COLUMN)
    return columns


class _Run:
    """Text of changing styles in as few segments as look the same: each one costs its whole style on the wire."""

    def __init__(self, blank: Style) -> None:
        self.cells = 0
        self._segments: list[Segment] = []
        self._style = blank
        self._text = ""

    def add(self, text: str, style: Style) -> None:
        """Go on with `text`; the colour of blanks cannot be seen."""
        if not text:
            return
        self.cells += cell_len(text)
        unseen = text.isspace() and not style.reverse and not self._style.reverse
        if style is self._style or (unseen and style.bgcolor == self._style.bgcolor):
            self._text += text
            return
        self._end()
        self._text, self._style = text, style

    def segments(self) -> list[Segment]:
        """What has been added."""
        self._end()
        return self._segments

    def _end(self) -> None:
        if self._text:
            self._segments.append(Segment(self._text, self._style))
            self._text = ""


def _place(boxes: Iterable[Box], height: int) -> list[Placed]:
    lines: list[list[tuple[int, Row]]] = [[] for _ in range(height)]
    for box in boxes:
        for y, row in enumerate(box.rows[: box.height], box.y):
            if 0 <= y < height:
                lines[y].append((box.x, row))
    return [tuple(sorted(line, key=_first_cell)) for line in lines]


def _first_cell(placed: tuple[int, Row]) -> int:
    return placed[0]
