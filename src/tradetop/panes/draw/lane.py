"""Time axes: the line under a chart with signs of what happened, and the labels below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tradetop.panes import cells
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_LONGEST = 24
"""Cells that the label of one mark takes at most, its sign included."""
_LEAST = 8
"""Cells below which a label that has to be cut says nothing any more."""

Cell = tuple[str, Role]


@dataclass(frozen=True, slots=True)
class Sign:
    """Where and how the time axis shows something that happened."""

    t: int
    glyph: str
    role: Role
    label: str = ""


def column(t: int, start: int, end: int, width: int) -> int | None:
    """The cell of an axis `width` cells wide that a time falls into; None outside of start to end (ms)."""
    if not start <= t <= end:
        return None
    return min(width - 1, round((t - start) / max(1, end - start) * (width - 1)))


def lane(marks: Sequence[Sign], start: int, end: int, width: int) -> list[Span]:
    """The axis itself: a line, and each mark's sign where it happened."""
    line: list[Cell] = [("─", Role.FRAME)] * width
    for mark in marks:
        at = column(mark.t, start, end, width)
        if at is not None:
            line[at] = (mark.glyph, mark.role)
    return _merged(line)


def labels(
    words: Iterable[tuple[int, str]], marks: Sequence[Sign], start: int, end: int, width: int, *, alone: bool = False
) -> list[Span]:
    """What stands below an axis: the words (column, text), and before them the marks' labels.

    A label begins or ends with its sign, which is in the mark's own column; the last ones have the first choice,
    and what finds no room is left out. With `alone` there is no lane: a sign without a label is shown all the same.
    """
    row = _Row(width)
    for first, said in words:
        row.write(first, said, Role.MUTED)
    places = [(at, mark) for mark in reversed(marks) if (at := column(mark.t, start, end, width)) is not None]
    signs = sorted({at for at, _ in places}) if alone else []
    for at, mark in places:
        # A label keeps off the signs of others, with a blank between.
        left = min(row.before(at), at - max((other + 2 for other in signs if other < at), default=0))
        right = min(row.after(at), min((other - 2 for other in signs if other > at), default=width - 1) - at)
        place = _placed(mark, at, left, right)
        if place is not None:
            row.claim(*place, mark.role)
    for at, mark in places:
        if alone and row.is_word(at):
            row.claim(at, mark.glyph, mark.role)
    return _merged(row.cells)


def _placed(mark: Sign, at: int, left: int, right: int) -> tuple[int, str] | None:
    """Where the label of a mark goes, with `left` and `right` free cells on either side of its sign; None: nowhere."""
    size = 1 + cells.width(mark.label)
    if not mark.label or max(left, right) < 0:
        return None
    wanted = min(size, _LONGEST)
    if wanted <= right + 1 or (right >= left and right + 1 >= _LEAST):
        return at, mark.glyph + cells.cut(mark.label, min(wanted - 1, right))
    if wanted <= left + 1 or left + 1 >= _LEAST:
        said = cells.cut(mark.label, min(wanted - 1, left))
        return at - cells.width(said), said + mark.glyph
    return None


class _Row:
    """Cells that are written over each other: words give way to marks, marks to nobody."""

    def __init__(self, width: int) -> None:
        self.cells: list[Cell] = [(" ", Role.MUTED)] * width
        self._taken = [False] * width

    def is_free(self, at: int) -> bool:
        return not self._taken[at]

    def is_word(self, at: int) -> bool:
        """Whether no mark is drawn there."""
        return self.cells[at][1] is Role.MUTED

    def before(self, at: int) -> int:
        """Free cells to the left of this one; -1 where it is not free itself."""
        return self._free(range(at - 1, -1, -1)) if self.is_free(at) else -1

    def after(self, at: int) -> int:
        """Free cells to the right of this one; -1 where it is not free itself."""
        return self._free(range(at + 1, len(self.cells))) if self.is_free(at) else -1

    def _free(self, span: range) -> int:
        return next((i for i, at in enumerate(span) if self._taken[at]), len(span))

    def write(self, at: int, said: str, role: Role) -> None:
        """Put a text there; a wide character takes two cells, one that has no width joins the one before it."""
        for char in said:
            size = cells.char_width(char)
            if not size:
                if at:
                    self.cells[at - 1] = (self.cells[at - 1][0] + char, role)
                continue
            if at + size > len(self.cells):
                break
            self.cells[at] = (char, role)
            if size == 2:
                self.cells[at + 1] = ("", role)
            at += size

    def claim(self, at: int, said: str, role: Role) -> None:
        """Put a mark there, with a blank on both sides; words that it touches go, since half of one would mislead."""
        first, last = max(0, at - 1), min(len(self.cells), at + cells.width(said) + 1)
        self._taken[first:last] = [True] * (last - first)
        while first > 0 and self._is_inside_word(first):
            first -= 1
        while last < len(self.cells) and self._is_inside_word(last):
            last += 1
        for cell in range(first, last):
            # Signs side by side stay what they are.
            if self.is_word(cell):
                self.cells[cell] = (" ", Role.MUTED)
        self.write(at, said, role)

    def _is_inside_word(self, at: int) -> bool:
        """Whether a word runs on from the cell before this one."""
        return self.cells[at - 1][0] != " " and self.cells[at][0] != " "


def _merged(line: Sequence[Cell]) -> list[Span]:
    found: list[Span] = []
    for said, role in line:
        if found and found[-1].role is role:
            found[-1] = Span(found[-1].text + said, role)
        else:
            found.append(Span(said, role))
    return found
