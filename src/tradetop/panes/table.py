"""Tables: columns made to measure, the least important dropped first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tradetop.panes import cells
from tradetop.panes.line import size, to_width
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role


@dataclass(frozen=True)
class Column:
    """One column: its heading and its cells, each a line of spans."""

    heading: str
    lines: Sequence[Sequence[Span]]
    right: bool = True
    keep: int = 0
    """The columns with the highest number go first where space is scarce; 0 always stays."""
    least: int = 0
    most: int = 40

    @cached_property
    def width(self) -> int:
        """Cells that the column needs."""
        longest = max([cells.width(self.heading), *(size(line) for line in self.lines)])
        return min(max(longest, self.least), self.most)

    def marked(self, arrow: str) -> Column:
        """The column with a sign behind its heading: its rows are ordered by it, so it is not dropped."""
        return replace(self, heading=self.heading + arrow, keep=0) if arrow else self


def fitting(columns: Sequence[Column], width: int, gap: int = 2) -> list[Column]:
    """The columns that fit into `width`, in their order."""
    kept = list(columns)
    taken = [column.width for column in kept]
    while len(kept) > 1 and sum(taken) + gap * (len(kept) - 1) > width:
        worst = max(range(len(kept)), key=lambda i: (kept[i].keep, i))
        if not kept[worst].keep:
            break
        del kept[worst], taken[worst]
    return kept


def table(columns: Sequence[Column], width: int, gap: int = 2) -> tuple[Row, list[Row]]:
    """The heading row and the rows, each exactly `width` cells."""
    kept = fitting(columns, width, gap)
    count = max((len(c.lines) for c in kept), default=0)
    heading: list[Span] = []
    bodies: list[list[Span]] = [[] for _ in range(count)]
    for index, column in enumerate(kept):
        space = Span(" " * (gap if index else 0))
        place = cells.right if column.right else cells.fit
        taken = column.width
        heading += [space, Span(place(column.heading, taken), Role.MUTED)]
        for body, line in zip(bodies, column.lines, strict=True):
            body += [space, *aligned(line, taken, column.right)]
    return to_width(heading, width), [to_width(body, width) for body in bodies]


def aligned(line: Sequence[Span], width: int, right: bool) -> Row:
    """The line exactly `width` cells wide, at the right or the left end."""
    taken = size(line)
    if right and taken < width:
        return (Span(" " * (width - taken)), *line)
    return to_width(line, width)
