"""Every key of the table, pressed: what the person then sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from panes.frames import sample_errors, sample_fleet
from tradetop.model.bot_event import EventClass
from tradetop.model.frame import Frame
from tradetop.model.review import Review
from tradetop.model.silence import Silence
from tradetop.panes.look import ScreenName
from tradetop.tui.keymap import DEFAULT, Keymap
from tradetop.tui.keys import KEYS
from tui.session import FRAME, Session, running


class Book:
    """Remembers what is written into it."""

    def __init__(self) -> None:
        self.marks: list[tuple[int | None, int, str]] = []
        self.silences: list[tuple[int, Silence]] = []
        self.ended: list[str] = []
        self.reviews: list[Review] = []

    def mark(self, bot: int | None, t: int, text: str) -> None:
        self.marks.append((bot, t, text))

    def silence(self, bot: int, made: Sequence[Silence]) -> None:
        self.silences += [(bot, silence) for silence in made]

    def review(self, bot: int, made: Sequence[Review]) -> None:
        self.reviews += made

    def end(self, silences: Sequence[Silence]) -> None:
        self.ended += [silence.id for silence in silences]


class Case(NamedTuple):
    """A key, where it is pressed, and what is seen then."""

    id: str
    way: str
    seen: str | Callable[[Session], bool]
    frame: Frame = FRAME


def focused(pane: str) -> Callable[[Session], bool]:
    return lambda session: session.app.look.focus is not None and session.app.look.focus.value == pane


def on(screen: ScreenName) -> Callable[[Session], bool]:
    return lambda session: session.app.look.screen is screen


def at(row: int) -> Callable[[Session], bool]:
    return lambda session: session.app.look.selected == row


def under_cursor(cls: EventClass) -> Callable[[Session], bool]:
    return lambda session: [*reversed(FRAME.feed.events)][session.app.look.selected].cls is cls


FLEET = sample_fleet()
CASES = (
    Case("open", "4", on(ScreenName.DETAIL)),
    Case("open", "7", on(ScreenName.EVENT)),
    Case("open", "7 enter", on(ScreenName.JSON)),
    Case("json", "7", on(ScreenName.JSON)),
    Case("open", "5 G", on(ScreenName.ERRORS), sample_errors()),
    Case("review", "5 G", "to be reviewed again: insufficient balance", sample_errors()),
    Case("review", "5 G k", "nothing to review: validation errors", sample_errors()),
    Case("review", "", "choose an error first"),
    Case("explain", "0", on(ScreenName.EXPLAIN)),
    Case("explain", "4 enter", on(ScreenName.EXPLAIN)),
    Case("explain", "", "choose a pane first"),
    Case("back", "9", on(ScreenName.OVERVIEW)),
    Case("up", "3 j j", at(1)),
    Case("down", "3", at(1)),
    Case("top", "3 G", at(0)),
    Case("bottom", "6", lambda s: s.app.look.selected > 0),
    Case("page-up", "6 G", at(0)),
    Case("page-down", "6", lambda s: s.app.look.selected > 0),
    *(Case(key.id, "", focused(key.id.removeprefix("pane-"))) for key in KEYS if key.id.startswith("pane-")),
    Case("dashboard", "", "dashboard"),
    Case("ladder", "", on(ScreenName.LADDER)),
    Case("back", "i", on(ScreenName.OVERVIEW)),
    Case("open", "i", on(ScreenName.DETAIL)),
    Case("sort-right", "i", "sorted by"),
    Case("copy", "i", "copied: "),
    Case("next", "", focused("alerts")),
    Case("previous", "", focused("events")),
    Case("left", "2", focused("pnl")),
    Case("right", "1", focused("equity")),
    Case("zoom", "3", lambda s: "Strategies" not in s.text),
    Case("filter", "", lambda s: s.footer.startswith(" /")),
    Case("filter-out", "", lambda s: s.footer.startswith(" /!")),
    Case("match", "/ T enter k k", at(1)),
    Case("match", "", "no filter: / sets one"),
    Case("match-before", "/ T enter", at(1)),
    Case("error", "", under_cursor(EventClass.ERROR)),
    Case("error", "7", "no newer error"),
    Case("error-before", "7", under_cursor(EventClass.ERROR)),
    Case("follow", "7", "not following"),
    Case("ask", "", "errors per pair yesterday"),
    Case("fold", "7", "each event has a row of its own"),
    Case("acknowledge", "0", "acknowledged RateLimitCritical"),
    Case("acknowledge", "", "choose an alert first: 0 goes to them"),
    Case("acknowledge-all", "", "acknowledged 1 alert"),
    Case("snooze", "0", "2h deploying"),
    Case("snooze", "", "choose an alert first: 0 goes to them"),
    Case("pause", "", "PAUSED"),
    Case("live", "p", lambda s: "PAUSED" not in s.text),
    Case("live", "", "live already"),
    Case("shorter", "", "window 1h"),
    Case("longer", "", "window 12h"),
    Case("faster", "-", "drawn every 0.5 s"),
    Case("slower", "", "drawn every 1 s"),
    Case("zone", "", "times in CEST"),
    Case("mark", "", "nothing: deploy"),
    Case("sort-left", "6", "sorted by"),
    Case("sort-right", "6", "sorted by"),
    Case("sort-right", "", "nothing to sort here"),
    Case("sort-invert", "6 >", "turned round"),
    Case("copy", "4", "copied: "),
    Case("copy", "", "nothing to copy here"),
    Case("screenshot", "", "screenshot: "),
    Case("redact", "", lambda s: "1,284.20" not in s.text and "hidden" in s.footer),
    Case("redact", "R", "1,284.20"),
    Case("bots", "", "there is only one bot"),
    Case("bots", "", lambda s: s.source.views[-1].bot == 0, FLEET),
    Case("theme", "", "theme paper"),
    Case("command", "", "Commands"),
    Case("help", "", "this screen"),
    Case("help", "?", on(ScreenName.OVERVIEW)),
)
ELSEWHERE = {"quit", "suspend", "redraw"}
"""Tested with the real program in a terminal, since what they do is not seen on a screen that is as it should be."""


def test_every_key_of_the_table_has_a_case() -> None:
    assert {case.id for case in CASES} | ELSEWHERE == {key.id for key in KEYS}


PRESSED = [(case, pressed) for case in CASES for key in KEYS if key.id == case.id for pressed in key.keys]


@pytest.mark.parametrize(("case", "key"), PRESSED, ids=lambda part: part.id if isinstance(part, Case) else part)
async def test_a_key_shows_what_it_does(case: Case, key: str, tmp_path: Path) -> None:
    async with running(case.frame, shots=tmp_path, notebook=Book()) as session:
        for each in (*case.way.split(), key):
            await session.tap(each)
        if isinstance(case.seen, str):
            await session.until(case.seen)
        else:
            assert case.seen(session), session.text


async def test_a_mark_is_written_down_with_its_time_and_its_bot() -> None:
    book = Book()
    async with running(notebook=book) as session:
        await session.tap("m")
        await session.type("deploy v2")
        await session.tap("enter")
        assert "marked 'deploy v2' at 12:03:27" in session.footer
        assert book.marks == [(0, FRAME.now, "deploy v2")]


async def test_where_no_mark_can_be_kept_that_is_said() -> None:
    async with running() as session:
        await session.tap("m")
        await session.tap("enter")
        assert "no mark: " in session.footer


async def test_a_mark_of_a_paused_screen_belongs_to_the_time_it_shows() -> None:
    book = Book()
    async with running(notebook=book) as session:
        await session.tap("p")
        session.clock.time += 60_000
        await session.tap("m")
        await session.tap("enter")
        assert book.marks == [(0, FRAME.at, "deploy")]


async def test_esc_where_nothing_is_left_to_leave_ends_the_filter() -> None:
    async with running() as session:
        for key in ("/", "q", "enter", "esc"):
            await session.tap(key)
        assert (session.app.look.focus, session.app.view.filter) == (None, "q")
        await session.tap("esc")
        assert session.app.view.filter == ""
        assert "everything" in session.footer


async def test_lines_that_name_a_key_name_the_persons_own() -> None:
    own = {"filter": ("ctrl+f",), "open": (), "pane-alerts": ("a",), "pane-cycle": ("i",)}
    async with running(keymap=Keymap({**DEFAULT.keys, **own})) as session:
        await session.tap("n")
        assert "no filter: ^F sets one" in session.footer
        await session.tap("z")
        assert "choose a pane first: a to i" in session.footer
    fleet = sample_fleet()
    async with running(fleet, keymap=Keymap({**DEFAULT.keys, "open": ()})) as session:
        await session.tap("9")
        assert session.footer.strip() == "choose a bot first"


async def test_a_filter_is_asked_for_with_every_character_and_kept() -> None:
    async with running() as session:
        await session.tap("/")
        await session.type("q9")
        assert [view.filter for view in session.source.views][-2:] == ["q", "q9"]
        assert session.footer.startswith(" /q9")
        await session.tap("enter")
        assert session.app.view.filter == "q9"
        assert "0-8 pane" in session.footer


async def test_while_a_line_is_typed_no_character_is_a_command() -> None:
    async with running() as session:
        await session.tap("m")
        await session.type(" q 9 s t R p zz")
        assert session.app.is_running
        assert session.app.look.screen is ScreenName.OVERVIEW
        assert "mark  q 9 s t R p zz" in session.footer
        await session.tap("esc")
        assert "0-8 pane" in session.footer


async def test_ctrl_c_quits_out_of_a_line() -> None:
    async with running() as session:
        await session.tap("m")
        await session.press("ctrl+c")
        assert not session.app.is_running


async def test_a_command_is_found_by_its_letters_and_done() -> None:
    async with running(size=(80, 24)) as session:
        await session.tap(":")
        await session.type("window 7d")
        assert "window 7d" in session.text
        await session.tap("enter")
        assert "window 7d" in session.footer
        assert session.source.views[-1].span == 7 * 24 * 3_600_000


async def test_a_command_that_does_not_exist_is_said() -> None:
    async with running() as session:
        await session.tap(":")
        await session.type("zzzqqq")
        assert "no command is called so" in session.text
        await session.tap("enter")
        assert "no command is called zzzqqq" in session.footer


async def test_themes_go_round() -> None:
    async with running() as session:
        seen = []
        for _ in range(4):
            await session.tap("t")
            seen.append(session.footer.split()[1])
        assert sorted(seen) == ["midnight", "paper", "signal", "terminal"]


async def test_sorting_reorders_the_rows_and_goes_back_to_their_own_order() -> None:
    async with running() as session:
        await session.tap("6")
        own = session.text
        await session.tap(">")
        await session.tap("I")
        assert session.app.look.sorts
        assert session.text != own
        await session.tap("<")
        assert session.app.look.sorts == ()


async def test_what_is_redacted_is_redacted_in_the_clipboard_and_the_screenshot_too(tmp_path: Path) -> None:
    async with running(shots=tmp_path) as session:
        for key in "R", "1", "y":
            await session.tap(key)
        assert "1,284.20" not in session.footer
        await session.tap("s")
        await session.until("screenshot: ")
        assert "1,284.20" not in next(tmp_path.glob("*.txt")).read_text()
        assert "1,284.20" not in next(tmp_path.glob("*.svg")).read_text()


async def test_the_help_says_version_theme_history_and_its_own_cost() -> None:
    frame = replace(FRAME, recorder=replace(FRAME.recorder, path="/var/tradetop/247trader.db", reason=""))
    async with running(frame, size=(120, 60)) as session:
        await session.tap("?")
        for said in ("midnight, 16 million colours", "/var/tradetop/247trader.db", "braille"):
            assert said in session.text
