"""The reader of a bot's database: what it reads, and that the bot never notices."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from events.bot_database import create, insert, listing, writer
from events.hands import NOW, HandClock
from tradetop.events.connection import connect
from tradetop.events.fault import EventError, LockedError
from tradetop.events.sqlite import PAGE, EventDatabase
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import SystemClock

JOURNALS = ("delete", "wal", "truncate", "persist")


def database(path: Path) -> EventDatabase:
    return EventDatabase(path, HandClock())


async def read_all(reader: EventDatabase) -> list[BotEvent]:
    events = list(await reader.read_new())
    while reader.behind:
        events += await reader.read_new()
    return events


def ids(events: list[BotEvent] | tuple[BotEvent, ...]) -> list[str]:
    return [event.id for event in events]


@pytest.mark.parametrize("journal", JOURNALS)
async def test_reads_what_was_there_and_then_what_comes(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "bots.db"
    link = create(path, journal)
    for i in range(3):
        insert(link, f"a{i}")
    reader = database(path)
    assert ids(await reader.newest(2)) == ["a1", "a2"]
    assert ids(await reader.older()) == ["a0"]
    assert await reader.older() == ()
    assert await reader.read_new() == ()
    insert(link, "b0", "trade_close", {"pnl_usd": -4.5})
    insert(link, "b1", "error", {"message": "Slippage exceeded"})
    events = await reader.read_new()
    assert ids(events) == ["b0", "b1"]
    assert [event.cls for event in events] == [EventClass.CLOSE, EventClass.ERROR]
    assert events[0].pnl == -4.5
    assert await reader.read_new() == ()
    link.close()


async def test_a_long_backlog_comes_in_pages_in_order_and_whole(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db", "wal")
    link.execute("BEGIN")
    for i in range(2 * PAGE + 7):
        insert(link, f"e{i}")
    link.execute("COMMIT")
    reader = database(tmp_path / "bots.db")
    assert len(await reader.read_new()) == PAGE
    assert reader.behind
    assert ids(await read_all(reader)) == [f"e{i}" for i in range(PAGE, 2 * PAGE + 7)]
    link.close()


@pytest.mark.parametrize("journal", JOURNALS)
@pytest.mark.parametrize("closed", [False, True])
async def test_the_bots_folder_is_untouched(tmp_path: Path, journal: str, closed: bool) -> None:
    folder = tmp_path / "bot"
    folder.mkdir()
    link = create(folder / "bots.db", journal)
    insert(link, "a")
    if closed:
        link.close()
    before = listing(folder)
    reader = database(folder / "bots.db")
    assert ids(await reader.newest()) == ["a"]
    assert await reader.read_new() == ()
    assert await reader.bots() == ("defi-1",)
    await reader.check()
    assert listing(folder) == before
    link.close()
    assert [name for name, *_ in listing(folder) if name.endswith(("-wal", "-shm"))] == []


@pytest.mark.parametrize("index", [True, False])
async def test_a_log_that_a_killed_bot_left_is_read_without_touching_it(
    tmp_path: Path, index: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    live = tmp_path / "live"
    left = tmp_path / "left"
    live.mkdir()
    link = create(live / "bots.db", "wal")
    insert(link, "only in the log")
    shutil.copytree(live, left)
    link.close()
    if not index:
        (left / "bots.db-shm").unlink()
    before = listing(left)
    reader = database(left / "bots.db")
    assert ids(await reader.newest()) == ["only in the log"]
    assert listing(left) == before
    assert list(scratch.iterdir()) == []
    bot = sqlite3.connect(left / "bots.db", isolation_level=None)
    insert(bot, "next")
    assert ids(await reader.read_new()) == ["next"]
    bot.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
async def test_another_user_reads_a_closed_log_database_and_the_bot_still_writes(tmp_path: Path) -> None:
    # Not tmp_path: no other user may go there.
    folder = Path("/var/tmp") / f"tradetop-test-{os.getpid()}"
    folder.mkdir()
    try:
        folder.chmod(0o777)
        create(folder / "bots.db", "wal").close()
        (folder / "bots.db").chmod(0o666)
        before = listing(folder)
        code = (
            "import os, sys, asyncio; from pathlib import Path; from tradetop.events.sqlite import EventDatabase;"
            "import aiosqlite; from tradetop.model.clock import SystemClock; os.setuid(65534);"
            "print(asyncio.run(EventDatabase(Path(sys.argv[1]), SystemClock()).newest()))"
        )
        source = str(Path(__file__).parents[2] / "src")
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder / "bots.db")],
            env={**os.environ, "PYTHONPATH": source},
            capture_output=True,
            text=True,
            timeout=20,
        )
        if "PermissionError" in done.stderr or "No module" in done.stderr:
            pytest.skip("another user cannot read this Python installation")
        assert done.stdout == "()\n", done.stderr
        assert listing(folder) == before
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_a_writer_never_fails_because_of_us(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "bots.db"
    create(path, journal).close()
    with writer(path, journal, 1_500) as bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        reader = EventDatabase(path, SystemClock())
        answer = asyncio.get_running_loop().run_in_executor(None, bot.stdout.readline)
        bot.stdin.write("go\n")
        bot.stdin.flush()
        seen: list[BotEvent] = []
        while not answer.done():
            try:
                seen += await reader.read_new()
            except LockedError:
                await asyncio.sleep(0)
        assert int(await answer) == 0
        seen += await read_all(reader)
        assert ids(seen) == [f"w{i}" for i in range(1_500)]


async def test_nothing_stays_locked_between_reads(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")
    reader = database(path)
    await reader.newest()
    link.execute("PRAGMA busy_timeout=0")
    link.execute("BEGIN EXCLUSIVE")
    insert(link, "b")
    link.execute("COMMIT")
    assert link.execute("PRAGMA journal_mode=wal").fetchone() == ("wal",)
    assert ids(await reader.read_new()) == ["b"]
    assert link.execute("PRAGMA journal_mode=delete").fetchone() == ("delete",)
    insert(link, "c")
    assert ids(await reader.read_new()) == ["c"]
    link.close()


async def test_a_locked_database_says_for_how_long_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    clock = HandClock()
    reader = EventDatabase(path, clock)
    assert await reader.read_new() == ()
    clock.forward(1_000)
    link.execute("BEGIN EXCLUSIVE")
    insert(link, "a")
    for seconds in (0, 12):
        with pytest.raises(LockedError, match=rf"bots\.db: locked by another program for {seconds} s"):
            await reader.read_new()
        clock.forward(12_000)
    link.execute("COMMIT")
    assert ids(await reader.read_new()) == ["a"]
    link.close()


async def test_a_write_that_hides_behind_the_stamp_of_one_before_it_is_found_within_a_second(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")
    stamp = path.stat()
    clock = HandClock()
    reader = EventDatabase(path, clock)
    assert ids(await reader.read_new()) == ["a"]
    insert(link, "b")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert path.stat().st_size == stamp.st_size
    found = []
    for _ in range(6):
        clock.forward(200)
        found += ids(await reader.read_new())
    assert found == ["b"]
    link.close()


async def test_an_unchanged_file_is_not_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")
    clock = HandClock()
    reader = EventDatabase(path, clock)
    await reader.read_new()
    clock.forward(1_000)
    await reader.read_new()
    link.execute("BEGIN EXCLUSIVE")
    assert await reader.read_new() == ()
    link.execute("ROLLBACK")
    link.close()


def rebuilt(path: Path, names: list[str]) -> None:
    """Another database put in the place of the first."""
    other = path.with_name("other.db")
    link = create(other)
    for name in names:
        insert(link, name)
    link.close()
    other.replace(path)


async def test_a_replaced_database_is_read_from_the_start_and_each_event_shown_once(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    for i in range(5):
        insert(link, f"a{i}")
    link.close()
    reader = database(path)
    assert len(await reader.read_new()) == 5
    rebuilt(path, ["a3", "a4", "b0"])
    assert ids(await reader.read_new()) == ["b0"]
    assert "a4" not in reader.take_notice()
    rebuilt(path, ["c0", "a1", "c1"])
    assert ids(await reader.read_new()) == ["c0", "c1"]
    assert "bots.db: replaced or emptied: reading from the start" in reader.take_notice()
    assert reader.take_notice() == ""


async def test_an_emptied_table_goes_on_with_what_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")
    insert(link, "b")
    reader = database(path)
    await reader.newest()
    link.execute("DELETE FROM bot_events")
    link.execute("VACUUM")
    assert await reader.read_new() == ()
    insert(link, "a")
    insert(link, "c")
    assert ids(await reader.read_new()) == ["c"]
    link.close()


async def test_numbering_the_rows_anew_repeats_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    for i in range(20):
        insert(link, f"a{i}")
    reader = database(path)
    await reader.newest()
    link.execute("DELETE FROM bot_events WHERE rowid < 10")
    link.execute("VACUUM")
    for i in range(30):
        insert(link, f"b{i}")
    assert ids(await reader.read_new()) == [f"b{i}" for i in range(30)]
    link.close()


async def test_deleting_only_the_last_row_repeats_nothing(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    for i in range(5):
        insert(link, f"a{i}")
    reader = database(tmp_path / "bots.db")
    await reader.newest()
    link.execute("DELETE FROM bot_events WHERE id = 'a4'")
    link.execute(
        "INSERT INTO bot_events (rowid, id, bot_id, event_type, timestamp) VALUES (9, 'b0', 'x', 'signal', '')"
    )
    assert ids(await reader.read_new()) == ["b0"]
    assert reader.take_notice() == ""
    link.close()


@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize("name", ["a b?mode=rwc&x=%23#.db", "ünï.db", "[red].db"])
async def test_links_and_odd_names_lead_to_the_same_file(tmp_path: Path, journal: str, name: str) -> None:
    folder, elsewhere = tmp_path / "bot", tmp_path / "here"
    folder.mkdir()
    elsewhere.mkdir()
    link = create(folder / name, journal)
    insert(link, "a")
    (elsewhere / "bots.db").symlink_to(folder / name)
    before = listing(folder), listing(elsewhere)
    assert ids(await database(folder / name).newest()) == ["a"]
    assert ids(await database(elsewhere / "bots.db").newest()) == ["a"]
    assert (listing(folder), listing(elsewhere)) == before
    link.close()


async def test_nothing_but_the_event_table_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path, "wal")
    link.execute("CREATE TABLE credentials (secret)")
    guarded = connect(path, HandClock())
    for sql in (
        "SELECT secret FROM credentials",
        "SELECT count(*) FROM credentials",
        "DELETE FROM bot_events",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "ATTACH 'other.db' AS other",
        f"VACUUM INTO '{tmp_path}/copy.db'",
        "PRAGMA query_only=0",
        "PRAGMA journal_mode=delete",
        "BEGIN",
        "SELECT hex(zeroblob(400000000))",
        "SELECT load_extension('x')",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT sum(i) FROM n",
    ):
        with pytest.raises(sqlite3.Error):
            guarded.execute(sql).fetchall()
    guarded.close()
    link.close()


async def test_a_statement_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    link.execute("BEGIN")
    for i in range(2_000):
        insert(link, f"e{i}")
    link.execute("COMMIT")

    class Hurried(HandClock):
        def monotonic(self) -> int:
            self.t += 20
            return self.t

    guarded = connect(path, Hurried())
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        guarded.execute("SELECT substr(id, 1, 9) FROM bot_events ORDER BY pair, timestamp, id").fetchall()
    guarded.close()
    hurried = EventDatabase(path, Hurried())
    assert 0 < len(await hurried.read_new()) < PAGE
    assert hurried.behind
    assert len(await read_all(hurried)) > 1_000
    link.close()


async def test_a_table_without_rowid_is_read_by_time_within_the_same_second(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = sqlite3.connect(path, isolation_level=None)
    link.execute("PRAGMA synchronous=OFF")
    link.execute(
        "CREATE TABLE bot_events (id TEXT PRIMARY KEY, bot_id, event_type, timestamp, created_at) WITHOUT ROWID"
    )

    def add(name: str, second: int) -> None:
        link.execute(
            "INSERT INTO bot_events VALUES (?,'b','signal',?,?)", (name, second, f"2026-01-02 03:04:{second:02}")
        )

    add("m", 1)
    add("z", 2)
    reader = database(path)
    assert ids(await reader.newest()) == ["m", "z"]
    assert await reader.older() == ()
    add("a", 2)
    add("zz", 2)
    assert ids(await reader.read_new()) == ["a", "zz"]
    for i in range(PAGE + 20):
        add(f"n{i:04}", 3)
    assert sorted(ids(await read_all(reader))) == [f"n{i:04}" for i in range(PAGE + 20)]
    add("aa", 3)
    assert ids(await read_all(reader)) == ["aa"]
    link.close()


async def test_bots_are_listed_by_name(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    for i in range(6):
        insert(link, f"a{i}", bot=f"bot-{i % 3}")
    assert await database(tmp_path / "bots.db").bots() == ("bot-0", "bot-1", "bot-2")
    link.close()


async def test_a_cancelled_read_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")
    task = asyncio.create_task(database(path).newest())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    link.execute("PRAGMA busy_timeout=1000")
    link.execute("BEGIN EXCLUSIVE")
    link.execute("COMMIT")
    link.close()


def test_reading_keeps_no_process_alive(tmp_path: Path) -> None:
    create(tmp_path / "bots.db").close()
    code = (
        "import asyncio, sys; from pathlib import Path; from tradetop.events.sqlite import EventDatabase\n"
        "from tradetop.model.clock import SystemClock\n"
        "async def main():\n"
        "    task = asyncio.create_task(EventDatabase(Path(sys.argv[1]), SystemClock()).newest())\n"
        "    await asyncio.sleep(0.001)\n"
        "asyncio.run(main()); print('ended')"
    )
    source = str(Path(__file__).parents[2] / "src")
    command = [sys.executable, "-c", code, str(tmp_path / "bots.db")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": source}, capture_output=True, text=True, timeout=20)
    assert (done.stdout, done.stderr) == ("ended\n", "")


async def test_times_that_cannot_be_read_or_lie_ahead_become_the_arrival(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    link.execute("CREATE TRIGGER t AFTER INSERT ON bot_events BEGIN UPDATE bot_events SET created_at = NULL; END")
    insert(link, "good", timestamp=str((NOW - 5_000) / 1_000))
    insert(link, "bad", timestamp="yesterday")
    insert(link, "ahead", timestamp="2031-01-01T00:00:00Z")
    events = await database(tmp_path / "bots.db").newest()
    assert [(e.t, e.guessed_time) for e in events] == [(NOW - 5_000, False), (NOW, True), (NOW, True)]
    link.close()


async def test_errors_are_one_line_for_people(tmp_path: Path) -> None:
    with pytest.raises(EventError) as caught:
        await database(tmp_path / "no\x1b[2Jway.db").check()
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
