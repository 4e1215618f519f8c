"""humanize, humanizeDuration and the like: numbers as people read them (Prometheus' template/template.go)."""

from __future__ import annotations

import math

from tradetop.rules.template.error import CallError
from tradetop.rules.template.numbers import float_text, parse_float
from tradetop.rules.template.times import SECOND, Duration, Time
from tradetop.rules.template.values import Pointer, Sized, int64_of, type_name, unboxed

_LARGE = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL = ("m", "u", "n", "p", "f", "a", "z", "y")
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")


def float_from(value: object) -> float:
    """A number or text as a float; CallError where it is none."""
    value = unboxed(value)
    if isinstance(value, Duration):
        return int(value) / SECOND
    if isinstance(value, float):
        return value
    if type(value) is str:
        return parse_float(value)
    if isinstance(value, int) and not isinstance(value, bool) and _converts(value):
        return float(value)
    raise CallError(f"can't convert {type_name(value)} to float")


def _converts(value: int) -> bool:
    return type(value) is int or (isinstance(value, Sized) and value.type_name in ("int64", "uint", "uint64"))


def humanize(value: object) -> str:
    """With four digits and a metric prefix: 1.235M."""
    number = float_from(value)
    if number == 0 or not math.isfinite(number):
        return _four(number)
    return _large(number, 1_000, _LARGE) if abs(number) >= 1 else _small(number)


def humanize1024(value: object) -> str:
    """With four digits and a binary prefix: 1.177Mi."""
    number = float_from(value)
    return _four(number) if abs(number) <= 1 or not math.isfinite(number) else _large(number, 1_024, _BINARY)


def humanize_percentage(value: object) -> str:
    """A ratio as percent: 12.35%."""
    return f"{_four(float_from(value) * 100)}%"


def humanize_duration(value: object) -> str:
    """Seconds as 1d 2h 3m 4s, or with a prefix below one second: 123.5ms."""
    number = float_from(value)
    if not math.isfinite(number):
        return _four(number)
    if number == 0:
        return f"{_four(number)}s"
    if abs(number) < 1:
        return f"{_small(number)}s"
    sign = "-" if number < 0 else ""
    total = int64_of(abs(number))
    side = -1 if total < 0 else 1  # What 64 bits cannot hold turns negative, as on amd64.
    minutes, seconds = divmod(abs(total), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{side * days}d {side * hours}h {side * minutes}m {side * seconds}s"
    if hours:
        return f"{sign}{side * hours}h {side * minutes}m {side * seconds}s"
    if minutes:
        return f"{sign}{side * minutes}m {side * seconds}s"
    return f"{sign}{_four(abs(number))}s"


def humanize_timestamp(value: object) -> str:
    """Seconds since the epoch as a date and time in UTC."""
    number = float_from(value)
    return _time(number).text if math.isfinite(number) else _four(number)


def to_time(value: object) -> Pointer:
    """Seconds since the epoch as a time, to the millisecond."""
    number = float_from(value)
    if not math.isfinite(number):
        raise CallError("value is NaN or Inf")
    return Pointer("*time.Time", _time(number))


def to_duration(value: object) -> Pointer:
    """Seconds as a duration."""
    return Pointer("*time.Duration", Duration(int64_of(float_from(value) * SECOND)))


def _time(number: float) -> Time:
    stamp = number * 1e9
    if abs(stamp) > 2.0**63:
        raise CallError(
            f"{float_text(number)} cannot be represented as a nanoseconds timestamp since it overflows int64"
        )
    nanoseconds = int64_of(stamp)
    milliseconds = abs(nanoseconds) // 1_000_000 * (-1 if nanoseconds < 0 else 1)
    return Time(milliseconds * 1_000_000)


def _four(number: float) -> str:
    return float_text(number, "g", 4)


def _large(number: float, step: int, prefixes: tuple[str, ...]) -> str:
    prefix = ""
    for larger in prefixes:
        if abs(number) < step:
            break
        prefix = larger
        number /= step
    return _four(number) + prefix


def _small(number: float) -> str:
    prefix = ""
    for smaller in _SMALL:
        if abs(number) >= 1:
            break
        prefix = smaller
        number *= 1_000
    return _four(number) + prefix
