"""The presets keep what the bots' documents promise: every panel, value, unit and threshold."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest

from tradetop.dashboards import Footing, PanelEvaluator, preset
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Dashboard, PaneName
from tradetop.model.panel_frame import PanelFrame
from tradetop.model.unit import Unit
from tradetop.promql import Engine
from tradetop.store import MemoryStore

START = 1_700_000_000_000
STEP = 10_000
SCRAPES = 90
AT = START + (SCRAPES - 1) * STEP


@dataclass(frozen=True)
class Metric:
    """One metric of a page: a gauge's value, or a counter's growth per second."""

    name: str
    labels: Labels
    counts: bool = False
    buckets: bool = False

    def samples(self, value: float, seconds: float) -> dict[Labels, float]:
        if self.buckets:
            # Every observation took `value`; buckets stand at tenths of it, so that a quantile tells it.
            count = seconds
            edges = [value * i / 10 for i in range(1, 20)]
            found = {
                Labels({"__name__": f"{self.name}_bucket", "le": f"{edge:g}", **self.labels}): count * (edge >= value)
                for edge in edges
            }
            found[Labels({"__name__": f"{self.name}_bucket", "le": "+Inf", **self.labels})] = count
            found[Labels({"__name__": f"{self.name}_sum", **self.labels})] = count * value
            found[Labels({"__name__": f"{self.name}_count", **self.labels})] = count
            return found
        return {Labels({"__name__": self.name, **self.labels}): value * (seconds if self.counts else 1.0)}


def gauge(name: str, **labels: str) -> Metric:
    return Metric(name, Labels(labels))


def counter(name: str, **labels: str) -> Metric:
    return Metric(name, Labels(labels), counts=True)


def histogram(name: str, **labels: str) -> Metric:
    return Metric(name, Labels(labels), buckets=True)


TRADER = (
    gauge("trader_account_value_usd"),
    gauge("trader_daily_pnl_usd"),
    gauge("trader_daily_pnl_pct"),
    gauge("trader_open_positions"),
    gauge("trader_exposure_pct"),
    gauge("trader_max_drawdown_pct"),
    gauge("trader_trades_per_hour"),
    gauge("trader_triggers_detected"),
    gauge("trader_proposals_generated"),
    gauge("trader_triggers_to_proposals_ratio"),
    gauge("trader_rate_limiter_utilization_pct", endpoint="products"),
    gauge("trader_rate_limiter_utilization_pct", endpoint="orders"),
    histogram("trader_cycle_duration_seconds"),
    histogram("trader_api_latency_seconds", endpoint="products"),
    counter("trader_trades_total", side="BUY", symbol="BTC-USD"),
    counter("trader_risk_rejections_total", reason="exposure_cap"),
    counter("trader_circuit_breaker_trips", type="daily_stop_loss"),
    counter("trader_orders_placed_total", side="BUY", symbol="BTC-USD"),
    counter("trader_orders_filled_total", side="BUY", symbol="BTC-USD"),
)
POLYBOT = (
    histogram("polybot_http_request_duration_seconds", method="GET", endpoint="/", status="200"),
    counter("polybot_http_requests_total", method="GET", endpoint="/", status="500"),
    counter("polybot_orders_total", strategy="arb", side="BUY", status="filled"),
    gauge("polybot_position_value_usd", strategy="arb", market="m1"),
    gauge("polybot_pnl_total", strategy="arb"),
    gauge("polybot_pnl_unrealized", strategy="arb"),
    counter("polybot_signals_total", strategy="arb", action="buy"),
    counter("polybot_scans_total", strategy="arb"),
    gauge("polybot_strategy_running", strategy="arb"),
    gauge("polybot_websocket_connections"),
    gauge("polybot_nng_queue_depth", channel="orders"),
)
REAL_POLYBOT = (
    counter("polybot_http_requests_total", method="GET", endpoint="/", status="503"),
    histogram("polybot_http_request_duration_seconds", method="GET", endpoint="/"),
    counter("polybot_orders_total", strategy="arb", side="BUY", status="filled"),
    gauge("polybot_pnl_realized_usd", strategy="arb"),
    gauge("polybot_pnl_unrealized_usd", strategy="arb"),
    gauge("polybot_daily_pnl_usd"),
    gauge("polybot_open_positions", strategy="arb"),
    gauge("polybot_position_value_usd", strategy="arb"),
    gauge("polybot_total_exposure_usd"),
    gauge("polybot_risk_exposure_pct"),
    gauge("polybot_risk_daily_loss_pct"),
    gauge("polybot_service_up", service="scanner"),
)
SIXTEEN = {
    "account-value": ("Account Value", Unit.USD),
    "daily-pnl-pct": ("Daily PnL %", Unit.PERCENT),
    "open-positions": ("Open Positions", Unit.SHORT),
    "exposure": ("Exposure %", Unit.PERCENT),
    "account-pnl": ("Account Value & PnL Over Time", Unit.USD),
    "risk-metrics": ("Risk Metrics", Unit.PERCENT),
    "trades-per-hour": ("Trades Per Hour", Unit.PER_HOUR),
    "triggers": ("Triggers Detected (Last Cycle)", Unit.SHORT),
    "proposals": ("Proposals Generated (Last Cycle)", Unit.SHORT),
    "selectivity": ("Strategy Selectivity (Proposals/Triggers)", Unit.RATIO),
    "triggers-proposals": ("Triggers vs Proposals Over Time", Unit.SHORT),
    "rate-limits": ("Rate Limiter Utilization by Endpoint", Unit.PERCENT),
    "trade-rate": ("Trade Rate (per 5min)", Unit.SHORT),
    "cycle-duration": ("Cycle Duration", Unit.SECONDS),
    "rejections": ("Risk Rejections by Reason", Unit.SHORT),
    "api-latency-p95": ("API Latency (p95)", Unit.SECONDS),
}
FIVE = {
    "pnl-overview": ("P&L Overview", Unit.USD),
    "order-activity": ("Order Activity", Unit.PER_HOUR),
    "position-summary": ("Position Summary", Unit.USD),
    "signal-rate": ("Signal Rate", Unit.PER_MINUTE),
    "api-performance": ("API Performance", Unit.SECONDS),
}


def load(name: str) -> Dashboard:
    dashboard = preset(name)
    assert dashboard is not None
    return dashboard


def shown(dashboard: Dashboard, values: Mapping[Metric, float]) -> dict[str, PanelFrame]:
    """The panels after a quarter of an hour of scrapes of a page with these values."""
    store = MemoryStore()
    for i in range(SCRAPES):
        samples: dict[Labels, float] = {}
        for metric, value in values.items():
            samples |= metric.samples(value, i * STEP / 1_000)
        store.append_scrape("page", START + i * STEP, samples)
    footing = Footing(AT, START, START, set_in_work=dashboard.set_in_work)
    frames = PanelEvaluator().frames(Engine(store), dashboard.panels, at=AT, span=900_000, points=30, footing=footing)
    return {frame.panel.id: frame for frame in frames}


def readings(frame: PanelFrame) -> list[tuple[str, float | None]]:
    return [(s.legend, None if s.reading.value is None else round(s.reading.value, 6)) for s in frame.series]


def page(metrics: Iterable[Metric], seed: int = 7) -> dict[Metric, float]:
    """A distinct random value for each metric."""
    rng = random.Random(seed)
    return {metric: round(rng.uniform(1.0, 9.0), 3) for metric in metrics}


@pytest.mark.parametrize(("name", "metrics", "promised"), [("247trader", TRADER, SIXTEEN), ("polybot", POLYBOT, FIVE)])
def test_every_documented_panel_shows_title_value_and_unit(
    name: str, metrics: tuple[Metric, ...], promised: dict[str, tuple[str, Unit]]
) -> None:
    frames = shown(load(name), page(metrics))
    for id_, (title, unit) in promised.items():
        frame = frames[id_]
        assert (frame.panel.title, frame.panel.unit, frame.error) == (title, unit, "")
        assert frame.series, id_
        assert all(s.reading.value and s.reading.presence is Presence.LIVE for s in frame.series), id_
        assert all(s.trend.values[-1] == s.reading.value for s in frame.series)


def test_the_sixteen_stand_under_the_documents_six_headings() -> None:
    rows = list(dict.fromkeys(p.row for p in load("247trader").panels if p.id in SIXTEEN))
    assert rows == [
        *("Portfolio Overview", "Performance Charts", "Strategy Metrics", "Strategy Performance"),
        *("Operational Metrics", "Health & Errors"),
    ]
    assert [p.id for p in load("247trader").panels][:16] == list(SIXTEEN)


def test_the_values_are_those_of_the_page() -> None:
    values = page(TRADER)
    frames = shown(load("247trader"), values)
    by_name = {(m.name, *m.labels.values()): v for m, v in values.items()}
    assert readings(frames["account-value"]) == [("", by_name["trader_account_value_usd",])]
    assert readings(frames["rate-limits"]) == [
        ("orders", by_name["trader_rate_limiter_utilization_pct", "orders"]),
        ("products", by_name["trader_rate_limiter_utilization_pct", "products"]),
    ]
    trades = by_name["trader_trades_total", "BUY", "BTC-USD"] * 300
    assert readings(frames["trade-rate"]) == [("BUY BTC-USD", pytest.approx(trades, rel=1e-6))]
    cycle = dict(readings(frames["cycle-duration"]))
    assert cycle["cycle average"] == pytest.approx(by_name["trader_cycle_duration_seconds",])
    assert cycle["cycle p95"] == pytest.approx(by_name["trader_cycle_duration_seconds",], rel=0.1)
    latency = by_name["trader_api_latency_seconds", "products"]
    assert dict(readings(frames["api-latency-p95"]))["products (p95)"] == pytest.approx(latency, rel=0.1)


@pytest.mark.parametrize(("name", "metrics"), [("247trader", TRADER), ("polybot", POLYBOT)])
def test_changing_one_value_changes_exactly_its_panels(name: str, metrics: tuple[Metric, ...]) -> None:
    dashboard = load(name)
    values = {m: -v if m.name == "trader_daily_pnl_pct" else v for m, v in page(metrics).items()}
    before = shown(dashboard, values)
    for metric in metrics:
        after = shown(dashboard, values | {metric: values[metric] * 1.5 + 0.25})
        changed = {id_ for id_ in before if readings(before[id_]) != readings(after[id_])}
        using = {p.id for p in dashboard.panels if any(_uses(q.expr, metric) for q in p.queries)}
        assert changed, metric.name
        assert changed <= using, metric.name
        missed = using - changed - INSENSITIVE
        assert not missed, metric.name


INSENSITIVE = {
    "selectivity",  # Asks of the triggers only whether there are any.
    "account-change",  # A steady value changes by nothing, however large it is.
    "daily-pnl",  # Where only a running total is known, a steady one has not moved today.
    "pending-exposure",  # Reads only the series of that type.
    "position-summary",  # Counts positions without a count of their own.
}


def _uses(expr: str, metric: Metric) -> bool:
    names = [metric.name] if not metric.buckets else [metric.name + part for part in ("_bucket", "_sum", "_count")]
    return any(re.search(rf"(?<![a-z_:]){name}(?![a-z_:])", expr) for name in names)


@pytest.mark.parametrize(
    ("name", "value", "panel", "pane", "level"),
    [
        ("trader_exposure_pct", 20.0, "exposure", PaneName.LIMITS, Level.OK),
        ("trader_exposure_pct", 20.1, "exposure", PaneName.LIMITS, Level.WARNING),
        ("trader_exposure_pct", 25.1, "exposure", PaneName.LIMITS, Level.CRITICAL),
        ("trader_max_drawdown_pct", 8.1, "drawdown", PaneName.LIMITS, Level.WARNING),
        ("trader_max_drawdown_pct", 10.1, "drawdown", PaneName.LIMITS, Level.CRITICAL),
        ("trader_daily_pnl_pct", -2.9, "day-loss", PaneName.LIMITS, Level.OK),
        ("trader_daily_pnl_pct", -3.1, "day-loss", PaneName.LIMITS, Level.WARNING),
        ("trader_daily_pnl_pct", -5.1, "day-loss", PaneName.LIMITS, Level.CRITICAL),
        ("trader_open_positions", 4.0, "open-positions", PaneName.LIMITS, Level.OK),
        ("trader_open_positions", 5.0, "open-positions", PaneName.LIMITS, Level.WARNING),
        ("trader_open_positions", 8.0, "open-positions", PaneName.LIMITS, Level.CRITICAL),
        ("trader_trades_per_hour", 10.0, "trades-per-hour", PaneName.LIMITS, Level.OK),
        ("trader_trades_per_hour", 11.0, "trades-per-hour", PaneName.LIMITS, Level.WARNING),
        ("trader_triggers_to_proposals_ratio", 0.3, "selectivity", PaneName.LIMITS, Level.OK),
        ("trader_triggers_to_proposals_ratio", 0.15, "selectivity", PaneName.LIMITS, Level.WARNING),
        ("trader_triggers_to_proposals_ratio", 0.6, "selectivity", PaneName.LIMITS, Level.WARNING),
        ("trader_triggers_to_proposals_ratio", 0.05, "selectivity", PaneName.LIMITS, Level.CRITICAL),
        ("trader_triggers_to_proposals_ratio", 0.85, "selectivity", PaneName.LIMITS, Level.CRITICAL),
        ("trader_rate_limiter_utilization_pct", 80.5, "rate-limits", PaneName.RATES, Level.WARNING),
        ("trader_rate_limiter_utilization_pct", 120.0, "rate-limits", PaneName.RATES, Level.CRITICAL),
        ("trader_cycle_duration_seconds", 44.0, "cycle-duration", PaneName.CYCLE, Level.OK),
        ("trader_cycle_duration_seconds", 46.0, "cycle-duration", PaneName.CYCLE, Level.WARNING),
        ("trader_api_latency_seconds", 3.0, "api-latency-p95", PaneName.CYCLE, Level.WARNING),
        ("trader_risk_rejections_total", 0.1, "rejections", PaneName.STRATEGIES, Level.WARNING),
    ],
)
def test_crossing_a_documented_threshold_of_247trader(
    name: str, value: float, panel: str, pane: PaneName, level: Level
) -> None:
    values = page(TRADER) | {metric: value for metric in TRADER if metric.name == name}
    frame = shown(load("247trader"), values)[panel]
    assert (frame.panel.pane, frame.level) == (pane, level)


@pytest.mark.parametrize(
    ("name", "value", "panel", "level"),
    [
        ("polybot_http_requests_total", 0.09, "error-rate", Level.OK),
        ("polybot_http_requests_total", 0.11, "error-rate", Level.WARNING),
        ("polybot_daily_pnl_usd", -399.0, "daily-pnl", Level.OK),
        ("polybot_daily_pnl_usd", -401.0, "daily-pnl", Level.WARNING),
        ("polybot_daily_pnl_usd", -501.0, "daily-pnl", Level.CRITICAL),
        ("polybot_risk_exposure_pct", 1.0, "exposure-of-limit", Level.CRITICAL),
    ],
)
def test_crossing_a_documented_threshold_of_polybot(name: str, value: float, panel: str, level: Level) -> None:
    values = page(REAL_POLYBOT) | {metric: value for metric in REAL_POLYBOT if metric.name == name}
    assert shown(load("polybot"), values)[panel].level is level


def test_the_real_bots_names_are_understood() -> None:
    real = {
        gauge("trader_exposure_pct", type="at_risk"): 0.216,
        gauge("trader_exposure_pct", type="pending"): 0.05,
        gauge("exchange_rate_limit_utilization", channel="private"): 1.2,
        gauge("trader_cycle_stage_count", stage="proposals"): 3.0,
        gauge("trader_circuit_breaker_state", breaker="volatility"): 1.0,
        counter("trader_cycle_duration_seconds_sum"): 1.2,
        counter("trader_cycle_duration_seconds_count"): 0.1,
        counter("exchange_api_latency_seconds_sum", endpoint="orders", channel="rest", status="ok"): 0.4,
        counter("exchange_api_latency_seconds_count", endpoint="orders", channel="rest", status="ok"): 1.0,
        counter("trader_fills_total", side="buy"): 0.005,
        counter("exchange_api_errors_total", error_type="timeout"): 0.05,
        counter("trader_no_trade_total", reason="cooldown"): 0.01,
    }
    frames = shown(load("247trader"), real)
    assert readings(frames["exposure"]) == [("", 21.6)]
    assert frames["exposure"].level is Level.WARNING
    assert readings(frames["pending-exposure"]) == [("", 5.0)]
    assert readings(frames["rate-limits"]) == [("private", 120.0)]
    assert readings(frames["proposals"]) == [("", 3.0)]
    assert readings(frames["cycle-duration"]) == [("cycle average", pytest.approx(12.0))]
    assert readings(frames["api-latency-p95"]) == [("orders (average)", pytest.approx(0.4))]
    assert readings(frames["api-errors"]) == [("", pytest.approx(3.0))]
    assert frames["api-errors"].level is Level.WARNING
    assert frames["breaker"].level is Level.CRITICAL
    assert frames["trades-per-hour"].series[0].reading.value == pytest.approx(4.5, rel=0.1)
    assert frames["account-value"].series == ()


def test_polybot_as_it_is() -> None:
    frames = shown(load("polybot"), page(REAL_POLYBOT))
    for id_ in FIVE.keys() - {"signal-rate"}:
        assert all(s.reading.value for s in frames[id_].series), id_
        assert frames[id_].series, id_
    assert [legend for legend, _ in readings(frames["pnl-overview"])] == ["total", "arb"]
    assert frames["daily-pnl"].series[0].reading.unit is Unit.USD


def test_gauges_that_the_exporter_never_sets_say_so() -> None:
    values = dict.fromkeys(TRADER, 0.0)
    frames = shown(load("247trader"), values)
    for id_ in ("account-value", "daily-pnl", "daily-pnl-pct", "drawdown", "exposure", "triggers"):
        reading = frames[id_].series[0].reading
        assert (reading.value, reading.presence) == (0.0, Presence.NEVER_SET)
        assert frames[id_].level is Level.OK
    positions = frames["open-positions"].series[0].reading
    assert (positions.presence, positions.unmoved_since) == (Presence.LIVE, START)
    assert frames["signals-1h"].series == ()


def test_after_an_outage_trades_an_hour_are_one_row() -> None:
    store, panel = MemoryStore(), next(p for p in load("247trader").panels if p.id == "trades-per-hour")
    evaluator = PanelEvaluator()
    for i in range(60):
        up = not 20 <= i < 40
        samples = {Labels({"__name__": "up", "job": "bot"}): float(up)}
        if up:
            page = {"trader_trades_per_hour": 4.0, "trader_fills_total": i / 5}
            samples |= {Labels({"__name__": name, "job": "bot"}): value for name, value in page.items()}
        store.append_scrape("page", START + i * STEP, samples)
        at = START + i * STEP
        footing = Footing(at, START, START, down=not up)
        (frame,) = evaluator.frames(Engine(store), [panel], at=at, span=900_000, points=30, footing=footing)
        assert [s.labels.get("job") for s in frame.series] == ["bot"], i
