"""Paths that hold no event database: each says in one line what is wrong, at once, and nothing is created."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from events.bot_database import create, insert, listing
from events.hands import HandClock
from tradetop.events.fault import EventError
from tradetop.events.sqlite import EventDatabase

State = Callable[[Path], None]


def directory(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path.name)
    os.chdir(here)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere.db")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def text(path: Path) -> None:
    path.write_text("id,bot_id\n1,2\n")


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def header_alone(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00")


def newer(path: Path) -> None:
    create(path).close()
    data = bytearray(path.read_bytes())
    data[18:20] = b"\x03\x03"
    path.write_bytes(data)


def damaged(path: Path) -> None:
    link = create(path)
    for i in range(400):
        insert(link, f"e{i}", metadata={"x": "y" * 100})
    link.close()
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    path.write_bytes(data)


def truncated(path: Path) -> None:
    link = create(path)
    for i in range(400):
        insert(link, f"e{i}", metadata={"x": "y" * 100})
    link.close()
    os.truncate(path, 8_192)


def other_tables(path: Path) -> None:
    link = sqlite3.connect(path)
    link.execute("CREATE TABLE orders (id)")
    link.execute("CREATE TABLE wallets (secret)")
    link.close()


def view(path: Path) -> None:
    link = sqlite3.connect(path)
    link.execute("CREATE TABLE credentials (id, bot_id)")
    link.execute("CREATE VIEW bot_events AS SELECT * FROM credentials")
    link.close()


def endless_view(path: Path) -> None:
    link = sqlite3.connect(path)
    link.execute(
        "CREATE VIEW bot_events AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id+1 FROM n) SELECT id FROM n"
    )
    link.close()


def virtual(path: Path) -> None:
    link = sqlite3.connect(path)
    link.execute("CREATE VIRTUAL TABLE bot_events USING fts5(id, bot_id)")
    link.close()


def untellable(path: Path) -> None:
    link = sqlite3.connect(path)
    link.execute("CREATE TABLE bot_events (event_type, timestamp PRIMARY KEY) WITHOUT ROWID")
    link.close()


STATES: dict[State, str] = {
    directory: "is a directory, not a file; name the bot's SQLite database",
    fifo: "is a pipe, not a file",
    a_socket: "is a socket, not a file",
    dangling: "is a link to nowhere.db, which does not exist",
    loop: "is a link that leads back to itself",
    text: 'is not an SQLite database (it begins "id,bot_id',
    noise: "is not an SQLite database",
    header_alone: "database damaged: it ends after 16 bytes",
    newer: "written in a format newer than this SQLite reads",
    damaged: "database damaged",
    truncated: "database damaged",
    other_tables: "has no table bot_events (it has: orders, wallets)",
    view: "bot_events is a view; only a plain table is read",
    endless_view: "bot_events is a view; only a plain table is read",
    virtual: "bot_events is a virtual table",
    untellable: "bot_events has neither a rowid nor id and created_at",
    lambda path: path.touch(): "is empty: the bot has not created its tables yet",
    lambda path: None: "no such file; check the path, or start the bot that writes it",
}


@pytest.mark.parametrize(("state", "words"), STATES.items(), ids=[words[:30] for words in STATES.values()])
async def test_each_state_is_named_and_nothing_created(tmp_path: Path, state: State, words: str) -> None:
    folder = tmp_path / "bot"
    folder.mkdir()
    path = folder / "bots.db"
    state(path)
    before = listing(folder)
    reader = EventDatabase(path, HandClock())
    with pytest.raises(EventError) as caught:
        await reader.newest()
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert "\n" not in message
    assert listing(folder) == before


async def test_a_hot_journal_is_left_to_the_bot(tmp_path: Path) -> None:
    live, left = tmp_path / "live.db", tmp_path / "left.db"
    link = create(live)
    insert(link, "a")
    link.execute("PRAGMA cache_size=1")
    link.execute("PRAGMA cache_spill=1")
    link.execute("BEGIN")
    for i in range(500):
        insert(link, f"b{i}", metadata={"x": "y" * 500})
    left.write_bytes(live.read_bytes())
    left.with_name("left.db-journal").write_bytes(live.with_name("live.db-journal").read_bytes())
    link.close()
    before = listing(tmp_path)
    with pytest.raises(EventError, match="only the bot can repair this"):
        await EventDatabase(left, HandClock()).newest()
    assert listing(tmp_path) == before


async def test_a_file_that_vanishes_and_comes_back_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")
    link.close()
    reader = EventDatabase(path, HandClock())
    await reader.newest()
    path.rename(tmp_path / "away.db")
    with pytest.raises(EventError, match="no such file"):
        await reader.read_new()
    (tmp_path / "away.db").rename(path)
    link = sqlite3.connect(path, isolation_level=None)
    insert(link, "b")
    assert [event.id for event in await reader.read_new()] == ["b"]
    link.close()


async def test_damage_while_watching_names_the_last_good_event(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a", timestamp="2026-01-02 03:00:00")
    link.close()
    reader = EventDatabase(path, HandClock())
    await reader.newest()
    damaged_bytes = bytearray(path.read_bytes())
    damaged_bytes[4096:] = b"\xff" * (len(damaged_bytes) - 4096)
    path.write_bytes(damaged_bytes)
    with pytest.raises(EventError, match=r"database damaged .*; last good event 2026-01-02 03:00:00 UTC"):
        await reader.read_new()


@pytest.mark.parametrize(
    "definition",
    [
        "id TEXT, event_type TEXT, created_at TEXT",
        "event_type TEXT, timestamp TEXT, further TEXT, rowid TEXT",
        "ID TEXT PRIMARY KEY, Event_Type TEXT, TIMESTAMP INTEGER, note BLOB",
        "id INTEGER PRIMARY KEY AUTOINCREMENT, event_type TEXT DEFAULT 'x', timestamp",
    ],
)
async def test_missing_columns_are_absent_and_further_ones_ignored(tmp_path: Path, definition: str) -> None:
    link = sqlite3.connect(tmp_path / "bots.db", isolation_level=None)
    link.execute(f"CREATE TABLE Bot_Events ({definition})")
    link.execute("INSERT INTO bot_events (event_type) VALUES ('signal')")
    link.execute("INSERT INTO bot_events (event_type) VALUES ('error')")
    reader = EventDatabase(tmp_path / "bots.db", HandClock())
    events = await reader.newest()
    assert [(event.type, event.bot, event.pair, event.guessed_time) for event in events] == [
        ("signal", "", "", True),
        ("error", "", "", True),
    ]
    assert await reader.bots() == ()
    link.execute("INSERT INTO bot_events (event_type) VALUES ('trade_open')")
    assert [event.type for event in await reader.read_new()] == ["trade_open"]
    link.close()


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
async def test_every_text_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    link = sqlite3.connect(tmp_path / "bots.db", isolation_level=None)
    link.execute(f"PRAGMA encoding='{encoding}'")
    link.execute("CREATE TABLE bot_events (id, bot_id, event_type, metadata, created_at)")
    link.execute("""INSERT INTO bot_events VALUES ('é1', 'böt', 'error', '{"message": "naïve ✓"}', NULL)""")
    (event,) = await EventDatabase(tmp_path / "bots.db", HandClock()).newest()
    assert (event.id, event.bot, event.facts[0].value) == ("é1", "böt", "naïve ✓")
    link.close()
