"""Alerts come back from their series as they were written, with value and age."""

from __future__ import annotations

import pytest

from tradetop.model.alert import AlertState, Rule
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.viewer.alerts import alerts

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


def test_what_was_firing_when_the_data_stopped_stays_and_says_so(store: MemoryStore) -> None:
    store.append_scrape("scrape", T + 10_000, {})
    write(store, T + 10_000)
    found = alerts(Engine(store), [WARN, CRIT, OTHER], T + 30_000, stopped_at=T)
    assert [(a.rule.name, a.last_seen) for a in found] == [("RateLimitCritical", T), ("RateLimitWarning", T)]
