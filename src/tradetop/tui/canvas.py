"""The canvas: drawn boxes become lines of styled text; a line that did not change is not drawn again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tradetop.panes import cells
from tradetop.panes.row import Box, Row, Span

Placed = tuple[tuple[int, Row], ...]
"""The rows that lie in one line of the terminal, each with its first cell."""


class Canvas:
    """The lines of the terminal as last drawn."""

    def __init__(self, style: Callable[[Span], Style]) -> None:
        self._style = style
        self._placed: list[Placed] = []
        self._strips: list[Strip] = []
        self._parts: dict[int, tuple[int, int]] = {}
        self.width = 0
        self.height = 0
        self.hits = 0
        """Texts with something in them that a terminal could obey: each one is a fault of ours."""

    def restyle(self, style: Callable[[Span], Style]) -> None:
        """Draw in other styles from now on."""
        self._style = style
        self.width = self.height = 0

    def draw(self, boxes: Iterable[Box], width: int, height: int) -> list[int] | None:
        """Take a new drawing; gives the lines that changed, or None when all did."""
        placed = _place(boxes, height)
        fresh = (width, height) != (self.width, self.height)
        if fresh:
            self.width, self.height = width, height
            self._strips = [self._line(line) for line in placed]
            changed = None
        else:
            changed = [y for y, (old, new) in enumerate(zip(self._placed, placed, strict=True)) if old != new]
            self._parts = {y: _part(self._placed[y], placed[y], width) for y in changed}
            for y in changed:
                self._strips[y] = self._line(placed[y])
        self._placed = placed
        return changed

    def part(self, line: int) -> tuple[int, int]:
        """The first cell of a line that the last drawing may have changed, and the one after the last."""
        return self._parts.get(line, (0, self.width))

    def strip(self, line: int) -> Strip:
        """A line; blank below the canvas."""
        return self._strips[line] if line < len(self._strips) else Strip.blank(self.width, self._style(Span("")))

    def _line(self, placed: Placed) -> Strip:
        """A line of exactly the canvas' width; gaps between boxes and a missing end are blank."""
        blank = self._style(Span(""))
        segments: list[Segment] = []
        at = 0
        for x, row in placed:
            if x >= self.width:
                break
            if at < x:
                segments.append(Segment(" " * (x - at), blank))
                at = x
            for span in row:
                text = cells.wall(span.text)
                self.hits += text != span.text
                wide, room = cells.width(text), self.width - at
                if wide > room:
                    segments.append(Segment(_cut(text, room), self._style(span)))
                    at = self.width
                    break
                segments.append(Segment(text, self._style(span)))
                at += wide
        segments.append(Segment(" " * (self.width - at), blank))
        # As long as it is said to be: Textual counts some characters differently, and must not cut for that.
        return Strip(segments, self.width)


def _cut(text: str, room: int) -> str:
    """As much of a text as there is room for; a wide character that does not fit leaves a blank."""
    while text and cells.width(text) > room:
        text = text[:-1]
    return text + " " * (room - cells.width(text))


def _place(boxes: Iterable[Box], height: int) -> list[Placed]:
    lines: list[list[tuple[int, Row]]] = [[] for _ in range(height)]
    for box in boxes:
        for y, row in enumerate(box.rows[: box.height], box.y):
            if 0 <= y < height:
                lines[y].append((box.x, row))
    return [tuple(sorted(line, key=_first_cell)) for line in lines]


def _part(old: Placed, new: Placed, width: int) -> tuple[int, int]:
    """Where two drawings of a line differ: from the first row that is another one up to what follows the last."""
    edges = [x for x, _ in new]
    if edges != [x for x, _ in old]:
        return 0, width
    edges.append(width)
    others = [i for i, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]
    first, last = others[0], others[-1]
    # A row that is too long moves what follows it.
    fits = all(edges[i] + _wide(line[i][1]) <= edges[i + 1] for line in (old, new) for i in others)
    return (edges[first], edges[last + 1]) if fits else (0, width)


def _wide(row: Row) -> int:
    return sum(cells.width(span.text) for span in row)


def _first_cell(placed: tuple[int, Row]) -> int:
    return placed[0]
