"""A real bot's panels and rules over fifty recorded hours."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tradetop.model.value import Matrix, Vector
from tradetop.promql import Engine
from tradetop.store import MemoryStore

START, END = 1_763_261_861_523, 1_763_442_383_125
MINUTE = 60_000


@pytest.fixture
def store(recorded_store: MemoryStore) -> MemoryStore:
    return recorded_store


def expressions(recorded: Callable[..., Path]) -> list[str]:
    dashboard = json.loads(recorded("247trader", "grafana_dashboard.json").read_text())
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    groups = yaml.safe_load(recorded("247trader", "prometheus_alerts.yml").read_text())["groups"]
    return panels + [rule["expr"] for group in groups for rule in group["rules"]]


def steps(engine: Engine, expr: str, step: int = 5 * MINUTE) -> int:
    """At how many series and steps the expression has a value."""
    value = engine.range(expr, start=START, end=END, step=step)
    assert isinstance(value, Matrix)
    return sum(len(series.values) for series in value.series)


def test_every_panel_and_rule_evaluates_and_an_instant_agrees_with_its_step(
    store: MemoryStore, recorded: Callable[..., Path]
) -> None:
    engine = Engine(store)
    every = expressions(recorded)
    assert len(every) == 39
    for expr in every:
        value = engine.range(expr, start=START, end=END, step=5 * MINUTE)
        assert isinstance(value, Matrix)
        for series in value.series:
            at = series.times[len(series.times) // 2]
            there = engine.instant(expr, at=at)
            assert isinstance(there, Vector)
            assert {s.labels: s.value for s in there.samples}[series.labels] == series.values[len(series.times) // 2]


@pytest.mark.parametrize(
    ("expr", "count"),
    [
        ("trader_account_value_usd", 4),
        ("trader_open_positions", 4),
        ("trader_triggers_detected == 0", 3),
        ("time() - trader_account_value_usd > 120", 4),
        ('up{job="247trader-v2"} == 0', 0),
        ("increase(trader_circuit_breaker_trips[5m]) > 0", 0),
        ("trader_cycle_duration_seconds > 45", 0),
        ("trader_rate_limiter_utilization_pct", 0),
        ('up{job="247trader"}', 546),
    ],
)
def test_the_recorded_hours_hold_what_they_held(store: MemoryStore, expr: str, count: int) -> None:
    assert steps(Engine(store), expr) == count


def test_the_breaker_that_tripped_twice_is_seen_where_prometheus_saw_nothing(store: MemoryStore) -> None:
    expr = "increase(trader_circuit_breaker_trips_total[5m]) > 0"
    assert steps(Engine(store, born_counters=False, max_steps=40_000), expr, 5_000) == 0
    value = Engine(store, max_steps=40_000).range(expr, start=START, end=END, step=5_000)
    assert isinstance(value, Matrix)
    assert {s.labels["type"]: set(s.values) for s in value.series} == {"kill_switch": {1.0}, "daily_stop_loss": {2.0}}


def test_the_bot_was_up_in_a_hundredth_of_the_scrapes(store: MemoryStore) -> None:
    value = Engine(store).instant("avg_over_time(up[51h])", at=END)
    assert isinstance(value, Vector)
    assert value.samples[0].value == pytest.approx(0.012, abs=0.005)
