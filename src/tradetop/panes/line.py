"""Lines: rows of spans made to measure, dimmed, or put under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradetop.model.level import Level
from tradetop.panes import cells
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

Line = Sequence[Span]
"""Spans of any width; a row is a line made to measure."""

_DIM = {
    Role.FAINT: Role.FAINT,
    Role.MUTED: Role.FAINT,
    Role.FRAME: Role.FRAME,
    Role.TRACK: Role.TRACK,
    Role.GRID: Role.GRID,
    Role.WARN_DIM: Role.WARN_DIM,
    Role.CRIT_DIM: Role.CRIT_DIM,
    Role.GAIN_DIM: Role.FAINT,
    Role.LOSS_DIM: Role.FAINT,
    Role.FILL_LO: Role.FAINT,
    Role.FILL_HI: Role.FAINT,
}

_CURSOR = (8, 16)
"""How many cells of a row at least and at most show that the cursor is on it."""


def size(line: Line) -> int:
    """Cells that a line takes."""
    return sum([cells.width(span.text) for span in line])


def to_width(line: Line, width: int) -> Row:
    """Exactly `width` cells: cut with an ellipsis, or filled with blanks."""
    row: list[Span] = []
    left = width
    for span in line:
        taken = cells.width(span.text)
        if taken > left:
            bare = span.text.rstrip()
            short = bare + " " * (left - cells.width(bare)) if cells.width(bare) <= left else cells.cut(bare, left)
            row.append(span._replace(text=short))
            left -= cells.width(short)
            break
        row.append(span)
        left -= taken
    if left > 0:
        row.append(Span(" " * left))
    return tuple(row)


def spread(left: Line, right: Line, width: int) -> Row:
    """One line at the left end, one at the right end; the left one gives way."""
    room = width - size(right)
    if room < 1:
        return to_width(right, width)
    return (*to_width(left, room), *right)


def text(*parts: tuple[str, Role] | str) -> list[Span]:
    """A line of plain spans: text with a role each, or muted text."""
    return [Span(part, Role.MUTED) if isinstance(part, str) else Span(*part) for part in parts]


SEPARATOR = Span(" · ", Role.MUTED)


def shortened(line: Line, width: int) -> Line:
    """The line without its last parts, as far as it is too wide; parts end at a separator."""
    while size(line) > width and SEPARATOR in line:
        line = line[: len(line) - 1 - [*line][::-1].index(SEPARATOR)]
    return line if size(line) <= width else to_width(line, max(0, width))


def joined(lines: Iterable[Line], between: Span) -> list[Span]:
    """The lines one after the other with a span between them."""
    found: list[Span] = []
    for line in lines:
        if found:
            found.append(between)
        found.extend(line)
    return found


def dimmed(line: Line) -> Row:
    """The line as data too old to act on: readable, without colour or weight."""
    return tuple(Span(s.text, _DIM.get(s.role, Role.MUTED), s.back, False, s.reverse) for s in line)


def selected(row: Line, mono: bool) -> Row:
    """The row as the one under the cursor: its head, up to the end of a column, is turned round like a focused title.

    No more than that, since every move of the cursor sends what the cursor leaves and what it comes to.
    """
    head, rest = _split(row, _head(row))
    if mono:
        return (*(s._replace(reverse=True) for s in head), *rest)
    return (*(Span(s.text, Role.PRIMARY, Role.SELECTION, bold=True, reverse=True) for s in head), *rest)


def _head(row: Line) -> int:
    """Cells of a row that show the cursor: whole columns, if there is one that ends where it should."""
    end = 0
    for span in row:
        end += cells.width(span.text)
        if _CURSOR[0] <= end <= _CURSOR[1]:
            return end
    return _CURSOR[1]


def _split(row: Line, at: int) -> tuple[list[Span], list[Span]]:
    """The row in two at a cell."""
    head: list[Span] = []
    for index, span in enumerate(row):
        wide = cells.width(span.text)
        if wide > at:
            cut = cells.head(span.text, at)
            return [*head, span._replace(text=cut)], [span._replace(text=span.text[len(cut) :]), *row[index + 1 :]]
        head.append(span)
        at -= wide
    return head, []


def severity(level: Level, normal: Role = Role.FOREGROUND) -> Role:
    """The colour of a level."""
    return {Level.WARNING: Role.WARN, Level.CRITICAL: Role.CRIT}.get(level, normal)


def window(count: int, height: int, cursor: int | None) -> range:
    """Which of `count` rows to show in `height`, so that the cursor's is among them.

    They move on by two thirds of a page: a move of the cursor that moves all rows costs a slow link ten times as much.
    """
    step = max(1, height * 2 // 3)
    over = 0 if cursor is None else -(-(cursor - height + 1) // step) * step
    first = max(0, min(over, count - height))
    return range(first, min(count, first + max(0, height)))
