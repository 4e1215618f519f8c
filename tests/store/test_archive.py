"""All of a history can be asked, and only the series that are asked for are read."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.clock import MINUTE
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Column
from tradetop.model.sample import STALE, is_stale
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.store.archive import Archive
from tradetop.store.file import HistoryWriter

STALE_BYTES = struct.pack(">d", STALE)
T0 = 1_700_000_000_000
A = Labels({"__name__": "equity", "bot": "one"})
B = Labels({"__name__": "equity", "bot": "two"})
C = Labels({"__name__": "trades_total", "pair": "BTC-USD"})
SERIES = [Labels({"__name__": "m", "i": str(i)}) for i in range(40)]


def named(name: str, op: MatchOp = MatchOp.EQUAL) -> list[Matcher]:
    return [Matcher("__name__", op, name)]


def seen(columns: Sequence[Column]) -> dict[str, object]:
    """What columns have, bit by bit, and where their counters were born; a series that has ended has ended once."""
    found: dict[str, object] = {}
    for column in columns:
        samples: list[tuple[int, bytes]] = []
        for i, value in enumerate(column.values, column.first):
            if not (is_stale(value) and samples and samples[-1][1] == STALE_BYTES):
                samples.append((column.times[i], struct.pack(">d", value)))
        found[str(column.labels)] = samples, list(column.births)
    return found


pages = st.lists(
    st.tuples(st.none() | st.dictionaries(st.sampled_from([A, B, C]), st.floats()), st.integers(1, 90)),
    min_size=1,
    max_size=10,
)


@given(pages)
@settings(max_examples=30, deadline=None)
def test_a_series_is_as_it_was_in_memory(tmp_path_factory: pytest.TempPathFactory, runs: list) -> None:  # type: ignore[type-arg]
    path = tmp_path_factory.mktemp("store") / "bot.db"
    writer, memory, i = HistoryWriter.open(path, now=T0), MemoryStore(), 0
    for page, times in runs:
        for _ in range(times):
            for sink in (memory, writer):
                if page is None:
                    sink.append_failed("bot", T0 + i)
                else:
                    sink.append_scrape("bot", T0 + i, page)
            i += 1
    archive = Archive(path)
    for matchers in (named("equity"), named("trades_total"), named("e.*|t.*", MatchOp.REGEX), []):
        both = [seen(store.select(matchers, T0, T0 + 10_000)) for store in (archive, memory)]
        assert both[0] == both[1]
    assert archive.reason == ""
    archive.close()
    writer.close()


def test_what_was_read_goes_on_and_stays_the_same_column(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    writer, archive = HistoryWriter.open(path, now=T0), Archive(path)
    for i in range(300):
        writer.append_scrape("bot", T0 + i, {A: float(i)})
    first = archive.select(named("equity"), T0, T0 + 1_000)
    for i in range(300, 600):
        writer.append_scrape("bot", T0 + i, {A: float(i)})
    assert len(archive.select(named("equity"), T0, T0 + 1_000)[0].values) == 300
    archive.refresh(0)
    again = archive.select(named("equity"), T0, T0 + 1_000)
    assert again[0] is first[0]
    assert list(again[0].values) == [float(i) for i in range(600)]
    archive.refresh(T0 + 400)
    assert archive.select(named("equity"), T0, T0 + 1_000)[0].values[-1] == 599.0
    assert min(archive.select(named("equity"), T0, T0 + 1_000)[0].times) == T0 + 400
    writer.close()
    archive.close()


def test_a_metric_of_too_many_series_is_read_coarsely_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    writer = HistoryWriter.open(path, now=T0)
    for i in range(720):
        writer.append_scrape("bot", T0 + i * 10_000, {A: float(i), **dict.fromkeys(SERIES, float(i))})
    archive = Archive(path, cells=10_000)
    assert len(archive.select(named("equity"), T0, 2**60)[0].values) == 720
    found = archive.select(named("m"), T0, 2**60)
    assert len(found) == 40
    assert archive.coarse == {"m": MINUTE}
    assert 120 <= len(found[0].values) <= 120 + 136
    assert len(archive.select(named("equity"), T0, 2**60)[0].values) == 720
    archive.close()
    writer.close()


def test_a_rate_over_weeks_is_that_of_every_scrape(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    writer, memory = HistoryWriter.open(path, now=T0), MemoryStore()
    total = 0.0
    for i in range(3_000):
        total = 0.0 if i % 700 == 0 else total + i % 7
        for sink in (writer, memory):
            sink.append_scrape("bot", T0 + i * 10_000, {C: total})
    archive = Archive(path)
    times = {"start": T0 + 10 * MINUTE, "end": T0 + 30_000_000, "step": 47 * MINUTE}
    ours = Engine(archive).range("rate(trades_total[1m])", **times)
    assert ours == Engine(memory).range("rate(trades_total[1m])", **times)
    archive.close()
    writer.close()


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    writer = HistoryWriter.open(path, now=T0)
    for i in range(50):
        writer.append_scrape("bot", T0 + i, {A: 1.0})
    archive = Archive(path)
    assert len(archive.select(named("equity"), 0, 2**60)[0].values) == 50
    writer.set_aside(T0, "a disk that lies")
    writer.append_scrape("bot", T0 + 90, {A: 7.0})
    archive.refresh(0)
    assert list(archive.select(named("equity"), 0, 2**60)[0].values) == [7.0]
    archive.close()
    writer.close()


def test_no_file_and_a_broken_one_have_no_series(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "none.db")
    assert (archive.select(named("up"), 0, 1), archive.names(), archive.reason) == ([], [], "")
    broken = tmp_path / "broken.db"
    broken.write_text("no database" * 1_000)
    archive = Archive(broken)
    assert archive.select([], 0, 2**60) == []
    assert "damaged" in archive.reason


def test_a_file_of_an_older_format_can_be_asked(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    writer = HistoryWriter.open(path, now=T0)
    writer.append_scrape("bot", T0, {A: 1.0})
    writer.close()
    with sqlite3.connect(path) as old:
        old.executescript("drop table block; drop table imported; pragma user_version = 1;")
    old.close()
    assert list(Archive(path).select(named("equity"), 0, 2**60)[0].values) == [1.0]
