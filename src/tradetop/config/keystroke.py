"""Keystrokes as people write them: the character that is typed, or a name such as `ctrl+x`, `f5`, `pgup`."""

from __future__ import annotations

import string
import unicodedata
from dataclasses import dataclass, field

from tradetop.document import Place, nearest

NAMES = (
    "enter",
    "esc",
    "tab",
    "space",
    "backspace",
    "delete",
    "insert",
    "home",
    "end",
    "pgup",
    "pgdn",
    "up",
    "down",
    "left",
    "right",
    *(f"f{number}" for number in range(1, 21)),
)
"""The keys that type no character."""
ALT = "alt+"
"""What terminals put before a key that follows Esc at once."""

_MODIFIERS = ("ctrl", "shift")
_SAME = {
    "escape": "esc",
    "return": "enter",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "del": "delete",
    "ins": "insert",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
}
"""Other names, and what no terminal tells apart."""
_SIGNS = {unicodedata.name(sign).lower().replace(" ", "_").replace("-", "_"): sign for sign in string.punctuation} | {
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "minus": "-",
    "plus": "+",
    "underscore": "_",
}
"""Punctuation by the names that Textual gives it."""


@dataclass(frozen=True, slots=True)
class Keystroke:
    """A key, as `keystroke` names it, and where it was written."""

    key: str
    place: Place = field(default_factory=Place)


def keystroke(text: str) -> str:
    """The one name of a key, however it is written; ValueError where there is no such key.

    A character stands for itself (`G`, `/`), other keys have small names (`pgup`), modifiers come first (`ctrl+x`).
    """
    if len(text) == 1 and text.isprintable():
        return "space" if text == " " else text
    *modifiers, last = text.lower().split("+")
    last = _SAME.get(last, _SIGNS.get(last, last))
    if "alt" in modifiers:
        raise ValueError(f"{text!r} cannot be told from Esc and the key after it; choose another")
    unknown = [word for word in modifiers if word not in _MODIFIERS]
    if unknown or (not (len(last) == 1 and last.isprintable() and last != " ") and last not in NAMES):
        raise ValueError(f"{text!r} is no key; {nearest(unknown[0] if unknown else last, (*NAMES, 'ctrl+x'))}")
    if len(last) == 1 and "shift" in modifiers:
        last = last.upper()
        modifiers = [word for word in modifiers if word != "shift"]
    named = "+".join((*sorted(set(modifiers)), last.lower() if modifiers else last))
    return _SAME.get(named, named)


def keystroke_at(text: str, place: Place) -> Keystroke:
    """The key, and where it stands."""
    return Keystroke(keystroke(text), place)


def pressed(key: str, character: str | None) -> str:
    """The name of a key that a terminal reports under a name of its own, with the character that it types."""
    if character is not None and len(character) == 1 and character.isprintable() and "+" not in key[:-1]:
        return keystroke(character)
    try:
        return keystroke(key)
    except ValueError:
        return key
