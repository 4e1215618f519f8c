"""The canvas: drawn boxes become lines of runs of text; a line that did not change is not drawn again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from tradetop.panes import cells
from tradetop.panes.row import Box, Row, Span
from tradetop.panes.same import Same
from tradetop.tui.grid import Grid, narrow, split, spread
from tradetop.tui.palette import Palette
from tradetop.tui.pen import Pen

Placed = tuple[tuple[int, Row], ...]
"""The rows that lie in one line of the terminal, each with its first cell."""

Run = tuple[int, str, Span]
"""Text of one look with its first cell; the span says how it looks."""

Cells = tuple[list[str], list[Pen]]
"""A row as characters and pens, cell by cell."""

_BLANK = Span("")
_KEPT = 128
"""Rows that are kept as cells: of a feed that goes on all but one have been there before, a line below."""


class Canvas:
    """The lines of the terminal as last drawn."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._cells = lru_cache(maxsize=_KEPT)(self._made)
        self._placed: list[Placed] = []
        self._parts: dict[int, tuple[int, int]] = {}
        self.width = 0
        self.height = 0
        self.hits = 0
        """Texts with something in them that a terminal could obey: each one is a fault of ours."""

    def restyle(self, palette: Palette) -> None:
        """Draw in other colours from now on."""
        self.palette = palette
        self._cells.cache_clear()
        self.width = self.height = 0

    def draw(self, boxes: Iterable[Box], width: int, height: int) -> list[int] | None:
        """Take a new drawing; gives the lines that changed, or None when all did."""
        placed = _place(boxes, height)
        fresh = (width, height) != (self.width, self.height)
        if fresh:
            self.width, self.height = width, height
            changed, self._parts = None, {}
        else:
            changed = [y for y, (old, new) in enumerate(zip(self._placed, placed, strict=True)) if old != new]
            self._parts = {y: _part(self._placed[y], placed[y], width) for y in changed}
        self._placed = placed
        return changed

    def part(self, line: int) -> tuple[int, int]:
        """The first cell of a line that the last drawing may have changed, and the one after the last."""
        return self._parts.get(line, (0, self.width))

    def put(self, grid: Grid, changed: Iterable[int] | None) -> None:
        """Place what the last drawing changed, as `draw` named it, into a grid of the same size."""
        pen = self.palette.pen
        for y in range(self.height) if changed is None else changed:
            start, end = self.part(y)
            if self._put_rows(grid, y, start, end):
                continue
            for x, text, span in self.runs(y):
                if start <= x < end or x == self.width == end:
                    grid.put(y, x, text, pen(span))

    def _put_rows(self, grid: Grid, y: int, start: int, end: int) -> bool:
        """Place the rows of a line that lie from `start` to `end`, as they are kept; False where one cannot be."""
        found = []
        at = None
        for x, row in self._placed[y] if y < len(self._placed) else ():
            if x >= end:
                break
            if x < start:
                continue
            made = self._cells(Same(row))
            if made is None or x != (start if at is None else at):
                return False
            found.append((x, made))
            at = x + len(made[0])
        if at != end:
            return False
        for x, (chars, pens) in found:
            grid.place(y, x, chars, pens)
        return True

    def _made(self, same: Same[Row]) -> Cells | None:
        """A row as cells; None where it is not simply what it says."""
        row, pen = same.of, self.palette.pen
        text = "".join([span.text for span in row])
        if narrow(text) or (text.isprintable() and all(cells.char_width(char) == 1 for char in text)):
            return split(text), [each for span in row for each in spread(span.text, pen(span))]
        wide, leans = _shape(same)
        if leans or not text.isprintable():
            return None
        grid, x = Grid(wide, 1), 0
        for span in row:
            grid.put(0, x, span.text, pen(span))
            x += cells.width(span.text)
        return grid.chars[0], grid.pens[0]

    def runs(self, line: int) -> Iterator[Run]:
        """A line, of exactly the canvas' width; gaps between boxes, a missing end, and all below it are blank."""
        at, width = 0, self.width
        for x, row in self._placed[line] if line < len(self._placed) else ():
            if x >= width:
                break
            if at < x:
                yield at, " " * (x - at), _BLANK
                at = x
            for span in row:
                text = cells.wall(span.text)
                self.hits += text != span.text
                wide, room = cells.width(text), width - at
                if wide > room:
                    yield at, _cut(text, room), span
                    at = width
                    break
                yield at, text, span
                at += wide
        if at < width:
            yield at, " " * (width - at), _BLANK


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
    # A row that is too long moves what follows it, and a mark at its beginning changes the character before it.
    shapes = [[_shape(Same(row)) for _, row in line] for line in (old, new)]
    fits = all(edges[i] + shape[i][0] <= edges[i + 1] for shape in shapes for i in others)
    fits = fits and not any(leans for shape in shapes for _, leans in shape)
    return (edges[first], edges[last + 1]) if fits else (0, width)


@lru_cache(maxsize=_KEPT)
def _shape(same: Same[Row]) -> tuple[int, bool]:
    """How wide a row is, and whether a text in it begins with what combines with the character before."""
    row = same.of
    leans = any(not s.text.isascii() and cells.char_width(s.text[0]) == 0 for s in row)
    return sum(cells.width(span.text) for span in row), leans


def _first_cell(placed: tuple[int, Row]) -> int:
    return placed[0]
