"""The differ: the fewest bytes that make a terminal show what it should show, from what it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from tradetop.theme import Depth
from tradetop.tui.abilities import NONE, Abilities
from tradetop.tui.grid import BLANK, Grid
from tradetop.tui.moves import Cell, move
from tradetop.tui.pen import PLAIN, SEEN_ON_BLANKS, Pen, change
from tradetop.tui.pieces import Piece, neutral, pieces, sure

BRIDGE = 6
"""So many cells at most between two pieces may be cheaper to send than to jump over."""
STRETCH = 9
"""From so many blanks on it is worth asking whether erasing them is shorter."""
FEW = 150
"""So many pieces at most are sent one colour after the other."""
BAND = 12
"""Of more, so many lines: the upper ones come first."""
_UNKNOWN = "\x00"
"""In a cell of which nobody knows what the terminal shows there; equal to nothing that is wanted."""


class _State(NamedTuple):
    """The terminal between two orders: where its cursor is (None: nobody knows), and how it writes."""

    at: Cell | None
    pen: Pen


class Differ:
    """Knows what a terminal shows, and what it should show: `grid`, which is fed."""

    def __init__(self, depth: Depth = Depth.TRUE, can: Abilities = NONE) -> None:
        self.grid = Grid(depth=depth)
        self._can = can
        self._chars: list[list[str]] = []
        self._pens: list[list[Pen]] = []
        self._known = False
        self._state = _State(None, PLAIN)

    def forget(self) -> None:
        """The terminal may show anything from now on."""
        self._known = False

    def update(self) -> str:
        """What to send now; afterwards the terminal shows what it should, and the next update starts from there."""
        grid, out = self.grid, []
        if not self._known or (len(self._chars), len(self._chars[0])) != (grid.height, grid.width):
            out.append(self._clear())
        # Somebody else may have moved the cursor since the last update.
        self._state = self._state._replace(at=None)
        changed: list[Piece] = []
        for y in range(grid.height):
            if grid.chars[y] != self._chars[y] or grid.pens[y] != self._pens[y]:
                changed += self._pieces(y)
                self._chars[y], self._pens[y] = [*grid.chars[y]], [*grid.pens[y]]
        out += [self._written(band) for band in _bands(changed)]
        return "".join(out)

    def _clear(self) -> str:
        """Empty the terminal in the background that most blanks have, where that can be done."""
        grid = self.grid
        blanks = Counter(
            pen
            for y in range(grid.height)
            for char, pen in zip(grid.chars[y], grid.pens[y], strict=True)
            if char == BLANK
        )
        pen = blanks.most_common(1)[0][0] if blanks else PLAIN
        cleared = self._erasable(pen)
        self._known = True
        self._state = _State(None, pen if cleared else PLAIN)
        char, seen = (BLANK, pen) if cleared else (_UNKNOWN, PLAIN)
        self._chars = [[char] * grid.width for _ in range(grid.height)]
        self._pens = [[seen] * grid.width for _ in range(grid.height)]
        return f"\x1b[m{change(PLAIN, pen)}\x1b[2J" if cleared else "\x1b[m"

    def _pieces(self, y: int) -> list[Piece]:
        """What changed in a line; the blanks that it ends with are a piece of their own where they can be erased."""
        chars, pens, width = self.grid.chars[y], self.grid.pens[y], self.grid.width
        found = pieces(y, chars, pens, self._chars[y], self._pens[y], STRETCH)
        tail = self._tail(y)
        for i, piece in enumerate(found):
            if piece.end > tail:
                start = max(tail, piece.x)
                # Erasing the end of a line is three bytes, however long it is.
                if found[-1].end - start > len("\x1b[K") or len(found) > i + 1:
                    before = [piece._replace(end=tail)] if piece.x < tail else []
                    found[i:] = [*before, Piece(y, start, width, pens[width - 1], True)]
                break
        return found

    def _tail(self, y: int) -> int:
        """The first of the equal blanks that the line ends with, where they can be erased; else the width."""
        chars, pens, x = self.grid.chars[y], self.grid.pens[y], self.grid.width
        last = pens[x - 1]
        if chars[x - 1] != BLANK or not self._erasable(last):
            return x
        while x > 0 and chars[x - 1] == BLANK and pens[x - 1] == last:
            x -= 1
        return x

    def _written(self, band: list[Piece]) -> str:
        """The pieces, one pen after the other: a colour costs more than the way back to where it goes on."""
        groups: dict[tuple[bool, Pen], list[Piece]] = {}
        loose: list[Piece] = []
        for piece in band:
            if piece.blank:
                loose.append(piece)
            else:
                # What some terminals draw wider than it is comes first, so that its neighbours are drawn over that.
                groups.setdefault((piece.sure, piece.pen), []).append(piece)
        self._place(loose, groups)
        out: list[str] = []
        while groups:
            now = self._state.pen
            best = min(groups, key=lambda key: (key[0], len(change(now, key[1]))))
            out.extend(self._piece(piece, best[1]) for piece in sorted(groups.pop(best)))
        return "".join(out)

    def _place(self, loose: list[Piece], groups: dict[tuple[bool, Pen], list[Piece]]) -> None:
        """Have blanks written along with a text beside them, else with any of the same background."""
        by_bg: dict[str, list[tuple[bool, Pen]]] = {}
        ends: dict[Cell, tuple[bool, Pen]] = {}
        for key, group in groups.items():
            if not key[1].flags & SEEN_ON_BLANKS:
                by_bg.setdefault(key[1].bg, []).append(key)
                ends |= {(piece.y, piece.end): key for piece in group}
        for piece in loose:
            beside = ends.get((piece.y, piece.x))
            if beside is None or beside[1].bg != piece.pen.bg:
                keys = by_bg.get(piece.pen.bg)
                if keys is None:
                    key = (True, _under(self._state.pen, piece.pen))
                    keys = by_bg[piece.pen.bg] = [key]
                beside = max(keys, key=lambda k: len(groups.get(k, ())))
            groups.setdefault(beside, []).append(piece)

    def _piece(self, piece: Piece, pen: Pen) -> str:
        """Move, pen and cells of one piece."""
        y, x, end = piece[:3]
        state = self._state
        way = self._bridge(state, piece) if pen == state.pen else ""
        way = (way or move(state.at, (y, x))) + change(state.pen, pen)
        chars, width = self.grid.chars[y], self.grid.width
        at: Cell | None = (y, end)
        if piece.blank and end == width and end - x > len("\x1b[K") and self._erasable(piece.pen):
            sent, at = "\x1b[K", (y, x)
        elif piece.blank and end - x >= STRETCH and self._can.erase and self._erasable(piece.pen):
            sent, at = f"\x1b[{end - x}X", (y, x)
        else:
            sent = "".join(chars[x:end])
            if end >= width or not piece.sure:
                at = None
        self._state = _State(at, pen)
        return way + sent

    def _bridge(self, state: _State, piece: Piece) -> str:
        """The cells between the cursor and a piece, where this pen writes them and that is shorter than a jump."""
        at, pen = state.at, state.pen
        if at is None or at[0] != piece.y or not 0 < piece.x - at[1] <= BRIDGE:
            return ""
        chars, pens = self.grid.chars[piece.y], self.grid.pens[piece.y]
        for x in range(at[1], piece.x):
            under = _under(pen, pens[x]) if neutral(chars[x], pens[x]) else pens[x]
            if under != pen or not sure(chars, x):
                return ""
        text = "".join(chars[at[1] : piece.x])
        return text if len(text.encode()) <= len(move(at, (piece.y, piece.x))) else ""

    def _erasable(self, pen: Pen) -> bool:
        """Whether erased cells look like blanks of this pen."""
        return not pen.flags & SEEN_ON_BLANKS and (not pen.bg or self._can.colours)


def _bands(changed: list[Piece]) -> Iterator[list[Piece]]:
    """What is sent together: everything, or of a large update the first line, then so many lines at a time."""
    if len(changed) <= FEW:
        yield changed
        return
    for _, band in groupby(changed, lambda piece: -(-piece.y // BAND)):
        yield [*band]


def _under(pen: Pen, blank: Pen) -> Pen:
    """The pen that is nearest to `pen` and writes this blank."""
    if pen.bg == blank.bg and not pen.flags & SEEN_ON_BLANKS:
        return pen
    return Pen(pen.fg, blank.bg, pen.flags & ~SEEN_ON_BLANKS)
