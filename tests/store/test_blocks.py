"""Old scrapes are packed in blocks, and nobody who reads a history can tell."""

from __future__ import annotations

import random
import sqlite3
import struct
import subprocess
import sys
import zlib
from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.model.sample import STALE
from tradetop.store import MemoryStore, packing
from tradetop.store.file import HistoryReader, HistoryWriter

T0 = 1_700_000_000_000
A = Labels({"__name__": "equity", "bot": "one"})
B = Labels({"__name__": "trades_total", "pair": "BTC-USD"})
WIDE = [Labels({"__name__": "m", "i": str(i)}) for i in range(100)]
OLD = """
    create table target(id integer primary key check (id = 1), first_seen integer);
    create table series(id integer primary key, labels text not null unique);
    create table layout(id integer primary key, series blob not null unique);
    create table scrape(id integer primary key, grp text not null, t integer not null, layout integer, v blob);
    create index scrape_time on scrape(t, layout);
    create table metadata(name text primary key, type text not null, help text not null, unit text not null);
    create table status(id integer primary key check (id = 1), body text not null);
    create table page(id integer primary key check (id = 1), body blob not null);
    pragma user_version = 1;
"""
"""A file as it was written before there were blocks."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


def loaded(path: Path, since: int = 0) -> MemoryStore:
    store, reader = MemoryStore(), HistoryReader.open(path)
    reader.load(store, since)
    assert reader.reason == ""
    reader.close()
    return store


def samples(store: MemoryStore) -> dict[str, list[tuple[int, bytes]]]:
    """Every sample of every series, with the bits of its value."""
    return {
        str(c.labels): [(c.times[c.first + i], struct.pack(">d", v)) for i, v in enumerate(c.values)]
        for c in store.select([], 0, 2**60)
    }


def counted(path: Path) -> tuple[int, int]:
    """How many rows and blocks a file has."""
    with sqlite3.connect(path) as file:
        found = file.execute("select (select count(*) from scrape), (select count(*) from block)").fetchone()
    file.close()
    return int(found[0]), int(found[1])


def old_file(path: Path, count: int, *, width: int = 2) -> None:
    """A history of format 1, in which a clock was once set back."""
    with sqlite3.connect(path) as file:
        file.executescript(OLD)
        for i in range(width):
            file.execute("insert into series(labels) values (?)", (f'{{"__name__":"m","i":"{i}"}}',))
        file.execute("insert into layout(series) values (?)", (struct.pack(f"<{width}I", *range(1, width + 1)),))
        for i in range(count):
            values = struct.pack(f"<{width}d", *(i + k / 7 for k in range(width)))
            t = T0 + i if i % 50 != 49 else T0 + i - 30
            file.execute("insert into scrape(grp, t, layout, v) values ('bot', ?, 1, ?)", (t, zlib.compress(values)))
        file.execute("insert into scrape(grp, t) values ('bot', ?)", (T0 + count,))
    file.close()


scrapes = st.lists(
    st.tuples(st.none() | st.dictionaries(st.sampled_from([A, B]), st.floats()), st.integers(1, 90)),
    min_size=2,
    max_size=12,
)


@given(scrapes, st.integers(0, 400))
@settings(max_examples=30, deadline=None)
def test_blocks_are_read_as_if_they_had_been_rows(
    tmp_path_factory: pytest.TempPathFactory,
    runs: list,  # type: ignore[type-arg]
    since: int,
) -> None:
    path = tmp_path_factory.mktemp("store") / "bot.db"
    writer, whole, late, i = HistoryWriter.open(path, now=T0), MemoryStore(), MemoryStore(), 0
    follower, followed = HistoryReader.open(path), MemoryStore()
    for page, times in runs:
        for _ in range(times):
            for sink in (writer, whole, *([late] if i >= since else [])):
                if page is None:
                    sink.append_failed("bot", T0 + i)
                else:
                    sink.append_scrape("bot", T0 + i, page)
            i += 1
        follower.poll(followed)
    assert writer.reason == ""
    assert samples(loaded(path)) == samples(whole) == samples(followed)
    assert samples(loaded(path, T0 + since)) == samples(late)
    writer.close()
    follower.close()


def test_the_newest_scrapes_stay_rows(path: Path) -> None:
    writer = HistoryWriter.open(path, now=T0)
    for i in range(1_000):
        writer.append_scrape("bot", T0 + i, {A: 1.0 * i, B: 2.0})
        writer.append_scrape("rules", T0 + i, {Labels({"__name__": "ALERTS"}): 1.0})
    rows, blocks = counted(path)
    assert rows < 2 * (packing.ROWS + 20)
    assert blocks == 2 * 8
    reader = HistoryReader.open(path)
    assert reader.times("bot", 9) == [T0 + 999 - i for i in range(9)]
    assert reader.newest("bot") == {A: 999.0, B: 2.0}
    reader.close()
    writer.close()


def test_a_reader_that_slept_finds_what_was_packed_meanwhile(path: Path) -> None:
    writer, reader, store = HistoryWriter.open(path, now=T0), HistoryReader.open(path), MemoryStore()
    for i in range(50):
        writer.append_scrape("bot", T0 + i, {A: 1.0 * i})
    assert reader.poll(store) == 50
    for i in range(50, 700):
        writer.append_scrape("bot", T0 + i, {A: 1.0 * i})
    assert reader.poll(store) == 650
    assert list(store.select([], 0, 2**60)[0].values) == [1.0 * i for i in range(700)]
    reader.close()
    writer.close()


def test_series_that_change_with_every_scrape_are_packed_too(path: Path) -> None:
    writer, memory = HistoryWriter.open(path, now=T0), MemoryStore()
    for i in range(400):
        for sink in (writer, memory):
            sink.append_scrape("bot", T0 + i, {A: 1.0, Labels({"__name__": "orders", "id": str(i)}): STALE})
    assert samples(loaded(path)) == samples(memory)
    assert counted(path)[0] <= packing.ROWS + 20
    writer.close()


def test_a_page_of_very_many_series_makes_small_blocks(path: Path) -> None:
    series = [Labels({"__name__": "m", "i": str(i)}) for i in range(3_000)]
    writer, memory = HistoryWriter.open(path, now=T0), MemoryStore()
    for i in range(160):
        page = {labels: float(i * (k % 3)) for k, labels in enumerate(series)}
        writer.append_scrape("bot", T0 + i, page)
        memory.append_scrape("bot", T0 + i, page)
    with sqlite3.connect(path) as file:
        assert file.execute("select max(n) from block").fetchone() == (packing.CELLS // 3_000,)
    file.close()
    assert samples(loaded(path)) == samples(memory)
    writer.close()


def test_what_comes_out_of_order_or_twice_is_dropped_and_counted(path: Path) -> None:
    writer = HistoryWriter.open(path, now=T0)
    writer.append_scrape("bot", T0, {A: 1.0, B: 1.0})
    writer.append_scrape("bot", T0, {A: 2.0, B: 2.0})
    writer.append_scrape("bot", T0 - 5, {A: 3.0})
    writer.append_scrape("bot", T0 + 5, {A: 4.0})
    writer.close()
    assert writer.dropped == 3
    again = HistoryWriter.open(path, now=T0)
    again.append_scrape("bot", T0 + 5, {A: 5.0})
    assert (again.dropped, again.reason) == (1, "")
    again.close()
    assert samples(loaded(path))[str(A)] == [(T0, struct.pack(">d", 1.0)), (T0 + 5, struct.pack(">d", 4.0))]


def test_an_older_file_is_read_and_becomes_a_new_one_bit_by_bit(path: Path) -> None:
    old_file(path, 2_000)
    before = samples(loaded(path))
    assert sum(map(len, before.values())) > 2 * 1_900
    writer = HistoryWriter.open(path, now=T0)
    assert counted(path) == (2_001, 0)
    assert samples(loaded(path)) == before
    steps = []
    for i in range(30):
        writer.append_failed("bot", T0 + 3_000 + i)
        steps.append(counted(path))
        assert samples(loaded(path)) == before
    assert max(b[1] - a[1] for a, b in pairwise(steps)) <= 4
    assert steps[-1][0] <= packing.ROWS + 20
    assert writer.reason == ""
    writer.close()


def test_an_older_file_gives_its_room_back_once_it_is_packed(path: Path) -> None:
    old_file(path, 5_000, width=100)
    before = path.stat().st_size
    writer = HistoryWriter.open(path, now=T0)
    reader, store = HistoryReader.open(path), MemoryStore()
    reader.load(store, 0)
    for i in range(60):
        writer.append_failed("bot", T0 + 9_000 + i)
        writer.trim(T0)
    assert reader.poll(store) == 60
    assert samples(store) == samples(loaded(path))
    reader.close()
    writer.close()
    assert writer.reason == ""
    assert path.stat().st_size < before * 0.6
    assert counted(path)[1] > 30


def test_a_follower_stays_while_the_file_it_reads_becomes_a_new_one(path: Path) -> None:
    old_file(path, 300)
    reader, store = HistoryReader.open(path), MemoryStore()
    reader.load(store, 0)
    writer = HistoryWriter.open(path, now=T0)
    for i in range(300):
        writer.append_scrape("bot", T0 + 1_000 + i, {A: 1.0})
    assert reader.poll(store) == 300
    assert reader.reason == ""
    reader.close()
    writer.close()


@pytest.mark.parametrize("wrong", ["v = x'0102'", "v = substr(v, 1, 20)", "t = x'00'", "n = n + 1", "v = null"])
def test_a_damaged_block_costs_that_block(path: Path, wrong: str) -> None:
    writer = HistoryWriter.open(path, now=T0)
    for i in range(1_000):
        writer.append_scrape("bot", T0 + i, {A: 1.0 * i})
    writer.close()
    with sqlite3.connect(path) as tampered:
        tampered.execute(f"update block set {wrong} where id = (select min(id) from block)")
    tampered.close()
    reader, store = HistoryReader.open(path), MemoryStore()
    assert reader.load(store, 0) == 880
    assert "scrapes are damaged" in reader.reason
    reader.close()


def test_a_block_that_would_unpack_to_gigabytes_is_damage(path: Path) -> None:
    bomb = zlib.compress(bytes(50_000_000))
    with pytest.raises(ValueError, match="another number"):
        packing.unpack_columns(struct.pack("<I", len(bomb)) + bomb, 120, 1)
    with pytest.raises(ValueError, match="more values than a block can hold"):
        packing.unpack_columns(struct.pack("<I", len(bomb)) + bomb, 2**62, 1)
    with pytest.raises(ValueError, match="more than 4,096 times"):
        packing.unpack_times(bomb)
    with pytest.raises(ValueError, match="a time that is none"):
        packing.unpack_times(zlib.compress(struct.pack("<2q", 2**62, 2**62)))


@given(st.lists(st.integers(-(2**62), 2**62), max_size=200), st.lists(st.floats(), min_size=1, max_size=100))
def test_what_is_packed_comes_out_bit_by_bit(times: list[int], values: list[float]) -> None:
    assert list(packing.unpack_times(packing.pack_times(times))) == times
    columns = [array("d", values[i:] + values[:i]) for i in range(len(values))]
    found = packing.unpack_columns(packing.pack_columns(columns), len(values), len(columns))
    assert [c.tobytes() for c in found] == [c.tobytes() for c in columns]
    some = packing.unpack_columns(packing.pack_columns(columns), len(values), len(columns), {0, len(columns) - 1})
    assert some[-1].tobytes() == columns[-1].tobytes()


KILLED = """
import sys
from itertools import pairwise
from pathlib import Path
from tradetop.model.labels import Labels
from tradetop.store.file import HistoryWriter
writer = HistoryWriter.open(Path(sys.argv[1]), now=0)
first = int(sys.argv[2])
series = [Labels({"__name__": "m", "i": str(i)}) for i in range(100)]
for t in range(first, first + 1_000_000):
    writer.append_scrape("bot", t, {s: t + i * 0.1 for i, s in enumerate(series)})
    print(t, writer.reason, flush=True)
"""


def test_killed_while_an_older_file_is_packed_nothing_is_lost(path: Path) -> None:
    old_file(path, 6_000, width=100)
    chance, last = random.Random(11), T0 + 10_000
    before = {t for t, _ in samples(loaded(path))[str(WIDE[0])]}
    for _ in range(8):
        command = [sys.executable, "-c", KILLED, str(path), str(last + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as recorder:
            assert recorder.stdout is not None
            for _ in range(chance.randrange(1, 6)):
                recorder.stdout.readline()
            recorder.kill()
            rest = [line for line in recorder.stdout if line.endswith("\\n")]
        said = int(rest[-1].split()[0]) if rest else last
        found = [t for t, _ in samples(loaded(path))[str(WIDE[0])]]
        assert before <= set(found)
        assert found == sorted(set(found))
        assert set(range(T0 + 10_001, said + 1)) <= set(found)
        last = found[-1]
    assert counted(path)[1] > 0
    with sqlite3.connect(path) as check:
        assert check.execute("pragma integrity_check").fetchone() == ("ok",)
    check.close()
