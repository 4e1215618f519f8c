"""A painter that keeps what has not changed draws what a fresh drawing would."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from panes.frames import sample_frame
from tradetop.model.frame import Frame, RecorderFrame
from tradetop.model.panel import PaneName
from tradetop.panes.layout import Painter, screen
from tradetop.panes.look import Look
from tradetop.panes.overview import Kept

FRAMES = [
    sample_frame(),
    sample_frame(dead=True),
    sample_frame(quiet=True),
    sample_frame(derived=True),
    replace(sample_frame(), notices=("history: disk full",)),
    replace(sample_frame(), rules_ok=3, recorder=RecorderFrame(False, None, "", "no history is kept")),
]
LOOKS = [Look(), Look(focus=PaneName.EVENTS, selected=2), Look(tab=PaneName.STRATEGIES)]
steps = st.tuples(
    st.sampled_from(FRAMES), st.sampled_from(LOOKS), st.sampled_from([(80, 24), (120, 40)]), st.integers(0, 90)
)


def later(frame: Frame, seconds: int) -> Frame:
    ms = 1_000 * seconds
    bots = tuple(replace(bot, age=None if bot.age is None else bot.age + ms) for bot in frame.bots)
    return replace(frame, now=frame.now + ms, at=frame.at + ms, bots=bots)


@settings(max_examples=30, deadline=None)
@given(st.lists(steps, min_size=2, max_size=6))
def test_a_painter_draws_what_a_fresh_drawing_would(sequence: list[tuple[Frame, Look, tuple[int, int], int]]) -> None:
    painter, forgetful, passed = Painter(), Kept(), 0
    for frame, look, size, seconds in sequence:
        # Ages of single values move on in steps of ten seconds while the bot is alive.
        passed += 10 + seconds // 10 * 10
        now = later(frame, passed)
        forgetful.panes.clear()
        same = painter.screen(now, look, *size) == screen(now, look, *size, forgetful)
        assert same, "a pane was kept in which something had changed"


def test_a_pane_in_which_much_happens_rests_while_nobody_moves_in_it() -> None:
    frame = sample_frame()
    busy = replace(frame, error_groups=frame.error_groups[:1])
    assert screen(busy, Look(), 120, 40) != screen(frame, Look(), 120, 40)
    for look, patience in ((Look(), 5), (Look(focus=PaneName.ERRORS), 1)):
        painter = Painter()
        drawn = [painter.screen(later(frame, 0), look, 120, 40)]
        drawn += [painter.screen(later(busy, seconds), look, 120, 40) for seconds in (1, 4, 5)]
        panes = [next(box for box in boxes if box.id == "errors") for boxes in drawn]
        assert [pane == panes[0] for pane in panes] == [seconds < patience for seconds in (0, 1, 4, 5)]


def test_rows_of_alerts_come_at_once_and_go_late() -> None:
    """Where the pane shrinks everything below it moves: over a slow link that is a new screen."""
    many, few = sample_frame(), replace(sample_frame(), alerts=sample_frame().alerts[:1])

    def top(painter: Painter, frame: Frame, seconds: int, look: Look) -> int:
        return next(box.y for box in painter.screen(later(frame, seconds), look, 120, 40) if box.id == "pnl")

    for look, patience in ((Look(), 60), (Look(slow=True), 300)):
        painter = Painter()
        low, high = top(painter, few, 0, look), top(painter, many, 1, look)
        assert high > low
        assert top(painter, few, patience, look) == high
        assert top(painter, few, patience + 1, look) == low
