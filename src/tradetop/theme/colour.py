"""Colours as themes write them: #rrggbb, or a name of the terminal's own sixteen."""

from __future__ import annotations

import re
from functools import lru_cache

from tradetop.document import nearest

ANSI = (
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright_black", "bright_red", "bright_green", "bright_yellow",
    "bright_blue", "bright_magenta", "bright_cyan", "bright_white",
)  # fmt: skip
"""Names of the sixteen colours, in the order of their codes."""
DEFAULT = "default"
"""The terminal's own foreground or background."""
RGB = tuple[int, int, int]

_CUBE = (0, 95, 135, 175, 215, 255)
_HEX = re.compile(r"#[0-9a-f]{6}")
_XTERM = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip


def colour(text: str) -> str:
    """A colour as written in a theme; ValueError where it is none."""
    lower = text.lower()
    if _HEX.fullmatch(lower) or lower in ANSI or lower == DEFAULT:
        return lower
    if lower.startswith("#"):
        raise ValueError(f"{text!r} is not a colour; write #rrggbb, such as #5ccfe6")
    raise ValueError(f"{text!r} is not a colour; write #rrggbb or a name, {nearest(lower, (*ANSI, DEFAULT))}")


@lru_cache(maxsize=1_024)
def rgb(text: str) -> RGB:
    """Red, green and blue (0 to 255) of a #rrggbb or of an ANSI name, as xterm shows it; `default` is light grey."""
    if text.startswith("#"):
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
    code = _XTERM[ANSI.index(text)] if text in ANSI else 0xCDCDCD
    return code >> 16, code >> 8 & 255, code & 255


def index_rgb(index: int) -> RGB:
    """Red, green and blue of an index of xterm's 256 colours."""
    if index < 16:
        return rgb(ANSI[index])
    if index >= 232:
        grey = 8 + 10 * (index - 232)
        return grey, grey, grey
    cube = index - 16
    return _CUBE[cube // 36], _CUBE[cube // 6 % 6], _CUBE[cube % 6]


def index(text: str) -> int:
    """One of the 256 colours as written in a theme; ValueError where it is none, or one that the user may change."""
    if not text.isdecimal() or not 16 <= int(text) <= 255:
        raise ValueError(f"{text!r} is none of the 256 colours; write 16 to 255")
    return int(text)


def index_colour(of: int) -> str:
    """One of the 256 colours as #rrggbb."""
    return "#" + "".join(f"{part:02x}" for part in index_rgb(of))


def named(text: str) -> str:
    """One of the sixteen colours as written in a theme; ValueError where it is none."""
    if (lower := text.lower()) in (*ANSI, DEFAULT):
        return lower
    raise ValueError(f"{text!r} is none of the sixteen colours; {nearest(lower, (*ANSI, DEFAULT))}")


@lru_cache(maxsize=1_024)
def mixed(low: str, high: str, level: float) -> str:
    """The colour between two (0 is low, 1 is high); between names the nearer one."""
    if not (low.startswith("#") and high.startswith("#")):
        return high if level >= 0.5 else low
    parts = (round(a + (b - a) * level) for a, b in zip(rgb(low), rgb(high), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def linear(part: int) -> float:
    """One channel of sRGB (0 to 255) as linear light (0 to 1), IEC 61966-2-1."""
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
