"""Thresholds as rules: their names, expressions and words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradetop.dashboards.choose import BUILT_IN, preset
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import Panel, Query, Side, Threshold
from tradetop.model.unit import Unit
from tradetop.promql import Engine
from tradetop.rules import rules_of
from tradetop.rules.thresholds import camel, thresholds
from tradetop.store import MemoryStore

LOW, HIGH = Threshold(0.2, Level.WARNING, Side.BELOW), Threshold(0.5, Level.WARNING)


def names(*panels: Panel) -> list[str]:
    return [rule.name for rule in thresholds(panels)]


def panel(title: str, *thresholds: Threshold, id_: str = "p", queries: tuple[Query, ...] = (Query("m"),)) -> Panel:
    return Panel(id_, title, queries, thresholds=thresholds, runbook="Do something")


def test_a_rule_says_everything_that_its_threshold_says() -> None:
    (rule,) = thresholds([panel("Open Positions", Threshold(8, Level.CRITICAL, inclusive=True, hold=5_000))])
    assert (rule.name, rule.expr, rule.condition) == ("OpenPositions", "(m) >= 8", ">= 8")
    assert (rule.hold, rule.level, rule.labels) == (5_000, Level.CRITICAL, Labels({"severity": "critical"}))
    assert (rule.summary, rule.runbook, rule.panel) == ("Open Positions >= 8", "Do something", "p")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Exposure %", "Exposure"),
        ("API Latency (p95)", "APILatency"),
        ("Risk Rejections by Reason", "RiskRejections"),
        ("daily p&l", "DailyPL"),
        ("(only this)", "OnlyThis"),
        ("%", "Limit"),
    ],
)
def test_names_come_from_titles(title: str, name: str) -> None:
    assert camel(title) == name


def test_names_tell_apart_what_has_to_be_and_no_more() -> None:
    warning, critical = Threshold(1, Level.WARNING), Threshold(2, Level.CRITICAL)
    assert names(panel("A", warning)) == ["A"]
    assert names(panel("A", warning, critical)) == ["AWarning", "ACritical"]
    assert names(panel("A", LOW, HIGH)) == ["ALow", "AHigh"]
    assert names(panel("A", LOW, HIGH, critical)) == ["ALow", "AHighWarning", "AHighCritical"]
    assert names(panel("A", warning), panel("A", warning, id_="other-a")) == ["A", "OtherA"]


def test_several_queries_each_may_cross_and_other_units_do_not_count() -> None:
    queries = (Query("a"), Query("b"), Query("c", unit=Unit.USD))
    (rule,) = thresholds([panel("A", Threshold(-1.5, Level.WARNING, Side.BELOW), queries=queries)])
    assert rule.expr == "(a) < -1.5 or (b) < -1.5"


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_rule_of_a_preset_can_be_evaluated_and_has_a_name_of_its_own(name: str) -> None:
    dashboard = preset(name)
    assert dashboard is not None
    rules = rules_of(dashboard)
    engine = Engine(MemoryStore())
    for rule in rules:
        engine.check(rule.expr)
    assert len({rule.name for rule in rules}) == len(rules) > 0


def test_alerts_are_called_as_their_threshold_or_panel_says() -> None:
    warning, critical = Threshold(1, Level.WARNING), Threshold(2, Level.CRITICAL)
    named = Threshold(2, Level.CRITICAL, alert="HighExposure")
    assert [r.name for r in thresholds([replace(panel("A", warning, critical), alert="RateLimit")])] == [
        "RateLimitWarning",
        "RateLimitCritical",
    ]
    assert names(panel("Exposure %", warning, named)) == ["ExposureWarning", "HighExposure"]
    assert names(panel("A", named), panel("B", named, id_="other-b")) == ["HighExposure", "OtherB"]


def test_the_condition_of_a_state_is_its_word() -> None:
    down = replace(panel("Bot Down", Threshold(0, Level.CRITICAL)), states=((0.0, "up"), (1.0, "DOWN")))
    (rule,) = thresholds([down])
    assert (rule.condition, rule.expr) == ("DOWN", "(m) > 0")


@pytest.mark.parametrize("name", BUILT_IN)
def test_names_of_a_presets_alerts_fit_the_alerts_strip_at_80_columns(name: str) -> None:
    dashboard = preset(name)
    assert dashboard is not None
    assert [rule.name for rule in rules_of(dashboard) if len(rule.name) > 20] == []
