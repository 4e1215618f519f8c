from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from panes.frames import BROKEN, NOW, sample_bot, sample_detail, sample_fleet, sample_frame, series
from tradetop.model.alert import AlertState
from tradetop.model.bot_event import EventClass, Fact
from tradetop.model.clock import MINUTE
from tradetop.model.frame import Frame, PanelFrame, Reading
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName
from tradetop.model.target import Health, HealthState, Mode
from tradetop.model.unit import Kind, Unit
from tradetop.model.view import View
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

COLOURS = {Role.GAIN, Role.LOSS, Role.CRIT, Role.WARN, Role.OK, Role.BAR, Role.PRIMARY, Role.CHART_LO, Role.INFO}


def lines(frame: Frame, width: int = 120, height: int = 40, **look: object) -> str:
    return as_text(screen(frame, Look(**look), width, height), width, height)


def box(frame: Frame, pane: PaneName, width: int = 120, height: int = 40, **look: object) -> Box:
    found = screen(frame, Look(**look), width, height)
    return next(b for b in found if b.id == pane.value)


def said(of: Box) -> str:
    return "\n".join("".join(s.text for s in row) for row in of.rows)


def spans(of: Box) -> list[Span]:
    return [s for row in of.rows for s in row]


def test_a_dead_bot_is_dimmed_with_the_age_of_its_data_and_keeps_its_last_values() -> None:
    frame = sample_frame(dead=True)
    for pane in (PaneName.PNL, PaneName.EQUITY, PaneName.LIMITS, PaneName.RATES, PaneName.STRATEGIES):
        drawn = box(frame, pane)
        assert "no data 34s" in said(drawn)
        inside = [s for row in drawn.rows[1:-1] for s in row[2:-2]]
        assert not [s for s in inside if s.role in COLOURS]
        assert "╎" in said(drawn)
    assert "91%" in said(box(frame, PaneName.RATES))


def test_the_feed_outlives_the_bot_unless_its_own_source_is_gone() -> None:
    frame = sample_frame(dead=True)
    assert "no data" not in said(box(frame, PaneName.EVENTS))
    gone = replace(frame, feed=replace(frame.feed, stale=True, reason="database is locked"))
    assert "database is locked" in said(box(gone, PaneName.EVENTS))
    assert not [s for s in spans(box(gone, PaneName.EVENTS))[8:-4] if s.role in {Role.GAIN, Role.SIGNAL}]


def test_a_dead_bot_says_what_is_wrong_and_what_was_firing() -> None:
    text = said(box(sample_frame(dead=True), PaneName.ALERTS))
    assert "connection refused at 127.0.0.1:8000: is the bot running?" in text
    assert "was firing RateLimitCritical" in text
    assert "no data 34s" in text


def test_a_dead_bot_is_never_called_quiet() -> None:
    frame = replace(sample_frame(dead=True), alerts=(), notices=())
    frame = replace(frame, bots=(replace(frame.bots[0], reason=""),))
    assert "quiet" not in lines(frame)
    assert "limits cannot be judged" in lines(frame)


def test_quiet_says_how_many_limits_are_watched() -> None:
    assert "● all quiet, 8 limits ok" in lines(sample_frame(quiet=True))
    assert "no limits are watched" in lines(replace(sample_frame(quiet=True), rules_ok=0))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
def test_never_set_looks_different_from_a_real_zero(size: tuple[int, int]) -> None:
    never = said(box(sample_frame(never_set=True), PaneName.PNL, *size))
    assert "0 never set" in never
    frame = sample_frame()
    head = frame.panels[0]
    real = replace(head, series=(series(head.panel, 0.0),))
    zero = said(box(replace(frame, panels=(real, *frame.panels[1:])), PaneName.PNL, *size))
    assert "never set" not in zero
    assert zero != never


def test_an_unmoved_zero_says_since_when() -> None:
    frame = sample_frame()
    head = frame.panels[0]
    assert head.first is not None
    reading = Reading(0.0, Unit.USD, Kind.MONEY, Presence.LIVE, unmoved_since=NOW - 3_600_000)
    still = replace(head, series=(replace(head.first, reading=reading),))
    assert "unmoved since 11:03" in said(box(replace(frame, panels=(still,)), PaneName.PNL, 80, 24))


def test_a_pane_without_a_source_says_what_it_needs() -> None:
    frame = replace(sample_frame(), panels=(), limits=(), positions=(), error_groups=())
    text = lines(frame)
    assert "needs a metric of profit and loss" in text
    assert "needs a rate limiter's utilisation" in text


def test_a_panels_own_words_for_its_source_win() -> None:
    frame = sample_frame()
    head = replace(frame.panels[0], panel=replace(frame.panels[0].panel, needs="trader_daily_pnl_usd"), series=())
    assert "needs trader_daily_pnl_usd" in said(box(replace(frame, panels=(head,)), PaneName.PNL))


def test_a_crossed_threshold_makes_the_frame_heavy_and_names_the_value() -> None:
    drawn = said(box(sample_frame(), PaneName.RATES))
    assert drawn.startswith("┏━")
    assert "✖ 91%" in drawn
    assert said(box(sample_frame(quiet=True), PaneName.RATES)).startswith("╭─")


def test_a_warning_that_does_not_fire_yet_keeps_the_frame_thin() -> None:
    frame = sample_frame(quiet=True)
    exposure = next(p for p in sample_frame().panels if p.panel.id == "exposure")
    limits = tuple(x for x in sample_frame().limits if x.panel.id == "exposure")
    frame = replace(frame, panels=(*frame.panels, exposure), limits=limits)
    drawn = box(frame, PaneName.LIMITS)
    assert said(drawn).startswith("╭─")
    assert "▲ exposure" in said(drawn)
    assert spans(drawn)[0].role is Role.WARN


def test_changing_one_value_changes_only_its_pane() -> None:
    frame = sample_frame()
    index = next(i for i, p in enumerate(frame.panels) if p.panel.id == "cycle")
    other = replace(frame.panels[index], series=(series(frame.panels[index].panel, 17.9),))
    changed = replace(frame, panels=(*frame.panels[:index], other, *frame.panels[index + 1 :]))
    before = {b.id: b for b in screen(frame, Look(), 200, 55)}
    after = {b.id: b for b in screen(changed, Look(), 200, 55)}
    assert [name for name in before if before[name] != after[name]] == ["cycle"]


def test_colour_is_never_the_only_sign() -> None:
    def glyphs(frame: Frame) -> str:
        return said(box(frame, PaneName.EVENTS))

    for sign, word in (("◇", "signal"), ("✖", "error"), ("○", "risk"), ("▷", "open"), ("◀", "close")):
        assert f"{sign} {word}" in glyphs(sample_frame())


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


@pytest.mark.parametrize(
    ("mode", "badge"), [(Mode.LIVE, " LIVE "), (Mode.PAPER, " PAPER "), (Mode.UNKNOWN, " MODE ? ")]
)
def test_the_mode_is_a_badge_and_unknown_when_nothing_says_it(mode: Mode, badge: str) -> None:
    frame = replace(sample_frame(), bots=(sample_bot(mode=mode),))
    header = next(b for b in screen(frame, Look(), 80, 24) if b.id == "header")
    found = next(s for s in spans(header) if s.text == badge)
    assert found.reverse
    assert found.role is not Role.CRIT


def test_unknown_health_is_grey_and_never_red() -> None:
    unknown = (Health("health", HealthState.UNKNOWN),)
    for healths in ((), unknown):
        frame = replace(sample_frame(quiet=True), bots=(sample_bot(healths=healths, firing=0, pending=0, critical=0),))
        header = next(b for b in screen(frame, Look(), 120, 40) if b.id == "header")
        assert "○ health" in said(header)
        assert Role.CRIT not in {s.role for s in spans(header) if "■" not in s.text}


def test_restarts_pause_and_replay_are_in_the_header() -> None:
    frame = replace(sample_frame(), bots=(sample_bot(restarts=3),))
    assert "↻3" in lines(frame).splitlines()[0]
    assert "PAUSED" in lines(frame, paused=True).splitlines()[0]
    assert "REPLAY 12:03:27" in lines(replace(frame, view=View(at=NOW, bot=0))).splitlines()[0]


def test_the_hour_strip_has_a_cell_for_each_hour_with_its_worst() -> None:
    assert "■▲■✖····" in lines(sample_frame(), mono=True).splitlines()[0]
    header = next(b for b in screen(sample_frame(), Look(), 200, 55) if b.id == "header")
    assert [len(s.text) for s in spans(header) if s.role is Role.TRACK] == [40]


def test_who_keeps_the_history_is_said() -> None:
    frame = sample_frame()
    attached = replace(frame, recorder=replace(frame.recorder, attached=True, pid=42))
    assert " rec " in lines(frame).splitlines()[0]
    assert "attached" in lines(attached).splitlines()[0]
    broken = replace(frame, recorder=replace(frame.recorder, reason="disk full: /var/lib/tradetop"))
    assert "not kept" in lines(broken).splitlines()[0]
    assert "disk full" in lines(broken, 120, 44)


def test_unreadable_lines_are_named() -> None:
    bot = sample_bot(page_errors=(BROKEN,), page_error_count=3)
    text = lines(replace(sample_frame(quiet=True), bots=(bot,)))
    assert "3 unreadable lines in the page: line 7: label set is not closed" in text


def test_more_alerts_than_rows_are_counted() -> None:
    frame = sample_frame()
    many = tuple(replace(frame.alerts[0], value=float(i)) for i in range(9))
    assert "+7 more" in lines(replace(frame, alerts=many), 80, 24)


def test_a_pending_alert_shows_how_far_its_hold_has_come() -> None:
    assert "48s of 2m00s" in lines(sample_frame())
    pending = [a for a in sample_frame().alerts if a.state is AlertState.PENDING]
    assert pending


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


def test_a_loss_is_no_alarm() -> None:
    frame = sample_frame(quiet=True)
    head = frame.panels[0]
    losing = replace(frame, panels=(replace(head, series=(series(head.panel, -80.0),)), *frame.panels[1:]))
    drawn = box(losing, PaneName.PNL)
    assert Role.CRIT not in {s.role for s in spans(drawn)}
    assert Role.LOSS in {s.role for s in spans(drawn)}
    assert said(drawn).startswith("╭─")


def test_levels_reach_the_title_of_the_pane_that_owns_the_panel() -> None:
    def crossed(name: str, level: Level) -> Callable[[Frame], Frame]:
        def change(frame: Frame) -> Frame:
            return replace(
                frame, panels=tuple(replace(p, level=level) if p.panel.id == name else p for p in frame.panels)
            )

        return change

    quiet = sample_frame(quiet=True)
    for name, pane in (("cycle", PaneName.CYCLE), ("errors", PaneName.ERRORS), ("selectivity", PaneName.STRATEGIES)):
        drawn = box(crossed(name, Level.CRITICAL)(quiet), pane, 200, 55)
        assert said(drawn).startswith("┏━"), name


def _gone(frame: Frame, panel_id: str) -> Frame:
    """The frame with one panel's series gone for 34 seconds, while the bot lives on."""

    def age(panel: PanelFrame) -> PanelFrame:
        reading = {"presence": Presence.STALE, "t": NOW - 34_000}
        aged = tuple(replace(s, reading=replace(s.reading, **reading)) for s in panel.series)
        return replace(panel, series=aged)

    return replace(frame, panels=tuple(age(p) if p.panel.id == panel_id else p for p in frame.panels))


def test_one_series_that_has_gone_says_so_in_its_own_row() -> None:
    text = said(box(_gone(sample_frame(), "cycle"), PaneName.CYCLE, 200, 55))
    row = next(line for line in text.splitlines() if "cycle p95" in line)
    assert "14.3" in row
    assert "no data 34s" in row
    assert "no data" not in next(line for line in text.splitlines() if "182" in line)


def test_a_pane_whose_main_series_has_gone_is_stale_as_a_whole() -> None:
    frame = _gone(_gone(sample_frame(), "account_value"), "daily_pnl")
    for pane in (PaneName.EQUITY, PaneName.PNL):
        assert "no data 34s" in said(box(frame, pane)).splitlines()[0]
    assert "no data" not in said(box(frame, PaneName.RATES))


def test_what_a_position_is_worth_is_no_gain() -> None:
    frame = sample_frame()
    table = next(p for p in frame.panels if p.panel.id == "by_strategy")
    queries = (*table.panel.queries[:3], replace(table.panel.queries[3], column="VALUE"))
    worth = replace(table, panel=replace(table.panel, queries=queries))
    drawn = box(replace(frame, panels=(worth,), positions=()), PaneName.STRATEGIES)
    assert "812.40" in said(drawn)
    assert "+812.40" not in said(drawn)
    assert Role.GAIN not in {s.role for row in drawn.rows[2:8] for s in row if "812" in s.text}


def test_what_a_page_says_instead_of_samples_can_be_read_in_full() -> None:
    words = "the page has no samples, it says: # Prometheus client not installed; install prometheus_client in the bot"
    bot = sample_bot(reason=words, up=True, firing=0, pending=0, critical=0)
    drawn = box(replace(sample_frame(quiet=True), bots=(bot,)), PaneName.ALERTS, 80, 24)
    assert " ".join(said(drawn).replace("▲ FAULT", "").split()).endswith(words)


def test_the_zone_of_the_times_and_the_hours_stay_in_the_header_of_a_normal_terminal() -> None:
    top = lines(sample_frame(), 120, 40).splitlines()[0]
    for kept in ("tradetop 247trader-v2", "LIVE", "● live ● ready", "scrape 0.8s", "24h", "✖1 ◔1", "12:03:27 UTC"):
        assert kept in top
    assert top.count("■") == 24


def test_a_third_healthy_endpoint_needs_no_room_and_a_sick_one_is_shown() -> None:
    frame = sample_frame(quiet=True)
    healths = frame.bots[0].healths
    well = replace(frame.bots[0], healths=(*healths, Health("health", HealthState.HEALTHY)))
    sick = replace(frame.bots[0], healths=(*healths, Health("health", HealthState.DEGRADED)))
    assert "health" not in lines(replace(frame, bots=(well,))).splitlines()[0]
    assert "▲ health" in lines(replace(frame, bots=(sick,))).splitlines()[0]


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
    assert all(row.count("■") >= 12 for row in rows)


def test_money_held_stands_before_what_is_only_counted() -> None:
    drawn = said(box(sample_frame(), PaneName.STRATEGIES))
    assert drawn.index("total") < drawn.index("POSITION")
    assert "triggers" not in drawn or drawn.index("POSITION") < drawn.index("triggers")


def test_the_account_says_how_far_it_is_below_its_peak() -> None:
    frame = sample_frame()
    account = frame.panel("account_value")
    assert account is not None
    falling = series(account.panel, 52_305.75, lambda x: 52_408.0 - 204.5 * x)
    panels = tuple(replace(p, series=(falling,)) if p is account else p for p in frame.panels if p.panel.id != "peak")
    top = said(box(replace(frame, panels=panels), PaneName.EQUITY)).splitlines()[0]
    assert "52,305.75 USD · peak 52,408 · dd -0.20%" in top


def test_before_any_data_a_pane_asks_for_no_other_source() -> None:
    bot = sample_bot(up=False, stale=True, age=None, series=0, reason="connection refused: is the bot running?")
    blank = replace(sample_frame(), bots=(bot,), panels=(), limits=(), positions=(), error_groups=(), alerts=())
    for pane in (PaneName.PNL, PaneName.EQUITY, PaneName.RATES, PaneName.STRATEGIES):
        drawn = said(box(blank, pane))
        assert "nothing received yet" in drawn
        assert "needs" not in drawn
    page = replace(blank, bots=(replace(bot, up=True, stale=False, age=2_000),))
    assert "no samples on the page" in said(box(page, PaneName.EQUITY))


def test_every_bot_that_is_down_says_why() -> None:
    frame = sample_fleet()
    bots = tuple(replace(b, up=False, reason=f"reason {i}") for i, b in enumerate(frame.bots))
    text = lines(replace(frame, bots=bots), screen=ScreenName.FLEET)
    for index, bot in enumerate(bots):
        assert f"{bot.name}: reason {index}" in text


def test_what_is_past_a_limit_is_never_called_quiet() -> None:
    frame = replace(sample_frame(), alerts=())
    drawn = said(box(frame, PaneName.ALERTS))
    assert "all quiet" not in drawn
    assert "products is past a limit" in drawn


def test_a_bar_that_ends_at_its_threshold_still_shows_the_zone() -> None:
    frame = sample_frame(quiet=True)
    ends = tuple(replace(x, scale_max=max(t.value for t in x.panel.thresholds)) for x in frame.limits)
    drawn = box(replace(frame, limits=ends), PaneName.LIMITS)
    zones = [s for row in drawn.rows for s in row if s.role is Role.CRIT_DIM]
    assert zones
    assert all(len(s.text) >= 2 for s in zones)


def test_quiet_says_which_alert_was_the_last_to_end() -> None:
    frame = sample_frame(quiet=True)
    facts = (Fact("alert", "RateLimitCritical"), Fact("state", "resolved"))
    over = replace(frame.feed.events[-1], cls=EventClass.ALERT, level=Level.OK, t=NOW - 41 * MINUTE, facts=facts)
    drawn = said(box(replace(frame, feed=replace(frame.feed, events=(over, *frame.feed.events))), PaneName.ALERTS))
    assert "last alert RateLimitCritical ended 41m ago" in drawn


def test_a_series_is_seen_beside_the_others_of_its_panel() -> None:
    found = screen(sample_detail(), Look(screen=ScreenName.DETAIL), 120, 40)
    stats = said(next(b for b in found if b.id == "stats"))
    assert "candles" in stats
    assert "71.9%" in stats


def test_a_small_header_still_says_that_another_process_records() -> None:
    frame = sample_frame(quiet=True)
    attached = replace(frame, recorder=replace(frame.recorder, attached=True, pid=42))
    assert "reads" in lines(attached, 80, 24).splitlines()[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_alerts_of_one_rule_are_told_apart_by_their_labels(size: tuple[int, int]) -> None:
    frame = sample_frame()
    first = frame.alerts[0]
    other = replace(first, labels=Labels({"endpoint": "candles"}))
    rows = said(box(replace(frame, alerts=(first, other)), PaneName.ALERTS, *size))
    assert "products" in rows
    assert "candles" in rows
    alone = said(box(replace(frame, alerts=(other,)), PaneName.ALERTS, *size))
    assert "candles" not in alone


def test_a_bot_that_has_not_answered_yet_is_neither_quiet_nor_well() -> None:
    bot = sample_bot(up=None, age=None, series=0, healths=(), firing=0, pending=0, critical=0)
    frame = replace(sample_frame(quiet=True), bots=(bot,), panels=(), limits=())
    for text in (lines(frame, 80, 24), lines(replace(frame, connecting=True), 80, 24)):
        assert "connecting to http://127.0.0.1:8000/metrics" in text
        assert "quiet" not in text
        assert "● ok" not in text


def test_a_long_fault_takes_one_line_where_alerts_need_the_other() -> None:
    words = "health degraded: rate limit of candles at 97%; drawdown 8.4% is close to the limit of 10%"
    bot = sample_bot(reason=words)
    drawn = said(box(replace(sample_frame(), bots=(bot,)), PaneName.ALERTS, 80, 24)).splitlines()
    assert "RateLimitCritical" in drawn[1]
    assert drawn[2].rstrip().endswith("…")


@pytest.mark.parametrize("height", range(36, 46))
def test_no_position_is_dropped_for_a_heading(height: int) -> None:
    drawn = said(box(sample_frame(), PaneName.STRATEGIES, 120, height)).splitlines()
    last = next(row for row in reversed(drawn[:-1]) if row.strip("│ "))
    assert not any(word in last for word in ("STRATEGY", "POSITION", "SYMBOL"))
    if height >= 40:
        assert "SOL-USD" in "\n".join(drawn)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_what_concerns_no_single_bot_is_said_beside_all_bots_too(size: tuple[int, int]) -> None:
    frame = replace(sample_fleet(), notices=("tradetop has stopped watching: q quits",))
    assert "tradetop has stopped watching: q quits" in as_text(screen(frame, Look(), *size), *size)
