"""A terminal that is strict: whatever it does not know is an error, and wide characters are never cut in half."""

from __future__ import annotations

import re
from typing import NamedTuple

from tradetop.panes.cells import char_width
from tradetop.tui.abilities import Abilities

_TOKEN = re.compile(r"\x1b\[([\d;]*)([A-Za-z])|([\r\b\x0b]|\x1bM)|([^\x00-\x1f\x7f-\x9f])", re.DOTALL)
_FLAGS = {1: 1, 2: 2, 3: 4, 4: 8, 7: 16, 9: 32}
_OFF = {22: 3, 23: 4, 24: 8, 27: 16, 29: 32}
VISIBLE = 8 | 16 | 32
"""Attributes that show on a blank."""


class Look(NamedTuple):
    """How a cell looks: colours as parameters of SGR, "" for the terminal's own; attributes as bits."""

    fg: str = ""
    bg: str = ""
    flags: int = 0


Shown = tuple[str, Look]


def shown(text: str, look: Look) -> Shown:
    """The cell as far as a person sees it: of a blank, only its background."""
    return (text, Look(bg=look.bg)) if text == " " and not look.flags & VISIBLE else (text, look)


class Emulator:
    """Cells as a terminal without line wrap has them; it starts out with anything on it."""

    def __init__(self, width: int, height: int, can: Abilities) -> None:
        self._can = can
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """What a terminal shows after its size has changed is its own affair."""
        self.width, self.height = width, height
        self.scramble()

    def scramble(self) -> None:
        """Somebody else has used the terminal."""
        self.cells: list[list[Shown]] = [
            [("#", Look("31", "42", 1)) for _ in range(self.width)] for _ in range(self.height)
        ]
        self.x, self.y, self.look = self.width // 2, self.height // 2, Look("32", "41", 17)

    def seen(self) -> list[list[Shown]]:
        """What a person sees."""
        return [[shown(*cell) for cell in line] for line in self.cells]

    def feed(self, data: str) -> None:
        end = 0
        for token in _TOKEN.finditer(data):
            assert token.start() == end, f"unknown: {data[end : token.start()]!r}"
            end = token.end()
            parameters, final, control, char = token.groups()
            if char:
                self._print(char)
            elif control:
                self._control(control)
            else:
                self._order(parameters, final)
        assert end == len(data), f"unknown: {data[end:]!r}"

    def _control(self, control: str) -> None:
        if control == "\r":
            self.x = 0
        elif control == "\b":
            self.x = max(0, min(self.x, self.width - 1) - 1)
        else:
            assert self.x < self.width, "the cursor's place is not the same in all terminals"
            self.y += 1 if control == "\x0b" else -1
            assert 0 <= self.y < self.height, "this would scroll"

    def _order(self, parameters: str, final: str) -> None:
        numbers = [int(part or 0) for part in parameters.split(";")]
        count = max(1, numbers[0])
        # A terminal may leave the cursor in the last column or behind it.
        assert final in "mHJ" or self.x < self.width, "the cursor's place is not the same in all terminals"
        match final:
            case "m":
                self._style(parameters)
            case "H":
                column = numbers[1] if len(numbers) > 1 else 1
                self.y, self.x = min(self.height, count) - 1, min(self.width, max(1, column)) - 1
            case "A" | "B":
                self.y = max(0, min(self.height - 1, self.y + (count if final == "B" else -count)))
            case "C" | "D":
                self.x = max(0, min(self.width - 1, self.x + (count if final == "C" else -count)))
            case "K":
                assert not parameters
                self._erase(self.y, self.x, self.width)
            case "X":
                assert self._can.erase
                self._erase(self.y, self.x, self.x + count)
            case "J":
                assert parameters == "2"
                for y in range(self.height):
                    self._erase(y, 0, self.width)
            case _:
                raise AssertionError(f"unknown: {parameters}{final}")

    def _style(self, parameters: str) -> None:
        fg, bg, flags = self.look
        parts = parameters.split(";")
        while parts:
            code = int(parts.pop(0) or 0)
            if code in (38, 48):
                kept = [str(code), *parts[: 2 if parts[0] == "5" else 4]]
                del parts[: len(kept) - 1]
                fg, bg = (";".join(kept), bg) if code == 38 else (fg, ";".join(kept))
            elif code == 0:
                fg, bg, flags = Look()
            elif code in _FLAGS:
                flags |= _FLAGS[code]
            elif code in _OFF:
                flags &= ~_OFF[code]
            elif 30 <= code <= 39 or 90 <= code <= 97:
                fg = "" if code == 39 else str(code)
            elif 40 <= code <= 49 or 100 <= code <= 107:
                bg = "" if code == 49 else str(code)
            else:
                raise AssertionError(f"unknown style: {parameters}")
        self.look = Look(fg, bg, flags)

    def _print(self, char: str) -> None:
        wide = char_width(char)
        line = self.cells[self.y]
        if wide == 0:
            x = min(self.x, self.width) - 1
            x -= line[x][0] == ""
            line[x] = (line[x][0] + char, line[x][1])
            return
        assert self.x + wide <= self.width, "written beyond the last column"
        for x in range(self.x, self.x + wide):
            self._halve(x)
        line[self.x] = (char, self.look)
        if wide == 2:
            line[self.x + 1] = ("", self.look)
        self.x += wide

    def _erase(self, y: int, start: int, end: int) -> None:
        at, self.y = self.y, y
        for x in range(start, min(end, self.width)):
            self._halve(x)
            self.cells[y][x] = (" ", Look(bg=self.look.bg if self._can.colours else ""))
        self.y = at

    def _halve(self, x: int) -> None:
        """The other half of a wide character goes, too."""
        line = self.cells[self.y]
        if line[x][0] == "":
            line[x - 1] = (" ", line[x - 1][1])
        elif x + 1 < self.width and line[x + 1][0] == "":
            line[x + 1] = (" ", line[x + 1][1])
