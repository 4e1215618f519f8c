"""Every example rule is valid, rings when it should, and is quiet in a good world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from presets.worlds import END, START, TRADER, World, grew, growing, stored
from tradetop.model.clock import MINUTE
from tradetop.promql import Engine
from tradetop.store import MemoryStore

EXAMPLES = Path(__file__).parents[2] / "examples"


def rules(system: str) -> dict[str, str]:
    """The expression of each rule by its name."""
    groups = yaml.safe_load((EXAMPLES / system / "rules.yml").read_text())["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def rings(world: World, expr: str) -> bool:
    """Whether an expression gives anything after a day of this world."""
    names = None if "__name__" in expr else Engine(MemoryStore()).metric_names(expr)
    result = Engine(stored(world, names)).instant(expr, at=START + END * MINUTE)
    assert result.type == "vector"
    return bool(result.samples)


TROUBLES: dict[str, list[World]] = {
    "HighExposure": [{"trader_exposure_pct": 25}, {"trader_exposure_pct{type=at_risk}": 0.97}],
    "CriticalDrawdown": [{"trader_max_drawdown_pct": 8.1}],
    "NegativeDailyPnL": [{"trader_daily_pnl_pct": -3.5}],
    "AccountValueDrop": [{"trader_account_value_usd": growing(-120)}],
    "SignalDrought": [{"trader_triggers_detected": lambda minute: 3 if minute < 1_400 else 0}],
    "NoTrades": [
        {"trader_triggers_detected": 0, "trader_trades_total{side=BUY}": grew(1, 70)},
        {"trader_triggers_detected": 0, "trader_trades_total{side=BUY}": float("nan")},
    ],
    "NoTradesRecently": [
        {"trader_trades_total{side=BUY}": grew(1, 130), "trader_orders_filled_total{side=BUY}": grew(1, 130)}
    ],
    "LowStrategySelectivity": [{"trader_triggers_to_proposals_ratio": 0.05, "trader_triggers_detected": 8}],
    "HighStrategySelectivity": [{"trader_triggers_to_proposals_ratio": 0.9}],
    "ExcessiveTrading": [{"trader_trades_per_hour": 12}, {"trader_orders_filled_total{side=BUY}": growing(0.5)}],
    "RateLimitCritical": [
        {"trader_rate_limiter_utilization_pct{endpoint=orders}": 93},
        {"exchange_rate_limit_utilization{channel=private}": 1.2},
    ],
    "RateLimitWarning": [{"trader_rate_limiter_utilization_pct{endpoint=orders}": 84}],
    "HighAPILatency": [
        {"trader_api_latency_seconds_bucket{endpoint=orders,le=0.5}": 0.0,
         "trader_api_latency_seconds_bucket{endpoint=orders,le=5}": growing(5)},
        {"exchange_api_latency_seconds_sum": growing(15), "exchange_api_latency_seconds_count": growing(5)},
    ],
    "CycleTimeout": [{"trader_cycle_duration_seconds_sum": growing(50)}],
    "HighRiskRejections": [{"trader_risk_rejections_total{reason=cooldown}": growing(2)}],
    "BotDown": [{"up": 0}],
    "MetricsStale": [{"trader_cycle_duration_seconds_count": grew(1, 8)}],
    "CircuitBreakerTripped": [
        {"trader_circuit_breaker_state{breaker=api}": 1},
        {"trader_circuit_breaker_trips_total{type=kill_switch}": growing(0.3)},
    ],
    "HighAPIErrors": [{"exchange_api_errors_total": growing(2)}],
    "LowFillRate": [{"trader_orders_placed_total{side=BUY}": growing(1)}],
    "PositionCountHigh": [{"trader_open_positions": 8}],
}  # fmt: skip

POLYBOT_TRADER: World = {
    "up": 1,
    "scrape_samples_scraped": 80,
    "polybot_http_requests_total{status=200}": growing(100),
    "polybot_http_requests_total{status=500}": growing(1),
    "polybot_daily_pnl_usd": -100,
}
POLYBOT_TROUBLES: dict[str, list[World]] = {
    "HighErrorRate": [{"polybot_http_requests_total{status=503}": growing(9)}],
    "DailyLossLimit": [{"polybot_daily_pnl_usd": -420}, {"polybot_pnl_total{strategy=arb}": -450}],
    "BotDown": [{"up": 0}],
    "NoMetrics": [{"scrape_samples_scraped": 0}],
}

ERRORS = "bot_events_total{bot_id=a,event_type=error,category="
DEFIKIT_TRADER: World = {
    ERRORS + "connection}": growing(0.5),
    ERRORS + "execution}": 3,
    ERRORS + "validation}": growing(3),
    "bot_events_total{bot_id=a,event_type=signal}": growing(2),
}
DEFIKIT_TROUBLES: dict[str, list[World]] = {
    "ConnectionErrors": [{ERRORS + "connection}": growing(1.5)}],
    "ExecutionError": [{ERRORS + "execution}": growing(0.3)}],
    "SilentBot": [
        {
            "bot_events_total{bot_id=a,event_type=signal}": grew(2, 40),
            ERRORS + "connection}": 0,
            ERRORS + "validation}": 0,
        }
    ],
}

SYSTEMS = {
    "247trader": (TRADER, TROUBLES),
    "polybot": (POLYBOT_TRADER, POLYBOT_TROUBLES),
    "defikit": (DEFIKIT_TRADER, DEFIKIT_TROUBLES),
}
CASES = [
    (system, name, {**good, **trouble})
    for system, (good, troubles) in SYSTEMS.items()
    for name, worlds in troubles.items()
    for trouble in worlds
]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_rule_has_a_case(system: str) -> None:
    assert rules(system).keys() == SYSTEMS[system][1].keys()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_good_world_is_quiet(system: str) -> None:
    good, _ = SYSTEMS[system]
    assert [name for name, expr in rules(system).items() if rings(good, expr)] == []


@pytest.mark.parametrize(("system", "name", "world"), CASES, ids=[f"{s}-{n}" for s, n, _ in CASES])
def test_each_rule_can_ring(system: str, name: str, world: World) -> None:
    assert rings(world, rules(system)[name])


def test_every_rule_that_the_bot_ships_is_corrected_here(recorded: Callable[..., Path]) -> None:
    shipped = yaml.safe_load(recorded("247trader", "prometheus_alerts.yml").read_text())
    names = {rule["alert"] for group in shipped["groups"] for rule in group["rules"]}
    assert names <= rules("247trader").keys()
