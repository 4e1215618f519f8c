"""Cells: how wide text is on a terminal, and text made to measure."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

REPLACEMENT = "\ufffd"
ELLIPSIS = "…"


@lru_cache(maxsize=1_024)
def char_width(char: str) -> int:
    """Terminal cells that a character takes behind `wall`: 0, 1 or 2 (Unicode TR11; ambiguous counts as 1)."""
    if not char.isprintable():
        return 1
    if unicodedata.category(char) in {"Mn", "Me"} or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Terminal cells that a text takes."""
    return len(text) if text.isascii() else _wide(text)


@lru_cache(maxsize=2_048)
def _wide(text: str) -> int:
    return sum(map(char_width, text))


def wall(text: str) -> str:
    """The text with everything replaced that a terminal could obey instead of show."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else REPLACEMENT for char in text)


def cut(text: str, cells: int) -> str:
    """At most `cells` wide; an ellipsis says where something is missing."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    return head(text, cells - 1) + ELLIPSIS


def middle(text: str, cells: int) -> str:
    """At most `cells` wide; what is too much is left out in the middle, since both ends tell texts apart."""
    if width(text) <= cells:
        return text
    if cells < 5:
        return cut(text, cells)
    start = head(text, cells // 2)
    tail = head(text[::-1], cells - 1 - width(start))[::-1]
    return start + ELLIPSIS + tail


def fit(text: str, cells: int) -> str:
    """Exactly `cells` wide, cut or filled on the right."""
    short = cut(text, cells)
    return short + " " * (cells - width(short))


def right(text: str, cells: int) -> str:
    """Exactly `cells` wide, cut or filled on the left."""
    short = cut(text, cells)
    return " " * (cells - width(short)) + short


def wrap(text: str, cells: int) -> list[str]:
    """The text in pieces of at most `cells`, broken at its own lines, and at blanks where there are any."""
    if "\n" in text:
        return [piece for line in text.split("\n") if line.strip() for piece in wrap(line, cells)]
    pieces: list[str] = []
    rest = text
    while width(rest) > cells > 1:
        start = head(rest, cells)
        at = start.rfind(" ")
        if at < cells // 2:
            at = max(1, len(start))
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*pieces, rest]


def head(text: str, cells: int) -> str:
    """What of the text lies in its first `cells`."""
    used = 0
    for index, char in enumerate(text):
        used += char_width(char)
        if used > cells:
            return text[:index]
    return text
