"""Windows that overlap: what they give is what each gives alone, worked out plainly."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.sample import STALE
from tradetop.model.value import Matrix, Vector
from tradetop.promql import Engine
from tradetop.promql.sliding import CHUNK, lines, sums, variances
from tradetop.store import MemoryStore

SCRAPE = 10_000
START = 1_700_000_000_000
ORDINARY = st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6)
EXTREME = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([5e-324, 1e308, -1e308, -0.0])
ODD = st.sampled_from([math.nan, math.inf, -math.inf, STALE])
Values = list[float]

SERIES = (
    st.lists(ORDINARY, min_size=1, max_size=60)
    | st.lists(ORDINARY | st.just(STALE), min_size=1, max_size=60)
    | st.lists(ORDINARY | ODD, min_size=1, max_size=60)
    | st.lists(st.floats(1e9, 1e9 + 1e-3), min_size=1, max_size=60)
)


def near(one: float, other: float) -> bool:
    return (one != one and other != other) or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-300)


def recorded(values: Values) -> Engine:
    store = MemoryStore()
    for i, value in enumerate(values):
        store.append({"__name__": "m"}, i * SCRAPE, value)
    return Engine(store)


def swept(values: Values, expr: str, span: int, step: int) -> dict[int, float]:
    """The values of an expression over a window, at each step of the whole time."""
    end = len(values) * SCRAPE
    found = recorded(values).range(expr.replace("W", f"{span}ms"), start=0, end=end, step=step)
    assert isinstance(found, Matrix)
    return {t: v for series in found.series for t, v in zip(series.times, series.values, strict=True)}


def alone(values: Values, expr: str, span: int, at: int) -> float:
    found = recorded(values).instant(expr.replace("W", f"{span}ms"), at=at)
    assert isinstance(found, Vector)
    return found.samples[0].value


def windows(values: Values, span: int, step: int) -> dict[int, list[tuple[int, float]]]:
    samples = [(i * SCRAPE, v) for i, v in enumerate(values) if v is not STALE]
    steps = range(0, len(values) * SCRAPE + 1, step)
    found = {t: [s for s in samples if t - span < s[0] <= t] for t in steps}
    return {t: window for t, window in found.items() if window}


def plain_sum(values: Sequence[float]) -> float:
    try:
        return math.fsum(values)
    except (ValueError, OverflowError):
        return float(sum(values))


def plain_variance(values: Sequence[float]) -> float:
    if not all(map(math.isfinite, values)):
        return math.nan
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / len(exact)
    try:
        return float(sum((v - mean) ** 2 for v in exact)) / len(exact)
    except OverflowError:
        return math.inf


def plain_best(better: Callable[[float, float], bool]) -> Callable[[Sequence[float]], float]:
    def best(values: Sequence[float]) -> float:
        found = values[0]
        for value in values[1:]:
            if better(value, found) or found != found:
                found = value
        return found

    return best


def plain_quantile(values: Sequence[float], level: float = 0.3) -> float:
    ordered = sorted(values, key=lambda v: (v == v, v if v == v else 0))
    rank = level * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] * (1 - (rank - low)) + ordered[high] * (rank - low)


def plain_changes(values: Sequence[float]) -> float:
    return float(sum(a != b and not (a != a and b != b) for a, b in pairwise(values)))


def plain_resets(values: Sequence[float]) -> float:
    return float(sum(b < a for a, b in pairwise(values)))


def nearest(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


PLAIN: dict[str, Callable[[Sequence[float]], float]] = {
    "sum_over_time(m[W])": plain_sum,
    "stdvar_over_time(m[W])": plain_variance,
    "max_over_time(m[W])": plain_best(lambda a, b: a > b),
    "min_over_time(m[W])": plain_best(lambda a, b: a < b),
    "quantile_over_time(0.3, m[W])": plain_quantile,
    "changes(m[W])": plain_changes,
    "resets(m[W])": plain_resets,
    "count_over_time(m[W])": lambda values: float(len(values)),
    "last_over_time(m[W])": lambda values: values[-1],
    "first_over_time(m[W])": lambda values: values[0],
}
SPANS = st.sampled_from([10_000, 35_000, 120_000, 600_000])
STEPS = st.sampled_from([1_000, 7_000, 10_000, 40_000, 900_000])


@pytest.mark.parametrize("expr", PLAIN)
@settings(max_examples=60)
@given(SERIES, SPANS, STEPS)
def test_every_window_gives_what_it_gives_alone(expr: str, values: Values, span: int, step: int) -> None:
    found = swept(values, expr, span, step)
    expected = {t: PLAIN[expr]([v for _, v in window]) for t, window in windows(values, span, step).items()}
    assert found.keys() == expected.keys()
    assert all(near(found[t], expected[t]) for t in found), (found, expected)


@settings(max_examples=150)
@given(st.lists(ORDINARY | EXTREME, min_size=2, max_size=50), SPANS, STEPS)
def test_a_slope_is_that_of_exact_arithmetic(values: Values, span: int, step: int) -> None:
    found = swept(values, "deriv(m[W])", span, step)
    ahead = swept(values, "predict_linear(m[W], 0)", span, step)
    there = {t: w for t, w in windows(values, span, step).items() if len(w) > 1}
    assert found.keys() == ahead.keys() == there.keys()
    for t, window in there.items():
        if sum(abs(v) for _, v in window) == math.inf:
            continue
        xs, ys = [Fraction(x - t, 1_000) for x, _ in window], [Fraction(y) for _, y in window]
        n, x, y = len(window), sum(xs), sum(ys)
        slope = (n * sum(a * b for a, b in zip(xs, ys, strict=True)) - x * y) / (n * sum(a * a for a in xs) - x * x)
        assert near(found[t], nearest(slope))
        assert near(ahead[t], nearest((y - slope * x) / n))


@settings(max_examples=100)
@given(st.lists(EXTREME, min_size=1, max_size=40), SPANS, STEPS, st.sampled_from(["sum", "avg", "stdvar", "stddev"]))
def test_no_number_is_too_large_or_too_small(values: Values, span: int, step: int, what: str) -> None:
    expr = f"{what}_over_time(m[W])"
    found = swept(values, expr, span, step)
    for t, window in windows(values, span, step).items():
        assert window
        assert repr(found[t]) == repr(alone(values, expr, span, t))


@pytest.mark.parametrize(
    ("expr", "values", "expected"),
    [
        ("stddev_over_time(m[W])", [1e9 + i * 1e-6 for i in range(102)], 2.944e-05),
        ("stdvar_over_time(m[W])", [1e16, 1e16 + 2, 1e16 + 4], 8 / 3),
        ("stddev_over_time(m[W])", [0.1] * 10, 0.0),
        ("deriv(m[W])", [1.7e12 + 1e4 * i for i in range(50)], 1_000.0),
        ("deriv(m[W])", [1493712816939.0] * 50, 0.0),
        ("sum_over_time(m[W])", [1e16, 1.0, 1.0, -1e16], 2.0),
        ("avg_over_time(m[W])", [1e308, 1e308, 1e308], 1e308),
    ],
)
def test_large_numbers_keep_their_small_differences(expr: str, values: Values, expected: float) -> None:
    *_, last = swept(values, expr, 10**8, SCRAPE).values()
    assert last == pytest.approx(expected, rel=1e-3)
    assert repr(last) == repr(alone(values, expr, 10**8, len(values) * SCRAPE))


def test_a_long_stretch_is_summed_in_parts_and_gives_the_same() -> None:
    size = 2 * CHUNK + 1_000
    values = array("d", [(i * 7_919 % 10_007) / 8 - 300 for i in range(size)])
    times = range(START, START + size * SCRAPE, SCRAPE)
    low = [0, 0, 5, CHUNK - 1, CHUNK, CHUNK, 2 * CHUNK, size]
    high = [1, CHUNK, 2 * CHUNK + 5, 2 * CHUNK + 5, 2 * CHUNK + 6, size - 1, size, size]
    windows = [values[a:b] for a, b in zip(low, high, strict=True)]
    assert sums(values, low, high) == [math.fsum(w) if w else None for w in windows]
    assert variances(values, low, high) == [
        variances(w, [0], [len(w)])[0] if w else None  # type: ignore[index]
        for w in windows
    ]
    found = lines(values, times, low, high)
    assert found is not None
    for line, a, b in zip(found, low, high, strict=True):
        alone = lines(values[a:b], times[a:b], [0], [b - a])
        slopes = [None if one is None else (one.slope, one.at(START)) for one in (line, alone[0] if alone else None)]
        assert slopes[0] == slopes[1]
