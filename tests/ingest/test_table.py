from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest.making import HOSTILE, NOW
from tradetop.events.sqlite import EventDatabase
from tradetop.ingest.event import Arrival, EventRow
from tradetop.ingest.fault import DatabaseFault
from tradetop.ingest.table import EventTable
from tradetop.model.clock import SystemClock


def row(id: str, **more: str) -> EventRow:
    stamp = "2026-11-30 00:53:20.000"
    return EventRow(id, "alpha", "signal", None, None, "2026-11-30T00:53:19Z", None, stamp)._replace(**more)


def rows(
    path: Path, sql: str = "SELECT id, pair, created_at FROM bot_events ORDER BY rowid"
) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as link:
        return link.execute(sql).fetchall()


def test_the_file_is_made_with_the_documented_table_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    with closing(EventTable(path)) as table:
        assert table.journal == "wal"
    assert path.stat().st_mode & 0o777 == 0o600
    found = {name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE sql IS NOT NULL")}
    assert found == {"bot_events", "idx_bot_events_bot", "idx_bot_events_type"}
    assert [p.name for p in tmp_path.iterdir()] == ["bots.db"], "the log is folded into the file at the end"


def test_an_id_is_stored_once_and_what_came_first_stays(tmp_path: Path) -> None:
    with closing(EventTable(tmp_path / "bots.db")) as table:
        first = table.insert([row("a", pair="1"), row("b"), row("a", pair="2")])
        second = table.insert([row("b"), row("c", created_at="2026-11-30 00:53:20.001"), row("a")])
    assert (first.new, first.duplicates) == (2, ("a",))
    assert (second.new, second.duplicates) == (1, ("b", "a"))
    assert rows(tmp_path / "bots.db") == [
        ("a", "1", "2026-11-30 00:53:20.000"),
        ("b", None, "2026-11-30 00:53:20.000"),
        ("c", None, "2026-11-30 00:53:20.001"),
    ]


def test_created_at_sorts_as_sqlites_own() -> None:
    with closing(sqlite3.connect(":memory:")) as link:
        second, next_one = link.execute(
            "SELECT datetime(?, 'unixepoch'), datetime(?, 'unixepoch')", (NOW / 1_000, NOW / 1_000 + 1)
        ).fetchone()
    assert second < Arrival.at(NOW).stamp < Arrival.at(NOW + 999).stamp < next_one


def test_hostile_names_are_text_in_the_table_too(tmp_path: Path) -> None:
    with closing(EventTable(tmp_path / "bots.db")) as table:
        table.insert([row(text, pair=text, bot_id=text, strategy=text) for text in HOSTILE])
        table.insert([row("after")])
    assert [pair for _, pair, _ in rows(tmp_path / "bots.db")] == [*HOSTILE, None]


def test_of_a_batch_that_fails_nothing_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    with closing(EventTable(path)) as table:
        with closing(sqlite3.connect(path)) as link:
            link.execute(
                "CREATE TRIGGER full BEFORE INSERT ON bot_events WHEN NEW.id = 'c' BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        with pytest.raises(DatabaseFault):
            table.insert([row("a"), row("b"), row("c"), row("d")])
        assert rows(path) == []
        assert table.insert([row("a")]).new == 1


def test_another_programs_lock_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    with closing(EventTable(path, 0.1)) as table, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseFault, match=r"bots.db: is locked by another program"):
            table.insert([row("a")])
        other.execute("COMMIT")
        assert table.insert([row("a")]).new == 1


def test_a_file_that_was_moved_away_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    with closing(EventTable(path)) as table:
        table.insert([row("a")])
        path.rename(tmp_path / "old.db")
        table.insert([row("b")])
        assert [row[0] for row in rows(path)] == ["b"]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("CREATE TABLE bot_events (id TEXT, bot_id TEXT, timestamp TEXT, event_type TEXT)", "not the documented table"),
        (
            "CREATE TABLE bot_events (id TEXT, bot_id, event_type, pair, strategy, timestamp, metadata, created_at)",
            "not the documented table (ON CONFLICT clause does not match",
        ),
        (
            "CREATE VIEW bot_events AS SELECT 1 AS bot_id, 2 AS timestamp, 3 AS event_type",
            "is not the documented table",
        ),
        (
            """CREATE TABLE bot_events (id TEXT PRIMARY KEY, bot_id, event_type, pair, strategy, timestamp, metadata,
            created_at) WITHOUT ROWID""",
            "not the documented table (no such column: rowid)",
        ),
    ],
)
def test_a_table_of_another_shape_is_refused(tmp_path: Path, sql: str, why: str) -> None:
    with closing(sqlite3.connect(tmp_path / "bots.db")) as link:
        link.execute(sql)
    with pytest.raises(DatabaseFault) as fault:
        EventTable(tmp_path / "bots.db")
    assert why in str(fault.value)


def test_files_that_cannot_be_written_say_why(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database " * 200)
    with pytest.raises(DatabaseFault, match=r"text.db: is no SQLite file: name another one"):
        EventTable(tmp_path / "text.db")
    with pytest.raises(DatabaseFault, match="No such file or directory"):
        EventTable(tmp_path / "nowhere" / "bots.db")
    with pytest.raises(DatabaseFault, match="Is a directory"):
        EventTable(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_file(tmp_path: Path) -> None:
    EventTable(tmp_path / "bots.db").close()
    (tmp_path / "bots.db").chmod(0o400)
    with pytest.raises(DatabaseFault, match="Permission denied"):
        EventTable(tmp_path / "bots.db")


async def test_the_screens_reader_reads_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    with closing(EventTable(path)) as table:
        table.insert([row("a")])
        database = EventDatabase(path, SystemClock())
        assert [event.id for event in await database.read_new()] == ["a"]
        table.insert([row("b", pair="SOL/USDC")])
        assert [(event.id, event.pair) for event in await database.read_new()] == [("b", "SOL/USDC")]
        await database.close()
