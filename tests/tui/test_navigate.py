"""Every key from every place: where it leads, and that the way back ends where it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panes.frames import sample_detail, sample_events, sample_fleet, sample_frame
from panes.stories import TRADE, folded, repeating
from tradetop.model.bot_event import EventClass
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.frame import Frame
from tradetop.model.labels import EMPTY
from tradetop.model.panel import PaneName
from tradetop.model.view import SPANS, Focus, View
from tradetop.panes.layout import screen
from tradetop.panes.look import Look, ScreenName, Sort
from tradetop.panes.sorting import columns
from tradetop.panes.targets import selectable
from tradetop.tui.keys import KEYS
from tradetop.tui.navigate import settled, step
from tradetop.tui.state import Scene, State

FRAME = sample_frame()
FLEET = sample_fleet()
DETAIL = sample_detail()
START = State(Look(), View(bot=0))
IDS = [key.id for key in KEYS]


def press(state: State, *keys: str, frame: Frame = FRAME, size: tuple[int, int] = (120, 40)) -> State:
    for key in keys:
        state = step(state, Scene(frame, screen(frame, state.look, *size)), key)
    return state


def test_a_number_focuses_its_pane_and_again_zooms_it() -> None:
    once = press(START, "pane-rates")
    assert (once.look.focus, once.look.zoomed) == (PaneName.RATES, False)
    assert press(once, "pane-rates").look.zoomed
    assert not press(once, "pane-rates", "pane-rates").look.zoomed


@pytest.mark.parametrize("pane", [PaneName.EVENTS, PaneName.STRATEGIES, PaneName.ERRORS])
def test_on_a_small_terminal_a_number_brings_its_tab_to_the_front(pane: PaneName) -> None:
    state = press(START, f"pane-{pane.value}", size=(80, 24))
    assert state.look.tab is pane
    assert pane.value in [box.id for box in screen(FRAME, press(state, "back").look, 80, 24)]


@pytest.mark.parametrize(
    ("keys", "pane"),
    [
        (["next"], PaneName.ALERTS),
        (["next", "next"], PaneName.PNL),
        (["previous"], PaneName.EVENTS),
        (["pane-pnl", "right"], PaneName.EQUITY),
        (["pane-equity", "left"], PaneName.PNL),
        (["pane-rates", "right"], PaneName.ERRORS),
        (["pane-alerts", "up"], PaneName.ALERTS),
        (["pane-alerts", "down", "down"], PaneName.EQUITY),
        (["pane-events", "down"], PaneName.EVENTS),
    ],
)
def test_the_focus_moves_from_pane_to_pane(keys: Sequence[str], pane: PaneName) -> None:
    assert press(START, *keys).look.focus is pane


def test_the_cursor_stays_within_the_rows_of_a_pane() -> None:
    rows = selectable(FRAME, Look(focus=PaneName.STRATEGIES))
    state = press(START, "pane-strategies", "bottom")
    assert state.look.selected == rows - 1
    assert press(state, "page-down").look.selected == rows - 1
    assert press(state, "top").look.selected == 0
    assert press(state, "top", "down").look.selected == 1


def test_in_the_feed_up_is_older_and_ends_following() -> None:
    state = press(START, "pane-events")
    older = press(state, "up", "up")
    assert (older.look.selected, older.look.following) == (2, False)
    assert press(older, "down").look.selected == 1
    newest = press(older, "bottom")
    assert (newest.look.selected, newest.look.following) == (0, True)
    assert press(older, "follow").look.selected == 0


def test_the_cursor_stays_on_its_event_while_others_come_in() -> None:
    state = press(START, "pane-events", "up", "up", "up")
    older, newer = FRAME.feed.events[:-2], FRAME.feed.events
    before = replace(FRAME, feed=FeedFrame(older))
    after = settled(state, before, replace(FRAME, feed=FeedFrame(newer)))
    assert newer[len(newer) - 1 - after.look.selected] is older[len(older) - 1 - 3]


def test_the_way_down_to_a_series_an_event_and_back() -> None:
    state = press(START, "pane-limits", "down")
    series = press(state, "open")
    assert series.look.screen is ScreenName.DETAIL
    assert isinstance(series.view.focus, Focus)
    event = press(series, "open", frame=DETAIL)
    assert event.look.screen is ScreenName.EVENT
    assert DETAIL.detail is not None
    assert event.look.event == DETAIL.detail.events[-1].id
    back = press(event, "back", frame=DETAIL)
    assert back.look.screen is ScreenName.DETAIL
    assert back.view.focus == series.view.focus
    assert press(back, "back", frame=DETAIL) == state


def test_an_event_of_the_feed_opens_by_its_id() -> None:
    state = press(START, "pane-events", "up", "open")
    assert state.look.screen is ScreenName.EVENT
    assert state.look.event == sample_events()[-2].id


def test_help_and_dashboard_open_and_lead_back() -> None:
    assert press(START, "help").look.screen is ScreenName.HELP
    assert press(START, "help", "help") == START
    dashboard = press(START, "pane-pnl", "dashboard")
    assert dashboard.look.screen is ScreenName.DASHBOARD
    assert press(dashboard, "down", "down").look.selected == 2
    assert press(dashboard, "open").look.screen is ScreenName.DETAIL
    assert press(dashboard, "open", "back").look.screen is ScreenName.DASHBOARD
    assert press(dashboard, "open", "back", "back") == press(START, "pane-pnl")


def test_escape_takes_away_zoom_then_focus() -> None:
    state = press(START, "pane-pnl", "zoom")
    assert press(state, "back") == press(START, "pane-pnl")
    assert press(state, "back", "back").look.focus is None


def test_all_bots_then_each_then_all_again() -> None:
    state = State(Look(screen=ScreenName.FLEET), View())
    seen = []
    for _ in range(len(FLEET.bots) + 1):
        state = press(state, "bots", frame=FLEET)
        seen.append(state.view.bot)
    assert seen == [0, 1, 2, 3, None]
    assert state.look.screen is ScreenName.FLEET


def test_one_bot_has_no_others() -> None:
    state = press(START, "bots")
    assert state.view == START.view
    assert "only one bot" in state.look.notice


def test_enter_on_a_bot_opens_it_and_escape_leads_back_to_all() -> None:
    state = press(State(Look(screen=ScreenName.FLEET), View()), "down", "open", frame=FLEET)
    assert (state.view.bot, state.look.screen) == (1, ScreenName.OVERVIEW)
    back = press(state, "back")
    assert (back.view.bot, back.look.screen, back.look.selected) == (None, ScreenName.FLEET, 1)


def test_what_a_frame_shows_decides_between_all_bots_and_one() -> None:
    fleet = settled(State(Look(), View()), None, FLEET)
    assert fleet.look.screen is ScreenName.FLEET
    assert settled(fleet, FLEET, FRAME).look.screen is ScreenName.OVERVIEW


def test_pause_holds_the_time_and_lets_it_go() -> None:
    state = press(START, "pause")
    assert (state.look.paused, state.view.at) == (True, FRAME.at)
    assert press(state, "pause") == START


def test_brackets_step_through_the_windows() -> None:
    assert START.view.span == 6 * HOUR
    assert press(START, "longer").view.span == 12 * HOUR
    assert press(START, *["shorter"] * 9).view.span == 15 * MINUTE
    assert press(START, *["longer"] * 9).view.span == SPANS[-1]
    assert "window 12h" in press(START, "longer").look.notice


def test_nothing_to_open_is_said() -> None:
    assert "choose a pane" in press(START, "open").look.notice
    assert "choose a bot" in press(State(Look(screen=ScreenName.FLEET), View()), "pane-pnl", frame=FLEET).look.notice


def test_a_number_leads_out_of_every_depth() -> None:
    deep = press(press(START, "pane-limits", "open"), "open", frame=DETAIL)
    state = press(deep, "pane-pnl", frame=DETAIL)
    assert (state.look.screen, state.look.focus, state.view.focus, state.trail) == (
        ScreenName.OVERVIEW,
        PaneName.PNL,
        None,
        (),
    )


@settings(max_examples=60, deadline=None)
@given(
    keys=st.lists(st.sampled_from(IDS), max_size=25),
    frame=st.sampled_from([FRAME, FLEET, DETAIL, sample_frame(dead=True, derived=True)]),
    size=st.sampled_from([(80, 24), (120, 40), (20, 5)]),
)
def test_no_row_of_keys_leads_to_a_place_without_a_way_back(
    keys: list[str], frame: Frame, size: tuple[int, int]
) -> None:
    state = settled(START, None, frame)
    for key in keys:
        state = press(state, key, frame=frame, size=size)
        assert screen(frame, state.look, *size)
        assert state.look.selected >= 0
    state = press(state, *["back"] * (len(state.trail) + 2), frame=frame, size=size)
    assert state.look.screen in {ScreenName.OVERVIEW, ScreenName.FLEET}
    assert (state.trail, state.look.zoomed, state.view.focus) == ((), False, None)


def test_a_cursor_below_what_a_filter_leaves_moves_up_to_the_last_row() -> None:
    state = press(START, "pane-events", "top")
    assert state.look.selected > 2
    fewer = replace(FRAME, feed=replace(FRAME.feed, events=FRAME.feed.events[:2]))
    assert settled(state, FRAME, fewer).look.selected == 1
    assert settled(state, FRAME, replace(FRAME, feed=FeedFrame(()))).look.selected == 0


def test_from_error_to_error_of_the_feed() -> None:
    newest_first = [*reversed(FRAME.feed.events)]
    errors = [index for index, event in enumerate(newest_first) if event.cls is EventClass.ERROR]
    state = press(START, "pane-pnl", "error")
    assert (state.look.focus, state.look.selected, state.look.following) == (PaneName.EVENTS, errors[0], False)
    for index in errors[1:]:
        state = press(state, "error-before")
        assert state.look.selected == index
    assert "no older error" in press(state, "error-before").look.notice
    assert press(state, *["error"] * len(errors)).look.selected == errors[0]


def test_a_search_from_deep_below_leads_to_the_feed() -> None:
    deep = press(press(START, "pane-limits", "open"), "open", frame=DETAIL)
    state = press(deep, "error", frame=FRAME)
    assert (state.look.screen, state.look.focus, state.view.focus, state.trail) == (
        ScreenName.OVERVIEW,
        PaneName.EVENTS,
        None,
        (),
    )


def test_matches_are_looked_for_only_with_a_filter_that_can_be_read() -> None:
    filtered = replace(START, view=replace(START.view, filter="BTC"))
    assert press(filtered, "match").look.focus is PaneName.EVENTS
    broken = replace(FRAME, view=filtered.view, feed=replace(FRAME.feed, problem="missing )"))
    assert "missing )" in press(filtered, "match", frame=broken).look.notice
    assert "no filter" in press(START, "match").look.notice


def test_sorting_goes_through_the_columns_and_back_to_the_rows_own_order() -> None:
    state = press(START, "pane-strategies")
    names = columns(FRAME, state.look)
    seen = []
    for _ in names:
        state = press(state, "sort-right")
        seen.append(state.look.notice.removeprefix("sorted by "))
    assert tuple(seen) == names
    assert press(state, "sort-right").look.sorts == ()
    assert press(state, "sort-left").look.notice == f"sorted by {names[-2]}"
    turned = press(state, "sort-invert").look
    assert turned.sorts == (Sort("strategies", len(names) - 1, inverted=True),)


def test_each_table_keeps_its_own_order() -> None:
    state = press(START, "pane-strategies", "sort-right", "pane-limits", "sort-right")
    assert {sort.table for sort in state.look.sorts} == {"strategies", "limits"}


def test_live_ends_a_pause() -> None:
    assert press(START, "pause", "live") == START
    assert "live already" in press(START, "live").look.notice


@pytest.mark.parametrize("way", ["ladder", "pane-limits"])
def test_the_cursor_stays_on_its_limit_while_rows_change_places(way: str) -> None:
    missing = replace(FRAME.limits[3], labels=EMPTY, reading=replace(FRAME.limits[3].reading, value=None))
    twin = replace(FRAME.limits[1], query=1)
    before = replace(FRAME, limits=(*FRAME.limits[:3], twin, replace(missing, panel=replace(missing.panel, id="none"))))
    after = replace(before, limits=tuple(reversed(before.limits)))
    for index, limit in enumerate(before.limits):
        state = press(START, way, *["down"] * index, frame=before)
        assert state.look.selected == index
        moved = settled(state, before, after)
        assert after.limits[moved.look.selected].key == limit.key


def test_the_ladder_lies_below_the_overview_and_above_its_series() -> None:
    state = press(START, "pane-limits", "ladder")
    assert (state.look.screen, state.look.selected) == (ScreenName.LADDER, 0)
    series = press(state, "down", "open")
    assert (series.look.screen, series.look.crumbs) == (ScreenName.DETAIL, ("ladder",))
    back = press(series, "back")
    assert (back.look.screen, back.look.selected) == (ScreenName.LADDER, 1)
    assert press(back, "back").look.screen is ScreenName.OVERVIEW
    assert press(press(START, "dashboard", "ladder"), "back").look.screen is ScreenName.OVERVIEW
    fleet = press(State(Look(screen=ScreenName.FLEET), View()), "ladder", frame=FLEET)
    assert "choose a bot" in fleet.look.notice


def test_a_filter_and_how_repeats_are_shown_stay_wherever_the_person_goes() -> None:
    state = State(Look(), View(bot=0, filter="type:error", folded=False))
    for keys in (["pane-pnl"], ["dashboard"], ["ladder", "back"], ["pause"], ["live"], ["help", "back"], ["bots"]):
        state = press(state, *keys, frame=FLEET)
        assert (state.view.filter, state.view.folded) == ("type:error", False)


def test_f_in_capitals_folds_and_unfolds() -> None:
    assert START.view.folded
    unfolded = press(START, "fold")
    assert not unfolded.view.folded
    assert "row of its own" in unfolded.look.notice
    assert press(unfolded, "fold").view.folded


def test_the_cursor_stays_on_its_row_while_that_grows() -> None:
    errors = repeating()
    feed = replace(FRAME.feed, events=(*folded(errors[:6]), *TRADE[:2]))
    old = replace(FRAME, feed=feed)
    new = replace(FRAME, feed=replace(feed, events=(*folded(errors), *TRADE[:3])))
    look = replace(START.look, focus=PaneName.EVENTS, selected=2, following=False)
    assert settled(State(look, START.view), old, new).look.selected == 3


def test_the_cursor_goes_to_the_oldest_where_its_event_has_left_memory() -> None:
    events = sample_events()
    old, new = (replace(FRAME, feed=FeedFrame(some)) for some in (events[:20], events[15:]))
    look = replace(START.look, focus=PaneName.EVENTS, selected=19, following=False)
    assert settled(State(look, START.view), old, new).look.selected == len(events) - 15 - 1


def test_enter_on_a_row_opens_its_newest_and_sideways_are_the_others() -> None:
    errors = repeating()
    frame = replace(FRAME, feed=FeedFrame(folded(errors)))
    opened = press(press(START, "pane-events", frame=frame), "open", frame=frame)
    assert (opened.look.screen, opened.view.event) == (ScreenName.EVENT, "error 11")
    before = press(opened, "left", "left", frame=frame)
    assert (before.look.event, before.view.event) == ("error 9", "error 9")
    assert press(before, *["right"] * 9, frame=frame).look.event == "error 11"
    assert press(before, *["left"] * 99, frame=frame).look.event == "error 0"
    back = press(before, "back", frame=frame)
    assert (back.look.screen, back.look.selected) == (ScreenName.OVERVIEW, 0)
    alone = press(replace(opened, look=replace(opened.look, event="gone")), "left", frame=frame)
    assert alone.look.notice == "this event repeats no other"
