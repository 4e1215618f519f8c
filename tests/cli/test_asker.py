"""The screen's questions, answered by a process of its own."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ask.asked import Told, database
from ask.endpoint import Fake, endpoint
from cli.commands import python
from events.bot_database import create, listing
from events.made import postgres_made
from events.postgres_server import postgres_server
from tradetop.cli.asker import Asker
from tradetop.cli.stores import store_of
from tradetop.model.target import Target


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    now = time.time_ns() // 1_000_000
    folder = tmp_path / "bot"
    folder.mkdir()
    return database(folder / "bots.db", [Told("defi-1", "error", "SOL/USDC", "s", now - 1_000 * n) for n in range(4)])


@pytest.fixture
def asker(bots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asker:
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return Asker([Target("bot", database=str(bots))], tmp_path / "state")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    with endpoint() as running:
        yield running


def name_model(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
    monkeypatch.setenv("OPENAI_MODEL", "tiny")


async def test_a_ready_question(asker: Asker, tmp_path: Path) -> None:
    reply = await asker("bot", "errors by bot", "", False)
    assert reply.problem == ""
    assert reply.says == "errors by bot, all events"
    assert reply.answer is not None
    assert reply.answer.rows == (("defi-1", 4),)
    assert "errors by bot" in (tmp_path / "state" / "questions.jsonl").read_text()


async def test_no_rows_say_when_the_newest_event_was(asker: Asker) -> None:
    assert "; the newest event is of 20" in (await asker("bot", "errors on 2020-01-01", "", False)).says


async def test_several_bots_write_into_one_database(asker: Asker) -> None:
    assert (await asker("defi-1", "errors by bot", "", True)).answer is not None


async def test_all_bots_are_asked_about_where_they_write_into_one(asker: Asker, bots: Path, tmp_path: Path) -> None:
    assert (await asker("", "errors by bot", "", False)).answer is not None
    several = Asker([Target("a", database=str(bots)), Target("b", database="b.db")], tmp_path / "state")
    assert "choose one first" in (await several("", "errors by bot", "", False)).problem


async def test_a_report(asker: Asker) -> None:
    reply = await asker("bot", "report errors 30d bot=defi-1", "", False)
    assert reply.problem == ""
    assert reply.says.startswith("report errors  bot defi-1, 20")
    assert reply.answer is not None
    assert "4" in reply.answer.rows[0]
    (wrong, shape) = (await asker("bot", "report nonsense", "", False), await asker("bot", "report", "", False))
    assert "there are daily, strategies, pairs" in wrong.problem
    assert "[STRATEGY]... [7d] [bot=NAME] [tag=NAME]" in shape.problem


async def test_words_that_nobody_knows(asker: Asker) -> None:
    reply = await asker("bot", "errors on binance", "", False)
    assert "not understood: binance" in reply.problem
    assert "\n" not in reply.problem


async def test_a_bot_without_events(tmp_path: Path) -> None:
    reply = await Asker([Target("bot", "http://127.0.0.1:9/metrics")], tmp_path)("bot", "errors", "", False)
    assert reply.problem.startswith("bot has no event database here")


async def test_a_models_sql_waits_and_is_run_when_it_comes_back(
    asker: Asker, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_model(fake, monkeypatch)
    shown = await asker("bot", "who stumbled more than 3 times today?", "", False)
    assert shown.answer is None
    assert shown.sql.startswith("SELECT bot_id")
    ran = await asker("bot", "who stumbled more than 3 times today?", shown.sql.replace("day(t) =", "day(t) <="), False)
    assert ran.answer is not None
    assert ran.answer.rows == (("defi-1", 4),)


@pytest.mark.parametrize("sql", ["DROP TABLE bot_events", "SELECT 1; DELETE FROM bot_events", "SELECT '\x1b[2J'"])
async def test_evil_sql_is_shown_harmless_and_never_run(
    asker: Asker, fake: Fake, bots: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    name_model(fake, monkeypatch)
    fake.reply = lambda _system, _question: sql
    before = listing(bots.parent)
    shown = await asker("bot", "tidy up", "", False)
    assert "\x1b" not in shown.sql
    ran = await asker("bot", "tidy up", sql, False)
    assert ran.answer is None
    assert ran.problem
    assert ran.sql
    assert listing(bots.parent) == before


async def test_sql_that_the_guard_refuses_can_be_changed(
    asker: Asker, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_model(fake, monkeypatch)
    fake.reply = lambda _system, _question: "Sure!\nSELECT bot_id FROM events"
    shown = await asker("bot", "who?", "", False)
    assert shown.sql == "Sure!\nSELECT bot_id FROM events"
    assert "begins with Sure!" in shown.problem
    wrong = await asker("bot", "who?", "SELECT nowhere FROM events", False)
    assert wrong.sql == "SELECT nowhere FROM events"
    assert "no such column: nowhere" in wrong.problem


async def test_what_was_asked_can_be_recalled(asker: Asker) -> None:
    assert list(asker.past()) == []
    await asker("bot", "errors by bot", "", False)
    await asker("bot", "signals by bot", "", False)
    assert list(asker.past()) == ["errors by bot", "signals by bot"]


async def test_a_process_that_fails_is_said(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert "has failed" in (await asker("bot", "errors", "", False)).problem
    reply = await asker("bot", "errors", "SELECT 1", False)
    assert (reply.sql, "has failed" in reply.problem) == ("SELECT 1", True)


def test_it_is_for_the_screen_alone(tmp_path: Path) -> None:
    done = python(tmp_path, "-m", "tradetop", "ask", "--screen")
    assert done.returncode == 2
    assert "on standard input" in done.stderr


async def test_a_report_says_how_far_it_is(tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    link = create(tmp_path / "many.db")
    link.executemany(
        "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata) VALUES (?, 'b', 'trade_close', ?, ?)",
        ((str(i), f"{(now - i) / 1_000:.3f}", '{"pnl_usd": 1}') for i in range(60_000)),
    )
    link.close()
    asker, heard = Asker([Target("bot", database=str(tmp_path / "many.db"))], tmp_path / "state"), list[str]()
    reply = await asker("bot", "report pairs", "", False, heard.append)
    assert reply.problem == ""
    assert reply.answer is not None
    assert "60,000" in reply.answer.rows[0]
    assert any(re.fullmatch(r"reading events: 48\.0k of 6\d\.\dk, ~\d+s left", one) for one in heard), heard


@pytest.mark.servers
async def test_a_report_of_a_server_is_made_with_the_target_s_own_credentials(tmp_path: Path) -> None:
    with postgres_server() as server, postgres_made(server) as made:
        made.insert("c", "trade_close", {"pnl_usd": 5, "mode": "live"}, timestamp=f"{time.time():.3f}")
        address, auth = store_of(made.address, {})
        asker = Asker([Target("bot", database=address, database_auth=auth)], tmp_path / "state")
        reply = await asker("bot", "report daily", "", False)
        assert reply.problem == ""
        assert reply.answer is not None
        assert "5.00 USD" in reply.answer.rows[0]


async def test_a_bot_that_is_one_of_several_is_asked_about_alone(tmp_path: Path, bots: Path) -> None:
    now = time.time_ns() // 1_000_000
    path = str(database(tmp_path / "two.db", [Told(b, "error", "S/U", "s", now - 60_000) for b in ("owl", "fox")]))
    asker = Asker([Target("owlet", database=path, bot_id="owl"), Target("b", database=str(bots))], tmp_path / "state")
    reply = await asker("owlet", "errors by bot", "", False)
    assert (reply.says, reply.answer and reply.answer.rows) == ("errors by bot, all events, bot owl", (("owl", 1),))
    reply = await asker("owlet", "who?", "SELECT bot_id FROM events", False)
    assert (reply.says, reply.answer and reply.answer.rows) == ("the SQL that was shown, bot owl", (("owl",),))
    reply = await asker("owlet", "report errors", "", False)
    assert reply.says.startswith("report errors  bot owl, ")
    assert "this is bot owl alone" in (await asker("owlet", "report errors bot=fox", "", False)).problem
