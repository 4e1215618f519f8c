"""What a query says beside its result: warnings and infos, in Prometheus' words (util/annotations/annotations.go)."""

from __future__ import annotations

from tradetop.model.text import clean
from tradetop.promql.nodes import Place

MOST = 10
"""Notes of a kind that a result has; of more it says how many there are."""

KEPT = 1_000
"""Notes of a kind that are kept at all."""

LONGEST = 500
"""Longest text of a note, in characters: names come from outside."""

COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")

MONOTONIC = (
    "input to histogram_quantile needed to be fixed for monotonicity "
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)
NO_COUNTER = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket:"
SORTED = "sort is ineffective for range queries since results are always ordered by labels"


class Notes:
    """The notes of one query, each once."""

    __slots__ = ("_infos", "_warnings")

    def __init__(self) -> None:
        self._warnings: dict[str, Place] = {}
        self._infos: dict[str, Place] = {}

    def __bool__(self) -> bool:
        return bool(self._warnings or self._infos)

    def warn(self, text: str, place: Place) -> None:
        """Say what makes the result doubtful."""
        _keep(self._warnings, f"PromQL warning: {text}", place)

    def inform(self, text: str, place: Place) -> None:
        """Say what may make the query a wrong one."""
        _keep(self._infos, f"PromQL info: {text}", place)

    def warnings(self, query: str) -> tuple[str, ...]:
        """The warnings with their line and column in the query's text, in order."""
        return _listed(self._warnings, query, "warning")

    def infos(self, query: str) -> tuple[str, ...]:
        """The infos, likewise."""
        return _listed(self._infos, query, "info")


def _keep(notes: dict[str, Place], text: str, place: Place) -> None:
    # As in Prometheus the last place that gives a note is the one that is told.
    text = clean(text, LONGEST)
    if text in notes or len(notes) < KEPT:
        notes[text] = place


def _listed(notes: dict[str, Place], query: str, kind: str) -> tuple[str, ...]:
    texts = sorted(text + _position(query, place) for text, place in notes.items())
    if len(texts) > MOST:
        texts[MOST:] = [f"{len(texts) - MOST} more {kind} annotations omitted"]
    return tuple(texts)


def _position(query: str, place: Place) -> str:
    """Line and column of an expression; nothing where its place is not known."""
    start, end = place
    if not end:
        return ""
    line = query.count("\n", 0, start) + 1
    return f" ({line}:{start - query.rfind(chr(10), 0, start)})"


def quoted(value: str) -> str:
    """A name as Go's %q writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def of_metric(text: str, name: str) -> str:
    """A note that names the metric, where it has a name."""
    return f"{text} for metric name {quoted(name)}" if name else text
