"""Ready questions of servers: the rows that the same question gives of a file with the same events."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC
from pathlib import Path

import pytest

from ask.asked import DAY, HOUR, NOW, Clock, Told, database, events, spelled
from ask.endpoint import endpoint
from ask.test_ready import CALENDAR, REWORDED
from cli.commands import run
from events.bot_database import INSERT
from events.d1_server import d1_server
from events.made import Made, d1_made, postgres_made
from events.postgres_server import PASSWORD, postgres_server
from tradetop.ask.answer import Answer
from tradetop.ask.fault import AskError, UnsafeError
from tradetop.ask.guard import Guard
from tradetop.ask.postgres import opened
from tradetop.ask.question import Found, listing, recognise
from tradetop.ask.remote import RemoteGuard
from tradetop.ask.served import D1Rows, PostgresRows
from tradetop.cli.asker import Asker
from tradetop.cli.desk import Source
from tradetop.model.address import parted
from tradetop.model.target import Auth, Target

EVENTS = events()
ODD = (
    Told("defi-1", "error", "SOL/USDC", "momentum", NOW - 9_000, "RPC timeout"),
    Told("defi-2", "error", "SOL/USDC", "momentum", NOW - 8_000, "RPC timeout"),
    Told("de%fi ? :x", "signal", "x'); DROP TABLE bot_events; --", "'\"\\", NOW - 7_000),
)
TIMES = (
    *("2026-11-30T01:00:00+14:00", "2026-11-28T23:30:00-12:00", "2026-11-29 23:59:59.999", "2026/11/29 10:00:00 UTC"),
    *("Sun, 29 Nov 2026 10:00:00 GMT", "20261129T100000", " 2026-11-29T10:00:00Z ", "1795950000000000000", "soon", ""),
    *("2461374.1", "2099-01-01T00:00:00Z", "0001-01-01", "1795950000", "1795950000.5", "\u0662\u0660"),
)
STRANGE = tuple(
    (f"x{n}", "odd-bot", "error", "SOL/USDC", time, '{"message": "odd"}', f"2026-11-{29 + n % 2} 12:00:00+00")
    for n, time in enumerate(TIMES)
)
ALL = len(EVENTS) + len(ODD) + len(STRANGE)
_CELLS = ("id", "bot_id", "event_type", "pair", "timestamp", "metadata", "created_at")
WRITTEN = f"INSERT INTO bot_events ({', '.join(_CELLS)}) VALUES ({', '.join('?' * len(_CELLS))})"
QUESTIONS = (
    "events of odd-bot yesterday by hour",
    "events of odd-bot today by hour",
    "last 50 errors of odd-bot on 2026-11-28",
    *listing(),
    *(question for question, *_ in REWORDED),
    "compare momentum and ichimoku",
    "daily performance of defi-1 in the last 3 days",
    "profit by bot on 2026-11-28",
    "live trades by bot",
)


def metadata(event: Told) -> str:
    told: dict[str, object] = {"message": event.message} if event.message else {}
    if event.pnl is not None:
        told |= {"pnl_usd": event.pnl, "mode": event.mode}
    return json.dumps(told)


def fill(made: Made, told: tuple[Told, ...]) -> None:
    """The rows that `database` writes, many in one statement where nothing odd stands in them."""
    columns = "id, bot_id, event_type, pair, strategy, timestamp, metadata"
    plain: list[str] = []
    for number, event in enumerate(told):
        cells = (f"e{number}", event.bot, event.kind, event.pair, event.strategy, str(spelled(event.t, number)))
        if event in ODD:
            made.run(INSERT, (*cells, metadata(event)))
        else:
            plain.append("('" + "', '".join((*cells, metadata(event))) + "')")
    for first in range(0, len(plain), 250):
        sql = f"INSERT INTO bot_events ({columns}) VALUES {', '.join(plain[first : first + 250])}"
        made.run(sql.replace("%", "%%") if made.kind == "postgres" else sql)


@contextmanager
def served(kind: str) -> Iterator[Made]:
    with ExitStack() as stack:
        if kind == "d1":
            yield stack.enter_context(d1_made(stack.enter_context(d1_server())))
        else:
            yield stack.enter_context(postgres_made(stack.enter_context(postgres_server())))


def rows_of(made: Made, clock: Clock, limit: int = 20_000) -> PostgresRows | D1Rows:
    address, auth = parted(made.address)
    return D1Rows(address, auth, clock) if made.kind == "d1" else PostgresRows(address, auth, clock, limit)


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=pytest.mark.servers) for kind in ("d1", "postgres")])
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    with served(request.param) as made:
        fill(made, (*EVENTS, *ODD))
        for cells in STRANGE:
            made.run(WRITTEN, cells)
        yield made


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    path = database(tmp_path_factory.mktemp("ask") / "bots.db", (*EVENTS, *ODD))
    with closing(sqlite3.connect(path)) as link, link:
        link.executemany(WRITTEN, STRANGE)
    return Guard(path, Clock(), UTC)


def asked(question: str, source: Source) -> Answer:
    found = recognise(question, source.known(), CALENDAR)
    assert isinstance(found, Found), (question, found)
    return source.run(found.sql, found.values, found.asked.span)


def guard(made: Made, **caps: int) -> RemoteGuard:
    return RemoteGuard(rows_of(made, Clock()), Clock(), UTC, **caps)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_server_gives_the_rows_that_a_file_gives(question: str, made: Made, file: Guard) -> None:
    assert asked(question, guard(made)) == asked(question, file)


def test_the_names_are_the_same(made: Made, file: Guard) -> None:
    served, filed = guard(made).known(), file.known()
    assert sorted(served.bots) == sorted(filed.bots)
    assert sorted(served.strategies) == sorted(filed.strategies)
    assert sorted(served.pairs) == sorted(filed.pairs)


def test_only_the_time_that_is_asked_about_is_sent(made: Made) -> None:
    found = recognise("errors by bot on 2026-11-24", guard(made).known(), CALENDAR)
    assert isinstance(found, Found)
    sent = [*rows_of(made, Clock()).read(found.asked.span, 10_000)]
    day = [event for event in EVENTS if NOW - 7 * DAY < event.t < NOW - 5 * DAY]
    assert len(day) / 2 < len(sent) < len(EVENTS) / 3


def test_a_cap_is_told_and_the_newest_are_kept(made: Made) -> None:
    answer = asked("events by bot", guard(made, most=500))
    assert sum(int(row[1] or 0) for row in answer.rows) == 500
    assert answer.note.startswith("of the newest 500 events of that time alone")
    assert asked("events by bot", guard(made, most=ALL)).note == ""
    assert "MiB" in asked("events by bot", guard(made, whole=20_000)).note


def test_what_did_not_come_in_time_is_told(made: Made) -> None:
    ticks = iter(range(0, 10**9, 10))
    slow = RemoteGuard(rows_of(made, Clock()), Clock(tick=lambda: next(ticks)), UTC, limit=10_000)
    assert "as many as came within 10 s" in asked("events by bot", slow).note


@contextmanager
def broken(made: Made, how: str) -> Iterator[None]:
    assert made.cable is not None
    getattr(made.cable, how)()
    try:
        yield
    finally:
        made.cable.mend()


def test_a_server_that_is_gone_is_said_in_one_line_without_secrets(made: Made) -> None:
    found = recognise("errors by bot", guard(made).known(), CALENDAR)
    assert isinstance(found, Found)
    with broken(made, "cut"):
        for ask in (guard(made).known, lambda: guard(made).run(found.sql, found.values)):
            with pytest.raises(AskError) as caught:
                ask()
            said = f"{caught.value} {caught.value!r}"
            assert "no connection" in said or "broke off" in said
            assert "trying again" not in said
            assert "\n" not in str(caught.value)
            assert PASSWORD not in said
            assert "s3cret" not in said


def test_a_server_that_says_nothing_any_more_is_not_waited_for(made: Made) -> None:
    if made.kind == "d1":
        pytest.skip("its deadline of 10 s is tested with its store")
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    address, auth = parted(made.address)
    started = time.monotonic()
    with opened(address, auth, 300) as link, broken(made, "stall"), pytest.raises(psycopg.OperationalError):
        link.execute("SELECT 1")
    with broken(made, "stall"), pytest.raises(AskError, match="no connection, or it broke"):
        PostgresRows(address, auth, Clock(), 300).known()
    assert time.monotonic() - started < 20


def test_a_table_that_is_not_there(made: Made) -> None:
    made.run("ALTER TABLE bot_events RENAME TO elsewhere")
    try:
        with pytest.raises(AskError, match=r"no table bot_events \(it has: .*elsewhere"):
            guard(made).known()
    finally:
        made.run("ALTER TABLE elsewhere RENAME TO bot_events")


def test_a_models_sql_on_d1_is_kept_to_the_copy(made: Made) -> None:
    if made.kind != "d1":
        pytest.skip("on PostgreSQL it runs there, as a role that can do nothing else")
    for sql in ("DELETE FROM bot_events", "SELECT * FROM sqlite_master", "ATTACH 'x' AS y", "SELECT 1; SELECT 2"):
        with pytest.raises(UnsafeError):
            guard(made).run(sql)
    assert guard(made).run("SELECT count(*) FROM events").rows == ((ALL,),)


async def test_the_screen_asks_with_the_targets_credentials(made: Made, tmp_path: Path) -> None:
    address, auth = parted(made.address)
    asker = Asker([Target("bot", database=address, database_auth=auth)], tmp_path)
    reply = await asker("bot", "errors by bot", "", False)
    assert reply.problem == ""
    assert reply.answer is not None
    assert {row[0] for row in reply.answer.rows} == {"defi-1", "defi-2", "sol-sniper", "de%fi ? :x", "odd-bot"}
    assert PASSWORD not in repr(asker.__dict__)


def test_the_command_asks_a_server(made: Made, tmp_path: Path) -> None:
    done = run(tmp_path, "ask", "bots with SOL pairs that had more than 3 errors on 2026-11-29", "--db", made.address)
    assert done.returncode == 0, done.stderr
    assert "defi-1" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr + (tmp_path / "state/tradetop/questions.jsonl").read_text()


def test_no_rows_say_when_the_newest_of_the_last_events_was(made: Made, tmp_path: Path) -> None:
    done = run(tmp_path, "ask", "errors on 2020-01-01", "--db", made.address)
    assert "no rows\nthe newest event is of 2026-1" in done.stdout
    newest = guard(made).newest()
    assert isinstance(newest, int)
    assert NOW - HOUR < newest <= NOW


def test_what_is_no_d1_is_said() -> None:
    with endpoint() as web:
        rows = D1Rows(web.url.replace("http://", "d1+http://"), Auth(), Clock())
        with pytest.raises(AskError, match="d1"):
            RemoteGuard(rows, Clock(), UTC).known()


@pytest.mark.parametrize("question", ["errors by category", "signals by bot", "daily performance", "last 5 events"])
def test_of_one_bot_a_server_gives_the_rows_that_a_file_gives(question: str, made: Made, tmp_path: Path) -> None:
    alone = Guard(database(tmp_path / "bots.db", (*EVENTS, *ODD)), Clock(), UTC, bot="defi-2")
    address, auth = parted(made.address)
    rows = (
        D1Rows(address, auth, Clock(), "defi-2")
        if made.kind == "d1"
        else PostgresRows(address, auth, Clock(), 20_000, "defi-2")
    )
    served = RemoteGuard(rows, Clock(), UTC, bot="defi-2")
    assert served.known().bots == ("defi-2",)
    assert asked(question, served) == asked(question, alone)
    assert asked(question, alone).rows
    assert served.newest() in {event.t for event in (*EVENTS, *ODD) if event.bot == "defi-2"}


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["d1", "postgres"])
def test_a_table_of_another_kind_is_said_to_be_one(kind: str) -> None:
    with served(kind) as made:
        made.run("DROP TABLE bot_events")
        made.run("CREATE TABLE bot_events (id TEXT, bot TEXT, event_type TEXT, ts TEXT)")
        with pytest.raises(AskError, match=r"has no timestamp .or created_at. .it has: id, bot, event_type, ts"):
            RemoteGuard(rows_of(made, Clock()), Clock(), UTC).known()
