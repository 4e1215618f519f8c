"""Counters that first appear with their first event."""

from __future__ import annotations

import pytest

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.value import Matrix, Vector
from tradetop.promql import Engine
from tradetop.store import MemoryStore

TRIPS = Labels({"__name__": "breaker_trips_total", "type": "kill_switch"})
CREATED = Labels({"__name__": "breaker_trips_created", "type": "kill_switch"})
UP = Labels({"__name__": "up"})
STEP = 10_000


def value_at(store: MemoryStore, expr: str, at: int, *, born: bool = True) -> float | None:
    value = Engine(store, born_counters=born).instant(expr, at=at)
    assert isinstance(value, Vector)
    return value.samples[0].value if value.samples else None


def watched(pages: list[dict[Labels, float] | None]) -> MemoryStore:
    """A store that saw these pages, one every ten seconds; None is a scrape that failed."""
    store = MemoryStore()
    for slot, page in enumerate(pages):
        if page is None:
            store.append_failed("scrape", slot * STEP)
        else:
            store.append_scrape("scrape", slot * STEP, page)
    return store


def test_a_breaker_that_trips_once_is_seen_from_the_first_scrape_on_until_the_window_has_passed() -> None:
    store = watched([{UP: 1.0}] * 6 + [{UP: 1.0, TRIPS: 1.0}] * 60)
    value = Engine(store).range("increase(breaker_trips_total[5m]) > 0", start=0, end=65 * STEP, step=STEP)
    assert isinstance(value, Matrix)
    (series,) = value.series
    assert series.times[0] == 6 * STEP
    assert series.times[-1] == 34 * STEP  # Its zero, seen at 50 s, leaves the window (50 s, 350 s].
    assert set(series.values) == {1.0}


def test_prometheus_sees_nothing_of_it() -> None:
    store = watched([{UP: 1.0}] * 6 + [{UP: 1.0, TRIPS: 1.0}] * 60)
    engine = Engine(store, born_counters=False)
    value = engine.range("increase(breaker_trips_total[5m]) > 0", start=0, end=65 * STEP, step=STEP)
    assert value == Matrix(())


def test_a_counter_that_was_there_at_the_first_scrape_is_not_born_there() -> None:
    store = watched([{UP: 1.0, TRIPS: 7.0}] * 10)
    assert value_at(store, "increase(breaker_trips_total[5m])", 5 * STEP) == 0.0


def test_a_counter_that_was_there_before_a_failed_scrape_is_not_born_after_it() -> None:
    store = watched([{UP: 1.0, TRIPS: 7.0}] * 3 + [None, None] + [{UP: 1.0, TRIPS: 7.0}] * 3)
    assert value_at(store, "increase(breaker_trips_total[5m])", 7 * STEP) == 0.0


def test_a_counter_born_while_scrapes_failed_began_at_the_last_good_one() -> None:
    store = watched([{UP: 1.0}] * 3 + [None, None] + [{UP: 1.0, TRIPS: 2.0}])
    assert value_at(store, "increase(breaker_trips_total[5m])", 5 * STEP) == 2.0
    assert value_at(store, "increase(breaker_trips_total[20s])", 5 * STEP) is None


def test_a_counter_that_vanished_and_came_back_began_anew() -> None:
    store = watched([{UP: 1.0, TRIPS: 3.0}] * 3 + [{UP: 1.0}] + [{UP: 1.0, TRIPS: 4.0}] * 2)
    assert value_at(store, "increase(breaker_trips_total[1m])", 5 * STEP) > 4.0  # type: ignore[operator]
    assert value_at(store, "increase(breaker_trips_total[25s])", 5 * STEP) == 4.0


def test_growth_after_the_birth_is_extrapolated_and_the_birth_is_not() -> None:
    store = watched([{UP: 1.0}] + [{UP: 1.0, TRIPS: float(n)} for n in range(5, 15)])
    # Nine steps of one in 90 s, none to extrapolate at the end, and five at birth.
    assert value_at(store, "increase(breaker_trips_total[5m])", 10 * STEP) == pytest.approx(14.0)
    assert value_at(store, "rate(breaker_trips_total[5m])", 10 * STEP) == pytest.approx(14.0 / 300)


def test_the_created_series_says_when_a_counter_began() -> None:
    page = {UP: 1.0, TRIPS: 2.0, CREATED: 1_000.0}
    store = MemoryStore()
    for t in range(1_030_000, 1_300_000, STEP):
        store.append_scrape("scrape", t, page)
    assert value_at(store, "increase(breaker_trips_total[1m])", 1_050_000) == 2.0
    assert value_at(store, "increase(breaker_trips_total[1m])", 1_070_000) == 0.0
    assert value_at(store, "increase(breaker_trips_total[1h])", 1_290_000) == 2.0


def test_single_samples_are_born_by_their_created_series_alone() -> None:
    store = MemoryStore()
    store.append(UP, 1_000_000, 1)
    store.append(UP, 1_010_000, 1)
    store.append(TRIPS, 1_010_000, 1)
    assert value_at(store, "increase(breaker_trips_total[5m])", 1_010_000) is None
    store.append(CREATED, 1_010_000, 1_008.5)
    assert value_at(store, "increase(breaker_trips_total[5m])", 1_010_000) == 1.0


def test_a_restart_between_two_scrapes_is_a_reset_though_the_count_is_higher() -> None:
    before, after = {TRIPS: 2.0, CREATED: 900.0}, {TRIPS: 3.0, CREATED: 1_004.0}
    store = MemoryStore()
    for t in (980_000, 990_000, 1_000_000):
        store.append_scrape("scrape", t, before)
    for t in (1_010_000, 1_020_000):
        store.append_scrape("scrape", t, after)
    seen = value_at(store, "increase(breaker_trips_total[41s])", 1_020_000)
    assert seen is not None
    assert 3.0 <= seen < 3.2
    assert value_at(store, "increase(breaker_trips_total[41s])", 1_020_000, born=False) < 1.1  # type: ignore[operator]


@pytest.mark.parametrize("skewed", [500.0, 1_009.9, 1_012.0, 5_000.0], ids=["behind", "now", "ahead", "far ahead"])
def test_a_bot_whose_clock_is_wrong_is_not_counted_twice(skewed: float) -> None:
    store = MemoryStore()
    store.append_scrape("scrape", 1_000_000, {UP: 1.0})
    for t in range(1_010_000, 1_060_000, STEP):
        store.append_scrape("scrape", t, {UP: 1.0, TRIPS: 1.0, CREATED: skewed})
    assert value_at(store, "increase(breaker_trips_total[5m])", 1_050_000) == 1.0


def test_the_buckets_of_a_histogram_are_born_too() -> None:
    buckets = {
        Labels({"__name__": "wait_seconds_bucket", "le": le}): count for le, count in (("1.0", 0.0), ("+Inf", 4.0))
    }
    store = watched([{UP: 1.0}] * 3 + [{UP: 1.0, **buckets}] * 2)
    value = Engine(store).instant("increase(wait_seconds_bucket[1m])", at=3 * STEP)
    assert isinstance(value, Vector)
    assert {sample.labels["le"]: sample.value for sample in value.samples} == {"1.0": 0.0, "+Inf": 4.0}


def test_a_gauge_is_not_born() -> None:
    balance, odd = Labels({"__name__": "balance_usd"}), Labels({"__name__": "odd_total"})
    store = MemoryStore()
    store.set_metadata("odd_total", Metadata("gauge"))
    store.append_scrape("scrape", 0, {UP: 1.0})
    store.append_scrape("scrape", STEP, {UP: 1.0, balance: 10_000.0, odd: 5.0})
    assert value_at(store, "rate(balance_usd[5m])", STEP) is None
    assert value_at(store, "rate(odd_total[5m])", STEP) is None


def test_delta_and_the_other_functions_stay_as_they_are_in_prometheus() -> None:
    store = watched([{UP: 1.0}] * 3 + [{UP: 1.0, TRIPS: 1.0}])
    for function in ("delta", "irate", "idelta", "deriv"):
        assert value_at(store, f"{function}(breaker_trips_total[5m])", 3 * STEP) is None
    assert value_at(store, "changes(breaker_trips_total[5m])", 3 * STEP) == 0.0


def test_the_last_two_samples_of_a_counter_that_began_between_them() -> None:
    store = MemoryStore()
    store.append({"__name__": "c_total"}, 1_700_000_000_000, 10.0, 1_700_000_000_000 - 3_600_000)
    store.append({"__name__": "c_total"}, 1_700_000_000_000 + 60_000, 20.0, 1_700_000_000_000 + 30_000)
    for born, expected in ((True, 20 / 60), (False, 10 / 60)):
        engine = Engine(store, born_counters=born)
        value = engine.instant("irate(c_total[5m])", at=1_700_000_000_000 + 60_000)
        assert [sample.value for sample in value.samples] == [expected]  # type: ignore[union-attr]


def test_when_a_counter_began_is_a_function_too() -> None:
    now = 1_700_000_000_000
    store = MemoryStore()
    for t, value, start in ((0, 10.0, -3_600_000), (60_000, 12.0, -3_600_000), (120_000, 3.0, 90_000)):
        store.append({"__name__": "c_total", "job": "a"}, now + t, value, now + start)
        store.append({"__name__": "g", "job": "a"}, now + t, value)
    engine = Engine(store)
    for at, began in ((60_000, -3_600), (130_000, 90)):
        value = engine.instant("start_timestamp(c_total)", at=now + at)
        assert isinstance(value, Vector)
        assert [(str(s.labels), s.value) for s in value.samples] == [('{job="a"}', now / 1_000 + began)]
    for expr in ("start_timestamp(g)", "start_timestamp(c_total + 0)"):
        value = engine.instant(expr, at=now + 130_000)
        assert isinstance(value, Vector)
        assert [s.value for s in value.samples] == [0]
    matrix = engine.range("start_timestamp(c_total)", start=now, end=now + 120_000, step=60_000)
    assert isinstance(matrix, Matrix)
    assert [v - now / 1_000 for v in matrix.series[0].values] == [-3_600, -3_600, 90]
    assert engine.instant("start_timestamp(nothing)", at=now).samples == ()  # type: ignore[union-attr]
