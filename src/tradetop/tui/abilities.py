"""Abilities: what a terminal can do beyond what every terminal can."""

from __future__ import annotations

from typing import NamedTuple


class Abilities(NamedTuple):
    """What the terminal's own description promises; where there is none, nothing."""

    colours: bool = False
    """Erased cells take the colour of the background (terminfo's bce)."""
    erase: bool = False
    """It erases a number of cells where they are (ECH)."""


NONE = Abilities()
_KNOWN = {"xterm-256color": Abilities(colours=True, erase=True)}
"""What terminfo says of it everywhere: nearly all terminals call themselves so, and load no curses (half a MiB)."""
_POLITE = (
    "xterm", "tmux", "screen", "rxvt", "alacritty", "foot", "wezterm", "konsole", "gnome", "vte", "st-", "contour",
    "mintty", "putty",
)  # fmt: skip


def polite(term: str) -> bool:
    """Whether terminals of this type are known to take in silence what they do not know; old consoles print it."""
    return term.startswith(_POLITE)


def abilities(term: str) -> Abilities:
    """What the system knows of terminals of this type."""
    if term in _KNOWN:
        return _KNOWN[term]
    try:
        import curses

        curses.setupterm(term, 1)
    except (ImportError, OSError, ValueError):
        return NONE
    except curses.error:
        return NONE
    return Abilities(curses.tigetflag("bce") > 0, curses.tigetstr("ech") is not None)
