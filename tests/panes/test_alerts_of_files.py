"""Alerts of rule files in the strip, and in the panes of the series that they name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, sample_frame
from tradetop.model.alert import Alert, AlertState, DeadRule, Rule
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import PaneName, Threshold
from tradetop.model.unit import Unit
from tradetop.panes import alerts
from tradetop.panes.content import firing
from tradetop.panes.look import Look
from tradetop.panes.targets import selectable, target_of
from tradetop.tui.navigate import step
from tradetop.tui.state import Scene, State

RULE = Rule(
    "Ours",
    "up == 0",
    level=Level.CRITICAL,
    summary="{{ $labels.endpoint }} is slow",
    annotations=Labels({"summary": "{{ $labels.endpoint }} is slow"}),
)
TEXTS = Labels({"summary": "products is slow", "description": "Call the exchange"})


def test_the_strip_says_what_the_annotations_say() -> None:
    alert = Alert(RULE, Labels({}), AlertState.FIRING, 1.0, NOW - 9_000, NOW - 9_000, annotations=TEXTS)
    rows = alerts.content(replace(sample_frame(), alerts=(alert,)), Look(), 140, 3).rows
    said = "".join(span.text for span in rows[0])
    assert "products is slow: Call the exchange" in said
    assert "{{" not in said


def test_a_value_and_its_limit_are_in_one_unit() -> None:
    frame = sample_frame()
    of = next(p for p in frame.panels if p.panel.thresholds)
    for unit, value, said in ((Unit.SECONDS, 2.487, "2,487ms > 2,000ms"), (Unit.RATIO, 0.233, "23.3% > 200.0%")):
        panel = replace(of.panel, unit=unit, decimals=None, thresholds=(Threshold(2.0, Level.WARNING),))
        rule = replace(RULE, panel=panel.id, condition="> 2")
        alert = Alert(rule, Labels({}), AlertState.FIRING, value, NOW - 9_000, NOW - 9_000)
        shown = replace(frame, alerts=(alert,), panels=(replace(of, panel=panel),))
        assert said in "".join(span.text for span in alerts.content(shown, Look(), 140, 3).rows[0])


FAILED = (
    "<error expanding template: error executing template __alert_Ours: template: __alert_Ours:1:138: "
    'executing "__alert_Ours" at <humanize>: error calling humanize: strconv.ParseFloat: parsing "": invalid syntax>'
)


@pytest.mark.parametrize("width", [78, 118, 158])
def test_the_strip_says_why_a_text_could_not_be_made(width: int) -> None:
    rule = replace(RULE, labels=Labels({"team": "{{ index $labels 3 }}"}))
    labels = Labels({"team": FAILED.replace("humanize", "index")})
    texts = Labels({"runbook": "call somebody", "summary": FAILED})
    alert = Alert(rule, labels, AlertState.FIRING, 1.0, NOW - 9_000, NOW - 9_000, annotations=texts)
    for shown in (alert, replace(alert, annotations=Labels({"summary": "slow"}))):
        (row, *_) = alerts.content(replace(sample_frame(), alerts=(shown,)), Look(), width, 3).rows
        said = "".join(span.text for span in row)
        of = "summary" if shown is alert else "team"
        assert f"template of {of} failed"[: width // 4] in said
        assert "Ours" in said, "a long text takes no place from what the row is about"
        if width > 100:
            assert "error calling" in said
            assert ("slow; template" in said) == (shown is not alert)


def test_the_panes_of_the_series_that_a_rule_names_are_those_that_it_is_seen_in() -> None:
    frame = sample_frame()
    panel = next(p.panel for p in frame.panels if p.first is not None and p.panel.pane is PaneName.LIMITS)
    alert = Alert(RULE, Labels({}), AlertState.FIRING, 1.0, NOW - 9_000, NOW - 9_000, panels=(panel.id,))
    frame = replace(frame, alerts=(alert,))
    assert firing(frame, [panel.id]) is alert
    assert firing(frame, ["another"]) is None
    opened = target_of(frame, Look(focus=PaneName.ALERTS))
    assert getattr(opened, "panel", None) == panel.id


def dead_frame() -> Frame:
    rule = Rule("BotDown", 'up{job="trader-v2"} == 0', source="rules.yml:3:5")
    reason = 'job="trader-v2" selects nothing: the job is "trader"'
    return replace(sample_frame(), dead=(DeadRule(rule, reason, 'up{job="trader"} == 0'),))


def test_a_rule_that_can_never_fire_is_counted_and_listed_behind_all_others() -> None:
    frame = dead_frame()
    shown = alerts.content(frame, Look(), 140, 6)
    assert "1 dead" in "".join(span.text for span in shown.right)
    last = "".join(span.text for span in shown.rows[len(frame.alerts)])
    assert last.startswith("∅ DEAD")
    assert "BotDown" in last
    assert 'can never fire: job="trader-v2" selects nothing: the job is "trader"' in last
    quiet = alerts.content(replace(frame, alerts=()), Look(), 140, 6).rows
    assert ["DEAD" in "".join(span.text for span in row) for row in quiet] == [False, True]


def test_enter_on_it_says_why_and_what_could_fire() -> None:
    frame = dead_frame()
    look = Look(focus=PaneName.ALERTS, selected=len(frame.alerts))
    assert selectable(frame, look) == len(frame.alerts) + 1
    after = step(State(look, frame.view), Scene(frame), "open")
    assert after.look.notice == (
        'BotDown can never fire: job="trader-v2" selects nothing: the job is "trader"; '
        'this could: up{job="trader"} == 0'
    )
