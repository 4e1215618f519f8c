"""Pretences: the result that an alerting expression would give if the series it compares had a certain value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.ports import Querier
from tradetop.model.value import Vector
from tradetop.promql import PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import TURNED, Binary, Kind, Node, Number, constant, kind_of
from tradetop.promql.text import written

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Pretence:
    """What a value would mean to an expression."""

    fires: bool
    """Whether the expression would give a result; True also where it compares with no number."""
    labels: Labels = EMPTY
    """Labels of the series that is nearest to firing now, or fires; empty where none is known."""
    known: bool = False
    """Whether there is such a series."""
    limit: str = ""
    """What the value is compared with, such as "> 8"; "" where that is no number."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """`left op limit` within an expression."""

    left: Node
    op: str
    limit: float


def pretend(expr: str, value: float, querier: Querier, at: int) -> Pretence:
    """What `value` would mean to an alerting expression, with the labels that its series have at `at` (ms).

    Raises PromQLError where the expression cannot be read.
    """
    found = [_weighed(c, value, querier, at) for c in _comparisons(parse(expr))]
    if not found:
        labels = _first(querier, expr, at)
        return Pretence(True, labels or EMPTY, labels is not None)
    return max(found, key=lambda pretence: (pretence.known, pretence.fires))


def _weighed(comparison: _Comparison, value: float, querier: Querier, at: int) -> Pretence:
    labels = _first(querier, written(comparison.left), at, _COMPARISONS[comparison.op], comparison.limit)
    fires = _COMPARISONS[comparison.op](value, comparison.limit)
    return Pretence(fires, labels or EMPTY, labels is not None, f"{comparison.op} {written(Number(comparison.limit))}")


def _first(
    querier: Querier,
    expr: str,
    at: int,
    compare: Callable[[float, float], bool] | None = None,
    limit: float = 0.0,
) -> Labels | None:
    """Labels of one series of an expression: one that fires, else the nearest to the limit."""
    try:
        value = querier.instant(expr, at=at)
    except PromQLError:
        return None
    if not isinstance(value, Vector) or not value.samples:
        return None

    def distance(number: float) -> tuple[bool, float]:
        return compare is not None and not compare(number, limit), abs(number - limit)

    return min(value.samples, key=lambda sample: distance(sample.value)).labels.without(NAME)


def _comparisons(node: Node) -> Iterator[_Comparison]:
    """The comparisons with numbers that decide whether an expression has a result."""
    match node:
        case Binary(op="and" | "unless"):
            yield from _comparisons(node.left)
        case Binary(op="or"):
            yield from _comparisons(node.left)
            yield from _comparisons(node.right)
        case Binary() if node.op in _COMPARISONS and not node.as_bool:
            right, left = constant(node.right), constant(node.left)
            if right is not None and kind_of(node.left) is Kind.VECTOR:
                yield _Comparison(node.left, node.op, right)
            elif left is not None and kind_of(node.right) is Kind.VECTOR:
                yield _Comparison(node.right, TURNED[node.op], left)
