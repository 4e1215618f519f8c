"""Number and character constants of a template."""

from __future__ import annotations

from tradetop.rules.template.lex import Kind, Token
from tradetop.rules.template.nodes import Number
from tradetop.rules.template.numbers import fits_int, float_of, int_of
from tradetop.rules.template.quoting import quoted, unquote_char

_MAX_UINT = 2**64 - 1


class BadConstantError(Exception):
    """No number can be made of it."""


def number(token: Token) -> Number:
    """What a token may be used as: as many types as hold it exactly."""
    text = token.text
    if token.kind is Kind.CHARACTER:
        return _character(token)
    if token.kind is Kind.COMPLEX or text.endswith("i"):
        return _complex(token)
    whole = int_of(text)
    if whole is not None:
        return _whole(token, whole)
    real = float_of(text)
    if real is None or real in (float("inf"), float("-inf")):
        raise BadConstantError(f"illegal number syntax: {quoted(text)}")
    return Number(token.pos, text, *_integers(real), real)


def _character(token: Token) -> Number:
    code, rest = unquote_char(token.text)
    if code is None:
        raise BadConstantError("invalid syntax")
    if rest != "'":
        raise BadConstantError(f"malformed character constant: {token.text}")
    return Number(token.pos, token.text, code, code, float(code))


def _whole(token: Token, whole: int) -> Number:
    """Of an integer: unsigned where it has no sign (or is 0), as Go parses it."""
    text = token.text
    unsigned = whole if 0 <= whole <= _MAX_UINT and (text[0] not in "+-" or whole == 0) else None
    integer = whole if fits_int(whole) else None
    if integer is None and unsigned is None:
        raise BadConstantError(_overflow(text))
    return Number(token.pos, text, integer, unsigned, float(whole))


def _overflow(text: str) -> str:
    real = float_of(text)
    if real is None:  # Go can parse no hexadecimal float without an exponent.
        return f"illegal number syntax: {quoted(text)}"
    return f"integer overflow: {quoted(text)}"


def _complex(token: Token) -> Number:
    text = token.text[:-1]
    split = max(text.rfind("+"), text.rfind("-")) if token.kind is Kind.COMPLEX else 0
    real, imaginary = float_of(text[:split]) if split > 0 else 0.0, float_of(text[max(split, 0) :])
    if real is None or imaginary is None:
        raise BadConstantError(f"illegal number syntax: {quoted(token.text)}")
    value = complex(real, imaginary)
    if imaginary:
        return Number(token.pos, token.text, complex=value)
    return Number(token.pos, token.text, *_integers(real), real, value)


def _integers(real: float) -> tuple[int | None, int | None]:
    integer = int(real) if real.is_integer() and -(2.0**63) <= real < 2.0**63 else None
    unsigned = int(real) if real.is_integer() and 0 <= real < 2.0**64 else None
    return integer, unsigned
