"""The keys of a line that is typed, and of SQL: one table for the line's own hints, the help and docs/keys.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradetop.panes.look import PromptKind

_K = PromptKind


@dataclass(frozen=True, slots=True)
class LineKey:
    """What some keys do while a line is typed."""

    keys: tuple[str, ...]
    """As people read them; the first is the one that is shown beside the line."""
    text: str
    brief: Mapping[PromptKind, str] = field(default_factory=dict)
    """For the end of the line."""
    sql: str = ""
    """What they do in SQL, for the help."""


LINE_KEYS = (
    LineKey(
        ("Enter",),
        "take it (a mark without a text says deploy); run SQL",
        {
            _K.FILTER: "keeps it",
            _K.COMMAND: "does it",
            _K.MARK: "marks",
            _K.SNOOZE: "snoozes",
            _K.ASK: "asks",
            _K.SQL: "runs it",
        },
        "run it",
    ),
    LineKey(("ctrl+j",), "begin a new line of SQL", {_K.SQL: "new line"}, "new line"),
    LineKey(("Up", "Down"), "a question that was asked before; in SQL a row above, below", {_K.ASK: "earlier"}),
    LineKey(
        ("Esc",),
        "leave everything as it was; from SQL back to the question",
        {**dict.fromkeys(_K, "leaves"), _K.SQL: "back to the question"},
        "back to the question",
    ),
    LineKey(("Left", "Right", "Home", "End", "ctrl+a", "ctrl+e"), "move in it"),
    LineKey(
        ("Backspace", "Delete", "ctrl+w", "ctrl+u", "ctrl+k"), "delete a character, a word, all before, all behind"
    ),
    LineKey(
        ("Up", "Down", "Tab", "ctrl+p", "ctrl+n"), "choose a command; Up in an empty filter brings the last one back"
    ),
    LineKey(("ctrl+c", "ctrl+z"), "quit, or to the shell, as everywhere"),
)
"""Every key that is more than the character that it types."""


def hints(kind: PromptKind) -> str:
    """What stands at the end of a line of this kind."""
    return "  ".join(f"{shown(key.keys[0])} {key.brief[kind]}" for key in LINE_KEYS if kind in key.brief)


def shown(key: str) -> str:
    """A key where there is little room."""
    return f"^{key[-1].upper()}" if key.startswith("ctrl+") else key
