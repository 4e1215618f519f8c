"""The keys: one table from which bindings, footer hints and help derive."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

from tradetop.panes.look import Glyphs, Hint, ScreenName
from tradetop.panes.places import NUMBERS


@dataclass(frozen=True, slots=True)
class Key:
    """What one key, or several, do on every screen."""

    id: str
    """What a keymap in the config names; never changes."""
    keys: tuple[str, ...]
    """As Textual names them."""
    show: str
    """As people read them."""
    text: str
    section: str
    brief: str = ""
    """For the footer; keys with the same word share a place in it."""


_PANES = tuple(
    Key(f"pane-{pane.value}", (str(number),), str(number), f"{pane.value}; again: zoom", "panes", "pane")
    for pane, number in NUMBERS.items()
)

KEYS: tuple[Key, ...] = (
    Key("open", ("enter",), "Enter", "go down: series, event, bot", "way down", "open"),
    Key("back", ("escape", "backspace"), "Esc", "back one level", "way down", "back"),
    Key("up", ("up", "k"), "k", "row above, else pane above (or arrow)", "way down", "move"),
    Key("down", ("down", "j"), "j", "row below, else pane below (or arrow)", "way down", "move"),
    Key("top", ("g", "home"), "g", "first row", "way down"),
    Key("bottom", ("G", "end"), "G", "last row", "way down"),
    Key("page-up", ("pageup", "ctrl+u"), "PgUp", "a page up", "way down"),
    Key("page-down", ("pagedown", "ctrl+d"), "PgDn", "a page down", "way down"),
    Key("follow", ("f",), "f", "follow the feed", "way down", "follow"),
    *_PANES,
    Key("dashboard", ("9",), "9", "every panel", "panes", "panels"),
    Key("next", ("tab",), "Tab", "next pane", "panes"),
    Key("previous", ("shift+tab",), "S-Tab", "previous pane", "panes"),
    Key("left", ("left", "h"), "h", "pane to the left (or arrow)", "panes"),
    Key("right", ("right", "l"), "l", "pane to the right (or arrow)", "panes"),
    Key("zoom", ("z",), "z", "zoom the pane", "panes", "zoom"),
    Key("pause", ("p", "space"), "p", "pause the display; recording goes on", "time", "pause"),
    Key("shorter", ("left_square_bracket",), "[", "shorter window", "time", "window"),
    Key("longer", ("right_square_bracket",), "]", "longer window", "time", "window"),
    Key("faster", ("plus",), "+", "draw more often", "time", "tick"),
    Key("slower", ("minus",), "-", "draw less often", "time", "tick"),
    Key("zone", ("u",), "u", "UTC or local time", "time"),
    Key("bots", ("b",), "b", "all bots, then each", "program", "bots"),
    Key("screenshot", ("s",), "s", "screenshot as SVG and text", "program", "shot"),
    Key("help", ("question_mark", "f1"), "?", "this help", "program", "help"),
    Key("suspend", ("ctrl+z",), "^Z", "to the shell; fg comes back", "program"),
    Key("quit", ("q", "f10", "ctrl+c"), "q", "quit", "program", "quit"),
)
"""Every key there is."""

_FOOTERS = {
    ScreenName.OVERVIEW: ("pane", "open", "help", "quit", "pause", "window", "panels", "bots", "shot", "tick"),
    ScreenName.FLEET: ("move", "open", "bots", "help", "quit", "pause", "window", "shot", "tick"),
    ScreenName.DASHBOARD: ("back", "move", "open", "help", "quit", "pause", "window", "bots", "shot", "tick"),
    ScreenName.DETAIL: ("back", "move", "open", "help", "quit", "pause", "window", "panels", "shot", "tick"),
    ScreenName.EVENT: ("back", "open", "move", "help", "quit", "pause", "panels", "shot"),
    ScreenName.JSON: ("back", "move", "help", "quit", "pause", "panels", "shot"),
}
"""What the footer of each screen says, the most useful first."""


def bindings() -> list[Binding]:
    """The table as Textual wants it: each key calls `act` with its id."""
    return [Binding(",".join(key.keys), f"app.act('{key.id}')", key.text, show=False, id=key.id) for key in KEYS]


def hints(screen: ScreenName, glyphs: Glyphs) -> tuple[Hint, ...]:
    """What the footer of a screen says; the help screen gets the whole table."""
    if screen is ScreenName.HELP:
        return tuple(Hint(_shown(key, glyphs), key.text, key.section) for key in KEYS)
    return tuple(_brief(word, glyphs) for word in _FOOTERS[screen])


def _brief(word: str, glyphs: Glyphs) -> Hint:
    shown = [_shown(key, glyphs) for key in KEYS if key.brief == word]
    return Hint(f"{shown[0]}-{shown[-1]}" if len(shown) > 2 else " ".join(shown), word)


def _shown(key: Key, glyphs: Glyphs) -> str:
    return "↵" if key.id == "open" and glyphs is Glyphs.BRAILLE else key.show
