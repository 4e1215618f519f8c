"""A restart, or another process, finds the history again."""

from __future__ import annotations

import math
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.clock import HOUR
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Metadata
from tradetop.model.sample import STALE, STALE_BITS
from tradetop.model.target import Health, HealthState, Mode, TargetStatus
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader, HistoryWriter
from tradetop.store.layouts import KNOWN

T0 = 1_700_000_000_000
A = Labels({"__name__": "equity", "bot": "one"})
B = Labels({"__name__": "trades_total", "pair": "BTC-USD"})
UP = Labels({"__name__": "up"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "bot.db"


@pytest.fixture
def writer(path: Path) -> Iterator[HistoryWriter]:
    writer = HistoryWriter.open(path, now=T0)
    yield writer
    assert writer.reason == ""
    writer.close()


def loaded(path: Path, since: int = 0) -> MemoryStore:
    store = MemoryStore()
    reader = HistoryReader.open(path)
    reader.load(store, since)
    assert reader.reason == ""
    reader.close()
    return store


def bits(value: float) -> int:
    return int(struct.unpack(">Q", struct.pack(">d", value))[0])


def samples(store: MemoryStore, name: str) -> list[tuple[int, int]]:
    """Every sample of a metric's only series: (time, bits of the value)."""
    columns = store.select([Matcher("__name__", MatchOp.EQUAL, name)], 0, 2**60)
    return [(c.times[c.first + i], bits(v)) for c in columns for i, v in enumerate(c.values)]


def test_a_restart_finds_every_sample_and_every_gap(path: Path, writer: HistoryWriter) -> None:
    memory = MemoryStore()
    for sink in (memory, writer):
        sink.append_scrape("bot", T0, {A: 52_000.0, B: 1.0})
        sink.append_scrape("health", T0 + 1, {UP: 1.0})
        sink.append_scrape("bot", T0 + 10, {A: math.nan, B: math.inf})
        sink.append_scrape("bot", T0 + 20, {A: -0.0})
        sink.append_failed("bot", T0 + 30)
        sink.append_scrape("bot", T0 + 40, {B: STALE, A: 1e308})
        sink.append_scrape("bot", T0 + 50, {})
    after = loaded(path)
    for name in ("equity", "trades_total", "up"):
        assert samples(after, name) == samples(memory, name)
    assert (T0 + 40, STALE_BITS) in samples(after, "trades_total")
    assert after.last_time("bot") == T0 + 50


def test_series_that_keep_changing_are_read_back_whole(path: Path, writer: HistoryWriter) -> None:
    store = MemoryStore()
    reader = HistoryReader.open(path)
    for i in range(3 * KNOWN // 2):
        writer.append_scrape("bot", T0 + i, {Labels({"__name__": "orders", "id": str(i)}): float(i), A: 1.0})
    reader.poll(store)
    assert reader.reason == ""
    reader.close()
    found = store.select([Matcher("__name__", MatchOp.EQUAL, "orders")], 0, 2**60)
    assert sorted((int(c.labels["id"]), c.times[c.first], c.values[0]) for c in found) == [
        (i, T0 + i, float(i)) for i in range(3 * KNOWN // 2)
    ]


scrapes = st.lists(
    st.none() | st.dictionaries(st.sampled_from([A, B, UP]), st.floats(), max_size=3), min_size=1, max_size=12
)


@given(scrapes)
@settings(max_examples=40, deadline=None)
def test_loading_is_the_same_as_having_been_there(tmp_path_factory: pytest.TempPathFactory, pages: list) -> None:  # type: ignore[type-arg]
    path = tmp_path_factory.mktemp("store") / "bot.db"
    writer, memory = HistoryWriter.open(path, now=T0), MemoryStore()
    for i, page in enumerate(pages):
        for sink in (memory, writer):
            if page is None:
                sink.append_failed("bot", T0 + i)
            else:
                sink.append_scrape("bot", T0 + i, page)
    writer.close()
    after = loaded(path)
    for name in ("equity", "trades_total", "up"):
        assert samples(after, name) == samples(memory, name)


def test_only_the_asked_hours_are_loaded(path: Path, writer: HistoryWriter) -> None:
    for hour in range(30):
        writer.append_scrape("bot", T0 + hour * HOUR, {A: float(hour)})
    assert [t for t, _ in samples(loaded(path, T0 + 28 * HOUR), "equity")] == [T0 + 28 * HOUR, T0 + 29 * HOUR]


def test_a_second_screen_follows_the_recorder(path: Path, writer: HistoryWriter) -> None:
    store = MemoryStore()
    reader = HistoryReader.open(path)
    writer.append_scrape("bot", T0, {A: 1.0})
    assert reader.load(store, T0 + 1) == 0
    assert reader.poll(store) == 0
    writer.append_scrape("bot", T0 + 10, {A: 2.0})
    writer.append_failed("bot", T0 + 20)
    writer.append_scrape("bot", T0 + 30, {A: 3.0, B: 4.0})
    assert reader.poll(store) == 3
    assert reader.poll(store) == 0
    assert [t for t, _ in samples(store, "equity")] == [T0 + 10, T0 + 20, T0 + 30]
    reader.close()


def test_a_screen_opened_first_waits_for_the_recorder(path: Path) -> None:
    reader, store = HistoryReader.open(path), MemoryStore()
    assert reader.load(store, 0) == 0
    assert (reader.status(), reader.page(), reader.metadata(), reader.first_seen()) == (None, "", {}, None)
    assert not path.parent.exists()
    writer = HistoryWriter.open(path, now=T0)
    writer.append_scrape("bot", T0, {A: 1.0})
    assert reader.poll(store) == 1
    assert reader.reason == ""
    reader.close()
    writer.close()


def test_readers_learn_how_the_watching_goes(path: Path, writer: HistoryWriter) -> None:
    status = TargetStatus(
        up=False,
        reason="connection refused",
        mode=Mode.LIVE,
        healths=(Health("live", HealthState.UNHEALTHY, latency=0.25),),
    )
    writer.put_status(TargetStatus(up=True))
    writer.put_status(status)
    writer.put_page("equity 52000\n# é ☃\n")
    writer.put_metadata({"equity": Metadata("gauge", "What it is worth", "usd")})
    writer.put_metadata({"trades": Metadata("counter"), "equity": Metadata("gauge", "Better words")})
    reader = HistoryReader.open(path)
    assert reader.status() == status
    assert reader.page() == "equity 52000\n# é ☃\n"
    assert reader.metadata() == {"equity": Metadata("gauge", "Better words"), "trades": Metadata("counter")}
    reader.close()


def test_a_counter_is_known_as_one_when_its_history_is_loaded(path: Path, writer: HistoryWriter) -> None:
    writer.put_metadata({"fills": Metadata("counter")})
    fills = Labels({"__name__": "fills"})
    writer.append_scrape("bot", T0, {A: 1.0})
    writer.append_scrape("bot", T0 + 10, {A: 1.0, fills: 3.0})
    (column,) = loaded(path).select([Matcher("__name__", MatchOp.EQUAL, "fills")], 0, 2**60)
    assert column.births == ((T0, T0 + 10),)


def test_first_seen_outlives_what_is_forgotten(path: Path, writer: HistoryWriter) -> None:
    writer.append_failed("bot", T0 - 5)
    for i in range(10):
        writer.append_scrape("bot", T0 + i, {A: float(i)})
    writer.trim(T0 + 8)
    reader = HistoryReader.open(path)
    assert reader.first_seen() == T0
    reader.close()
    assert [t for t, _ in samples(loaded(path), "equity")] == [T0 + 8, T0 + 9]


def test_series_that_nobody_has_any_more_are_forgotten(path: Path, writer: HistoryWriter) -> None:
    for i in range(200):
        writer.append_scrape("bot", T0 + i, {Labels({"__name__": "churn", "id": str(i)}): 1.0, A: 1.0})
    writer.trim(T0 + 195)
    writer.append_scrape("bot", T0 + 200, {A: 2.0})
    store = loaded(path)
    assert store.series_count == 6
    assert [t for t, _ in samples(store, "equity")] == list(range(T0 + 195, T0 + 201))


def test_ids_grow_even_when_all_was_too_old(path: Path, writer: HistoryWriter) -> None:
    store, reader = MemoryStore(), HistoryReader.open(path)
    for i in range(5):
        writer.append_scrape("bot", T0 + i, {A: 1.0})
    assert reader.load(store, 0) == 5
    writer.trim(T0 + HOUR)
    writer.append_scrape("bot", T0 + HOUR, {A: 2.0})
    assert reader.poll(store) == 1
    reader.close()


def test_a_clock_set_back_costs_only_what_it_repeats(path: Path, writer: HistoryWriter) -> None:
    for t in (T0, T0 + 10, T0 + 5, T0 + 20):
        writer.append_scrape("bot", t, {A: float(t)})
    assert [t for t, _ in samples(loaded(path), "equity")] == [T0, T0 + 10, T0 + 20]


def test_the_file_is_for_its_owner_alone(path: Path, writer: HistoryWriter) -> None:
    writer.append_scrape("bot", T0, {A: 1.0})
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_label_values_from_outside_are_data(path: Path, writer: HistoryWriter) -> None:
    hostile = Labels({"__name__": "equity", "pair": "PEPE'); drop table scrape; --\"\\\n\x00 é"})
    writer.append_scrape("a'); drop table scrape; --", T0, {hostile: 1.0})
    assert loaded(path).labels_of("equity") == (hostile,)


def test_of_a_history_too_large_for_memory_the_newest_is_loaded(path: Path, writer: HistoryWriter) -> None:
    for t in range(1, 101):
        writer.append_scrape("scrape", t * 1_000, {Labels({"__name__": "m", "n": str(i)}): 1.0 for i in range(10)})
        writer.append_scrape("rules", t * 1_000, {Labels({"__name__": "ALERTS"}): 1.0})
    store = MemoryStore()
    assert HistoryReader.open(path).load(store, 0, cells=225) == 2 * 20
    assert len(samples(store, "m")) == 10 * 20
    assert store.last_time("scrape") == store.last_time("rules") == 100_000
    assert HistoryReader.open(path).load(MemoryStore(), 0, cells=1_100) == 200
    assert HistoryReader.open(path).load(MemoryStore(), 90_500, cells=1_100) == 20
    assert HistoryReader.open(path).load(MemoryStore(), 0, cells=5) == 0
