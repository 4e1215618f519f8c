"""Functions that change what a value is or in which order series stand: absent, scalar, vector, sort."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.matcher import MatchOp
from tradetop.promql.functions.signature import Function
from tradetop.promql.nodes import Call, Node, Range, Selector
from tradetop.promql.run import Cell, Curve, Result, Run
from tradetop.promql.select import window_values, windows

_DIGITS = re.compile(r"((?<![0-9])[0-9]{1,18}(?![0-9]))")
"""Numbers as Go counts them; longer ones are text."""


def _absent_labels(node: Node) -> Labels:
    """The labels that a selector fixes to one value (functions.go, createLabelsForAbsentFunction)."""
    selector = node.selector if isinstance(node, Range) else node
    if not isinstance(selector, Selector) or selector.plus:
        return EMPTY
    fixed: dict[str, str] = {}
    taken: set[str] = set()
    for matcher in selector.matchers:
        if matcher.name == NAME:
            continue
        if matcher.op is MatchOp.EQUAL and matcher.name not in taken:
            fixed[matcher.name] = matcher.value
            taken.add(matcher.name)
        else:
            fixed.pop(matcher.name, None)
    return Labels(fixed)


def _absence(labels: Labels, present: Sequence[bool]) -> list[Curve]:
    return [] if all(present) else [Curve(labels, [None if here else 1.0 for here in present], True)]


def _absent(call: Call, run: Run) -> Result:
    present = [False] * run.grid.count
    for curve in run.vector(call.args[0]):
        present = [p or v is not None for p, v in zip(present, curve.values, strict=True)]
    return _absence(_absent_labels(call.args[0]), present)


def _absent_over_time(call: Call, run: Run) -> Result:
    found = windows(call.args[0], run)
    present = [False] * len(found.refs)
    for column in found.columns:
        stale = run.marks(column).stale
        low, high = run.bounds(column.times, found.refs, found.span)
        present = [p or bool(window_values(column, a, b, stale)) for p, a, b in zip(present, low, high, strict=True)]
    return _absence(_absent_labels(call.args[0]), present * found.repeat)


def _scalar(call: Call, run: Run) -> Result:
    rows = [c.values for c in run.vector(call.args[0])]
    out = []
    for step in range(run.grid.count):
        present = [v for values in rows if (v := values[step]) is not None]
        out.append(present[0] if len(present) == 1 else math.nan)
    return out


def _vector(call: Call, run: Run) -> Result:
    values: list[Cell] = list(run.scalar(call.args[0]))
    return [Curve(EMPTY, values, True)]


def _sorted(sign: float) -> Function:
    """By value at the first step: only an instant query has an order. NaN comes last."""

    def rank(curve: Curve) -> tuple[bool, float]:
        value = curve.values[0]
        return (True, 0.0) if value is None or value != value else (False, sign * value)

    return lambda call, run: sorted(run.vector(call.args[0]), key=rank)


def _sorted_by_label(*, descending: bool) -> Function:
    """By the named labels in natural order, then by all labels."""

    def sort(call: Call, run: Run) -> Result:
        names = [run.text(arg) for arg in call.args[1:]]

        def rank(curve: Curve) -> tuple[list[_Natural], list[tuple[str, str]]]:
            return [_natural(curve.labels.get(name, "")) for name in names], list(curve.labels.items())

        return sorted(run.vector(call.args[0]), key=rank, reverse=descending)

    return sort


_Natural = tuple[tuple[str, int, str], ...]


def _natural(text: str) -> _Natural:
    """Numbers within a text compare as numbers with each other, and by their digits with anything else."""
    parts = _DIGITS.split(text)
    return tuple(("0", int(p), p) if i % 2 else (p, 0, "") for i, p in enumerate(parts) if p)


FUNCTIONS: dict[str, Function] = {
    "absent": _absent,
    "absent_over_time": _absent_over_time,
    "scalar": _scalar,
    "sort": _sorted(1.0),
    "sort_by_label": _sorted_by_label(descending=False),
    "sort_by_label_desc": _sorted_by_label(descending=True),
    "sort_desc": _sorted(-1.0),
    "vector": _vector,
}
