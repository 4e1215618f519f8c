"""Items: the parts of one line, of which the least important give way where room is short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tradetop.panes.line import Line, size
from tradetop.panes.row import Span


@dataclass(frozen=True, slots=True)
class Item:
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


def fitted(items: Iterable[Item], width: int) -> list[Span]:
    """The items in one line of `width` cells, as many of them and as long as there is room for."""
    found = sorted(items, key=lambda i: i.right)
    while _needed(found) > width and any(i.priority for i in found):
        worst = max(range(len(found)), key=lambda i: found[i].priority)
        found[worst : worst + 1] = _smaller(found[worst])
    return _placed(found, width)


def _smaller(item: Item) -> list[Item]:
    """What is left of an item when room is short: its brief form, later nothing."""
    least = item.priority // 2 if item.least is None else item.least
    return [replace(item, line=item.less, less=(), priority=least)] if item.less else []


def _needed(items: Sequence[Item]) -> int:
    # One blank at each end; the first of the left has no gap, the first of the right at least one blank.
    return sum(size(i.line) + i.gap for i in items) - items[0].gap + 1


def _placed(items: Sequence[Item], width: int) -> list[Span]:
    left: list[Span] = [Span(" ")]
    right: list[Span] = []
    for item in items:
        side = right if item.right else left
        if len(side) > (0 if item.right else 1):
            side.append(Span(" " * item.gap))
        side.extend(item.line)
    gap = width - size(left) - size(right) - 1
    return [*left, Span(" " * max(1, gap)), *right, Span(" ")]
