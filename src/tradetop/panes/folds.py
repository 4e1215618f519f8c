"""Folds: how a text of several lines lies on rows of a width, and where a place in it is then."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.panes import cells

Fold = tuple[int, int]
"""Where in the text a row begins and ends; nothing but the ends of lines lies between rows."""


def folds(text: str, width: int) -> list[Fold]:
    """The rows of a text, at most `width` cells each; lines break behind a blank where there is one."""
    found: list[Fold] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        found += _folded(text, start, end, max(2, width))
        start = end + 1
    return found


def row_of(rows: Sequence[Fold], at: int) -> int:
    """Which row a place lies in."""
    return max(0, sum(start <= at for start, _ in rows) - 1)


def moved(text: str, rows: Sequence[Fold], at: int, by: int) -> int:
    """The place so many rows below (above: negative) one, as far to the right as it was."""
    here = row_of(rows, at)
    there = max(0, min(len(rows) - 1, here + by))
    if here == there:
        return 0 if by < 0 else len(text)
    start, end = rows[there]
    column = cells.width(text[rows[here][0] : at])
    place = start + len(cells.head(text[start:end], column))
    # The end of a row that goes on below is the beginning of the next.
    goes_on = there + 1 < len(rows) and rows[there + 1][0] == end
    return max(start, end - 1) if goes_on and place == end else place


def _folded(text: str, start: int, end: int, width: int) -> list[Fold]:
    found: list[Fold] = []
    while True:
        # Signs without a width of their own do not make a row endless.
        piece = cells.head(text[start : min(end, start + 4 * width)], width)
        if start + len(piece) >= end:
            return [*found, (start, end)]
        blank = piece.rfind(" ") + 1
        size = blank if blank > len(piece) // 2 else max(1, len(piece))
        found.append((start, start + size))
        start += size
