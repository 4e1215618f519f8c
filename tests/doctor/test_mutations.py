"""Rules that work are believed, each single mistake in one is caught, and our own rules are never called dead."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from doctor.making import FAR, bot, known_from, store_of, verdict
from tradetop.dashboards.choose import BUILT_IN, preset
from tradetop.doctor import Kind, Knowledge, judge, known_of
from tradetop.doctor.witness import witness_of
from tradetop.rules import rules_of
from tradetop.store import MemoryStore

NAN = math.nan


def wave(middle: float, size: float) -> object:
    return lambda i: middle + size * math.sin(i / 7)


def growing(step: float) -> object:
    return lambda i: step * i


STORE = store_of(
    {
        "trader_exposure_pct": wave(18, 4),
        "trader_max_drawdown_pct": wave(4, 1.5),
        "trader_daily_pnl_pct": wave(-1.4, 0.4),
        "trader_open_positions": lambda i: float(3 + i // 40 % 3),
        "trader_triggers_to_proposals_ratio": wave(0.4, 0.1),
        "trader_trades_per_hour": wave(5, 2),
        "trader_rate_limiter_utilization_pct{endpoint=products}": wave(70, 15),
        "trader_rate_limiter_utilization_pct{endpoint=orders}": wave(30, 5),
        "trader_api_errors_total{endpoint=orders}": growing(4),
        "trader_orders_total{side=BUY,status=filled}": growing(2),
        "trader_orders_total{side=SELL,status=filled}": growing(1),
        "trader_http_requests_total{status=200}": growing(20),
        "trader_http_requests_total{status=500}": growing(0.8),
        "trader_cycle_seconds_bucket{le=15.0}": growing(0.5),
        "trader_cycle_seconds_bucket{le=30.0}": growing(0.9),
        "trader_cycle_seconds_bucket{le=60.0}": growing(1),
        "trader_cycle_seconds_bucket{le=+Inf}": growing(1),
        "trader_cycle_seconds_sum": growing(22),
        "trader_cycle_seconds_count": growing(1),
        "trader_last_cycle_timestamp_seconds": lambda i: 1_700_000_000.0 + 10 * (i - i % 3),
    }
)
WORKING = known_from(
    STORE,
    {
        "trader_exposure_pct": "gauge",
        "trader_api_errors_total": "counter",
        "trader_cycle_seconds": "histogram",
        "trader_triggers_to_proposals_ratio": "gauge: Proposals by triggers (0.0-1.0)",
    },
)
WITNESS = witness_of(STORE, WORKING)
"""Its past, which the command looks through as well."""

RULES = {
    "exposure": ("trader_exposure_pct", "", ">", 25),
    "drawdown": ("trader_max_drawdown_pct", "", ">", 8),
    "day loss": ("trader_daily_pnl_pct", "", "<", -3),
    "positions": ("trader_open_positions", "", ">=", 8),
    "selectivity": ("trader_triggers_to_proposals_ratio", "", ">", 0.8),
    "trades": ("trader_trades_per_hour", "", ">", 10),
    "rate limit": ("trader_rate_limiter_utilization_pct", '{endpoint="products"}', ">", 90),
    "errors": ("rate(trader_api_errors_total", '{endpoint="orders"}[5m])', ">", 0.6),
    "orders": ("sum by (side) (increase(trader_orders_total", '{status="filled"}[5m]))', ">", 120),
    "server errors": ("rate(trader_http_requests_total", '{status="500"}[5m])', ">", 0.1),
    "cycle": ("histogram_quantile(0.95, rate(trader_cycle_seconds_bucket", "[5m]))", ">", 45),
    "stale": ("time() - trader_last_cycle_timestamp_seconds", "", ">", 120),
}
NAMES = {
    "exposure": "trader_exposure_pct",
    "errors": "trader_api_errors_total",
    "orders": "trader_orders_total",
    "cycle": "trader_cycle_seconds_bucket",
}


def line(rule: str, more: str = "", limit: float | None = None) -> str:
    """A working rule, with a matcher more or another limit."""
    left, right, op, usual = RULES[rule]
    labels = right
    if more:
        labels = right.replace("{", f"{{{more},") if "{" in right else f"{{{more}}}{right}"
    return f"{left}{labels} {op} {usual if limit is None else limit:g}"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_works_is_believed(rule: str) -> None:
    found = verdict(line(rule), WORKING, WITNESS)
    assert (found.kind, found.notes) == (Kind.CAN, ()), found.reason


def mutants() -> Iterator[tuple[str, str]]:
    """Every working rule with one thing changed."""
    for rule, (_, right, _, limit) in RULES.items():
        name = next(
            word
            for word in line(rule).replace("(", " ").replace("{", " ").replace("[", " ").split()
            if "trader_" in word
        )
        good = line(rule)
        yield rule, good.replace(name, name[:9] + name[10:])
        yield rule, good.replace(name, name + "s")
        yield rule, good.replace(name, name.replace("trader_", "bot_"))
        yield rule, line(rule, 'job="trader-v2"')
        yield rule, line(rule, 'instance="elsewhere:1"')
        yield rule, line(rule, 'symbol="BTC-USD"')
        if '="' in right:
            label, value = right.strip("{").split('"')[0].rstrip("="), right.split('"')[1]
            yield rule, good.replace(f"{label}=", f"{label}x=")
            yield rule, good.replace(f'"{value}"', f'"{value}x"')
        yield rule, line(rule, limit=limit * 100)
        yield rule, line(rule, limit=limit / 100)


@pytest.mark.parametrize(("rule", "expr"), [*mutants()])
def test_each_single_mistake_in_a_working_rule_is_caught(rule: str, expr: str) -> None:
    assert expr != line(rule)
    found = verdict(expr, WORKING, WITNESS)
    assert found.kind is not Kind.CAN, expr
    assert found.reason


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_rule_of_a_preset_is_called_dead_by_a_page_that_fits_it(name: str) -> None:
    dashboard = preset(name)
    assert dashboard is not None
    rules = rules_of(dashboard)
    for known in fitting(name):
        found = judge(rules, known)
        assert len(found) == len(rules) > 1
        assert {v.kind for v in found} <= {Kind.CAN, Kind.UNPROVEN}, [
            v for v in found if v.kind not in (Kind.CAN, Kind.UNPROVEN)
        ]


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_rule_of_a_preset_is_called_dead_by_what_was_recorded_of_a_bot(
    name: str, recorded_store: MemoryStore
) -> None:
    dashboard = preset(name)
    assert dashboard is not None
    found = judge(rules_of(dashboard), known_of(recorded_store.select((), 0, FAR), {}))
    assert [v for v in found if v.kind is Kind.NEVER] == []


def fitting(name: str) -> Iterator[Knowledge]:
    """Pages as the documents describe them, and as the bots' code has them."""
    pages: dict[str, tuple[dict[str, object], ...]] = {
        "247trader": (
            {
                "trader_account_value_usd": wave(50_000, 400),
                "trader_daily_pnl_usd": wave(-20, 60),
                "trader_daily_pnl_pct": wave(-0.2, 0.6),
                "trader_open_positions": lambda i: float(i // 60),
                "trader_exposure_pct": wave(17, 5),
                "trader_max_drawdown_pct": wave(4, 2),
                "trader_trades_per_hour": wave(3, 2),
                "trader_triggers_detected": wave(3, 2),
                "trader_proposals_generated": wave(2, 1),
                "trader_triggers_to_proposals_ratio": wave(0.35, 0.2),
                "trader_rate_limiter_utilization_pct{endpoint=products}": wave(60, 20),
                "trader_cycle_duration_seconds_bucket{le=5.0}": growing(0.5),
                "trader_cycle_duration_seconds_bucket{le=10.0}": growing(0.8),
                "trader_cycle_duration_seconds_bucket{le=+Inf}": growing(1),
                "trader_cycle_duration_seconds_sum": growing(9),
                "trader_cycle_duration_seconds_count": growing(1),
                "trader_api_latency_seconds_bucket{endpoint=a,le=1.0}": growing(0.8),
                "trader_api_latency_seconds_bucket{endpoint=a,le=5.0}": growing(1),
                "trader_api_latency_seconds_bucket{endpoint=a,le=+Inf}": growing(1),
                "trader_trades_total{side=BUY,symbol=BTC-USD}": growing(0.1),
                "trader_risk_rejections_total{reason=cap}": growing(0.2),
                "trader_circuit_breaker_trips_total{type=x}": growing(0.01),
                "trader_circuit_breaker_state{breaker=x}": lambda i: float(i % 90 == 0),
                "trader_orders_placed_total{side=BUY}": growing(0.4),
                "trader_orders_filled_total{side=BUY}": growing(0.3),
                "trader_api_errors_total{endpoint=a,error_type=b}": growing(0.05),
            },
            {
                "trader_exposure_pct{type=at_risk}": wave(0.17, 0.05),
                "trader_exposure_pct{type=pending}": wave(0.02, 0.01),
                "trader_open_positions": lambda i: float(i // 60),
                "exchange_rate_limit_utilization{channel=public}": wave(0.6, 0.2),
                "trader_cycle_duration_seconds_sum": growing(9),
                "trader_cycle_duration_seconds_count": growing(1),
                "exchange_api_latency_seconds_sum{endpoint=a}": growing(1),
                "exchange_api_latency_seconds_count{endpoint=a}": growing(2),
                "exchange_api_errors_total": growing(0.05),
                "trader_fills_total{side=BUY}": growing(0.1),
                "trader_account_value_usd": 0.0,
                "trader_daily_pnl_pct": 0.0,
                "trader_max_drawdown_pct": 0.0,
                "trader_risk_rejections_total{reason=cap}": growing(0.2),
                "trader_orders_placed_total{side=BUY}": growing(0.4),
                "trader_orders_filled_total{side=BUY}": growing(0.3),
                "trader_circuit_breaker_state{breaker=x}": 0.0,
                "trader_circuit_breaker_trips_total{type=x}": 1.0,
                "trader_api_latency_seconds_bucket{endpoint=a,le=5.0}": growing(1),
                "trader_api_latency_seconds_bucket{endpoint=a,le=+Inf}": growing(1),
                "trader_triggers_detected": 0.0,
                "trader_triggers_to_proposals_ratio": 0.0,
                "trader_trades_per_hour": 0.0,
                "trader_rate_limiter_utilization_pct{endpoint=products}": 0.0,
            },
        ),
        "polybot": (
            {
                "polybot_pnl_total{strategy=arb}": wave(10, 40),
                "polybot_http_requests_total{method=GET,endpoint=/,status=200}": growing(3),
                "polybot_risk_exposure_pct": wave(0.4, 0.2),
                "polybot_risk_daily_loss_pct": wave(0.2, 0.1),
            },
            {
                "polybot_daily_pnl_usd": 0.0,
                "polybot_pnl_realized_usd{strategy=arb}": 0.0,
                "polybot_http_requests_total{method=GET,endpoint=/,status=503}": growing(3),
                "polybot_risk_exposure_pct": 0.0,
                "polybot_risk_daily_loss_pct": 0.0,
            },
        ),
        "defikit": (
            {
                f"bot_events_total{{event_type={kind},category={category}}}": growing(0.1)
                for kind, category in (("error", "connection"), ("error", "execution"), ("signal", "none"))
            },
        ),
    }
    for values in pages[name]:
        yield bot(values)  # type: ignore[arg-type]
