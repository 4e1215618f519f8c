"""Quoted texts and characters: Go's literals."""

from __future__ import annotations

import re
from functools import lru_cache

from tradetop.rules.template.values import decoded, utf8

_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_NAMED = {ord(char): f"\\{name}" for name, char in _ESCAPES.items()}
_PART = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([^\\\n])",
    re.ASCII,
)
_LAST = 0x10FFFF


def quoted(text: str) -> str:
    """A text as a Go literal (`%q`)."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(escaped(char, '"') for char in _whole(text)) + '"'


def quoted_char(code: int, *, ascii_only: bool = False) -> str:
    """A character as a Go literal, such as 'x'."""
    char = chr(code) if 0 <= code <= _LAST and not 0xD800 <= code < 0xE000 else "\ufffd"
    return f"'{escaped(char, chr(39), ascii_only=ascii_only)}'"


@lru_cache(maxsize=2_048)
def escaped(char: str, quote: str, *, ascii_only: bool = False) -> str:
    """One character inside of quotes."""
    code = ord(char)
    if char in (quote, "\\"):
        return "\\" + char
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if char.isprintable() and (code < 0x80 or not ascii_only):
        return char
    if code in _NAMED:
        return _NAMED[code]
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def named_char(char: str) -> str:
    """A character for people (`%#U`): U+00E9 'é'."""
    code = 0xFFFD if 0xD800 <= ord(char) < 0xE000 else ord(char)
    return f"U+{code:04X} '{chr(code)}'" if chr(code).isprintable() else f"U+{code:04X}"


def unquote(literal: str) -> str | None:
    """The text of a literal in double quotes or backticks; None where Go calls it invalid syntax."""
    if literal.startswith("`"):
        return literal[1:-1].replace("\r", "")
    parts = _parts(literal[1:-1], '"')
    return None if parts is None else decoded(b"".join(parts))


def unquote_char(literal: str) -> tuple[int | None, str]:
    """The code of the first character after a quote (None where it is invalid), and the rest."""
    match = _PART.match(literal, 1)
    if match is None or match[0] in ("'", '\\"'):
        return None, ""
    return _code(match), literal[match.end() :]


def _parts(text: str, quote: str) -> list[bytes] | None:
    if "\\" not in text:
        return None if quote in text or "\n" in text else [utf8(text)]
    found: list[bytes] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or (match[1] in ("'", '"') and match[1] != quote) or match[6] == quote:
            return None
        code = _code(match)
        if code is None:
            return None
        found.append(bytes([code]) if match[2] or match[3] else utf8(match[6] or chr(code)))
        at = match.end()
    return found


def _code(match: re.Match[str]) -> int | None:
    named, hexed, octal, short, long, plain = match.groups()
    if named:
        return ord(_ESCAPES.get(named, named))
    if plain:
        return ord(plain)
    code = int(octal, 8) if octal else int(hexed or short or long, 16)
    if octal:
        return code if code < 256 else None
    return None if code > _LAST or (not hexed and 0xD800 <= code < 0xE000) else code


def _whole(text: str) -> str:
    """The text with nothing but characters and the bytes that make none."""
    return decoded(utf8(text))
