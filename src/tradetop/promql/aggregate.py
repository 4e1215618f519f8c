"""Aggregations: many series made one for each group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from tradetop.model.labels import NAME, Labels
from tradetop.promql.error import PromQLError
from tradetop.promql.names import keeping, without
from tradetop.promql.nodes import Aggregate
from tradetop.promql.numbers import average, deviation, exact_sum, format_value, greatest, least, quantile, variance
from tradetop.promql.run import Cell, Curve, Run
from tradetop.promql.xxh64 import label_hash

REDUCE: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": exact_sum,
    "avg": average,
    "min": least,
    "max": greatest,
    "count": len,
    "group": lambda _values: 1.0,
    "stddev": deviation,
    "stdvar": variance,
}

RATIO_UNITS = (1 << 64) - 1


def aggregate(node: Aggregate, run: Run) -> list[Curve]:
    """Evaluate an aggregation over the run's grid."""
    curves = run.vector(node.expr)
    groups: dict[Labels, list[Curve]] = {}
    part, names = (without, (NAME, *node.labels)) if node.without else (keeping, node.labels)
    for curve in curves:
        groups.setdefault(part(curve.labels, names), []).append(curve)
    match node.op:
        case "quantile":
            assert node.param is not None
            levels = run.scalar(node.param)
            return [_quantiles(labels, group, levels) for labels, group in groups.items()]
        case "count_values":
            assert node.param is not None
            return _count_values(groups, run.text(node.param), run)
        case "topk" | "bottomk" | "limitk" | "limit_ratio":
            assert node.param is not None
            return _Choice(node.op, run.scalar(node.param)).curves(list(groups.values()))
        case op:
            reduce = REDUCE[op]
            return [_reduced(labels, group, reduce) for labels, group in groups.items()]


def _unnamed(group: Sequence[Curve]) -> bool:
    return any(curve.unnamed for curve in group)


def _rows(group: Sequence[Curve]) -> list[list[float]]:
    """The values that are present, step by step."""
    return [[v for v in row if v is not None] for row in zip(*(c.values for c in group), strict=True)]


def _reduced(labels: Labels, group: list[Curve], reduce: Callable[[Sequence[float]], float]) -> Curve:
    values = [float(reduce(row)) if row else None for row in _rows(group)]
    return Curve(labels, values, _unnamed(group))


def _quantiles(labels: Labels, group: list[Curve], levels: list[float]) -> Curve:
    rows = zip(_rows(group), levels, strict=True)
    return Curve(labels, [quantile(level, row) if row else None for row, level in rows], _unnamed(group))


def _count_values(groups: dict[Labels, list[Curve]], name: str, run: Run) -> list[Curve]:
    if not name:
        raise PromQLError('invalid label name "" in count_values')
    out: dict[Labels, list[Cell]] = {}
    for labels, group in groups.items():
        for step, row in enumerate(_rows(group)):
            for value in row:
                key = labels.merged({name: format_value(value)})
                counts = out.get(key)
                if counts is None:
                    run.set.budget.spend(run.grid.count)
                    counts = out[key] = [None] * run.grid.count
                counts[step] = (counts[step] or 0.0) + 1.0
    # In a fixed order: which value came first depends on the grid.
    return [Curve(labels, counts, False) for labels, counts in sorted(out.items(), key=lambda item: str(item[0]))]


class _Choice:
    """Aggregations that let some of the series pass as they are."""

    def __init__(self, op: str, params: list[float]) -> None:
        self._op = op
        for param in params:
            if param != param:
                raise PromQLError(f"{'Ratio' if op == 'limit_ratio' else 'Parameter'} value is NaN")
            if op != "limit_ratio" and not -(2.0**63) <= param < 2.0**63:
                raise PromQLError(f"Scalar value {format_value(param)} {'over' if param > 0 else 'under'}flows int64")
        self._params = params

    def curves(self, groups: list[list[Curve]]) -> list[Curve]:
        """The chosen series; at an instant in the order of the choice."""
        out = []
        for group in groups:
            kept: dict[int, list[Cell]] = {}
            for step, param in enumerate(self._params):
                present = [i for i, curve in enumerate(group) if curve.values[step] is not None]
                for i in self._chosen(group, present, step, param):
                    kept.setdefault(i, [None] * len(self._params))[step] = group[i].values[step]
            out += [Curve(group[i].labels, values, group[i].unnamed) for i, values in kept.items()]
        return out

    def _chosen(self, group: list[Curve], present: list[int], step: int, param: float) -> list[int]:
        if self._op == "limit_ratio":
            return [i for i in present if _falls_within(group[i].labels, param)]
        count = min(int(param), len(present))
        if count < 1:
            return []
        if self._op == "limitk":
            return present[:count]
        sign = -1.0 if self._op == "topk" else 1.0

        def rank(i: int) -> tuple[bool, float]:
            value = group[i].values[step]
            assert value is not None
            return (value != value, 0.0 if value != value else sign * value)

        return sorted(present, key=rank)[:count]


def _falls_within(labels: Labels, ratio: float) -> bool:
    """Whether a series is among a stable share of all; a negative ratio takes the others (AddRatioSample)."""
    offset = _fraction(labels)
    ratio = max(-1.0, min(1.0, ratio))
    return (ratio >= 0 and offset < ratio) or (ratio < 0 and offset >= 1.0 + ratio)


@lru_cache(maxsize=8_192)
def _fraction(labels: Labels) -> float:
    """A number from 0 to 1 that follows from the label set alone, the same as in Prometheus."""
    return label_hash(dict(labels)) / RATIO_UNITS
