"""Writing a history as OpenMetrics text, which `promtool tsdb create-blocks-from openmetrics` takes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from tradetop.model.labels import NAME, Labels, quote
from tradetop.model.ports import Column, Metadata
from tradetop.model.sample import is_stale
from tradetop.store.archive import Archive

CELLS = 1_000_000
"""Values that are in memory at once, so that a month of a wide page can be written on a small machine."""

_PLAIN = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ENDINGS = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
    "summary": ("", "_count", "_sum"),
    "gaugehistogram": ("_bucket", "_gcount", "_gsum"),
    "info": ("_info",),
    "stateset": ("",),
}
"""What the samples of a family's type are called behind the family's name."""


def lines(archive: Archive) -> Iterator[str]:
    """The text, a line at a time: families in the order of their names, of each series every sample.

    A series that ended just ends: the format knows no staleness marker.
    """
    types = _types(archive.metadata())
    named = sorted(
        (types.get(labels.name, (labels.name, "unknown")), labels.name, str(labels), labels)
        for labels in archive.series()
    )
    width = max(1, CELLS // max(1, archive.scrapes()))
    for (family, kind), members in groupby(named, key=lambda entry: entry[0]):
        if not family:
            continue
        yield f"# TYPE {_name(family)} {kind}\n"
        series = [entry[3] for entry in members]
        for i in range(0, len(series), width):
            chunk = series[i : i + width]
            columns = {column.labels: column for column in archive.whole(chunk)}
            for labels in chunk:
                if labels in columns:
                    yield from _samples(columns[labels], archive.start, archive.end)
    yield "# EOF\n"


def _types(families: Mapping[str, Metadata]) -> dict[str, tuple[str, str]]:
    """By sample name: the family that it belongs to in OpenMetrics, and its type."""
    found: dict[str, tuple[str, str]] = {}
    for name, metadata in families.items():
        # The text format calls a counter's family what its samples are called.
        family = name.removesuffix("_total") if metadata.type == "counter" else name
        for ending in _ENDINGS.get(metadata.type, ()):
            found[family + ending] = family, metadata.type
    return found


def _samples(column: Column, start: int, end: int) -> Iterator[str]:
    series = written(column.labels)
    times: Sequence[int] = column.times
    for i, value in enumerate(column.values, column.first):
        if start <= times[i] <= end and not (value != value and is_stale(value)):
            yield f"{series} {_number(value)} {_seconds(times[i])}\n"


def written(labels: Labels) -> str:
    """A series as OpenMetrics has it: names of other characters than the usual stand in quotes, in the braces."""
    pairs = [
        f'{name if _LABEL.fullmatch(name) else _quoted(name)}="{quote(value)}"'
        for name, value in labels.items()
        if name != NAME
    ]
    plain = _PLAIN.fullmatch(labels.name) is not None
    if not plain:
        pairs.insert(0, _quoted(labels.name))
    return (labels.name if plain else "") + (f"{{{','.join(pairs)}}}" if pairs else "")


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _quoted(name)


def _quoted(name: str) -> str:
    return f'"{quote(name)}"'


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if value != value else repr(value)


def _seconds(t: int) -> str:
    """A time (ms) in seconds. Prometheus cuts what it is times 1,000; where that would be a millisecond less, a fifth
    of one is added."""
    sign, t = ("-", -t) if t < 0 else ("", t)
    text = f"{sign}{t // 1_000}.{t % 1_000:03d}" if t % 1_000 else f"{sign}{t // 1_000}"
    return text if int(float(text) * 1_000) == (-t if sign else t) else f"{text}2"
