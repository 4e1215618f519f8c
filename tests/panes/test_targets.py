from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import sample_detail, sample_fleet, sample_frame
from tradetop.model.bot_event import BotEvent
from tradetop.model.panel import PaneName
from tradetop.model.view import Focus
from tradetop.panes.layout import screen
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.moves import Side, after, towards
from tradetop.panes.targets import selectable, target_of


def test_enter_on_a_limit_goes_to_its_series() -> None:
    frame = sample_frame()
    target = target_of(frame, Look(focus=PaneName.LIMITS, selected=0))
    assert isinstance(target, Focus)
    assert (target.panel, dict(target.labels or {})) == ("rate_limiter", {"endpoint": "products"})


def test_enter_on_an_alert_goes_to_the_series_that_crossed() -> None:
    target = target_of(sample_frame(), Look(focus=PaneName.ALERTS, selected=0))
    assert isinstance(target, Focus)
    assert dict(target.labels or {}) == {"endpoint": "products"}


def test_enter_on_the_newest_event_opens_it() -> None:
    frame = sample_frame()
    assert target_of(frame, Look(focus=PaneName.EVENTS, selected=0)) is frame.feed.events[-1]
    assert target_of(frame, Look(focus=PaneName.EVENTS, selected=3)) is frame.feed.events[-4]


def test_enter_on_a_strategy_goes_to_its_money() -> None:
    target = target_of(sample_frame(), Look(focus=PaneName.STRATEGIES, selected=1))
    assert isinstance(target, Focus)
    assert (target.query, dict(target.labels or {})) == (3, {"strategy": "breakout"})


def test_enter_on_an_error_group_opens_its_newest_event() -> None:
    target = target_of(sample_frame(), Look(focus=PaneName.ERRORS, selected=3))
    assert isinstance(target, BotEvent)
    assert "429" in str(target.facts[0].value)


def test_enter_on_a_bot_gives_its_index() -> None:
    assert target_of(sample_fleet(), Look(screen=ScreenName.FLEET, selected=2)) == 2
    assert target_of(sample_fleet(), Look(selected=1)) == 1


def test_enter_in_the_detail_opens_an_event_around_it() -> None:
    frame = sample_detail()
    assert frame.detail is not None
    assert target_of(frame, Look(screen=ScreenName.DETAIL, selected=2)) is frame.detail.events[-3]


def test_every_series_of_the_dashboard_can_be_opened() -> None:
    frame = sample_frame()
    found = [target_of(frame, Look(screen=ScreenName.DASHBOARD, selected=i)) for i in range(100)]
    series = {(p.panel.id, s.query, s.labels) for p in frame.panels for s in p.series}
    assert {(f.panel, f.query, f.labels) for f in found if isinstance(f, Focus)} == series


@pytest.mark.parametrize("pane", [p for p in PaneName if p is not PaneName.DASHBOARD])
def test_the_cursor_has_as_many_rows_as_there_are_targets(pane: PaneName) -> None:
    frame = sample_frame()
    count = selectable(frame, Look(focus=pane))
    assert count > 0
    assert target_of(frame, Look(focus=pane, selected=count)) is None
    assert target_of(frame, Look(focus=pane, selected=count - 1)) is not None or pane is PaneName.ERRORS


def test_nothing_is_selected_without_a_focus() -> None:
    assert selectable(sample_frame(), Look()) == 0
    assert target_of(sample_frame(), Look()) is None


def test_a_frame_without_data_has_nothing_to_open() -> None:
    empty = replace(sample_frame(), panels=(), limits=(), alerts=(), error_groups=())
    for pane in (PaneName.ALERTS, PaneName.LIMITS, PaneName.RATES, PaneName.ERRORS, PaneName.PNL):
        assert target_of(empty, Look(focus=pane)) is None


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
def test_tab_goes_through_every_pane_and_comes_back(size: tuple[int, int]) -> None:
    boxes = screen(sample_frame(), Look(), *size)
    first = after(boxes, None)
    seen = [first]
    while (pane := after(boxes, seen[-1])) is not first:
        seen.append(pane)
    assert len(seen) == len(set(seen)) == len(boxes) - 2
    assert after(boxes, first, -1) is seen[-1]


def test_sides_lead_to_the_pane_that_is_seen_there() -> None:
    boxes = screen(sample_frame(), Look(), 200, 55)
    assert towards(boxes, PaneName.PNL, Side.RIGHT) is PaneName.EQUITY
    assert towards(boxes, PaneName.EQUITY, Side.LEFT) is PaneName.PNL
    assert towards(boxes, PaneName.LIMITS, Side.UP) is PaneName.PNL
    assert towards(boxes, PaneName.CYCLE, Side.DOWN) is PaneName.EVENTS
    assert towards(boxes, PaneName.EVENTS, Side.LEFT) is PaneName.STRATEGIES
    assert towards(boxes, PaneName.ALERTS, Side.UP) is PaneName.ALERTS
    assert towards(boxes, None, Side.UP) is PaneName.ALERTS
