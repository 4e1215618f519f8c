"""Glyphs: the marks of each glyph set, and the last translation of every text to what a terminal can draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tradetop.model.level import Level
from tradetop.panes import cells
from tradetop.panes.look import Glyphs


@dataclass(frozen=True, slots=True)
class Marks:
    """Small signs with a meaning, one cell each."""

    ok: str = "●"
    warn: str = "▲"
    crit: str = "✖"
    pending: str = "◔"
    off: str = "○"
    up: str = "▲"
    down: str = "▼"
    falling: str = "▾"
    rising: str = "▴"
    lit: str = "■"
    unlit: str = "·"
    tick: str = "╎"
    signal: str = "◇"
    risk: str = "○"
    open: str = "▷"
    close: str = "◀"
    trade: str = "◆"
    error: str = "✖"
    mark: str = "▾"
    restart: str = "↻"
    enter: str = "↵"
    scrape: str = "~"
    health: str = "♥"
    never: str = "∅"
    over: str = "▸"
    under: str = "◂"

    def level(self, level: Level) -> str:
        """The sign of a level."""
        return {Level.WARNING: self.warn, Level.CRITICAL: self.crit}.get(level, self.ok)


_BRAILLE = Marks(health="+")
_BLOCK = Marks(
    ok="*", warn="!", crit="X", pending="o", off="o", up="^", down="v", falling="v", rising="^", lit="█",
    unlit="░", tick="|", signal="~", risk="?", open=">", close="<", trade="$", error="X", mark="v", restart="@",
    enter="Enter", scrape="-", health="+", never="0", over=">", under="<",
)  # fmt: skip
_ASCII = Marks(
    ok="*", warn="!", crit="X", pending="o", off="o", up="^", down="v", falling="v", rising="^", lit="#",
    unlit="-", tick="|", signal="~", risk="?", open=">", close="<", trade="$", error="X", mark="v", restart="@",
    enter="Enter", scrape="-", health="+", never="0", over=">", under="<",
)  # fmt: skip
_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"

_TO_ASCII = str.maketrans(
    {
        **dict.fromkeys("╭╮╰╯┌┐└┘┬┴├┤┼", "+"),
        **dict.fromkeys("─┈", "-"),
        "╌": ".",
        **dict.fromkeys("┏┓┗┛", "#"),
        "━": "=",
        "│": "|",
        "╎": ":",
        "┃": "H",
        "…": "~",
        "·": "-",
        "•": "*",
        "×": "x",
        "—": "-",
        "›": ">",
        "±": "+",
        "’": "'",
        "°": "o",
        "µ": "u",
    }
)
_TO_BLOCK = str.maketrans("╭╮╰╯╌┈╎┏┓┗┛━┃╺╸╻╹┣┫╋┻—…›×▾•", "┌┐└┘.-:╔╗╚╝═║══║║╠╣╬╩-~>xv*")


def marks(glyphs: Glyphs) -> Marks:
    """The marks of a glyph set."""
    return {Glyphs.BRAILLE: _BRAILLE, Glyphs.BLOCK: _BLOCK, Glyphs.ASCII: _ASCII}[glyphs]


def key(name: str, glyphs: Glyphs) -> str:
    """A key's name as the glyph set can write it."""
    return name.replace("↵", marks(glyphs).enter)


def numbered(number: int, glyphs: Glyphs) -> str:
    """A pane's number before its title."""
    return _SUPERSCRIPT[number] if glyphs is Glyphs.BRAILLE else f"{number}:"


@lru_cache(maxsize=2_048)
def shown(text: str, glyphs: Glyphs) -> str:
    """The output wall: only printable characters, and only those of the glyph set; as wide as before."""
    safe = cells.wall(text)
    if glyphs is Glyphs.BRAILLE or safe.isascii():
        return safe
    if glyphs is Glyphs.BLOCK:
        return safe.translate(_TO_BLOCK)
    plain = safe.translate(_TO_ASCII)
    return plain if plain.isascii() else "".join(c if c.isascii() else "?" * cells.char_width(c) for c in plain)
