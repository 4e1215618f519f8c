"""Every rule of every preset fires where it should and is quiet where it should be, over time, by the real machine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import pytest
import yaml

from presets.worlds import END, TRADER, UP, World, fired, grew, growing, since
from tradetop.dashboards import any_dashboard, preset
from tradetop.model.alert import Rule
from tradetop.model.ports import Metadata
from tradetop.rules import rules_of


class Case(NamedTuple):
    """Worlds that differ from the good one, in which a rule fires, and such in which it does not though it is close."""

    fires: Sequence[World]
    quiet: Sequence[World] = ()


RESTARTED = since(5, 1_700_080_000, 1_699_990_000)
DEAD: World = {"up": since(3, 0, 1)}
EMPTY: World = {"scrape_samples_scraped": since(5, 0, 80)}


def restarting(minute: float) -> float:
    return 1_699_990_000 if minute < END - 40 else 1_700_080_000 + 600 * (int(minute) // 10)


ALIVE: dict[str, Case] = {
    "BotDown": Case([DEAD], [{"up": lambda minute: 0 if minute == END - 5 else 1}]),
    "BotRestarted": Case([{"process_start_time_seconds": RESTARTED}]),
    "BotKeepsRestarting": Case(
        [{"process_start_time_seconds": restarting}], [{"process_start_time_seconds": RESTARTED}]
    ),
}


def without(*prefixes: str) -> World:
    """The page of now without these metrics, which were there ten minutes ago."""

    def gone(name: str) -> Callable[[float], float | None]:
        return lambda minute: None if minute > END - 10 else value(TRADER, name, minute)

    return {name: gone(name) for name in TRADER if name.startswith(prefixes)}


def value(world: World, name: str, minute: float) -> float | None:
    shape = world[name]
    return shape(minute) if callable(shape) else shape


def first_trip(minute: float) -> float | None:
    """A counter that is born with its first event."""
    return None if minute < END - 3 else 1.0


CYCLES = "trader_cycle_duration_seconds_count"


def since_start(ago: float) -> World:
    """The process has begun so many minutes ago."""
    return {"process_start_time_seconds": since(ago, 1_700_000_000 + 60 * (END - ago), 1_699_990_000)}


STILL: World = {**{name: 0 for name in TRADER if name.startswith("trader_")}, CYCLES: 0}
"""A process whose page is there, and whose loop has never begun."""
HUNG = since_start(40)

REAL_STAGES: World = {"trader_triggers_detected": 0, "trader_triggers_to_proposals_ratio": 0}
"""The documented gauges as the shipped bot leaves them; what its code sets stands beside them."""
STAGE = "trader_cycle_stage_count{stage="

TRADER_CASES: dict[str, Case] = {
    **ALIVE,
    "ExposureWarning": Case(
        [{"trader_exposure_pct": 20.1}, {"trader_exposure_pct{type=at_risk}": 0.21, "trader_exposure_pct": 0}],
        [{"trader_exposure_pct": 20}],
    ),
    "HighExposure": Case(
        [{"trader_exposure_pct": 25.1}, {"trader_exposure_pct{type=at_risk}": 0.97, "trader_exposure_pct": 0}],
        [{"trader_exposure_pct": 25}, {"trader_exposure_pct": since(1, 30, 17)}],
    ),
    "CriticalDrawdown": Case([{"trader_max_drawdown_pct": 8.1}], [{"trader_max_drawdown_pct": 8}]),
    "DrawdownLimit": Case([{"trader_max_drawdown_pct": 10.1}], [{"trader_max_drawdown_pct": 10}]),
    "NegativeDailyPnL": Case([{"trader_daily_pnl_pct": -3.1}], [{"trader_daily_pnl_pct": since(4, -4, 0)}]),
    "DailyLossLimit": Case([{"trader_daily_pnl_pct": -5.1}], [{"trader_daily_pnl_pct": -4.9}]),
    "AccountValueDrop": Case(
        [{"trader_account_value_usd": growing(-120)}], [{"trader_account_value_usd": growing(-90)}]
    ),
    "SignalDrought": Case(
        [
            {"trader_triggers_detected": lambda minute: 3 if minute < END - 60 else 0},
            {**REAL_STAGES, STAGE + "triggers}": since(60, 0, 4)},
        ],
        [
            {"trader_triggers_detected": 0},
            {"trader_triggers_detected": lambda minute: 3 if minute < END - 25 else 0},
        ],
    ),
    "NoTrades": Case(
        [
            {
                "trader_triggers_detected": since(75, 0, 3),
                "trader_trades_total{side=BUY}": grew(1, 75),
                "trader_orders_filled_total{side=BUY}": grew(1, 75),
            }
        ],
        [
            {"trader_triggers_detected": since(75, 0, 3)},
            {"trader_trades_total{side=BUY}": grew(1, 75), "trader_orders_filled_total{side=BUY}": grew(1, 75)},
            {"trader_triggers_detected": 0, "trader_trades_total{side=BUY}": grew(1, 75)},
        ],
    ),
    "NoTradesRecently": Case(
        [
            {"trader_trades_total{side=BUY}": grew(1, 130), "trader_orders_filled_total{side=BUY}": grew(1, 130)},
            {
                **REAL_STAGES,
                STAGE + "triggers}": 3,
                "trader_trades_total{side=BUY}": lambda minute: None,
                "trader_orders_filled_total{side=BUY}": grew(1, 130),
            },
        ],
        [{"trader_trades_total{side=BUY}": grew(1, 130)}],
    ),
    "SelectivityBelowBand": Case([{"trader_triggers_to_proposals_ratio": 0.19, "trader_triggers_detected": 3}]),
    "SelectivityAboveBand": Case([{"trader_triggers_to_proposals_ratio": 0.51, "trader_triggers_detected": 3}]),
    "SelectivityVeryLow": Case(
        [{"trader_triggers_to_proposals_ratio": 0.09, "trader_triggers_detected": 3}],
        [{"trader_triggers_to_proposals_ratio": 0.1}],
    ),
    "LowSelectivity": Case(
        [
            {"trader_triggers_to_proposals_ratio": 0.05, "trader_triggers_detected": 8},
            {**REAL_STAGES, STAGE + "triggers}": 20, STAGE + "proposals}": 1},
        ],
        [
            {"trader_triggers_to_proposals_ratio": 0.05, "trader_triggers_detected": 5},
            {**REAL_STAGES, STAGE + "triggers}": 20, STAGE + "proposals}": 2},
        ],
    ),
    "HighSelectivity": Case(
        [
            {"trader_triggers_to_proposals_ratio": 0.9, "trader_triggers_detected": 3},
            {**REAL_STAGES, STAGE + "triggers}": 10, STAGE + "proposals}": 9},
        ],
        [{"trader_triggers_to_proposals_ratio": 0.8, "trader_triggers_detected": 3}],
    ),
    "ExcessiveTrading": Case(
        [
            {"trader_trades_per_hour": 12},
            {"trader_trades_per_hour": lambda minute: None, "trader_fills_total{side=BUY}": growing(0.25)},
        ],
        [{"trader_trades_per_hour": 10}],
    ),
    "RateLimitWarning": Case(
        [
            {"trader_rate_limiter_utilization_pct{endpoint=orders}": 84},
            {"exchange_rate_limit_utilization{channel=private}": 0.85},
        ],
        [{"trader_rate_limiter_utilization_pct{endpoint=orders}": 80}],
    ),
    "RateLimitCritical": Case(
        [
            {"trader_rate_limiter_utilization_pct{endpoint=orders}": 93},
            {"exchange_rate_limit_utilization{channel=private}": 1.2},
        ],
        [{"trader_rate_limiter_utilization_pct{endpoint=orders}": 90}],
    ),
    "HighAPILatency": Case(
        [
            {"trader_api_latency_seconds_bucket{endpoint=orders,le=0.5}": 0.0},
            {"exchange_api_latency_seconds_sum": growing(15), "exchange_api_latency_seconds_count": growing(5)},
        ],
        [{"exchange_api_latency_seconds_sum": growing(9), "exchange_api_latency_seconds_count": growing(5)}],
    ),
    "CycleTimeout": Case(
        [{"trader_cycle_duration_seconds_sum": growing(46)}], [{"trader_cycle_duration_seconds_sum": growing(44)}]
    ),
    "HighRiskRejections": Case(
        [{"trader_risk_rejections_total{reason=cooldown}": growing(2)}],
        [{"trader_risk_rejections_total{reason=cooldown}": growing(1)}],
    ),
    "BreakerOpen": Case([{"trader_circuit_breaker_state{breaker=api}": 1}]),
    "BreakerTripped": Case(
        [
            {"trader_circuit_breaker_trips_total{type=kill_switch}": since(3, 3, 2)},
            {"trader_circuit_breaker_trips_total{type=daily_stop_loss}": first_trip},
            {"trader_circuit_breaker_trips{type=max_drawdown}": since(3, 3, 2)},
        ],
        [{"trader_circuit_breaker_trips_total{type=kill_switch}": since(30, 3, 2)}],
    ),
    "HighAPIErrors": Case(
        [
            {"exchange_api_errors_total": growing(1.1)},
            {"trader_api_errors_total{endpoint=orders,error_type=timeout}": growing(2)},
        ],
        [{"exchange_api_errors_total": growing(0.9)}],
    ),
    "LowFillRate": Case(
        [{"trader_orders_placed_total{side=BUY}": growing(1)}],
        [{"trader_orders_placed_total{side=BUY}": 4, "trader_orders_filled_total{side=BUY}": 1}],
    ),
    "PositionCountWarning": Case([{"trader_open_positions": 5}], [{"trader_open_positions": 4}]),
    "PositionCountHigh": Case([{"trader_open_positions": 8}], [{"trader_open_positions": 7}]),
    "MetricsStale": Case(
        [without("trader_"), without("trader_", "exchange_") | EMPTY],
        [without("trader_exposure"), {**without("trader_"), "up": since(9, 0, 1)}],
    ),
    "BotRestarted": Case(
        [
            {"process_start_time_seconds": RESTARTED},
            {
                "process_start_time_seconds": lambda minute: None,
                "trader_cycle_duration_seconds_count": lambda minute: minute if minute < END - 5 else minute - END + 5,
            },
        ],
        [{"process_start_time_seconds": lambda minute: None}],
    ),
    "BotNotWorking": Case(
        [
            {"trader_cycle_duration_seconds_count": grew(1, 4)},
            {"trader_cycle_duration_seconds_count": grew(1, 70)},
            {"trader_cycle_duration_seconds_count": grew(1, 20 * 60)},
            {"trader_cycle_duration_seconds_count": grew(1, 4), "process_start_time_seconds": lambda minute: None},
            {"trader_cycle_total{status=ok}": grew(1, 6), "trader_cycle_duration_seconds_count": 0},
            {"trader_cycle_duration_seconds_count": lambda minute: min(minute, END - 20) // 5},
        ],
        [
            {"trader_cycle_duration_seconds_count": grew(1, 2)},
            {"trader_cycle_duration_seconds_count": 0},
            {"trader_cycle_duration_seconds_count": lambda minute: minute // 5},
            {"trader_cycle_duration_seconds_count": lambda minute: min(minute, END - 14) // 5},
            {
                # Down for an hour, and back for a minute.
                "up": lambda minute: 0 if END - 61 <= minute < END - 1 else 1,
                "trader_cycle_duration_seconds_count": lambda minute: (
                    None if END - 61 <= minute < END - 1 else min(minute, END - 61)
                ),
            },
        ],
    ),
    "BotNotStarted": Case(
        [
            STILL,
            {**STILL, "process_start_time_seconds": lambda minute: None},
            {**STILL, **HUNG, CYCLES: lambda minute: 0 if minute >= END - 40 else minute},
            {**STILL, **HUNG, CYCLES: lambda minute: None if minute >= END - 40 else minute},
            # A cycle every quarter of an hour: three of them are waited for.
            {**STILL, **HUNG, CYCLES: lambda minute: 0 if minute >= END - 40 else minute // 13},
        ],
        [
            {**STILL, CYCLES: 1},
            # An exporter that never counts: what the bot works at moves.
            {CYCLES: 0},
            {**STILL, **HUNG, CYCLES: lambda minute: 0 if minute >= END - 40 else minute // 20},
            {**STILL, CYCLES: lambda minute: None},
            {**STILL, **since_start(14), CYCLES: lambda minute: 0 if minute >= END - 14 else minute},
            {**STILL, "up": since(12, 1, 0), "process_start_time_seconds": lambda minute: None},
            {**STILL, "up": 0},
        ],
    ),
}

POLYBOT: World = {
    **UP,
    "polybot_http_requests_total{status=200}": growing(100),
    "polybot_http_requests_total{status=500}": growing(1),
    "polybot_daily_pnl_usd": -100,
    "polybot_risk_exposure_pct": 0.4,
    "polybot_risk_daily_loss_pct": 0.2,
    "polybot_service_last_heartbeat_timestamp{service=scanner}": lambda minute: 1_700_000_000 + 60 * minute,
    "polybot_scans_total{strategy=arb}": growing(2),
    "polybot_signals_total{strategy=arb,action=buy}": growing(0.5),
}
POLYBOT_CASES: dict[str, Case] = {
    **ALIVE,
    "HighErrorRate": Case(
        [
            {"polybot_http_requests_total{status=503}": growing(9)},
            {"polybot_http_requests_total{status=5xx}": growing(9)},
        ],
        [{"polybot_http_requests_total{status=404}": growing(90)}],
    ),
    "DailyLossWarning": Case([{"polybot_daily_pnl_usd": -420}], [{"polybot_daily_pnl_usd": -400}]),
    "DailyLossLimit": Case(
        [
            {"polybot_daily_pnl_usd": -501},
            {
                "polybot_daily_pnl_usd": lambda minute: None,
                "polybot_pnl_total{strategy=arb}": lambda minute: 900 - minute * 0.5,
            },
        ],
        [
            {"polybot_daily_pnl_usd": -499},
            {"polybot_daily_pnl_usd": lambda minute: None, "polybot_pnl_total{strategy=arb}": -9_000},
        ],
    ),
    "ExposureWarning": Case([{"polybot_risk_exposure_pct": 0.81}], [{"polybot_risk_exposure_pct": 0.79}]),
    "ExposureCritical": Case([{"polybot_risk_exposure_pct": 1}], [{"polybot_risk_exposure_pct": 0.99}]),
    "DayLossShareWarning": Case([{"polybot_risk_daily_loss_pct": 0.81}], [{"polybot_risk_daily_loss_pct": 0.79}]),
    "DayLossShareCritical": Case([{"polybot_risk_daily_loss_pct": 1}], [{"polybot_risk_daily_loss_pct": 0.99}]),
    "ServiceSilent": Case(
        [{"polybot_service_last_heartbeat_timestamp{service=scanner}": 1_700_000_000}],
        [{"polybot_service_last_heartbeat_timestamp{service=scanner}": 0}],
    ),
    "MetricsStale": Case(
        [{**{name: (lambda minute: None) for name in POLYBOT if name.startswith("polybot_")}, **EMPTY}]
    ),
    "BotNotWorking": Case(
        [{"polybot_scans_total{strategy=arb}": grew(2, 4)}],
        [{"polybot_scans_total{strategy=arb}": lambda minute: None}],
    ),
    "BotNotStarted": Case(
        [
            {"polybot_scans_total{strategy=arb}": 0},
            {**HUNG, "polybot_scans_total{strategy=arb}": lambda minute: None if minute >= END - 40 else 2 * minute},
        ],
        # As shipped it has no such counter.
        [{"polybot_scans_total{strategy=arb}": lambda minute: None}, {"polybot_scans_total{strategy=arb}": 1}],
    ),
    "BotSilent": Case(
        [{"polybot_signals_total{strategy=arb,action=buy}": grew(0.5, 40)}],
        [
            {"polybot_signals_total{strategy=arb,action=buy}": grew(0.5, 10)},
            {"polybot_signals_total{strategy=arb,action=buy}": 0},
        ],
    ),
}

ERRORS = "bot_events_total{event_type=error,category="
SIGNALS = "bot_events_total{event_type=signal}"
OPENED = "bot_events_total{event_type=trade_open}"
HEARD, MISSED = "bot_last_event_timestamp_seconds", "bot_silence_limit_seconds"
USUAL = "bot_usual_events_per_hour"
TRADES, ALL, GRID = ("{stream=trades,strategy=}", "{stream=events,strategy=}", "{stream=events,strategy=grid}")
HOUR, MEAN, SIGMAS = (f"bot_hourly_events{end}{ALL}" for end in ("", "_mean", "_sigmas"))
MINUTES = 1_700_000_000 / 60
"""When the worlds begin."""


def heard(ago: float) -> Callable[[float], float]:
    """The time of an event so many minutes before the end, and until then of one a minute ago."""
    return lambda minute: 60 * (MINUTES + min(minute - 1, END - ago))


DEFIKIT: World = {
    **UP,
    ERRORS + "connection}": growing(0.5),
    ERRORS + "execution}": 3,
    ERRORS + "validation}": growing(3),
    SIGNALS: growing(2),
    OPENED: lambda minute: minute // 6,
    **{HEARD + stream: heard(1) for stream in (TRADES, ALL, GRID)},
    **{MISSED + stream: 1_800 for stream in (TRADES, ALL, GRID)},
    **{USUAL + stream: 20 for stream in (TRADES, ALL, GRID)},
    HOUR: 140,
    MEAN: 150,
    SIGMAS: -0.8,
}
UNHEARD: World = {MISSED + ALL: lambda minute: None}
"""Too few events were heard one by one, or none: a bot that counts its events on a page."""
SILENT: World = {
    name: lambda minute, name=name: value(DEFIKIT, name, min(minute, END - 40))  # type: ignore[misc]
    for name in DEFIKIT
    if name.startswith("bot_events")
}
DEFIKIT_CASES: dict[str, Case] = {
    **ALIVE,
    "ConnectionErrors": Case([{ERRORS + "connection}": growing(1.5)}], [{ERRORS + "connection}": growing(1)}]),
    "ExecutionError": Case([{ERRORS + "execution}": since(3, 4, 3)}], [{ERRORS + "execution}": since(20, 4, 3)}]),
    "TradesStopped": Case(
        [{HEARD + TRADES: heard(40)}], [{HEARD + TRADES: heard(25)}, {HEARD + TRADES: heard(40), "up": 0}]
    ),
    "StreamSilent": Case(
        [{HEARD + GRID: heard(40)}, {HEARD + ALL: heard(1_500), MISSED + ALL: 87_000}],
        # What BotSilent remembers is left to it.
        [{HEARD + GRID: heard(25)}, {HEARD + GRID: heard(40), HEARD + ALL: heard(40)}],
    ),
    "EventRateLow": Case([{SIGMAS: since(130, -2.1, 0)}], [{SIGMAS: since(50, -2.1, 0)}, {SIGMAS: -1.9}]),
    "EventRateHigh": Case([{SIGMAS: since(130, 2.1, 0)}], [{SIGMAS: since(50, 2.1, 0)}, {SIGMAS: 1.9}]),
    "BotSilent": Case(
        [
            {**SILENT, **UNHEARD},
            {**SILENT, **UNHEARD, "up": lambda minute: None},
            {HEARD + ALL: heard(40)},
        ],
        [
            {**SILENT, **UNHEARD, "up": since(30, 0, 1)},
            # Its hours are known, and it may sleep for longer; another rule's is what may be silent for days.
            SILENT,
            {HEARD + ALL: heard(40), "up": 0},
            {HEARD + ALL: heard(1_500), MISSED + ALL: 87_000},
        ],
    ),
    "MetricsStale": Case([EMPTY]),
}

ANY: World = {
    **UP,
    "acme_loops_total": growing(1),
    "acme_errors_total": growing(0.1),
    "acme_rate_limit_utilization{endpoint=orders}": 0.4,
    "acme_exposure_usd": 500,
    "acme_exposure_limit_usd": 1_000,
}
ANY_CASES: dict[str, Case] = {
    **ALIVE,
    "RateLimitWarning": Case([{"acme_rate_limit_utilization{endpoint=orders}": 0.85}]),
    "RateLimitCritical": Case([{"acme_rate_limit_utilization{endpoint=orders}": 1.1}]),
    "ExposureCapWarning": Case([{"acme_exposure_usd": 810}], [{"acme_exposure_usd": 800}]),
    "ExposureCapCritical": Case([{"acme_exposure_usd": 1_000}], [{"acme_exposure_usd": 999}]),
    "MetricsStale": Case([EMPTY]),
    "BotNotWorking": Case([{"acme_loops_total": grew(1, 4)}], [{"acme_loops_total": grew(1, 2)}]),
    "BotNotStarted": Case(
        [{"acme_loops_total": 0}], [{"acme_loops_total": 1}, {"acme_loops_total": lambda minute: None}]
    ),
}
WITHOUT_CYCLES: World = {**UP, "acme_orders_total": lambda minute: minute // 2}
WITHOUT_CYCLES_CASES = {
    **ALIVE,
    "MetricsStale": Case([EMPTY]),
    "BotSilent": Case(
        [{"acme_orders_total": lambda minute: min(minute, END - 40) // 2}],
        [{"acme_orders_total": lambda minute: min(minute, END - 8) // 2}],
    ),
}


def of_preset(name: str) -> tuple[Rule, ...]:
    dashboard = preset(name)
    assert dashboard is not None
    return rules_of(dashboard)


def of_page(world: World) -> tuple[Rule, ...]:
    names = {text.partition("{")[0] for text in world}
    return rules_of(any_dashboard(names, lambda name: Metadata("counter" if name.endswith("_total") else "gauge")))


SYSTEMS: dict[str, tuple[tuple[Rule, ...], World, dict[str, Case]]] = {
    "247trader": (of_preset("247trader"), TRADER, TRADER_CASES),
    "polybot": (of_preset("polybot"), POLYBOT, POLYBOT_CASES),
    "defikit": (of_preset("defikit"), DEFIKIT, DEFIKIT_CASES),
    "any": (of_page(ANY), ANY, ANY_CASES),
    "any-without-cycles": (of_page(WITHOUT_CYCLES), WITHOUT_CYCLES, WITHOUT_CYCLES_CASES),
}
RULES = [(system, rule) for system, (rules, _, _) in SYSTEMS.items() for rule in rules]
FIRES = [(s, r, i) for s, r in RULES for i in range(len(SYSTEMS[s][2].get(r.name, Case([])).fires))]
QUIET = [(s, r, i) for s, r in RULES for i in range(len(SYSTEMS[s][2].get(r.name, Case([])).quiet))]


def name(part: object) -> str:
    return part.name if isinstance(part, Rule) else str(part)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_rule_has_a_world_in_which_it_fires(system: str) -> None:
    rules, _, cases = SYSTEMS[system]
    assert {rule.name for rule in rules} == cases.keys()
    assert all(case.fires for case in cases.values())


@pytest.mark.parametrize(("system", "rule", "index"), FIRES, ids=name)
def test_a_rule_fires_where_it_should(system: str, rule: Rule, index: int) -> None:
    _, good, cases = SYSTEMS[system]
    assert fired(rule, {**good, **cases[rule.name].fires[index]})


@pytest.mark.parametrize(("system", "rule", "index"), QUIET, ids=name)
def test_a_rule_is_quiet_where_it_is_close(system: str, rule: Rule, index: int) -> None:
    _, good, cases = SYSTEMS[system]
    assert fired(rule, {**good, **cases[rule.name].quiet[index]}) == []


@pytest.mark.parametrize(("system", "rule"), RULES, ids=name)
def test_a_good_day_is_quiet(system: str, rule: Rule) -> None:
    assert fired(rule, SYSTEMS[system][1]) == []


def corrected(system: str) -> Collection[str]:
    return {text for rule in SYSTEMS[system][0] for text in rule.corrects}


def test_every_alert_of_the_readme_and_of_the_shipped_file_is_corrected(recorded: Callable[..., object]) -> None:
    shipped = yaml.safe_load(recorded("247trader", "prometheus_alerts.yml").read_text())  # type: ignore[attr-defined]
    names = {f"247trader {rule['alert']}" for group in shipped["groups"] for rule in group["rules"]}
    assert len(names) == 20
    assert names | {f"247trader README {number}" for number in range(1, 9)} == corrected("247trader")


def test_what_shipped_rules_ask_for_is_kept(recorded: Callable[..., object]) -> None:
    """Severities as they are; holds too, but where the corrected expression looks back for as long itself."""
    shipped = yaml.safe_load(recorded("247trader", "prometheus_alerts.yml").read_text())  # type: ignore[attr-defined]
    ours = {text: rule for rule in of_preset("247trader") for text in rule.corrects}
    for group in shipped["groups"]:
        for rule in group["rules"]:
            mine = ours[f"247trader {rule['alert']}"]
            if mine.name in {"BotNotWorking", "BreakerTripped"}:
                continue
            assert mine.labels["severity"] == rule["labels"]["severity"], mine.name
            hold = int(rule["for"].removesuffix("m").replace("2h", "0")) * 60_000
            assert mine.hold == hold, mine.name


@pytest.mark.parametrize("system", ["247trader", "polybot", "defikit"])
def test_every_corrects_names_a_rule_that_there_is(system: str) -> None:
    dashboard = preset(system)
    assert dashboard is not None
    assert dashboard.corrects.keys() <= {rule.name for rule in rules_of(dashboard)}


@pytest.mark.parametrize(("system", "rule"), RULES, ids=name)
def test_every_rule_says_what_to_do(system: str, rule: Rule) -> None:
    assert rule.summary
    # What a page's own rate limits and counters are about, nobody can know.
    assert rule.runbook or system.startswith("any")
