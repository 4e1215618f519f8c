"""The way down and back up: series, crosshair, events around it, JSON; and what the header says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, SPAN, sample_detail, sample_errors, sample_fleet, sample_frame
from tradetop.model.clock import MINUTE
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.view import Focus, View
from tradetop.panes.layout import crumbs, screen
from tradetop.panes.look import Look, ScreenName
from tradetop.theme import load
from tradetop.tui.canvas import Canvas
from tradetop.tui.descend import moves_crosshair, with_crosshair
from tradetop.tui.differ import Differ
from tradetop.tui.navigate import settled, step
from tradetop.tui.palette import Palette
from tradetop.tui.state import Scene, State

FRAME = sample_frame()
DETAIL = sample_detail()
START = State(Look(), View())


def press(state: State, *keys: str, frame: Frame = FRAME, size: tuple[int, int] = (120, 40)) -> State:
    for key in keys:
        state = step(state, Scene(frame, screen(frame, state.look, *size)), key)
    return state


@pytest.fixture
def series() -> State:
    """On the screen of the products endpoint, come from the pane of the rate limits."""
    state = press(START, "pane-rates", "open")
    assert state.look.screen is ScreenName.DETAIL
    return replace(state, view=replace(state.view, focus=DETAIL.view.focus))


def at(state: State) -> int | None:
    return state.view.focus.at if state.view.focus else None


def path(state: State, frame: Frame = DETAIL) -> tuple[str, ...]:
    return crumbs(frame, state.look)


# Down and up


def test_each_level_has_its_name_and_escape_goes_up_by_one(series: State) -> None:
    event = press(series, "open", frame=DETAIL)
    json = press(event, "open", frame=DETAIL)
    assert path(series) == ("Rate limits", "products")
    assert path(event) == ("Rate limits", "products", "event")
    assert path(json) == ("Rate limits", "products", "event", "JSON")
    assert press(json, "open", frame=DETAIL) == json
    assert press(json, "back", frame=DETAIL) == event
    assert press(event, "back", frame=DETAIL) == series
    assert press(series, "back", frame=DETAIL) == press(START, "pane-rates")


def test_the_json_is_one_key_away_and_still_two_levels_down(series: State) -> None:
    json = press(series, "json", frame=DETAIL)
    assert json.look.screen is ScreenName.JSON
    assert press(json, "back", frame=DETAIL).look.screen is ScreenName.EVENT
    assert press(json, "back", "back", frame=DETAIL) == series
    feed = press(START, "pane-events", "json")
    assert (feed.look.screen, feed.view.event) == (ScreenName.JSON, FRAME.feed.events[-1].id)
    assert path(feed, FRAME) == ("Events", "event", "JSON")


def test_the_view_asks_for_the_event_that_is_open_and_no_longer_when_it_is_left() -> None:
    event = press(START, "pane-events", "up", "open")
    assert event.view.event == FRAME.feed.events[-2].id
    assert press(event, "help").view.event == event.view.event
    assert press(event, "help", "back") == event
    assert press(event, "back").view.event == ""


def test_help_over_a_series_leaves_its_crosshair_alone(series: State) -> None:
    aiming = press(series, "left", "left", frame=DETAIL)
    assert press(aiming, "help", "back", frame=DETAIL) == aiming


@pytest.mark.parametrize(
    "pane",
    [
        PaneName.ALERTS, PaneName.PNL, PaneName.EQUITY, PaneName.LIMITS, PaneName.RATES, PaneName.STRATEGIES,
        PaneName.CYCLE, PaneName.ERRORS,
    ],
)  # fmt: skip
def test_every_pane_leads_down_to_a_series(pane: PaneName) -> None:
    state = press(START, f"pane-{pane.value}", "open")
    assert state.look.screen is ScreenName.DETAIL
    assert isinstance(state.view.focus, Focus)
    assert FRAME.panel(state.view.focus.panel) is not None


def test_every_panel_of_the_dashboard_leads_down_to_its_series() -> None:
    state = press(START, "dashboard")
    opened = set()
    for _ in range(200):
        down = press(state, "open")
        if down.view.focus is not None:
            opened.add(down.view.focus.panel)
        if (further := press(state, "down")) == state:
            break
        state = further
    assert opened == {p.panel.id for p in FRAME.panels if p.series}
    assert path(press(START, "dashboard", "open"))[0] == "dashboard"


def test_what_has_nothing_below_it_says_why() -> None:
    quiet = sample_frame(quiet=True)
    assert "no alert" in press(START, "pane-alerts", "open", frame=quiet).look.notice
    alone = replace(FRAME, alerts=(replace(FRAME.alerts[0], rule=replace(FRAME.alerts[0].rule, panel="")),))
    assert "belongs to no panel" in press(START, "pane-alerts", "open", frame=alone).look.notice
    assert "no event here" in press(START, "pane-pnl", "json").look.notice
    empty = replace(FRAME, panels=())
    assert "no series yet" in press(START, "pane-equity", "open", frame=empty).look.notice


def test_an_error_group_leads_to_its_errors_and_those_to_the_event_each() -> None:
    frame = sample_errors()
    assert frame.group is not None
    bars = len(frame.panel("errors").series)  # type: ignore[union-attr]
    state = press(START, "pane-errors", *["down"] * bars, "open", frame=frame)
    assert (state.look.screen, state.view.errors) == (ScreenName.ERRORS, "f1")
    older = press(state, "down", "open", frame=frame)
    assert (older.look.screen, older.look.event) == (ScreenName.EVENT, frame.group.events[-2].id)
    assert older.view.errors == "f1"
    assert press(older, "back", frame=frame).look.selected == 1
    back = press(older, "back", "back", frame=frame)
    assert (back.look.screen, back.look.focus, back.view.errors) == (ScreenName.OVERVIEW, PaneName.ERRORS, "")
    assert press(older, "pane-errors", frame=frame).view.errors == ""


def test_all_bots_are_above_the_first_level() -> None:
    fleet = sample_fleet()
    state = press(State(Look(screen=ScreenName.FLEET), View()), "open", frame=fleet)
    assert (state.look.screen, state.view.bot) == (ScreenName.OVERVIEW, 0)
    assert press(state, "back", frame=FRAME).view.bot is None


# Crosshair


def test_the_crosshair_comes_in_from_the_end_and_moves_by_columns(series: State) -> None:
    one = press(series, "left", frame=DETAIL)
    two = press(one, "left", frame=DETAIL)
    assert at(one) is not None
    assert NOW - 10 * MINUTE < at(one) <= NOW  # type: ignore[operator]
    assert at(two) < at(one)  # type: ignore[operator]
    assert press(two, "right", frame=DETAIL) == one
    assert at(press(two, "top", frame=DETAIL)) == NOW - SPAN
    assert at(press(two, "bottom", frame=DETAIL)) == DETAIL.detail.series.trend.start + 119 * SPAN // 120  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55), (400, 60)])
def test_every_press_moves_the_crosshair_until_the_end(series: State, size: tuple[int, int]) -> None:
    state = press(series, "top", frame=DETAIL, size=size)
    seen = [at(state)]
    while at(state := press(state, "right", frame=DETAIL, size=size)) != seen[-1]:
        seen.append(at(state))
        assert len(seen) <= 120
    assert seen == sorted(set(seen))  # type: ignore[type-var]
    assert len(seen) >= min(120, size[0] // 3)


def test_escape_lifts_the_crosshair_first_and_goes_up_then(series: State) -> None:
    aiming = press(series, "left", "left", frame=DETAIL)
    lifted = press(aiming, "back", frame=DETAIL)
    assert lifted == series
    assert press(lifted, "back", frame=DETAIL).look.screen is ScreenName.OVERVIEW


def test_the_crosshair_is_drawn_from_the_frame_at_hand(series: State) -> None:
    aiming = press(series, "left", frame=DETAIL)
    drawn = with_crosshair(DETAIL, aiming.view)
    assert drawn.view.focus == aiming.view.focus
    assert drawn.detail is DETAIL.detail
    assert moves_crosshair(series.view, aiming.view)
    assert not moves_crosshair(aiming.view, series.view)
    assert not moves_crosshair(series.view, replace(aiming.view, span=SPAN * 2))


def test_another_series_is_not_shown_under_a_wrong_name() -> None:
    other = replace(DETAIL.view, focus=Focus("exposure"))
    assert with_crosshair(DETAIL, other).detail is None


# Events around it


def test_the_cursor_counts_from_the_newest_event_and_up_is_older(series: State) -> None:
    events = DETAIL.detail.events  # type: ignore[union-attr]
    older = press(series, "up", "up", frame=DETAIL)
    assert press(older, "open", frame=DETAIL).look.event == events[-3].id
    assert press(older, "down", "down", "down", frame=DETAIL).look.selected == 0
    assert press(series, *["up"] * 50, frame=DETAIL).look.selected == len(events) - 1


def test_the_cursor_stays_on_its_event_while_others_come_and_go(series: State) -> None:
    events = sample_frame().feed.events
    before = replace(DETAIL, detail=replace(DETAIL.detail, events=events[3:12]))
    after = replace(DETAIL, detail=replace(DETAIL.detail, events=events[5:15]))
    state = press(series, "up", "up", frame=before)
    assert press(settled(state, before, after), "open", frame=after).look.event == events[9].id
    newest = settled(series, before, after)
    assert press(newest, "open", frame=after).look.event == events[14].id


def test_where_its_event_has_gone_the_cursor_stays_as_far_from_the_newest_as_there_are_events(series: State) -> None:
    events = sample_frame().feed.events
    before = replace(DETAIL, detail=replace(DETAIL.detail, events=events[:6]))
    after = replace(DETAIL, detail=replace(DETAIL.detail, events=events[10:13]))
    oldest = press(series, *["up"] * 5, frame=before)
    assert press(settled(oldest, before, after), "open", frame=after).look.event == events[10].id


def test_a_new_crosshair_puts_the_cursor_on_the_event_nearest_to_it(series: State) -> None:
    events = DETAIL.detail.events  # type: ignore[union-attr]
    focus = replace(series.view.focus, at=events[4].t + 1)
    new = replace(DETAIL, view=replace(DETAIL.view, focus=focus), detail=replace(DETAIL.detail, around=events[4].t + 1))
    state = settled(replace(series, view=replace(series.view, focus=focus)), DETAIL, new)
    assert press(state, "open", frame=new).look.event == events[4].id


def test_what_is_said_about_a_series_scrolls_by_pages(series: State) -> None:
    down = press(series, "page-down", "page-down", frame=DETAIL)
    assert down.look.scroll > press(down, "page-up", frame=DETAIL).look.scroll
    assert press(down, *["page-up"] * 5, frame=DETAIL).look.scroll == 0


@pytest.mark.parametrize("pane", ["series", "feed"])
def test_the_way_back_ends_on_the_event_that_is_left(series: State, pane: str) -> None:
    events = sample_frame().feed.events
    start, before = (series, DETAIL) if pane == "series" else (press(START, "pane-events"), FRAME)
    event = press(start, "up", "up", "open", frame=before)
    newer = tuple(replace(e, id=f"later {e.id}", t=e.t + MINUTE) for e in events[-3:])
    feed = replace(before.feed, events=(*events, *newer))
    detail = before.detail and replace(before.detail, events=(*before.detail.events, *newer))
    back = press(event, "back", frame=replace(before, feed=feed, detail=detail))
    assert back.look.selected == 5


def test_a_move_of_the_crosshair_costs_at_most_300_bytes(series: State) -> None:
    """In true colour, the dearest one, on a terminal of 120x40 cells."""
    canvas, differ = Canvas(Palette(load("midnight"))), Differ()
    differ.grid.resize(120, 40)

    def sent(state: State) -> int:
        boxes = screen(with_crosshair(DETAIL, state.view), replace(state.look), 120, 40)
        canvas.put(differ.grid, canvas.draw(boxes, 120, 40))
        return len(differ.update().encode())

    sent(series)
    costs = []
    for _ in range(60):
        series = press(series, "left", frame=DETAIL)
        costs.append(sent(series))
    assert 0 < max(costs) <= 300
