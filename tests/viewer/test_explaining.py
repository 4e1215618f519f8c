"""Explanations of a bot's alerts: which one, as of when, against what, and what happened around it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.detail_frame import ExplainFrame
from tradetop.model.explanation import Lack
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.mark import Mark
from tradetop.model.panel import Side, Threshold
from tradetop.model.unit import Kind, Unit
from tradetop.model.view import AlertFocus, View
from tradetop.panes.explain import explain_screen
from tradetop.panes.look import Look, ScreenName
from viewer.stage import RULE, STEP, Stage, T

BY_NAME = AlertFocus((RULE.name,), "exposure")
BY_PANEL = AlertFocus((), "exposure")


@pytest.fixture
def stage() -> Stage:
    """Exposure climbs by one with every scrape; beyond 20 it fires."""
    made = Stage()
    for i in range(31):
        made.scrape(i, exposure_pct=float(i))
        made.alert(i, firing=i > 20)
    return made


def explained(stage: Stage, focus: AlertFocus = BY_NAME, now: int = 30, at: int | None = None) -> ExplainFrame:
    found = stage.frame(now, View(at=at, span=5 * MINUTE, alert=focus)).explained
    assert found is not None
    return found


def with_rules(stage: Stage, *rules: Rule) -> None:
    stage.bot = replace(stage.bot, rules=lambda: rules)
    stage.record.revision += 1


def test_an_alert_has_its_state_its_value_and_its_limit(stage: Stage) -> None:
    of = explained(stage)
    assert of.alert is not None
    assert (of.rule.name, of.alert.state, of.alert.active_at) == ("Exposure", AlertState.FIRING, T + 30 * STEP)
    assert of.judged is not None
    assert (of.judged.value, of.judged.unit, of.judged.kind) == (30.0, Unit.PERCENT, Kind.PERCENT)
    assert (of.judged.level, of.judged.presence) == (Level.WARNING, Presence.LIVE)
    assert of.limit == Threshold(20.0, Level.WARNING, Side.ABOVE)


def test_the_tree_has_every_part_in_the_panels_unit_against_the_limit(stage: Stage) -> None:
    tree = explained(stage).tree
    assert tree is not None
    assert [(p.text, p.unit, p.against is not None) for p in tree.walk()] == [
        ("exposure_pct > 20", Unit.PERCENT, False),
        ("exposure_pct", Unit.PERCENT, True),
    ]
    assert tree.parts[0].elements[0].t == T + 30 * STEP


def test_the_chart_is_of_the_value_that_is_judged_and_ends_with_it(stage: Stage) -> None:
    of = explained(stage)
    assert of.of == "exposure_pct"
    assert of.trend is not None
    there = [value for value in of.trend.values if value == value]
    assert there[-1] == 30.0
    assert there == sorted(there)
    assert len(there) > 20


def test_what_the_evaluator_has_to_say_of_the_expression_stands_beside_it(stage: Stage) -> None:
    assert explained(stage).notes == ()
    with_rules(stage, replace(RULE, expr="rate(exposure_pct[1m]) > 0"))
    notes = explained(stage).notes
    assert len(notes) == 1
    assert "might not be a counter" in notes[0]
    assert "1:6" in notes[0]
    rows = explain_screen(stage.frame(30, View(alert=BY_NAME)), Look(screen=ScreenName.EXPLAIN), 80, 22)
    said = "\n".join("".join(span.text for span in row) for box in rows for row in box.rows)
    assert "note  PromQL info" in said


def test_a_rule_that_is_not_active_is_explained_too(stage: Stage) -> None:
    of = explained(stage, BY_PANEL, 10, T + 10 * STEP)
    assert (of.alert, of.asked, of.at) == (None, T + 10 * STEP, T + 10 * STEP)
    assert of.judged is not None
    assert (of.judged.value, of.judged.level) == (10.0, Level.OK)
    assert of.tree is not None
    assert of.tree.holds is False


def test_of_several_rules_the_active_one_else_the_nearest_to_its_limit_is_explained(stage: Stage) -> None:
    high = replace(RULE, name="High", expr="exposure_pct > 100", level=Level.CRITICAL)
    low = replace(RULE, name="Low", expr="exposure_pct < 2")
    with_rules(stage, high, RULE, low)
    assert explained(stage, BY_PANEL).rule.name == "Exposure"
    assert explained(stage, BY_PANEL, 19, T + 19 * STEP).rule.name == "Exposure"
    assert explained(stage, BY_PANEL, 3, T + 3 * STEP).rule.name == "Low"
    assert explained(stage, AlertFocus(("High",))).rule.name == "High"


def test_rules_of_a_file_that_use_a_panels_metric_are_found_from_it(stage: Stage) -> None:
    with_rules(stage, replace(RULE, name="FromFile", panel=""), Rule("Other", "up == 0"))
    of = explained(stage, BY_PANEL)
    assert of.rule.name == "FromFile"
    assert of.tree is not None
    assert of.tree.unit is Unit.NONE


def test_what_watches_another_panel_is_not_taken_for_this_ones(stage: Stage) -> None:
    with_rules(stage, replace(RULE, name="Another", panel="elsewhere"))
    assert stage.frame(30, View(alert=BY_PANEL)).explained is None


def test_what_no_rule_watches_has_no_explanation(stage: Stage) -> None:
    assert stage.frame(30, View(alert=AlertFocus((), "pnl"))).explained is None
    assert stage.frame(30, View(alert=AlertFocus((), "nothing"))).explained is None
    assert stage.frame(30, View(alert=AlertFocus(("Gone",)))).explained is None
    assert stage.frame(30).explained is None


def test_a_past_moment_is_explained_as_it_was(stage: Stage) -> None:
    of = explained(stage, replace(BY_NAME, at=T + 25 * STEP))
    assert of.judged is not None
    assert (of.judged.value, of.asked, of.at) == (25.0, T + 25 * STEP, T + 25 * STEP)
    assert of.alert is not None
    assert of.trend is not None
    assert of.trend.values[-1] == 25.0
    paused = explained(stage, BY_NAME, 30, T + 25 * STEP)
    stage.scrape(31, exposure_pct=99.0)
    assert explained(stage, BY_NAME, 31, T + 25 * STEP) == paused


def test_an_alert_that_was_firing_when_the_data_stopped_is_explained_as_of_then(stage: Stage) -> None:
    for i in range(31, 36):
        stage.scrape(i, up=False)
        stage.alert(i, firing=False)
    of = explained(stage, BY_NAME, 36)
    assert of.alert is not None
    assert of.alert.last_seen == T + 30 * STEP
    assert (of.asked, of.at) == (T + 36 * STEP, T + 30 * STEP)
    assert of.judged is not None
    assert (of.judged.value, of.judged.presence) == (30.0, Presence.STALE)


def test_what_has_stopped_without_an_alert_is_explained_as_of_then(stage: Stage) -> None:
    for i in range(31, 36):
        stage.scrape(i, up=False)
    with_rules(stage, replace(RULE, name="Higher", expr="exposure_pct > 99"))
    of = explained(stage, BY_PANEL, 36)
    assert (of.alert, of.at) == (None, T + 30 * STEP)


def test_the_events_are_those_around_its_beginning(stage: Stage) -> None:
    for i in range(0, 91, 15):
        stage.happen(i)
    stage.marks = (Mark("m", T + 31 * STEP, "deploy"),)
    found = [(e.t - T) // STEP for e in explained(stage, now=90).events]
    assert found == [0, 15, 30, 31, 45, 60]
    assert explained(stage, now=90).around == T + 30 * STEP
    # What happens after the moment that is looked at is not known yet.
    assert [(e.t - T) // STEP for e in explained(stage, at=T + 32 * STEP).events] == [0, 15, 30, 31]


def test_of_too_many_events_the_nearest_are_there_in_the_order_of_time(stage: Stage) -> None:
    for i in range(1_000):
        stage.record.take_events([event(stage, T + 30 * STEP - i * 200)])
    found = explained(stage).events
    assert len(found) == 200
    assert list(found) == sorted(found, key=lambda e: e.t)
    assert found[-1].t == T + 30 * STEP


def event(stage: Stage, t: int) -> BotEvent:
    stage.happen(0, f"e{t}")
    return replace(stage.record.events[-1], id=str(t), t=t)


def test_what_was_worked_out_is_kept_until_something_new_lands(stage: Stage) -> None:
    first = explained(stage)
    assert explained(stage, now=31) is first
    stage.happen(30)
    told = explained(stage, now=31)
    assert told.tree is first.tree
    assert len(told.events) == 1
    stage.scrape(31, exposure_pct=40.0)
    assert explained(stage, now=31).judged is not first.judged


@pytest.mark.parametrize("expr", ["exposure_pct >", "rate(exposure_pct) > 1", "nonsense(exposure_pct)"])
def test_a_rule_that_cannot_be_read_says_why(stage: Stage, expr: str) -> None:
    with_rules(stage, replace(RULE, name="Broken", expr=expr))
    of = explained(stage, AlertFocus(("Broken",)))
    assert of.tree is None
    assert of.problem


def test_a_rule_whose_metric_is_not_there_says_so(stage: Stage) -> None:
    with_rules(stage, Rule("Dead", "exposure_percent > 20", annotations=Labels({"runbook": "look"})))
    of = explained(stage, AlertFocus(("Dead",)))
    assert of.tree is not None
    assert (of.judged, of.limit, of.trend) == (None, Threshold(20.0, Level.WARNING), None)
    assert of.tree.parts[0].empty is not None
    assert of.tree.parts[0].empty.lack is Lack.NAME
    assert of.annotations == {"runbook": "look"}


def test_the_comparison_that_holds_is_the_one_that_decides(stage: Stage) -> None:
    with_rules(stage, replace(RULE, name="Both", expr="nothing > 1 or exposure_pct > 20"),
               replace(RULE, name="Same", expr="exposure_pct == 30"))  # fmt: skip
    both = explained(stage, AlertFocus(("Both",)))
    assert both.of == "exposure_pct"
    assert both.limit == Threshold(20.0, Level.WARNING)
    same = explained(stage, AlertFocus(("Same",)))
    assert same.judged is not None
    assert (same.limit, same.judged.value, same.judged.level) == (None, 30.0, Level.WARNING)


def test_parts_in_other_units_keep_plain_numbers(stage: Stage) -> None:
    with_rules(stage, replace(RULE, name="Rising", expr="deriv(exposure_pct[1m]) * 60 > 5 and exposure_pct > 3"))
    tree = explained(stage, AlertFocus(("Rising",))).tree
    assert tree is not None
    units = {part.text: part.unit for part in tree.walk()}
    assert units["deriv(exposure_pct[1m]) * 60"] is Unit.PERCENT
    assert units["exposure_pct[1m]"] is Unit.NONE
    assert units["exposure_pct > 3"] is Unit.NONE


def test_a_moment_older_than_what_is_remembered_is_read_from_the_history(stage: Stage) -> None:
    old = Stage()
    old.scrape(0, exposure_pct=21.0)
    stage.bot = replace(stage.bot, past=lambda: old.record.store, memory=lambda: 5 * SECOND)
    stage.viewer = type(stage.viewer)(lambda: (stage.bot,))
    of = explained(stage, replace(BY_NAME, at=T + 2 * SECOND), 100)
    assert of.judged is not None
    assert of.judged.value == 21.0


@pytest.mark.parametrize("born", [True, False])
def test_the_history_counts_born_counters_as_the_rules_do(stage: Stage, born: bool) -> None:
    old = Stage()
    for i in range(20):
        old.scrape(i, **({"trips_total": 1.0} if i >= 10 else {}))
    rule = Rule("Tripped", "increase(trips_total[5m]) > 0")
    target = replace(stage.bot.target, born_counters=born)
    stage.bot = replace(stage.bot, target=target, past=lambda: old.record.store, memory=lambda: 5 * SECOND)
    stage.viewer = type(stage.viewer)(lambda: (stage.bot,))
    with_rules(stage, rule)
    of = explained(stage, AlertFocus((rule.name,), at=T + 19 * STEP), 100)
    assert of.judged is not None
    assert (of.judged.value or 0.0) == (1.0 if born else 0.0)


def test_an_alert_of_a_server_joins_ours_and_is_explained_by_our_engine(stage: Stage) -> None:
    rule = Rule("ServersOwn", "exposure_pct > 25", level=Level.CRITICAL, labels=Labels({"severity": "critical"}))
    alert = Alert(rule, Labels({"severity": "critical"}), AlertState.FIRING, 30.0, T, T, server="http://h:9090")
    stage.bot = replace(stage.bot, foreign=lambda: (alert,))
    stage.record.revision += 1
    frame = stage.frame(30, View(span=5 * MINUTE))
    assert [(a.rule.name, a.server) for a in frame.alerts] == [("ServersOwn", "http://h:9090"), ("Exposure", "")]
    assert frame.bots[0].firing == 2
    of = explained(stage, AlertFocus(("ServersOwn",)))
    assert of.alert == alert
    assert of.judged is not None
    assert of.judged.value == 30.0
    assert not [a for a in stage.frame(30, View(at=T + 30 * STEP)).alerts if a.server], "of the past nothing is known"
