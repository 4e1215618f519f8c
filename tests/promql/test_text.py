"""What is written of an expression reads as the same expression."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql import PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.caps import OPERATORS
from tradetop.promql.nodes import (
    Aggregate,
    Binary,
    Call,
    Edge,
    Kind,
    Matching,
    Negative,
    Node,
    Number,
    Range,
    Reach,
    Selector,
    Subquery,
)
from tradetop.promql.text import written


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("max(a)>90", "max(a) > 90"),
        ("(a)", "a"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("(a^b)^c", "(a ^ b) ^ c"),
        ("a^(b^c)", "a ^ b ^ c"),
        ("(-a)^b", "(-a) ^ b"),
        ("-(a+b)", "-(a + b)"),
        ("(a + b) * c", "(a + b) * c"),
        ("rate(x[90s])", "rate(x[1m30s])"),
        ("x[5m] offset 1d @ end()", "x[5m] @ end() offset 1d"),
        ("x offset -5m @ 1700000000.5", "x @ 1700000000.500 offset -5m"),
        ("max_over_time((a+b)[1h:])", "max_over_time((a + b)[1h:])"),
        ("sum by(a,b)(x)", "sum by (a, b) (x)"),
        ("topk without(a)(3,x)", "topk without (a) (3, x)"),
        ("a+on(x)group_left(y)b", "a + on (x) group_left (y) b"),
        ("a == bool ignoring(x) b", "a == bool ignoring (x) b"),
        ("{__name__=~'a.*',b!=\"c\"}", '{__name__=~"a.*", b!="c"}'),
        ("1e3 - -1", "1000 - -1"),
        ("absent(up{job='x'})", 'absent(up{job="x"})'),
    ],
)
def test_it_is_written_as_prometheus_writes_it(expr: str, said: str) -> None:
    assert written(parse(expr)) == said


NAMES = st.sampled_from(["a_total", "b:c", "sum", "on", "a.b", "x y", "é"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=5) | st.just('q"\\\n')
PLAIN, REGEXES = (
    st.sampled_from([MatchOp.EQUAL, MatchOp.NOT_EQUAL]),
    st.sampled_from([MatchOp.REGEX, MatchOp.NOT_REGEX]),
)
LABEL = st.sampled_from(["x", "y.z"])
MATCHERS = st.builds(Matcher, LABEL, PLAIN, TEXTS) | st.builds(
    Matcher, LABEL, REGEXES, st.sampled_from(["", "5..", r"a\\.b|"])
)
TIMES = st.integers(1, 10**9)
ATS = st.none() | st.sampled_from(Edge) | st.integers(-(4 * 10**12), 4 * 10**12)
CLOCKS = st.sampled_from([Call("step", (), Kind.SCALAR), Call("range", (), Kind.SCALAR)])


def _worked_out(op: str, left: Node, right: Node) -> Node:
    return (
        Call(op, (left, right), Kind.SCALAR)
        if op in ("min", "max")
        else Binary(op, left, right, Matching(), False, Kind.SCALAR)
    )


LENGTHS = st.recursive(
    CLOCKS,
    lambda inner: (
        st.builds(
            _worked_out,
            st.sampled_from(["+", "-", "*", "/", "%", "^", "min", "max"]),
            inner,
            inner | st.integers(1, 999).map(lambda value: Number(float(value))),
        )
        | inner.map(Negative)
    ),
    max_leaves=4,
)
"""Lengths that depend on the query's own times."""
PLAIN_OR_NOT = TIMES.map(lambda ms: (ms, None)) | LENGTHS.map(lambda length: (0, length))


def _selector(
    name: str, rest: list[Matcher], offset: tuple[int, Node | None], at: object, reach: Reach, sign: int
) -> Selector:
    matchers = (Matcher(NAME, MatchOp.EQUAL, name), *rest)
    return Selector(matchers, sign * offset[0], at, reach, offset[1])  # type: ignore[arg-type]


SELECTORS = st.builds(
    _selector,
    NAMES,
    st.lists(MATCHERS, max_size=2),
    st.just((0, None)) | PLAIN_OR_NOT,
    ATS,
    st.sampled_from(Reach),
    st.sampled_from([1, -1]),
)
NUMBERS = st.builds(Number, st.floats(allow_nan=False).map(lambda value: value + 0.0))
RANGES = st.builds(lambda of, span: Range(of, *span), SELECTORS, PLAIN_OR_NOT)
SUBQUERIES = st.builds(
    lambda node, span, step, offset, at: Subquery(node, span[0], step[0], offset[0], at, span[1], step[1], offset[1]),
    st.deferred(lambda: SELECTORS),
    PLAIN_OR_NOT,
    st.just((None, None)) | PLAIN_OR_NOT.map(lambda step: (step[0] or None, step[1])),
    st.just((0, None)) | PLAIN_OR_NOT,
    ATS,
)
LABELS = st.lists(st.sampled_from(["x", "y.z", "sum"]), unique=True, max_size=2).map(tuple)


def _binary(op: str, left: Node, right: Node, on: bool, labels: tuple[str, ...], as_bool: bool) -> Node:
    kinds = {left.kind, right.kind}
    both = kinds == {Kind.VECTOR}
    compares = op in {">", "<=", "=="}
    if op in {"and", "or", "unless"} and not both:
        op = "+"
    matching = Matching(on, labels) if both else Matching()
    scalars = kinds == {Kind.SCALAR}
    return Binary(op, left, right, matching, compares and (as_bool or scalars),
                  Kind.SCALAR if scalars else Kind.VECTOR)  # fmt: skip


def _vector(node: Node) -> Node:
    return node if node.kind is Kind.VECTOR else Call("vector", (node,), Kind.VECTOR)


def _negative(node: Node) -> Node:
    return node if isinstance(node, Number) else Negative(node)


def _more(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    vectors = inner.map(_vector)
    ops = st.sampled_from(["+", "-", "*", "/", "%", "^", "atan2", ">", "<=", "==", "and", "or", "unless"])
    return (
        st.builds(_binary, ops, inner, inner, st.booleans(), LABELS, st.booleans())
        | st.builds(_negative, inner)
        | st.builds(lambda node: Call("abs", (node,), Kind.VECTOR), vectors)
        | st.builds(lambda node: Call("rate", (node,), Kind.VECTOR), RANGES)
        | st.builds(lambda of, node: replace(of, expr=node), SUBQUERIES, vectors).map(
            lambda node: Call("max_over_time", (node,), Kind.VECTOR))
        | st.builds(lambda node, labels, without: Aggregate("sum", node, None, labels, without), vectors, LABELS,
                    st.booleans())
        | st.builds(lambda node, param: Aggregate("topk", node, param, (), False), vectors, NUMBERS)
    )  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.recursive(SELECTORS | NUMBERS, _more, max_leaves=12))
def test_what_is_written_reads_as_the_same(node: Node) -> None:
    text = written(node)
    assert parse(text) == node, text


def test_a_sum_as_long_as_may_be_needs_no_deep_stack() -> None:
    text = " + ".join(["a"] * OPERATORS)
    assert written(parse(text)) == text


def test_prometheus_own_expressions_read_as_the_same(recorded: Callable[..., Path]) -> None:
    seen = 0
    for file in sorted(recorded("promql").glob("*.json")):
        for case in json.loads(file.read_text())["cases"]:
            try:
                node = parse(case["expr"])
            except PromQLError:
                continue
            # Their texts: NaN is not equal to itself.
            assert repr(parse(written(node))) == repr(node), case["expr"]
            seen += 1
    assert seen > 400
