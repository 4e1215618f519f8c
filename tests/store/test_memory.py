"""What a store keeps, gives back and forgets."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Column, Metadata
from tradetop.model.sample import STALE, is_stale
from tradetop.promql import Engine
from tradetop.store import MemoryStore

LONG_AGO, FAR_AHEAD = -(1 << 62), 1 << 62


def labels(name: str, **others: str) -> Labels:
    return Labels({"__name__": name, **others})


def named(name: str) -> Matcher:
    return Matcher("__name__", MatchOp.EQUAL, name)


def samples(column: Column) -> list[tuple[int, float | None]]:
    """Times and values, staleness markers as None."""
    pairs = [(column.times[column.first + i], v) for i, v in enumerate(column.values)]
    return [(t, None if is_stale(v) else v) for t, v in pairs]


def only(store: MemoryStore, name: str) -> list[tuple[int, float | None]]:
    (column,) = store.select([named(name)], LONG_AGO, FAR_AHEAD)
    return samples(column)


def test_a_sample_comes_back_as_it_was_written() -> None:
    store = MemoryStore()
    store.append({"__name__": "up", "job": "bot"}, 1_000, 1)
    store.append({"job": "bot", "__name__": "up"}, 2_000, math.inf)
    store.append({"__name__": "up", "job": "bot"}, 3_000, STALE)
    assert only(store, "up") == [(1_000, 1.0), (2_000, math.inf), (3_000, None)]
    assert store.series_count == 1


@pytest.mark.parametrize("t", [1_000, 999])
def test_a_sample_that_is_not_later_is_refused_and_changes_nothing(t: int) -> None:
    store = MemoryStore()
    store.append({"__name__": "up"}, 1_000, 1)
    with pytest.raises(ValueError, match=r"up has a sample at 1000 ms; \d+ ms is not later"):
        store.append({"__name__": "up"}, t, 2)
    assert only(store, "up") == [(1_000, 1.0)]


def test_a_scrape_gives_every_series_one_value_at_one_time() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 10, {labels("a"): 1.0, labels("b"): 2.0})
    store.append_scrape("bot", 20, {labels("b"): 4.0, labels("a"): 3.0})
    assert only(store, "a") == [(10, 1.0), (20, 3.0)]
    assert only(store, "b") == [(10, 2.0), (20, 4.0)]
    assert store.last_time("bot") == 20
    assert store.last_time("other") is None


def test_a_series_that_a_scrape_lacks_ends_with_one_marker_however_long_it_stays_away() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 0, {labels("a"): 1.0, labels("b"): 2.0})
    for t in range(10, 1_000, 10):
        store.append_scrape("bot", t, {labels("b"): 2.0})
    assert only(store, "a") == [(0, 1.0), (10, None)]


def test_a_series_that_comes_back_has_nothing_in_between() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 0, {labels("a"): 1.0, labels("b"): 2.0})
    for t in (10, 20, 30):
        store.append_scrape("bot", t, {labels("b"): 2.0})
    store.append_scrape("bot", 40, {labels("a"): 5.0, labels("b"): 2.0})
    assert [pair for pair in only(store, "a") if pair[1] is not None] == [(0, 1.0), (40, 5.0)]
    assert store.latest(labels("a")).value == 5.0  # type: ignore[union-attr]


def test_failed_scrapes_end_every_series_once_and_take_no_room_after_that() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 0, {labels("a"): 1.0})
    for t in (10, 20, 30):
        store.append_failed("bot", t)
    assert only(store, "a") == [(0, 1.0), (10, None)]
    assert store.last_time("bot") == 30
    with pytest.raises(ValueError, match="not later"):
        store.append_scrape("bot", 30, {labels("a"): 1.0})


def test_a_refused_scrape_writes_nothing() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 10, {labels("a"): 1.0})
    store.append({"__name__": "alone"}, 10, 1)
    with pytest.raises(ValueError, match='group "bot" was written at 10 ms'):
        store.append_scrape("bot", 10, {labels("a"): 2.0})
    with pytest.raises(ValueError, match="alone belongs to another group"):
        store.append_scrape("bot", 20, {labels("a"): 2.0, labels("alone"): 2.0})
    with pytest.raises(ValueError, match="a is written with its whole scrape"):
        store.append(labels("a"), 20, 2.0)
    assert only(store, "a") == [(10, 1.0)]
    store.append_scrape("bot", 20, {labels("a"): 3.0})
    assert only(store, "a") == [(10, 1.0), (20, 3.0)]


def test_rows_at_once_are_the_same_as_scrape_after_scrape() -> None:
    page = [labels("a_total"), labels("b")]
    one, other = MemoryStore(), MemoryStore()
    for store in (one, other):
        store.append_scrape("bot", 0, {labels("b"): 0.0})
    one.append_columns("bot", page, [10, 20, 30], [array("d", [1, 3, 5]), array("d", [2, 4, 6])])
    for t, values in ((10, (1.0, 2.0)), (20, (3.0, 4.0)), (30, (5.0, 6.0))):
        other.append_scrape("bot", t, dict(zip(page, values, strict=True)))
    for store in (one, other):
        store.append_scrape("bot", 40, {labels("b"): 8.0})
    for name in ("a_total", "b"):
        assert only(one, name) == only(other, name)
    columns = [store.select([named("a_total")], 0, 40)[0] for store in (one, other)]
    assert columns[0].births == columns[1].births == ((0, 10),)
    with pytest.raises(ValueError, match="do not grow"):
        one.append_columns("bot", page, [60, 50], [array("d", [1, 3]), array("d", [2, 4])])


def test_the_series_of_a_group_share_one_column_of_times() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 10, {labels("a"): 1.0, labels("b"): 2.0})
    store.append_scrape("bot", 20, {labels("a"): 1.0, labels("b"): 2.0, labels("c"): 3.0})
    columns = store.select([Matcher("__name__", MatchOp.REGEX, "a|b|c")], LONG_AGO, FAR_AHEAD)
    assert len({id(column.times) for column in columns}) == 1
    assert {column.labels.name: column.first for column in columns} == {"a": 0, "b": 0, "c": 1}


def test_a_day_of_a_series_takes_at_most_80_kib() -> None:
    store = MemoryStore()
    page = {labels("a", n=str(n)): float(n) for n in range(10)}
    for slot in range(8_640):
        store.append_scrape("bot", slot * 10_000, page)
    columns = store.select([named("a")], LONG_AGO, FAR_AHEAD)
    size = columns[0].times.__sizeof__() + sum(column.values.__sizeof__() for column in columns)
    assert size / 10 < 80 * 1_024


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        (MatchOp.EQUAL, "BTC", {"BTC"}),
        (MatchOp.NOT_EQUAL, "BTC", {"ETH", "ETH\nBTC", ""}),
        (MatchOp.REGEX, "B.*|E.H", {"BTC", "ETH"}),
        (MatchOp.REGEX, "E.*", {"ETH", "ETH\nBTC"}),
        (MatchOp.REGEX, "TC", set()),
        (MatchOp.REGEX, "|ETH", {"ETH", ""}),
        (MatchOp.NOT_REGEX, ".+", {""}),
        (MatchOp.EQUAL, "", {""}),
    ],
)
def test_matchers_select_by_the_whole_value_and_an_absent_label_is_empty(
    op: MatchOp, value: str, found: set[str]
) -> None:
    store = MemoryStore()
    for symbol in ("BTC", "ETH", "ETH\nBTC", ""):
        store.append({"__name__": "trades", "symbol": symbol}, 0, 1)
    columns = store.select([named("trades"), Matcher("symbol", op, value)], 0, 0)
    assert {column.labels.get("symbol", "") for column in columns} == found


def test_a_bad_regular_expression_says_what_is_wrong_with_it() -> None:
    with pytest.raises(ValueError, match=r'"\(" is no RE2 regular expression: missing \)'):
        MemoryStore().select([Matcher("a", MatchOp.REGEX, "(")], 0, 0)


def test_selection_sees_series_that_came_after_it_was_first_made_and_leaves_out_other_times() -> None:
    store = MemoryStore()
    store.append({"__name__": "a", "n": "1"}, 10, 1)
    assert len(store.select([named("a")], 0, 100)) == 1
    store.append({"__name__": "a", "n": "2"}, 20, 1)
    assert len(store.select([named("a")], 0, 100)) == 2
    assert len(store.select([named("a")], 11, 100)) == 1
    assert len(store.select([named("a")], 0, 19)) == 1
    assert store.select([named("b")], 0, 100) == []


def test_latest_keeps_the_last_value_of_a_series_that_ended() -> None:
    store = MemoryStore()
    store.append({"__name__": "a"}, 10, 7)
    store.append({"__name__": "a"}, 20, STALE)
    sample = store.latest({"__name__": "a"})
    assert sample is not None
    assert (sample.t, sample.value) == (10, 7.0)
    assert store.latest({"__name__": "b"}) is None


def test_names_and_label_sets_are_listed() -> None:
    store = MemoryStore()
    store.append({"__name__": "a", "n": "1"}, 10, 7)
    store.append({"__name__": "a", "n": "2"}, 10, 7)
    store.append({"__name__": "b"}, 10, 7)
    assert set(store.names()) == {"a", "b"}
    assert set(store.labels_of("a")) == {labels("a", n="1"), labels("a", n="2")}
    assert store.labels_of("c") == ()


def test_metadata_of_a_family_holds_for_its_samples() -> None:
    store = MemoryStore()
    store.set_metadata("latency_seconds", Metadata("histogram", "How long."))
    store.set_metadata("trades_total", Metadata("counter"))
    assert store.metadata("latency_seconds_bucket") == Metadata("histogram", "How long.")
    assert store.metadata("trades_total") == Metadata("counter")
    assert store.metadata("trades") is None


def test_trimming_drops_old_samples_and_series_that_have_no_others() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 0, {labels("old"): 1.0, labels("kept"): 1.0})
    for t in range(10, 100, 10):
        store.append_scrape("bot", t, {labels("kept"): float(t)})
        store.append({"__name__": "alone"}, t, t)
    store.append({"__name__": "gone"}, 5, 1)
    store.trim(50)
    expected = [(t, float(t)) for t in range(50, 100, 10)]
    assert only(store, "kept") == expected
    assert only(store, "alone") == expected
    assert set(store.names()) == {"kept", "alone"}
    assert store.series_count == 2
    store.append_scrape("bot", 100, {labels("kept"): 100.0, labels("old"): 2.0})
    assert only(store, "kept") == [*expected, (100, 100.0)]
    assert only(store, "old") == [(100, 2.0)]


def test_trimming_everything_leaves_a_group_that_can_be_written_again() -> None:
    store = MemoryStore()
    store.append_scrape("bot", 0, {labels("a_total"): 1.0})
    store.trim(1_000)
    store.append_scrape("bot", 1_000, {labels("a_total"): 2.0})
    assert only(store, "a_total")[-1] == (1_000, 2.0)
    store.append_failed("bot", 2_000)
    store.trim(5_000)
    assert store.series_count == 0
    store.append_scrape("bot", 6_000, {labels("a_total"): 3.0})
    assert only(store, "a_total") == [(6_000, 3.0)]


def test_memory_stays_bounded_while_series_come_and_go() -> None:
    store = MemoryStore()
    for slot in range(2_000):
        store.append_scrape("bot", slot * 10, {labels("a", id=str(slot)): 1.0, labels("b"): 1.0})
        store.trim(slot * 10 - 1_000)
    assert store.series_count < 130
    (kept,) = store.select([named("b")], LONG_AGO, FAR_AHEAD)
    assert len(kept.values) < 130
    assert len(kept.times) < 130


PAGES = st.lists(
    st.dictionaries(st.sampled_from(["a_total", "b_total", "c"]), st.integers(0, 20).map(float), max_size=3)
    | st.none(),
    min_size=1,
    max_size=25,
)
EXPRESSIONS = (
    "a_total",
    '{__name__=~"a_total|c"}',
    "rate(a_total[1m])",
    "increase(b_total[45s])",
    "sum_over_time(c[1m])",
    "absent(c)",
    "changes(a_total[2m]) + on() resets(b_total[2m])",
)


@given(PAGES)
def test_whole_scrapes_and_single_samples_answer_alike(pages: list[dict[str, float] | None]) -> None:
    grouped, single = MemoryStore(), MemoryStore()
    live: set[str] = set()
    for slot, page in enumerate(pages):
        t = slot * 15_000
        if page is None:
            grouped.append_failed("bot", t)
        else:
            grouped.append_scrape("bot", t, {labels(name): value for name, value in page.items()})
        now = set(page or {})
        for name in now:
            single.append(labels(name), t, (page or {})[name])
        for name in live - now:
            single.append(labels(name), t, STALE)
        live = now
    end = len(pages) * 15_000 + 60_000
    for expr in EXPRESSIONS:
        answers = [
            [(s.labels, list(s.times), list(map(repr, s.values))) for s in value.series]
            for store in (grouped, single)
            for value in [Engine(store, born_counters=False).range(expr, start=0, end=end, step=7_500)]
        ]
        assert answers[0] == answers[1], expr


def test_a_store_takes_over_what_another_has_of_a_group() -> None:
    store, past = MemoryStore(), MemoryStore()
    store.append_scrape("scrape", 30, {labels("a"): 3.0, labels("new"): 1.0})
    store.append_scrape("rules", 30, {labels("alert"): 1.0})
    store.append(labels("alone"), 30, 3.0)
    for t in (10, 20, 30):
        past.append_scrape("scrape", t, {labels("a"): t / 10, labels("b"): 1.0})
    past.append(labels("alone"), 10, 1.0)
    store.adopt(past)
    store.append_scrape("scrape", 40, {labels("a"): 4.0})
    store.append_scrape("rules", 40, {labels("alert"): 1.0})
    series = Engine(store).range("{__name__!=''}", start=10, end=40, step=10).series
    found = {each.labels.name: [*each.values] for each in series}
    assert found["a"] == [1, 2, 3, 4]
    assert found["b"] == [1, 1, 1]
    assert found["alone"] == [1, 1, 1, 1]
    assert found["alert"] == [1, 1]
    assert "new" not in found
    assert not store.labels_of("new")


def test_a_counter_whose_source_says_when_it_began_was_born_then() -> None:
    store, trades = MemoryStore(), Labels({"__name__": "trades_total"})
    for t, start in ((1_000, 400), (2_000, 400), (3_000, 2_500), (4_000, 3_000), (5_000, 4_999)):
        store.append(trades, t, 7.0, start)
    store.append(trades, 6_000, 8.0)
    # That it began at its very sample, or where its last one is, tells nothing that counts.
    assert column(store, trades).births == ((400, 1_000), (2_500, 3_000), (3_000, 4_000), (4_999, 5_000))


def test_what_the_source_says_counts_more_than_that_the_scrape_before_had_it_not() -> None:
    store, trades, other = MemoryStore(), Labels({"__name__": "trades_total"}), Labels({"__name__": "up"})
    store.append_scrape("bot", 1_000, {other: 1.0})
    store.append_scrape("bot", 2_000, {other: 1.0, trades: 3.0}, {trades: 1_700, Labels({"__name__": "gone"}): 5})
    store.append_scrape("bot", 3_000, {other: 1.0, trades: 1.0}, {trades: 2_800})
    assert column(store, trades).births == ((1_700, 2_000), (2_800, 3_000))


def test_a_start_before_the_last_sample_of_a_series_is_no_birth() -> None:
    store, trades = MemoryStore(), Labels({"__name__": "trades_total"})
    store.append(trades, 5_000, 7.0)
    store.append(trades, 6_000, 8.0, 1_000)
    store.append(trades, 7_000, 8.0, 7_000)
    assert column(store, trades).births == ()


def column(store: MemoryStore, labels: Labels) -> Column:
    """A series' only column."""
    return next(c for c in store.select([], 0, 2**60) if c.labels == labels)
