"""The grid: the cells that the screen should show, read from what a program writes to a terminal."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern

from tradetop.panes import cells
from tradetop.theme import Depth
from tradetop.tui.pen import PLAIN, SEEN_ON_BLANKS, Pen, applied

BLANK = " "
HALF = ""
"""In the cell behind a wide character."""
MARKS = 4
"""Combining characters that one cell takes: enough for every language, too few to flood a link."""

_TEXT = r"[^\x00-\x1f\x7f-\x9f]"
_TOKEN = re.compile(
    rf"""\x1b\[(?P<style>[\d;]*)m(?P<styled>{_TEXT}*)
    | (?P<text>{_TEXT}+)
    | \x1b\[(?P<row>\d{{0,5}})(?:;(?P<column>\d{{0,5}}))?(?P<move>H)
    | (?P<line>\r?\n)
    | (?P<other>\x1b\[[0-?]*[ -/]*[@-~] | \x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)? | .)""",
    re.VERBOSE | re.DOTALL,
)
NARROW = " -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2319\u2500-\u25fc\u2800-\u28ff"
"""Characters of one cell each, beyond doubt: nearly everything that is drawn; ranges for a regular expression."""
_NARROW = re.compile(f"[{NARROW}]*")
_PRESENTATION = range(0xFE00, 0xFE10)
"""Variation selectors: they make some terminals draw a character wider than it is."""


class Grid:
    """Cells as characters and pens, line by line; nothing that a terminal would obey ever becomes a cell.

    A wide character is followed by a `HALF`; combining characters stand in the cell that they belong to. A blank has
    a pen that says no more than what can be seen of it.
    """

    def __init__(self, width: int = 0, height: int = 0, depth: Depth = Depth.TRUE) -> None:
        self.depth = depth
        self.chars: list[list[str]] = []
        self.pens: list[list[Pen]] = []
        self.width = self.height = 0
        self.hits = 0
        """Characters and sequences that were kept from the terminal: each one is a fault of ours."""
        self._x = self._y = 0
        self._pen = PLAIN
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Become this wide and high; what was there stays where it is."""
        more = max(0, width - self.width)
        for chars, pens in zip(self.chars, self.pens, strict=True):
            if width < self.width and chars[width] == HALF:
                chars[width - 1] = BLANK
            chars[width:] = [BLANK] * more
            pens[width:] = [PLAIN] * more
        for lines in (self.chars, self.pens):
            del lines[height:]
        while len(self.chars) < height:
            self.chars.append([BLANK] * width)
            self.pens.append([PLAIN] * width)
        self.width, self.height = width, height

    def feed(self, data: str) -> None:
        """Take in text, moves and styles; everything else is dropped and counted."""
        for token in _TOKEN.finditer(data):
            kind = token.lastgroup
            if kind == "styled":
                self._pen = applied(self._pen, token["style"], self.depth)
                if token["styled"]:
                    self._put(token["styled"])
            elif kind == "text":
                self._put(token["text"])
            elif kind == "move":
                self._y, self._x = int(token["row"] or 1) - 1, int(token["column"] or 1) - 1
            elif kind == "line":
                self._y, self._x = self._y + 1, 0
            else:
                self.hits += 1

    def put(self, y: int, x: int, text: str, pen: Pen) -> None:
        """Place text of one pen, its first cell in line `y` and column `x`."""
        self._y, self._x, self._pen = y, x, pen
        self._put(text)
        self._pen = PLAIN

    def place(self, y: int, x: int, chars: list[str], pens: list[Pen]) -> None:
        """Place cells, the first in line `y` and column `x`, where no wide character lies across either end."""
        self.chars[y][x : x + len(chars)] = chars
        self.pens[y][x : x + len(pens)] = pens

    def _put(self, text: str) -> None:
        """Place text at the cursor; what is too much for the line is lost."""
        x = self._x
        if not 0 <= self._y < self.height or x > self.width:
            return
        chars, pens = self.chars[self._y], self.pens[self._y]
        if not narrow(text):
            self._put_each(text)
            return
        text = text[: self.width - x]
        end = self._x = x + len(text)
        self._cut(x)
        self._cut(end)
        chars[x:end] = split(text)
        pens[x:end] = spread(text, self._pen)

    def _put_each(self, text: str) -> None:
        chars, pens = self.chars[self._y], self.pens[self._y]
        for char in text:
            shown = cells.wall(char)
            self.hits += shown != char
            wide = cells.char_width(shown)
            x = self._x
            if wide == 0:
                self._combine(char)
                continue
            if x >= self.width:
                return
            self._cut(x)
            if x + wide > self.width:
                shown, wide = BLANK, 1
            self._cut(x + wide)
            chars[x] = shown
            pens[x] = unseen(self._pen) if shown == BLANK else self._pen
            if wide == 2:
                chars[x + 1], pens[x + 1] = HALF, self._pen
            self._x = x + wide

    def _combine(self, mark: str) -> None:
        """Add to the character before the cursor; without one there is nothing to add to."""
        chars = self.chars[self._y]
        x = self._x - 1
        if x > 0 and chars[x] == HALF:
            x -= 1
        if x >= 0 and ord(mark) not in _PRESENTATION and len(chars[x]) <= MARKS:
            if chars[x] == BLANK:
                self.pens[self._y][x] = self._pen
            chars[x] += mark

    def _cut(self, x: int) -> None:
        """Blank the halves of a wide character that lies across the left edge of cell `x`."""
        if 0 < x < self.width and self.chars[self._y][x] == HALF:
            chars, pens = self.chars[self._y], self.pens[self._y]
            chars[x - 1] = chars[x] = BLANK
            pens[x - 1] = pens[x] = unseen(pens[x])


def narrow(text: str) -> bool:
    """Whether each character is one cell, beyond doubt."""
    return _NARROW.fullmatch(text) is not None


def split(text: str) -> list[str]:
    """The cells of a text whose characters are one cell each."""
    # A character outside Latin 1 is an object for each time that it is made: the screen is full of the same few.
    return [*text] if text.isascii() else [*map(intern, text)]


def spread(text: str, pen: Pen) -> list[Pen]:
    """The pens of those cells, written with this pen."""
    if BLANK not in text:
        return [pen] * len(text)
    blank = unseen(pen)
    return [blank] * len(text) if text.isspace() else [blank if c == BLANK else pen for c in text]


@lru_cache(maxsize=256)
def unseen(pen: Pen) -> Pen:
    """The pen as far as it shows on a blank."""
    return pen if pen.flags & SEEN_ON_BLANKS else Pen(bg=pen.bg)
