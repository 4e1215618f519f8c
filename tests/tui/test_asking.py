"""Asking on the screen: the line, the answer, SQL that waits, and what redaction hides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from textual.events import Paste

from panes.frames import sample_fleet
from tradetop.ask.answer import Answer, Reply
from tradetop.panes.look import ScreenName
from tradetop.tui.app import TradetopApp
from tui.session import FRAME, Session, running

LONG = Answer(("bot", "errors"), tuple((f"defi-{n}", n) for n in range(200)))


class Oracle:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(
        self, *replies: Reply, wait: asyncio.Event | None = None, past: Sequence[str] = (), far: str = ""
    ) -> None:
        self.replies = [*replies]
        self._past = past
        self.asked: list[tuple[str, str, str, bool]] = []
        self.wait = wait
        self.far = far

    async def __call__(self, bot: str, question: str, sql: str, local: bool, watch: Callable[[str], None]) -> Reply:
        self.asked.append((bot, question, sql, local))
        if self.far:
            watch(self.far)
        if self.wait is not None:
            await self.wait.wait()
        return self.replies.pop(0)

    def past(self) -> Sequence[str]:
        return self._past


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
        assert "Enter runs it" in session.footer
        assert len(oracle.asked) == 1
        await session.tap("enter")
        await session.until("1 row")
        assert oracle.asked[1][1:3] == ("who?", "SELECT bot_id FROM events")
        await session.tap("esc")
        assert session.app.look.screen is ScreenName.OVERVIEW


WAITS = Reply("who?", "SQL by tiny", sql="SELECT bot_id FROM events")
FOUND = Reply("who?", "the SQL that was shown", Answer(("bot_id",), (("defi-1",),)), "SELECT bot_id FROM events")


async def test_sql_is_edited_before_it_runs() -> None:
    oracle = Oracle(WAITS, FOUND)
    async with asking(oracle) as session:
        await ask(session, "who?")
        await session.until("SELECT bot_id FROM events")
        await session.tap("end")
        await session.tap("ctrl+j")
        await session.type("WHERE class = 'error' q;R")
        assert "WHERE class = 'error' q;R" in session.text
        for _ in range(3):
            await session.tap("backspace")
        await session.tap("up")
        await session.tap("home")
        await session.type("/**/")
        await session.tap("enter")
        await session.until("1 row")
        assert oracle.asked[1][2] == "/**/SELECT bot_id FROM events\nWHERE class = 'error' "


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 15)])
async def test_what_is_wrong_stands_beside_sql_that_stays_editable(size: tuple[int, int]) -> None:
    wrong = Reply("who?", "the SQL that was shown", sql="SELECT x FROM events", problem="no such column: x")
    oracle = Oracle(WAITS, wrong, FOUND)
    async with running(size=size) as session:
        session.app._asker = oracle
        await ask(session, "who?")
        await session.until("SELECT bot_id")
        for _ in range(7):
            await session.tap("right")
        await session.tap("ctrl+k")
        await session.type("x FROM events")
        await session.tap("enter")
        await session.until("no such column: x")
        assert "SELECT x FROM events" in session.text
        await session.type("!")
        assert "SELECT x FROM events!" in session.text
        assert "no such column" not in session.text
        await session.tap("backspace")
        await session.tap("enter")
        await session.until("1 row")
        assert [sql for _, _, sql, _ in oracle.asked] == ["", "SELECT x FROM events", "SELECT x FROM events"]


async def test_a_models_words_that_are_no_sql_can_be_made_some() -> None:
    oracle = Oracle(Reply("who?", "SQL by tiny", sql="Sure! SELECT 1", problem="only one SELECT is run"), FOUND)
    async with asking(oracle) as session:
        await ask(session, "who?")
        await session.until("only one SELECT is run")
        for _ in range(6):
            await session.tap("delete")
        await session.tap("enter")
        await session.until("1 row")
        assert oracle.asked[1][2] == "SELECT 1"


async def test_esc_goes_back_to_the_question() -> None:
    async with asking(Oracle(WAITS, Reply("who? me", "s", LONG))) as session:
        await ask(session, "who?")
        await session.until("SELECT bot_id")
        await session.tap("esc")
        assert session.footer.startswith(" ask who?")
        await session.type(" me")
        await session.tap("enter")
        await session.until("200 rows")
        await session.tap("esc")
        assert session.app.look.screen is ScreenName.OVERVIEW


async def test_sql_that_was_left_or_has_run_can_be_taken_up_again() -> None:
    oracle = Oracle(WAITS, FOUND, FOUND)
    async with asking(oracle) as session:
        await ask(session, "who?")
        await session.until("SELECT bot_id")
        await session.type("/*mine*/")
        await session.tap("esc")
        await session.tap("esc")
        assert "Enter edits or runs it" in session.text
        assert "/*mine*/SELECT bot_id" in session.text
        for rows in ("1 row", "1 row"):
            await session.tap("enter")
            await session.until("SELECT bot_id")
            await session.tap("enter")
            await session.until(rows)
        assert oracle.asked[1][2] == "/*mine*/SELECT bot_id FROM events"
        assert len(oracle.asked) == 3


async def test_pasted_sql_keeps_its_lines_and_obeys_nobody() -> None:
    oracle = Oracle(WAITS, FOUND)
    async with asking(oracle) as session:
        await ask(session, "who?")
        await session.until("SELECT bot_id")
        session.app.on_paste(Paste("SELECT '[b]\x1b[2J'\r\n\tFROM x, "))
        await session.tap("enter")
        await session.until("1 row")
        assert oracle.asked[1][2] == "SELECT '[b]␛[2J'\n    FROM x, SELECT bot_id FROM events"


async def test_sql_without_end_scrolls_with_its_cursor() -> None:
    sql = "\n".join(f"-- line {n} [red]" + "漢" * (n % 90) for n in range(300))
    async with running(size=(80, 24)) as session:
        session.app._asker = Oracle(Reply("who?", "SQL by tiny", sql=sql))
        await ask(session, "who?")
        await session.until("line 0 [red]")
        for _ in range(80):
            await session.tap("pgdn")
        assert "line 299" in session.text
        assert "Enter runs it" in session.footer
        for _ in range(80):
            await session.tap("pgup")
        assert "line 0 [red]" in session.text


async def test_sql_that_comes_while_something_else_is_typed_waits() -> None:
    done = asyncio.Event()
    async with asking(Oracle(WAITS, wait=done)) as session:
        await ask(session, "who?")
        await session.tap("m")
        await session.type("dep")
        done.set()
        await session.until("SELECT bot_id")
        await session.type("loy")
        assert session.footer.startswith(" mark deploy")


async def test_questions_come_back_with_up_and_down() -> None:
    oracle = Oracle(Reply("x", problem="not understood"), past=("old", "errors by bot", "old", "evil\x1b[2J"))
    async with asking(oracle) as session:
        await ask(session, "x")
        await session.until("not understood")
        await session.tap(";")
        await session.type("half")
        await session.pilot.pause()
        for shown in ("x", "old", "errors by bot", "errors by bot"):
            await session.tap("up")
            assert session.footer.startswith(f" ask {shown} ")
        for shown in ("old", "x", "half", "half"):
            await session.tap("down")
            assert session.footer.startswith(f" ask {shown} ")


async def test_what_is_wrong_is_said() -> None:
    async with asking(Oracle(Reply("x", problem="no ready question is this one"))) as session:
        await ask(session, "x")
        await session.until("no ready question is this one")


async def test_redaction_hides_answers_and_runs_nothing() -> None:
    oracle = Oracle(Reply("who?", "SQL by tiny", sql="SELECT 'secret'"))
    async with asking(oracle) as session:
        await ask(session, "who?")
        await session.until("secret")
        await session.tap("esc")
        await session.tap("esc")
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


async def test_it_says_how_far_an_answer_is_and_esc_ends_it() -> None:
    oracle = Oracle(Reply("q", "s", LONG), wait=asyncio.Event(), far="reading events: 3.1M of 10.0M, ~2m left")
    async with asking(oracle) as session:
        await ask(session, "report daily")
        await session.until("reading events: 3.1M of 10.0M, ~2m left")
        await session.tap("esc")
        await session.until("asked no longer")
        assert session.app.look.screen is not ScreenName.ANSWER
        await session.tap("esc")
        assert "asked no longer" not in session.text


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
