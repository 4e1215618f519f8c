"""The guard: whatever SQL comes, nothing is written, nothing hangs, and the bot goes on writing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from ask.asked import NOW, Clock, Told, database, events
from events.bot_database import create, insert, listing, writer
from tradetop.ask.answer import ROWS, WHOLE
from tradetop.ask.fault import AskError, UnsafeError
from tradetop.ask.guard import Guard
from tradetop.model.clock import SystemClock

EVENTS = events(400)
JOURNALS = ("delete", "wal")

UNSAFE = (
    "DROP TABLE bot_events",
    "DELETE FROM bot_events",
    "UPDATE bot_events SET bot_id = 'x'",
    "INSERT INTO bot_events (id) VALUES ('x')",
    "REPLACE INTO bot_events (id) VALUES ('x')",
    "ATTACH DATABASE 'other.db' AS other",
    "DETACH main",
    "PRAGMA writable_schema = 1",
    "PRAGMA user_version = 9",
    "VACUUM INTO 'copy.db'",
    "CREATE TABLE t AS SELECT * FROM bot_events",
    "CREATE TEMP TABLE t (x)",
    "BEGIN EXCLUSIVE",
    "EXPLAIN SELECT 1",
    "SELECT 1; DROP TABLE bot_events",
    "SELECT 1; SELECT 2",
    "SELECT 1;\n-- fine\nDELETE FROM bot_events",
    "/* SELECT */ DROP TABLE bot_events",
    "-- SELECT\nDROP TABLE bot_events",
    "WITH x AS (SELECT 1) DELETE FROM bot_events",
    "WITH x AS (SELECT 1) INSERT INTO bot_events (id) SELECT 'x'",
    "WITH x AS (SELECT 1) UPDATE bot_events SET bot_id = 'x'",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM sqlite_temp_master",
    "SELECT * FROM secrets",
    "SELECT * FROM main.secrets",
    "SELECT wallet FROM main.events",
    "SELECT id FROM bot_events WHERE EXISTS (SELECT 1 FROM secrets)",
    "SELECT (SELECT wallet FROM secrets)",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_table_info('secrets')",
    "SELECT load_extension('evil')",
    "SELECT randomblob(1000000000)",
    "SELECT zeroblob(1000000000)",
    "SELECT sqlite_version()",
    "SELECT hex(metadata) FROM bot_events",
    "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x",
    "WITH RECURSIVE x(n) AS (SELECT 1 UNION SELECT n + 1 FROM x) SELECT * FROM x",
    "WITH x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT max(n) FROM x",
    "",
    ";",
    "   ",
    "-- nothing",
    "I am sorry, I cannot do that.",
    "SELECT '\x1b[2J'",
    "SELECT 1 --\u202e",
    "SELECT '\0'",
    "SELECT '" + "x" * 20_000 + "'",
)
BROKEN = (
    "SELECT writefile('/tmp/x', 'y')",
    "SELECT * FROM nowhere",
    "SELECT",
    "SELECT * FROM events WHERE",
    "WITH x AS (DELETE FROM bot_events RETURNING id) SELECT * FROM x",
    "SELECT * INTO OUTFILE '/tmp/x' FROM events",
    "SELECT :nobody",
    "SELECT " + "(" * 500 + "1" + ")" * 500,
    "SELECT " + "+".join(["1"] * 5_000),
    "SELECT " + ",".join(["1"] * 500),
    " UNION ALL ".join(["SELECT 1"] * 500),
)


@pytest.fixture(scope="module", params=JOURNALS)
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = database(tmp_path_factory.mktemp("guard") / "bots.db", EVENTS, request.param)
    with closing(sqlite3.connect(found)) as link:
        link.execute("CREATE TABLE secrets (wallet TEXT)")
        link.execute("INSERT INTO secrets VALUES ('5Kd3')")
        link.execute("CREATE TABLE events (wallet TEXT)")
        link.commit()
    return found


@pytest.mark.parametrize("sql", UNSAFE, ids=[s[:40] for s in UNSAFE])
def test_what_is_not_reading_is_refused_and_nothing_changes(path: Path, sql: str) -> None:
    before, content = listing(path.parent), path.read_bytes()
    with pytest.raises(UnsafeError):
        Guard(path, Clock(), UTC).run(sql)
    assert listing(path.parent) == before
    assert path.read_bytes() == content


@pytest.mark.parametrize("sql", BROKEN, ids=[s[:40] for s in BROKEN])
def test_what_is_no_sql_is_said_in_a_line(path: Path, sql: str) -> None:
    before = listing(path.parent)
    with pytest.raises(AskError) as caught:
        Guard(path, Clock(), UTC).run(sql)
    assert "\n" not in str(caught.value)
    assert listing(path.parent) == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM bot_events a, bot_events b, bot_events c, bot_events d",
        "SELECT max(a.t + b.t) FROM events a, events b, events c",
        "SELECT a.id FROM events a, events b, events c ORDER BY a.metadata || b.metadata || c.metadata",
        "SELECT DISTINCT a.id || b.id || c.id FROM events a, events b, events c ORDER BY 1",
    ],
)
def test_what_takes_too_long_is_stopped(path: Path, sql: str) -> None:
    started = time.monotonic()
    with pytest.raises(AskError, match="stopped"):
        Guard(path, SystemClock(), UTC, limit=300).run(sql)
    assert time.monotonic() - started < 5


def test_rows_and_characters_have_a_cap(tmp_path: Path, path: Path) -> None:
    answer = Guard(path, Clock(), UTC).run("SELECT a.id FROM events a, events b")
    assert (len(answer.rows), answer.more) == (ROWS, True)
    big = create(tmp_path / "big.db")
    for number in range(40):
        insert(big, f"e{number}", "error", "x" * 1_000_000)
    big.close()
    answer = Guard(tmp_path / "big.db", Clock(), UTC).run("SELECT metadata, * FROM bot_events")
    assert all(len(str(cell)) < 2_100 for row in answer.rows for cell in row)
    columns = ", ".join(f"metadata AS m{i}" for i in range(90))
    wide = Guard(tmp_path / "big.db", Clock(), UTC).run(f"SELECT {columns} FROM bot_events")
    assert wide.more
    assert sum(len(str(cell)) for row in wide.rows for cell in row) < 2 * WHOLE


@pytest.mark.parametrize("journal", JOURNALS)
def test_a_bot_that_writes_never_fails_while_questions_are_answered(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "bots.db"
    database(path, EVENTS, journal)
    with writer(path, journal, 2_000) as bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        bot.stdin.write("go\n")
        bot.stdin.flush()
        answered, troubles = 0, list[str]()
        for _ in range(20):
            try:
                rows = Guard(path, SystemClock(), UTC).run("SELECT count(*), median(t), max(at(t)) FROM events").rows
                answered += rows[0][0] is not None
            except AskError as error:
                troubles.append(str(error))
        assert bot.stdout.readline() == "0\n"
        assert answered > 0
        assert all("written" in trouble or "locked" in trouble for trouble in troubles)


def test_cells_are_harmless_and_whatever_the_rows_hold_they_are_read(tmp_path: Path) -> None:
    link = create(tmp_path / "odd.db")
    insert(link, "1", "error", '{"message": "\x1b[31mred\u202e[bold]"}', bot="\x1b]0;evil\x07")
    insert(link, "2", "error", "{not json", timestamp="yesterday-ish")
    insert(link, "3", b"\xff\xfe", b"\x00\xff", timestamp=12)
    insert(link, "4", "trade_close", '{"pnl_usd": "1e999"}', timestamp="2026-11-30T10:00:00+01:00")
    insert(link, "5", "trade_close", '{"realized_pnl": "4.5", "mode": "LIVE"}', timestamp=1_796_000_000_000)
    insert(link, "6", "trade_close", "[" * 10_000, timestamp=NOW / 1_000)
    link.close()
    answer = Guard(tmp_path / "odd.db", Clock(), UTC).run("SELECT * FROM events")
    assert len(answer.rows) == 6
    assert all(str(cell).isprintable() for row in answer.rows for cell in row)
    told = {row[0]: dict(zip(answer.columns, row, strict=True)) for row in answer.rows}
    assert told["4"]["t"] == 1_796_029_200_000
    assert (told["5"]["pnl_usd"], told["5"]["t"]) == (4.5, 1_796_000_000_000)
    assert told["6"]["t"] == NOW


def test_a_table_that_lacks_columns_still_answers(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "few.db")) as link:
        link.execute("CREATE TABLE bot_events (id TEXT, event_type TEXT, timestamp TEXT)")
        link.execute("INSERT INTO bot_events VALUES ('a', 'error', '2026-11-30 10:00:00')")
        link.commit()
    answer = Guard(tmp_path / "few.db", Clock(), UTC).run("SELECT bot_id, class, pair, at(t), message FROM events")
    assert answer.rows == ((None, "error", None, "2026-11-30 10:00:00", None),)


def test_a_table_of_another_kind_is_said_to_be_one(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as link:
        link.execute("CREATE TABLE bot_events (id, bot, type, ts, data)")
    with pytest.raises(AskError, match=r"has no event_type and no timestamp .or created_at. .it has: id, bot, type"):
        Guard(tmp_path / "other.db", Clock(), UTC).known()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"hello" * 100, "not an SQLite database"), (None, "no such file")],
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "x.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AskError, match=said):
        Guard(path, Clock(), UTC).run("SELECT 1")


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    path = database(tmp_path / "one.db", [Told("b", "error", "SOL/USDC", "s", NOW - 14 * 3_600_000)])
    sql = "SELECT day(t), hour(t), at(t) FROM events"
    assert Guard(path, Clock(), UTC).run(sql).rows == (("2026-11-30", "2026-11-30 01:00", "2026-11-30 01:00:00"),)
    west = timezone(timedelta(hours=-5))
    assert Guard(path, Clock(), west).run(sql).rows == (("2026-11-29", "2026-11-29 20:00", "2026-11-29 20:00:00"),)


@pytest.mark.parametrize("bot", ["o'wl", 'x" OR 1=1 --', "owl"])
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_of_one_bot_nothing_else_is_there(tmp_path: Path, bot: str, journal: str) -> None:
    told = [Told(name, "error", "SOL/USDC", "s", NOW, "kaboom") for name in (bot, "other", f"{bot}2", bot.upper())]
    guard = Guard(database(tmp_path / "two.db", told, journal), Clock(), UTC, bot=bot)
    for sql in (
        "SELECT DISTINCT bot_id FROM events",
        "SELECT bot_id FROM bot_events",
        "SELECT a.bot_id FROM events a, events b GROUP BY 1",
        "WITH bot_events AS (SELECT * FROM events) SELECT bot_id FROM bot_events",
    ):
        assert guard.run(sql).rows == ((bot,),), sql
    assert guard.known().bots == (bot,)
    assert Guard(tmp_path / "two.db", Clock(), UTC, bot="nobody").run("SELECT count(*) FROM events").rows == ((0,),)
