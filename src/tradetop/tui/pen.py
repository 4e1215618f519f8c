"""The pen: how a cell looks, and the shortest order that changes it, in the colours that the terminal has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tradetop.theme import Depth, ansi, indexed
from tradetop.theme.colour import index_colour

BOLD, DIM, ITALIC, UNDERLINE, REVERSE, STRIKE = 1, 2, 4, 8, 16, 32
SEEN_ON_BLANKS = UNDERLINE | REVERSE | STRIKE
"""What shows where there is no character."""

_ON = {1: BOLD, 2: DIM, 3: ITALIC, 4: UNDERLINE, 7: REVERSE, 9: STRIKE}
_OFF = {22: BOLD | DIM, 23: ITALIC, 24: UNDERLINE, 27: REVERSE, 29: STRIKE}


class Pen(NamedTuple):
    """Colours as the parameters that select them, "" for the terminal's own, and the attributes as bits."""

    fg: str = ""
    bg: str = ""
    flags: int = 0


PLAIN = Pen()


@lru_cache(maxsize=1_024)
def applied(pen: Pen, parameters: str, depth: Depth) -> Pen:
    """The pen after SGR with these parameters ("1;38;2;9;9;9"), its colours matched to `depth`; others are ignored."""
    fg, bg, flags = pen
    codes = iter([int(part or 0) for part in parameters.split(";")])
    for code in codes:
        if code == 0:
            fg, bg, flags = PLAIN
        elif code in _ON:
            flags |= _ON[code]
        elif code in _OFF:
            flags &= ~_OFF[code]
        elif code == 39:
            fg = ""
        elif code == 49:
            bg = ""
        elif 30 <= code <= 38 or 90 <= code <= 97:
            fg = _matched(_colour(code, codes), depth, 30)
        elif 40 <= code <= 48 or 100 <= code <= 107:
            bg = _matched(_colour(code - 10, codes), depth, 40)
    return Pen(fg, bg, flags)


@lru_cache(maxsize=2_048)
def change(old: Pen, new: Pen) -> str:
    """The shortest sequence that makes the terminal's pen `new` where it was `old`; "" where it is the same."""
    if old == new:
        return ""
    parts = []
    lost = old.flags & ~new.flags
    flags = old.flags
    for code, bits in _OFF.items():
        if lost & bits:
            parts.append(code)
            flags &= ~bits
    step = [*map(str, parts), *_added(new.flags & ~flags)]
    step += [new.fg or "39"] if new.fg != old.fg else []
    step += [new.bg or "49"] if new.bg != old.bg else []
    fresh = ["0", *_added(new.flags), *filter(None, (new.fg, new.bg))]
    told = min(";".join(step), ";".join(fresh) if new != PLAIN else "", key=len)
    return f"\x1b[{told}m"


@lru_cache(maxsize=1_024)
def recoloured(parameters: str, depth: Depth) -> str:
    """The SGR sequence with these parameters in the colours of `depth`, from a plain pen; "" where nothing is left."""
    wanted = applied(PLAIN, parameters, depth)
    return change(PLAIN, wanted) if wanted != PLAIN or parameters not in {"", "0"} else "\x1b[0m"


def _added(flags: int) -> list[str]:
    return [str(code) for code, bit in _ON.items() if flags & bit]


Colour = int | str
"""An index of the 256 colours, or #rrggbb."""


def _colour(code: int, rest: Iterator[int]) -> Colour | None:
    """The colour that a foreground code starts, with what it takes from the codes behind it; None where it is none."""
    if code != 38:
        return code - 82 if code >= 90 else code - 30
    kind = next(rest, 0)
    if kind == 5:
        index = next(rest, 0)
        return index if index < 256 else None
    if kind == 2:
        red, green, blue = (min(255, next(rest, 0)) for _ in range(3))
        return f"#{red:02x}{green:02x}{blue:02x}"
    return None


def _matched(colour: Colour | None, depth: Depth, base: int) -> str:
    """The parameters for a colour, or for the nearest that there is; `base` is 30, or 40 for a background."""
    if colour is None or depth is Depth.NONE:
        return ""
    if isinstance(colour, str):
        if depth is Depth.TRUE:
            return f"{base + 8};2;" + ";".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
        colour = indexed(colour) if depth is Depth.INDEXED else ansi(colour)
    if colour >= 16 and depth is Depth.ANSI:
        colour = ansi(index_colour(colour))
    if colour < 8:
        return str(base + colour)
    return str(base + 52 + colour) if colour < 16 else f"{base + 8};5;{colour}"
