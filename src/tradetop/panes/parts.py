"""Parts of one line, of which the least important give way where room is short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tradetop.panes.line import Line, size
from tradetop.panes.row import Span


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line; the highest priority is dropped first, 0 never."""

    priority: int
    line: Line
    right: bool = False
    gap: int = 2
    """Blanks before it."""
    less: Line = ()
    """What takes its place before it is dropped."""
    least: int | None = None
    """Priority of what takes its place; half of its own where nothing is said."""
    last: Line = ()
    """What takes the place of that, and stays."""


def fitted(parts: Iterable[Part], width: int) -> list[Span]:
    """The parts in one line of `width` cells, as many of them and as long as there is room for."""
    found = sorted(parts, key=lambda p: p.right)
    wide = [size(part.line) + part.gap for part in found]
    # One blank at each end; the first of the left has no gap, the first of the right at least one blank.
    while sum(wide) - found[0].gap + 1 > width and any(i.priority for i in found):
        worst = max(range(len(found)), key=lambda i: found[i].priority)
        smaller = _smaller(found[worst])
        found[worst : worst + 1] = smaller
        wide[worst : worst + 1] = [size(part.line) + part.gap for part in smaller]
    return _placed(found, width)


def _smaller(part: Part) -> list[Part]:
    """What is left of a part when room is short: its brief form, later nothing."""
    least = part.priority // 2 if part.least is None else part.least
    last = 0 if part.last else None
    return [replace(part, line=part.less, less=part.last, last=(), priority=least, least=last)] if part.less else []


def _placed(parts: Sequence[Part], width: int) -> list[Span]:
    left: list[Span] = [Span(" ")]
    right: list[Span] = []
    for part in parts:
        side = right if part.right else left
        if len(side) > (0 if part.right else 1):
            side.append(Span(" " * part.gap))
        side.extend(part.line)
    gap = width - size(left) - size(right) - 1
    return [*left, Span(" " * max(1, gap)), *right, Span(" ")]
