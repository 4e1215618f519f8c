"""The entry wall: text from outside is made harmless and visible before it enters the model."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LABEL_LIMIT = 1_024
"""Longest text kept of one label value or event field, in characters."""

_PLAIN = re.compile(r"[ -~]*", re.ASCII)
_INVISIBLE = {"Cf", "Co", "Cn", "Zl", "Zp"}


def clean(text: str, limit: int = LABEL_LIMIT) -> str:
    """Make text from outside printable on one line without losing what it said.

    Control characters become their Unicode pictures (ESC is shown as a symbol), invisible and bidirectional
    characters become ``<U+XXXX>``, surrogates become U+FFFD, and text past `limit` is cut with its full size named.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text  # Nearly all of it, and much the fastest.
    cut = text[:limit]
    if _PLAIN.fullmatch(cut) is None:
        cut = "".join(map(_visible, cut))
    return cut if len(text) <= limit else f"{cut}… ({len(text):,} characters)"


def clean_lines(text: str, limit: int = LABEL_LIMIT) -> str:
    """As `clean`, but lines stay lines: for texts that people write in YAML blocks. `one_line` is for narrow places."""
    if "\n" not in text:
        return clean(text, limit)
    cut = text[:limit].replace("\r\n", "\n")
    lines = "\n".join(clean(line.rstrip(" \t"), limit) for line in cut.split("\n")).strip("\n")
    return lines if len(text) <= limit else f"{lines}… ({len(text):,} characters)"


def one_line(text: str) -> str:
    """A text of several lines on a single one."""
    return " ".join(filter(None, map(str.strip, text.split("\n")))) if "\n" in text else text


@lru_cache(maxsize=4_096)
def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code < 0xA0:
        return f"<U+{code:04X}>"
    category = unicodedata.category(char)
    if category == "Cs":
        return "\ufffd"
    if category in _INVISIBLE or (category == "Zs" and char != " "):
        return f"<U+{code:04X}>"
    return char
