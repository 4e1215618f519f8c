"""Times as bots spell them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

_EARLIEST = 946_684_800_000
"""2000-01-01; anything earlier is a bot's zero, not a time (ms)."""
_LATEST = 4_102_444_800_000
"""2100-01-01 (ms)."""
_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d*)?(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_SCALES = ((1e11, 1_000.0), (1e14, 1.0), (1e17, 1e-3), (1e20, 1e-6))
"""Below which size a number counts seconds, milliseconds, microseconds, nanoseconds; as milliseconds each."""
_JULIAN = (2_451_544.5, 2_488_069.5)
"""2000 to 2100 in SQLite's julianday()."""
_JULIAN_EPOCH = 2_440_587.5


def milliseconds(value: str | bytes | float | None) -> int | None:
    """A time in milliseconds since the epoch, None where it cannot be read.

    Understood are ISO 8601 (with T or a space, any zone; none means UTC), e-mail dates, Julian days as SQLite writes
    them, and seconds, milliseconds, microseconds or nanoseconds since the epoch as numbers or digits.
    """
    if value is None:
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        text = value.strip()[:64]
        # A date has its first dash where no number has one.
        number = text[4:5] != "-" and _NUMBER.fullmatch(text)
        t = _of_number(float(text)) if number else _of_text(text)
    else:
        t = _of_number(float(value))
    return t if t is not None and _EARLIEST <= t < _LATEST else None


def _of_number(number: float) -> int | None:
    if not math.isfinite(number):
        return None
    if _JULIAN[0] <= number < _JULIAN[1]:
        return round((number - _JULIAN_EPOCH) * 86_400_000)
    return next((round(number * scale) for bound, scale in _SCALES if abs(number) < bound), None)


def _of_text(text: str) -> int | None:
    if text[4:5] == "-":
        # Nearly all of it.
        try:
            return _stamp(datetime.fromisoformat(text))
        except ValueError:
            pass
    iso = text.upper().replace("/", "-").removesuffix(" UTC").removesuffix(" GMT")
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return _of_mail(text)
    return _stamp(moment)


def _of_mail(text: str) -> int | None:
    # Imported late: it costs start-up time, and hardly any bot writes such dates.
    from email.utils import parsedate_to_datetime

    try:
        return _stamp(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _stamp(moment: datetime) -> int | None:
    try:
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000)
    except (ValueError, OverflowError):
        return None
