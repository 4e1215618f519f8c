"""Values of queries on standard output: as a table for people, or as Prometheus' HTTP API writes them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tradetop.floats import format_value
from tradetop.model.clock import SECOND
from tradetop.model.labels import Labels
from tradetop.model.text import clean
from tradetop.model.value import Matrix, Scalar, String, Value, Vector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_table(value: Value) -> str:
    """A line for each sample, the numbers exact and one below the other; of a range, a heading for each series."""
    if isinstance(value, Scalar):
        return number(value.value)
    if isinstance(value, String):
        return clean(value.value)
    if isinstance(value, Vector):
        rows = [(str(_clean(sample.labels)), number(sample.value)) for sample in value.samples]
        names, numbers = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
        return "\n".join(f"{name:<{names}}  {said:>{numbers}}" for name, said in rows)
    return "\n".join(
        "\n".join((str(_clean(series.labels)), *_column([*series.times], [*map(number, series.values)])))
        for series in value.series
    )


def _column(times: list[int], numbers: list[str]) -> list[str]:
    wide = max(map(len, numbers), default=0)
    return [f"  {moment(t)}  {said:>{wide}}" for t, said in zip(times, numbers, strict=True)]


def as_json(value: Value) -> str:
    """What Prometheus' HTTP API answers to the same query."""
    data = f'{{"resultType":"{value.type}","result":{_result(value)}}}'
    noted = {name: list(lines) for name, lines in (("warnings", value.warnings), ("infos", value.infos)) if lines}
    rest = "".join(f',"{name}":{_dumped(lines)}' for name, lines in noted.items())
    return f'{{"status":"success","data":{data}{rest}}}'


def error_json(kind: str, text: str) -> str:
    """What Prometheus' HTTP API answers to a query that is wrong."""
    return _dumped({"status": "error", "errorType": kind, "error": text})


def number(value: float) -> str:
    """A number as Prometheus writes it: the shortest text that is this number and no other."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    if "e" in text and (value == 0 or 1e-6 <= abs(value) < 1e21):
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def moment(t: int) -> str:
    """A time (ms) as RFC 3339 writes it, to the millisecond; beyond the calendar as seconds."""
    try:
        found = _EPOCH + timedelta(milliseconds=t)
    except OverflowError:
        return _seconds(t)
    return found.strftime("%Y-%m-%dT%H:%M:%S") + (f".{t % SECOND:03}" if t % SECOND else "") + "Z"


def _result(value: Value) -> str:
    if isinstance(value, Scalar):
        # Of a scalar Prometheus writes every digit.
        return _pair(value.t, format_value(value.value))
    if isinstance(value, String):
        return _pair(value.t, value.value)
    if isinstance(value, Vector):
        rows = (f'{{"metric":{_metric(s.labels)},"value":{_pair(s.t, number(s.value))}}}' for s in value.samples)
    else:
        assert isinstance(value, Matrix)
        rows = (
            f'{{"metric":{_metric(s.labels)},"values":['
            f"{','.join(_pair(t, number(v)) for t, v in zip(s.times, s.values, strict=True))}]}}"
            for s in value.series
        )
    return f"[{','.join(rows)}]"


def _pair(t: int, text: str) -> str:
    return f"[{_seconds(t)},{_dumped(text)}]"


def _seconds(t: int) -> str:
    sign, whole = "-" if t < 0 else "", abs(t)
    return f"{sign}{whole // SECOND}" + (f".{whole % SECOND:03}" if whole % SECOND else "")


def _metric(labels: Labels) -> str:
    return _dumped(dict(labels))


def _clean(labels: Labels) -> Labels:
    return Labels({name: clean(value) for name, value in labels.items()})


def _dumped(said: str | list[str] | Mapping[str, str]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
