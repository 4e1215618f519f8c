"""Numbers as texts and back: Go's strconv."""

from __future__ import annotations

import math
import re

from tradetop.rules.template.error import CallError
from tradetop.rules.template.quoting import quoted
from tradetop.rules.template.values import MAX_INT, MIN_INT

SHORTEST = -1
"""Precision: as many digits as tell the number from its neighbours."""

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_HEX = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+", re.ASCII)
_SPECIAL = re.compile(r"[+-]?(?:inf|infinity)|nan", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"([+-]?)(0[xX]|0[bB]|0[oO]|0(?=[0-9_])|)(_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)", re.ASCII)
_BASES = {"0x": 16, "0b": 2, "0o": 8, "0": 8, "": 10}
_PLAIN_UP_TO = 6
"""Shortest texts have an exponent from a million on."""
_LONGEST = 20_000
"""Longest text (characters) that may be a number; Python's own conversions are slow past it."""


def float_text(value: float, form: str = "g", precision: int = SHORTEST) -> str:
    """A float in Go's forms e, f, g (and E, G), such as 1.2345675e+06, +Inf or NaN."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if precision >= 0:
        return f"{value:.{precision}{form}}"
    digits, exponent = shortest(value)
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if form in "gG":
        form = {"g": "e", "G": "E"}[form] if exponent < -4 or exponent >= _PLAIN_UP_TO else "f"
    if form in "eE":
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}{form}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return sign + _plain(digits, exponent)


def shortest(value: float) -> tuple[str, int]:
    """The digits that tell a finite number from its neighbours, and the exponent of the first."""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    first = len(digits) - len(digits.lstrip("0"))
    if first == len(digits):
        return "0", 0
    return digits[first:].rstrip("0"), len(whole) - 1 - first + int(power or "0")


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    return f"{whole}.{digits[exponent + 1 :]}" if len(digits) > exponent + 1 else whole


def parse_float(text: str) -> float:
    """What a text says as a float; CallError with Go's words."""
    number = float_of(text)
    if number is None:
        raise CallError(f"strconv.ParseFloat: parsing {quoted(text)}: invalid syntax")
    if math.isinf(number) and not _SPECIAL.fullmatch(text):
        raise CallError(f"strconv.ParseFloat: parsing {quoted(text)}: value out of range")
    return number


def float_of(text: str) -> float | None:
    """A float in Go's notation, infinite where it is out of range; None where it is none."""
    if len(text) > _LONGEST:
        return None
    if _DECIMAL.fullmatch(text) or _SPECIAL.fullmatch(text):
        return float(text)
    if _HEX.fullmatch(text.replace("_", "")) and underscores_fit(text):
        try:
            return float.fromhex(text.replace("_", ""))
        except OverflowError:
            return math.inf
    return None


def int_of(text: str) -> int | None:
    """An integer in Go's notation (0x10, 0b1, 0o7, 017, 1_000), of any size; None where it is none."""
    match = _INTEGER.fullmatch(text) if len(text) <= _LONGEST // 10 else None
    if match is None:
        return None
    sign, prefix, digits = match.groups()
    if not prefix and digits.startswith("_"):
        return None
    try:
        number = int(digits.replace("_", ""), _BASES[prefix.lower()])
    except ValueError:
        return None
    return -number if sign == "-" else number


def fits_int(number: int) -> bool:
    """Whether it is an int64."""
    return MIN_INT <= number <= MAX_INT


def underscores_fit(text: str) -> bool:
    """Whether each underscore stands between digits, or between a digit and the base's prefix."""
    return re.search(r"_(?![0-9a-fA-F])|(?<![0-9a-fA-FxX])_", text) is None
