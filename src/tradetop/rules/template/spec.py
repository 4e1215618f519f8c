"""Directives of Go's printf, and the numbers and texts that they write."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from tradetop.rules.template.error import CallError
from tradetop.rules.template.numbers import SHORTEST, float_text
from tradetop.rules.template.quoting import escaped, quoted, quoted_char
from tradetop.rules.template.values import utf8

LIMIT = 100_000
"""Longest text (characters) that a template or a function in it may make."""

_PREFIXES = {2: "0b", 16: "0x"}
_FORMS = {2: "b", 8: "o", 10: "d", 16: "x"}


@dataclass(slots=True)
class Spec:
    """Flags, width and precision of one directive."""

    sharp: bool = False
    zero: bool = False
    plus: bool = False
    minus: bool = False
    space: bool = False
    width: int | None = None
    precision: int | None = None
    go_syntax: bool = False
    """`%#v`."""
    names: bool = False
    """`%+v`: fields with their names."""

    def pad(self, text: str, *, zeros: bool = True) -> str:
        """The text, brought to the width."""
        missing = (self.width or 0) - len(text)
        if missing <= 0:
            return text
        if missing > LIMIT:
            raise CallError(f"a width of {self.width} is more than the {LIMIT:,} characters that a template may write")
        if self.minus:
            return text + " " * missing
        return ("0" if self.zero and zeros else " ") * missing + text

    def integer(self, number: int, base: int, *, upper: bool = False, octal: bool = False) -> str:
        """An integer; `octal` is `%O`."""
        digits = f"{abs(number):{_FORMS[base]}}"
        if self.precision is not None:
            if self.precision == 0 and number == 0:
                return self.pad("", zeros=False)
            digits = self._filled(digits, self.precision)
        elif self.zero and not self.minus and self.width is not None:
            digits = self._filled(digits, self.width - (number < 0 or self.plus or self.space))
        if self.sharp:
            digits = ("" if digits.startswith("0") else "0") + digits if base == 8 else _PREFIXES.get(base, "") + digits
        if upper:
            digits = digits.upper()
        if octal:
            digits = "0o" + digits
        return self.pad(self._signed(digits, number < 0), zeros=False)

    def _filled(self, digits: str, length: int) -> str:
        if length > LIMIT:
            raise CallError(f"{length} digits are more than the {LIMIT:,} characters that a template may write")
        return digits.rjust(length, "0")

    def _signed(self, digits: str, negative: bool) -> str:
        if negative:
            return "-" + digits
        return ("+" if self.plus else " " if self.space else "") + digits

    def real(self, number: float, form: str, precision: int) -> str:
        """A float in the forms b, e, f, g, x (and their capitals)."""
        precision = precision if self.precision is None else self.precision
        if precision > LIMIT:
            raise CallError(f"{precision} digits are more than the {LIMIT:,} characters that a template may write")
        text = _float_text(number, form, precision)
        sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("+", text)
        if self.space and sign == "+" and not self.plus:
            sign = " "
        if digits in ("Inf", "NaN"):
            bare = digits == "NaN" and not self.space and not self.plus
            return self.pad(digits if bare else sign + digits, zeros=False)
        if self.sharp and form != "b":
            digits = _with_point(digits, form, precision)
        if not self.plus and sign == "+":
            return self.pad(digits)
        if self.zero and not self.minus and self.width is not None:
            return sign + self._filled(digits, self.width - 1)
        return self.pad(sign + digits)

    def text(self, text: str) -> str:
        """`%s`."""
        return self.pad(self._cut(text))

    def quoted(self, text: str) -> str:
        """`%q`."""
        text = self._cut(text)
        if self.sharp and "`" not in text and all(c == "\t" or c.isprintable() or c == " " for c in text):
            return self.pad(f"`{text}`")
        if self.plus:
            return self.pad('"' + "".join(escaped(char, '"', ascii_only=True) for char in text) + '"')
        return self.pad(quoted(text))

    def _cut(self, text: str) -> str:
        return text if self.precision is None else text[: self.precision]

    def hexadecimal(self, text: str, *, upper: bool) -> str:
        """`%x` of a text: its bytes."""
        data = utf8(text)[: self.precision]
        if not data:
            return self.pad("")
        prefix = "0x" if self.sharp else ""
        shown = (f" {prefix}" if self.space else "").join(f"{byte:02x}" for byte in data)
        return self.pad((prefix + shown).upper() if upper else prefix + shown)

    def char(self, code: int) -> str:
        """`%c`."""
        known = 0 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000
        return self.pad(chr(code) if known else "\ufffd")

    def quoted_char(self, code: int) -> str:
        """`%q` of an integer."""
        return self.pad(quoted_char(code, ascii_only=self.plus))

    def unicode(self, code: int) -> str:
        """`%U`."""
        code %= 2**64
        text = f"U+{self._filled(f'{code:X}', max(self.precision or 0, 4))}"
        if self.sharp and code <= 0x10FFFF and chr(code).isprintable():
            text += f" '{chr(code)}'"
        return self.pad(text, zeros=False)


def _float_text(number: float, form: str, precision: int) -> str:
    if form in "xX" and math.isfinite(number):
        text = _hex_text(number, precision)
        return text.upper() if form == "X" else text
    if form == "b" and math.isfinite(number):
        return _binary_text(number)
    return float_text(number, "f" if form == "F" else form, precision)


def _binary_text(number: float) -> str:
    bits = struct.unpack(">Q", struct.pack(">d", number))[0]
    power, mantissa = bits >> 52 & 0x7FF, bits & (1 << 52) - 1
    mantissa, power = (mantissa | 1 << 52, power) if power else (mantissa, 1)
    return f"{'-' if bits >> 63 else ''}{mantissa}p{power - 1075:+d}"


def _hex_text(number: float, precision: int) -> str:
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    if number == 0:
        return f"{sign}0x0{'.' + '0' * precision if precision > 0 else ''}p+00"
    fraction, power = math.frexp(abs(number))
    mantissa, power = int(math.ldexp(fraction, 53)), power - 1  # 1 and 52 bits after the point.
    if SHORTEST < precision < 13:
        unit = 1 << (52 - 4 * precision)
        rest, mantissa = mantissa % unit, mantissa // unit
        mantissa = (mantissa + (rest * 2 > unit or (rest * 2 == unit and mantissa % 2))) * unit
        if mantissa >> 53:
            mantissa, power = mantissa >> 1, power + 1
    digits = f"{mantissa & (1 << 52) - 1:013x}"
    digits = digits.rstrip("0") if precision == SHORTEST else digits.ljust(precision, "0")[:precision]
    return f"{sign}0x1{'.' + digits if digits else ''}p{'-' if power < 0 else '+'}{abs(power):02d}"


def _with_point(digits: str, form: str, precision: int) -> str:
    """The `#` flag: a decimal point, and for %g the zeros at the end."""
    marks = "pP" if form in "xX" else "eEpP"
    split = next((at for at, char in enumerate(digits) if char in marks), len(digits))
    body, tail = digits[:split], digits[split:]
    wanted = (6 if precision == SHORTEST else precision) if form in "gGx" else 0
    seen = len(body.replace(".", "").lstrip("0"))
    if "." not in body:
        seen += body == "0"
        body += "."
    return body + "0" * (wanted - seen) + tail
