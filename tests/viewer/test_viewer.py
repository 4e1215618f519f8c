"""A frame is a function of what is recorded and of the view; a look back shows the same for ever."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.alert import AlertState, Rule
from tradetop.model.bot_event import EventClass, Fact
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.frame import Frame, RecorderFrame
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName, Query
from tradetop.model.panel_frame import SeriesFrame
from tradetop.model.unit import Unit
from tradetop.model.view import Focus, View
from tradetop.recorder.record import EVENTS
from tradetop.viewer.viewer import Viewer
from viewer.stage import DASHBOARD, EXPOSURE, LATENCY, LIVE, PNL, RULE, STEP, Stage, T


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    for i in range(6):
        made.scrape(i, exposure_pct=10.0 + i, pnl_usd=-5.0)
    return made


def series(frame: Frame, panel: str) -> SeriesFrame:
    found = frame.panel(panel)
    assert found is not None
    assert found.first is not None
    return found.first


def test_one_bot_is_shown_at_once_with_its_panes(stage: Stage) -> None:
    frame = stage.frame(5)
    assert (frame.bot, [b.name for b in frame.bots]) == (0, ["bot"])
    reading = series(frame, "exposure").reading
    assert (reading.value, reading.presence, reading.level, reading.t) == (15.0, Presence.LIVE, Level.OK, T + 5 * STEP)
    assert [p.panel.id for p in frame.pane(PaneName.LIMITS)] == ["exposure"]
    assert [(row.label, row.limit.value) for row in frame.limits] == [("Exposure", 20.0)]
    assert frame.recorder.path == "history.db"
    assert not frame.connecting


def test_a_rule_of_a_file_is_a_row_of_the_ladder_and_leads_to_its_series(stage: Stage) -> None:
    own = Rule("HalfFull", "exposure_pct > 14 and on () up == 1", 60_000, level=Level.CRITICAL, runbook="Look")
    stage.rules = (RULE, own, Rule("Same", "exposure_pct > 20"))
    frame = stage.frame(5)
    rows = [(row.label, row.reading.value, str(row.limit), row.crossed, row.panel.runbook) for row in frame.limits]
    assert rows == [("HalfFull", 15.0, "> 14", True, "Look"), ("Exposure", 15.0, "> 20", False, "")]
    panel = frame.limits[0].panel
    detail = stage.frame(5, replace(LIVE, focus=Focus(panel.id))).detail
    assert detail is not None
    assert (detail.series.reading.value, detail.panel.unit) == (15.0, Unit.PERCENT)


def test_a_panel_of_the_dashboards_screen_rests_until_that_is_looked_at() -> None:
    spread = replace(LATENCY, id="spread", queries=(Query("spread"),), pane=PaneName.DASHBOARD)
    limited = replace(EXPOSURE, id="limited", queries=(Query("spread"),), pane=PaneName.DASHBOARD)
    stage, partly = Stage(dashboard=replace(DASHBOARD, panels=(PNL, spread, limited))), replace(LIVE, whole=False)

    def seen(i: int, view: View) -> list[float | None]:
        stage.scrape(i, pnl_usd=float(i), spread=float(i))
        frame = stage.frame(i, view)
        return [series(frame, panel).reading.value for panel in ("pnl", "spread", "limited")]

    assert seen(0, LIVE) == [0, 0, 0]
    assert seen(1, partly) == [1, 0, 1]
    assert seen(2, partly) == [2, 0, 2]
    assert seen(3, LIVE) == [3, 3, 3]


def test_several_bots_are_all_shown_until_one_is_chosen(stage: Stage) -> None:
    other = Stage("other")
    other.scrape(0, exposure_pct=26.0)
    other.alert(0)
    viewer = Viewer(lambda: (stage.bot, other.bot))
    fleet = viewer.frame(View(), T + 5 * STEP)
    assert (fleet.bot, fleet.subject, fleet.panels) == (-1, None, ())
    assert [(b.name, b.firing) for b in fleet.bots] == [("bot", 0), ("other", 1)]
    assert [a.labels["job"] for a in fleet.alerts] == ["other"]
    assert fleet.bots[1].worst is not None
    assert fleet.bots[1].worst.reading.value == 26.0
    one = viewer.frame(View(bot=1), T + 5 * STEP)
    assert one.subject is not None
    assert (one.subject.name, series(one, "exposure").reading.value) == ("other", 26.0)
    assert viewer.frame(View(bot=9), T + 5 * STEP).bot == 1


def test_a_bot_that_appears_later_joins(stage: Stage) -> None:
    bots = [stage.bot]
    viewer = Viewer(lambda: bots)
    assert viewer.frame(View(), T).bot == 0
    bots.append(Stage("late").bot)
    assert [b.name for b in viewer.frame(View(), T).bots] == ["bot", "late"]


def test_before_the_first_answer_it_is_connecting() -> None:
    made = Stage()
    assert made.frame(0).connecting
    made.scrape(0, up=False)
    assert not made.frame(0).connecting


def test_without_bots_there_is_a_frame_all_the_same() -> None:
    frame = Viewer(lambda: ()).frame(View(), T)
    assert (frame.bots, frame.bot, frame.panels) == ((), -1, ())


def test_the_age_grows_while_nothing_new_lands(stage: Stage) -> None:
    assert [stage.top(i).age for i in (5, 6, 7)] == [0, STEP, 2 * STEP]
    assert [stage.top(i).stale for i in (5, 7, 8)] == [False, False, True]


def test_a_dead_bot_keeps_its_last_values_and_they_are_stale(stage: Stage) -> None:
    stage.scrape(6, up=False)
    frame = stage.frame(6)
    assert frame.subject is not None
    assert (frame.subject.up, frame.subject.stale, frame.subject.reason) == (False, True, "refused")
    reading = series(frame, "exposure").reading
    assert (reading.value, reading.presence) == (15.0, Presence.STALE)
    assert reading.t == T + 5 * STEP


def test_a_zero_that_work_would_move_was_never_set() -> None:
    made = Stage()
    for i in range(60):
        made.scrape(i, exposure_pct=0.0, pnl_usd=0.0)
    frame = made.frame(59)
    assert series(frame, "pnl").reading.presence is Presence.NEVER_SET
    assert series(frame, "exposure").reading.presence is Presence.LIVE
    made.scrape(60, exposure_pct=0.0, pnl_usd=4.0)
    assert series(made.frame(60), "pnl").reading.presence is Presence.LIVE
    made.scrape(61, exposure_pct=0.0, pnl_usd=0.0)
    zero = series(made.frame(61), "pnl").reading
    assert (zero.value, zero.presence) == (0.0, Presence.LIVE)


def test_what_nobody_recorded_is_told_apart_from_what_the_bot_never_had(stage: Stage) -> None:
    assert stage.frame(5).panel("latency") is not None
    absent = stage.frame(5).panel("latency")
    assert absent is not None
    assert absent.series == ()
    gap = stage.frame(500, View(at=T + 400 * STEP))
    found = gap.panel("exposure")
    assert found is not None
    assert [s.reading.presence for s in found.series] == [Presence.NOT_RECORDED]


def test_what_was_firing_when_the_data_stopped_is_kept_with_the_time(stage: Stage) -> None:
    stage.scrape(6, exposure_pct=21.0)
    stage.alert(6)
    assert [(a.state, a.last_seen) for a in stage.frame(6).alerts] == [(AlertState.FIRING, None)]
    stage.scrape(7, up=False)
    stage.alert(7, firing=False)
    frame = stage.frame(7)
    assert [(a.rule.name, a.last_seen) for a in frame.alerts] == [("Exposure", T + 6 * STEP)]
    assert frame.subject is not None
    assert frame.subject.firing == 0
    assert (stage.frame(6).rules_ok, frame.rules_ok) == (1, 1)


def test_rules_that_are_quiet_are_counted(stage: Stage) -> None:
    assert stage.frame(5).rules_ok == 1
    stage.scrape(6, exposure_pct=21.0)
    stage.alert(6)
    assert stage.frame(6).rules_ok == 0


def test_the_feed_is_cut_at_the_views_time_and_counts_the_last_hour(stage: Stage) -> None:
    for i in (1, 3, 5):
        stage.happen(i)
    assert [(e.t - T) // STEP for e in stage.frame(5).feed.events] == [1, 3, 5]
    assert [(e.t - T) // STEP for e in stage.frame(5, View(at=T + 3 * STEP)).feed.events] == [1, 3]
    assert (stage.frame(5).feed.per_hour, stage.frame(5 + HOUR // STEP - 1).feed.per_hour) == (3, 1)


def test_the_feed_of_all_bots_is_one_in_the_order_of_time(stage: Stage) -> None:
    other = Stage("other")
    for i, who in enumerate((stage, other, stage, other)):
        who.happen(i)
    feed = Viewer(lambda: (stage.bot, other.bot)).frame(View(), T + 9 * STEP).feed
    assert [e.bot for e in feed.events] == ["bot", "other", "bot", "other"]


def test_the_feed_keeps_the_newest() -> None:
    made = Stage()
    for i in range(EVENTS + 5):
        made.happen(i)
    events = made.frame(EVENTS + 5, View(folded=False)).feed.events
    assert len(events) == EVENTS
    assert events[-1].t == T + (EVENTS + 4) * STEP


def test_a_feed_without_database_is_marked_and_one_whose_database_is_gone_says_so(stage: Stage) -> None:
    assert stage.frame(5).feed.derived
    stage.record.say(database_reason="bots.db: no such file")
    feed = stage.frame(5).feed
    assert (feed.stale, feed.reason) == (True, "bots.db: no such file")


def test_errors_are_grouped_and_open_positions_paired(stage: Stage) -> None:
    for i in (1, 2):
        stage.happen(i, "error", EventClass.ERROR, Fact("message", "RPC timeout"))
    stage.happen(3, "trade_open", EventClass.OPEN, Fact("size", 2.0))
    frame = stage.frame(5)
    assert [(g.count, g.text) for g in frame.error_groups] == [(2, "RPC timeout")]
    assert len(frame.positions) == 1
    assert stage.frame(5, View(at=T + 2 * STEP)).positions == ()
    stage.happen(4, "trade_close", EventClass.CLOSE)
    assert stage.frame(5).positions == ()


def test_a_look_back_shows_the_bot_as_it_was(stage: Stage) -> None:
    stage.scrape(6, exposure_pct=22.0)
    stage.alert(6)
    for i in (7, 8):
        stage.scrape(i, up=False)
        stage.alert(i, firing=False)
    back = stage.frame(20, View(at=T + 3 * STEP))
    assert back.subject is not None
    assert (back.subject.up, back.subject.stale, back.subject.reason, back.subject.age) == (True, False, "", 0)
    assert series(back, "exposure").reading.value == 13.0
    assert series(back, "exposure").reading.presence is Presence.LIVE
    assert back.alerts == ()
    down = stage.frame(20, View(at=T + 7 * STEP))
    assert down.subject is not None
    assert (down.subject.up, down.subject.stale, down.subject.age) == (False, True, STEP)
    assert [a.last_seen for a in down.alerts] == [T + 6 * STEP]


Step = tuple[bool, float, float]
STEPS = st.lists(
    st.tuples(st.sampled_from([True, True, True, False]), st.floats(0, 40), st.floats(-1e6, 1e6)),
    min_size=4,
    max_size=24,
)


def live(steps: list[Step]) -> Iterator[Stage]:
    """A stage after each of its steps, its rules judged as a recorder would."""
    made = Stage()
    for i, (up, exposure, pnl) in enumerate(steps):
        made.scrape(i, up=up, exposure_pct=exposure, pnl_usd=pnl)
        made.alert(i, firing=up and exposure > 20)
        yield made


def seen(frame: Frame) -> object:
    """What a look back must always show: panels with their series, alerts, and whether the bot was up."""
    top = frame.subject
    assert top is not None

    def number(value: float | None) -> object:
        return "nan" if value is not None and math.isnan(value) else value

    panels = [
        (
            *(p.panel.id, p.level, p.error),
            [
                (s.labels, number(s.reading.value), s.reading.presence, s.reading.t, [*map(number, s.trend.values)])
                for s in p.series
            ],
        )
        for p in frame.panels
    ]
    alerts = [(a.rule.name, a.labels, a.state, number(a.value), a.active_at, a.last_seen) for a in frame.alerts]
    return panels, alerts, (top.up, top.stale, top.age)


@settings(max_examples=40, deadline=None)
@given(STEPS, st.integers(0, 23), st.sampled_from([0, 3_000]), st.booleans())
def test_a_frame_of_the_past_does_not_change_when_later_samples_arrive(
    steps: list[Step], step: int, beside: int, fresh: bool
) -> None:
    at = T + min(step, len(steps) - 2) * STEP + beside
    view = View(at=at, span=5 * MINUTE, points=12)
    before = None
    for i, stage in enumerate(live(steps)):
        if T + i * STEP > at:
            viewer = Viewer(lambda: (stage.bot,)) if fresh else stage.viewer  # noqa: B023 - used at once.
            found = seen(viewer.frame(view, T + i * STEP))
            if before is not None:
                assert found == before
            before = found
    assert before is not None


def test_a_bot_of_many_series_is_found_by_its_own_labels(stage: Stage) -> None:
    found = {Labels({"__name__": "latency_seconds_sum", "endpoint": e}): 0.0 for e in ("orders", "products")}
    for i in range(20):
        stage.record.store.append_scrape("latency", T + i * STEP, {k: float(i * 5) for k in found})
    stage.scrape(19, exposure_pct=1.0)
    panel = stage.frame(19).panel("latency")
    assert panel is not None
    assert [(s.legend, s.reading.value) for s in panel.series] == [("orders", 0.5), ("products", 0.5)]


def test_what_is_said_of_a_kept_history_is_a_note_and_no_fault() -> None:
    stage = Stage()
    stage.scrape(0, exposure_pct=1.0)
    kept = RecorderFrame(False, 7, "history.db", notices=("history: a damaged file was moved aside",))
    stage.bot = replace(stage.bot, recorder=lambda: kept)
    for bots in ((stage.bot,), (Stage("other").bot, stage.bot)):
        frame = Viewer(partial(tuple, bots)).frame(LIVE, T)
        assert frame.recorder.reason == ""
        assert frame.notices == kept.notices


def test_of_several_bots_every_notice_is_told_once() -> None:
    one, other = Stage("one"), Stage("other")
    broken, unsent = "1 rule cannot be evaluated: Both", "notify boss: 500 since 1 m"
    told = RecorderFrame(False, 7, "1.db", notices=(broken,)), RecorderFrame(False, 7, "2.db", notices=(unsent, broken))
    bots = replace(one.bot, recorder=lambda: told[0]), replace(other.bot, recorder=lambda: told[1])
    assert sorted(Viewer(lambda: bots).frame(LIVE, T).notices) == sorted([broken, unsent])


def test_of_several_histories_the_one_in_trouble_is_told() -> None:
    fine, full = Stage("fine"), Stage("full")
    trouble = RecorderFrame(False, 7, "history.db", "the disk is full")
    frame = Viewer(lambda: (fine.bot, replace(full.bot, recorder=lambda: trouble))).frame(LIVE, T)
    assert frame.recorder == trouble
