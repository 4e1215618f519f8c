"""Corrected lines: what the findings put in place of parts of an expression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tradetop.doctor.verdict import Finding
from tradetop.promql.nodes import Aggregate, Binary, Call, Negative, Node, Range, Selector, Subquery, walk


def fixed(node: Node, findings: Iterable[Finding]) -> Node:
    """The expression with all that the findings would put in place; the outermost parts first."""
    wanted = [(f.old, f.new) for f in findings if f.old is not None and f.new is not None]
    for old, new in sorted(wanted, key=lambda pair: -len(walk(pair[0]))):
        node = replaced(node, old, new)
    return node


def replaced(node: Node, old: Node, new: Node) -> Node:
    """The expression with every part that equals `old` made `new`."""
    if node == old:
        return new
    match node:
        case Range():
            selector = replaced(node.selector, old, new)
            return replace(node, selector=selector) if isinstance(selector, Selector) else node
        case Subquery() | Negative():
            return replace(node, expr=replaced(node.expr, old, new))
        case Call():
            return replace(node, args=tuple(replaced(arg, old, new) for arg in node.args))
        case Aggregate():
            param = None if node.param is None else replaced(node.param, old, new)
            return replace(node, expr=replaced(node.expr, old, new), param=param)
        case Binary():
            return replace(node, left=replaced(node.left, old, new), right=replaced(node.right, old, new))
        case _:
            return node
