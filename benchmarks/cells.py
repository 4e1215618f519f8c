"""What a picture had to cost: the screen before and after each burst of output, and the bytes between the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyte
from pyte.graphics import FG_BG_256
from pyte.screens import Char
from terminal import UNPAINTED, Session, Size

QUIET = 0.03
"""Output this far apart belongs to different pictures (s)."""
Line = tuple[Char, ...]
_INDEX = {colour: i for i, colour in enumerate(FG_BG_256)}
_FLAGS = ("bold", "italics", "underscore", "strikethrough", "reverse", "blink")
_PLAIN = Char(" ")


class Paper(pyte.Screen):
    """pyte's screen with the two sequences it lacks that shorten output: repeating a character, and scrolling."""

    def draw(self, data: str) -> None:
        super().draw(data)
        self._last = data[-1:]

    def repeat(self, count: int = 1) -> None:
        self.draw(self._last * (count or 1))

    def scroll_up(self, count: int = 1) -> None:
        self._at_edge(self.delete_lines, count)

    def scroll_down(self, count: int = 1) -> None:
        self._at_edge(self.insert_lines, count)

    def _at_edge(self, what: object, count: int) -> None:
        y, x = self.cursor.y, self.cursor.x
        self.cursor.y = self.margins.top if self.margins else 0
        what(count or 1)  # type: ignore[operator]
        self.cursor.y, self.cursor.x = y, x


class Ink(pyte.ByteStream):
    """pyte's stream that knows them."""

    csi = {**pyte.ByteStream.csi, "b": "repeat", "S": "scroll_up", "T": "scroll_down"}  # noqa: RUF012 - pyte's own.
    events = pyte.ByteStream.events | {"repeat", "scroll_up", "scroll_down"}


class Sheet:
    """A terminal's cells as bytes arrive."""

    def __init__(self, size: Size) -> None:
        self._paper = Paper(*size)
        self._ink = Ink(self._paper)
        self.lines: list[Line] = [(_PLAIN,) * size[0]] * size[1]

    def feed(self, data: bytes) -> int:
        """Take bytes in; the least number of bytes that would have shown the same."""
        self._ink.feed(UNPAINTED.sub(b"", data))
        before = self.lines
        self.lines = list(before)
        for y in self._paper.dirty:
            if y < len(self.lines):
                row = self._paper.buffer[y]
                self.lines[y] = tuple(row[x] for x in range(self._paper.columns))
        self._paper.dirty.clear()
        return least(before, self.lines)

    def text(self) -> str:
        """What can be read."""
        return "\n".join("".join(cell.data for cell in line).rstrip() for line in self.lines)


@dataclass(frozen=True, slots=True)
class Output:
    """What a stretch of output was: bytes, the least they could have been, in how many pictures, and the last one."""

    size: int
    least: int
    pictures: int
    text: str


def output(session: Session, since: float, until: float = float("inf")) -> Output:
    """What a session wrote from a time on; all before it is what stood on the screen."""
    sheet = Sheet(session.size)
    size = fewest = pictures = 0
    for at, data in bursts(session.chunks):
        if at >= until:
            break
        needed = sheet.feed(data)
        if at >= since:
            size, fewest, pictures = size + len(data), fewest + needed, pictures + 1
    return Output(size, fewest, pictures, sheet.text())


def bursts(chunks: Sequence[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    """Chunks that belong to one picture as one, with the time of the first."""
    begun, last, data = 0.0, None, b""
    for at, chunk in chunks:
        if last is not None and at - last > QUIET:
            yield begun, data
            data = b""
        begun, last, data = (at if not data else begun), at, data + chunk
    if data:
        yield begun, data


def least(before: Sequence[Line], after: Sequence[Line]) -> int:
    """Bytes that turn one screen into another by writing changed cells only.

    The cursor jumps over what stays, a style is set where it changes, runs of one character are repeated or erased.
    Nothing is scrolled: a practical floor, which a program that scrolls can pass below.
    """
    total, pen = 0, _PLAIN
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        here: int | None = None
        x, width = 0, len(new)
        while x < width:
            cell = new[x]
            if cell == old[x] or not cell.data:
                x += 1
                continue
            if here != x:
                total += _jump(new, here, x, y, pen)
            total += _restyled(pen, cell)
            pen = cell
            end = x + 1
            while end < width and new[end] == cell:
                end += 1
            total += _run(cell, end - x, end == width)
            wide = end < width and not new[end].data
            x = here = end + wide
    return total + (3 if _style(pen) != _style(_PLAIN) else 0)


def _jump(line: Line, here: int | None, to: int, y: int, pen: Char) -> int:
    cost = len(f"\x1b[{y + 1};{to + 1}H")
    if here is not None and to > here:
        cost = min(cost, len(f"\x1b[{to - here}C"))
        between = line[here:to]
        if all(_style(cell) == _style(pen) for cell in between):
            cost = min(cost, sum(len(cell.data.encode()) for cell in between))
    return cost


def _run(cell: Char, count: int, to_the_end: bool) -> int:
    size = len(cell.data.encode())
    if to_the_end and cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough):
        return min(count, 3)
    return min(count * size, size + len(f"\x1b[{count - 1}b"))


def _style(cell: Char) -> tuple[object, ...]:
    return cell[1:]


@lru_cache(maxsize=65_536)
def _restyled(old: Char, new: Char) -> int:
    """Bytes of the shortest sequence from one style to another: what differs, or everything anew."""
    if _style(old) == _style(new):
        return 0
    anew = ["0", *("1" for name in _FLAGS if getattr(new, name))]
    anew += [_colour(colour) for colour in (new.fg, new.bg) if colour != "default"]
    differing = ["1" if getattr(new, name) else "22" for name in _FLAGS if getattr(new, name) is not getattr(old, name)]
    differing += [_colour(b) for a, b in ((old.fg, new.fg), (old.bg, new.bg)) if a != b]
    return min(len("\x1b[m") + len(";".join(parts)) - (parts == ["0"]) for parts in (anew, differing))


def _colour(name: str) -> str:
    if len(name) != 6 or any(char not in "0123456789abcdef" for char in name):
        return "39"
    index = _INDEX.get(name)
    if index is not None:
        return f"38;5;{index}"
    return "38;2;" + ";".join(str(int(name[i : i + 2], 16)) for i in (0, 2, 4))
