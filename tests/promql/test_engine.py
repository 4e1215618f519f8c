"""What a caller of the engine meets: values, errors, limits and questions about queries."""

from __future__ import annotations

import math
import time

import pytest

from tradetop.model.labels import Labels
from tradetop.model.value import Matrix, Scalar, String, Vector
from tradetop.promql import Engine, PromQLError
from tradetop.store import MemoryStore

MINUTE = 60_000


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for n in range(11):
        for symbol, by in (("BTC", 1), ("ETH", 2)):
            store.append({"__name__": "trades_total", "symbol": symbol}, n * MINUTE, n * by)
        store.append({"__name__": "balance_usd"}, n * MINUTE, 1_000 - n)
    return store


def test_an_instant_gives_a_scalar_a_string_a_vector_or_samples(store: MemoryStore) -> None:
    engine = Engine(store)
    assert engine.instant("1 + 1", at=5) == Scalar(2.0, 5)
    assert engine.instant('"text"', at=5) == String("text", 5)
    vector = engine.instant("balance_usd", at=10 * MINUTE + 30_000)
    assert isinstance(vector, Vector)
    assert [(str(s.labels), s.t, s.value) for s in vector.samples] == [("balance_usd", 630_000, 990.0)]
    matrix = engine.instant("balance_usd[2m]", at=10 * MINUTE)
    assert isinstance(matrix, Matrix)
    assert list(matrix.series[0].times) == [540_000, 600_000]
    assert [value.type for value in (vector, matrix)] == ["vector", "matrix"]


def test_a_range_leaves_gaps_out_and_orders_its_series(store: MemoryStore) -> None:
    engine = Engine(store)
    value = engine.range("trades_total > 4", start=0, end=10 * MINUTE, step=5 * MINUTE)
    assert isinstance(value, Matrix)
    assert [(s.labels["symbol"], list(s.times), list(s.values)) for s in value.series] == [
        ("BTC", [300_000, 600_000], [5.0, 10.0]),
        ("ETH", [300_000, 600_000], [10.0, 20.0]),
    ]
    scalar = engine.range("time()", start=0, end=2_000, step=1_000)
    assert isinstance(scalar, Matrix)
    assert [list(s.values) for s in scalar.series] == [[0.0, 1.0, 2.0]]


@pytest.mark.parametrize(
    ("expr", "says"),
    [
        ("sum(", "1:5: unexpected end of the query, expected an expression"),
        ("", "1:1: the query is empty"),
        ("rate(balance_usd)", r"1:6: rate\(\) takes a range vector such as x\[5m\] here, not an instant vector"),
        ("nothing(balance_usd)", r"1:1: there is no function nothing\(\)"),
        ("holt_winters(balance_usd[5m], 0.5, 0.5)", "double_exponential_smoothing"),
        ('{__name__=~"("}', r'1:12: "\(" is no RE2 regular expression'),
        ('label_replace(balance_usd, "a", "", "b", "(")', r'"\(" is no RE2 regular expression'),
        ("balance_usd @ 1e20", "1:15: there is no such time"),
        ("balance_usd offset NaN", "1:20: a duration is longer than 292 years"),
        ("balance_usd[1e300]", "1:13: a duration is longer than 292 years"),
        ("balance_usd[9999999y]", "1:13: 9999999y is longer than 292 years"),
        ('balance_usd{a="b" or c="d"}', r'1:19: unexpected "or", expected "," or "}"'),
        (r'"\xff"', "half a character"),
        ("(" * 101 + "1" + ")" * 101, "nested more than 100 deep"),
        ("2" + "^1" * 150, "nested more than 100 deep"),
        ("-" * 150 + "balance_usd", "nested more than 100 deep"),
        ("1" + "+1" * 1_001, "more than 1,000 operators"),
        ("a" * 5_000, "5,000 bytes long; at most 4,096"),
        ("trades_total * on() group_left() trades_total", "many-to-many matching not allowed"),
        ("trades_total + on() balance_usd", "many-to-one matching must be explicit"),
        ('label_replace(trades_total, "symbol", "", "", "")', "same labelset"),
        ("topk(NaN, trades_total)", "Parameter value is NaN"),
    ],
)
def test_a_bad_query_says_what_is_wrong_and_which_query_it_is(store: MemoryStore, expr: str, says: str) -> None:
    with pytest.raises(PromQLError, match=says) as raised:
        Engine(store).instant(expr, at=10 * MINUTE)
    text = str(raised.value)
    assert expr[:40] in text or says == "half a character"
    assert len(text) < 1_100


def test_an_error_shows_escape_sequences_as_text(store: MemoryStore) -> None:
    with pytest.raises(PromQLError) as raised:
        Engine(store).instant('sum(\x1b]0;pwned\x07 "', at=0)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("start", "end", "step", "says"), [(0, 10, 0, "at least 1 ms"), (10, 0, 1, "before it starts")]
)
def test_a_range_needs_a_step_and_an_end_after_its_start(
    store: MemoryStore, start: int, end: int, step: int, says: str
) -> None:
    with pytest.raises(PromQLError, match=says):
        Engine(store).range("balance_usd", start=start, end=end, step=step)


@pytest.mark.parametrize("expr", ["balance_usd[5m]", '"text"', "balance_usd[5m:1m]"])
def test_a_range_query_takes_no_range_vector_and_no_text(store: MemoryStore, expr: str) -> None:
    with pytest.raises(PromQLError, match="takes a scalar or an instant vector"):
        Engine(store).range(expr, start=0, end=1, step=1)


@pytest.mark.parametrize(
    "expr",
    [
        "trades_total",
        "time()",
        "count_over_time(trades_total[24h:1ms])",
        "avg_over_time(trades_total[10m])",
        'count_values("v", trades_total)',
        "trades_total + on(symbol) group_left() sum by (symbol) (trades_total)",
    ],
)
def test_a_query_that_looks_at_too_much_is_stopped_with_the_limit_named(store: MemoryStore, expr: str) -> None:
    engine = Engine(store, max_samples=1_000)
    with pytest.raises(PromQLError, match="more than 1,000 samples"):
        engine.range(expr, start=0, end=10 * MINUTE, step=1_000)


def test_a_long_sum_is_not_a_deep_one(store: MemoryStore) -> None:
    assert Engine(store).instant("1" + "+1" * 1_000, at=0) == Scalar(1_001.0, 0)
    value = Engine(store).instant("balance_usd" + "-balance_usd" * 300, at=0)
    assert isinstance(value, Vector)
    assert value.samples[0].value == -299_000.0


def test_check_reads_a_query_without_evaluating_it(store: MemoryStore) -> None:
    engine = Engine(store, max_samples=1)
    engine.check("sum(rate(trades_total[5m])) by (symbol)")
    with pytest.raises(PromQLError, match="cannot read"):
        engine.check("sum(rate(trades_total))")


@pytest.mark.parametrize(
    ("expr", "incremental"),
    [
        ("rate(a[5m]) + b offset 1h", True),
        ("max_over_time(sum(a)[1h:1m])", True),
        ("a @ 1700000000", False),
        ("a @ end()", False),
        ("rate(a[5m] offset -1m)", False),
        ("a[1h:1m] @ start()", False),
        ("sum(a offset -1s)", False),
        ("a + step()", False),
        ("rate(a[5m] anchored)", True),
        ("rate(a[5m] smoothed)", False),
        ("a offset (2 * 5m)", True),
        ("a offset (step())", False),
        ("rate(a[step()])", False),
        ("max_over_time(a[1h:step()])", False),
        ("vector(range())", False),
    ],
)
def test_a_panel_knows_whether_its_old_steps_stay_true(expr: str, incremental: bool) -> None:
    assert Engine(MemoryStore()).is_incremental(expr) is incremental


def test_the_metric_names_of_a_query_are_those_it_selects() -> None:
    engine = Engine(MemoryStore())
    expr = 'sum(rate(a_total[5m])) / on() group_left b{x="y"} or {__name__="c", __name__=~"c.*"} or {"d.e"}'
    assert engine.metric_names(expr) == {"a_total", "b", "c", "d.e"}
    assert engine.metric_names('{__name__=~"a.*"} + 1') == frozenset()


def test_two_infinities_and_nan_come_through(store: MemoryStore) -> None:
    values = [
        Engine(store).instant(expr, at=0) for expr in ("1/0", "-1/0", "0/0", "0 % 0", "2^5000", "(-8)^(1/3)", "0^-1")
    ]
    found = [value.value for value in values if isinstance(value, Scalar)]
    assert found[:2] == [math.inf, -math.inf]
    assert all(map(math.isnan, found[2:4]))
    assert found[4] == math.inf
    assert math.isnan(found[5])
    assert found[6] == math.inf


def test_lookback_and_resolution_can_be_chosen(store: MemoryStore) -> None:
    short = Engine(store, lookback=30_000)
    assert short.instant("balance_usd", at=10 * MINUTE + 30_000) == Vector(())
    value = Engine(store, resolution=120_000).instant("count_over_time(balance_usd[10m:])", at=10 * MINUTE)
    assert isinstance(value, Vector)
    assert value.samples[0].value == 5.0


def test_labels_of_a_result_are_label_sets(store: MemoryStore) -> None:
    value = Engine(store).instant('trades_total{symbol="BTC"} * 2', at=10 * MINUTE)
    assert isinstance(value, Vector)
    assert value.samples[0].labels == Labels({"symbol": "BTC"})


def test_more_points_than_a_screen_has_are_refused_at_once(store: MemoryStore) -> None:
    engine = Engine(store)
    assert isinstance(engine.range("1", start=0, end=11_000, step=1), Matrix)
    began = time.process_time()
    for end, step in ((11_001, 1), (10**9, 1_000), (10**12, 1)):
        with pytest.raises(PromQLError, match=r"points for each series, and the limit is 11,000: choose a step of"):
            engine.range("trades_total", start=0, end=end, step=step)
    assert time.process_time() - began < 0.05


def test_the_step_that_an_error_tells_is_long_enough(store: MemoryStore) -> None:
    engine = Engine(store)
    with pytest.raises(PromQLError, match="choose a step of 1,234 ms") as refused:
        engine.range("1", start=0, end=11_000 * 1_234 - 1, step=1_000)
    assert "13,574 points" in str(refused.value)
    assert isinstance(engine.range("1", start=0, end=11_000 * 1_234 - 1, step=1_234), Matrix)


def test_a_result_has_no_more_points_than_fit_into_memory(store: MemoryStore) -> None:
    engine = Engine(store, max_points=30)
    assert isinstance(engine.range("trades_total", start=0, end=14, step=1), Matrix)
    with pytest.raises(PromQLError, match="2 series of 16 points are more than the limit of 30 points: aggregate"):
        engine.range("trades_total", start=0, end=15, step=1)
    assert isinstance(engine.range("sum(trades_total)", start=0, end=15, step=1), Matrix)
