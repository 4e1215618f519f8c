"""Made-up days of a bot's metrics, and what a preset's rules make of their end, through the real machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import MINUTE
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.rules import advance, begin
from tradetop.store import MemoryStore

START = 1_700_000_000_000
HOURS = 25
END = HOURS * 60
"""The last minute."""
INSTANCE = {"instance": "127.0.0.1:8000", "job": "bot"}

Shape = Callable[[float], float | None]
World = Mapping[str, Shape | float]
"""Series, as `name{label=value}`, with their value: constant, or by the minute; None where there is none."""


def growing(per_minute: float) -> Shape:
    """A counter."""
    return lambda minute: per_minute * minute


def grew(per_minute: float, ago: float) -> Shape:
    """A counter that stands still since so many minutes."""
    return lambda minute: per_minute * min(minute, END - ago)


def since(ago: float, value: float, before: float) -> Shape:
    """A gauge that changed so many minutes ago."""
    return lambda minute: value if minute >= END - ago else before


UP: World = {"up": 1, "scrape_samples_scraped": 80, "process_start_time_seconds": 1_699_990_000}
TRADER: World = {
    **UP,
    "trader_exposure_pct": 17,
    "trader_max_drawdown_pct": 3,
    "trader_daily_pnl_pct": -0.4,
    "trader_account_value_usd": lambda minute: 52_000 + minute % 7,
    "trader_triggers_detected": lambda minute: minute % 5,
    "trader_triggers_to_proposals_ratio": 0.3,
    "trader_trades_per_hour": 4,
    "trader_trades_total{side=BUY}": growing(4 / 60),
    "trader_orders_filled_total{side=BUY}": growing(4 / 60),
    "trader_orders_placed_total{side=BUY}": growing(5 / 60),
    "trader_rate_limiter_utilization_pct{endpoint=orders}": 40,
    "exchange_rate_limit_utilization{channel=private}": 0.4,
    "trader_api_latency_seconds_bucket{endpoint=orders,le=0.5}": growing(5),
    "trader_api_latency_seconds_bucket{endpoint=orders,le=5}": growing(5),
    "trader_api_latency_seconds_bucket{endpoint=orders,le=+Inf}": growing(5),
    "trader_cycle_duration_seconds_sum": growing(20),
    "trader_cycle_duration_seconds_count": growing(1),
    "trader_risk_rejections_total{reason=cooldown}": growing(0.5),
    "trader_circuit_breaker_trips_total{type=kill_switch}": 2,
    "trader_circuit_breaker_state{breaker=api}": 0,
    "exchange_api_errors_total": growing(0.1),
    "trader_open_positions": 3,
}
"""A good day of 247trader."""


def stored(world: World, names: frozenset[str] | None = None) -> MemoryStore:
    """A day of a world, a sample a minute; only the metrics of these names, where they are said."""
    series: dict[Labels, Shape | float] = {}
    for text, shape in world.items():
        name, _, rest = text.partition("{")
        if names is None or name in names:
            labels = dict(pair.split("=") for pair in rest.rstrip("}").split(",") if pair)
            series[Labels({"__name__": name, **INSTANCE, **labels})] = shape
    store = MemoryStore()
    for minute in range(END + 1):
        values = {labels: shape(minute) if callable(shape) else shape for labels, shape in series.items()}
        store.append_scrape("page", START + minute * MINUTE, {k: v for k, v in values.items() if v is not None})
    return store


def fired(rule: Rule, world: World) -> list[Alert]:
    """The alerts of a rule that fire at some time in the last quarter of an hour of a world, and a hold before."""
    names = None if "__name__" in rule.expr else Engine(MemoryStore()).metric_names(rule.expr)
    engine = Engine(stored(world, names))
    states = begin([rule])
    found: dict[Labels, Alert] = {}
    end = START + END * MINUTE
    for t in range(end - rule.hold - 15 * MINUTE, end + 1, MINUTE // 2):
        states = advance(states, engine, t)
        assert states[0].error == ""
        found |= {k: a for k, a in states[0].alerts.items() if a.state is AlertState.FIRING}
    return list(found.values())
