"""From a node to its result: which code evaluates what."""

from __future__ import annotations

from collections.abc import Iterable

from tradetop.model.labels import NAME
from tradetop.model.matcher import MatchOp
from tradetop.promql.aggregate import aggregate
from tradetop.promql.binary import binary
from tradetop.promql.error import PromQLError
from tradetop.promql.functions import FUNCTIONS
from tradetop.promql.nodes import Aggregate, Binary, Call, Kind, Negative, Node, Number, Range, Selector, Text
from tradetop.promql.notes import COUNTER_SUFFIXES, NO_COUNTER, SORTED, quoted
from tradetop.promql.run import Curve, Result, Run, as_vector
from tradetop.promql.select import instant


def evaluate(node: Node, run: Run) -> Result:
    """What a node gives over the run's grid; PromQLError where the query looks at too much."""
    result = _evaluate(node, run)
    run.set.budget.spend(len(result) * run.grid.count if node.kind is Kind.VECTOR else run.grid.count)
    return result


def _evaluate(node: Node, run: Run) -> Result:
    match node:
        case Number():
            return [node.value] * run.grid.count
        case Text():
            return node.value
        case Selector():
            return instant(node, run)
        case Call():
            return _call(node, run)
        case Aggregate():
            return aggregate(node, run)
        case Negative():
            return _negative(node, run)
        case Binary():
            return _chain(node, run)
        case _:
            raise PromQLError(f"a {node.kind.value} gives no values of its own; a function must take it")


COUNTING = frozenset({"rate", "increase"})
"""Functions of counters."""

SORTING = frozenset({"sort", "sort_desc", "sort_by_label", "sort_by_label_desc"})


def _call(node: Call, run: Run) -> Result:
    """Apply a function, and say where it is doubtful that the person means it."""
    result = FUNCTIONS[node.name](node, run)
    notes = run.set.notes
    if node.name in COUNTING:
        for name in _names(node.args[0], result):
            if name and not name.endswith(COUNTER_SUFFIXES):
                notes.inform(f"{NO_COUNTER} {quoted(name)}", node.args[0].place)
    elif node.name in SORTING and run.set.start != run.set.end:
        notes.warn(SORTED, node.place)
    return result


def _names(node: Node, result: Result) -> Iterable[str]:
    """The metric names of what a range vector gave; where it selects one name, no series need be asked."""
    if isinstance(node, Range):
        for matcher in node.selector.matchers:
            if matcher.name == NAME and matcher.op is MatchOp.EQUAL:
                return (matcher.value,) if result else ()
    return dict.fromkeys(curve.labels.name for curve in as_vector(result))


def _chain(node: Binary, run: Run) -> Result:
    """Evaluate a chain of operators from its left end on, so that a long sum needs no deep stack."""
    chain = [node]
    while isinstance(chain[-1].left, Binary):
        chain.append(chain[-1].left)
    result = evaluate(chain[-1].left, run)
    for each in reversed(chain):
        result = binary(each, result, run)
        run.set.budget.spend(len(result) * run.grid.count if each.kind is Kind.VECTOR else run.grid.count)
    return result


def _negative(node: Negative, run: Run) -> Result:
    if node.expr.kind is Kind.SCALAR:
        return [-value for value in run.scalar(node.expr)]
    return [
        Curve(curve.labels, [None if v is None else -v for v in curve.values], True) for curve in run.vector(node.expr)
    ]
