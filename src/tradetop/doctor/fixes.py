"""Corrected lines: what the findings put in place of parts of an expression."""

from __future__ import annotations

from collections.abc import Iterable

from tradetop.doctor.verdict import Finding
from tradetop.promql.nodes import Node, rebuilt, walk


def fixed(node: Node, findings: Iterable[Finding]) -> Node:
    """The expression with all that the findings would put in place; the outermost parts first."""
    wanted = [(f.old, f.new) for f in findings if f.old is not None and f.new is not None]
    for old, new in sorted(wanted, key=lambda pair: -len(walk(pair[0]))):
        node = replaced(node, old, new)
    return node


def replaced(node: Node, old: Node, new: Node) -> Node:
    """The expression with every part that equals `old` made `new`."""
    return new if node == old else rebuilt(node, lambda part: replaced(part, old, new))
