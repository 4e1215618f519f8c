"""Rules as limits: what of an expression is a distance, and what is not."""

from __future__ import annotations

import pytest

from tradetop.limits import limits_of, rule_panels
from tradetop.model.alert import Rule
from tradetop.model.level import Level
from tradetop.model.panel import Panel, Query, Side, Threshold
from tradetop.model.unit import Unit

ABOVE, BELOW = Side.ABOVE, Side.BELOW


def rule(expr: str, **changes: object) -> Rule:
    return Rule("Much", expr, 60_000, level=Level.CRITICAL, runbook="Do less", **changes)  # type: ignore[arg-type]


def found(expr: str) -> list[tuple[str, Side, float, bool]]:
    return [(p.queries[0].expr, t.side, t.value, t.inclusive) for p in limits_of(rule(expr)) for t in p.thresholds]


@pytest.mark.parametrize(
    ("expr", "limits"),
    [
        ("a_pct > 25", [("a_pct", ABOVE, 25.0, False)]),
        ("(a_pct) >= 25", [("a_pct", ABOVE, 25.0, True)]),
        ("25 < a_pct", [("a_pct", ABOVE, 25.0, False)]),
        ("a < -3", [("a", BELOW, -3.0, False)]),
        ("a < 0", [("a", BELOW, 0.0, False)]),
        ("a > 2 * 60", [("a", ABOVE, 120.0, False)]),
        ("max(a) by (x) > 90", [("max by (x) (a)", ABOVE, 90.0, False)]),
        ("rate(a_total[5m]) > 0.1", [("rate(a_total[5m])", ABOVE, 0.1, False)]),
        ("a < 0.1 and b > 5", [("a and b > 5", BELOW, 0.1, False)]),
        ("a > 1 and on (x) b", [("a and on (x) b", ABOVE, 1.0, False)]),
        ("up == 1 and a > 5", [("a and up == 1", ABOVE, 5.0, False)]),
        ("a > 5 unless on () b > 0", [("a unless on () b > 0", ABOVE, 5.0, False)]),
        ("a > 5 or b >= 6", [("a", ABOVE, 5.0, False), ("b", ABOVE, 6.0, True)]),
        ("a > on (x) a_limit", [("100 * (a / on (x) a_limit)", ABOVE, 100.0, False)]),
    ],
)
def test_what_is_compared_with_a_number(expr: str, limits: list[tuple[str, Side, float, bool]]) -> None:
    assert found(expr) == limits


@pytest.mark.parametrize(
    "expr",
    ["a > 0", "up == 0", "a != 5", "a > bool 5", "absent(a)", "a > b + c", "vector(1)", "1 > 2", "a >", "a > NaN"],
)
def test_what_has_no_distance(expr: str) -> None:
    assert found(expr) == []


def test_a_limit_says_whose_it_is_and_what_to_do() -> None:
    (panel,) = limits_of(rule("max(bot_exposure_pct) > 25"))
    (threshold,) = panel.thresholds
    assert (panel.title, panel.unit, panel.runbook) == ("Much", Unit.PERCENT, "Do less")
    assert (threshold.alert, threshold.level, threshold.hold) == ("Much", Level.CRITICAL, 60_000)
    assert limits_of(rule("bot_cash_usd < 100"))[0].unit is Unit.USD
    assert limits_of(rule("deriv(bot_cash_usd[5m]) < -1"))[0].unit is Unit.SHORT


def test_what_a_panel_watches_already_is_no_second_limit() -> None:
    exposure = Panel("e", "E", (Query("bot_exposure_pct"),), thresholds=(Threshold(25, Level.CRITICAL),))
    rules = [rule("(bot_exposure_pct) > 25"), rule("bot_exposure_pct > 20"), rule("x > 1", panel="e"), rule("x > 2")]
    assert [p.queries[0].expr for p in rule_panels(rules, [exposure])] == ["bot_exposure_pct", "x"]


def test_ten_thousand_rules_cost_no_more_than_sixty() -> None:
    assert len(rule_panels((rule(f"metric_{i} > 1") for i in range(10_000)), [])) == 60
