"""A history becomes no larger, and no older, than it may."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from tradetop.model.clock import DAY, HOUR
from tradetop.model.labels import Labels
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader, HistoryWriter
from tradetop.store.room import told

T0 = 1_700_000_000_000
SERIES = [Labels({"__name__": "m", "i": str(i)}) for i in range(50)]


def filled(path: Path, count: int, every: int = 10_000) -> HistoryWriter:
    """A history of values that nothing can make small."""
    chance, writer = random.Random(3), HistoryWriter.open(path, now=T0)
    for i in range(count):
        writer.append_scrape("bot", T0 + i * every, {labels: chance.random() for labels in SERIES})
    return writer


def times(path: Path) -> list[int]:
    store, reader = MemoryStore(), HistoryReader.open(path)
    reader.load(store, 0)
    assert reader.reason == ""
    reader.close()
    return list(store.select([], 0, 2**60)[0].times)


def test_what_makes_it_too_large_goes_the_oldest_first(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    writer = filled(path, 6_000)
    before = path.stat().st_size
    assert before > 2 * 2**20
    writer.trim(0, 2**20)
    assert (writer.reason, writer.notice) == (
        "",
        "the history has reached its limit of 1 MiB: the oldest makes room for the new",
    )
    for _ in range(10):
        writer.trim(0, 2**20)  # Each gives some of it back to the disk.
    writer.append_scrape("bot", T0 + 6_000 * 10_000, dict.fromkeys(SERIES, 1.0))
    writer.close()
    found = times(path)
    assert found == [T0 + i * 10_000 for i in range(6_001 - len(found), 6_001)]
    assert 1_500 < len(found) < 4_000
    assert path.stat().st_size < 1.6 * 2**20


def test_within_its_limit_nothing_goes(tmp_path: Path) -> None:
    writer = filled(tmp_path / "bot.db", 500)
    writer.trim(0, 2**30)
    assert writer.notice == ""
    writer.close()
    assert len(times(tmp_path / "bot.db")) == 500


def test_what_is_too_old_goes_with_its_series_and_layouts(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    writer = HistoryWriter.open(path, now=T0)
    for hour in range(30 * 24):
        day = hour // 24
        writer.append_scrape("bot", T0 + hour * HOUR, {Labels({"__name__": "m", "day": str(day)}): 1.0})
    writer.trim(T0 + 20 * DAY)
    writer.append_scrape("bot", T0 + 31 * DAY, {Labels({"__name__": "m", "day": "0"}): 2.0})
    writer.close()
    with sqlite3.connect(path) as file:
        days = {text for (text,) in file.execute("select labels from series")}
        oldest = file.execute("select min(until) from block").fetchone()[0]
        assert file.execute("pragma integrity_check").fetchone() == ("ok",)
    file.close()
    assert days == {f'{{"__name__":"m","day":"{day}"}}' for day in [0, *range(20, 30)]}
    assert oldest >= T0 + 20 * DAY


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (2**20, "1 MiB"), (5 * 2**29, "2.5 GiB"), (2**50, "1024 TiB")]
)
def test_sizes_are_said_for_people(size: int, text: str) -> None:
    assert told(size) == text
