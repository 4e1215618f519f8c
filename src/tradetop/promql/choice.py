"""Aggregations that let some of the series pass as they are: topk, bottomk, limitk, limit_ratio."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tradetop.floats import format_general, format_value
from tradetop.model.labels import Labels
from tradetop.promql.error import PromQLError
from tradetop.promql.names import REMEMBERED
from tradetop.promql.nodes import Aggregate
from tradetop.promql.run import Cell, Curve, Run
from tradetop.promql.xxh64 import label_hash

RATIO_UNITS = (1 << 64) - 1

Entry = tuple[float, int]
"""A value, and which series has it."""


def choose(node: Aggregate, groups: Sequence[list[Curve]], run: Run) -> list[Curve]:
    """The chosen series of each group; at an instant in the order of the choice.

    Series alike are chosen in the order of their labels, so that a restart or another store changes nothing.
    """
    assert node.param is not None
    params = run.scalar(node.param)
    _check(node, params, run)
    out = []
    for unsorted in groups:
        group = sorted(unsorted, key=_order) if len(unsorted) > 1 else unsorted
        out += _chosen(node.op, group, params)
    return out


def _order(curve: Curve) -> tuple[tuple[str, str], ...]:
    return _pairs(curve.labels)


@lru_cache(maxsize=REMEMBERED)
def _pairs(labels: Labels) -> tuple[tuple[str, str], ...]:
    return tuple(labels.items())


def _check(node: Aggregate, params: Sequence[float], run: Run) -> None:
    assert node.param is not None
    for param in dict.fromkeys(params):
        if param != param:
            raise PromQLError(f"{'Ratio' if node.op == 'limit_ratio' else 'Parameter'} value is NaN")
        if node.op != "limit_ratio":
            if not -(2.0**63) <= param < 2.0**63:
                raise PromQLError(f"Scalar value {format_value(param)} {'over' if param > 0 else 'under'}flows int64")
        elif not -1 <= param <= 1:
            said = f"ratio value should be between -1 and 1, got {format_general(param)}, capping to "
            run.set.notes.warn(said + ("1" if param > 0 else "-1"), node.param.place)


def _chosen(op: str, group: list[Curve], params: Sequence[float]) -> list[Curve]:
    kept: dict[int, list[Cell]] = {}
    if op == "limit_ratio":
        fractions = [_fraction(curve.labels) for curve in group]
    for step, row in enumerate(zip(*(curve.values for curve in group), strict=True)):
        param = params[step]
        present = [(v, i) for i, v in enumerate(row) if v is not None]
        if op == "limit_ratio":
            chosen = [entry for entry in present if _falls_within(fractions[entry[1]], param)]
        elif op == "limitk":
            chosen = present[: max(0, int(param))]
        else:
            chosen = best(present, int(param), largest=op == "topk")
        for value, i in chosen:
            if i not in kept:
                kept[i] = [None] * len(params)
            kept[i][step] = value
    return [Curve(group[i].labels, values, group[i].unnamed) for i, values in kept.items()]


def best(entries: Sequence[Entry], size: int, *, largest: bool) -> list[Entry]:
    """The largest, or smallest, so many entries, the best first; NaN is the worst.

    Which of equals stay is what Prometheus' heap makes of it (engine.go, aggregationK): an entry that is better than
    the worst takes its place, and sinks only where it must.
    """
    if size < 1:
        return []
    sign = 1.0 if largest else -1.0
    heap: list[Entry] = []
    for value, i in entries:
        value *= sign
        if len(heap) < size:
            heap.append((value, i))
            _rise(heap)
        elif heap[0][0] < value or (heap[0][0] != heap[0][0] and value == value):
            heap[0] = (value, i)
            _sink(heap)
    # Prometheus sorts this heap from its end on; what is alike stays in the heap's order.
    heap.sort(key=lambda entry: (entry[0] != entry[0], -entry[0] if entry[0] == entry[0] else 0.0))
    return [(value * sign, i) for value, i in heap]


def _worse(one: Entry, other: Entry) -> bool:
    return one[0] != one[0] or one[0] < other[0]


def _rise(heap: list[Entry]) -> None:
    """Go's heap.Push, once the entry is at the end."""
    at = len(heap) - 1
    while at and _worse(heap[at], heap[above := (at - 1) // 2]):
        heap[at], heap[above] = heap[above], heap[at]
        at = above


def _sink(heap: list[Entry]) -> None:
    """Go's heap.Fix of the first entry."""
    at, size = 0, len(heap)
    while (below := 2 * at + 1) < size:
        if below + 1 < size and _worse(heap[below + 1], heap[below]):
            below += 1
        if not _worse(heap[below], heap[at]):
            break
        heap[at], heap[below] = heap[below], heap[at]
        at = below


def _falls_within(offset: float, ratio: float) -> bool:
    """Whether a series is among a stable share of all; a negative ratio takes the others (AddRatioSample)."""
    ratio = max(-1.0, min(1.0, ratio))
    return (ratio >= 0 and offset < ratio) or (ratio < 0 and offset >= 1.0 + ratio)


@lru_cache(maxsize=REMEMBERED)
def _fraction(labels: Labels) -> float:
    """A number from 0 to 1 that follows from the label set alone, the same as in Prometheus."""
    return label_hash(dict(labels)) / RATIO_UNITS
