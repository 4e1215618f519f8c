"""What is wrong with a document, where, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tradetop.model.text import clean

SHOWN = 200
"""Longest piece of a document that an error quotes, in characters."""
LISTED = 12
"""Most valid keys that an error lists when none is near."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a document; a dataclass field of this type is filled in by `read`. From 1."""

    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Stray:
    """A key that no field reads; a dataclass field of type `tuple[Stray, ...]` takes them instead of refusing them."""

    key: str
    """Its path, such as `scrape_configs[0].relabel_configs`; not clean."""
    place: Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a document; every text in it is already clean."""

    source: str
    place: Place
    key: str
    """Path of the key, such as `panels[2].unit`; "" for the document itself."""
    text: str

    def __str__(self) -> str:
        where = f"{self.source}:{self.place.line}:{self.place.column}: " if self.place.line else f"{self.source}: "
        return where + (f"{self.key}: " if self.key else "") + self.text


class DocumentError(ValueError):
    """A document that cannot be used; `problems` holds every reason, in the order of the document."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=lambda p: (p.place.line, p.place.column)))
        super().__init__("\n".join(map(str, self.problems)))


def problem(source: str, place: Place, key: str, text: str) -> Problem:
    """A problem with its source, key and text made harmless to print."""
    return Problem(clean(source), place, clean(key, SHOWN), clean(text))


def nearest(word: str, valid: Iterable[str]) -> str:
    """A clause that says which valid word was probably meant, or lists them: "did you mean unit?"."""
    from difflib import get_close_matches  # A millisecond that only a mistake needs.

    words = [text for text in valid if text]
    found = get_close_matches(word.lower(), [text.lower() for text in words], n=1, cutoff=0.5)
    if found:
        return f"did you mean {next(text for text in words if text.lower() == found[0])}?"
    listed = ", ".join(words[:LISTED])
    return f"valid here: {listed}{', …' if len(words) > LISTED else ''}" if words else "nothing is valid here"
