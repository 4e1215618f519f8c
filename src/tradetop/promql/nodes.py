"""Expressions as the evaluator sees them: small, frozen, and free of the parser they came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import ClassVar

from tradetop.model.matcher import Matcher


class Kind(Enum):
    """What an expression gives at each step, in Prometheus' words: every node's `kind`."""

    SCALAR = "scalar"
    STRING = "string"
    VECTOR = "instant vector"
    MATRIX = "range vector"


class Edge(Enum):
    """A time that `@` takes from the query itself."""

    START = "start()"
    END = "end()"


At = int | Edge | None
"""What `@` fixes the evaluation time to (ms)."""


class Reach(Enum):
    """How far a selector looks beyond its window, in Prometheus' words."""

    WINDOW = ""
    ANCHORED = "anchored"
    """Back to the last sample before the window."""
    SMOOTHED = "smoothed"
    """To the samples on both sides, between which values at the window's ends are interpolated."""


Place = tuple[int, int]
"""Where in the query's text something stands: its first character, and the one after its last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What an expression of any kind has: its place, by which two that say the same do not differ."""

    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number(Placed):
    """A number."""

    kind: ClassVar[Kind] = Kind.SCALAR
    value: float


@dataclass(frozen=True, slots=True)
class Text(Placed):
    """A quoted text."""

    kind: ClassVar[Kind] = Kind.STRING
    value: str


@dataclass(frozen=True, slots=True)
class Selector(Placed):
    """The newest sample of every matching series; the metric name is a matcher like the others."""

    kind: ClassVar[Kind] = Kind.VECTOR
    matchers: tuple[Matcher, ...]
    offset: int = 0
    at: At = None
    reach: Reach = Reach.WINDOW
    shift: Node | None = None
    """The offset as an expression, where only the query's own times give a value to it; then `offset` is 0."""
    plus: bool = field(default=False, compare=False, repr=False)
    """A plus stands before it: its samples are no longer those of a plain selector to who asks for their own times."""


@dataclass(frozen=True, slots=True)
class Range(Placed):
    """The samples of every matching series within `span` (ms)."""

    kind: ClassVar[Kind] = Kind.MATRIX
    selector: Selector
    span: int
    length: Node | None = None
    """The span as an expression, like a selector's `shift`; then `span` is 0."""


@dataclass(frozen=True, slots=True)
class Subquery(Placed):
    """An expression evaluated at every `step` (ms; None for the default) within `span` (ms)."""

    kind: ClassVar[Kind] = Kind.MATRIX
    expr: Node
    span: int
    step: int | None
    offset: int = 0
    at: At = None
    length: Node | None = None
    """The span as an expression, like a selector's `shift`; then `span` is 0."""
    every: Node | None = None
    """The step as an expression."""
    shift: Node | None = None


@dataclass(frozen=True, slots=True)
class Negative(Placed):
    """A minus sign before an expression."""

    expr: Node

    @property
    def kind(self) -> Kind:
        """What the expression gives."""
        return self.expr.kind


@dataclass(frozen=True, slots=True)
class Call(Placed):
    """A function applied to its arguments."""

    name: str
    args: tuple[Node, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Aggregate(Placed):
    """Many series made one for each group."""

    kind: ClassVar[Kind] = Kind.VECTOR
    op: str
    expr: Node
    param: Node | None
    labels: tuple[str, ...]
    without: bool


class Side(Enum):
    """Which side of a binary operation may have many series for one match."""

    NONE = "one-to-one"
    LEFT = "group_left"
    RIGHT = "group_right"


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors find each other."""

    on: bool = False
    """The labels are those that must agree (`on`), else those that need not (`ignoring`)."""
    labels: tuple[str, ...] = ()
    many: Side = Side.NONE
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None


@dataclass(frozen=True, slots=True)
class Binary(Placed):
    """Two expressions and the operator between them."""

    op: str
    left: Node
    right: Node
    matching: Matching
    as_bool: bool
    kind: Kind


Node = Number | Text | Selector | Range | Subquery | Negative | Call | Aggregate | Binary


def children(node: Node) -> tuple[Node, ...]:
    """The expressions directly within an expression."""
    match node:
        case Range():
            return (node.selector,)
        case Subquery() | Negative():
            return (node.expr,)
        case Call(name="info"):
            # What it joins is told by matchers, and is no expression of its own.
            return node.args[:1]
        case Call():
            return node.args
        case Aggregate():
            return (node.expr,) if node.param is None else (node.param, node.expr)
        case Binary():
            return (node.left, node.right)
        case _:
            return ()


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """An expression with those directly within it changed; a window stays as it is where it would lose its selector."""
    match node:
        case Range():
            selector = change(node.selector)
            return replace(node, selector=selector) if isinstance(selector, Selector) else node
        case Subquery() | Negative():
            return replace(node, expr=change(node.expr))
        case Call():
            return replace(node, args=tuple(map(change, node.args)))
        case Aggregate():
            return replace(node, expr=change(node.expr), param=None if node.param is None else change(node.param))
        case Binary():
            return replace(node, left=change(node.left), right=change(node.right))
        case _:
            return node


def depends_on_grid(node: Node) -> bool:
    """Whether a step once evaluated may change with later samples or another grid: `@`, a look ahead, step()."""
    match node:
        case Selector():
            ahead = node.offset < 0 or node.shift is not None or node.reach is Reach.SMOOTHED
            return ahead or node.at is not None
        case Range():
            return node.length is not None
        case Subquery():
            worked_out = node.length or node.every or node.shift
            return node.at is not None or node.offset < 0 or worked_out is not None
        case Call():
            return node.name in GRID_FUNCTIONS
        case _:
            return False


def walk(node: Node) -> list[Node]:
    """An expression and everything within it."""
    found = [node]
    for each in found:
        found.extend(children(each))
    return found


def constant(node: Node) -> float | None:
    """The number that an expression is whatever the data: `90`, `-500`, `0.8 * 25`; None where data decides it."""
    match node:
        case Number(value=value):
            return value
        case Negative(expr=expr):
            inner = constant(expr)
            return None if inner is None else -inner
        case Binary(op="*" | "+" | "-" | "/" as op, left=left, right=right):
            one, other = constant(left), constant(right)
            if one is None or other is None or (op == "/" and not other):
                return None
            return {"*": one * other, "+": one + other, "-": one - other, "/": one / (other or 1.0)}[op]
    return None


GRID_FUNCTIONS = frozenset({"start", "end", "range", "step"})

TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
"""The comparisons, and what each is when its sides change places."""
