"""Functions of the samples within a window, one series at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import gt, ne

from tradetop.promql.error import PromQLError
from tradetop.promql.functions.signature import Function
from tradetop.promql.nodes import Call
from tradetop.promql.numbers import (
    average,
    exact_sum,
    greatest,
    least,
    quantile_of,
    root,
    sorted_nan_first,
    variance,
)
from tradetop.promql.run import Cell, Curve, Result, Run, as_vector
from tradetop.promql.select import windows
from tradetop.promql.sliding import NOWHERE, Line, counts, extremes, lines, ordered, sums, variances
from tradetop.promql.stretch import Stretch, stretch

QUICKLY = 4
"""How many samples of a sorted window cost as much as one that is looked at alone."""

Samples = Sequence[float]
Times = Sequence[int]

Slide = Callable[[Stretch], list[Cell]]
"""What each window of a stretch gives."""

OFTEN = 8
"""A sum of its own for each window is faster until every sample is seen so often."""


def _over(
    call: Call, run: Run, slide: Slide, *, keep_name: bool = False, arg: int = 0, stepwise: bool = False
) -> Result:
    """Apply a function to the windows of every series; `stepwise` where it asks which step it is at."""
    found = windows(call.args[arg], run)
    curves = []
    for column, unnamed in zip(found.columns, found.unnamed, strict=True):
        seen = stretch(column, found, run)
        if stepwise and found.repeat > 1:
            seen = replace(seen, low=[*seen.low] * found.repeat, high=[*seen.high] * found.repeat)
        values = slide(seen)
        if values.count(None) < len(values):
            all_values = values if stepwise else values * found.repeat
            curves.append(Curve(column.labels, all_values, unnamed or not keep_name))
    return curves


def _simple(slide: Slide, *, keep_name: bool = False) -> Function:
    return lambda call, run: _over(call, run, slide, keep_name=keep_name)


def _each(reduce: Callable[[Samples], float]) -> Slide:
    """A window at a time."""
    return lambda seen: [reduce(window) if window else None for window in seen.windows()]


def _near(slide: Slide) -> Slide:
    """Windows far apart are looked at one by one, so that what lies between them costs nothing."""
    return lambda seen: slide(seen) if seen.overlap(1) else [v for alone in seen.alone() for v in slide(alone)]


def _sums(seen: Stretch) -> list[Cell]:
    found = sums(seen.values, seen.low, seen.high) if seen.overlap(OFTEN) else None
    return _each(exact_sum)(seen) if found is None else found


def _averages(seen: Stretch) -> list[Cell]:
    found = sums(seen.values, seen.low, seen.high, mean=True) if seen.overlap(OFTEN) else None
    return _each(average)(seen) if found is None else found


def _variances(seen: Stretch) -> list[Cell]:
    found = variances(seen.values, seen.low, seen.high)
    return _each(_variance)(seen) if found is None else found


def _variance(values: Samples) -> float:
    found = variances(values, (0,), (len(values),))
    # What is not finite goes as Welford's method takes it.
    return variance(values) if found is None or found[0] is None else found[0]


def _deviations(seen: Stretch) -> list[Cell]:
    return [None if v is None else root(v) for v in _variances(seen)]


def _extremes(best: Callable[..., float], reduce: Callable[[Samples], float]) -> Slide:
    def slide(seen: Stretch) -> list[Cell]:
        if not seen.overlap(2) or math.isnan(sum(seen.values)):
            return _each(reduce)(seen)
        return extremes(seen.values, seen.low, seen.high, best)

    return slide


def _ordered(seen: Stretch) -> Iterator[list[float]]:
    """Each window's values, sorted with NaN first, until the next is asked for."""
    if math.isnan(sum(seen.values)):
        return map(sorted_nan_first, seen.windows())
    seen.look(QUICKLY)
    return ordered(seen.values, seen.low, seen.high)


def _changes(seen: Stretch) -> list[Cell]:
    values = seen.values
    if math.isnan(sum(values)):
        flags = [x != y and (x == x or y == y) for x, y in pairwise(values)]
    else:
        flags = list(map(ne, values, values[1:]))
    return counts(flags, seen.low, seen.high)


def _resets(seen: Stretch) -> list[Cell]:
    return counts(list(map(gt, seen.values, seen.values[1:])), seen.low, seen.high)


def _median_deviations(seen: Stretch) -> list[Cell]:
    return [_median_deviation(window) if window else None for window in _ordered(seen)]


def _median_deviation(window: list[float]) -> float:
    middle = quantile_of(0.5, window)
    return quantile_of(0.5, sorted_nan_first([abs(v - middle) for v in window]))


def _quantile(call: Call, run: Run) -> Result:
    levels = run.scalar(call.args[0])

    def slide(seen: Stretch) -> list[Cell]:
        return [quantile_of(q, window) if window else None for q, window in zip(levels, _ordered(seen), strict=True)]

    curves = as_vector(_over(call, run, slide, arg=1, stepwise=True))
    if any(not 0 <= q <= 1 for q in levels):
        rows = zip(*(curve.values for curve in curves), strict=True)
        run.warn_of_quantiles(
            [q for q, row in zip(levels, rows, strict=False) if row.count(None) < len(row)], call.args[0]
        )
    return curves


def _lines(seen: Stretch) -> list[Line | None]:
    """The line through each window; one that leads nowhere where a value is not finite."""
    found = lines(seen.values, seen.times, seen.low, seen.high)
    if found is not None:
        return found
    out: list[Line | None] = []
    for alone in seen.alone():
        one = lines(alone.values, alone.times, alone.low, alone.high)
        out.append(one[0] if one is not None else NOWHERE if alone.seen > 1 else None)
    return out


def _drawn(seen: Stretch, read: Callable[[Line, int], float]) -> list[Cell]:
    """What is read of each window's line at each step."""
    found = _lines(seen) if seen.overlap(1) else [line for alone in seen.alone() for line in _lines(alone)]
    return [None if line is None else read(line, i) for i, line in enumerate(found)]


def _derivatives(seen: Stretch) -> list[Cell]:
    return _drawn(seen, lambda line, _step: line.slope)


def _predict(call: Call, run: Run) -> Result:
    ahead, times = run.scalar(call.args[1]), run.grid.times
    return _over(
        call,
        run,
        lambda seen: _drawn(seen, lambda line, i: line.slope * ahead[i] + line.at(times[i])),
        stepwise=True,
    )


def _smooth(call: Call, run: Run) -> Result:
    """Holt's double exponential smoothing (functions.go, funcDoubleExponentialSmoothing)."""
    levels, trends = run.scalar(call.args[1]), run.scalar(call.args[2])

    def slide(seen: Stretch) -> list[Cell]:
        return [_smoothed(window, levels[i], trends[i]) for i, window in enumerate(seen.windows())]

    curves = _over(call, run, slide, stepwise=True)
    for word, short, factors in (("smoothing", "sf", levels), ("trend", "tf", trends)):
        for factor in factors if curves else ():
            if factor <= 0 or factor >= 1:
                raise PromQLError(f"invalid {word} factor. Expected: 0 < {short} < 1, got: {factor:f}")
    return curves


def _smoothed(values: Samples, level: float, factor: float) -> Cell:
    if len(values) < 2:
        return None
    before, now, slope = 0.0, values[0], values[1] - values[0]
    for i in range(1, len(values)):
        if i > 1:
            slope = factor * (now - before) + (1 - factor) * slope
        before, now = now, level * values[i] + (1 - level) * (now + slope)
    return now


def _time_of(better: Callable[[float, float], bool]) -> Slide:
    def place(values: Samples) -> int:
        best = 0
        for i, value in enumerate(values):
            if better(value, values[best]) or values[best] != values[best]:
                best = i
        return best

    return lambda seen: [
        seen.times[a + place(seen.values[a:b])] / 1_000 if b > a else None
        for a, b in zip(seen.low, seen.high, strict=True)
    ]


def _of_bounds(read: Callable[[Stretch, int, int], float]) -> Slide:
    """What depends on where a window begins and ends alone."""
    return lambda seen: [read(seen, a, b) if b > a else None for a, b in zip(seen.low, seen.high, strict=True)]


FUNCTIONS: dict[str, Function] = {
    "avg_over_time": _simple(_averages),
    "changes": _simple(_near(_changes)),
    "count_over_time": _simple(_of_bounds(lambda _seen, a, b: float(b - a))),
    "deriv": _simple(_derivatives),
    "double_exponential_smoothing": _smooth,
    "first_over_time": _simple(_of_bounds(lambda seen, a, _b: seen.values[a]), keep_name=True),
    "last_over_time": _simple(_of_bounds(lambda seen, _a, b: seen.values[b - 1]), keep_name=True),
    "mad_over_time": _simple(_median_deviations),
    "max_over_time": _simple(_extremes(max, greatest)),
    "min_over_time": _simple(_extremes(min, least)),
    "predict_linear": _predict,
    "present_over_time": _simple(_of_bounds(lambda _seen, _a, _b: 1.0)),
    "quantile_over_time": _quantile,
    "resets": _simple(_near(_resets)),
    "stddev_over_time": _simple(_near(_deviations)),
    "stdvar_over_time": _simple(_near(_variances)),
    "sum_over_time": _simple(_sums),
    "ts_of_first_over_time": _simple(_of_bounds(lambda seen, a, _b: seen.times[a] / 1_000)),
    "ts_of_last_over_time": _simple(_of_bounds(lambda seen, _a, b: seen.times[b - 1] / 1_000)),
    "ts_of_max_over_time": _simple(_time_of(lambda x, best: x >= best)),
    "ts_of_min_over_time": _simple(_time_of(lambda x, best: x <= best)),
}
