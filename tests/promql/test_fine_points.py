"""What is easily forgotten: where functions meet labels, absence, infinity, and rounding."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.clock import MINUTE
from tradetop.model.labels import Labels
from tradetop.model.value import Matrix, Vector
from tradetop.promql import Engine, PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.numbers import average
from tradetop.promql.text import written
from tradetop.store import MemoryStore

SECOND = 1_000
NOW = 60 * MINUTE


def engine_over(**series: dict[int, float]) -> Engine:
    """Each series by its name, with `__` before the value of a label `job`; times in minutes."""
    store = MemoryStore()
    for name, samples in series.items():
        metric, _, job = name.partition("__")
        for minute, value in samples.items():
            store.append({"__name__": metric, "job": job}, minute * MINUTE, value)
    return Engine(store)


def seen(engine: Engine, expr: str, at: int = NOW) -> dict[str, float]:
    """What an expression gives, by its labels; the same as the one step of a range."""
    value, matrix = engine.instant(expr, at=at), engine.range(expr, start=at, end=at, step=1)
    assert isinstance(value, Vector)
    assert isinstance(matrix, Matrix)
    found = {str(sample.labels): sample.value for sample in value.samples}
    assert {str(s.labels): repr(s.values[0]) for s in matrix.series} == {k: repr(v) for k, v in found.items()}
    return found


def test_what_stands_in_for_what_is_absent_is_one_series_with_it() -> None:
    engine = engine_over(x=dict.fromkeys(range(45, 51), 3.0))
    assert seen(engine, "max_over_time((sum(x) or vector(0))[50m:1m])") == {"{}": 3}
    assert seen(engine, "count(count_over_time((sum(x) or vector(0))[50m:1m]))") == {"{}": 1}
    assert seen(engine, "min_over_time((sum(x) or vector(0))[50m:1m])") == {"{}": 0}


def test_windows_that_know_no_birth_know_none_whoever_asked_before() -> None:
    store = MemoryStore()
    for i, value in enumerate((10.0, 15.0, 20.0, 30.0)):
        start = NOW - 90 * SECOND if i == 2 else NOW - 50 * MINUTE
        store.append({"__name__": "c_total"}, NOW - (3 - i) * MINUTE, value, start if i in (0, 2) else None)
    engine = Engine(store)
    assert seen(engine, "increase(c_total[4m] anchored)") == {"{}": 20}
    assert seen(engine, "increase(c_total[4m])")["{}"] > 35
    assert seen(engine, "increase(c_total[4m] anchored)") == {"{}": 20}


@given(st.floats(-1e12, 1e12), st.integers(1, 60))
def test_the_mean_of_what_is_always_the_same_is_that(value: float, count: int) -> None:
    assert average([value] * count) == value


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=40))
def test_a_mean_is_rounded_once(values: list[float]) -> None:
    assert average(values) == float(sum(map(Fraction, values)) / len(values))


def test_no_counter_is_seen_to_fall_in_means_of_what_stands_still() -> None:
    engine = engine_over(g=dict.fromkeys(range(61), 0.7))
    for window in ("3m", "30m"):
        assert seen(engine, f"g == bool avg_over_time(g[{window}])") == {"{}": 1}
    assert seen(engine, "increase(avg_over_time(g[3m])[30m:1m])") == {"{}": 0}


@pytest.mark.parametrize(
    ("expr", "labels"),
    [
        ("count_values without (v) ('v', g)", ['{job="a"}', '{job="b"}']),
        ("count_values without () ('__name__', g)", ['{job="a"}', '{job="b"}']),
        ("count_values without (job) ('v', g)", ['{v="1"}', '{v="2"}']),
        ("count_values without () ('job', g)", ['{job="1"}', '{job="2"}']),
        ("count_values by (v) ('v', g)", ['{v="1"}', '{v="2"}']),
        ("count_values ('__name__', g)", ["1", "2"]),
    ],
)
def test_a_value_becomes_a_label_before_labels_go(expr: str, labels: list[str]) -> None:
    assert sorted(seen(engine_over(g__a={60: 1.0}, g__b={60: 2.0}), expr)) == labels


@pytest.mark.parametrize(
    ("expr", "labels"),
    [
        ('absent(nope{a!="x", a="b"})', '{a="b"}'),
        ('absent(nope{a=~"x", a="b"})', '{a="b"}'),
        ('absent(nope{a="b", a!="x"})', "{}"),
        ('absent(nope{a="b", a="c"})', "{}"),
        ('absent_over_time(nope{a!="x", a="b"}[5m])', '{a="b"}'),
        ('absent((nope{a="b"}))', '{a="b"}'),
        ('absent(+nope{a="b"})', "{}"),
    ],
)
def test_absence_has_the_labels_that_are_asked_for(expr: str, labels: str) -> None:
    assert seen(engine_over(g={60: 1.0}), expr) == {labels: 1}


def test_a_plus_is_no_plain_selector() -> None:
    engine = engine_over(g={58: 1.0})
    assert seen(engine, "timestamp(g)") == {"{}": 58 * 60}
    assert seen(engine, "timestamp(+g)") == {"{}": 60 * 60}
    assert seen(engine, "+g") == {"g": 1}
    for text in ("+g", "timestamp(+g offset 1m)", "(+g)[5m:1m]", "1 + +g"):
        assert written(parse(text)) == text


def test_a_name_that_was_not_written_goes() -> None:
    engine = engine_over(c_total__a={50: 1.0, 55: 6.0, 60: 11.0})
    kept = "label_replace(rate(c_total[20m]), '__name__', 'x', 'job', '{}')"
    assert [*seen(engine, kept.format("zz"))] == ['{job="a"}']
    assert [*seen(engine, kept.format("a"))] == ['x{job="a"}']


def buckets(**counts: float) -> Engine:
    """A histogram by its bounds; `m` stands for a minus and `_` for a point."""
    store = MemoryStore()
    for name, count in counts.items():
        bound = "+Inf" if name == "inf" else name[1:].replace("m", "-").replace("_", ".")
        store.append(Labels({"__name__": "h", "le": bound}), NOW, count)
    return Engine(store)


@pytest.mark.parametrize(
    ("counts", "expr", "expected"),
    [
        ({"b0_1": 10, "b0_5": 5, "b1": 20, "inf": 20}, "histogram_fraction(0.1, 0.5, h)", -0.25),
        ({"b0_1": 10, "b0_5": 5, "b1": 20, "inf": 20}, "histogram_fraction(0, 0.3, h)", 0.375),
        ({"bm1": 10, "b0": 20, "inf": 40}, "histogram_fraction(-5, -1, h)", 0),
        ({"bm1": 10, "b0": 20, "inf": 40}, "histogram_fraction(-Inf, -1, h)", 0.25),
        ({"inf": 7}, "histogram_fraction(-Inf, Inf, h)", 1),
        ({"inf": 7}, "histogram_fraction(0, 5, h)", 0),
        ({"b1": 7}, "histogram_fraction(0, 1, h)", math.nan),
        ({"b1": 5, "inf": 10}, "histogram_fraction(0.5, Inf, h)", 0.75),
        ({"bm1": math.nan, "b2": 5, "inf": 10}, "histogram_quantile(0.5, h)", math.nan),
    ],
)
def test_shares_and_quantiles_of_odd_histograms(counts: dict[str, float], expr: str, expected: float) -> None:
    assert seen(buckets(**counts), expr) == {"{}": pytest.approx(expected, nan_ok=True)}


def test_levels_are_written_as_openmetrics_does() -> None:
    found = seen(buckets(b1=5, inf=10), 'histogram_quantiles(h, "q", 0, 1, 0.5, 0.00001)')
    assert sorted(found) == ['{q="0.0"}', '{q="0.5"}', '{q="1.0"}', '{q="1e-05"}']


@pytest.mark.parametrize(
    ("level", "counts", "told"),
    [
        ("0.5", {"b1": 9, "b2": 5, "inf": 10}, True),
        ("1.5", {"b1": 9, "b2": 5, "inf": 10}, False),
        ("NaN", {"b1": 9, "b2": 5, "inf": 10}, False),
        ("0.5", {"b1": 9, "b2": 5}, False),
    ],
)
def test_buckets_that_fall_are_told_where_they_matter(level: str, counts: dict[str, float], told: bool) -> None:
    engine = buckets(**counts)
    said = engine.instant(f"histogram_quantile({level}, h)", at=NOW).infos
    assert any("monotonicity" in line for line in said) is told
    assert engine.instant("histogram_fraction(0, 1, h)", at=NOW).infos == ()


def test_factors_of_smoothing_are_looked_at_where_there_is_something_to_smooth() -> None:
    engine = engine_over(g={55: 1.0, 56: 2.0})
    assert seen(engine, "double_exponential_smoothing(nope[5m], 0, 0.5)") == {}
    with pytest.raises(PromQLError, match=r"invalid smoothing factor\. Expected: 0 < sf < 1, got: 0\.000000"):
        engine.instant("double_exponential_smoothing(g[10m], 0, 0.5)", at=NOW)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("clamp_min(vector(NaN), Inf)", math.inf),
        ("clamp_max(vector(NaN), -Inf)", -math.inf),
        ("clamp_min(vector(Inf), NaN)", math.inf),
        ("clamp_min(vector(NaN), 1)", math.nan),
        ("clamp(vector(Inf), NaN, 1)", math.nan),
    ],
)
def test_nothing_is_larger_than_infinity(expr: str, expected: float) -> None:
    assert seen(engine_over(), expr) == {"{}": pytest.approx(expected, nan_ok=True)}


def test_the_larger_of_two_durations_by_either_name() -> None:
    engine = engine_over(g={58: 1.0, 59: 2.0})
    for word in ("max", "max_of"):
        assert seen(engine, f"count_over_time(g[{word}(step(), 5m)])") == {"{}": 2}
    assert seen(engine, "count_over_time(g[min_of(90s, 5m)])") == {"{}": 1}
