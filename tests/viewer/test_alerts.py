"""Alerts come back from their series as they were written, with value and age."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradetop.dashboards import PanelEvaluator
from tradetop.model.alert import AlertState, Rule
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import Panel, Query, Threshold
from tradetop.model.value import Value
from tradetop.promql import Engine
from tradetop.rules.thresholds import thresholds
from tradetop.store import MemoryStore
from tradetop.viewer.alerts import alerts, shown_by

T = 1_700_000_000_000
WARN = Rule("RateLimitWarning", "rate > 80", level=Level.WARNING, labels=Labels({"severity": "warning"}), panel="rates")
CRIT = Rule(
    "RateLimitCritical", "rate > 90", level=Level.CRITICAL, labels=Labels({"severity": "critical"}), panel="rates"
)
OTHER = Rule("Exposure", "exposure > 20", hold=120_000, labels=Labels({"severity": "warning"}), panel="exposure")


def write(store: MemoryStore, t: int, *found: tuple[Rule, str, dict[str, str], int]) -> None:
    samples: dict[Labels, float] = {}
    for rule, state, labels, since in found:
        identity = {"alertname": rule.name, **rule.labels, **labels}
        samples[Labels({"__name__": "ALERTS", "alertstate": state, **identity})] = 1.0
        samples[Labels({"__name__": "ALERTS_FOR_STATE", **identity})] = since / 1_000
    store.append_scrape("rules", t, samples)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    rate = {Labels({"__name__": "rate", "endpoint": e}): v for e, v in (("products", 91.4), ("orders", 82.0))}
    store.append_scrape("scrape", T, {**rate, Labels({"__name__": "exposure"}): 21.6})
    products, orders = {"endpoint": "products"}, {"endpoint": "orders"}
    write(
        store,
        T,
        (WARN, "firing", products, T - 130_000),
        (CRIT, "firing", products, T - 60_000),
        (WARN, "firing", orders, T - 10_000),
        (OTHER, "pending", {}, T - 48_000),
    )
    return store


def test_the_worst_threshold_of_each_series_is_shown_with_value_and_age(store: MemoryStore) -> None:
    found = alerts(Engine(store), [WARN, CRIT, OTHER], T)
    assert [(a.rule.name, a.state, a.value, T - a.active_at) for a in found] == [
        ("RateLimitCritical", AlertState.FIRING, 91.4, 60_000),
        ("RateLimitWarning", AlertState.FIRING, 82.0, 10_000),
        ("Exposure", AlertState.PENDING, 21.6, 48_000),
    ]


class Counting(Engine):
    """An engine that knows what it was asked."""

    asked: list[str]

    def instant(self, expr: str, *, at: int) -> Value:
        self.asked = [*getattr(self, "asked", []), expr]
        return super().instant(expr, at=at)


def test_a_panel_of_that_moment_gives_the_values_of_its_thresholds_and_nothing_is_evaluated_twice(
    store: MemoryStore,
) -> None:
    limits = (Threshold(80, Level.WARNING), Threshold(90, Level.CRITICAL))
    panel = Panel("rates", "Rate limits", (Query("rate"),), thresholds=limits)
    rules, engine = thresholds([panel]), Counting(store)
    renamed = [replace(rule, name=old.name) for rule, old in zip(rules, (WARN, CRIT), strict=True)]
    panels = PanelEvaluator().frames(engine, [panel], at=T, span=60_000, points=10)
    engine.asked = []
    told = alerts(engine, renamed, T, panels=panels)
    assert [expr for expr in engine.asked if not expr.startswith("ALERTS")] == []
    assert told == alerts(engine, renamed, T)
    assert [alert.value for alert in told if alert.rule.panel] == [91.4, 82.0]


def test_what_was_firing_when_the_data_stopped_stays_and_says_so(store: MemoryStore) -> None:
    store.append_scrape("scrape", T + 10_000, {})
    write(store, T + 10_000)
    found = alerts(Engine(store), [WARN, CRIT, OTHER], T + 30_000, stopped_at=T)
    assert [(a.rule.name, a.last_seen) for a in found] == [("RateLimitCritical", T), ("RateLimitWarning", T)]


def test_rules_of_one_name_are_told_apart_by_their_labels() -> None:
    store = MemoryStore()
    store.append_scrape("scrape", T, {Labels({"__name__": "exposure"}): 21.6})
    team = Rule("Exposure", "exposure > 21", labels=Labels({"severity": "warning", "team": "risk"}))
    write(store, T, (OTHER, "pending", {}, T - 48_000), (team, "firing", {}, T - 10_000))
    found = alerts(Engine(store), [OTHER, team], T)
    assert [(a.rule, a.state, a.fired_at) for a in found] == [
        (team, AlertState.FIRING, T - 10_000),
        (OTHER, AlertState.PENDING, None),
    ]


def test_an_alert_that_another_process_raised_by_rules_of_its_own_is_shown(store: MemoryStore) -> None:
    found = alerts(Engine(store), [WARN, OTHER], T)
    assert [(a.rule.name, a.rule.level, a.rule.expr) for a in found if a.rule not in (WARN, OTHER)] == [
        ("RateLimitCritical", Level.CRITICAL, "")
    ]


def test_annotations_are_told_with_the_value_and_the_labels_of_the_moment(store: MemoryStore) -> None:
    texts = {"summary": "{{ $labels.endpoint }} at {{ $value | humanize }}%", "bad": "{{ $labels.endpoint | nothing }}"}
    told = Rule(WARN.name, WARN.expr, labels=WARN.labels, annotations=Labels(texts))
    found = {a.labels["endpoint"]: a.annotations for a in alerts(Engine(store), [told], T) if a.rule is told}
    assert found["products"]["summary"] == "products at 91.4%"
    assert found["orders"]["summary"] == "orders at 82%"
    assert "nothing" in found["orders"]["bad"]


def test_an_alert_knows_the_panels_that_show_its_metrics(store: MemoryStore) -> None:
    engine = Engine(store)
    file = Rule("Both", "rate > 80 and on () exposure > 20")
    write(store, T + 1, (WARN, "firing", {"endpoint": "products"}, T), (file, "firing", {"endpoint": "products"}, T))
    panels = [
        Panel("rates", "Rates", (Query("rate"), Query("burst"))),
        Panel("exposure", "Exposure", (Query("max(exposure)"),)),
        Panel("other", "Other", (Query("equity"),)),
    ]
    found = shown_by(alerts(engine, [WARN, file], T + 1), panels, engine)
    assert {a.rule.name: a.panels for a in found} == {"RateLimitWarning": ("rates",), "Both": ("rates", "exposure")}


def test_what_is_kept_firing_shows_its_last_value_in_its_texts_too() -> None:
    store = MemoryStore()
    kept = Rule(
        "Peak",
        "drawdown > 8",
        keep_firing=300_000,
        labels=Labels({"severity": "warning"}),
        annotations=Labels({"summary": "{{ $labels.desk }} is {{ $value }}% below its peak"}),
    )
    for i, value in enumerate((9.5, 9.1, 2.0, 2.0, 2.0)):
        store.append_scrape("scrape", T + i * 15_000, {Labels({"__name__": "drawdown", "desk": "alpha"}): value})
        write(store, T + i * 15_000, (kept, "firing", {"desk": "alpha"}, T))
    (alert,) = alerts(Engine(store), [kept], T + 61_000)
    assert (alert.value, alert.annotations["summary"]) == (9.1, "alpha is 9.1% below its peak")
