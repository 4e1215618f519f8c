"""Check: the base name of a histogram or summary, which is the name of no series."""

from __future__ import annotations

from dataclasses import replace

from tradetop.doctor.knowledge import Knowledge
from tradetop.doctor.names import renamed
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.clock import MINUTE
from tradetop.promql.nodes import Binary, Call, Kind, Matching, Node, Number, Range, Selector

PARTS = ("_bucket", "_sum", "_count")
WINDOW = 5 * MINUTE
"""Over which a suggestion looks (ms)."""


def is_base(name: str, known: Knowledge) -> bool:
    """Whether a name is that of a histogram or summary, whose series all have endings."""
    if name in known.series:
        return False
    said = known.declared.get(name)
    if said is not None and said.type == "histogram":
        return True
    there = [part for part in PARTS if name + part in known.series]
    return len(there) > 1 or (said is not None and said.type == "summary" and bool(there))


def base(node: Selector, name: str, known: Knowledge) -> Finding:
    """The finding, with a quantile, or else the mean, in place of the name."""
    histogram = f"{name}_bucket" in known.names
    window = Range(node, WINDOW)
    new = _p95(name, window) if histogram else mean_of(name, window)
    sort = "histogram" if histogram else "summary"
    return Finding(Check.BASE, f"{name} is the base name of a {sort}: no series is called so", node, new)


def mean_of(stem: str, window: Range) -> Node:
    """`rate(stem_sum[..]) / rate(stem_count[..])`, with the matchers and the span of a range."""
    total, count = (_rate(stem + part, window) for part in ("_sum", "_count"))
    return Binary("/", total, count, Matching(), False, Kind.VECTOR)


def _p95(stem: str, window: Range) -> Node:
    return Call("histogram_quantile", (Number(0.95), _rate(f"{stem}_bucket", window)), Kind.VECTOR)


def _rate(name: str, window: Range) -> Node:
    return Call("rate", (replace(window, selector=renamed(window.selector, name)),), Kind.VECTOR)
