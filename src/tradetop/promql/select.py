"""Selectors: from a store's columns to curves and windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.ports import Column
from tradetop.model.sample import STALE, is_stale
from tradetop.promql.names import merged
from tradetop.promql.nodes import Node, Range, Reach, Selector, Subquery
from tradetop.promql.reach import bounded, smoothed
from tradetop.promql.run import Cell, Curve, Run
from tradetop.promql.times import moments, span_of, step_of
from tradetop.promql.window import window_times, window_values

__all__ = ["Windows", "instant", "newest", "stamps", "window_times", "window_values", "windows"]


@dataclass(frozen=True, slots=True)
class Windows:
    """A range vector: columns, and for each step the (ref - span, ref] to look at."""

    columns: Sequence[Column]
    unnamed: Sequence[bool]
    refs: range
    span: int
    repeat: int
    selector: Selector | None
    """None for a subquery."""


def instant(node: Selector, run: Run) -> list[Curve]:
    """The newest sample of each series at each step, unless it is stale or older than the lookback."""
    if node.reach is Reach.SMOOTHED:
        return smoothed(node, run)
    refs, repeat = moments(node, run)
    curves = []
    for column in run.select(node.matchers, refs, run.set.lookback):
        values = newest(column, refs, run)
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values * repeat, False))
    return curves


def stamps(node: Selector, run: Run) -> list[Curve]:
    """The time of each such sample, in seconds."""
    refs, repeat = moments(node, run)
    curves = []
    for column in run.select(node.matchers, refs, run.set.lookback):
        values = newest(column, refs, run)
        if values.count(None) < len(values):
            high = run.bounds(column.times, refs, run.set.lookback)[1]
            end = column.first + len(column.values)
            times = [
                None if v is None else column.times[min(h, end) - 1] / 1_000 for v, h in zip(values, high, strict=True)
            ]
            curves.append(Curve(column.labels, times * repeat, True))
    return curves


def newest(column: Column, refs: range, run: Run) -> list[Cell]:
    """The newest sample at each of `refs` within the lookback; a gap where there is none, or it is stale."""
    low, high = run.bounds(column.times, refs, run.set.lookback)
    values, first = column.values, column.first
    end = first + len(values)
    # An empty window has high == low: nothing lies within the lookback.
    if len(high) == 1:
        i = min(high[0], end) - 1
        found: list[Cell] = [values[i - first] if i >= low[0] and i >= first else None]
    elif first <= low[0] and high[-1] <= end:
        found = [values[b - 1 - first] if b > a else None for a, b in zip(low, high, strict=True)]
    else:
        found = []
        for a, b in zip(low, high, strict=True):
            i = min(b, end) - 1
            found.append(values[i - first] if i >= a and i >= first else None)
    for i, value in enumerate(found):
        if value is not None and value != value and is_stale(value):
            found[i] = None
    return found


def windows(node: Node, run: Run) -> Windows:
    """The range vector that a range selector or a subquery gives."""
    if isinstance(node, Range):
        selector, span = node.selector, span_of(node, run)
        refs, repeat = moments(selector, run)
        if selector.reach is Reach.WINDOW:
            columns = run.select(selector.matchers, refs, span)
        else:
            # The value at such a window's left end belongs to it.
            columns, span = bounded(node, refs, span, run), span + 1
        return Windows(columns, [False] * len(columns), refs, span, repeat, selector)
    assert isinstance(node, Subquery)
    return _subquery(node, run)


def _subquery(node: Subquery, run: Run) -> Windows:
    refs, repeat = moments(node, run)
    span = span_of(node, run)
    step = step_of(node, run)
    # The first multiple of the step within the first window, which is open on its left.
    start = (refs[0] - span) // step * step + step
    inner = Run(run.set, range(start, refs[-1] + 1, step))
    times = inner.grid.times
    # What `or` gives may be several curves of one series, each for some of the steps.
    curves = merged(inner.vector(node.expr)) if times else []
    columns = []
    unnamed = []
    for curve in curves:
        values = [STALE if v is None else v for v in curve.values]
        columns.append(Column(curve.labels, times, values, 0))
        unnamed.append(curve.unnamed)
    return Windows(columns, unnamed, refs, span, repeat, None)
