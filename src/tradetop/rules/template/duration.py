"""parseDuration: Prometheus' notation of durations, such as 1h30m (model.ParseDurationAllowNegative)."""

from __future__ import annotations

import re

from tradetop.rules.template.error import CallError
from tradetop.rules.template.quoting import quoted
from tradetop.rules.template.times import SECOND

_UNITS = {
    "y": (1, 365 * 86_400 * SECOND),
    "w": (2, 7 * 86_400 * SECOND),
    "d": (3, 86_400 * SECOND),
    "h": (4, 3_600 * SECOND),
    "m": (5, 60 * SECOND),
    "s": (6, SECOND),
    "ms": (7, SECOND // 1_000),
}
"""Place in the order, and size in nanoseconds."""
_PART = re.compile(r"([0-9]{1,20})([^0-9]+)", re.ASCII)
_LONGEST = 2**63


def parse_duration(text: str) -> float:
    """A duration in seconds."""
    bare = text.removeprefix("-")
    seconds = _nanoseconds(bare) / SECOND
    return -seconds if len(bare) < len(text) else seconds


def _nanoseconds(text: str) -> int:
    if text == "0":
        return 0
    if not text:
        raise CallError("empty duration string")
    total, last, at = 0, 0, 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or int(part[1]) >= 2**64:
            raise CallError(f"not a valid duration string: {quoted(text)}")
        if part[2] not in _UNITS:
            raise CallError(f"unknown unit {quoted(part[2])} in duration {quoted(text)}")
        place, size = _UNITS[part[2]]
        if place <= last:
            raise CallError(f"not a valid duration string: {quoted(text)}")
        if int(part[1]) > _LONGEST // size:
            raise CallError("duration out of range")
        total += int(part[1]) * size
        if total >= _LONGEST:
            raise CallError("duration out of range")
        last, at = place, part.end()
    return total
