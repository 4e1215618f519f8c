"""The mouse: what lies under it is what a click means, and what the wheel moves."""

from __future__ import annotations

import pytest

from panes.frames import sample_fleet
from tradetop.model.frame import Frame
from tradetop.panes.look import ScreenName
from tui.session import FRAME, Session, running


def cell(session: Session, said: str, *, after: str = "") -> tuple[int, int]:
    """Where a text stands on the screen, below the first line that holds `after`."""
    lines = session.text.splitlines()
    first = next((y for y, line in enumerate(lines) if after in line), 0)
    return next((line.index(said) + 1, y) for y, line in enumerate(lines) if y >= first and said in line)


async def click(session: Session, said: str, *, after: str = "") -> None:
    await session.pilot.click(offset=cell(session, said, after=after))
    await session.pilot.pause()


def under_cursor(session: Session) -> str:
    """The text of the row with the cursor."""
    from tradetop.tui.clipping import row_under_cursor

    return row_under_cursor(session.app._drawn(session.app.look))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_click_puts_the_cursor_on_the_row_and_another_opens_it(size: tuple[int, int]) -> None:
    async with running(size=size) as session:
        await click(session, "candles", after="Rate limits")
        assert session.app.look.focus is not None
        assert session.app.look.focus.value == "rates"
        assert "candles" in under_cursor(session)
        await click(session, "candles", after="Rate limits")
        assert session.app.look.screen is ScreenName.DETAIL


async def test_a_click_in_the_feed_finds_its_event() -> None:
    async with running() as session:
        lines = session.text.splitlines()
        newest = max(y for y, line in enumerate(lines) if line.count("│") >= 2 and ":" in line[62:72])
        meant = lines[newest - 3][62:100]
        await session.pilot.click(offset=(80, newest - 3))
        await session.pilot.pause()
        assert session.app.look.focus is not None
        assert session.app.look.focus.value == "events"
        assert " ".join(meant.split())[:20] in " ".join(under_cursor(session).split())


async def test_a_click_on_a_tab_brings_it_to_the_front() -> None:
    async with running(size=(80, 24)) as session:
        await click(session, "Strategies")
        assert session.app.look.focus is not None
        assert session.app.look.focus.value == "strategies"
        assert "momentum" in session.text


async def test_a_click_on_a_hint_of_the_footer_presses_its_key() -> None:
    async with running() as session:
        await click(session, "help", after="? help")
        assert session.app.look.screen is ScreenName.HELP


async def test_a_click_on_a_bot_of_all_bots_chooses_and_opens_it() -> None:
    async with running(sample_fleet()) as session:
        await click(session, "sniper-sol")
        assert session.app.look.selected == 2
        await click(session, "sniper-sol")
        assert session.source.views[-1].bot == 2


async def test_the_wheel_scrolls_the_pane_under_it() -> None:
    async with running() as session:
        x, y = cell(session, "Strategies")
        session.app.post_message(wheel(x, y + 2))
        await session.pilot.pause()
        assert session.app.look.focus is not None
        assert session.app.look.focus.value == "strategies"
        assert session.app.look.selected > 0


@pytest.mark.parametrize("frame", [FRAME, sample_fleet()])
async def test_a_click_anywhere_does_no_harm(frame: Frame) -> None:
    async with running(frame, size=(80, 24)) as session:
        for y in range(1, 24, 4):
            for x in range(3, 80, 19):
                await session.pilot.click(offset=(x, y))
                if not session.app.is_running:
                    return
        assert session.text


def wheel(x: int, y: int) -> object:
    from textual.events import MouseScrollDown

    return MouseScrollDown(None, x, y, 0, 0, 0, False, False, False, x, y)
