"""What a server answers to a query, as values."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradetop.model.clock import SECOND
from tradetop.model.labels import Labels
from tradetop.model.sample import Sample
from tradetop.model.text import clean
from tradetop.model.value import Matrix, Scalar, Series, String, Value, Vector

_SAID = 300
"""Most characters of one warning."""
_MANY = 10
"""Most warnings, and infos, of one answer."""
_FAR = 1 << 53


class NoAnswerError(ValueError):
    """An answer that is none of Prometheus' API; the text says what it is instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A value, with its warnings and infos, and what of it cannot be read."""

    value: Value
    histograms: int = 0
    """Series of native histograms, which are left out."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of it, one line each."""
        left = f"{self.histograms} native histograms are left out: tradetop reads classic ones"
        return (*self.value.warnings, *((left,) if self.histograms else ()))


def answer_of(content: bytes) -> Mapping[str, Any]:
    """The JSON of an answer; NoAnswerError where it has not the shape of Prometheus' API."""
    head = content[:200].lstrip().lower()
    if head.startswith((b"<!doctype", b"<html")):
        raise NoAnswerError("an HTML page, not Prometheus' API: wrong port or prefix, or a login page?")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise NoAnswerError("something that is not JSON, or was cut off: is it a Prometheus API?") from None
    if isinstance(found, dict) and found.get("status") == "error" and isinstance(found.get("error"), str):
        raise NoAnswerError(f"an error: {clean(found['error'], _SAID)}")
    if (
        not isinstance(found, dict)
        or found.get("status") != "success"
        or not isinstance(found.get("data"), dict | list)
    ):
        raise NoAnswerError("JSON that is none of Prometheus' API: is the prefix right?")
    return found


def read(said: Mapping[str, Any]) -> Answer:
    """What a whole answer of the query API says; NoAnswerError where it has another shape than one."""
    noted = {"warnings": _lines(said.get("warnings")), "infos": _lines(said.get("infos"))}
    data = said.get("data")
    if not isinstance(data, dict):
        raise NoAnswerError("an answer without data: is it a Prometheus API?")
    kind, result = data.get("resultType"), data.get("result")
    try:
        match kind:
            case "scalar":
                t, value = result  # type: ignore[misc]
                return Answer(Scalar(_number(value), _time(t), **noted))
            case "string":
                t, value = result  # type: ignore[misc]
                return Answer(String(clean(_text(value)), _time(t), **noted))
            case "vector":
                return _vector(_rows(result), noted)
            case "matrix":
                return _matrix(_rows(result), noted)
    except (TypeError, ValueError, LookupError, OverflowError):
        raise NoAnswerError(f"a {kind} that is not written as Prometheus does: nothing of it is used") from None
    raise NoAnswerError(f"a result of the type {clean(str(kind), 40)!r}, which no Prometheus has")


def _vector(rows: Sequence[Mapping[str, Any]], noted: Mapping[str, tuple[str, ...]]) -> Answer:
    plain = [row for row in rows if "value" in row]
    samples = tuple(Sample(labels_of(row["metric"]), _time(row["value"][0]), _number(row["value"][1])) for row in plain)
    return Answer(Vector(samples, **noted), sum("histogram" in row for row in rows))


def _matrix(rows: Sequence[Mapping[str, Any]], noted: Mapping[str, tuple[str, ...]]) -> Answer:
    found = []
    for row in rows:
        pairs = row.get("values", ())
        if pairs:
            times = array("q", [_time(t) for t, _ in pairs])
            found.append(Series(labels_of(row["metric"]), times, array("d", [_number(v) for _, v in pairs])))
    return Answer(Matrix(tuple(found), **noted), sum(bool(row.get("histograms")) for row in rows))


def labels_of(said: Any) -> Labels:
    """A label set, with every text made harmless; TypeError where it is none."""
    if not isinstance(said, dict):
        raise TypeError
    return Labels({clean(name): clean(_text(value)) for name, value in said.items()})


def _rows(result: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(result, list) or not all(isinstance(row, dict) for row in result):
        raise TypeError
    return result


def _number(text: Any) -> float:
    """A number as Prometheus writes it; a bare JSON number is none."""
    if "_" in _text(text):
        raise ValueError
    return float(text)


def _text(said: Any) -> str:
    if not isinstance(said, str):
        raise TypeError
    return said


def _time(seconds: Any) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError
    found = round(seconds * SECOND)
    if abs(found) > _FAR:
        raise ValueError
    return found


def _lines(said: Any) -> tuple[str, ...]:
    lines: Iterable[Any] = said if isinstance(said, list) else ()
    return tuple(clean(line, _SAID) for line in [*lines][:_MANY] if isinstance(line, str))
