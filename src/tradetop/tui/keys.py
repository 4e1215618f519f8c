"""The keys: one table from which the keymap, the footer, the help, the palette and docs/keys.md derive."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.panes.look import ScreenName
from tradetop.panes.places import NUMBERS

_S = ScreenName
ALL = frozenset(ScreenName)
ROWS = ALL - {_S.HELP}
"""Where the cursor moves; the help only scrolls."""
_ATTENDED = ROWS - {_S.FLEET}
"""Where an alert is under the cursor, or what the screen is about."""
LISTS = frozenset([_S.OVERVIEW, _S.FLEET, _S.DASHBOARD, _S.LADDER, _S.DETAIL, _S.EXPLAIN])
_SIDES = LISTS | {_S.EVENT, _S.JSON}
"""Where there is something beside: of an event, what it repeats."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one key, or several, do."""

    id: str
    """What `keys:` in the config names; never changes."""
    keys: tuple[str, ...]
    """As `config.keystroke` names them; the first is the one that is shown."""
    text: str
    section: str
    brief: str = ""
    """For the footer; keys with the same word share a place in it."""
    screens: frozenset[ScreenName] = ALL
    """Where it has a meaning."""


_PANES = tuple(
    Key(f"pane-{pane.value}", (str(number),), f"{pane.value}; again: zoom", "panes", "pane", ALL - {_S.FLEET})
    for pane, number in NUMBERS.items()
)

KEYS: tuple[Key, ...] = (
    Key("open", ("enter",), "go down: series, event, bot", "way down", "open", ALL - {_S.HELP, _S.JSON}),
    Key("json", ("J",), "the JSON of an event", "way down", "", ALL - {_S.HELP, _S.JSON, _S.FLEET}),
    Key("explain", ("x",), "explain this alert", "way down", "explain", ROWS - {_S.FLEET}),
    Key("back", ("esc", "backspace"), "back one level", "way down", "back"),
    Key("up", ("k", "up"), "row above, else pane above", "way down", "move"),
    Key("down", ("j", "down"), "row below, else pane below", "way down", "move"),
    Key("top", ("g", "home"), "first row", "way down"),
    Key("bottom", ("G", "end"), "last row", "way down"),
    Key("page-up", ("pgup", "ctrl+u"), "a page up", "way down"),
    Key("page-down", ("pgdn", "ctrl+d"), "a page down", "way down"),
    *_PANES,
    Key("dashboard", ("9",), "every panel", "panes", "panels", ALL - {_S.FLEET}),
    Key("ladder", ("i",), "every limit, the closest first", "panes", "ladder", ALL - {_S.FLEET}),
    Key("next", ("tab",), "next pane", "panes", "", LISTS),
    Key("previous", ("shift+tab",), "previous pane", "panes", "", LISTS),
    Key("left", ("h", "left"), "pane left; chart: earlier", "panes", "", _SIDES),
    Key("right", ("l", "right"), "pane right; chart: later", "panes", "", _SIDES),
    Key("zoom", ("z",), "zoom the pane", "panes", "zoom", frozenset([_S.OVERVIEW])),
    Key("filter", ("/",), "filter the feed: type:error SOL", "feed", "filter", ROWS - {_S.FLEET}),
    Key("filter-out", ("!",), "filter out of the feed", "feed", "", ROWS - {_S.FLEET}),
    Key("match", ("n",), "next event that matches", "feed", "", ROWS - {_S.FLEET}),
    Key("match-before", ("N",), "previous event that matches", "feed", "", ROWS - {_S.FLEET}),
    Key("error", ("e",), "next error of the feed", "feed", "", ROWS - {_S.FLEET}),
    Key("error-before", ("E",), "previous error of the feed", "feed", "", ROWS - {_S.FLEET}),
    Key("follow", ("f",), "follow the feed", "feed", "follow", frozenset([_S.OVERVIEW])),
    Key("ask", (";",), "ask about events", "feed", "ask", ROWS),
    Key("fold", ("F",), "repeats: one row, or each", "feed", "", frozenset([_S.OVERVIEW, _S.FLEET])),
    Key("acknowledge", ("a",), "acknowledge an alert; again: not", "alerts", "ack", _ATTENDED),
    Key("acknowledge-all", ("A",), "acknowledge all alerts", "alerts", "ack", _ATTENDED),
    Key("snooze", ("S",), "snooze an alert: how long, why", "alerts", "snooze", _ATTENDED),
    Key("review", ("r",), "review an error", "alerts", "review", _ATTENDED),
    Key("pause", ("p", "space"), "pause; recording goes on", "time", "pause"),
    Key("live", (".",), "back to live", "time"),
    Key("shorter", ("[",), "shorter window", "time", "window"),
    Key("longer", ("]",), "longer window", "time", "window"),
    Key("faster", ("+",), "draw more often", "time", "tick"),
    Key("slower", ("-",), "draw less often", "time", "tick"),
    Key("zone", ("u",), "UTC or local time", "time"),
    Key("mark", ("m",), "mark a time: deploy, note", "time", "mark"),
    Key("sort-left", ("<",), "sort by the column before", "tables", "", LISTS),
    Key("sort-right", (">",), "sort by the next column", "tables", "", LISTS),
    Key("sort-invert", ("I",), "turn the order round", "tables", "", LISTS),
    Key("copy", ("y",), "copy what the cursor is on", "share", "copy", ROWS),
    Key("screenshot", ("s",), "screenshot as SVG, text, PNG", "share", "shot"),
    Key("redact", ("R",), "hide amounts, ids and hosts", "share"),
    Key("bots", ("b",), "all bots, then each", "program", "bots"),
    Key("theme", ("t",), "next theme", "program"),
    Key("command", (":", "ctrl+p"), "every command, by its name", "program", "commands"),
    Key("help", ("?", "f1"), "this help", "program", "help"),
    Key("redraw", ("ctrl+l",), "send the whole screen again", "program"),
    Key("suspend", ("ctrl+z",), "to the shell; fg comes back", "program"),
    Key("quit", ("q", "f10", "ctrl+c"), "quit", "program", "quit"),
)
"""Every key there is."""

FOOTERS = {
    _S.OVERVIEW: (
        "pane",
        "open",
        "help",
        "quit",
        "pause",
        "window",
        "filter",
        "commands",
        "ladder",
        "panels",
        "bots",
        "mark",
    ),
    _S.FLEET: ("move", "open", "bots", "help", "quit", "pause", "window", "commands", "shot"),
    _S.DASHBOARD: ("back", "move", "open", "help", "quit", "pause", "window", "commands", "bots", "shot"),
    _S.LADDER: ("back", "move", "open", "help", "quit", "ack", "snooze", "pause", "window", "commands", "bots", "shot"),
    _S.DETAIL: (
        "back",
        "move",
        "open",
        "explain",
        "help",
        "quit",
        "copy",
        "ack",
        "snooze",
        "window",
        "pause",
        "mark",
        "commands",
    ),
    _S.EXPLAIN: (
        "back",
        "move",
        "open",
        "help",
        "quit",
        "ack",
        "snooze",
        "copy",
        "window",
        "pause",
        "mark",
        "commands",
        "shot",
    ),
    _S.ERRORS: ("back", "move", "open", "review", "copy", "help", "quit", "pause", "window", "commands", "shot"),
    _S.EVENT: ("back", "open", "copy", "move", "help", "quit", "pause", "commands", "shot"),
    _S.JSON: ("back", "move", "copy", "help", "quit", "pause", "commands", "shot"),
    _S.ANSWER: ("back", "move", "ask", "open", "copy", "help", "quit", "pause", "commands", "shot"),
    _S.HELP: ("back", "move", "quit", "commands"),
}
"""What the footer of each screen says by its keys' brief words, the most useful first."""
