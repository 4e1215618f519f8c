"""Aggregations: many series made one for each group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tradetop.floats import format_value
from tradetop.model.labels import NAME, Labels
from tradetop.promql.choice import choose
from tradetop.promql.error import PromQLError
from tradetop.promql.names import keeping, without
from tradetop.promql.nodes import Aggregate
from tradetop.promql.numbers import average, deviation, exact_sum, greatest, least, quantile, variance
from tradetop.promql.run import Cell, Curve, Run

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

WHOLE = frozenset({"sum", "avg", "min", "max", "stddev", "stdvar"})
"""Those that refuse a gap among their values: gaps are looked for only then."""


def aggregate(node: Aggregate, run: Run) -> list[Curve]:
    """Evaluate an aggregation over the run's grid."""
    curves = run.vector(node.expr)
    if node.op == "count_values":
        return _count_values(node, curves, run)
    groups: dict[Labels, list[Curve]] = {}
    part, names = (without, (NAME, *node.labels)) if node.without else (keeping, node.labels)
    for curve in curves:
        groups.setdefault(part(curve.labels, names), []).append(curve)
    match node.op:
        case "quantile":
            assert node.param is not None
            levels = run.scalar(node.param)
            run.warn_of_quantiles(levels, node.param)
            return [_quantiles(labels, group, levels) for labels, group in groups.items()]
        case "topk" | "bottomk" | "limitk" | "limit_ratio":
            return choose(node, list(groups.values()), run)
        case op:
            return [_reduced(labels, group, op) for labels, group in groups.items()]


def _unnamed(group: Sequence[Curve]) -> bool:
    return any(curve.unnamed for curve in group)


def _rows(group: Sequence[Curve]) -> list[list[float]]:
    """The values that are present, step by step."""
    return [[v for v in row if v is not None] for row in zip(*(c.values for c in group), strict=True)]


def _reduced(labels: Labels, group: list[Curve], op: str) -> Curve:
    reduce = REDUCE[op]
    if op in WHOLE:
        values = [_of_row(row, reduce) for row in zip(*(c.values for c in group), strict=True)]
    else:
        values = [float(reduce(row)) if row else None for row in _rows(group)]
    return Curve(labels, values, _unnamed(group))


def _of_row(row: Sequence[Cell], reduce: Callable[[Sequence[float]], float]) -> Cell:
    try:
        return float(reduce(row))  # type: ignore[arg-type]
    except TypeError:
        there = [v for v in row if v is not None]
        return float(reduce(there)) if there else None


def _quantiles(labels: Labels, group: list[Curve], levels: list[float]) -> Curve:
    rows = zip(_rows(group), levels, strict=True)
    return Curve(labels, [quantile(level, row) if row else None for row, level in rows], _unnamed(group))


def _count_values(node: Aggregate, curves: Sequence[Curve], run: Run) -> list[Curve]:
    """How many series have each value: it becomes a label before the others are grouped."""
    assert node.param is not None
    name = run.text(node.param)
    if not name:
        raise PromQLError('invalid label name "" in count_values')
    out: dict[Labels, list[Cell]] = {}
    for curve in curves:
        # A label that the value is written over is none to group by.
        rest = curve.labels.without(NAME, *node.labels) if node.without else curve.labels.keeping(*node.labels)
        dropped = node.without and name in (NAME, *node.labels)
        for step, value in enumerate(curve.values):
            if value is None:
                continue
            key = rest if dropped else rest.merged({name: format_value(value)})
            counts = out.get(key)
            if counts is None:
                run.set.budget.spend(run.grid.count)
                counts = out[key] = [None] * run.grid.count
            counts[step] = (counts[step] or 0.0) + 1.0
    # In a fixed order: which value came first depends on the grid.
    return [Curve(labels, counts, False) for labels, counts in sorted(out.items(), key=lambda item: str(item[0]))]
