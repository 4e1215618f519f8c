"""The app with every key pressed: what a person then sees, and what the frame source is asked for."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from panes.frames import sample_fleet
from tradetop.model.clock import HOUR
from tradetop.model.view import View
from tradetop.panes.look import Look, ScreenName
from tradetop.tui.app import TradetopApp
from tradetop.tui.keys import KEYS
from tui.fakes import FakeSource
from tui.session import FRAME, THEME, running


async def test_it_says_that_it_connects_until_the_first_frame_comes() -> None:
    async with running(source=FakeSource(FRAME, answers=False)) as session:
        assert "Rate limits" in session.text
        assert "1,284.20" not in session.text
        session.source.publish(replace(FRAME, view=session.app.view))
        await session.until("momentum")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
async def test_it_shows_the_overview(size: tuple[int, int]) -> None:
    async with running(size=size) as session:
        for said in ("247trader-v2", "LIVE", "Equity", "RateLimitCritical", "products"):
            assert said in session.text


async def test_the_history_asked_for_follows_the_width() -> None:
    async with running(size=(80, 24)) as session:
        assert session.source.views[-1].points == 120
        await session.pilot.resize_terminal(200, 55)
        await session.pilot.pause()
        assert session.source.views[-1].points == 300
        assert len(session.text.splitlines()) == 55


async def test_the_engine_is_told_while_a_key_is_answered() -> None:
    async with running(size=(80, 24)) as session:
        before = session.source.answered
        await session.tap("0")
        assert session.source.answered == before + 1


async def test_every_key_can_be_pressed_on_every_screen(tmp_path: Path) -> None:
    ways = {
        ScreenName.OVERVIEW: (),
        ScreenName.HELP: ("question_mark",),
        ScreenName.DASHBOARD: ("9",),
        ScreenName.DETAIL: ("3", "enter"),
        ScreenName.EVENT: ("7", "enter"),
    }
    async with running(size=(80, 24), shots=tmp_path) as session:
        for name, way in ways.items():
            for key in KEYS:
                if key.id in {"quit", "suspend"}:
                    continue
                for there in ("0", "1", *way):
                    await session.tap(there)
                assert session.app.look.screen is name
                await session.tap(key.keys[-1])
                if session.app.look.prompt is not None:
                    await session.tap("esc")
        await session.press("escape", "escape", "escape")
        assert session.app.canvas.hits == 0


async def test_enter_leads_down_and_escape_back() -> None:
    async with running() as session:
        await session.press("4", "enter")
        await session.until("trader_rate_limiter_utilization_pct")
        assert session.source.views[-1].focus is not None
        await session.press("enter")
        assert session.app.look.screen is ScreenName.EVENT
        await session.press("escape", "backspace")
        assert session.source.views[-1].focus is None
        await session.until("Strategies")


async def test_a_frame_that_was_on_its_way_is_not_taken_for_the_answer_to_the_last_key() -> None:
    async with running(source=FakeSource(FRAME), tick=60_000) as session:
        session.source.answers = False
        await session.press("right_square_bracket", "right_square_bracket")
        earlier, newest = session.source.views[-2:]
        session.source.publish(replace(FRAME, view=earlier))
        await session.pilot.pause()
        await session.until(FRAME.bots[0].name)
        before = session.text
        session.source.publish(replace(FRAME, view=newest, limits=()))
        async with asyncio.timeout(5):
            while session.text == before:
                await session.pilot.pause(0.01)


async def test_every_panel_is_asked_for_only_below_the_overview() -> None:
    async with running() as session:
        wholes = [session.source.views[-1].whole]
        for key in ("9", "escape", "4", "enter", "escape"):
            await session.press(key)
            wholes.append(session.source.views[-1].whole)
        assert wholes == [False, True, False, False, True, False]


async def test_escape_and_a_digit_that_arrive_together_are_two_keys() -> None:
    async with running() as session:
        await session.press("question_mark", "alt+9")
        assert session.app.look.screen is ScreenName.DASHBOARD


async def test_a_pause_holds_the_picture_while_frames_go_on() -> None:
    async with running() as session:
        await session.press("p")
        await session.until("PAUSED")
        assert session.source.views[-1].at == FRAME.at
        other = replace(FRAME, view=View(), bots=(replace(FRAME.bots[0], name="later"),))
        session.source.publish(other)
        await session.pilot.pause(0.6)
        assert "247trader-v2" in session.text
        await session.press("p")
        assert session.source.views[-1].at is None


async def test_brackets_change_the_window_that_is_asked_for() -> None:
    async with running() as session:
        await session.press("right_square_bracket")
        assert session.source.views[-1].span == 12 * HOUR
        assert "window 12h" in session.text


async def test_plus_and_minus_change_how_often_it_is_drawn_and_not_what_is_asked_for() -> None:
    async with running(tick=1_000) as session:
        asked = len(session.source.views)
        await session.press("minus")
        assert "drawn every 2 s" in session.text
        await session.press("plus", "plus")
        assert "drawn every 0.5 s" in session.text
        assert len(session.source.views) == asked


async def test_b_goes_through_all_bots() -> None:
    fleet = sample_fleet()
    async with running(fleet) as session:
        assert session.app.look.screen is ScreenName.FLEET
        assert "sniper-sol" in session.text
        await session.press("b")
        assert session.source.views[-1].bot == 0


async def test_u_shows_times_in_the_local_zone_and_back() -> None:
    async with running() as session:
        await session.press("u")
        assert "times in CEST" in session.text
        assert (session.app.look.offset, session.app.look.zone) == (120, "CEST")
        assert session.source.views[-1].offset == 120, "the day of P&L today is that of the clock"
        await session.press("u")
        assert (session.app.look.offset, session.app.look.zone) == (0, "UTC")
        assert session.source.views[-1].offset == 0


async def test_a_screenshot_is_written_as_picture_and_as_text(tmp_path: Path) -> None:
    async with running(shots=tmp_path) as session:
        await session.press("s")
        await session.until("screenshot:")
        svg, text = (next(tmp_path.glob(f"*.{ending}")) for ending in ("svg", "txt"))
        assert svg.name.startswith("tradetop-247trader-v2-2")
        assert svg.read_text().startswith("<svg")
        assert "RateLimitCritical" in text.read_text()
        assert "screenshot" not in text.read_text()


async def test_a_screenshot_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    async with running(shots=tmp_path / "missing") as session:
        await session.press("s")
        await session.until("No such file or directory")


async def test_a_bot_cannot_choose_where_its_screenshot_goes(tmp_path: Path) -> None:
    frame = replace(FRAME, bots=(replace(FRAME.bots[0], name="../../etc/\x1b]52;x"),))
    async with running(frame, shots=tmp_path) as session:
        await session.press("s")
        await session.until("screenshot:")
        assert {path.suffix for path in tmp_path.iterdir()} >= {".svg", ".txt"}


async def test_the_clock_goes_on_while_no_frame_comes() -> None:
    async with running() as session:
        session.clock.time += 5_000
        await session.until("12:03:32")


async def test_scrolling_ends_where_the_text_ends() -> None:
    async with running(size=(80, 24)) as session:
        await session.press("question_mark", "G")
        end = session.text
        await session.press("k")
        assert session.text != end
        await session.press("j", "j", "pagedown")
        assert session.text == end


async def test_a_click_focuses_a_pane_and_the_wheel_moves_in_it() -> None:
    async with running() as session:
        y = next(i for i, line in enumerate(session.text.splitlines()) if "Strategies" in line)
        await session.pilot.click(offset=(5, y + 2))
        await session.pilot.pause()
        assert session.app.look.focus is not None
        assert session.app.look.focus.value == "strategies"


async def test_nothing_is_sent_when_nothing_changes_but_the_clock() -> None:
    async with running() as session:
        before = session.text.splitlines()
        session.clock.time += 1_000
        await session.until("12:03:28")
        after = session.text.splitlines()
        lines = zip(before, after, strict=True)
        changed = [(y, x) for y, pair in enumerate(lines) for x in range(120) if pair[0][x] != pair[1][x]]
        assert 0 < len(changed) <= 3
        assert {y for y, _ in changed} == {0}


async def test_of_many_frames_only_the_newest_is_shown() -> None:
    async with running() as session:
        for number in range(500):
            session.source.publish(replace(FRAME, bots=(replace(FRAME.bots[0], name=f"bot-{number:03}"),)))
        await session.until("bot-499")
        assert "bot-498" not in session.text


async def test_the_way_out_is_q() -> None:
    async with running() as session:
        await session.press("q")
        assert session.app.return_code in {0, None}
        assert not session.app.is_running


def test_the_look_given_at_the_start_is_kept() -> None:
    app = TradetopApp(FakeSource(FRAME), THEME, look=Look(screen=ScreenName.DASHBOARD), view=View(bot=1))
    assert (app.look.screen, app.view.bot) == (ScreenName.DASHBOARD, 1)


async def test_an_event_is_shown_without_waiting_for_the_next_tick() -> None:
    async with running(tick=1_000) as session:
        events, began = FRAME.feed.events, time.monotonic()
        for n in range(6):
            events = (*events, replace(events[-1], id=f"news {n}", pair=f"NEW{n}-USD"))
            session.source.publish(replace(FRAME, feed=replace(FRAME.feed, events=events)))
            await session.until(f"NEW{n}-USD")
        assert time.monotonic() - began < 4, "six ticks would take longer"


async def test_who_wants_it_drawn_less_often_waits_for_events_too() -> None:
    async with running(tick=1_000) as session:
        await session.press("minus")
        events = (*FRAME.feed.events, replace(FRAME.feed.events[-1], id="news", pair="NEW-USD"))
        session.source.publish(replace(FRAME, feed=replace(FRAME.feed, events=events)))
        await session.pilot.pause(0.3)
        assert "NEW-USD" not in session.text
        await session.until("NEW-USD")
