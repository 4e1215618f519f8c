"""Rules over an engine: alerts, their series, faults, and going on after a restart."""

from __future__ import annotations

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import Panel, Query, Threshold
from tradetop.promql import Engine
from tradetop.rules import RuleState, advance, begin, restore, samples, worst
from tradetop.rules.thresholds import thresholds
from tradetop.store import MemoryStore

START = 1_700_000_000_000
MINUTE = 60_000
USED = Panel(
    "rate",
    "Rate limit by endpoint",
    (Query("used"),),
    thresholds=(Threshold(80, Level.WARNING, hold=MINUTE), Threshold(90, Level.CRITICAL)),
)


def metric(name: str, **labels: str) -> Labels:
    return Labels({"__name__": name, **labels})


class Recorder:
    """Scrapes a metric every half minute, evaluates the rules and writes their series back."""

    def __init__(self, states: tuple[RuleState, ...]) -> None:
        self.states = states
        self.store = MemoryStore()
        self.engine = Engine(self.store)
        self.t = START

    def scrape(self, **used: float) -> list[str]:
        self.t += MINUTE // 2
        self.store.append_scrape("page", self.t, {metric("used", endpoint=k): v for k, v in used.items()})
        self.states = advance(self.states, self.engine, self.t)
        self.store.append_scrape("rules", self.t, samples(self.states))
        return self.said()

    def said(self) -> list[str]:
        alerts = worst(a for state in self.states for a in state.alerts.values())
        return [f"{a.labels['endpoint']} {a.rule.name} {a.state.value}" for a in alerts]


def test_of_two_thresholds_that_fire_only_the_worst_is_shown() -> None:
    recorder = Recorder(begin(thresholds([USED])))
    assert recorder.scrape(a=50.0) == []
    assert recorder.scrape(a=85.0) == ["a RateLimitWarning pending"]
    assert recorder.scrape(a=85.0) == ["a RateLimitWarning pending"]
    assert recorder.scrape(a=85.0, b=85.0) == ["a RateLimitWarning firing", "b RateLimitWarning pending"]
    assert recorder.scrape(a=95.0, b=85.0) == ["b RateLimitWarning pending", "a RateLimitCritical firing"]
    assert [len(state.alerts) for state in recorder.states] == [2, 1]
    assert recorder.scrape(a=85.0, b=50.0) == ["a RateLimitWarning firing", "a RateLimitCritical resolved"]


def test_alerts_are_series_that_end_with_them() -> None:
    recorder = Recorder(begin(thresholds([USED])))
    for _ in range(3):
        recorder.scrape(a=85.0)
    labels = {"alertname": "RateLimitWarning", "severity": "warning", "endpoint": "a"}
    assert samples(recorder.states) == {
        metric("ALERTS", alertstate="firing", **labels): 1.0,
        metric("ALERTS_FOR_STATE", **labels): (START + MINUTE / 2) / 1_000,
    }
    recorder.scrape(a=10.0)
    assert samples(recorder.states) == {}
    gone = recorder.engine.instant("ALERTS", at=recorder.t)
    assert gone.type == "vector"
    assert not gone.samples


def test_a_rule_that_fails_keeps_its_alerts_and_the_others_go_on() -> None:
    good = Rule("Good", "used > 1")
    recorder = Recorder(begin([good]))
    recorder.scrape(a=5.0)
    broken = RuleState(Rule("Broken", "used >"), recorder.states[0].alerts)
    bad = RuleState(Rule("Text", '"text"'))
    recorder.states = (broken, bad, *recorder.states)
    recorder.scrape(a=0.0)
    kept, text, after = recorder.states
    assert next(iter(kept.alerts.values())).state is AlertState.FIRING
    assert "used >" in kept.error
    assert text.error == "Text: gives a string, not a vector"
    assert [a.state for a in after.alerts.values()] == [AlertState.RESOLVED]


def test_a_scalar_rule_is_one_alert() -> None:
    (state,) = advance(begin([Rule("Always", "1")]), Engine(MemoryStore()), START)
    assert [a.state for a in state.alerts.values()] == [AlertState.FIRING]


def pending(hold: int, before: int, outage: int) -> Alert:
    """An alert that was pending for `before`, after an outage and the first evaluation of a new process."""
    rule = Rule("Slow", "used > 1", hold=hold)
    old = Recorder(begin([rule]))
    for _ in range(before // (MINUTE // 2) + 1):
        old.scrape(a=5.0)
    new = Recorder(begin([rule]))
    new.store, new.engine, new.t = old.store, old.engine, old.t + outage - MINUTE // 2
    new.scrape(a=5.0)
    (state,) = restore(new.states, old.engine, new.t)
    (alert,) = state.alerts.values()
    return alert


def test_after_a_restart_a_pending_alert_goes_on_where_recording_stopped() -> None:
    alert = pending(hold=10 * MINUTE, before=4 * MINUTE, outage=20 * MINUTE)
    now = START + MINUTE // 2 + 24 * MINUTE
    assert now - alert.active_at == 4 * MINUTE


def test_after_a_restart_an_alert_whose_hold_was_over_fires_at_once() -> None:
    alert = pending(hold=2 * MINUTE, before=4 * MINUTE, outage=20 * MINUTE)
    assert alert.active_at == START + MINUTE // 2


def test_after_a_long_outage_an_alert_starts_anew() -> None:
    alert = pending(hold=10 * MINUTE, before=4 * MINUTE, outage=70 * MINUTE)
    assert alert.active_at == START + MINUTE // 2 + 74 * MINUTE
