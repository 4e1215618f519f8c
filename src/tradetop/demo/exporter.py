"""The sample bot's /metrics page: 247trader's documented metrics, by Prometheus' own client library."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from tradetop.demo.happening import Closed, Cycled, Failed, Happening, Opened, RiskVerdict, Standing, Tripped

MODE = "PAPER"
VERSION = "2.3.1"

_CYCLE_BUCKETS = (1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90)
"""Reach beyond the documented budget of 45 s, so that its alert can fire."""
_LATENCY_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)
_BREAKERS = ("api_health", "daily_stop_loss", "kill_switch")
_REJECTIONS = ("exposure_cap", "cooldown", "low_conviction", "spread_too_wide", "daily_limit", "max_open_positions")


class Exporter:
    """Turns what happened into counters and how the bot stands into gauges; may be read from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._portfolio()
        self._operations()
        self._trading()

    def page(self) -> bytes:
        """The page as text exposition."""
        with self._lock:
            return generate_latest(self.registry)

    def record(self, happened: Iterable[Happening], standing: Standing) -> None:
        """Take in what happened in the last second, and how the bot stands after it."""
        with self._lock:
            for one in happened:
                self._count(one)
            self._set(standing)

    def _gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _portfolio(self) -> None:
        build = Info("trader_build", "Version and mode of the bot", registry=self.registry)
        build.info({"version": VERSION, "mode": MODE})
        self._account_value = self._gauge("trader_account_value_usd", "Total account value in USD")
        self._daily_pnl = self._gauge("trader_daily_pnl_usd", "Daily profit/loss in USD")
        self._daily_pnl_pct = self._gauge("trader_daily_pnl_pct", "Daily profit/loss percentage")
        self._open_positions = self._gauge("trader_open_positions", "Number of open positions")
        self._position_value = self._gauge("trader_position_value_usd", "Value of each open position", ("symbol",))
        self._exposure = self._gauge("trader_exposure_pct", "Total exposure as % of account")
        self._drawdown = self._gauge("trader_max_drawdown_pct", "Maximum drawdown percentage")
        self._trades_per_hour = self._gauge("trader_trades_per_hour", "Rolling trades per hour count")
        self._triggers = self._gauge("trader_triggers_detected", "Triggers detected in last cycle")
        self._proposals = self._gauge("trader_proposals_generated", "Proposals from triggers")
        self._selectivity = self._gauge("trader_triggers_to_proposals_ratio", "Strategy selectivity (0.0-1.0)")

    def _operations(self) -> None:
        self._utilization = self._gauge(
            "trader_rate_limiter_utilization_pct", "Rate limit usage by endpoint", ("endpoint",)
        )
        self._cycle = Histogram(
            "trader_cycle_duration_seconds", "Cycle execution time", buckets=_CYCLE_BUCKETS, registry=self.registry
        )
        self._latency = Histogram(
            "trader_api_latency_seconds",
            "API call latency by endpoint",
            ("endpoint",),
            buckets=_LATENCY_BUCKETS,
            registry=self.registry,
        )
        self._stages = Summary(
            "trader_stage_duration_seconds", "Duration of each stage of a cycle", ("stage",), registry=self.registry
        )
        self._api_errors = self._counter("exchange_api_errors", "Exchange API errors", ("endpoint", "kind"))
        self._violations = self._counter("exchange_rate_limit_violations", "Requests refused for being too many")
        self._consecutive = self._gauge("exchange_api_consecutive_errors", "Exchange API errors in a row")
        self._breaker = self._gauge("trader_circuit_breaker_state", "0 closed, 1 open", ("breaker",))
        for breaker in _BREAKERS:
            self._breaker.labels(breaker).set(0)

    def _trading(self) -> None:
        sides = ("side", "symbol")
        self._trades = self._counter("trader_trades", "Total trades executed", sides)
        self._placed = self._counter("trader_orders_placed", "Orders placed", sides)
        self._filled = self._counter("trader_orders_filled", "Orders filled", sides)
        self._fills = self._counter("trader_fills", "Fills", sides)
        self._fill_ratio = self._gauge("trader_fill_ratio", "Orders filled, of those placed (0.0-1.0)")
        self._orders = [0, 0]
        self._order_rejections = self._counter("trader_order_rejections", "Orders the exchange refused", ("reason",))
        self._rejections = self._counter("trader_risk_rejections", "Trades rejected by risk engine", ("reason",))
        self._trips = self._counter("trader_circuit_breaker_trips", "Circuit breaker activations", ("type",))
        self._idle = self._counter("trader_no_trade", "Cycles without a trade", ("reason",))
        for reason in _REJECTIONS:
            self._rejections.labels(reason)

    def _count(self, one: Happening) -> None:
        match one:
            case Opened():
                self._fill("BUY", one.pair)
            case Closed():
                self._fill("SELL", one.pair)
            case RiskVerdict(approved=False):
                self._rejections.labels(one.reason).inc()
            case Failed(category="execution"):
                self._placed.labels("BUY", one.pair).inc()
                self._orders[0] += 1
                self._order_rejections.labels(one.kind).inc()
            case Failed(category="connection"):
                self._api_errors.labels(one.endpoint, one.kind).inc()
                self._violations.inc(one.kind == "rate_limited")
            case Tripped():
                self._trips.labels(one.breaker).inc()
            case Cycled():
                self._pass(one)
            case _:
                pass

    def _fill(self, side: str, pair: str) -> None:
        for counter in (self._placed, self._filled, self._fills, self._trades):
            counter.labels(side, pair).inc()
        self._orders = [self._orders[0] + 1, self._orders[1] + 1]

    def _pass(self, cycle: Cycled) -> None:
        self._cycle.observe(cycle.seconds)
        for stage, seconds in cycle.stages.items():
            self._stages.labels(stage).observe(seconds)
        for endpoint, seconds in cycle.calls:
            self._latency.labels(endpoint).observe(seconds)
        if cycle.idle_reason:
            self._idle.labels(cycle.idle_reason).inc()

    def _set(self, now: Standing) -> None:
        self._account_value.set(round(now.equity, 2))
        self._daily_pnl.set(round(now.day_pnl, 2))
        self._daily_pnl_pct.set(round(100 * now.day_pnl / now.day_start, 4))
        self._open_positions.set(now.positions)
        self._position_value.clear()
        for pair, usd in now.holdings.items():
            self._position_value.labels(pair).set(round(usd, 2))
        placed, filled = self._orders
        self._fill_ratio.set(round(filled / placed, 3) if placed else 1.0)
        self._exposure.set(round(now.exposure_pct, 3))
        self._drawdown.set(round(now.drawdown_pct, 3))
        self._trades_per_hour.set(now.trades_per_hour)
        self._triggers.set(now.triggers)
        self._proposals.set(now.proposals)
        self._selectivity.set(round(now.selectivity, 3))
        for endpoint, percent in now.utilization.items():
            self._utilization.labels(endpoint).set(round(percent, 1))
        self._consecutive.set(now.consecutive_errors)
        self._breaker.labels("api_health").set(now.breaker_open)
