"""Shapes: box lines, blocks, braille and signs as paths, so that a picture needs no font that has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

WIDTH = 8.4
"""Of a cell, in SVG units; a monospaced font of size 14 advances so far."""
HEIGHT = 18.0
_X, _Y = WIDTH / 2, HEIGHT / 2
_THIN, _HEAVY = 1.1, 2.3

_LINES = {
    "─": "l1r1", "━": "l2r2", "│": "u1d1", "┃": "u2d2", "┌": "r1d1", "┐": "l1d1", "└": "r1u1", "┘": "l1u1",
    "├": "u1d1r1", "┤": "u1d1l1", "┬": "l1r1d1", "┴": "l1r1u1", "┼": "l1r1u1d1", "┏": "r2d2", "┓": "l2d2",
    "┗": "r2u2", "┛": "l2u2", "┣": "u2d2r2", "┫": "u2d2l2", "┳": "l2r2d2", "┻": "l2r2u2", "╋": "l2r2u2d2",
    "╸": "l2", "╹": "u2", "╺": "r2", "╻": "d2", "═": "l2r2", "║": "u2d2", "╔": "r2d2", "╗": "l2d2", "╚": "r2u2",
    "╝": "l2u2", "╠": "u2d2r2", "╣": "u2d2l2", "╦": "l2r2d2", "╩": "l2r2u2", "╬": "l2r2u2d2",
}  # fmt: skip
_ROUND = {"╭": (1, 1), "╮": (-1, 1), "╰": (1, -1), "╯": (-1, -1)}
_DASHES = {"┈": (4, False), "╌": (2, False), "╎": (2, True), "┊": (4, True)}
_BLOCKS = {
    "█": (0, 0, 8, 8), "▀": (0, 0, 8, 4), "▄": (0, 4, 8, 4), "▌": (0, 0, 4, 8), "▐": (4, 0, 4, 8),
    "▖": (0, 4, 4, 4), "▗": (4, 4, 4, 4), "▘": (0, 0, 4, 4), "▝": (4, 0, 4, 4),
}  # fmt: skip
_QUADRANTS = {"▙": "▌▗", "▛": "▌▝", "▜": "▐▘", "▟": "▐▖", "▚": "▘▗", "▞": "▝▖"}
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))


@dataclass(frozen=True, slots=True)
class Shape:
    """A character as path data around its cell's upper left corner; `stroke` is a line width, 0 for a filled path."""

    path: str
    stroke: float = 0.0
    round: bool = False


@lru_cache(maxsize=512)
def shape(char: str) -> tuple[Shape, ...] | None:
    """The shapes of a character; None where it is text."""
    if "\u2800" <= char <= "\u28ff":
        return (_braille(ord(char) - 0x2800),)
    if char in _LINES:
        return _line(_LINES[char])
    if char in _ROUND:
        return (_corner(*_ROUND[char]),)
    if char in _DASHES:
        return (_dashes(*_DASHES[char]),)
    if char in _BLOCKS or char in _QUADRANTS:
        return (Shape("".join(_block(*_BLOCKS[part]) for part in _QUADRANTS.get(char, char))),)
    found = _SIGNS.get(char)
    return (found,) if found is not None else None


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _braille(bits: int) -> Shape:
    """Dots as lines of no length with round ends: the shortest way to many circles."""
    across, down = WIDTH / 4, HEIGHT / 8
    lit = sorted(place for index, place in enumerate(_DOTS) if bits >> index & 1)
    path = ""
    # The way from dot to dot is shorter to write than each dot's place.
    for (column, row), before in zip(lit, [None, *lit], strict=False):
        if before is None:
            path += f"M{_n(across + column * across * 2)} {_n(down + row * down * 2)}h0"
        else:
            path += f"m{_n((column - before[0]) * across * 2)} {_n((row - before[1]) * down * 2)}h0"
    return Shape(path, 2.3, round=True)


def _line(ends: str) -> tuple[Shape, ...]:
    paths = {1: "", 2: ""}
    for end, weight in zip(ends[::2], ends[1::2], strict=True):
        half = _HEAVY / 2 if weight == "2" else _THIN / 2
        x = 0.0 if end == "l" else WIDTH if end == "r" else _X
        y = 0.0 if end == "u" else HEIGHT if end == "d" else _Y
        # Each arm starts half a line beyond the middle, so that corners are closed.
        x0 = _X + (half if end == "l" else -half if end == "r" else 0)
        y0 = _Y + (half if end == "u" else -half if end == "d" else 0)
        paths[int(weight)] += f"M{_n(x0)} {_n(y0)}L{_n(x)} {_n(y)}"
    widths = {1: _THIN, 2: _HEAVY}
    return tuple(Shape(path, widths[weight]) for weight, path in paths.items() if path)


def _corner(dx: int, dy: int) -> Shape:
    radius = 4.0
    side, end = (WIDTH if dx > 0 else 0.0), (HEIGHT if dy > 0 else 0.0)
    bend = f"Q{_n(_X)} {_n(_Y)} {_n(_X + dx * radius)} {_n(_Y)}"
    return Shape(f"M{_n(_X)} {_n(end)}V{_n(_Y + dy * radius)}{bend}H{_n(side)}", _THIN)


def _dashes(count: int, upright: bool) -> Shape:
    length = (HEIGHT if upright else WIDTH) / count
    starts = [i * length + length * 0.2 for i in range(count)]
    if upright:
        return Shape("".join(f"M{_n(_X)} {_n(s)}v{_n(length * 0.6)}" for s in starts), _THIN)
    return Shape("".join(f"M{_n(s)} {_n(_Y)}h{_n(length * 0.6)}" for s in starts), _THIN)


def _block(x: int, y: int, width: int, height: int) -> str:
    left, top = x * WIDTH / 8, y * HEIGHT / 8
    return f"M{_n(left)} {_n(top)}h{_n(width * WIDTH / 8)}v{_n(height * HEIGHT / 8)}h{_n(-width * WIDTH / 8)}z"


def _circle(radius: float) -> str:
    return (
        f"M{_n(_X - radius)} {_n(_Y)}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0z"
    )


def _polygon(*points: tuple[float, float]) -> str:
    return "M" + "L".join(f"{_n(_X + x)} {_n(_Y + y)}" for x, y in points) + "z"


_SEGMENTS = ((0, 0, 1, 0), (1, 0, 1, 1), (1, 1, 1, 2), (0, 2, 1, 2), (0, 1, 0, 2), (0, 0, 0, 1), (0, 1, 1, 1))
"""Of a digit, from the top clockwise, the middle last: from x, y to x, y."""
_DIGITS = ("012345", "12", "01346", "01236", "1256", "02356", "023456", "012", "0123456", "012356")


def _raised(segments: str) -> Shape:
    """A small digit in the upper half of the cell."""
    left, top, across, down = _X - 1.6, 2.6, 3.2, 2.7
    lines = (_SEGMENTS[int(s)] for s in segments)
    path = "".join(
        f"M{_n(left + a * across)} {_n(top + b * down)}L{_n(left + c * across)} {_n(top + d * down)}"
        for a, b, c, d in lines
    )
    return Shape(path, 1.0, round=True)


_SPECKS = "".join(f"M{_n(1.4 + 2.8 * i)} {_n(2.25 + 4.5 * j + 2.2 * (i % 2))}h0" for i in range(3) for j in range(4))
_SIGNS = {
    "■": Shape(f"M{_n(_X - 3.5)} {_n(_Y - 3.5)}h7v7h-7z"),
    "●": Shape(_circle(3.1)),
    "○": Shape(_circle(2.7), 1.1),
    "∅": Shape(_circle(2.7) + f"M{_n(_X - 3)} {_n(_Y + 3)}l6 -6", 1.1),
    "◔": Shape(_circle(3.0) + f"M{_n(_X)} {_n(_Y - 3)}V{_n(_Y)}H{_n(_X + 3)}", 1.2),
    "▲": Shape(_polygon((-3.9, 3.6), (0, -3.9), (3.9, 3.6))),
    "▼": Shape(_polygon((-3.9, -3.6), (0, 3.9), (3.9, -3.6))),
    "▾": Shape(_polygon((-2.9, -2), (0, 2.8), (2.9, -2))),
    "▴": Shape(_polygon((-2.9, 2), (0, -2.8), (2.9, 2))),
    "◇": Shape(_polygon((-3.4, 0), (0, -3.8), (3.4, 0), (0, 3.8)), 1.1),
    "◆": Shape(_polygon((-3.6, 0), (0, -4), (3.6, 0), (0, 4))),
    "▸": Shape(_polygon((-2.2, -2.8), (2.6, 0), (-2.2, 2.8))),
    "◂": Shape(_polygon((2.2, -2.8), (-2.6, 0), (2.2, 2.8))),
    "▷": Shape(_polygon((-2.8, -3.6), (3.2, 0), (-2.8, 3.6)), 1.1),
    "◀": Shape(_polygon((2.8, -3.8), (-3.4, 0), (2.8, 3.8))),
    "✖": Shape(f"M{_n(_X - 2.7)} {_n(_Y - 2.7)}l5.4 5.4m0 -5.4l-5.4 5.4", 2.2),
    "·": Shape(f"M{_n(_X)} {_n(_Y)}h0", 2.0, round=True),
    "↵": Shape(f"M{_n(_X + 3.2)} {_n(_Y - 3.5)}v3.8h-6.2m2.4 -2.4l-2.5 2.4l2.5 2.4", 1.2),
    "↻": Shape(f"M{_n(_X + 2.9)} {_n(_Y + 0.6)}a3 3 0 1 1 -0.9 -2.7m0.4 -2.1v2.5h-2.5", 1.2),
    "•": Shape(_circle(1.9)),
    "♥": Shape(f"M{_n(_X)} {_n(_Y + 3.6)}l-3.4 -3.6q-1.2 -3 1.3 -3.3q1.7 0 2.1 1.6q.4 -1.6 2.1 -1.6q2.5 .3 1.3 3.3z"),
    **{char: _raised(segments) for char, segments in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", _DIGITS, strict=True)},
    "░": Shape(_SPECKS, 1.3, round=True),
}
