from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest.making import NOW
from tradetop.ingest.event import Arrival, EventRow
from tradetop.ingest.fault import DatabaseFault
from tradetop.ingest.page import SinceError, dumped, read
from tradetop.ingest.table import EventTable
from tradetop.model.clock import MINUTE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ten events, one a minute, the last of them now."""
    with closing(EventTable(tmp_path / "bots.db")) as table:
        for i in range(10):
            stored = Arrival.at(NOW - (9 - i) * MINUTE).stamp
            table.insert(
                [EventRow(f"e-{i}", "alpha", "signal", None, None, "2026-11-30T00:00:00Z", '{"n": 1}', stored)]
            )
    return tmp_path / "bots.db"


def ids(path: Path, since: str, limit: int = 100) -> list[object]:
    return [event["id"] for event in read(path, since, limit, NOW).events]


@pytest.mark.parametrize(
    ("since", "first"),
    [
        ("30s", 9), ("1m", 8), ("2m", 7), ("150s", 7), ("1h", 0), ("1d", 0), ("90000ms", 8), ("2w", 0),
        ("2026-11-30T00:51:20Z", 7), ("2026-11-30 00:51:21", 8), ("2026-11-30T01:51:20+01:00", 7), ("2026-11-30", 0),
        ("0", 0), ("4", 4), ("e-5", 6),
    ],
)  # fmt: skip
def test_since_in_its_forms(path: Path, since: str, first: int) -> None:
    assert ids(path, since) == [f"e-{i}" for i in range(first, 10)]


def test_the_seeds_default_question_has_an_answer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as link:
        assert link.execute("SELECT datetime('now', '-30s')").fetchone() == (None,)
    assert ids(path, "30s") == ids(path, "30 seconds") == ["e-9"]
    assert ids(path, "604800 seconds") == ids(path, "7 days") == ids(path, "7d")


@pytest.mark.parametrize("since", ["", "never", "-5m", "30", "5 fortnights", "2026-13-45", "' OR 1=1 --", "\x1b[2J"])
def test_a_since_that_says_nothing(path: Path, since: str) -> None:
    if since == "30":
        assert ids(path, since) == [], "a row that is not there yet"
        return
    with pytest.raises(SinceError, match="since: write how long ago"):
        read(path, since, 100, NOW)


def test_pages_follow_each_other_without_gap_or_repetition(path: Path) -> None:
    found: list[object] = []
    since, more = "0", True
    while more:
        page = read(path, since, 3, NOW)
        found += [event["id"] for event in page.events]
        since, more = str(page.next), page.more
    assert found == [f"e-{i}" for i in range(10)]
    assert read(path, since, 3, NOW).next == 10


def test_rows_may_be_missing_in_between(path: Path) -> None:
    with closing(sqlite3.connect(path)) as link, link:
        link.execute("DELETE FROM bot_events WHERE rowid IN (1, 2, 5, 8, 9)")
    assert ids(path, "4m") == ["e-5", "e-6", "e-9"]
    assert ids(path, "1h") == ["e-2", "e-3", "e-5", "e-6", "e-9"]


def test_an_empty_table(tmp_path: Path) -> None:
    EventTable(tmp_path / "bots.db").close()
    page = read(tmp_path / "bots.db", "5m", 10, NOW)
    assert (page.events, page.more) == ((), False)


def test_a_page_of_large_events_ends_early(path: Path) -> None:
    with closing(sqlite3.connect(path)) as link, link:
        link.execute("UPDATE bot_events SET metadata = ?", (json.dumps({"x": "y" * 65_000}),))
        link.executemany(
            "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata)"
            " SELECT ? || id, bot_id, event_type, timestamp, metadata FROM bot_events WHERE id LIKE 'e-%'",
            [(f"{i}",) for i in range(20)],
        )
    page = read(path, "0", 500, NOW)
    assert page.more
    assert 60 < len(page.events) < 70


def test_what_another_program_wrote_is_given_as_it_can_be(path: Path) -> None:
    strange = ["no JSON", '{"a": NaN}', '{"a": 1e999}', b"\xff\x00", None, 5, "[" * 100_000, '"\\ud800"']
    with closing(sqlite3.connect(path)) as link, link:
        link.executemany(
            "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata) VALUES (?, 'b', '\x1b[2J', 't', ?)",
            [(f"s-{i}", text) for i, text in enumerate(strange)],
        )
    page = read(path, "e-9", 100, NOW)
    raw = dumped({"events": page.events})
    assert len(json.loads(raw)["events"]) == len(strange)
    assert raw.isascii()
    assert b"\x1b" not in raw


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFault, match="cannot be opened"):
        read(tmp_path / "bots.db", "5m", 10, NOW)
