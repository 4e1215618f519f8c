"""Durations that are worked out: `[5m * 2]`, `offset (1h / 2)`, `[max(step(), 1m)]`."""

from __future__ import annotations

import math

from tradetop.promql.binary import ARITHMETIC
from tradetop.promql.cursor import Cursor
from tradetop.promql.error import PromQLError
from tradetop.promql.fault import FaultError
from tradetop.promql.literals import LONGEST
from tradetop.promql.nodes import Binary, Call, Kind, Matching, Negative, Node, Number

EXPECTED = "a duration such as 5m"
NESTING = 50
"""Brackets within brackets of a duration."""

SUMS = 100
"""Operators that all durations of a query may have."""

_STRENGTH = {"+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "^": 7}
_UNARY = 6
_PLAIN = Matching()

Length = int | Node
"""Milliseconds, or an expression that only the query's own times give a value to."""


def span(cursor: Cursor) -> Length:
    """Pass the length of a window or a step: at least a millisecond."""
    if cursor.kind in ("duration", "number") and cursor.ahead() in ("]", ":"):
        # What nearly every window is, and the fastest to tell.
        at = cursor.at
        return _positive(_milliseconds(cursor.number(), at), at)
    at = cursor.at
    found = _settled(_sum(cursor, 0, 0), at)
    return _positive(found, at) if isinstance(found, int) else found


def shift(cursor: Cursor) -> Length:
    """Pass what follows `offset`: a signed duration, or an expression in brackets."""
    at = cursor.at
    negative = cursor.kind == "-"
    if cursor.kind in ("-", "+"):
        cursor.advance()
    node = _operand(cursor, 0)
    return _settled(Negative(node) if negative else node, at)


def _positive(length: int, at: int) -> int:
    if length < 1:
        raise FaultError("a range or step must be at least 1ms", at)
    return length


def _sum(cursor: Cursor, least: int, depth: int) -> Node:
    """Operators that bind at least as strongly as asked."""
    if depth > NESTING:
        raise FaultError(f"a duration is nested more than {NESTING} deep", cursor.at)
    if cursor.kind in ("-", "+"):
        negative = cursor.kind == "-"
        cursor.advance()
        inner = _sum(cursor, _UNARY, depth + 1)
        left: Node = Negative(inner) if negative else inner
    else:
        left = _operand(cursor, depth)
    while (strength := _STRENGTH.get(cursor.kind, -1)) >= least:
        op, at = cursor.kind, cursor.at
        cursor.sums += 1
        if cursor.sums > SUMS:
            raise FaultError(f"durations have more than {SUMS} operators", at)
        cursor.advance()
        right = _sum(cursor, strength + (op != "^"), depth + 1)
        if op in ("/", "%") and isinstance(right, Number) and not right.value:
            raise FaultError("a division by zero", at)
        left = Binary(op, left, right, _PLAIN, False, Kind.SCALAR)
    return left


_OF = {"min_of": "min", "max_of": "max"}


def _operand(cursor: Cursor, depth: int) -> Node:
    """A number of seconds, a duration, a function of durations, or a sum in brackets."""
    # In later versions they are called as the functions of scalars are.
    kind = _OF.get(cursor.said.lower(), cursor.kind)
    if kind in ("number", "duration"):
        return Number(cursor.number())
    if kind in ("step", "range", "min", "max"):
        cursor.advance()
        cursor.expect("(")
        args: tuple[Node, ...] = ()
        if kind in ("min", "max"):
            first = _sum(cursor, 0, depth + 1)
            cursor.expect(",")
            args = (first, _sum(cursor, 0, depth + 1))
        cursor.expect(")")
        return Call(kind, args, Kind.SCALAR)
    if kind == "(":
        cursor.advance()
        inner = _sum(cursor, 0, depth + 1)
        cursor.expect(")")
        return inner
    raise cursor.unexpected(f"{EXPECTED}, step() or range()")


def _settled(node: Node, at: int) -> Length:
    """The expression in milliseconds where it does not depend on the query's own times."""
    if asks(node):
        return node
    try:
        written = node.expr if isinstance(node, Negative) else node
        return _milliseconds(_seconds(node, 0.0, 0.0), at, worked_out=not isinstance(written, Number))
    except PromQLError as error:
        raise FaultError(str(error), at) from None


def _milliseconds(seconds: float, at: int, *, worked_out: bool = False) -> int:
    """Whole milliseconds, cut as Prometheus cuts them; FaultError beyond 292 years."""
    if not abs(seconds) * 1_000 < LONGEST:
        raise FaultError("a duration is longer than 292 years", at)
    # What is written is first rounded to nanoseconds, so that 0.29 s are no 289 ms; what is worked out is not.
    return math.trunc(seconds * 1_000 if worked_out else round(seconds * 1e9) / 1e6)


def asks(node: Node) -> bool:
    """Whether a length depends on the query's step or range."""
    match node:
        case Call():
            return node.name in ("step", "range") or any(map(asks, node.args))
        case Binary():
            return asks(node.left) or asks(node.right)
        case Negative():
            return asks(node.expr)
        case _:
            return False


def measured(node: Node, step: int, whole: int) -> int:
    """A length in a query of this step and range (all ms); PromQLError where it has no value."""
    try:
        return _milliseconds(_seconds(node, step / 1_000, whole / 1_000), 0, worked_out=True)
    except FaultError as fault:
        raise PromQLError(str(fault)) from None


def _seconds(node: Node, step: float, whole: float) -> float:
    match node:
        case Number():
            return node.value
        case Negative():
            return -_seconds(node.expr, step, whole)
        case Call(name="step"):
            return step
        case Call(name="range"):
            return whole
        case Call():
            one, other = (_seconds(arg, step, whole) for arg in node.args)
            return min(one, other) if node.name == "min" else max(one, other)
        case Binary():
            return _combined(node.op, _seconds(node.left, step, whole), _seconds(node.right, step, whole))
        case _:
            raise AssertionError("a length is made of nothing else")


def _combined(op: str, x: float, y: float) -> float:
    if op in ("/", "%") and not y:
        raise PromQLError("a division by zero in a duration")
    return ARITHMETIC[op](x, y)
