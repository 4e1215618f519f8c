"""Explaining: an expression part by part, each evaluated as the engine would evaluate it alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tradetop.model.explanation import Element, Gives, Part
from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.text import clean
from tradetop.promql.binary import COMPARISONS, binary
from tradetop.promql.engine import Engine, checked
from tradetop.promql.error import PromQLError
from tradetop.promql.evaluate import evaluate
from tradetop.promql.names import named, nameless
from tradetop.promql.nodes import (
    Aggregate,
    Binary,
    Call,
    Kind,
    Negative,
    Node,
    Number,
    Range,
    Selector,
    Subquery,
    Text,
    children,
)
from tradetop.promql.run import Curve, Result, Run, as_scalar, as_vector
from tradetop.promql.select import stamps, window_times, window_values, windows
from tradetop.promql.text import written
from tradetop.promql.times import moments
from tradetop.promql.why import why

PARTS = 64
"""Parts of an expression at most."""
ELEMENTS = 32
"""Series of a part at most."""
LONGEST = 1_000
"""Characters of a part's text at most."""

_GIVES = {Kind.SCALAR: Gives.SCALAR, Kind.STRING: Gives.TEXT, Kind.VECTOR: Gives.VECTOR, Kind.MATRIX: Gives.RANGE}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_FLAT = frozenset(["and", "or", "+", "*"])
"""Operators whose chains are read as one."""


def explain(engine: Engine, expr: str, at: int, *, first: Labels = EMPTY) -> Part:
    """The expression at `at` (ms), part by part; series that agree with the labels `first` come first.

    A part that cannot be worked out says why, and the others go on. PromQLError for what cannot be read.
    """
    return _Explainer(first).part(checked(expr), engine.run(at, _Memory().visit), falling=False)


class _Memory:
    """Evaluates every node once, though it is a part by itself and within others."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, range], Result] = {}
        """By the node's identity: the expression outlives this."""

    def visit(self, node: Node, run: Run) -> Result:
        """What the node gives; over more than one step, as within a subquery, nothing is kept."""
        times = run.grid.times
        if len(times) > 1:
            return evaluate(node, run)
        known = self._kept.get((id(node), times))
        if known is None:
            known = self._kept[id(node), times] = self._evaluate(node, run)
        return known

    def _evaluate(self, node: Node, run: Run) -> Result:
        """A chain of operators goes on from what is known of its left end."""
        left = self._kept.get((id(node.left), run.grid.times)) if isinstance(node, Binary) else None
        return binary(node, left, run) if isinstance(node, Binary) and left is not None else evaluate(node, run)


class _Explainer:
    """Goes through one expression; it stops where there are too many parts."""

    def __init__(self, first: Labels) -> None:
        self._first = first
        self._left = PARTS

    def part(self, node: Node, run: Run, *, falling: bool) -> Part:
        """One node and what lies within it; `falling` says that the lowest values tell the most."""
        whole = self._left == PARTS
        self._left -= 1
        op, against = _comparison(node)
        falling = op in ("<", "<=") if op else falling
        within = [each for each in _operands(node) if not isinstance(each, Number | Text)]
        inner = _within(node, run)
        # What has been gone through counts, so that this is asked anew for each.
        parts = [self.part(each, inner, falling=falling) for each in within if self._left > 0]
        part = Part(
            text=clean(written(node), LONGEST),
            gives=_GIVES[node.kind],
            op=op or _op(node),
            leaf=isinstance(node, Selector | Range),
            parts=tuple(parts),
            cut=len(within) - len(parts),
        )
        try:
            found = self._ordered(_elements(node, run, whole=whole), falling)
            part = replace(part, elements=tuple(found[:ELEMENTS]), more=len(found[ELEMENTS:]))
            part = replace(part, empty=None if found else why(node, parts, run))
            return part if against is None else _judged(part, node, against, run)
        except (PromQLError, ArithmeticError) as error:
            return replace(part, problem=clean(str(error), LONGEST))

    def _ordered(self, found: Iterable[Element], falling: bool) -> list[Element]:
        """Those that agree with what is asked about, then the telling ones; what is no number comes last."""
        sign = 1.0 if falling else -1.0

        def place(of: Element) -> tuple[bool, bool, float, str]:
            nothing = of.value != of.value
            return not agree(of.labels, self._first), nothing, 0.0 if nothing else sign * of.value, str(of.labels)

        return sorted(found, key=place)


def agree(mine: Labels, theirs: Labels) -> bool:
    """Whether two label sets say nothing different of any label but the name."""
    return all(theirs.get(name, value) == value for name, value in mine.items() if name != NAME)


def _operands(node: Node) -> Sequence[Node]:
    """What a node is made of: of a chain such as `a or b or c` all of it, of what selects series nothing."""
    if isinstance(node, Range):
        return ()
    if not isinstance(node, Binary) or node.op not in _FLAT:
        return children(node)
    found = [node.right]
    left = node.left
    while isinstance(left, Binary) and (left.op, left.matching) == (node.op, node.matching):
        found.append(left.right)
        left = left.left
    return [left, *reversed(found)]


def _within(node: Node, run: Run) -> Run:
    """The run for what lies within a node: a subquery may look at another time."""
    if not isinstance(node, Subquery) or (not node.offset and node.shift is None and node.at is None):
        return run
    return Run(run.set, moments(node, run)[0])


def _comparison(node: Node) -> tuple[str, Node | None]:
    """A comparison's operator and what it compares with, turned round where the one number stands on the left."""
    if not isinstance(node, Binary) or node.op not in COMPARISONS:
        return "", None
    if node.left.kind is Kind.SCALAR and node.right.kind is Kind.VECTOR:
        return _TURNED.get(node.op, node.op), node.left
    return node.op, node.right


def _op(node: Node) -> str:
    match node:
        case Call():
            return node.name
        case Aggregate() | Binary():
            return node.op
        case Negative():
            return "-"
    return ""


def _elements(node: Node, run: Run, *, whole: bool) -> Iterable[Element]:
    """What a node gives at the run's one step; ranges their newest samples."""
    now = run.grid.times[0]
    match node.kind:
        case Kind.STRING:
            return ()
        case Kind.MATRIX:
            return _ranges(node, run)
        case Kind.SCALAR:
            return [Element(EMPTY, as_scalar(run.set.visit(node, run))[0], now)]
    curves = as_vector(run.set.visit(node, run))
    if isinstance(node, Selector):
        times = [round((curve.values[0] or 0.0) * 1_000) for curve in stamps(node, run)]
        return [_element(curve, t) for curve, t in zip(curves, times, strict=True)]
    # Names that are to go in the end may still tell series of a part from each other.
    found = named(curves) if whole else curves
    return [_element(curve, now) for curve in found if curve.values[0] is not None]


def _element(curve: Curve, t: int) -> Element:
    value = curve.values[0]
    assert value is not None, "a curve has a value somewhere, and there is but one step"
    return Element(nameless(curve.labels) if curve.unnamed else curve.labels, value, t)


def _ranges(node: Node, run: Run) -> list[Element]:
    found = windows(node, run)
    elements = []
    for column in found.columns:
        stale = run.marks(column).stale
        low, high = run.bounds(column.times, found.refs, found.span)
        run.set.budget.spend(high[0] - low[0])
        values = window_values(column, low[0], high[0], stale)
        if values:
            times = window_times(column, low[0], high[0], stale)
            elements.append(Element(column.labels, values[-1], times[-1], len(values)))
    return elements


def _judged(part: Part, node: Node, against: Node, run: Run) -> Part:
    """A comparison with whether it holds for any series, and the number it compares with where there is but one."""
    holds = any(element.value != 0 for element in part.elements) if _says_so(node) else bool(part.elements)
    part = replace(part, holds=holds)
    if not any(each.gives is Gives.VECTOR for each in part.parts):
        return part
    result = run.set.visit(against, run)
    if against.kind is Kind.SCALAR:
        return replace(part, limit=as_scalar(result)[0])
    values = [curve.values[0] for curve in as_vector(result)]
    return replace(part, limit=values[0]) if len(values) == 1 else part


def _says_so(node: Node) -> bool:
    """Whether a comparison gives 0 or 1 for each series in place of those that it holds for."""
    return isinstance(node, Binary) and (node.as_bool or node.kind is Kind.SCALAR)
