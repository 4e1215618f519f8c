"""What is damaged is named, and what is not is saved."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Metadata
from tradetop.model.target import TargetStatus
from tradetop.store import MemoryStore
from tradetop.store.archive import Archive
from tradetop.store.file import HistoryReader, HistoryWriter
from tradetop.store.integrity import check, salvage

T0 = 1_700_000_000_000
SERIES = [Labels({"__name__": "m", "i": str(i)}) for i in range(20)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A history of 3,000 scrapes, of which 2,880 are in 24 blocks, and of imported samples."""
    path = tmp_path / "bot.db"
    chance, writer = random.Random(1), HistoryWriter.open(path, now=T0)
    for i in range(3_000):
        writer.append_scrape("bot", T0 + i, {labels: chance.random() for labels in SERIES})
    writer.put_metadata({"m": Metadata("gauge", "What it is.")})
    writer.put_status(TargetStatus(up=True))
    writer.put_page("m 1\n")
    writer.put_imported({SERIES[0]: {T0 - 5: 1.0, T0 - 4: 2.0}})
    writer.close()
    return path


def times(path: Path) -> list[int]:
    """When the scrapes were, by a series of which nothing was imported."""
    store, reader = MemoryStore(), HistoryReader.open(path)
    reader.load(store, 0)
    assert reader.reason == ""
    reader.close()
    return list(store.select([Matcher("i", MatchOp.EQUAL, "1")], 0, 2**60)[0].times)


def test_a_good_file_is_said_to_be(path: Path) -> None:
    before = path.read_bytes()
    found = check(path)
    assert (found.problems, found.scrapes, found.series, found.imported) == ([], 3_000, 20, 2)
    assert (found.version, found.start, found.end, found.lost) == (2, T0 - 5, T0 + 2_999, 0)
    assert path.read_bytes() == before


def test_a_file_saved_is_the_same(path: Path, tmp_path: Path) -> None:
    assert salvage(path, tmp_path / "new.db").problems == []
    assert times(tmp_path / "new.db") == times(path)
    reader = HistoryReader.open(tmp_path / "new.db")
    assert reader.status() == TargetStatus(up=True)
    assert (reader.page(), reader.metadata(), reader.first_seen()) == (
        "m 1\n",
        {"m": Metadata("gauge", "What it is.")},
        T0,
    )
    reader.close()
    assert len(Archive(tmp_path / "new.db").select([], 0, T0 - 1)) == 1
    writer = HistoryWriter.open(tmp_path / "new.db", now=T0)
    writer.append_scrape("bot", T0 + 5_000, dict.fromkeys(SERIES, 1.0))
    assert (writer.reason, writer.notice) == ("", "")
    writer.close()
    assert times(tmp_path / "new.db")[-1] == T0 + 5_000


def test_a_block_that_cannot_be_unpacked_is_left_out_and_the_rest_saved(path: Path, tmp_path: Path) -> None:
    with sqlite3.connect(path) as tampered:
        tampered.execute("update block set v = x'00' where id = 120")
        tampered.execute("update scrape set v = x'00' where id = 2999")
        tampered.execute("delete from layout where id = 99")
    tampered.close()
    found = salvage(path, tmp_path / "new.db")
    assert found.problems == ["block 120 cannot be read", "scrape 2999 cannot be read"]
    assert found.lost == 121
    assert times(tmp_path / "new.db") == [T0 + i for i in range(3_000) if i >= 120 and i != 2_998]
    assert check(tmp_path / "new.db").problems == []


@pytest.mark.parametrize("seed", range(12))
def test_pages_of_noise_cost_no_more_than_what_they_held(path: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pages = path.stat().st_size // 4_096
    with path.open("r+b") as file:
        for page in chance.sample(range(20, pages), 3):
            file.seek(page * 4_096)
            file.write(chance.randbytes(4_096) if seed % 2 else bytes(4_096))
    found = salvage(path, tmp_path / "new.db")
    assert found.problems
    after = check(tmp_path / "new.db")
    assert after.problems == []
    assert after.scrapes == found.scrapes >= 2_000
    kept = times(tmp_path / "new.db")
    assert len(kept) == after.scrapes
    assert kept == sorted(set(kept))


@pytest.mark.parametrize("content", [b"", b"no database" * 999, b"SQLite format 3\x00" + b"\xff" * 9_000])
def test_of_what_is_no_history_nothing_is_saved_and_nothing_raises(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bot.db"
    path.write_bytes(content)
    found = salvage(path, tmp_path / "new.db")
    assert found.problems
    assert (found.scrapes, found.series) == (0, 0)
    assert path.read_bytes() == content


@pytest.mark.parametrize("seed", range(40))
def test_bytes_that_turn_over_raise_nowhere(path: Path, tmp_path: Path, seed: int) -> None:
    chance, body = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 5, 50])):
        body[chance.randrange(100 if seed % 5 == 0 else len(body))] = chance.randrange(256)
    path.write_bytes(body)
    reader = HistoryReader.open(path)
    reader.load(MemoryStore(), 0)
    said = (reader.status(), reader.times("bot", 9), reader.newest("bot"), reader.oldest(), reader.page())
    assert len(said) == 5
    reader.close()
    archive = Archive(path)
    archive.select([], -(10**15), 10**15)
    archive.close()
    salvage(path, tmp_path / "new.db")
    assert check(tmp_path / "new.db").problems == []
    writer = HistoryWriter.open(path, now=T0)
    for i in range(150):
        writer.append_scrape("bot", T0 + 9_000 + i, dict.fromkeys(SERIES, 1.0))
    writer.trim(T0 + 100, 2**20)
    writer.append_scrape("bot", T0 + 9_900, dict.fromkeys(SERIES, 1.0))
    assert "newer" in writer.reason or writer.reason == ""
    writer.close()


def test_a_cut_file_gives_what_is_left_of_it(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3 // 4_096 * 4_096])
    found = salvage(path, tmp_path / "new.db")
    assert found.problems
    assert check(tmp_path / "new.db").problems == []


def test_a_file_of_a_newer_version_is_not_looked_into(path: Path) -> None:
    with sqlite3.connect(path) as newer:
        newer.execute("pragma user_version = 99")
    newer.close()
    found = check(path)
    assert found.newer
    assert "format 99, this one knows up to 2" in found.problems[0]


def test_a_file_can_be_checked_while_it_is_written(path: Path) -> None:
    writer = HistoryWriter.open(path, now=T0)
    for i in range(50):
        writer.append_scrape("bot", T0 + 4_000 + i, dict.fromkeys(SERIES, 1.0))
        assert check(path).problems == []
    writer.close()
