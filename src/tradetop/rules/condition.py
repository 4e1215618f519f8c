"""The limit of an expression in words: `> 90` of `rate_limit_pct > 90`."""

from __future__ import annotations

from math import isfinite

from tradetop.promql.ast import parse
from tradetop.promql.nodes import TURNED, Binary, Kind, constant
from tradetop.rules.thresholds import number_text


def condition(expr: str) -> str:
    """The comparison that the expression ends with, such as `> 90`; "" where it is none with a number.

    Raises PromQLError where the expression cannot be read.
    """
    node = parse(expr)
    if not isinstance(node, Binary) or node.op not in TURNED or node.as_bool:
        return ""
    limit = constant(node.right)
    if limit is None or not isfinite(limit) or node.left.kind is not Kind.VECTOR:
        return ""
    return f"{node.op} {number_text(limit)}"
