"""What was imported is read together with what is recorded, also while that goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryWriter
from tradetop.store.reader import HistoryReader

T0 = 1_700_000_000_000
EQUITY = Labels({"__name__": "equity", "bot": "one"})
OTHER = Labels({"__name__": "equity", "bot": "two"})
MATCHERS = [Matcher("__name__", MatchOp.EQUAL, "equity")]

times = st.integers(0, 300).map(lambda second: T0 + 1_000 * second)
recorded = st.lists(times, unique=True, max_size=20).map(sorted)


def samples(store: MemoryStore, start: int, end: int) -> dict[str, dict[int, float]]:
    """What a store gives of the equity, by bot."""
    found = {}
    for column in store.select(MATCHERS, start, end):
        at = column.times[column.first : column.first + len(column.values)]
        assert list(at) == sorted(set(at))
        found[column.labels["bot"]] = dict(zip(at, column.values, strict=True))
    return found


@given(recorded, st.dictionaries(times, st.just(1.0), max_size=20), st.dictionaries(times, st.just(2.0), max_size=20))
@settings(max_examples=60, deadline=None)
def test_windows_of_memory_have_both_whatever_came_first(
    tmp_path_factory: pytest.TempPathFactory, scraped: list[int], one: dict[int, float], two: dict[int, float]
) -> None:
    path = tmp_path_factory.mktemp("store") / "bot.db"
    writer, store = HistoryWriter.open(path, now=T0), MemoryStore()
    middle = len(scraped) // 2
    for t in scraped[:middle]:
        writer.append_scrape("scrape", t, {EQUITY: 3.0})
    writer.put_imported({EQUITY: one, OTHER: two})
    reader = HistoryReader.open(path)
    reader.load(store, T0)
    both = {"one": {**one, **dict.fromkeys(scraped[:middle], 3.0)}, "two": two}
    expected = {bot: found for bot, found in both.items() if found}
    assert samples(store, T0, T0 + 400_000) == expected
    for t in scraped[middle:]:
        store.append_scrape("scrape", t, {EQUITY: 3.0})
        expected.setdefault("one", {})[t] = 3.0
        assert samples(store, T0, T0 + 400_000) == expected
    reader.close()
    writer.close()


def test_what_was_read_stays_the_same_column_and_goes_with_its_time(tmp_path: Path) -> None:
    writer, store = HistoryWriter.open(tmp_path / "bot.db", now=T0), MemoryStore()
    writer.append_scrape("scrape", T0 + 60_000, {EQUITY: 7.0})
    writer.put_imported({EQUITY: {T0 + 1_000 * i: float(i) for i in range(6)}})
    HistoryReader.open(tmp_path / "bot.db").load(store, T0)
    engine = Engine(store)
    (first,) = store.select(MATCHERS, T0, T0 + 70_000)
    store.append_scrape("scrape", T0 + 70_000, {EQUITY: 8.0})
    (later,) = store.select(MATCHERS, T0, T0 + 70_000)
    assert later is first
    (sample,) = engine.instant("sum_over_time(equity[2m])", at=T0 + 70_000).samples
    assert sample.value == 0 + 1 + 2 + 3 + 4 + 5 + 7 + 8
    store.trim(T0 + 50_000)
    (left,) = store.select(MATCHERS, T0, T0 + 70_000)
    assert list(left.values) == [7.0, 8.0]
    writer.close()


def test_too_many_for_memory_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    writer, store = HistoryWriter.open(tmp_path / "bot.db", now=T0), MemoryStore()
    writer.put_imported({EQUITY: {T0 + 1_000 * i: float(i) for i in range(100)}})
    reader = HistoryReader.open(tmp_path / "bot.db")
    reader.load(store, T0, cells=150)
    assert store.select(MATCHERS, T0, T0 + 100_000) == []
    assert "100 samples were imported, too many for windows up to a day" in reader.reason
    assert not reader.damaged
    writer.close()
