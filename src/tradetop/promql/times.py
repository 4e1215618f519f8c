"""The times that a selector or a subquery looks at, where the query's own step or range may have a say."""

from __future__ import annotations

from tradetop.promql.durations import measured
from tradetop.promql.error import PromQLError
from tradetop.promql.nodes import Node, Range, Selector, Subquery
from tradetop.promql.run import Run


def moments(node: Selector | Subquery, run: Run) -> tuple[range, int]:
    """The times that it looks at, and how often each counts, as `Run.refs`; PromQLError for an offset without value."""
    offset = node.offset if node.shift is None else _measured(node.shift, run)
    return run.refs(offset, node.at)


def _measured(length: Node, run: Run) -> int:
    """A length in milliseconds that depends on the query's own step or range."""
    return measured(length, run.set.step, run.set.end - run.set.start)


def _positive(length: Node, run: Run) -> int:
    """A span or step in milliseconds; PromQLError where there is none to look at."""
    found = _measured(length, run)
    if found < 1:
        raise PromQLError("a range or step must be at least 1ms; in a query at one time step() and range() are 0")
    return found


def span_of(node: Range | Subquery, run: Run) -> int:
    """How far a window goes back (ms); PromQLError where it has no length."""
    return node.span if node.length is None else _positive(node.length, run)


def step_of(node: Subquery, run: Run) -> int:
    """The step of a subquery (ms), the engine's own where it names none; PromQLError where it has no length."""
    return _positive(node.every, run) if node.every is not None else node.step or run.set.resolution
