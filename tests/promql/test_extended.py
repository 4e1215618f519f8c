"""Windows that look beyond themselves, durations that are worked out, and labels that info() joins."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.sample import STALE
from tradetop.model.value import Matrix, Vector
from tradetop.promql import Engine, PromQLError
from tradetop.promql.explain import explain
from tradetop.store import MemoryStore

SECOND = 1_000
MINUTE = 60 * SECOND


def stored(**series: list[float | None]) -> MemoryStore:
    """Series with a sample a minute from 0 on."""
    store = MemoryStore()
    for name, values in series.items():
        for i, value in enumerate(values):
            if value is not None:
                store.append({"__name__": name, "job": "bot"}, i * MINUTE, value)
    return store


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(stored(x_total=[10.0 * i for i in range(11)], y_total=[10, 20, 5, 15], gone=[1, 2, STALE]))


def only(engine: Engine, expr: str, at: float) -> float | None:
    """The one value at a time (s); None where there is none."""
    value = engine.instant(expr, at=round(at * SECOND))
    assert isinstance(value, Vector)
    assert len(value.samples) < 2
    return value.samples[0].value if value.samples else None


@pytest.mark.parametrize(
    ("expr", "at", "value"),
    [
        ("increase(x_total[2m] anchored)", 330, 20),
        ("increase(x_total[2m] smoothed)", 330, 20),
        ("increase(x_total[2m] anchored)", 345, 20),
        ("increase(x_total[90s] smoothed)", 345, 15),
        ("rate(x_total[2m] anchored)", 330, 20 / 120),
        ("rate(x_total[90s] smoothed)", 345, 15 / 90),
        ("increase(x_total[2m] anchored offset 1m)", 390, 20),
        ("increase(x_total[2m] offset 1m anchored @ 390)", 0, 20),
        ("increase(x_total[1m] anchored)", 30, 0),
        ("increase(x_total[1m] anchored)", 700, None),
        ("increase(x_total[1m] smoothed)", 700, None),
        ("increase(x_total[1m] smoothed)", -30, None),
        ("increase(y_total[2m] anchored)", 180, 15),
        ("increase(y_total[1m] smoothed)", 150, 7.5),
        ("delta(y_total[1m] smoothed)", 150, -2.5),
        ("delta(y_total[1m] anchored)", 150, -15),
        ("changes(y_total[2m] anchored)", 180, 2),
        ("changes(y_total[2m])", 180, 1),
        ("resets(y_total[2m] anchored)", 180, 1),
        ("resets(y_total[1m] anchored)", 700, None),
        ("y_total smoothed", 150, 10),
        ("y_total smoothed", 180, 15),
        ("y_total smoothed", 240, 15),
        ("y_total smoothed", -10, None),
        ("y_total smoothed offset 1m", 210, 10),
        ("y_total anchored", 150, 5),
        ("gone smoothed", 150, 2),
        ("gone", 150, None),
    ],
)
def test_a_window_reaches_to_the_samples_beside_it(engine: Engine, expr: str, at: int, value: float | None) -> None:
    found = only(engine, expr, at)
    assert found == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("expr", "samples"),
    [
        ("x_total[2m] anchored", [(210, 30), (240, 40), (300, 50), (330, 50)]),
        ("x_total[2m] smoothed", [(210, 35), (240, 40), (300, 50), (330, 55)]),
    ],
)
def test_such_a_window_shows_the_values_at_its_ends(
    engine: Engine, expr: str, samples: list[tuple[int, float]]
) -> None:
    value = engine.instant(expr, at=330 * SECOND)
    assert isinstance(value, Matrix)
    (series,) = value.series
    assert list(zip(series.times, series.values, strict=True)) == [(t * SECOND, v) for t, v in samples]
    (part,) = explain(engine, f"rate({expr})", 330 * SECOND).parts
    assert (part.text, part.elements[0].count) == (expr, 4)


def increased(samples: list[tuple[int, float]], start: int, end: int, lookback: int, *, smooth: bool) -> float | None:
    """Prometheus' extendedRate for a counter, word for word."""
    seen = [s for s in samples if start - lookback < s[0] <= (end + lookback if smooth else end)]
    if not seen:
        return None
    times = [t for t, _ in seen]
    last = len(seen) - 1
    first = max(0, bisect_right(times, start, 0, last) - 1)
    last = bisect_left(times, end, 0, last) if smooth else last
    if times[last] <= start or (smooth and times[first] > end):
        return None

    def between(i: int, t: int) -> float:
        (t1, y1), (t2, y2) = seen[i], seen[i + 1]
        y1 = 0.0 if y2 < y1 else y1
        return y1 + (y2 - y1) * (t - t1) / (t2 - t1)

    left = between(first, start) if smooth and times[first] < start else seen[first][1]
    right = between(last - 1, end) if smooth and last > 0 and times[last] > end else seen[last][1]
    lost, before = 0.0, left
    for t, value in seen[first : last + 1]:
        if start < t < end:
            lost += before if value < before else 0.0
            before = value
    return right - left + lost + (before if right < before else 0.0)


GAPS = st.lists(st.tuples(st.integers(1, 90), st.integers(0, 9) | st.none()), min_size=1, max_size=12)
"""Seconds to the next sample, and its value; None for a staleness marker."""


@settings(max_examples=400, deadline=None)
@given(GAPS, st.sampled_from(["anchored", "smoothed"]), st.integers(1, 120), st.integers(30, 300))
def test_it_is_prometheus_own_at_every_step(
    gaps: list[tuple[int, int | None]], reach: str, span: int, back: int
) -> None:
    store, samples, t = MemoryStore(), [], 0
    for gap, value in gaps:
        t += gap * SECOND
        store.append({"__name__": "c_total"}, t, STALE if value is None else float(value))
        if value is not None:
            samples.append((t, float(value)))
    engine = Engine(store, lookback=back * SECOND)
    times = range(0, t + 100 * SECOND, 7 * SECOND)
    value = engine.range(f"increase(c_total[{span}s] {reach})", start=0, end=times[-1], step=7 * SECOND)
    assert isinstance(value, Matrix)
    found = dict(zip(value.series[0].times, value.series[0].values, strict=True)) if value.series else {}
    for now in times:
        want = increased(samples, now - span * SECOND, now, back * SECOND, smooth=reach == "smoothed")
        assert found.get(now) == (None if want is None else pytest.approx(want)), now


def test_a_duration_may_depend_on_the_querys_step_and_range(engine: Engine) -> None:
    def steps(expr: str) -> list[float]:
        value = engine.range(expr, start=4 * MINUTE, end=8 * MINUTE, step=2 * MINUTE)
        assert isinstance(value, Matrix)
        return list(value.series[0].values)

    assert steps("count_over_time(x_total[step()])") == [2, 2, 2]
    assert steps("count_over_time(x_total[2 * step() + 1m])") == [5, 5, 5]
    assert steps("count_over_time(x_total[max(step(), 5m)])") == [5, 5, 5]
    assert steps("x_total offset (step() / 2)") == [30, 50, 70]
    assert steps("x_total offset -step()") == [60, 80, 100]
    assert steps("max_over_time(x_total[range()] @ end())") == [80, 80, 80]
    assert steps("count_over_time(x_total[4m:step()])") == [2, 2, 2]
    assert steps("count_over_time(x_total[range():1m] offset (range()))") == [1, 3, 4]


@pytest.mark.parametrize(
    "expr", ["rate(x_total[step()])", "max_over_time(x_total[1h:range()])", "x_total[step() - 5m]"]
)
def test_at_one_time_a_step_has_no_length(engine: Engine, expr: str) -> None:
    with pytest.raises(PromQLError, match="at least 1ms; in a query at one time"):
        engine.instant(expr, at=0)
    assert "at least 1ms" in str(explain(engine, expr, 0))


def test_a_division_by_a_step_that_is_nothing_is_an_error(engine: Engine) -> None:
    with pytest.raises(PromQLError, match="a division by zero in a duration"):
        engine.instant("x_total offset (1h / step())", at=0)


BOT = {"job": "bot", "instance": "a:1"}


@pytest.fixture(scope="module")
def told() -> Engine:
    """A bot that tells of itself; a restart after five minutes brings another version."""
    store = MemoryStore()
    for i in range(11):
        t = i * MINUTE
        version = "1.0" if i < 5 else "2.0"
        store.append({"__name__": "pnl", **BOT, "symbol": "BTC"}, t, float(i))
        store.append({"__name__": "pnl", "job": "other", "instance": "b:2"}, t, 50.0)
        store.append({"__name__": "own", **BOT, "version": "mine"}, t, 7.0)
        store.append({"__name__": "target_info", **BOT, "version": version, "region": "eu"}, t, 1.0)
        store.append({"__name__": "build_info", **BOT, "rev": "f00"}, t, 1.0)
        store.append({"__name__": "twice_info", **BOT, "rev": "one"}, t, 1.0)
        store.append({"__name__": "twice_info", **BOT, "rev": "two"}, t, 1.0)
    return Engine(store)


def joined(engine: Engine, expr: str) -> set[str]:
    value = engine.instant(expr, at=10 * MINUTE)
    assert isinstance(value, Vector)
    return {str(sample.labels.without("job", "instance")) for sample in value.samples}


@pytest.mark.parametrize(
    ("expr", "labels"),
    [
        ("info(pnl)", {"pnl", 'pnl{region="eu",symbol="BTC",version="2.0"}'}),
        ('info(pnl, {version=~".+"})', {'pnl{symbol="BTC",version="2.0"}'}),
        ('info(pnl, {version=~".*"})', {"pnl", 'pnl{symbol="BTC",version="2.0"}'}),
        ('info(pnl, {region="us"})', set()),
        ('info(pnl, {missing=""})', {"pnl", 'pnl{symbol="BTC"}'}),
        ('info(pnl, {__name__="build_info"})', {"pnl", 'pnl{rev="f00",symbol="BTC"}'}),
        ('info(pnl, {__name__=~"(target|build)_info", rev=~".+"})', {'pnl{rev="f00",symbol="BTC"}'}),
        ("info(pnl, {})", {"pnl", 'pnl{region="eu",symbol="BTC",version="2.0"}'}),
        ("info(own)", {'own{region="eu",version="mine"}'}),
        ("info(target_info)", {'target_info{region="eu",version="2.0"}'}),
        ("info(rate(pnl[5m]))", {"{}", '{region="eu",symbol="BTC",version="2.0"}'}),
        ("sum by (version) (info(pnl))", {"{}", '{version="2.0"}'}),
        ("info(nothing)", set()),
        ("info(vector(1))", {"{}"}),
    ],
)
def test_info_joins_what_a_bot_tells_of_itself(told: Engine, expr: str, labels: set[str]) -> None:
    assert joined(told, expr) == labels


def test_info_follows_a_restart_from_step_to_step(told: Engine) -> None:
    value = told.range('info(pnl{symbol="BTC"}, {version=~".+"})', start=0, end=10 * MINUTE, step=MINUTE)
    assert isinstance(value, Matrix)
    assert {s.labels["version"]: (s.times[0], s.times[-1]) for s in value.series} == {
        "1.0": (0, 4 * MINUTE),
        "2.0": (5 * MINUTE, 10 * MINUTE),
    }


def test_two_infos_that_disagree_are_an_error(told: Engine) -> None:
    with pytest.raises(PromQLError, match="found duplicate series for info metric"):
        told.instant('info(pnl, {__name__="twice_info"})', at=0)
    with pytest.raises(PromQLError, match="conflicting label: rev"):
        told.instant('info(pnl, {__name__=~"build_info|twice_info", rev!="two"})', at=0)


def test_an_explanation_of_info_looks_at_what_is_joined_to_alone(told: Engine) -> None:
    whole = explain(told, "info(pnl, {})", 0)
    assert [part.text for part in whole.parts] == ["pnl"]
    assert told.metric_names("info(pnl, {})") == {"pnl"}
