from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import astuple, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panes.frames import sample_detail, sample_fleet, sample_frame
from tradetop.model.frame import Frame
from tradetop.model.level import Presence
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.panes import cells
from tradetop.panes.export import as_text
from tradetop.panes.glyphs import marks
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Hint, Look, ScreenName, Sort
from tradetop.panes.row import Box

HINTS = (Hint("1-8", "pane"), Hint("↵", "drill"), Hint("?", "help"), Hint("q", "quit"))
FRAMES: tuple[Frame | None, ...] = (
    None,
    sample_frame(),
    sample_frame(dead=True),
    sample_frame(quiet=True, paper=True),
    sample_frame(derived=True, never_set=True),
    sample_fleet(),
    sample_detail(),
)
SIZES = ((80, 24), (120, 40), (200, 55), (60, 15), (59, 15), (100, 30), (110, 36), (159, 60))


def texts(boxes: Iterable[Box]) -> Iterable[tuple[Box, str]]:
    for box in boxes:
        for row in box.rows:
            yield box, "".join(span.text for span in row)


def check(boxes: tuple[Box, ...], width: int, height: int, glyphs: Glyphs) -> None:
    covered = [[0] * width for _ in range(height)]
    for box in boxes:
        assert len(box.rows) == box.height
        for y in range(box.y, box.y + box.height):
            for x in range(box.x, box.x + box.width):
                covered[y][x] += 1
    assert all(count == 1 for row in covered for count in row)
    for box, text in texts(boxes):
        assert cells.width(text) == box.width, (box.id, text)
        assert text.isprintable()
        assert glyphs is not Glyphs.ASCII or text.isascii()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ScreenName)
def test_boxes_cover_the_terminal_once_at_every_size(name: ScreenName, size: tuple[int, int]) -> None:
    for frame in FRAMES:
        for glyphs in Glyphs:
            check(screen(frame, Look(screen=name, glyphs=glyphs, hints=HINTS), *size), *size, glyphs)


HOSTILE = st.text(max_size=24)
COUNTS = st.integers(0, 10**7)
VALUES = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """The sample frame with arbitrary texts, values and presences in it."""
    base = draw(st.sampled_from([sample_detail(), sample_frame(dead=True), sample_frame(derived=True)]))

    def series(one: SeriesFrame) -> SeriesFrame:
        value, presence = draw(VALUES), draw(st.sampled_from(Presence))
        reading = replace(one.reading, value=value, presence=presence)
        trend = replace(one.trend, values=draw(st.lists(st.floats(), max_size=5)))
        return replace(one, reading=reading, trend=trend, legend=draw(HOSTILE))

    def panel(frame: PanelFrame) -> PanelFrame:
        title = replace(frame.panel, title=draw(HOSTILE), label=draw(HOSTILE), needs=draw(HOSTILE))
        return replace(frame, panel=title, series=tuple(map(series, frame.series[:3])), error=draw(HOSTILE))

    panels = tuple(panel(p) for p in base.panels[:: draw(st.integers(1, 4))])
    limits = tuple(
        replace(
            x,
            label=draw(HOSTILE),
            legend=draw(HOSTILE),
            eta=draw(st.none() | st.integers(0, 10**12)),
            reading=replace(x.reading, value=draw(VALUES), presence=draw(st.sampled_from(Presence))),
        )
        for x in base.limits[:3]
    )
    positions = tuple(
        replace(p, pair=draw(HOSTILE), side=draw(HOSTILE), size=draw(VALUES), pnl=draw(VALUES)) for p in base.positions
    )
    groups = tuple(replace(g, text=draw(HOSTILE), count=draw(st.integers(0, 10**9))) for g in base.error_groups)
    events = tuple(
        replace(e, pair=draw(HOSTILE), strategy=draw(HOSTILE), written=draw(HOSTILE)) for e in base.feed.events[-4:]
    )
    bot = replace(base.bots[0], name=draw(HOSTILE), reason=draw(HOSTILE), age=draw(st.none() | st.integers(0, 10**9)))
    return replace(
        base,
        bots=(bot,),
        panels=panels,
        limits=limits,
        positions=positions,
        error_groups=groups,
        feed=replace(base.feed, events=events, filter=draw(HOSTILE), problem=draw(HOSTILE), hidden=draw(COUNTS)),
        notices=(draw(HOSTILE),),
    )


TABLES = [*(pane.value for pane in PaneName), ScreenName.FLEET.value]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    frames(),
    st.builds(
        Look,
        screen=st.sampled_from(ScreenName),
        focus=st.none() | st.sampled_from(PaneName),
        zoomed=st.booleans(),
        selected=st.integers(0, 40),
        scroll=st.integers(0, 60),
        glyphs=st.sampled_from(Glyphs),
        mono=st.booleans(),
        ticks=st.booleans(),
        slow=st.booleans(),
        paused=st.booleans(),
        following=st.booleans(),
        offset=st.integers(-840, 840),
        tab=st.sampled_from(PaneName),
        sorts=st.lists(st.builds(Sort, st.sampled_from(TABLES), st.integers(-5, 40), st.booleans()), max_size=3).map(
            tuple
        ),
        notice=HOSTILE,
    ),
    st.integers(1, 210),
    st.integers(1, 60),
)
def test_no_frame_breaks_a_screen(frame: Frame, look: Look, width: int, height: int) -> None:
    check(screen(frame, look, width, height), width, height, look.glyphs)


def lines(frame: Frame | None, width: int = 120, height: int = 40, **look: object) -> str:
    return as_text(screen(frame, Look(**look), width, height), width, height)


def test_too_small_a_terminal_says_what_it_needs() -> None:
    assert lines(sample_frame(), 40, 5).splitlines()[0] == "needs 60x15, has 40x5, q quits"
    assert lines(sample_frame(), 20, 5).split() == ["needs", "60x15,", "has", "20x5,", "q", "quits"]


def test_before_anything_is_known_the_panes_have_their_titles() -> None:
    said = lines(None)
    assert "connecting" in said
    for title in ("Alerts", "P&L", "Equity", "Limits", "Rate limits", "Errors", "Strategies", "Events"):
        assert title in said


def test_connecting_says_to_what() -> None:
    frame = replace(sample_frame(), connecting=True, panels=())
    assert "connecting to http://127.0.0.1:8000/metrics" in lines(frame)


def test_every_panel_can_be_reached_on_the_dashboard_of_a_small_terminal() -> None:
    frame = sample_frame()
    seen = "".join(lines(frame, 80, 24, screen=ScreenName.DASHBOARD, scroll=at, selected=-1) for at in range(0, 60, 20))
    for panel in frame.panels:
        assert panel.panel.title[:20] in seen


def test_a_zoomed_pane_fills_the_screen() -> None:
    boxes = screen(sample_frame(), Look(focus=PaneName.EVENTS, zoomed=True), 120, 40)
    assert [(b.id, b.width, b.height) for b in boxes] == [("header", 120, 1), ("events", 120, 38), ("footer", 120, 1)]


def test_small_screens_show_the_tab_that_was_chosen() -> None:
    assert "momentum" in lines(sample_frame(), 80, 24, tab=PaneName.STRATEGIES)
    assert "STRATEGY" in lines(sample_frame(), 80, 24, focus=PaneName.STRATEGIES)
    assert "cycle p95" in lines(sample_frame(), 80, 24, tab=PaneName.CYCLE)


def test_the_header_drops_the_least_important_first() -> None:
    top = lines(sample_frame(), 60, 15).splitlines()[0]
    for kept in ("247trader-v2", "LIVE", "live", "✖1", "12:03:27"):
        assert kept in top
    assert "tradetop" not in top
    assert "tradetop" in lines(sample_frame(), 200, 55).splitlines()[0]


def test_the_dashboard_follows_the_cursor_until_it_is_scrolled() -> None:
    frame = sample_frame()
    last = len([s for p in frame.panels for s in p.series]) - 1
    assert "Strategy selectivity" in lines(frame, 80, 24, screen=ScreenName.DASHBOARD, selected=last)
    assert "Strategy selectivity" in lines(frame, 80, 24, screen=ScreenName.DASHBOARD, scroll=40)
    assert "Strategy selectivity" not in lines(frame, 80, 24, screen=ScreenName.DASHBOARD)


def test_no_glyph_of_ours_is_wider_than_a_cell() -> None:
    """What is wide, or may be wide in some terminals' fonts, would push a row out of its frame."""
    drawn = "".join(text for frame in FRAMES for _, text in texts(screen(frame, Look(hints=HINTS), 200, 55)))
    signs = {char for sign in map(marks, Glyphs) for char in "".join(map(str, astuple(sign)))}
    for char in {*drawn, *signs}:
        assert cells.char_width(char) == 1, char
        assert unicodedata.category(char) not in {"Mn", "Me", "Cf", "Cs"}, char
        assert char not in "▪▫▶⚠⏸✔❌", char


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
def test_panes_without_a_source_give_their_room_to_others_until_they_have_the_focus(size: tuple[int, int]) -> None:
    frame = sample_frame()
    gone = {PaneName.RATES, PaneName.CYCLE}
    bare = replace(frame, panels=tuple(p for p in frame.panels if p.panel.pane not in gone))
    boxes = {b.id: b for b in screen(bare, Look(), *size)}
    assert "rates" not in boxes
    assert "errors" in boxes
    assert boxes["errors"].width + boxes["limits"].width == size[0]
    drawn = as_text(screen(bare, Look(focus=PaneName.RATES), *size), *size)
    assert "needs a rate limiter's utilisation" in " ".join(drawn.split())


def test_where_nothing_has_a_source_each_pane_says_what_it_needs() -> None:
    bare = replace(sample_frame(quiet=True), panels=(), limits=(), positions=(), error_groups=())
    assert "rates" in {b.id for b in screen(bare, Look(), 80, 24)}


def test_bots_below_the_last_row_are_counted() -> None:
    fleet = sample_fleet()
    many = replace(fleet, bots=tuple(replace(fleet.bots[i % 4], name=f"bot-{i}") for i in range(50)))
    look = Look(screen=ScreenName.FLEET)
    assert "+24 bots" in as_text(screen(many, look, 100, 30), 100, 30)
    assert "+" not in as_text(screen(fleet, look, 100, 30), 100, 30).splitlines()[1]
