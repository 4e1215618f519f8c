"""The alert's state machine, case by case as Prometheus behaves."""

from __future__ import annotations

import pytest

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level
from tradetop.model.sample import Sample
from tradetop.model.value import Vector
from tradetop.rules import DuplicateAlertError, step
from tradetop.rules.alerting import KEPT

MINUTE = 60_000


def run(hold: int, keep_firing: int, present: str) -> str:
    """One letter a minute: `x` where the series is there; gives P, F, R or . for each minute."""
    rule = Rule("R", "m > 1", hold=hold * MINUTE, keep_firing=keep_firing * MINUTE)
    alerts: dict[Labels, Alert] = {}
    said = ""
    for minute, here in enumerate(present):
        result = Vector((Sample(EMPTY, minute * MINUTE, float(minute)),) if here == "x" else ())
        alerts = step(rule, alerts, result, minute * MINUTE)
        said += alerts[EMPTY].state.name[0] if EMPTY in alerts else "."
    return said


@pytest.mark.parametrize(
    ("hold", "keep_firing", "present", "states"),
    [
        (0, 0, "x", "F"),
        (0, 0, "xx-", "FFR"),
        (2, 0, "xxxx", "PPFF"),
        (2, 0, "xx-x", "PP.P"),
        (2, 0, "xxx-xxx", "PPFRPPF"),
        (0, 2, "x--x", "FFFF"),
        (0, 2, "x---x", "FFFRF"),
        (0, 2, "x-x---", "FFFFFR"),
        (5, 0, "xxxx", "PPPP"),
        (0, 0, "x" + "-" * 18, "F" + "R" * 16 + ".."),
    ],
)
def test_states(hold: int, keep_firing: int, present: str, states: str) -> None:
    assert run(hold, keep_firing, present) == states


def test_times_and_values_are_kept() -> None:
    rule = Rule("R", "m > 1", hold=2 * MINUTE, level=Level.CRITICAL, labels=Labels({"severity": "critical"}))
    alerts: dict[Labels, Alert] = {}
    labels = Labels({"endpoint": "a", "severity": "critical"})
    for minute in range(4):
        sample = Sample(Labels({"__name__": "m", "endpoint": "a"}), 0, 10.0 + minute)
        alerts = step(rule, alerts, Vector((sample,)), minute * MINUTE)
    assert alerts == {labels: Alert(rule, labels, AlertState.FIRING, 13.0, active_at=0, fired_at=2 * MINUTE)}
    (gone,) = step(rule, alerts, Vector(()), 4 * MINUTE).values()
    assert (gone.state, gone.resolved_at, gone.value) == (AlertState.RESOLVED, 4 * MINUTE, 13.0)
    assert step(rule, {labels: gone}, Vector(()), 4 * MINUTE + KEPT) == {labels: gone}
    assert step(rule, {labels: gone}, Vector(()), 4 * MINUTE + KEPT + 1) == {}


def test_each_series_has_its_own_state() -> None:
    rule = Rule("R", "m > 1", hold=MINUTE)
    a, b = Labels({"k": "a"}), Labels({"k": "b"})
    alerts = step(rule, {}, Vector((Sample(a, 0, 1.0),)), 0)
    alerts = step(rule, alerts, Vector((Sample(a, 0, 1.0), Sample(b, 0, 2.0))), MINUTE)
    assert {labels: alert.state for labels, alert in alerts.items()} == {a: AlertState.FIRING, b: AlertState.PENDING}


def test_two_elements_that_become_alike_are_an_error() -> None:
    rule = Rule("R", "m > 1", labels=Labels({"k": "same"}))
    result = Vector((Sample(Labels({"k": "a"}), 0, 1.0), Sample(Labels({"k": "b"}), 0, 1.0)))
    with pytest.raises(DuplicateAlertError, match="R: several series become"):
        step(rule, {}, result, 0)
