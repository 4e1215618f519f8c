"""Rules of files over several bots on the screen: value, limit and explanation are those of all series together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradetop.model.frame import Frame
from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.ports import Metadata
from tradetop.model.view import AlertFocus, Focus, View
from tradetop.recorder.home import Homes
from tradetop.rules.file import read_rules
from tradetop.store.union import Union
from tradetop.viewer.bot import Whole
from tradetop.viewer.viewer import Viewer
from viewer.stage import LIVE, STEP, Stage, T

RULES = """\
groups:
- name: g
  rules:
  - {alert: Total, expr: sum(exposure_pct) > 40}
  - {alert: Own, expr: sum by (job) (exposure_pct) > 30}
  - {alert: Elsewhere, expr: 'up{job="second"} == 0'}
  - {alert: Nowhere, expr: 'up{job="third"} == 0'}
"""
MINUTE = 60_000


@pytest.fixture
def stages() -> tuple[Stage, Stage]:
    """Exposure of the first climbs to 15, that of the second to 30."""
    both = Stage("first"), Stage("second")
    records = [stage.record for stage in both]
    series, homes, rules = Union([record.store for record in records]), Homes(records), read_rules(RULES, "r.yml").rules
    for stage in both:
        whole = Whole(
            series,
            lambda: series,
            lambda: {"exposure_pct": Metadata("gauge")},
            lambda labels, record=stage.record: homes.of(labels) is record,
        )
        stage.bot = replace(stage.bot, rules=lambda: rules, filed=lambda: rules, whole=whole)
        stage.viewer = Viewer(lambda: tuple(each.bot for each in both))
    for i in range(31):
        for factor, stage in enumerate(both, 1):
            stage.scrape(i, exposure_pct=i / 2 * factor)
    named = {"alertname": "Total"}
    both[0].record.store.append_scrape(
        "rules",
        T + 30 * STEP,
        {
            Labels({NAME: "ALERTS", "alertstate": "firing", **named}): 1.0,
            Labels({NAME: "ALERTS_FOR_STATE", **named}): (T + 28 * STEP) / 1_000,
        },
    )
    return both


def frame(stages: tuple[Stage, Stage], bot: int, view: View = LIVE) -> Frame:
    return stages[0].viewer.frame(replace(view, bot=bot, span=5 * MINUTE), T + 30 * STEP)


def test_an_alert_has_the_value_of_all(stages: tuple[Stage, Stage]) -> None:
    assert [(a.rule.name, a.value) for a in frame(stages, 0).alerts] == [("Total", 45.0)]
    assert frame(stages, 1).alerts == ()


def test_a_limit_stands_on_the_bot_that_it_is_about_with_the_value_of_all(stages: tuple[Stage, Stage]) -> None:
    found = [{(row.label, row.reading.value) for row in frame(stages, bot).limits} for bot in (0, 1)]
    assert {row for row in found[0] if row[0] in ("Total", "Own")} == {("Total", 45.0), ("Own", 15.0)}
    assert {row for row in found[1] if row[0] in ("Total", "Own")} == {("Own", 30.0)}


def test_its_series_is_looked_at_over_all(stages: tuple[Stage, Stage]) -> None:
    panel = next(row.panel.id for row in frame(stages, 0).limits if row.label == "Total")
    detail = frame(stages, 0, View(focus=Focus(panel, 0, EMPTY))).detail
    assert detail is not None
    assert (detail.series.reading.value, detail.stats.maximum) == (45.0, 45.0)


def test_an_explanation_works_it_out_over_all(stages: tuple[Stage, Stage]) -> None:
    of = frame(stages, 0, View(alert=AlertFocus(("Total",), ""))).explained
    assert of is not None
    assert of.judged is not None
    assert of.judged.value == 45.0
    assert of.trend is not None
    assert max(v for v in of.trend.values if v == v) == 45.0


def test_a_rule_about_another_bot_is_not_dead(stages: tuple[Stage, Stage]) -> None:
    for bot in (0, 1):
        (dead,) = frame(stages, bot).dead
        assert dead.rule.name == "Nowhere"
        assert 'the job is "first"' in dead.reason
