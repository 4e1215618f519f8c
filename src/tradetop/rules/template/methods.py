"""Methods of times and durations that templates may call, such as (toTime 0).Year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tradetop.rules.template.error import CallError
from tradetop.rules.template.function import Function
from tradetop.rules.template.times import (
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    Month,
    Time,
    Weekday,
    between,
    moved,
)
from tradetop.rules.template.values import Int64, Pointer, wrapped

_DURATION = ("time.Duration",)
_TIME = ("time.Time",)


def methods_of(value: object) -> Mapping[str, Function]:
    """The methods of a value, or of what it points to."""
    if isinstance(value, Pointer) and value.target is not None:
        value = value.target
    return _bound(value) if type(value) in _METHODS else {}


@lru_cache(maxsize=64)
def _bound(value: Any) -> Mapping[str, Function]:
    return {
        name: Function(parameters, lambda *args, run=run: run(value, *args))
        for name, (parameters, run) in _METHODS[type(value)].items()
    }


_Method = tuple[tuple[str, ...], Callable[..., object]]


def _clock(at: int) -> _Method:
    return (), lambda time: time.clock[at]


def _epoch(unit: int) -> _Method:
    return (), lambda time: Int64(wrapped(time.ns // unit))


def _part(unit: int) -> _Method:
    return (), lambda span: Int64(_truncated(span, unit))


def _parts(unit: int) -> _Method:
    return (), lambda span: float(_truncated(span, unit)) + float(int(span) - _truncated(span, unit) * unit) / unit


def _truncated(span: int, unit: int) -> int:
    size = abs(int(span)) // unit
    return -size if span < 0 else size


def _several(name: str, results: int) -> _Method:
    def refuse(_: object) -> object:
        raise CallError(f"function {name} has {results} return values; should be 1 or 2")

    return (), refuse


_TIMES: dict[str, _Method] = {
    "Year": ((), lambda time: time.date[0]),
    "Month": ((), lambda time: Month(time.date[1])),
    "Day": ((), lambda time: time.date[2]),
    "Hour": _clock(0),
    "Minute": _clock(1),
    "Second": _clock(2),
    "Nanosecond": ((), lambda time: time.wall),
    "YearDay": ((), lambda time: time.year_day),
    "Weekday": ((), lambda time: time.weekday),
    "Unix": _epoch(SECOND),
    "UnixMilli": _epoch(1_000_000),
    "UnixMicro": _epoch(1_000),
    "UnixNano": _epoch(1),
    "Format": (("string",), Time.formatted),
    "String": ((), lambda time: time.text),
    "GoString": ((), lambda time: time.go_syntax),
    "UTC": ((), lambda time: time),
    "Local": ((), lambda time: time),
    "IsZero": ((), lambda time: time.is_zero),
    "Add": (_DURATION, moved),
    "AddDate": (("int", "int", "int"), Time.plus_date),
    "Sub": (_TIME, between),
    "After": (_TIME, lambda time, other: time > other),
    "Before": (_TIME, lambda time, other: time < other),
    "Equal": (_TIME, lambda time, other: time == other),
    "Compare": (_TIME, lambda time, other: (time > other) - (time < other)),
    "Truncate": (_DURATION, Time.truncated),
    "Round": (_DURATION, Time.rounded),
    "Date": _several("Date", 3),
    "Clock": _several("Clock", 3),
}
_DURATIONS: dict[str, _Method] = {
    "String": ((), lambda span: span.text),
    "Hours": _parts(HOUR),
    "Minutes": _parts(MINUTE),
    "Seconds": _parts(SECOND),
    "Milliseconds": _part(1_000_000),
    "Microseconds": _part(1_000),
    "Nanoseconds": _part(1),
    "Abs": ((), lambda span: Duration(min(abs(int(span)), 2**63 - 1))),
    "Round": (_DURATION, Duration.rounded),
    "Truncate": (_DURATION, Duration.truncated),
}
_WORDS: dict[str, _Method] = {"String": ((), lambda word: word.text)}
_METHODS: dict[type, dict[str, _Method]] = {
    Time: _TIMES,
    Duration: _DURATIONS,
    Month: _WORDS,
    Weekday: _WORDS,
}
