"""What each state looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from panes.drawn import box, lines, said, spans
from panes.frames import NOW, sample_bot, sample_frame, series
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import PanelFrame, Reading
from tradetop.model.unit import Kind, Unit
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.theme.roles import Role

COLOURS = {Role.GAIN, Role.LOSS, Role.CRIT, Role.WARN, Role.OK, Role.BAR, Role.PRIMARY, Role.CHART_LO, Role.INFO}


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


def test_what_fires_on_a_dead_bot_and_what_is_pending_have_room_beside_it() -> None:
    dead = sample_frame(dead=True)
    pending = sample_frame().alerts[1]
    rows = said(box(replace(dead, alerts=(*dead.alerts, pending)), PaneName.ALERTS, 80, 24))
    for wanted in ("connection refused", "BotDown", "was firing RateLimitCritical", "HighExposure", "48s of 2m00s"):
        assert wanted in rows


def test_an_alert_says_its_condition_once_and_what_to_do() -> None:
    frame = sample_frame()
    rule = replace(frame.alerts[0].rule, expr='(max(a{b="c"}) * (2)) > 90', condition="> 90")
    bare = said(box(replace(frame, alerts=(replace(frame.alerts[0], rule=rule),)), PaneName.ALERTS))
    assert bare.count("> 90") == 1
    assert 'max(a{b="c"}) * (2)' in bare
    told = replace(rule, summary="Rate limit used > 90", runbook="slow down")
    rows = said(box(replace(frame, alerts=(replace(frame.alerts[0], rule=told),)), PaneName.ALERTS))
    assert "Rate limit used: slow down" in rows
    assert rows.count("> 90") == 1


def test_a_value_past_a_limit_stands_where_the_pane_that_names_it_shows_it() -> None:
    frame = sample_frame()
    ratio = frame.panel("selectivity")
    assert ratio is not None
    crossed = replace(ratio, series=(series(ratio.panel, 0.95),), level=Level.WARNING)
    panels = tuple(crossed if p is ratio else p for p in frame.panels)
    rows = said(box(replace(frame, panels=panels), PaneName.STRATEGIES)).splitlines()
    assert "▲ selectivity" in rows[0]
    assert any("selectivity" in row and "0.95" in row for row in rows[1:])


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


def test_what_a_page_says_instead_of_samples_can_be_read_in_full() -> None:
    words = "the page has no samples, it says: # Prometheus client not installed; install prometheus_client in the bot"
    bot = sample_bot(reason=words, up=True, firing=0, pending=0, critical=0)
    drawn = box(replace(sample_frame(quiet=True), bots=(bot,)), PaneName.ALERTS, 80, 24)
    assert " ".join(said(drawn).replace("▲ FAULT", "").split()).endswith(words)


def test_the_account_says_how_far_it_is_below_its_peak() -> None:
    frame = sample_frame()
    account = frame.panel("account_value")
    assert account is not None
    falling = series(account.panel, 52_305.75, lambda x: 52_408.0 - 204.5 * x)
    panels = tuple(replace(p, series=(falling,)) if p is account else p for p in frame.panels if p.panel.id != "peak")
    top = said(box(replace(frame, panels=panels), PaneName.EQUITY)).splitlines()[0]
    assert "52,305.75 USD · dd -0.20% · peak 52,408" in top


def test_a_preset_with_a_peak_of_its_own_says_the_way_down_from_it_too() -> None:
    top = said(box(sample_frame(), PaneName.EQUITY, 80, 24)).splitlines()[0]
    assert "52,305.75 USD · dd " in top
    assert "peak 52,408" in said(box(sample_frame(), PaneName.EQUITY)).splitlines()[0]


def test_before_any_data_a_pane_asks_for_no_other_source() -> None:
    bot = sample_bot(up=False, stale=True, age=None, series=0, reason="connection refused: is the bot running?")
    blank = replace(sample_frame(), bots=(bot,), panels=(), limits=(), positions=(), error_groups=(), alerts=())
    for pane in (PaneName.PNL, PaneName.EQUITY, PaneName.RATES, PaneName.STRATEGIES):
        drawn = said(box(blank, pane))
        assert "nothing received yet" in drawn
        assert "needs" not in drawn
    page = replace(blank, bots=(replace(bot, up=True, stale=False, age=2_000),))
    assert "no samples on the page" in said(box(page, PaneName.EQUITY))
