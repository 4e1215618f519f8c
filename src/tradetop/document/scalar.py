"""Scalars as people write them: numbers, switches, durations such as 1h30m."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from tradetop.document.problem import Place
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_SPANS = {"y": 365 * DAY, "w": 7 * DAY, "d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": 1}
_SPAN = re.compile("".join(f"(?:([0-9]+){unit})?" for unit in _SPANS))
_FARTHEST = (2**63 - 1) // 1_000_000
"""Go's durations are 64 bits of nanoseconds."""
_LONGEST = 3_660 * DAY
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_WHOLE = re.compile(r"[-+]?\d[\d_]*")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?(B|[KMGT]i?B)", re.IGNORECASE | re.ASCII)
_BYTES: dict[str, int] = {"b": 1} | {
    f"{u}{i}b": (1024 if i else 1000) ** n for n, u in enumerate("kmgt", 1) for i in ("", "i")
}
_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Parse:
    """How a field reads its text: `Annotated[int, Parse(function)]`; the function raises ValueError with a reason."""

    function: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class ParseAt:
    """As Parse, for values that keep where they stand: the function takes the text and its place."""

    function: Callable[[str, Place], Any]


def duration(text: str) -> int:
    """Milliseconds of a duration such as `30s`, `2m` or `1h30m`; ValueError where it is none."""
    if text == "0":
        return 0
    if _DURATION.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a duration; write 30s, 2m or 1h30m")
    total = sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))
    if total > _LONGEST:
        raise ValueError(f"{text!r} is longer than ten years")
    return round(total)


def span(text: str) -> int:
    """Milliseconds of a duration as Prometheus' own files have it; ValueError where it is none.

    Whole numbers, each unit at most once and the longer first: `1h30m`, `500ms`, `0` (common/model, ParseDuration).
    """
    parts = _SPAN.fullmatch(text)
    if text == "0":
        return 0
    if not text or parts is None:
        raise ValueError(f"{text!r} is not a duration; write 30s, 5m or 1h30m: whole numbers, longer units first")
    total = sum(int(amount) * size for amount, size in zip(parts.groups(), _SPANS.values(), strict=True) if amount)
    if total > _FARTHEST:
        raise ValueError(f"{text!r} is longer than 292 years")
    return total


def number(text: str) -> float:
    """A finite number; ValueError where the text is none."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a number")
    value = float(text.replace("_", ""))
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is too large")
    return value


def whole(text: str) -> int:
    """A whole number, always decimal (`012` is twelve); ValueError where the text is none."""
    if _WHOLE.fullmatch(text) is None or len(text) > 18:
        raise ValueError(f"{text!r} is not a whole number")
    return int(text.replace("_", ""))


def size(text: str) -> int:
    """Bytes of a size such as `500MiB` or `2GB`; ValueError where it is none."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a size; write 500MiB or 2GiB")
    return round(float(match[1]) * _BYTES[match[2].lower()])


def switch(text: str) -> bool:
    """True or false, in YAML's words; ValueError where the text is neither."""
    try:
        return _SWITCH[text.lower()]
    except KeyError:
        raise ValueError(f"{text!r} is neither true nor false") from None


Duration = Annotated[int, Parse(duration)]
"""Milliseconds, written as `30s`, `2m` or `1h30m`."""

Size = Annotated[int, Parse(size)]
"""Bytes, written as `500MiB` or `2GB`."""

Span = Annotated[int, Parse(span)]
"""Milliseconds, written as Prometheus does."""
