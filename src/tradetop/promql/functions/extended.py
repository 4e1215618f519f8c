"""Functions over windows that look beyond themselves: rate, increase, delta, changes and resets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from tradetop.promql.functions.signature import Function
from tradetop.promql.nodes import Call, Range, Reach
from tradetop.promql.reach import around, columns_of, lost, reached
from tradetop.promql.run import Cell, Curve, Result, Run
from tradetop.promql.times import moments, span_of


def _extended(call: Call, run: Run, *, counter: bool, rate: bool) -> Result:
    node = call.args[0]
    assert isinstance(node, Range)
    selector, span = node.selector, span_of(node, run)
    refs, repeat = moments(selector, run)
    divisor = span / 1_000 if rate else 1.0
    curves = []
    for column in columns_of(selector, run, refs, span):
        values: list[Cell] = []
        for ref in refs:
            found = reached(column, run, selector.reach, ref - span, ref, counter=counter)
            if found is None:
                values.append(None)
                continue
            rise = found.right - found.left
            values.append((rise + lost(column, run, found) if counter else rise) / divisor)
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values * repeat, True))
    return curves


def _counted(call: Call, run: Run, count: Callable[[Sequence[float]], float]) -> Result:
    """Count over the samples from the last one before the window on; anchored windows alone come here."""
    node = call.args[0]
    assert isinstance(node, Range)
    selector, span = node.selector, span_of(node, run)
    refs, repeat = moments(selector, run)
    curves = []
    for column in columns_of(selector, run, refs, span):
        values: list[Cell] = []
        for ref in refs:
            start = ref - span
            times, found = around(column, run, start - run.set.lookback, ref)
            if not times or times[-1] <= start:
                values.append(None)
                continue
            values.append(count(found[max(0, bisect_right(times, start) - 1) :]))
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values * repeat, True))
    return curves


def _changes(values: Sequence[float]) -> float:
    return float(sum(y != x and not (y != y and x != x) for x, y in pairwise(values)))


def _resets(values: Sequence[float]) -> float:
    return float(sum(y < x for x, y in pairwise(values)))


_FUNCTIONS: dict[str, Function] = {
    "changes": lambda call, run: _counted(call, run, _changes),
    "delta": lambda call, run: _extended(call, run, counter=False, rate=False),
    "increase": lambda call, run: _extended(call, run, counter=True, rate=False),
    "rate": lambda call, run: _extended(call, run, counter=True, rate=True),
    "resets": lambda call, run: _counted(call, run, _resets),
}


def extended(functions: dict[str, Function]) -> dict[str, Function]:
    """The functions, which take these windows as well where they can."""
    return {name: _choosing(name, plain) for name, plain in functions.items() if name in _FUNCTIONS}


def _choosing(name: str, plain: Function) -> Function:
    further = _FUNCTIONS[name]

    def chosen(call: Call, run: Run) -> Result:
        node = call.args[0]
        is_plain = not isinstance(node, Range) or node.selector.reach is Reach.WINDOW
        return (plain if is_plain else further)(call, run)

    return chosen
