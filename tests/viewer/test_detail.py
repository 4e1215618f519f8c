"""The way down to one series: its figures, its lines on the page, and who uses it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.detail_frame import DetailFrame
from tradetop.model.labels import Labels
from tradetop.model.level import Presence
from tradetop.model.panel import Query
from tradetop.model.ports import Metadata
from tradetop.model.view import Focus, View
from tradetop.panes.about import lines
from tradetop.panes.look import Look
from tradetop.store.archive import Archive
from tradetop.store.file import HistoryWriter
from viewer.stage import EXPOSURE, STEP, Stage, T

PAGE = """# HELP exposure_pct Share of the account at risk.
# TYPE exposure_pct gauge
exposure_pct 24
# TYPE latency_seconds summary
latency_seconds_sum{endpoint="orders"} 12.5
latency_seconds_sum{endpoint="products"} 3
"""


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.record.page = PAGE
    made.record.store.set_metadata("exposure_pct", Metadata("gauge", "Share of the account at risk."))
    for i in range(31):
        made.scrape(i, exposure_pct=float(i % 25))
    return made


def detail(stage: Stage, focus: Focus, now: int = 30, at: int | None = None) -> DetailFrame:
    found = stage.frame(now, View(at=at, span=5 * MINUTE, focus=focus)).detail
    assert found is not None
    return found


def test_the_figures_are_those_of_the_window(stage: Stage) -> None:
    stats = detail(stage, Focus("exposure")).stats
    values = [float(i % 25) for i in range(31)]
    assert (stats.now, stats.minimum, stats.maximum, stats.samples) == (5.0, 0.0, 24.0, 31)
    assert stats.average == pytest.approx(sum(values) / 31)
    assert stats.p95 == pytest.approx(sorted(values)[28] * 0.5 + sorted(values)[29] * 0.5)
    # 21 to 24 lie beyond the warning, none beyond the critical threshold.
    assert [(t.value, ms) for t, ms in stats.above] == [(20.0, 4 * STEP), (25.0, 0)]


def test_what_is_doubtful_about_the_expression_is_said(stage: Stage) -> None:
    assert detail(stage, Focus("exposure")).notes == ()
    rate = replace(EXPOSURE, queries=(Query("rate(exposure_pct[1m])"),))
    stage.dashboard = replace(stage.dashboard, panels=(rate,))
    stage.record.revision += 1
    notes = detail(stage, Focus("exposure")).notes
    assert len(notes) == 1
    assert "might not be a counter" in notes[0]


def test_what_of_a_long_window_was_not_read_is_said(stage: Stage, tmp_path: Path) -> None:
    writer = HistoryWriter.open(tmp_path / "h.db", now=T)
    for i in range(0, 50 * HOUR, MINUTE // 4):
        writer.append_scrape("scrape", T - 50 * HOUR + i, {Labels({"__name__": "exposure_pct", "job": "bot"}): 1.0})
    writer.close()
    archive = Archive(tmp_path / "h.db", cells=1_000)
    stage.bot = replace(stage.bot, past=lambda: archive)
    stage.record.revision += 1
    long = View(span=7 * 24 * HOUR, focus=Focus("exposure"))
    of = stage.frame(30, long).detail
    assert of is not None
    assert of.notes == ("exposure_pct: one scrape of 600 s was read",)
    rows = lines(stage.frame(30, long), of, Look(), 60)
    assert any("note" in "".join(span.text for span in row) for row in rows)
    assert detail(stage, Focus("exposure")).notes == ()


def test_page_type_help_and_users_are_named(stage: Stage) -> None:
    found = detail(stage, Focus("exposure"))
    assert (found.expr, found.type, found.help) == ("exposure_pct", "gauge", "Share of the account at risk.")
    assert found.raw == ("exposure_pct 24",)
    assert found.used_by == ("Exposure",)
    assert [rule.name for rule in found.rules] == ["Exposure"]


def test_the_lines_are_those_of_the_series_alone(stage: Stage) -> None:
    both = {Labels({"__name__": "latency_seconds_sum", "endpoint": e}): 1.0 for e in ("orders", "products")}
    for i in range(31):
        stage.record.store.append_scrape("latency", T + i * STEP, {k: float(i) for k in both})
    stage.record.revision += 1
    found = detail(stage, Focus("latency", 0, Labels({"endpoint": "products"})))
    assert found.series.legend == "products"
    assert found.raw == ('latency_seconds_sum{endpoint="products"} 3',)
    assert found.expr == "rate(latency_seconds_sum[1m])"


def test_events_around_the_moment_are_with_it(stage: Stage) -> None:
    for i in (0, 10, 29):
        stage.happen(i)
    assert [(e.t - T) // STEP for e in detail(stage, Focus("exposure"), 31).events] == [10, 29]
    assert [(e.t - T) // STEP for e in detail(stage, Focus("exposure"), 31, T).events] == [0, 10, 29]


def test_a_dead_bots_series_is_still_there_to_be_looked_at(stage: Stage) -> None:
    stage.scrape(31, up=False)
    found = detail(stage, Focus("exposure"), 31)
    assert found.series.reading.value == 5.0
    assert found.stats.maximum == 24.0
    assert found.raw == ("exposure_pct 24",)


def test_a_series_that_never_was_is_absent_and_takes_no_other_ones_place(stage: Stage) -> None:
    found = detail(stage, Focus("exposure", 0, Labels({"endpoint": "gone"})))
    assert (found.series.reading.presence, found.series.reading.value) == (Presence.ABSENT, None)
    assert found.series.legend == "gone"
    assert found.stats.samples == 0


def test_a_series_that_went_before_the_window_says_what_it_was_last_and_when(stage: Stage) -> None:
    for i in range(31, 200):
        stage.scrape(i, pnl_usd=1.0)
    found = detail(stage, Focus("exposure", 0, Labels({"job": "bot", "__name__": "exposure_pct"})), 200)
    assert found.series.reading.presence is Presence.STALE
    assert found.series.reading.t is not None
    assert 0 <= found.series.reading.t - T <= 31 * STEP
    assert all(v != v for v in found.series.trend.values)


def test_a_panel_without_any_series_is_absent_and_one_that_is_not_there_has_no_detail(stage: Stage) -> None:
    assert detail(stage, Focus("pnl")).series.reading.presence is Presence.ABSENT
    assert stage.frame(30, View(focus=Focus("nothing"))).detail is None


def test_a_panel_that_cannot_be_evaluated_still_opens(stage: Stage) -> None:
    broken = replace(EXPOSURE, id="broken", queries=(Query("rate(exposure_pct)"),))
    stage.dashboard = replace(stage.dashboard, panels=(*stage.dashboard.panels, broken))
    stage.record.revision += 1
    frame = stage.frame(30, View(focus=Focus("broken")))
    assert frame.detail is not None
    assert frame.detail.stats.samples == 0
    panel = frame.panel("broken")
    assert panel is not None
    assert panel.error


def test_gaps_are_counted_and_told_apart_by_who_was_silent(stage: Stage) -> None:
    for i in range(31, 61):
        stage.scrape(i, pnl_usd=1.0)
    for i in range(61, 91):
        stage.scrape(i, up=False)
    for i in range(121, 151):
        stage.scrape(i, exposure_pct=5.0)
    found = stage.frame(150, View(span=25 * MINUTE, points=60, focus=Focus("exposure"))).detail
    assert found is not None
    assert found.stats.gaps >= 1
    assert found.stats.missing > 5 * MINUTE
    trend = found.series.trend
    assert len(found.reached) == len(trend.values)

    def at(i: int) -> float:
        return found.reached[round((T + i * STEP - trend.start) / trend.step)]

    assert at(45) == 1.0
    assert at(75) == 0.0
    assert at(115) != at(115)


def test_the_crosshair_asks_for_the_events_around_it(stage: Stage) -> None:
    for i in (0, 10, 60):
        stage.happen(i)
    found = detail(stage, Focus("exposure", at=T + 60 * STEP), 60)
    assert [(e.t - T) // STEP for e in found.events] == [60]
    assert found.around == T + 60 * STEP


def test_an_event_that_was_opened_stays_however_many_come_after_it(stage: Stage) -> None:
    stage.happen(1)
    view = View(event="bot trade 1")
    assert stage.frame(30, view).event is not None
    for i in range(2, 2_500):
        stage.happen(i, "signal")
    found = stage.frame(31, view).event
    assert found is not None
    assert found.id == "bot trade 1"
    assert stage.frame(31).event is None


def test_a_long_window_is_looked_at_in_steps_that_it_can_afford(stage: Stage) -> None:
    week = View(span=7 * 24 * 3_600 * SECOND, focus=Focus("exposure"))
    found = stage.frame(30, week).detail
    assert found is not None
    assert 0 < found.stats.samples <= 2_001
