"""Numbers, durations and quoted texts, as Go writes them."""

from __future__ import annotations

import math
import re

from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.promql.fault import shown

LONGEST = 2**63 // 1_000_000
"""The longest duration (ms): Prometheus counts nanoseconds in 64 bits, which is 292 years."""

_NUMBER = re.compile(
    r"0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*"
    r"|(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?"
)
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_UNITS = (365 * DAY, 7 * DAY, DAY, HOUR, MINUTE, SECOND, 1)
_OCTAL = re.compile(r"0[0-7_]+")
_SPECIAL = {"inf": math.inf, "nan": math.nan}

_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\\"'])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.DOTALL
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def is_number(text: str) -> bool:
    """Whether digits are a number: decimal, hexadecimal or octal, with _ between digits."""
    return _NUMBER.fullmatch(text) is not None


def is_duration(text: str) -> bool:
    """Whether digits are a duration: each unit at most once, from the longest to the shortest."""
    return _DURATION.fullmatch(text) is not None


def number(text: str) -> float:
    """What a number is; ValueError where it is too large for one."""
    special = _SPECIAL.get(text.lower())
    if special is not None:
        return special
    hexadecimal = text[:2] in ("0x", "0X")
    if hexadecimal or (_OCTAL.fullmatch(text) and len(text) > 1):
        whole = int(text, 16) if hexadecimal else int(text, 8)
        if whole < 2**63:
            return float(whole)
        if hexadecimal:
            raise ValueError(f"{shown(text)} is too large for a number")
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{shown(text)} is too large for a number")
    return value


def duration(text: str) -> float:
    """How many seconds a duration lasts; ValueError where it is too long."""
    found = _DURATION.fullmatch(text)
    assert found is not None, "the lexer knows what a duration is"
    total = sum(int(count) * unit for count, unit in zip(found.groups(), _UNITS, strict=True) if count is not None)
    if total >= LONGEST:
        raise ValueError(f"{shown(text)} is longer than 292 years")
    return total / 1_000


def unquoted(text: str) -> str:
    """What a quoted text says; ValueError for an escape that means nothing."""
    quote, inner = text[0], text[1:-1]
    if quote == "`" or "\\" not in inner:
        return inner
    out = bytearray()
    last = 0
    for found in _ESCAPE.finditer(inner):
        out += inner[last : found.start()].encode("utf-8", "surrogatepass")
        out += _escaped(found, quote)
        last = found.end()
    out += inner[last:].encode("utf-8", "surrogatepass")
    try:
        return out.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise ValueError(
            f"write the character itself in place of the escapes in {shown(text)}, which are half a character"
        ) from None


def _escaped(found: re.Match[str], quote: str) -> bytes:
    """The bytes that an escape stands for."""
    plain, octal, byte, short, long, _ = found.groups()
    if plain is not None and (plain not in "\"'" or plain == quote):
        return _PLAIN.get(plain, plain).encode()
    if octal is not None and int(octal, 8) <= 0xFF:
        return bytes([int(octal, 8)])
    if byte is not None:
        return bytes([int(byte, 16)])
    code = int(short or long or "110000", 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise ValueError(f"unknown escape {found[0]}")
    return chr(code).encode()
