"""Colour depth: how many colours a terminal has, and the nearest of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from tradetop.theme.colour import ANSI, RGB, index_rgb, linear, rgb


class Depth(Enum):
    """How many colours a terminal can show; the value is what `--color` takes."""

    TRUE = "truecolor"
    INDEXED = "256"
    ANSI = "16"
    NONE = "none"


_TRUE_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm")


def detect(environment: Mapping[str, str]) -> Depth:
    """The depth that an environment promises: NO_COLOR, COLORTERM, then TERM.

    OpenSSH does not forward COLORTERM, so TERM often has to do. Inside GNU screen, and on the console, COLORTERM speaks
    of another terminal: the one around it, or the one before it.
    """
    term = environment.get("TERM", "")
    if environment.get("NO_COLOR") or term == "dumb" or term.startswith("vt"):
        return Depth.NONE
    few = Depth.INDEXED if "256color" in term else Depth.ANSI
    if term.startswith("linux") or (term.startswith("screen") and not environment.get("TMUX")):
        return few
    if environment.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return Depth.TRUE
    return Depth.TRUE if term.startswith(_TRUE_TERMS) or term.endswith("-direct") else few


@lru_cache(maxsize=2_048)
def indexed(colour: str) -> int:
    """Index (16 to 255) of the nearest of the 256 colours, by distance in CIE-Lab; names keep their own (0 to 15)."""
    if colour in ANSI:
        return ANSI.index(colour)
    return _nearest(lab(rgb(colour)), _INDEXED)


@lru_cache(maxsize=2_048)
def ansi(colour: str) -> int:
    """Index (0 to 15) of the nearest of the sixteen colours, by distance in CIE-Lab."""
    if colour in ANSI:
        return ANSI.index(colour)
    return _nearest(lab(rgb(colour)), _ANSI)


Lab = tuple[float, float, float]


def lab(of: RGB) -> Lab:
    """CIE-Lab (D65, 2 degrees) of an sRGB colour."""
    red, green, blue = (linear(part) for part in of)
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (float(t ** (1 / 3)) if t > 216 / 24_389 else (24_389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(one: Lab, other: Lab) -> float:
    """How different two colours look (CIE76)."""
    return float(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5)


def _nearest(wanted: Lab, known: Mapping[int, Lab]) -> int:
    return min(known, key=lambda index: distance(wanted, known[index]))


_INDEXED = {index: lab(index_rgb(index)) for index in range(16, 256)}
_ANSI = {index: lab(index_rgb(index)) for index in range(16)}
