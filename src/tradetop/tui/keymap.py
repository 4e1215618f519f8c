"""The keymap: the table's keys with the user's own put over them, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from tradetop.config.keystroke import Keystroke
from tradetop.document import DocumentError, Problem, nearest
from tradetop.panes.linekeys import LINE_KEYS
from tradetop.panes.linekeys import shown as shown_key
from tradetop.panes.look import Glyphs, Hint, ScreenName
from tradetop.tui.keys import FOOTERS, KEYS, Key

LAST_WAY_OUT = "ctrl+c"
"""It always quits."""
_SHOWN = {
    "enter": "Enter",
    "esc": "Esc",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "space": "Space",
    "backspace": "Bksp",
    "pgup": "PgUp",
    "pgdn": "PgDn",
}


@dataclass(frozen=True, slots=True)
class Keymap:
    """Which keys do what."""

    keys: Mapping[str, tuple[str, ...]]
    """By the ids of the table; () for what no key does."""
    warnings: tuple[str, ...] = ()
    """Lines for people: keys that no longer do what they did, since they do something else now."""

    def id_of(self, key: str) -> str:
        """What a key does; "" where it does nothing."""
        return next((command for command, keys in self.keys.items() if key in keys), "")

    def shown(self, id: str, glyphs: Glyphs) -> str:
        """The keys of one id as people read them; "" where there is none."""
        return " ".join(shown(key, glyphs) for key in self.keys[id][:2])

    def first(self, id: str, glyphs: Glyphs) -> str:
        """The key of one id as people read it; "" where there is none."""
        return next((shown(key, glyphs) for key in self.keys[id]), "")

    def rebound(self, glyphs: Glyphs) -> tuple[tuple[str, str], ...]:
        """The first keys of the table that are others now: as panes name them, and as they are."""
        moved = (key for key in KEYS if self.keys[key.id][:1] != key.keys[:1])
        now = ((key, self.keys[key.id][:1]) for key in moved)
        return tuple((shown(key.keys[0], Glyphs.BRAILLE), shown(new[0], glyphs) if new else "") for key, new in now)

    def hints(self, screen: ScreenName, glyphs: Glyphs) -> tuple[Hint, ...]:
        """What the footer of a screen says."""
        return tuple(hint for word in FOOTERS[screen] if (hint := self._brief(word, screen, glyphs)).key)

    def table(self, screen: ScreenName, glyphs: Glyphs) -> tuple[Hint, ...]:
        """All keys that have a meaning on a screen, for the help."""
        rows = ((self.shown(key.id, glyphs), key) for key in KEYS if screen in key.screens)
        hints = [Hint(keys, key.text, key.section) for keys, key in rows if keys]
        if screen is ScreenName.ANSWER:
            hints += [Hint(shown_key(key.keys[0]), key.sql, "while SQL is edited") for key in LINE_KEYS if key.sql]
        return tuple(hints)

    def _brief(self, word: str, screen: ScreenName, glyphs: Glyphs) -> Hint:
        firsts = [
            shown(self.keys[key.id][0], glyphs)
            for key in KEYS
            if key.brief == word and screen in key.screens and self.keys[key.id]
        ]
        ranged = len(firsts) > 2 and firsts == [str(number) for number in range(len(firsts))]
        return Hint(f"{firsts[0]}-{firsts[-1]}" if ranged else " ".join(firsts), word)


def shown(key: str, glyphs: Glyphs) -> str:
    """A key as people read it."""
    if key == "enter" and glyphs is Glyphs.BRAILLE:
        return "↵"
    if key.startswith("ctrl+") and len(key) == len("ctrl+x"):
        return f"^{key[-1].upper()}"
    return _SHOWN.get(key, key if len(key) == 1 else key.capitalize())


DEFAULT = Keymap({key.id: key.keys for key in KEYS})
"""The keys of the table as they are."""


def check_id(id: str) -> None:
    """ValueError, with what was probably meant, where nothing has this id."""
    if id not in DEFAULT.keys:
        raise ValueError(f"nothing is called {id!r}; {nearest(id, DEFAULT.keys)}")


def keymap(written: Mapping[str, tuple[Keystroke, ...]], source: str) -> Keymap:
    """The user's keys over the table's; `source` names the file they stand in.

    A key that the user gives to one thing is taken from another, with a warning unless that one has been given keys
    of its own. Raises DocumentError where the user gives one key to two things, or ctrl+c to anything but quitting.
    """
    taken: dict[str, tuple[str, Keystroke]] = {}
    problems: list[Problem] = []
    for command, strokes in written.items():
        for stroke in strokes:
            other, first = taken.setdefault(stroke.key, (command, stroke))
            if other != command:
                text = f"{stroke.key} is the key of {other} in line {first.place.line} already"
                problems.append(Problem(source, stroke.place, f"keys.{command}", text))
            if stroke.key == LAST_WAY_OUT and command != "quit":
                text = f"{LAST_WAY_OUT} always quits; choose another key"
                problems.append(Problem(source, stroke.place, f"keys.{command}", text))
    if problems:
        raise DocumentError(problems)
    keys: dict[str, tuple[str, ...]] = {}
    warnings: list[Problem] = []
    for key in KEYS:
        if key.id in written:
            keys[key.id] = tuple(dict.fromkeys(stroke.key for stroke in written[key.id]))
        else:
            keys[key.id] = tuple(name for name in key.keys if name not in taken)
            warnings += [_lost(key, name, *taken[name], source) for name in key.keys if name in taken]
    if LAST_WAY_OUT not in keys["quit"]:
        keys["quit"] = (*keys["quit"], LAST_WAY_OUT)
    return Keymap(keys, tuple(map(str, warnings)))


def _lost(key: Key, name: str, other: str, stroke: Keystroke, source: str) -> Problem:
    """On the screen the file's name is enough, and all that a narrow one has room for."""
    text = f"{name} no longer does {key.id}: give {key.id} a key, or []"
    return Problem(PurePath(source).name, stroke.place, f"keys.{other}", text)
