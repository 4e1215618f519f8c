"""What is exported and imported again answers every query alike, but for where series ended."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.sample import STALE, is_stale
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.store.archive import Archive
from tradetop.store.file import HistoryWriter
from tradetop.transfer.importing import Importing
from tradetop.transfer.lines import Lines
from tradetop.transfer.openmetrics import lines, written

T0 = 1_763_426_873_013
STEP = 9_973
A = Labels({"__name__": "equity", "bot": 'a "b"\\n{c}, d'})
B = Labels({"__name__": "trades_total", "pair": "BTC-USD"})
C = Labels({"__name__": "trades_total", "pair": "ETH 1 # {"})
D = Labels({"__name__": "odd.name", "odd.label": "ä"})
QUERIES = (
    '{__name__=~".+"}',
    "rate(trades_total[1m])",
    "sum by (pair) (increase(trades_total[2m]))",
    "avg_over_time(equity[45s])",
    'count_over_time({"odd.name"}[5m])',
    "max by (pair) (trades_total)",
    "equity > bool 3",
)


def exported(path: Path) -> str:
    archive = Archive(path)
    text = "".join(lines(archive))
    assert archive.reason == ""
    archive.close()
    return text


def imported(path: Path, text: str, *, new: int | None = None) -> Importing:
    history = HistoryWriter.open(path, now=T0)
    reading, importing = Lines(), Importing(history)
    importing.take(reading.samples(io.BytesIO(text.encode())))
    assert (reading.faults, importing.refused, history.reason) == ([], "", "")
    history.put_metadata(reading.metadata)
    history.close()
    assert new is None or importing.new == new
    return importing


pages = st.lists(st.dictionaries(st.sampled_from([A, B, C, D]), st.floats()), min_size=1, max_size=40)


@given(pages)
@settings(max_examples=30, deadline=None)
def test_every_query_gives_the_same(tmp_path_factory: pytest.TempPathFactory, found: list) -> None:  # type: ignore[type-arg]
    home = tmp_path_factory.mktemp("store")
    writer, plain, count = HistoryWriter.open(home / "one.db", now=T0), MemoryStore(), 0
    for i, page in enumerate(found):
        writer.append_scrape("scrape", T0 + i * STEP, page)
        for labels, value in page.items():
            if not is_stale(value):
                plain.append(labels, T0 + i * STEP, value)
                count += 1
    writer.close()
    text = exported(home / "one.db")
    imported(home / "two.db", text, new=count)
    imported(home / "two.db", text, new=0)
    assert exported(home / "two.db").splitlines()[1:] == text.splitlines()[1:] or count == 0
    archive = Archive(home / "two.db")
    ours, theirs = Engine(archive), Engine(plain)
    span = {"start": T0, "end": T0 + len(found) * STEP, "step": 7_000}
    for query in QUERIES:
        # In the order of their labels: which series was seen first is not in the text.
        both = [sorted(map(repr, engine.range(query, **span).series)) for engine in (ours, theirs)]  # type: ignore[union-attr]
        assert both[0] == both[1], query
    archive.close()


def test_the_text_is_openmetrics(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    writer = HistoryWriter.open(path, now=T0)
    writer.put_metadata(
        {"trades_total": Metadata("counter"), "equity": Metadata("gauge"), "lat": Metadata("histogram")}
    )
    bucket = Labels({"__name__": "lat_bucket", "le": "+Inf"})
    writer.append_scrape("scrape", 1_700_000_000_000, {B: 1.0, A: math.inf, D: 0.1, bucket: 3.0, C: STALE})
    writer.append_scrape("scrape", 1_700_000_010_250, {B: math.nan, bucket: 1e22})
    writer.close()
    assert exported(path) == (
        "# TYPE equity gauge\n"
        'equity{bot="a \\"b\\"\\\\n{c}, d"} +Inf 1700000000\n'
        "# TYPE lat histogram\n"
        'lat_bucket{le="+Inf"} 3.0 1700000000\n'
        'lat_bucket{le="+Inf"} 1e+22 1700000010.250\n'
        '# TYPE "odd.name" unknown\n'
        '{"odd.name","odd.label"="ä"} 0.1 1700000000\n'
        "# TYPE trades counter\n"
        'trades_total{pair="BTC-USD"} 1.0 1700000000\n'
        'trades_total{pair="BTC-USD"} NaN 1700000010.250\n'
        "# EOF\n"
    )
    assert written(Labels({"__name__": "up"})) == "up"


@given(st.integers(0, 4 * 10**12))
@settings(max_examples=300, deadline=None)
def test_no_reader_of_seconds_loses_a_millisecond(t: int) -> None:
    from tradetop.transfer.openmetrics import _seconds

    seconds = float(_seconds(t))
    assert (int(seconds * 1_000), round(seconds * 1_000)) == (t, t)


def test_what_comes_in_any_order_is_there_in_order(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    imported(path, "m 3 30\nm 1 10\nm 2 20\nm 9 20\n# EOF\n", new=3)
    imported(path, "m 0 5\nm 25 25\nm 2 20\nm 4 40\n# EOF\n", new=3)
    column = Archive(path).select([], 0, 2**60)[0]
    assert list(zip(column.times, column.values, strict=True)) == [
        (5_000, 0.0), (10_000, 1.0), (20_000, 2.0), (25_000, 25.0), (30_000, 3.0), (40_000, 4.0)
    ]  # fmt: skip


def test_what_was_recorded_and_what_was_imported_are_one_series(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    writer = HistoryWriter.open(path, now=T0)
    for i in range(300):
        writer.append_scrape("scrape", 1_000_000 + i * 1_000, {A: float(i)})
    writer.close()
    name = written(A)
    imported(path, f"{name} -1 900\n{name} -2 1000\n{name} -3 1299.5\n# EOF\n", new=3)
    archive = Archive(path)
    column = archive.select([], 0, 2**60)[0]
    assert list(column.times)[:3] == [900_000, 1_000_000, 1_001_000]
    assert list(column.values)[:3] == [-1.0, 0.0, 1.0]
    assert (column.times[-1], column.values[-1]) == (1_299_500, -3.0)
    again = HistoryWriter.open(path, now=T0)
    again.append_scrape("scrape", 2_000_000, {A: 7.0})
    assert again.reason == ""
    again.trim(1_200_000)
    again.close()
    archive.close()
    assert min(Archive(path).select([], 0, 2**60)[0].times) >= 900_000


def test_many_samples_of_many_series_stay_in_bounds_and_order(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    text = "".join(f'm{{i="{i % 50}"}} {i} {i}\n' for i in range(30_000))
    imported(path, text, new=30_000)
    archive = Archive(path)
    assert [len(column.values) for column in archive.select([], 0, 2**60)] == [600] * 50
    archive.close()
