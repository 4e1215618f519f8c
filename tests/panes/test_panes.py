"""The panes: what their rows say, which columns they have, and where the cursor is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.drawn import box, lines, said, spans
from panes.frames import sample_detail, sample_fleet, sample_frame
from tradetop.model.bot_event import Fact
from tradetop.model.panel import PaneName
from tradetop.model.unit import Unit
from tradetop.panes.layout import screen
from tradetop.panes.look import Look, ScreenName
from tradetop.theme.roles import Role


def test_trades_are_green_signals_yellow_and_errors_red() -> None:
    roles = {s.text.split()[1]: s.role for s in spans(box(sample_frame(), PaneName.EVENTS)) if len(s.text.split()) == 2}
    assert roles["signal"] is Role.SIGNAL
    assert roles["open"] is Role.OPEN
    assert roles["error"] is Role.ERROR


def test_a_derived_feed_is_marked() -> None:
    assert "derived from metrics" in said(box(sample_frame(derived=True), PaneName.EVENTS))
    assert "derived" not in said(box(sample_frame(), PaneName.EVENTS))


def test_only_columns_with_a_source_are_drawn() -> None:
    frame = sample_frame()
    table = next(p for p in frame.panels if p.panel.id == "by_strategy")
    only = replace(table, series=tuple(s for s in table.series if s.query != 2))
    text = said(box(replace(frame, panels=(only,), positions=()), PaneName.STRATEGIES))
    assert "WIN" not in text
    assert "POSITION" not in text
    assert "P&L" in text


def test_time_to_breach_has_a_column_where_a_row_has_one() -> None:
    assert "~9m" in said(box(sample_frame(), PaneName.LIMITS))
    without = replace(sample_frame(), limits=tuple(replace(x, eta=None) for x in sample_frame().limits))
    assert "~" not in said(box(without, PaneName.LIMITS))


def test_focus_shows_in_the_title_and_brings_the_panes_keys() -> None:
    drawn = box(sample_frame(quiet=True), PaneName.EVENTS, focus=PaneName.EVENTS)
    assert next(s for s in spans(drawn) if s.text == "Events").reverse
    assert "filter" in said(drawn).splitlines()[-1]
    assert "filter" not in said(box(sample_frame(quiet=True), PaneName.EVENTS))


def test_the_cursor_is_visible_and_follows_the_newest_event() -> None:
    drawn = box(sample_frame(), PaneName.EVENTS, focus=PaneName.EVENTS, selected=0)
    lit = [row for row in drawn.rows if any(s.back is Role.SELECTION for s in row)]
    assert len(lit) == 1
    assert "12:03:20" in "".join(s.text for s in lit[0])


@pytest.mark.parametrize("selected", [0, 5, 11, 12, 20, 35])
def test_the_selected_event_is_always_on_the_screen(selected: int) -> None:
    frame = sample_frame()
    drawn = box(frame, PaneName.EVENTS, focus=PaneName.EVENTS, selected=selected)
    assert sum(any(s.back is Role.SELECTION for s in row) for row in drawn.rows) == 1


@pytest.mark.parametrize("selected", range(8))
def test_the_selected_limit_is_always_on_the_screen(selected: int) -> None:
    drawn = box(sample_frame(), PaneName.LIMITS, 80, 24, focus=PaneName.LIMITS, selected=selected)
    assert sum(any(s.back is Role.SELECTION for s in row) for row in drawn.rows) == 1


def test_all_bots_are_rows_with_what_matters() -> None:
    text = lines(sample_fleet(), screen=ScreenName.FLEET, selected=2)
    for word in ("247trader-v2", "PAPER", "DOWN", "MODE ?", "0 never set", "sniper-sol: refused: is it running?"):
        assert word in text
    assert "sniper-sol" in lines(sample_fleet(), screen=ScreenName.OVERVIEW)


def test_the_way_down_shows_everything_known_of_a_series() -> None:
    text = lines(sample_detail(), screen=ScreenName.DETAIL)
    for word in (
        'trader_rate_limiter_utilization_pct{endpoint="products"} 91.4',
        "Rate limiter utilization percentage by endpoint",
        "max by (endpoint)",
        "used by  Rate limiter utilisation",
        "✖ RateLimitCritical firing 2m10s",
        "● RateLimitWarning ok",
        "90 C",
        "80 W",
        "p95",
        "above 90",
        "2m10s",
        "429 Too Many Requests",
    ):
        assert word in text


def test_an_event_shows_its_json_in_lines() -> None:
    text = lines(sample_frame(), screen=ScreenName.EVENT, selected=0)
    assert '"event_type": "signal",' in text
    assert '"score": 0.61,' in text
    derived = lines(sample_frame(derived=True), screen=ScreenName.EVENT, selected=0)
    assert "no JSON: this event was worked out from metrics" in derived


def test_categories_and_groups_of_errors_share_six_rows() -> None:
    drawn = said(box(sample_frame(), PaneName.ERRORS))
    for wanted in ("connection", "execution", "validation", "×14", "×3", "×1"):
        assert wanted in drawn


def test_an_event_says_its_mode_only_where_it_is_not_the_bots() -> None:
    frame = sample_frame(quiet=True, paper=True)
    last = frame.feed.events[-1]

    def with_mode(mode: str) -> str:
        event = replace(last, facts=(*last.facts, Fact("mode", mode)))
        return said(box(replace(frame, feed=replace(frame.feed, events=(event,))), PaneName.EVENTS, 200, 55))

    assert "mode" not in with_mode("paper")
    assert "mode live" in with_mode("live")


@pytest.mark.parametrize("value", [-266.0, -123_456.0, 3.0])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_no_value_starves_the_bars_of_the_limits(size: tuple[int, int], value: float) -> None:
    frame = sample_frame()
    first = frame.limits[0]
    huge = replace(first, label="account change per minute", reading=replace(first.reading, value=value, unit=Unit.USD))
    drawn = said(box(replace(frame, limits=(huge, *frame.limits[1:])), PaneName.LIMITS, *size))
    rows = [row for row in drawn.splitlines() if "■" in row]
    assert len({row.index("■") for row in rows}) == 1
    assert all(row.count("■") >= 9 for row in rows)


def test_money_held_stands_before_what_is_only_counted() -> None:
    drawn = said(box(sample_frame(), PaneName.STRATEGIES))
    assert drawn.index("total") < drawn.index("POSITION")
    assert "triggers" not in drawn or drawn.index("POSITION") < drawn.index("triggers")


@pytest.mark.parametrize("height", range(36, 46))
def test_no_position_is_dropped_for_a_heading(height: int) -> None:
    drawn = said(box(sample_frame(), PaneName.STRATEGIES, 120, height)).splitlines()
    last = next(row for row in reversed(drawn[:-1]) if row.strip("│ "))
    assert not any(word in last for word in ("STRATEGY", "POSITION", "SYMBOL"))
    if height >= 40:
        assert "SOL-USD" in "\n".join(drawn)


def test_a_bar_that_ends_at_its_threshold_still_shows_the_zone() -> None:
    frame = sample_frame(quiet=True)
    ends = tuple(replace(x, scale_max=max(t.value for t in x.panel.thresholds)) for x in frame.limits)
    drawn = box(replace(frame, limits=ends), PaneName.LIMITS)
    zones = [s for row in drawn.rows for s in row if s.role is Role.CRIT_DIM]
    assert zones
    assert all(len(s.text) >= 2 for s in zones)


def test_a_series_is_seen_beside_the_others_of_its_panel() -> None:
    found = screen(sample_detail(), Look(screen=ScreenName.DETAIL), 120, 40)
    stats = said(next(b for b in found if b.id == "stats"))
    assert "candles" in stats
    assert "71.9%" in stats


def test_what_a_position_is_worth_is_no_gain() -> None:
    frame = sample_frame()
    table = next(p for p in frame.panels if p.panel.id == "by_strategy")
    queries = (*table.panel.queries[:3], replace(table.panel.queries[3], column="VALUE"))
    worth = replace(table, panel=replace(table.panel, queries=queries))
    drawn = box(replace(frame, panels=(worth,), positions=()), PaneName.STRATEGIES)
    assert "812.40" in said(drawn)
    assert "+812.40" not in said(drawn)
    assert Role.GAIN not in {s.role for row in drawn.rows[2:8] for s in row if "812" in s.text}
