"""The way to an explanation, within it, and out of it; what the source is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, sample_detail, sample_explained, sample_frame
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import SECOND
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.view import AlertFocus, View
from tradetop.panes.explain import rows_of
from tradetop.panes.layout import crumbs, screen
from tradetop.panes.look import Look, ScreenName
from tradetop.redact import redact
from tradetop.tui.descend import with_crosshair
from tradetop.tui.navigate import settled, step
from tradetop.tui.state import Scene, State
from tui.session import DetailSource, running

FRAME, DETAIL, EXPLAINED = sample_frame(), sample_detail(), sample_explained()
START = State(Look(), View())
FIRED = BotEvent("fired", NOW - 90 * SECOND, "247trader-v2", "alert_firing", EventClass.ALERT, EventSource.DERIVED,
                 level=Level.CRITICAL, facts=(Fact("alert", "RateLimitCritical"), Fact("state", "firing")))  # fmt: skip


def press(state: State, *keys: str, frame: Frame = FRAME, whole: Frame | None = None) -> State:
    for key in keys:
        state = step(state, Scene(frame, screen(frame, state.look, 120, 40), whole=whole), key)
    return state


def with_event() -> Frame:
    return replace(FRAME, feed=replace(FRAME.feed, events=(*FRAME.feed.events, FIRED)))


@pytest.fixture
def explained() -> State:
    """At the explanation of the first alert, come from the strip."""
    state = press(START, "pane-alerts", "explain")
    assert state.look.screen is ScreenName.EXPLAIN
    return state


# What is asked


def test_an_alert_of_the_strip_is_asked_about_by_its_rule_and_labels(explained: State) -> None:
    asked = AlertFocus(("RateLimitCritical",), "rate_limiter", Labels({"endpoint": "products"}))
    assert explained.view.alert == asked
    second = press(START, "pane-alerts", "down", "explain").view.alert
    assert second is not None
    assert second.rules == ("HighExposure",)


@pytest.mark.parametrize(("way", "panel"), [("pane-limits", FRAME.limits[0].panel.id), ("dashboard", "daily_pnl")])
def test_a_limit_or_a_panel_is_asked_about_by_its_series(way: str, panel: str) -> None:
    asked = press(START, way, "explain").view.alert
    assert asked is not None
    assert (asked.rules, asked.panel, asked.at) == ((), panel, None)


def test_a_series_explains_its_active_alert_else_all_its_rules_are_asked_about() -> None:
    series = replace(press(START, "pane-rates", "open"), view=DETAIL.view)
    asked = press(series, "explain", frame=DETAIL).view.alert
    assert asked is not None
    assert asked.rules == ("RateLimitCritical",)
    quiet = replace(DETAIL, alerts=())
    asked = press(series, "explain", frame=quiet).view.alert
    assert asked is not None
    assert asked.rules == ("RateLimitCritical", "RateLimitWarning")
    assert asked.labels == Labels({"endpoint": "products"})


@pytest.mark.parametrize("way", [["pane-events"], ["pane-events", "open"], ["pane-events", "open", "open"]])
def test_an_alerts_event_is_explained_as_of_its_time(way: list[str]) -> None:
    assert press(START, *way, "explain", frame=with_event()).view.alert == AlertFocus(
        ("RateLimitCritical",), at=FIRED.t
    )


def test_what_has_no_rule_is_not_explained_and_that_is_said() -> None:
    assert "x explains one" in press(START, "pane-events", "explain").look.notice
    assert "choose a pane first" in press(START, "explain").look.notice
    quiet = sample_frame(quiet=True)
    assert "no alert" in press(START, "pane-alerts", "explain", frame=quiet).look.notice


def test_redacted_labels_are_asked_for_by_their_own_names() -> None:
    alert = replace(FRAME.alerts[0], labels=Labels({"account": "main-7781"}))
    whole = replace(FRAME, alerts=(alert,))
    told = redact(whole)
    assert "7781" not in str(told.alerts[0].labels)
    asked = press(START, "pane-alerts", "explain", frame=told, whole=whole).view.alert
    assert asked is not None
    assert asked.labels == alert.labels


# Within


def test_the_cursor_goes_through_the_tree_and_on_through_the_events(explained: State) -> None:
    of = EXPLAINED.explained
    assert of is not None
    count = len(rows_of(of)) + len(of.events)
    assert press(explained, *["down"] * 3, frame=EXPLAINED).look.selected == 3
    assert press(explained, "bottom", frame=EXPLAINED).look.selected == count - 1
    assert press(explained, "bottom", "top", frame=EXPLAINED).look.selected == 0
    there = press(explained, "next", frame=EXPLAINED)
    assert there.look.selected >= len(rows_of(of))
    assert press(there, "previous", frame=EXPLAINED).look.selected == 0


def test_enter_on_a_series_goes_to_its_panel_and_esc_comes_back(explained: State) -> None:
    series = press(explained, *["down"] * 3, "open", frame=EXPLAINED)
    assert series.look.screen is ScreenName.DETAIL
    assert series.view.focus is not None
    assert (series.view.focus.panel, series.view.focus.labels) == ("rate_limiter", Labels({"endpoint": "products"}))
    assert crumbs(DETAIL, series.look) == ("Alerts", "RateLimitCritical", "products")
    assert press(series, "back") == press(explained, *["down"] * 3, frame=EXPLAINED)


def test_enter_on_a_part_that_is_no_series_says_so(explained: State) -> None:
    state = press(explained, "open", frame=EXPLAINED)
    assert state.look.screen is ScreenName.EXPLAIN
    assert "no panel shows this part" in state.look.notice


def test_enter_on_an_event_opens_it_and_esc_comes_back_to_its_row(explained: State) -> None:
    of = EXPLAINED.explained
    assert of is not None
    there = press(explained, "next", frame=EXPLAINED)
    event = press(there, "open", frame=EXPLAINED)
    assert event.look.screen is ScreenName.EVENT
    assert event.view.event == of.events[there.look.selected - len(rows_of(of))].id
    assert crumbs(EXPLAINED, event.look) == ("Alerts", "RateLimitCritical", "event")
    fewer = replace(EXPLAINED, explained=replace(of, events=of.events[2:]))
    back = press(event, "back", frame=fewer)
    assert (back.look.selected, back.view) == (there.look.selected - 2, there.view)


def test_the_cursor_stays_on_its_event_when_others_leave(explained: State) -> None:
    of = EXPLAINED.explained
    assert of is not None
    state = press(explained, "next", frame=EXPLAINED)
    fewer = replace(EXPLAINED, explained=replace(of, events=of.events[2:]))
    assert settled(state, EXPLAINED, fewer).look.selected == state.look.selected - 2


def test_esc_leads_back_to_where_the_key_was_pressed(explained: State) -> None:
    assert press(explained, "back") == press(START, "pane-alerts")
    assert press(explained, "help", "back") == explained
    assert press(explained, "pane-limits").view.alert is None
    assert press(explained, "dashboard").view.alert is None


def test_a_screen_that_lies_above_is_gone_back_to() -> None:
    series = replace(press(START, "pane-rates", "open"), view=DETAIL.view)
    explained = press(series, "explain", frame=DETAIL)
    both = replace(EXPLAINED, detail=DETAIL.detail)
    assert crumbs(both, explained.look) == ("Rate limits", "products", "RateLimitCritical")
    again = press(explained, *["down"] * 3, "open", frame=both)
    assert (again.look.screen, len(again.trail)) == (ScreenName.DETAIL, 1)
    assert again.view.alert is None
    assert crumbs(DETAIL, again.look) == ("Rate limits", "products")
    assert press(explained, "back", frame=both) == series


def test_another_alerts_explanation_is_not_shown_under_a_wrong_name(explained: State) -> None:
    other = AlertFocus(("HighExposure",))
    assert with_crosshair(EXPLAINED, replace(explained.view, alert=other)).explained is None
    assert EXPLAINED.view.alert is not None
    assert with_crosshair(EXPLAINED, replace(EXPLAINED.view)).explained is EXPLAINED.explained


class ExplainSource(DetailSource):
    """Answers a view with an alert by its explanation."""

    def look(self, view: View) -> None:
        if view.alert is None:
            super().look(view)
        else:
            self.views.append(view)
            self.publish(replace(EXPLAINED, view=view))


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 55)])
async def test_the_screen_shows_it_at_every_size(size: tuple[int, int]) -> None:
    async with running(source=ExplainSource(FRAME), size=size) as session:
        for key in ("0", "x"):
            await session.tap(key)
        await session.until("FIRING since 12:01:17")
        assert "max(trader_rate" in session.text
        assert "API throttling imminent" in session.text
        await session.tap("tab")
        await session.tap("enter")
        assert session.app.look.screen is ScreenName.EVENT
        for _ in range(2):
            await session.tap("esc")
        assert session.app.look.screen is ScreenName.OVERVIEW


async def test_what_the_cursor_is_on_can_be_copied() -> None:
    async with running(source=ExplainSource(FRAME)) as session:
        for key in ("0", "x", "y"):
            await session.tap(key)
        assert "copied: max(trader_rate_limiter_utilization_pct) > 90" in session.footer
        for key in ("j", "j", "j", "y"):
            await session.tap(key)
        assert 'endpoint="products"' in session.footer


async def test_a_click_on_a_row_goes_there_and_another_opens_it() -> None:
    async with running(source=ExplainSource(FRAME)) as session:
        for key in ("0", "x"):
            await session.tap(key)
        await session.until("candles")
        y = next(y for y, line in enumerate(session.text.splitlines()) if "candles" in line)
        await session.pilot.click(offset=(20, y))
        assert session.app.look.selected == 4
        await session.pilot.click(offset=(20, y))
        assert session.app.look.screen is ScreenName.DETAIL
