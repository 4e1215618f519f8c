"""How test files write series: `up{job="bot"}` with the values `1+1x3 _ stale` (promql/parser, ParseSeriesDesc)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.sample import STALE
from tradetop.model.text import clean
from tradetop.rules.unittest.histogram import Histogram, histogram

LONGEST = 1_000_000
"""Most samples that one series may have."""
Point = float | Histogram | None
"""What a series has at one interval; None for nothing."""

_NUMBER = r"(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf|nan)"
_HISTOGRAM = r"\{\{[^{}]*\}\}"
_ITEM = re.compile(
    rf"(?:(?P<blank>_)|(?P<stale>stale)"
    rf"|(?P<value>[-+]?{_NUMBER})(?P<step>[-+]{_NUMBER}(?=x))?"
    rf"|(?P<histogram>{_HISTOGRAM})(?:(?P<sign>[-+])(?P<more>{_HISTOGRAM})(?=x))?)"
    r"(?:x(?P<times>\d+))?(?=\s|$)",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s*")
_METRIC = re.compile(r"\s*(?P<name>[^\W\d][\w:]*|:[\w:]*)?\s*(?:\{(?P<labels>.*)\})?\s*", re.DOTALL)
_QUOTED = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
_LABEL = re.compile(rf"\s*(?P<name>[^\W\d][\w.]*|{_QUOTED})(?:\s*=\s*(?P<value>{_QUOTED}))?\s*(?:,|$)\s*", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def metric(text: str) -> Labels:
    """The labels of a series such as `up{job="bot"}`; ValueError where it is none."""
    found = _METRIC.fullmatch(text)
    if found is None:
        raise ValueError(f'{clean(text, 200)!r} is no series; write name{{label="value"}}')
    if not text.strip():
        return EMPTY
    labels = {NAME: found["name"]} if found["name"] else {}
    inside, at = found["labels"] or "", 0
    while at < len(inside):
        pair = _LABEL.match(inside, at)
        if pair is None:
            raise ValueError(f'{clean(text, 200)!r}: {clean(inside[at:], 100)!r} is no label; write label="value"')
        name, value = (unquoted(part) if part else None for part in pair.group("name", "value"))
        if value is None:
            name, value = NAME, name if pair["name"][0] in "\"'`" else None
        if name is None or value is None or name in labels:
            raise ValueError(f"{clean(text, 200)!r}: {clean(pair[0])!r} has no value, or is given twice")
        labels[name] = value
        at = pair.end()
    return Labels({name: clean(value) for name, value in labels.items()})


def values(text: str) -> list[Point]:
    """The values of a series, one for each interval; ValueError where they cannot be read."""
    points: list[Point] = []
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            raise ValueError(f"{clean(text[at : at + 60])!r} is no value; write 1, 1x5, 1+2x5, _, _x5 or stale")
        times = int(item["times"] or 0)
        if len(points) + times > LONGEST:
            raise ValueError(f"more than {LONGEST:,} samples in one series")
        points += _points(item, times)
        at = _SPACE.match(text, item.end()).end()  # type: ignore[union-attr]
    if len({isinstance(point, Histogram) for point in points if point is not None and point == point}) > 1:
        raise ValueError("numbers and native histograms in one series are not supported")
    return list(_hinted(points))


def number(text: str) -> float:
    """A number as YAML or PromQL write it; ValueError where it is none."""
    try:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None


def unquoted(text: str) -> str:
    """The text within quotes, escapes resolved as in Go; a text without quotes as it is."""
    if text[0] not in "\"'`":
        return text
    return text[1:-1] if text[0] == "`" else _ESCAPE.sub(_resolved, text[1:-1])


def _resolved(escape: re.Match[str]) -> str:
    said = escape[1]
    if said[0] in "xuU" and len(said) > 1:
        code = int(said[1:], 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    return chr(int(said, 8) & 0xFF) if said.isdecimal() and len(said) == 3 else _SIMPLE.get(said, said)


def _points(item: re.Match[str], times: int) -> list[Point]:
    if item["blank"]:
        # `_x3` is three times nothing, where `1x3` is one and three more.
        return [None] * (times if item["times"] else 1)
    if item["stale"]:
        return [STALE] * (times + 1)
    if item["histogram"]:
        return [*_histograms(item, times)]
    value, step = float(item["value"]), float(item["step"] or 0)
    points: list[Point] = []
    for _ in range(times + 1):
        points.append(value)
        value += step if item["step"] else 0
    return points


def _histograms(item: re.Match[str], times: int) -> Iterator[Histogram]:
    value = histogram(item["histogram"])
    more = histogram(item["more"]) if item["more"] else None
    sign = -1.0 if item["sign"] == "-" else 1.0
    for _ in range(times + 1):
        yield value
        value = value if more is None else value.plus(more, sign)


def _hinted(points: list[Point]) -> Iterator[Point]:
    """The points, each histogram with what its store would know of it: whether its counter was reset."""
    before: Histogram | None = None
    for point in points:
        if isinstance(point, Histogram):
            hinted = point if before is None else point.after(before)
            before = point
            yield hinted
        else:
            yield point
