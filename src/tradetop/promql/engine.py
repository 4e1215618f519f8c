"""The engine: queries over a store, at one time or over many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import cast

from tradetop.model.labels import EMPTY, NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Queryable
from tradetop.model.sample import Sample
from tradetop.model.value import Matrix, Scalar, Series, String, Value, Vector
from tradetop.promql.ast import QUERIES, parse
from tradetop.promql.bounds import Bounds
from tradetop.promql.caps import quoted
from tradetop.promql.error import PromQLError
from tradetop.promql.evaluate import evaluate
from tradetop.promql.functions import FUNCTIONS
from tradetop.promql.marks import Known
from tradetop.promql.names import named, nameless
from tradetop.promql.nodes import Call, Kind, Node, Selector, depends_on_grid, walk
from tradetop.promql.notes import Notes
from tradetop.promql.regex import compiled
from tradetop.promql.run import Budget, Curve, Run, Setting, Visit, as_scalar, as_vector
from tradetop.promql.select import window_times, window_values, windows

LOOKBACK = 300_000
"""How old the newest sample of a series may be (ms), as in Prometheus."""

RESOLUTION = 60_000
"""Step of a subquery that names none (ms): Prometheus' evaluation interval."""

MAX_SAMPLES = 10_000_000
"""How many samples one query may look at: some seconds and some hundred MiB at the very worst."""

MAX_STEPS = 11_000
"""How many steps after its first a range query may have, as in Prometheus: more than any screen has columns."""

MAX_POINTS = 2_000_000
"""How many points, gaps counted, all series of a result may have: some 200 MiB."""

Steps = range
"""The times (ms) that a query is evaluated at; within the engine, `range` is its method."""


class Engine:
    """Evaluates PromQL over a store's series; for the store's thread."""

    def __init__(
        self,
        store: Queryable,
        *,
        lookback: int = LOOKBACK,
        resolution: int = RESOLUTION,
        max_samples: int = MAX_SAMPLES,
        max_steps: int = MAX_STEPS,
        max_points: int = MAX_POINTS,
        born_counters: bool = True,
    ) -> None:
        """Times in ms. `born_counters` counts a counter's first value too, where it is known to have begun at zero."""
        self._store = store
        self._lookback = lookback
        self._resolution = resolution
        self._max_samples = max_samples
        self._max_steps = max_steps
        self._max_points = max_points
        self._born = born_counters
        self._bounds = Bounds()
        self._marks = Known()

    def instant(self, expr: str, *, at: int) -> Value:
        """The value at one time (ms): a scalar, string or vector, or the matrix of a range selector's samples.

        PromQLError for a query that cannot be read, is too large, or has no value.
        """
        node = checked(expr)
        try:
            run = self.run(at)
            return _noted(_instant(node, run, at), run, expr)
        except (PromQLError, ArithmeticError) as error:
            raise PromQLError(f"{quoted(expr)}: {error}") from None

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        """The matrix of values at start, start + step, ... up to end (ms), series in the order of their labels.

        PromQLError as `instant`, and for a query that gives no scalar or instant vector.
        """
        node = checked(expr)
        try:
            return self._range(expr, node, start, end, step)
        except (PromQLError, ArithmeticError) as error:
            raise PromQLError(f"{quoted(expr)}: {error}") from None

    def check(self, expr: str) -> None:
        """The function `check`."""
        check(expr)

    def is_incremental(self, expr: str) -> bool:
        """Whether a step once evaluated stays true when later steps are: no `@`, no look ahead, no start() or end()."""
        return not any(map(depends_on_grid, walk(checked(expr))))

    def metric_names(self, expr: str) -> frozenset[str]:
        """The metric names that a query selects by their full name."""
        matchers = [m for node in walk(checked(expr)) if isinstance(node, Selector) for m in node.matchers]
        return frozenset(m.value for m in matchers if m.name == NAME and m.op is MatchOp.EQUAL)

    def run(self, at: int, visit: Visit = evaluate) -> Run:
        """What nodes are evaluated in at one time (ms), as `instant` does it, within one budget.

        `visit` is asked for every operand; it may remember what `evaluate` has given it before.
        """
        return self._run(Steps(at, at + 1), at, at, 0, visit)

    def _run(self, times: Steps, start: int, end: int, step: int, visit: Visit = evaluate) -> Run:
        setting = Setting(
            self._store,
            visit,
            self._marks,
            self._bounds,
            Budget(self._max_samples),
            start,
            end,
            step,
            self._lookback,
            self._resolution,
            self._born,
            Notes(),
        )
        return Run(setting, times)

    def _range(self, expr: str, node: Node, start: int, end: int, step: int) -> Value:
        if step < 1:
            raise PromQLError(f"the step must be at least 1 ms, not {step}")
        if end < start:
            raise PromQLError(f"the range ends at {end} ms, before it starts at {start} ms")
        steps, most = (end - start) // step, self._max_steps
        if steps > most:
            raise PromQLError(
                f"it would have {steps + 1:,} points for each series, and the limit is {most:,}: "
                f"choose a step of {-(-(end - start) // most):,} ms or more"
            )
        kind = node.kind
        if kind not in (Kind.SCALAR, Kind.VECTOR):
            raise PromQLError(f"a range query takes a scalar or an instant vector, not a {kind.value}")
        times = Steps(start, end + 1, step)
        run = self._run(times, start, end, step)
        result = evaluate(node, run)
        if kind is Kind.SCALAR:
            return _noted(Matrix((Series(EMPTY, times, as_scalar(result)),)), run, expr)
        curves = named(as_vector(result))
        if len(curves) * len(times) > self._max_points:
            raise PromQLError(
                f"{len(curves):,} series of {len(times):,} points are more than the limit of {self._max_points:,} "
                "points: aggregate, or choose a longer step"
            )
        series = [_series(curve, times) for curve in curves]
        return _noted(Matrix(tuple(sorted(series, key=lambda s: tuple(s.labels.items())))), run, expr)


def _instant(node: Node, run: Run, at: int) -> Value:
    if node.kind is Kind.MATRIX:
        return _samples(node, run)
    result = evaluate(node, run)
    if isinstance(result, str):
        return String(result, at)
    if node.kind is Kind.SCALAR:
        return Scalar(as_scalar(result)[0], at)
    curves = named(as_vector(result))
    return Vector(tuple([Sample(curve.labels, at, v) for curve in curves if (v := curve.values[0]) is not None]))


def check(expr: str) -> None:
    """PromQLError where a query cannot be read, or its types or functions are wrong."""
    checked(expr)


@lru_cache(maxsize=QUERIES)
def checked(expr: str) -> Node:
    """The query's node, once all that it needs is known to be there."""
    node = parse(expr)
    for each in walk(node):
        if isinstance(each, Call) and each.name not in FUNCTIONS:
            raise PromQLError(f"{quoted(expr)}: the function {each.name}() is not supported")
        if isinstance(each, Selector):
            for matcher in each.matchers:
                _check_regex(matcher)
    return node


def _check_regex(matcher: Matcher) -> None:
    if matcher.op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
        compiled(matcher.value)


def _noted(value: Value, run: Run, expr: str) -> Value:
    """The value with what was said beside it."""
    notes = run.set.notes
    return replace(value, warnings=notes.warnings(expr), infos=notes.infos(expr)) if notes else value


def _series(curve: Curve, times: Steps) -> Series:
    """A curve without its gaps."""
    if not curve.values.count(None):
        return Series(curve.labels, times, cast("Sequence[float]", curve.values))
    present = [(t, v) for t, v in zip(times, curve.values, strict=True) if v is not None]
    return Series(curve.labels, [t for t, _ in present], [v for _, v in present])


def _samples(node: Node, run: Run) -> Matrix:
    """The samples that a range vector holds at the run's one step."""
    found = windows(node, run)
    series = []
    for column, unnamed in zip(found.columns, found.unnamed, strict=True):
        stale = run.marks(column).stale
        low, high = run.bounds(column.times, found.refs, found.span)
        times = window_times(column, low[0], high[0], stale)
        if times:
            labels = nameless(column.labels) if unnamed else column.labels
            series.append(Series(labels, times, window_values(column, low[0], high[0], stale)))
    return Matrix(tuple(series))
