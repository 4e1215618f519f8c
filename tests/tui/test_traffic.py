"""What looking at a bot costs on the way to the terminal, counted in bytes as they would leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import sample_detail, sample_fleet, sample_frame
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.panes.layout import screen
from tradetop.panes.look import Choice, Look, Prompt, PromptKind, ScreenName
from tradetop.theme import Depth
from tradetop.tui.abilities import Abilities
from tradetop.tui.aging import aged
from tui.test_differ import Link

FRAME = sample_frame()
XTERM = Abilities(colours=True, erase=True)
SIZES = ((80, 24), (120, 40), (200, 55))
MOVE = 300
"""Bytes that a cursor's move may cost."""
CLOCK = 40
"""Bytes that a second may cost in which nothing happens."""
FULL = {(80, 24): 6_000, (120, 40): 12_000, (200, 55): 21_000}
"""Bytes that a whole screen may cost; row by row these were half as many again."""

WITH_A_CURSOR: dict[str, tuple[Frame, Look]] = {
    **{
        pane.value: (
            FRAME,
            Look(focus=pane, tab=pane if pane in {PaneName.EVENTS, PaneName.STRATEGIES} else PaneName.ERRORS),
        )
        for pane in (PaneName.ALERTS, PaneName.LIMITS, PaneName.RATES, PaneName.ERRORS, PaneName.STRATEGIES)
    },
    "feed": (FRAME, Look(focus=PaneName.EVENTS, following=False)),
    "dashboard": (FRAME, Look(screen=ScreenName.DASHBOARD)),
    "fleet": (sample_fleet(), Look(screen=ScreenName.FLEET)),
}


class Watcher(Link):
    """A terminal in which somebody looks at frames."""

    def bytes(self, frame: Frame, look: Look) -> int:
        self.boxes = screen(frame, look, self.width, self.height)
        self.draw()
        return len(self.take().encode())


@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.INDEXED, Depth.ANSI, Depth.NONE])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", WITH_A_CURSOR)
def test_a_cursor_moves_for_few_bytes(name: str, size: tuple[int, int], depth: Depth) -> None:
    frame, look = WITH_A_CURSOR[name]
    look = replace(look, mono=depth is Depth.NONE, ticks=depth is Depth.ANSI)
    watcher = Watcher(depth, XTERM, *size)
    watcher.bytes(frame, look)
    assert 0 < watcher.bytes(frame, replace(look, selected=1)) <= MOVE
    assert 0 < watcher.bytes(frame, look) <= MOVE


@pytest.mark.parametrize("size", SIZES)
def test_in_the_palette_too(size: tuple[int, int]) -> None:
    choices = tuple(Choice(f"c{i}", f"Command {i}", "what it does", "k") for i in range(5))
    looks = [Look(prompt=Prompt(PromptKind.COMMAND, choices=choices, chosen=i)) for i in (1, 2)]
    watcher = Watcher(Depth.TRUE, XTERM, *size)
    watcher.bytes(FRAME, looks[0])
    assert 0 < watcher.bytes(FRAME, looks[1]) <= MOVE


@pytest.mark.parametrize("size", SIZES)
def test_where_nothing_happens_the_clock_is_all_that_costs(size: tuple[int, int]) -> None:
    watcher = Watcher(Depth.TRUE, XTERM, *size)
    quiet = replace(FRAME, alerts=())
    watcher.bytes(quiet, Look())
    for seconds in range(1, 9):
        assert watcher.bytes(aged(quiet, quiet.now + seconds * 1_000), Look()) <= CLOCK


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_screen_is_small_and_begins_at_the_top(size: tuple[int, int]) -> None:
    watcher = Watcher(Depth.TRUE, XTERM, *size)
    watcher.boxes = screen(FRAME, Look(), *size)
    watcher.draw()
    sent = watcher.take()
    assert len(sent.encode()) <= FULL[size]
    assert sent.index("12:03:27") < len(sent) / 8


@pytest.mark.parametrize("size", SIZES)
def test_a_new_event_costs_less_than_the_feed_written_anew(size: tuple[int, int]) -> None:
    watcher = Watcher(Depth.TRUE, XTERM, *size)
    events = FRAME.feed.events
    before = replace(FRAME, feed=replace(FRAME.feed, events=events[:-1]))
    watcher.bytes(before, Look())
    moved = watcher.bytes(FRAME, Look())
    watcher.differ.forget()
    assert moved < watcher.bytes(FRAME, Look()) / 4


def test_the_detail_of_a_series_takes_its_cursor_along() -> None:
    watcher = Watcher(Depth.INDEXED, XTERM, 80, 24)
    frame = sample_detail()
    watcher.bytes(frame, Look(screen=ScreenName.DETAIL))
    assert watcher.bytes(frame, Look(screen=ScreenName.DETAIL, selected=1)) <= MOVE
