"""Floats as Go writes them: labels, messages and expositions of Prometheus have them so."""

from __future__ import annotations

import math


def format_value(value: float) -> str:
    """A number as Prometheus writes it into a label: Go's strconv.FormatFloat(value, 'f', -1, 64)."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    if "e" in text:
        from decimal import Decimal  # Half a MiB that only very large and very small numbers need.

        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def format_openmetrics(value: float) -> str:
    """A number as OpenMetrics writes a label: as `format_general`, but never as if it were a whole number's text."""
    text = format_general(value)
    return text if value != value or math.isinf(value) or "." in text or "e" in text else f"{text}.0"


def format_general(value: float) -> str:
    """A number as Prometheus writes it into a text: Go's strconv.FormatFloat(value, 'g', -1, 64)."""
    # Go's shortest form turns to an exponent below 1e-4 and from 1e6 on.
    if value != value or math.isinf(value) or not value or 1e-4 <= abs(value) < 1e6:
        return format_value(value)
    from decimal import Decimal

    exponent = Decimal(repr(value)).adjusted()
    mantissa = format(Decimal(repr(value)).scaleb(-exponent).normalize(), "f")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
