"""What a query asks: an expression, at one time or at many, as people write times and durations."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tradetop.cli.refusal import Refusal
from tradetop.cli.values import moment
from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.text import clean

POINTS = 11_000
"""Steps of a range that are answered, as in Prometheus."""
STEPS = 250
"""Steps of a range whose step nobody said."""
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_UNITS = (365 * 24 * HOUR, 7 * 24 * HOUR, 24 * HOUR, HOUR, MINUTE, SECOND, 1)
_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)
_FAR = 1 << 52


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: an expression at one time, or from `start` to `end` each `step` (ms)."""

    expr: str
    at: int
    start: int | None = None
    end: int = 0
    step: int = 0


def time_at(text: str, now: int) -> int:
    """Milliseconds of a time: RFC 3339, seconds since 1970, `now`, `now-1h`; ValueError where it is none of them."""
    typed = text.strip()
    sign = {"-": -1, "+": 1}.get(typed[3:4], 0) if typed.startswith("now") else 0
    if typed == "now" or sign:
        return now + (sign * duration_of(typed[4:]) if sign else 0)
    try:
        if _NUMBER.fullmatch(typed.removeprefix("-")):
            found = round(float(typed) * SECOND)
        else:
            parsed = datetime.fromisoformat(typed)
            found = round((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * SECOND)
    except (ValueError, OverflowError):
        raise ValueError(f"{clean(typed, 60)!r} is no time: 2026-11-20T09:00:00Z, 1700000000, now, now-1h") from None
    if abs(found) > _FAR:
        raise ValueError(f"{clean(typed, 60)!r} is too far away")
    return found


def duration_of(text: str) -> int:
    """Milliseconds of a duration as Prometheus writes it, or of seconds; ValueError where it is neither."""
    if _NUMBER.fullmatch(text):
        found = round(float(text) * SECOND)
    else:
        match = _DURATION.fullmatch(text) if text else None
        if match is None:
            raise ValueError(f"{clean(text, 60)!r} is no duration: 30s, 5m, 1h30m, 1d")
        found = sum(int(part or 0) * unit for part, unit in zip(match.groups(), _UNITS, strict=True))
    if found > _FAR:
        raise ValueError(f"{clean(text, 60)!r} is too long")
    return found


def asked_of(expr: str, now: int, at: str | None, start: str | None, end: str | None, step: str | None) -> Asked:
    """What is asked; Refusal where the times contradict each other."""

    def read(option: str, text: str | None, of: Callable[[str], int], otherwise: int) -> int:
        try:
            return otherwise if text is None else of(text)
        except ValueError as error:
            raise Refusal(f"--{option}: {error}") from None

    def time_of(text: str) -> int:
        return time_at(text, now)

    if start is None:
        if end is not None or step is not None:
            raise Refusal("--end and --step belong to a range: say --start too")
        return Asked(expr, read("at", at, time_of, now))
    if at is not None:
        raise Refusal("--at is one time, --start the first of many: say one of them")
    begin, until = read("start", start, time_of, 0), read("end", end, time_of, now)
    if until < begin:
        raise Refusal(f"--end {moment(until)} is before --start {moment(begin)}")
    every = read("step", step, duration_of, max((until - begin) // STEPS // SECOND, 1) * SECOND)
    if every < 1:
        raise Refusal("--step must be longer than nothing")
    if (until - begin) // every >= POINTS:
        count = f"{(until - begin) // every + 1:,}"
        raise Refusal(f"{count} steps, and at most {POINTS:,} are answered: a longer --step, or a shorter range")
    return Asked(expr, until, begin, until, every)
