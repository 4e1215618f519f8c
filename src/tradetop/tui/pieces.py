"""Pieces: what changed in a line, cut so that each is written in one go with one pen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress, count
from operator import ne, or_
from typing import NamedTuple

from tradetop.tui.grid import BLANK, HALF, NARROW
from tradetop.tui.pen import SEEN_ON_BLANKS, Pen

Chars = Sequence[str]
Pens = Sequence[Pen]

_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
_SURE = re.compile(f"[{NARROW}{_WIDE}]?")
"""Characters about whose width all terminals agree; behind any other one the cursor's place is said anew."""


class Piece(NamedTuple):
    """Cells of one line that one pen writes: `end` is the first cell behind them."""

    y: int
    x: int
    end: int
    pen: Pen
    blank: bool = False
    """Nothing but blanks, so that any pen with this background does, and erasing them, too."""
    sure: bool = True
    """All terminals agree where the cursor is afterwards."""


def pieces(y: int, chars: Chars, pens: Pens, old_chars: Chars, old_pens: Pens, long: int) -> list[Piece]:
    """What changed in line `y`, from left to right; `long` is the number of blanks from which on they stand alone.

    Fewer blanks become part of the text beside them.
    """
    found: list[Piece] = []
    for start, end in _runs(chars, pens, old_chars, old_pens):
        run: list[Piece] = []
        for piece in _cut(y, start, end, chars, pens):
            if run and (joined := _joined(run[-1], piece, long)):
                run[-1] = joined
            else:
                run.append(piece)
        found += run
    return found


def sure(chars: Chars, x: int) -> bool:
    """Whether all terminals agree on the width of what ends in cell `x`."""
    return _SURE.fullmatch(chars[x] or chars[x - 1]) is not None


def neutral(char: str, pen: Pen) -> bool:
    """Whether the cell shows its background alone."""
    return char == BLANK and not pen.flags & SEEN_ON_BLANKS


def _runs(chars: Chars, pens: Pens, old_chars: Chars, old_pens: Pens) -> Iterator[tuple[int, int]]:
    """The changed cells in runs, with wide characters whole."""
    start = end = -1
    for x in compress(count(), map(or_, map(ne, chars, old_chars), map(ne, pens, old_pens))):
        if x > end:
            if end > start:
                yield start, end
            start = x - 1 if x and chars[x] == HALF else x
        end = max(end, x + 1)
        if end < len(chars) and chars[end] == HALF:
            end += 1
    if end > start:
        yield start, end


def _cut(y: int, x: int, end: int, chars: Chars, pens: Pens) -> Iterator[Piece]:
    """The cells from `x` to `end`, cut where the pen changes, around blanks, and behind what is not sure."""
    while x < end:
        pen, blank, at = pens[x], neutral(chars[x], pens[x]), x
        known = True
        x += 1
        if not blank:
            known = sure(chars, at)
        while x < end:
            if chars[x] != HALF:
                if not known or pens[x] != pen or neutral(chars[x], pens[x]) != blank:
                    break
                known = blank or sure(chars, x)
            x += 1
        yield Piece(y, at, x, pen, blank, known)


def _joined(left: Piece, right: Piece, long: int) -> Piece | None:
    """Two neighbours as one, where one pen can write both and nothing is gained by erasing."""
    if left.end != right.x or not left.sure or left.pen.bg != right.pen.bg:
        return None
    if left.blank and left.end - left.x < long and not right.blank and not right.pen.flags & SEEN_ON_BLANKS:
        return right._replace(x=left.x)
    if right.blank and right.end - right.x < long and not left.blank and not left.pen.flags & SEEN_ON_BLANKS:
        return left._replace(end=right.end)
    if not left.blank and left.pen == right.pen:
        return left._replace(end=right.end, sure=right.sure)
    return None
