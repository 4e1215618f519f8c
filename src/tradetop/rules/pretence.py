"""Pretences: the result that an alerting expression would give if the series it compares had a certain value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.matcher import MatchOp
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.model.text import clean
from tradetop.model.value import Scalar, Vector
from tradetop.promql import PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import TURNED, Binary, Call, Kind, Matching, Node, Number, Selector, constant
from tradetop.promql.text import written

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_ABSENT = ("absent", "absent_over_time")
_QUOTED = 60
"""Most characters of what a value is compared with that are quoted."""


@dataclass(frozen=True, slots=True)
class Pretence:
    """What a value would mean to an expression."""

    fires: bool
    """Whether the expression would give a result; True also where it compares with nothing."""
    labels: Labels = EMPTY
    """Labels of the series that is nearest to firing now, or fires; empty where none is known."""
    known: bool = False
    """Whether there is such a series."""
    limit: str = ""
    """What the value is compared with, such as "> 8"; "" where that is nothing."""
    also: tuple[str, ...] = ()
    """What the expression asks for besides, and what does not hold now: it is pretended too."""
    problem: str = ""
    """Why the expression cannot be evaluated at all."""


@dataclass(frozen=True, slots=True)
class _Test:
    """A comparison with a number, or with what another expression gives."""

    op: str
    limit: float | None
    other: Node | None = None
    limits: Node | None = None
    """Gives the other's value for each series that finds one."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """One way to a result: what is judged, the comparisons that it must pass, and what must hold besides."""

    head: Node
    whole: Node
    """The same behind what must hold besides."""
    tests: tuple[_Test, ...] = ()
    conditions: tuple[str, ...] = ()


def pretend(expr: str, value: float, querier: Querier, at: int) -> Pretence:
    """What `value` would mean to an alerting expression, with the labels that its series have at `at` (ms).

    Raises PromQLError where the expression cannot be read.
    """
    node = parse(expr)
    try:
        querier.instant(expr, at=at)
        found = [_weighed(branch, value, querier, at) for branch in _branches(node)]
    except PromQLError as error:
        return Pretence(False, problem=str(error))
    return max(found, key=lambda pretence: (pretence.known, pretence.fires, not pretence.also))


def _branches(node: Node) -> Iterator[_Branch]:
    match node:
        case Binary(op="and" | "unless" as op):
            asked = f"{op} {written(node.right)}"
            for each in _branches(node.left):
                yield replace(each, whole=replace(node, left=each.whole), conditions=(*each.conditions, asked))
        case Binary(op="or"):
            yield from _branches(node.left)
            yield from _branches(node.right)
        case Binary() if node.op in _COMPARISONS and not node.as_bool and node.kind is Kind.VECTOR:
            yield from _compared(node)
        case Call(name=name) if name in _ABSENT:
            yield _Branch(node, node, (_Test("==", 1.0),))
        case _:
            yield _Branch(node, node)


def _compared(node: Binary) -> Iterator[_Branch]:
    left, right, op = node.left, node.right, node.op
    if left.kind is Kind.SCALAR:
        left, right, op = right, left, TURNED[op]
    limit = constant(right)
    for each in _branches(left):
        if limit is not None:
            yield replace(each, tests=(*each.tests, _Test(op, limit)))
            continue
        own = replace(node, op="+", left=left, right=_times_zero(right))
        test = _Test(op, None, right, replace(node, op="+", left=_times_zero(left), right=right))
        asked = f"something to compare with in {written(right)}"
        yield replace(each, whole=own, tests=(*each.tests, test), conditions=(*each.conditions, asked))


def _times_zero(node: Node) -> Node:
    return Binary("*", Number(0.0), node, Matching(), as_bool=False, kind=node.kind)


def _weighed(branch: _Branch, value: float, querier: Querier, at: int) -> Pretence:
    also: tuple[str, ...] = ()
    found = _samples(querier, branch.whole, at)
    if not found and branch.conditions:
        found, also = _samples(querier, branch.head, at), branch.conditions
    labels = _labels_of_absence(branch.head, querier, at) if not found else None
    limits = [_limits(test, querier, at) for test in branch.tests]

    def passed(value: float, labels: Labels) -> list[bool]:
        tests = zip(branch.tests, limits, strict=True)
        return [(limit := of(labels)) is None or _COMPARISONS[test.op](value, limit) for test, of in tests]

    def distance(sample: Sample) -> tuple[bool, float]:
        bounds = [limit for of in limits if (limit := of(_bare(sample))) is not None]
        return not all(passed(sample.value, _bare(sample))), min((abs(sample.value - b) for b in bounds), default=0.0)

    if found:
        labels = _bare(min(found, key=distance))
    shown = labels or EMPTY
    said = " and ".join(_said(test, of(shown)) for test, of in zip(branch.tests, limits, strict=True))
    return Pretence(all(passed(value, shown)), shown, labels is not None, said, also if labels is not None else ())


def _limits(test: _Test, querier: Querier, at: int) -> Callable[[Labels], float | None]:
    """What a test compares the series of these labels with; None where nothing is there."""
    if test.limits is None:
        return lambda _labels: test.limit
    found = {_bare(sample): sample.value for sample in _samples(querier, test.limits, at)}
    return lambda labels: None if (limit := found.get(labels)) is None or limit != limit else limit


def _said(test: _Test, limit: float | None) -> str:
    if test.other is None:
        return f"{test.op} {written(Number(limit or 0.0))}"
    other = written(test.other)
    if limit is None:
        return f"{test.op} {clean(other, _QUOTED)}"
    return f"{test.op} {other}, which is {limit:g}" if len(other) <= _QUOTED else f"{test.op} {limit:g}, as it is now"


def _samples(querier: Querier, node: Node, at: int) -> tuple[Sample, ...]:
    value = querier.instant(written(node), at=at)
    if isinstance(value, Scalar):
        return (Sample(EMPTY, at, value.value),)
    return value.samples if isinstance(value, Vector) else ()


def _labels_of_absence(node: Node, querier: Querier, at: int) -> Labels | None:
    """The labels that an absence would have, which its selector alone decides; None for anything else."""
    if not isinstance(node, Call) or node.name not in _ABSENT:
        return None
    selector = node.args[0]
    if not isinstance(selector, Selector):
        return EMPTY
    nowhere = tuple(
        replace(m, value="tradetop_nowhere", op=MatchOp.EQUAL) if m.name == NAME else m for m in selector.matchers
    )
    found = _samples(querier, replace(node, args=(replace(selector, matchers=nowhere),)), at)
    return _bare(found[0]) if found else EMPTY


def _bare(sample: Sample) -> Labels:
    return sample.labels.without(NAME)
