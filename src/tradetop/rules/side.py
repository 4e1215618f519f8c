"""The side of a rule's limit on which the trouble lies."""

from __future__ import annotations

from functools import lru_cache

from tradetop.model.panel import Side
from tradetop.promql.ast import parse
from tradetop.promql.error import PromQLError
from tradetop.promql.nodes import Binary, Kind, Negative, Node

_ABOVE = {">": True, ">=": True, "<": False, "<=": False}
_COMPARISONS = frozenset({*_ABOVE, "==", "!="})
_OTHER = {Side.ABOVE: Side.BELOW, Side.BELOW: Side.ABOVE}


@lru_cache(maxsize=1_024)
def limit_side(expr: str) -> Side | None:
    """Where the values of an alerting expression get worse: `x > 8` above, `8 > x` below.

    None where it has no such side (`up == 0`, `absent(x)`, `0 < x < 5`), or cannot be read.
    """
    try:
        return _side(parse(expr))
    except PromQLError:
        return None


def _side(node: Node) -> Side | None:
    match node:
        case Binary(op="and" | "unless"):
            # The value is that of the left one: `x > 8 and on() y < 3`.
            return _side(node.left)
        case Binary(op="or"):
            left, right = _side(node.left), _side(node.right)
            return left if left is right else None
        case Binary() if node.op in _ABOVE and not _compares(node.left) and not node.as_bool:
            constant = node.left.kind is Kind.SCALAR
            return Side.ABOVE if _ABOVE[node.op] is not constant else Side.BELOW
        case Negative():
            found = _side(node.expr)
            return None if found is None else _OTHER[found]
        case _:
            return None


def _compares(node: Node) -> bool:
    return isinstance(node, Binary) and node.op in _COMPARISONS
