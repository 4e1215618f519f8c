"""Rules seen as limits: what an expression compares with a number, as a panel that the ladder has a row for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tradetop.dashboards.anybot import unit_of
from tradetop.model.alert import Rule
from tradetop.model.labels import NAME
from tradetop.model.matcher import MatchOp
from tradetop.model.panel import Panel, PanelKind, Query, Side, Threshold
from tradetop.model.unit import Unit
from tradetop.promql import PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import (
    TURNED,
    Aggregate,
    Binary,
    Kind,
    Matching,
    Negative,
    Node,
    Number,
    Selector,
    constant,
)
from tradetop.promql.text import written

MOST = 60
"""Limits of rules that are watched as such; each costs as much as a panel."""
_ORDERED = frozenset({">", ">=", "<", "<="})
_KEEPING = frozenset({"max", "min", "avg", "sum", "topk", "bottomk", "quantile"})
"""Aggregations that give what their series are in."""


def limits_of(rule: Rule) -> tuple[Panel, ...]:
    """A panel with one threshold for each `expr OP number` that the rule's expression comes down to; () for none.

    Of `a > 1 and b > 2` the value is a's, which counts where b is above 2. A cap that the bot exposes, `a > a_limit`,
    gives the share of it that is used. What is only compared with nothing (`> 0`) has no distance. An expression that
    cannot be read has no limits.
    """
    try:
        found = [*_comparisons(parse(rule.expr))]
    except PromQLError:
        return ()
    return tuple(_panel(rule, index, *each) for index, each in enumerate(found))


def rule_panels(rules: Iterable[Rule], known: Sequence[Panel]) -> tuple[Panel, ...]:
    """The limits of all rules that are no threshold of a panel and repeat none, at most `MOST` of them."""
    taken = {(_same(q.expr), t.value, t.side) for panel in known for q in panel.queries for t in panel.thresholds}
    found: list[Panel] = []
    for rule in rules:
        if rule.panel or len(found) >= MOST:
            continue
        for panel in limits_of(rule):
            (threshold,) = panel.thresholds
            key = (panel.queries[0].expr, threshold.value, threshold.side)
            if key not in taken:
                taken.add(key)
                found.append(panel)
    return tuple(found[:MOST])


_Found = tuple[Node, str, float, Unit | None]
"""What is compared, how, with which number, and its unit where it is known."""


def _comparisons(node: Node) -> Iterator[_Found]:
    if not isinstance(node, Binary):
        return
    match node.op:
        case "or":
            yield from _comparisons(node.left)
            yield from _comparisons(node.right)
        case "and" | "unless":
            found = [*_comparisons(node.left)]
            other = node.right
            if not found and node.op == "and":
                found, other = [*_comparisons(node.right)], node.left
            for inner, op, value, unit in found:
                yield replace(node, left=inner, right=other), op, value, unit
        case op if op in _ORDERED and not node.as_bool:
            yield from _comparison(node)


def _comparison(node: Binary) -> Iterator[_Found]:
    left, right, op = node.left, node.right, node.op
    if constant(left) is not None:
        left, right, op = right, left, TURNED[op]
    value = constant(right)
    if value is not None:
        if math.isfinite(value) and left.kind is Kind.VECTOR and (value or op[0] == "<"):
            yield left, op, value, None
    elif isinstance(right, Selector) and left.kind is Kind.VECTOR and op[0] == ">":
        share = replace(node, op="/", left=left, right=right)
        times = replace(node, op="*", left=Number(100.0), right=share, matching=Matching())
        yield times, op, 100.0, Unit.PERCENT


def _panel(rule: Rule, index: int, of: Node, op: str, value: float, unit: Unit | None) -> Panel:
    side = Side.ABOVE if op[0] == ">" else Side.BELOW
    threshold = Threshold(value, rule.level, side, op.endswith("="), rule.hold, rule.name)
    return Panel(
        id=f"rule:{rule.group}:{rule.name}:{index}" if rule.group else f"rule:{rule.name}:{index}",
        title=rule.name,
        queries=(Query(written(of)),),
        kind=PanelKind.GAUGE,
        unit=unit or _unit(of),
        label=rule.name,
        thresholds=(threshold,),
        runbook=rule.runbook,
        row="Rules",
    )


def _unit(node: Node) -> Unit:
    """The unit that a metric's name tells, where what is done to it keeps it."""
    match node:
        case Selector(matchers=matchers):
            name = next((m.value for m in matchers if m.name == NAME and m.op is MatchOp.EQUAL), "")
            return unit_of(name)
        case Aggregate(op=op, expr=expr) if op in _KEEPING:
            return _unit(expr)
        case Negative(expr=expr):
            return _unit(expr)
        case Binary(op="and" | "unless", left=left):
            return _unit(left)
    return Unit.SHORT


def _same(expr: str) -> str:
    """The expression as the program itself would write it, so that two that are alike look alike."""
    try:
        return written(parse(expr))
    except PromQLError:
        return expr
