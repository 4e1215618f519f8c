"""Asking on the screen: the line, the answer, SQL that waits, and what redaction hides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from panes.frames import sample_fleet
from tradetop.ask.answer import Answer, Reply
from tradetop.panes.look import ScreenName
from tradetop.tui.app import TradetopApp
from tui.session import FRAME, Session, running

LONG = Answer(("bot", "errors"), tuple((f"defi-{n}", n) for n in range(200)))


class Oracle:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, *replies: Reply, wait: asyncio.Event | None = None) -> None:
        self.replies = [*replies]
        self.asked: list[tuple[str, str, str, bool]] = []
        self.wait = wait

    async def __call__(self, bot: str, question: str, sql: str, local: bool) -> Reply:
        self.asked.append((bot, question, sql, local))
        if self.wait is not None:
            await self.wait.wait()
        return self.replies.pop(0)


@asynccontextmanager
async def asking(oracle: Oracle) -> AsyncIterator[Session]:
    async with running() as session:
        session.app._asker = oracle
        yield session


async def ask(session: Session, question: str) -> None:
    await session.tap(";")
    await session.type(question)
    await session.tap("enter")


async def test_a_question_fills_the_screen_with_its_answer() -> None:
    oracle = Oracle(Reply("errors by bot", "errors by bot, all events", LONG))
    async with asking(oracle) as session:
        await ask(session, "errors by bot")
        await session.until("200 rows")
        assert oracle.asked == [(FRAME.bots[0].name, "errors by bot", "", False)]
        assert "errors by bot, all events" in session.text
        assert "defi-0 " in session.text
        assert "more below" in session.text
        await session.tap("G")
        assert "defi-199" in session.text
        assert "bot" in session.text
        await session.tap("esc")
        assert session.app.look.screen is ScreenName.OVERVIEW


async def test_meanwhile_keys_do_what_they_do() -> None:
    done = asyncio.Event()
    async with asking(Oracle(Reply("q", "s", LONG), wait=done)) as session:
        await ask(session, "q")
        await session.until("asking ...")
        await session.tap("9")
        assert session.app.look.screen is ScreenName.DASHBOARD
        done.set()
        await session.until("200 rows")
        await session.tap("esc")
        assert session.app.look.screen is ScreenName.DASHBOARD


async def test_a_models_sql_is_shown_and_run_on_enter_alone() -> None:
    waits = Reply("who?", "SQL by tiny", sql="SELECT bot_id FROM events")
    oracle = Oracle(waits, Reply("who?", "the SQL that was shown", Answer(("bot_id",), (("defi-1",),))))
    async with asking(oracle) as session:
        await ask(session, "who?")
        await session.until("SELECT bot_id FROM events")
        assert "Enter runs it" in session.text
        assert len(oracle.asked) == 1
        await session.tap("enter")
        await session.until("1 row")
        assert oracle.asked[1][1:3] == ("who?", "SELECT bot_id FROM events")
        await session.tap("esc")
        assert session.app.look.screen is ScreenName.OVERVIEW


async def test_what_is_wrong_is_said() -> None:
    async with asking(Oracle(Reply("x", problem="no ready question is this one"))) as session:
        await ask(session, "x")
        await session.until("no ready question is this one")


async def test_redaction_hides_answers_and_runs_nothing() -> None:
    oracle = Oracle(Reply("who?", "SQL by tiny", sql="SELECT 'secret'"))
    async with asking(oracle) as session:
        await ask(session, "who?")
        await session.until("secret")
        await session.tap("R")
        assert "secret" not in session.text
        assert "are not shown" in session.text
        await session.tap("enter")
        assert len(oracle.asked) == 1


async def test_an_empty_line_and_esc_ask_nothing() -> None:
    oracle = Oracle()
    async with asking(oracle) as session:
        await ask(session, " ")
        await session.tap(";")
        await session.type("errors")
        await session.tap("esc")
        assert oracle.asked == []
        assert session.app.look.prompt is None


async def test_all_bots_can_be_asked_about() -> None:
    oracle = Oracle(Reply("q", "s", LONG))
    async with running(sample_fleet()) as session:
        session.app._asker = oracle
        await ask(session, "q")
        await session.until("200 rows")
        assert oracle.asked == [("", "q", "", False)]
        await session.tap("esc")
        assert session.app.look.screen is ScreenName.FLEET


async def test_without_anybody_who_answers() -> None:
    async with running() as session:
        await ask(session, "q")
        await session.until("nobody answers questions here")


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (200, 55)])
async def test_it_fits_every_size(size: tuple[int, int]) -> None:
    wide = Answer(tuple(f"column {n}" for n in range(30)), (tuple("漢字" * 60 for _ in range(30)),) * 60)
    async with running(size=size) as session:
        assert isinstance(session.app, TradetopApp)
        session.app._asker = Oracle(Reply("q " * 100, "s " * 200, wide))
        await ask(session, "q")
        await session.until("60 rows")
        assert len(session.text.splitlines()) == size[1]
