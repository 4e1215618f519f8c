"""Arguments with units: durations, moments, sizes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import click

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
LEAST = (60, 15)
"""Columns and rows of the smallest picture."""


def duration(text: str) -> int | None:
    """Milliseconds of a duration such as `30s` or `1h30m`; a bare number is seconds; None where it is neither."""
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return round(float(text) * 1_000)
    if not re.fullmatch(rf"({_PARTS.pattern})+", text, re.ASCII):
        return None
    return round(sum(float(number) * _UNITS[unit] for number, unit in _PARTS.findall(text)))


class Duration(click.ParamType[int]):
    """A duration; gives milliseconds."""

    name = "duration"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = duration(value)
        if not found:
            self.fail(f"{value!r} is no duration: write 5s, 500ms, 2m or 1h30m", param, ctx)
        return found


class Moment(click.ParamType[int]):
    """A moment, or how long ago it was; gives milliseconds since the epoch."""

    name = "moment"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        ago = duration(value)
        if ago is not None:
            return time.time_ns() // 1_000_000 - ago
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-11-20T09:00, or 3h for 3 h ago", param, ctx)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000)


class Size(click.ParamType[tuple[int, int]]):
    """Columns and rows such as 120x40."""

    name = "size"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,3})x(\d{1,3})", value, re.ASCII)
        if match is None:
            self.fail(f"{value!r} is no size: write columns x rows, such as 120x40", param, ctx)
        columns, rows = int(match[1]), int(match[2])
        if columns < LEAST[0] or rows < LEAST[1]:
            self.fail(f"{value!r} is too small to show anything: at least {LEAST[0]}x{LEAST[1]}", param, ctx)
        return columns, rows


class Written(click.ParamType[int]):
    """A number that is written as in the configuration, and read as there."""

    def __init__(self, name: str, read: Callable[[str], int]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _retention(text: str) -> int:
    # Imported late: only who says it needs what reads the configuration.
    from tradetop.config.value import retention

    return retention(text)


def _history_size(text: str) -> int:
    from tradetop.config.value import history_size

    return history_size(text)


DURATION, MOMENT, SIZE = Duration(), Moment(), Size()
RETENTION, BYTES = Written("duration", _retention), Written("size", _history_size)
