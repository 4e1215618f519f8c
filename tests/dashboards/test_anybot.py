"""Any bot: what panels a page gives that nobody has described."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.dashboards import any_dashboard
from tradetop.dashboards.anybot import PANELS
from tradetop.model.panel import Panel, PanelKind, PaneName
from tradetop.model.ports import Metadata
from tradetop.model.unit import Unit
from tradetop.promql import Engine
from tradetop.store import MemoryStore

PAGE = {
    "mybot_daily_pnl_usd": "gauge",
    "mybot_pnl_pct": "gauge",
    "mybot_total_profit_usd": "gauge",
    "mybot_account_balance": "gauge",
    "mybot_exposure_ratio": "gauge",
    "mybot_max_drawdown_pct": "gauge",
    "mybot_open_positions": "gauge",
    "mybot_api_errors_total": "counter",
    "mybot_rate_limit_utilization": "gauge",
    "mybot_quota_remaining": "gauge",
    "mybot_cycle_duration_seconds_bucket": "histogram",
    "mybot_cycle_duration_seconds_sum": "histogram",
    "mybot_cycle_duration_seconds_count": "histogram",
    "mybot_call_latency_seconds_sum": "summary",
    "mybot_call_latency_seconds_count": "summary",
    "mybot_orders_total": "counter",
    "mybot_volume_usd_total": "counter",
    "mybot_received_bytes_total": "counter",
    "mybot_cache_bytes": "gauge",
    "mybot_last_tick_timestamp_seconds": "gauge",
    "mybot_orders_created": "gauge",
    "mybot_info": "gauge",
    "python_gc_objects_collected_total": "counter",
    "process_resident_memory_bytes": "gauge",
    "process_open_fds": "gauge",
    "up": "gauge",
}


def panels(greatest: dict[str, float] | None = None) -> dict[str, Panel]:
    seen = greatest or {}
    dashboard = any_dashboard(PAGE, lambda name: Metadata(PAGE.get(name, "")), seen.get)
    assert dashboard.name == "any"
    return {p.id: p for p in dashboard.panels}


def test_money_risk_rates_errors_and_latency_find_their_panes() -> None:
    found = panels()
    assert {id_: (p.pane, p.kind, p.unit) for id_, p in found.items() if p.pane is not PaneName.DASHBOARD} == {
        "mybot_daily_pnl_usd": (PaneName.PNL, PanelKind.HEADLINE, Unit.USD),
        "mybot_total_profit_usd": (PaneName.PNL, PanelKind.STAT, Unit.USD),
        "mybot_pnl_pct": (PaneName.PNL, PanelKind.TITLE, Unit.PERCENT),
        "mybot_account_balance": (PaneName.EQUITY, PanelKind.CHART, Unit.USD),
        "mybot_rate_limit_utilization": (PaneName.RATES, PanelKind.BARS, Unit.RATIO),
        "mybot_exposure_ratio": (PaneName.LIMITS, PanelKind.STAT, Unit.RATIO),
        "mybot_max_drawdown_pct": (PaneName.LIMITS, PanelKind.STAT, Unit.PERCENT),
        "mybot_open_positions": (PaneName.LIMITS, PanelKind.STAT, Unit.SHORT),
        "mybot_api_errors_total": (PaneName.ERRORS, PanelKind.BARS, Unit.PER_HOUR),
        "mybot_cycle_duration_seconds": (PaneName.CYCLE, PanelKind.BARS, Unit.SECONDS),
        "mybot_call_latency_seconds": (PaneName.CYCLE, PanelKind.BARS, Unit.SECONDS),
        "mybot_orders_total": (PaneName.STRATEGIES, PanelKind.STAT, Unit.PER_HOUR),
    }
    assert {id_: p.unit for id_, p in found.items() if p.pane is PaneName.DASHBOARD} == {
        "mybot_cache_bytes": Unit.BYTES,
        "mybot_last_tick_timestamp_seconds": Unit.TIME,
        "mybot_quota_remaining": Unit.SHORT,
        "mybot_received_bytes_total": Unit.PER_SECOND,
        "mybot_volume_usd_total": Unit.USD,
        "process_resident_memory_bytes": Unit.BYTES,
        "bot-down": Unit.SHORT,
    }


def test_types_decide_what_is_asked() -> None:
    found = panels()
    assert {id_: found[id_].queries[0].expr for id_ in list(found) if "_total" in id_ or "_seconds" in id_} == {
        "mybot_api_errors_total": "increase(mybot_api_errors_total[1h])",
        "mybot_orders_total": "increase(mybot_orders_total[1h])",
        "mybot_volume_usd_total": "increase(mybot_volume_usd_total[1d])",
        "mybot_received_bytes_total": "rate(mybot_received_bytes_total[5m])",
        "mybot_total_profit_usd": "mybot_total_profit_usd",
        "mybot_cycle_duration_seconds": "histogram_quantile(0.95, rate(mybot_cycle_duration_seconds_bucket[5m]))",
        "mybot_call_latency_seconds": (
            "rate(mybot_call_latency_seconds_sum[5m]) / rate(mybot_call_latency_seconds_count[5m])"
        ),
        "mybot_last_tick_timestamp_seconds": "mybot_last_tick_timestamp_seconds",
    }
    assert found["mybot_daily_pnl_usd"].title == "Daily PnL"


def test_a_share_that_was_seen_far_above_one_is_a_percentage() -> None:
    found = panels({"mybot_rate_limit_utilization": 87.0, "mybot_exposure_ratio": 1.2})
    assert found["mybot_rate_limit_utilization"].unit is Unit.PERCENT
    assert [t.value for t in found["mybot_rate_limit_utilization"].thresholds] == [80.0, 90.0]
    assert found["mybot_exposure_ratio"].unit is Unit.RATIO
    assert [t.value for t in panels()["mybot_rate_limit_utilization"].thresholds] == [0.8, 0.9]


NAMES = st.sets(
    st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z]{1,10}){0,4}(_total|_sum|_count|_bucket|_pct|_usd)?", fullmatch=True),
    max_size=40,
)


@given(NAMES)
def test_any_page_gives_panels_that_can_be_evaluated_with_ids_of_their_own(names: set[str]) -> None:
    dashboard = any_dashboard(names, lambda _name: None)
    ids = [p.id for p in dashboard.panels]
    assert len(set(ids)) == len(ids)
    engine = Engine(MemoryStore())
    for panel in dashboard.panels:
        assert panel.title
        engine.check(panel.queries[0].expr)
    assert sum(p.kind is PanelKind.HEADLINE for p in dashboard.panels) <= 1


def test_a_huge_page_does_not_give_a_huge_dashboard() -> None:
    dashboard = any_dashboard({f"m_{i}" for i in range(5_000)}, lambda _name: None)
    assert len(dashboard.panels) == PANELS + 1


def test_rows_are_named_as_briefly_as_those_of_the_presets() -> None:
    found = panels()
    assert {id_: found[id_].short for id_ in found if found[id_].pane in (PaneName.LIMITS, PaneName.PNL)} == {
        "mybot_daily_pnl_usd": "P&L today",
        "mybot_total_profit_usd": "total profit",
        "mybot_pnl_pct": "PnL",
        "mybot_exposure_ratio": "exposure",
        "mybot_max_drawdown_pct": "max drawdown",
        "mybot_open_positions": "open positions",
    }
    assert found["mybot_account_balance"].short == "Equity"
    page = {"bot_profit_all": "gauge", "bot_open_trades": "gauge"}
    freqtrade = {p.id: p for p in any_dashboard(page, lambda name: Metadata(page[name])).panels}
    assert freqtrade["bot_profit_all"].short == "Profit All"
    assert freqtrade["bot_open_trades"].pane is PaneName.LIMITS


def test_a_counter_of_cycles_is_known_before_it_has_series() -> None:
    kinds = {"m_loops": "counter", "m_scan_seconds": "histogram", "m_iteration": "gauge"}

    def cycles(*families: str) -> tuple[str, ...]:
        return any_dashboard({"m_exposure"}, lambda name: Metadata(kinds.get(name, "")), declared=families).cycles

    assert cycles("m_loops", "m_iteration") == ("m_loops_total",)
    assert cycles("m_scan_seconds") == ("m_scan_seconds_count",)
    assert cycles("m_iteration") == ()


@pytest.mark.parametrize(
    ("names", "cycles"),
    [
        (["m_cycle_errors_total", "m_cycles_total"], ("m_cycles_total",)),
        (["m_cycle_orders_total", "m_loop_iterations_total"], ("m_loop_iterations_total",)),
        (["m_cycle_orders_total", "m_cycle_seconds_count", "m_cycle_seconds_sum"], ("m_cycle_seconds_count",)),
        (["m_scans_failed_total", "m_orders_total"], ()),
        (["m_cycle_requests_total"], ()),
    ],
)
def test_what_only_some_cycles_do_is_no_counter_of_cycles(names: list[str], cycles: tuple[str, ...]) -> None:
    assert any_dashboard(names, lambda _name: Metadata("counter")).cycles == cycles
