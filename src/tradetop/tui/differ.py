"""The differ: the fewest bytes that make a terminal show what it should show, from what it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tradetop.theme import Depth
from tradetop.tui.abilities import NONE, Abilities
from tradetop.tui.grid import BLANK, HALF, Grid
from tradetop.tui.moves import Cell, move
from tradetop.tui.pen import PLAIN, SEEN_ON_BLANKS, Pen, change

BRIDGE = 12
"""So many unchanged cells at most may be cheaper to send again than to jump over."""
STRETCH = 9
"""From so many blanks on it is worth asking whether erasing them is shorter."""
_UNKNOWN = "\x00"
"""In a cell of which nobody knows what the terminal shows there; equal to nothing that is wanted."""
_SURE = re.compile("[ -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2319\u2500-\u25fc\u2800-\u28ff"
                   "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]?")  # fmt: skip
"""Characters about whose width all terminals agree; behind any other one the cursor's place is said anew."""


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
        for y in range(grid.height):
            if grid.chars[y] != self._chars[y] or grid.pens[y] != self._pens[y]:
                out.append(self._line(y))
                self._chars[y], self._pens[y] = [*grid.chars[y]], [*grid.pens[y]]
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

    def _line(self, y: int) -> str:
        """What turns one line into the wanted one."""
        chars, pens, width = self.grid.chars[y], self.grid.pens[y], self.grid.width
        old_chars, old_pens = self._chars[y], self._pens[y]
        changed = [
            x
            for x in range(width)
            if chars[x] != old_chars[x] or (pens[x] is not old_pens[x] and pens[x] != old_pens[x])
        ]
        tail = self._tail(y)
        out = [self._run(y, *run) for run in _runs(changed, chars, tail)]
        rest = next((x for x in changed if x >= tail), None)
        if rest is not None:
            out.append(self._end(y, tail, rest, [x for x in changed if x >= tail]))
        return "".join(out)

    def _tail(self, y: int) -> int:
        """The first of the equal blanks that the line ends with, where they can be erased; else the width."""
        chars, pens, x = self.grid.chars[y], self.grid.pens[y], self.grid.width
        last = pens[x - 1]
        if chars[x - 1] != BLANK or not self._erasable(last):
            return x
        while x > 0 and chars[x - 1] == BLANK and pens[x - 1] == last:
            x -= 1
        return x

    def _end(self, y: int, tail: int, first: int, changed: Sequence[int]) -> str:
        """The blanks at the end of a line, erased or written, whichever is shorter."""
        state = self._state
        written = "".join([self._run(y, *run) for run in _runs(changed, self.grid.chars[y], self.grid.width)])
        after = self._state
        here = state.at is not None and state.at[0] == y and tail <= state.at[1] <= first
        way = "" if here else move(state.at, (y, first))
        pen = _under(state.pen, self.grid.pens[y][first])
        erased = f"{way}{change(state.pen, pen)}\x1b[K"
        if len(erased) >= len(written):
            self._state = after
            return written
        self._state = _State(state.at if here else (y, first), pen)
        return erased

    def _run(self, y: int, start: int, end: int) -> str:
        """Cells that changed, reached by a move, or by sending again what lies between where that is shorter."""
        state = self._state
        way = move(state.at, (y, start))
        sent, after = self._text(y, start, end, state.pen)
        sent = way + sent
        if state.at is not None and state.at[0] == y and 0 < start - state.at[1] <= BRIDGE:
            other, other_after = self._text(y, state.at[1], end, state.pen)
            if len(other.encode()) < len(sent.encode()):
                sent, after = other, other_after
        self._state = after
        return sent

    def _text(self, y: int, start: int, end: int, pen: Pen) -> tuple[str, _State]:
        """The cells from `start` to `end`, written from `start` on; and how the terminal is left."""
        chars, pens, width = self.grid.chars[y], self.grid.pens[y], self.grid.width
        parts: list[str] = []
        at: Cell | None = (y, start)
        x = start
        while x < end:
            parts.append(move(at, (y, x)))
            stop = _same(chars, pens, x, end)
            blank = chars[x] == BLANK and not pens[x].flags & SEEN_ON_BLANKS
            wanted = _under(pen, pens[x]) if blank else pens[x]
            parts.append(change(pen, wanted))
            pen = wanted
            at = (y, stop)
            if blank and stop - x >= STRETCH and self._can.erase and self._erasable(pens[x]):
                parts.append(f"\x1b[{stop - x}X")
                at = (y, x)
            else:
                text = "".join(chars[x:stop])
                parts.append(text)
                if stop >= width or not _SURE.fullmatch(chars[stop - 1] or chars[stop - 2]):
                    at = None
            x = stop
        return "".join(parts), _State(at, pen)

    def _erasable(self, pen: Pen) -> bool:
        """Whether erased cells look like blanks of this pen."""
        return not pen.flags & SEEN_ON_BLANKS and (not pen.bg or self._can.colours)


def _under(pen: Pen, blank: Pen) -> Pen:
    """The pen that is nearest to `pen` and writes this blank."""
    if pen.bg == blank.bg and not pen.flags & SEEN_ON_BLANKS:
        return pen
    return Pen(pen.fg, blank.bg, pen.flags & ~SEEN_ON_BLANKS)


def _same(chars: Sequence[str], pens: Sequence[Pen], x: int, end: int) -> int:
    """The end of the cells from `x` on that can be written in one go."""
    pen, blank = pens[x], chars[x] == BLANK
    x += 1
    while x < end and (chars[x] == HALF or (pens[x] == pen and (chars[x] == BLANK) == blank)):
        if chars[x] != HALF and not _SURE.fullmatch(chars[x - 1] or chars[x - 2]):
            break
        x += 1
    return x


def _runs(changed: Sequence[int], chars: Sequence[str], limit: int) -> Iterator[tuple[int, int]]:
    """The changed cells before `limit` in runs, with wide characters whole."""
    start = end = -1
    for x in changed:
        if x >= limit:
            break
        if x > end:
            if end > start:
                yield start, end
            start = x - 1 if x and chars[x] == HALF else x
        end = max(end, x + 1)
        if end < len(chars) and chars[end] == HALF:
            end += 1
    if end > start:
        yield start, end
