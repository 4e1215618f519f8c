"""What an expression can give: every node by the module that knows it."""

from __future__ import annotations

from dataclasses import replace

from tradetop.doctor.aggregates import aggregate
from tradetop.doctor.calls import call, of_argument
from tradetop.doctor.look import Look
from tradetop.doctor.operators import binary
from tradetop.doctor.outcome import Outcome, constant
from tradetop.doctor.selectors import select
from tradetop.model.labels import NAME
from tradetop.promql.nodes import Aggregate, Binary, Call, Negative, Node, Number, Selector


def outcome(node: Node, look: Look) -> Outcome:
    """Which series the expression can give, with which values, as far as is known."""
    match node:
        case Number():
            return constant(node.value)
        case Selector():
            return select(node, look)
        case Call():
            return call(node, look)
        case Aggregate():
            return aggregate(node, look)
        case Binary():
            return binary(node, look)
        case Negative():
            return _negative(outcome(node.expr, look))
        case _:
            return of_argument(node, look)


def _negative(found: Outcome) -> Outcome:
    tracks = tuple(
        replace(
            t,
            labels=t.labels.without(NAME),
            possible=-t.possible,
            seen=None if t.seen is None else -t.seen,
            mean=None if t.mean is None else -t.mean,
            stat=None,
            clock=False,
        )
        for t in found.tracks
    )
    return replace(found, tracks=tracks)
