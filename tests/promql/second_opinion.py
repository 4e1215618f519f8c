"""A second opinion on PromQL's text: promql-parser, its nodes made ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import promql_parser as parser

from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.nodes import (
    Aggregate,
    At,
    Binary,
    Call,
    Edge,
    Kind,
    Matching,
    Negative,
    Node,
    Number,
    Range,
    Selector,
    Side,
    Subquery,
    Text,
)

_OPS = {"Equal": MatchOp.EQUAL, "NotEqual": MatchOp.NOT_EQUAL, "Re": MatchOp.REGEX, "NotRe": MatchOp.NOT_REGEX}
_SIDES = {"ManyToOne": Side.LEFT, "OneToMany": Side.RIGHT}
_KINDS = {"Vector": Kind.VECTOR, "Scalar": Kind.SCALAR, "Matrix": Kind.MATRIX, "String": Kind.STRING}
_MILLISECOND = timedelta(milliseconds=1)


class RefusedError(ValueError):
    """What promql-parser does not read."""


def opinion(text: str) -> Node:
    """The query as promql-parser reads it; RefusedError where it does not."""
    try:
        return _convert(parser.parse(text), 0)
    except (ValueError, OverflowError) as error:
        raise RefusedError(str(error)) from None
    except BaseException as panic:
        # A panic within the parser is no Exception to Python; it leaves nothing half done.
        if type(panic).__module__ != "pyo3_runtime":
            raise
        raise RefusedError(str(panic)) from None


def _convert(expr: parser.Expr, depth: int) -> Node:
    if isinstance(expr, parser.BinaryExpr):
        return _binary(expr, depth)
    return _CONVERSIONS[type(expr)](expr, depth + 1)


def _paren(expr: parser.ParenExpr, depth: int) -> Node:
    return _convert(expr.expr, depth)


def _number(expr: parser.NumberLiteral, _depth: int) -> Node:
    return Number(expr.val)


def _text(expr: parser.StringLiteral, _depth: int) -> Node:
    return Text(expr.val)


def _negative(expr: parser.UnaryExpr, depth: int) -> Node:
    return Negative(_convert(expr.expr, depth))


def _selector(expr: parser.VectorSelector, _depth: int) -> Selector:
    if expr.matchers.or_matchers:
        raise RefusedError('"or" between matchers is no PromQL; use =~ with "a|b"')
    matchers = [Matcher(m.name, _OPS[_word(m.op)], m.value) for m in expr.matchers.matchers]
    if expr.name is not None:
        matchers.insert(0, Matcher(NAME, MatchOp.EQUAL, expr.name))
    return Selector(tuple(matchers), _duration(expr.offset) or 0, _at(expr.at))


def _range(expr: parser.MatrixSelector, depth: int) -> Node:
    return Range(_selector(expr.vector_selector, depth), _positive(expr.range))


def _subquery(expr: parser.SubqueryExpr, depth: int) -> Node:
    inner = _convert(expr.expr, depth)
    step = None if expr.step is None else _positive(expr.step)
    return Subquery(inner, _positive(expr.range), step, _duration(expr.offset) or 0, _at(expr.at))


def _call(expr: parser.Call, depth: int) -> Node:
    args = tuple(_convert(arg, depth) for arg in expr.args)
    return Call(expr.func.name, args, _KINDS[_word(expr.func.return_type)])


def _aggregate(expr: parser.AggregateExpr, depth: int) -> Node:
    labels: tuple[str, ...] = ()
    without = False
    if expr.modifier is not None:
        labels = tuple(expr.modifier.labels)
        without = _word(expr.modifier.type) == "Without"
    param = None if expr.param is None else _convert(expr.param, depth)
    return Aggregate(str(expr.op), _convert(expr.expr, depth), param, labels, without)


def _binary(expr: parser.BinaryExpr, depth: int) -> Node:
    """Convert a chain of operators from its left end on, so that a long sum is not a deep one."""
    chain: list[parser.BinaryExpr] = []
    first: parser.Expr = expr
    while isinstance(first, parser.BinaryExpr):
        chain.append(first)
        first = first.lhs
    left = _convert(first, depth + 1)
    for each in reversed(chain):
        right = _convert(each.rhs, depth + 1)
        both = {left.kind, right.kind}
        kind = Kind.VECTOR if Kind.VECTOR in both else Kind.SCALAR
        as_bool = each.modifier is not None and each.modifier.return_bool
        # Beside a number nothing is matched: Prometheus drops the words, promql-parser keeps them.
        matching = _matching(each.modifier) if both == {Kind.VECTOR} else Matching()
        left = Binary(str(each.op), left, right, matching, as_bool, kind)
    return left


def _matching(modifier: parser.BinModifier | None) -> Matching:
    if modifier is None:
        return Matching()
    labels = modifier.matching
    fill = modifier.fill_values
    return Matching(
        on=labels is not None and _word(labels.type) == "Include",
        labels=() if labels is None else tuple(labels.labels),
        many=_SIDES.get(_word(modifier.card), Side.NONE),
        include=tuple(modifier.group_labels or ()),
        fill_left=None if fill is None else fill.lhs,
        fill_right=None if fill is None else fill.rhs,
    )


def _at(at: parser.AtModifier | None) -> At:
    if at is None:
        return None
    match _word(at.type):
        case "Start":
            return Edge.START
        case "End":
            return Edge.END
        case _:
            assert at.at is not None
            return round(at.at.timestamp() * 1_000)


def _duration(delta: timedelta | None) -> int | None:
    return None if delta is None else delta // _MILLISECOND


def _positive(delta: timedelta | None) -> int:
    milliseconds = _duration(delta)
    if milliseconds is None or milliseconds < 1:
        raise RefusedError("a range or step must be at least 1ms")
    return milliseconds


def _word(value: object) -> str:
    """The last word of an enumeration's value; the parser's enumerations can be neither hashed nor named."""
    return str(value).rpartition(".")[2]


_CONVERSIONS: dict[type[parser.Expr], Callable[..., Node]] = {
    parser.ParenExpr: _paren,
    parser.NumberLiteral: _number,
    parser.StringLiteral: _text,
    parser.UnaryExpr: _negative,
    parser.VectorSelector: _selector,
    parser.MatrixSelector: _range,
    parser.SubqueryExpr: _subquery,
    parser.Call: _call,
    parser.AggregateExpr: _aggregate,
}
