"""Functions of the samples within a window, one series at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import ne

from tradetop.promql.error import PromQLError
from tradetop.promql.functions.signature import Function
from tradetop.promql.nodes import Call
from tradetop.promql.numbers import average, deviation, divide, exact_sum, greatest, least, quantile, variance
from tradetop.promql.run import Cell, Curve, Result, Run
from tradetop.promql.select import window_times, window_values, windows

Samples = Sequence[float]
Times = Sequence[int]


def _over(call: Call, run: Run, reduce: Callable[[Samples], Cell], *, keep_name: bool = False, arg: int = 0) -> Result:
    """Apply a function of a window's values, at least one, to every series."""
    found = windows(call.args[arg], run)
    curves = []
    for column, unnamed in zip(found.columns, found.unnamed, strict=True):
        stale = run.marks(column).stale
        low, high = run.bounds(column.times, found.refs, found.span)
        run.set.budget.spend(sum(high) - sum(low))
        values: list[Cell] = []
        for a, b in zip(low, high, strict=True):
            samples = window_values(column, a, b, stale)
            values.append(reduce(samples) if samples else None)
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values * found.repeat, unnamed or not keep_name))
    return curves


def _timed(call: Call, run: Run, reduce: Callable[[Samples, Times, int, int], Cell]) -> Result:
    """Apply a function of a window's values, their times, the reference time and the step's index."""
    found = windows(call.args[0], run)
    curves = []
    for column in found.columns:
        stale = run.marks(column).stale
        low, high = run.bounds(column.times, found.refs, found.span)
        run.set.budget.spend(sum(high) - sum(low))
        windowed = [
            (window_values(column, a, b, stale), window_times(column, a, b, stale))
            for a, b in zip(low, high, strict=True)
        ] * found.repeat
        now = run.grid.times
        values = [reduce(v, t, now[i], i) if v else None for i, (v, t) in enumerate(windowed)]
        if values.count(None) < len(values):
            curves.append(Curve(column.labels, values, True))
    return curves


def _simple(reduce: Callable[[Samples], Cell], *, keep_name: bool = False) -> Function:
    return lambda call, run: _over(call, run, reduce, keep_name=keep_name)


def _changes(values: Samples) -> float:
    count = 0
    for before, value in pairwise(values):
        if value != before and not (value != value and before != before):
            count += 1
    return float(count)


def _resets(values: Samples) -> float:
    return float(sum(value < before for before, value in pairwise(values)))


def _median_deviation(values: Samples) -> float:
    middle = quantile(0.5, values)
    return quantile(0.5, [abs(v - middle) for v in values])


def _quantile(call: Call, run: Run) -> Result:
    levels = run.scalar(call.args[0])
    if levels.count(levels[0]) == len(levels):
        return _over(call, run, lambda values: quantile(levels[0], values), arg=1)
    one = Call(call.name, call.args[1:], call.kind)
    return _timed(one, run, lambda values, _times, _now, i: quantile(levels[i], values))


def _regression(values: Samples, times: Times, origin: int) -> tuple[float, float] | None:
    """Slope (per second) and value at `origin` (ms) by least squares (functions.go, linearRegression)."""
    if len(values) < 2:
        return None
    first = values[0]
    if not any(map(ne, values, [first] * len(values))):
        return (math.nan, math.nan) if math.isinf(first) else (0.0, first)
    try:
        xs = [(t - origin) / 1_000 for t in times]
        n = len(values)
        sum_x, sum_y = math.fsum(xs), math.fsum(values)
        co = math.fsum(x * y for x, y in zip(xs, values, strict=True)) - sum_x * sum_y / n
        var = math.fsum(x * x for x in xs) - sum_x * sum_x / n
    except (OverflowError, ValueError):
        return math.nan, math.nan
    slope = divide(co, var)
    return slope, sum_y / n - slope * sum_x / n


def _deriv(values: Samples, times: Times, _now: int, _step: int) -> Cell:
    line = _regression(values, times, times[0])
    return None if line is None else line[0]


def _predict(call: Call, run: Run) -> Result:
    ahead = run.scalar(call.args[1])

    def predicted(values: Samples, times: Times, now: int, step: int) -> Cell:
        line = _regression(values, times, now)
        return None if line is None else line[0] * ahead[step] + line[1]

    return _timed(call, run, predicted)


def _smooth(call: Call, run: Run) -> Result:
    """Holt's double exponential smoothing (functions.go, funcDoubleExponentialSmoothing)."""
    levels, trends = run.scalar(call.args[1]), run.scalar(call.args[2])
    for word, factors in (("smoothing", levels), ("trend", trends)):
        for factor in factors:
            if not 0 < factor < 1:
                raise PromQLError(f"invalid {word} factor. Expected: 0 < factor < 1, got: {factor:g}")

    def smoothed(values: Samples, _times: Times, _now: int, step: int) -> Cell:
        if len(values) < 2:
            return None
        level, factor = levels[step], trends[step]
        before, now, slope = 0.0, values[0], values[1] - values[0]
        for i in range(1, len(values)):
            if i > 1:
                slope = factor * (now - before) + (1 - factor) * slope
            before, now = now, level * values[i] + (1 - level) * (now + slope)
        return now

    return _timed(call, run, smoothed)


def _time_of(better: Callable[[float, float], bool]) -> Callable[[Samples, Times, int, int], Cell]:
    def found(values: Samples, times: Times, _now: int, _step: int) -> Cell:
        best = 0
        for i, value in enumerate(values):
            if better(value, values[best]) or values[best] != values[best]:
                best = i
        return times[best] / 1_000

    return found


FUNCTIONS: dict[str, Function] = {
    "avg_over_time": _simple(average),
    "changes": _simple(_changes),
    "count_over_time": _simple(lambda values: float(len(values))),
    "deriv": lambda call, run: _timed(call, run, _deriv),
    "double_exponential_smoothing": _smooth,
    "first_over_time": _simple(lambda values: values[0], keep_name=True),
    "last_over_time": _simple(lambda values: values[-1], keep_name=True),
    "mad_over_time": _simple(_median_deviation),
    "max_over_time": _simple(greatest),
    "min_over_time": _simple(least),
    "predict_linear": _predict,
    "present_over_time": _simple(lambda _values: 1.0),
    "quantile_over_time": _quantile,
    "resets": _simple(_resets),
    "stddev_over_time": _simple(deviation),
    "stdvar_over_time": _simple(variance),
    "sum_over_time": _simple(exact_sum),
    "ts_of_first_over_time": lambda call, run: _timed(call, run, lambda _v, times, _n, _s: times[0] / 1_000),
    "ts_of_last_over_time": lambda call, run: _timed(call, run, lambda _v, times, _n, _s: times[-1] / 1_000),
    "ts_of_max_over_time": lambda call, run: _timed(call, run, _time_of(lambda x, best: x >= best)),
    "ts_of_min_over_time": lambda call, run: _timed(call, run, _time_of(lambda x, best: x <= best)),
}
