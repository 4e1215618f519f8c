"""Verdicts on rules: the real bots' own, every kind of mistake, and rules that work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from doctor.making import FAR, SCRAPES, START, STEP, bot, known_from, page, store_of, verdict, verdicts
from tradetop.doctor import Check, Kind, Knowledge, dead, known_of, names_of
from tradetop.doctor.look import no_witness
from tradetop.doctor.witness import witness_of
from tradetop.model.alert import RecordingRule, Rule
from tradetop.model.labels import Labels
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.rules.file import load_file
from tradetop.store import MemoryStore

NEVER, ALWAYS, UNPROVEN, CAN = Kind.NEVER, Kind.ALWAYS, Kind.UNPROVEN, Kind.CAN

DOCUMENTED = {
    "HighExposure": (UNPROVEN, Check.UNIT, "100 * trader_exposure_pct > 25"),
    "CriticalDrawdown": (UNPROVEN, Check.UNSET, ""),
    "NegativeDailyPnL": (UNPROVEN, Check.UNSET, ""),
    "AccountValueDrop": (NEVER, Check.COMPARISON, "60 * deriv(trader_account_value_usd[5m]) < -100"),
    "SignalDrought": (ALWAYS, Check.UNSET, ""),
    "LowStrategySelectivity": (UNPROVEN, Check.UNSET, ""),
    "HighStrategySelectivity": (UNPROVEN, Check.UNSET, ""),
    "ExcessiveTrading": (UNPROVEN, Check.UNSET, ""),
    "RateLimitCritical": (NEVER, Check.NAME, ""),
    "RateLimitWarning": (NEVER, Check.NAME, ""),
    "HighAPILatency": (NEVER, Check.NAME, ""),
    "CycleTimeout": (
        NEVER,
        Check.BASE,
        "rate(trader_cycle_duration_seconds_sum[5m]) / rate(trader_cycle_duration_seconds_count[5m]) > 45",
    ),
    "HighRiskRejections": (NEVER, Check.UNIT, "increase(trader_risk_rejections_total[5m]) > 5"),
    "BotDown": (NEVER, Check.JOB, 'up{job="247trader"} == 0'),
    "MetricsStale": (ALWAYS, Check.TRUE, "time() - timestamp(trader_account_value_usd) > 120"),
    "CircuitBreakerTripped": (NEVER, Check.TOTAL, "increase(trader_circuit_breaker_trips_total[5m]) > 0"),
    "HighAPIErrors": (NEVER, Check.NAME, ""),
    "LowFillRate": (CAN, None, ""),
    "NoTradesRecently": (NEVER, Check.NAME, ""),
    "PositionCountHigh": (UNPROVEN, Check.UNSET, ""),
}
"""What the mission's table says of each rule, as far as the recorded fifty hours can prove it."""


def test_the_recorded_bots_twenty_rules_are_judged_as_its_history_proves(
    recorded: Callable[..., Path], recorded_store: MemoryStore
) -> None:
    known = known_of(recorded_store.select((), 0, FAR), {})
    found = verdicts(recorded("247trader", "prometheus_alerts.yml"), known)
    assert {name: (v.kind, v.check, v.suggestion) for name, v in found.items()} == DOCUMENTED
    assert all(v.reason and "\n" not in v.reason for v in found.values())
    assert all(":" in v.place for v in found.values())
    said = {name: {note.check for note in v.notes if note.fault} for name, v in found.items()}
    assert said["RateLimitCritical"] == said["LowStrategySelectivity"] == {Check.TEMPLATE}
    assert said["AccountValueDrop"] == {Check.UNIT}


def test_dead_alerts_are_found_fast_enough_for_the_start_of_the_screen(
    recorded: Callable[..., Path], recorded_store: MemoryStore
) -> None:
    rules = load_file(recorded("247trader", "prometheus_alerts.yml")).rules
    known = known_of(recorded_store.select((), 0, FAR), {}, names_of(rules))
    found = dead(rules, known)
    assert {v.subject for v in found} == {name for name, (kind, *_) in DOCUMENTED.items() if kind is NEVER}
    took = []
    for _ in range(5):
        begun = time.process_time()
        dead(rules, known)
        took.append(time.process_time() - begun)
    # Measured: 5 ms.
    assert min(took) < 0.02


REAL_POLYBOT = page(
    """# TYPE polybot_http_requests_total counter
polybot_http_requests_total{method="GET",endpoint="/",status="200"} 40
polybot_http_requests_total{method="GET",endpoint="/x",status="500"} 2
# TYPE polybot_pnl_realized_usd gauge
# TYPE polybot_pnl_unrealized_usd gauge
# TYPE polybot_daily_pnl_usd gauge
polybot_daily_pnl_usd 0
# TYPE polybot_orders_total counter
# TYPE polybot_trades_total counter
# TYPE polybot_risk_daily_loss_pct gauge
polybot_risk_daily_loss_pct 0
"""
)


@pytest.mark.parametrize(
    ("expr", "kind", "check", "line"),
    [
        (
            'rate(polybot_http_requests_total{status="5xx"}[5m]) > 0.1',
            *(NEVER, Check.VALUE, 'rate(polybot_http_requests_total{status=~"5.."}[5m]) > 0.1'),
        ),
        ("polybot_pnl_total < -500", NEVER, Check.NAME, "polybot_pnl_realized_usd < -500"),
        ("polybot_daily_pnl < -400", NEVER, Check.NAME, "polybot_daily_pnl_usd < -400"),
        ('up{job="bot"} == 0', CAN, None, ""),
    ],
)
def test_polybots_documented_rules(expr: str, kind: Kind, check: Check | None, line: str) -> None:
    found = verdict(expr, REAL_POLYBOT)
    assert (found.kind, found.check, found.suggestion) == (kind, check, line)


def test_an_endpoint_that_is_up_and_empty_is_the_reason() -> None:
    known = page("# Prometheus client not installed\n")
    assert not known.empty or known.asked
    found = verdict("polybot_daily_pnl_usd < -400", known)
    assert (found.kind, found.check) == (NEVER, Check.EMPTY)
    assert verdict('up{job="bot"} == 0', known).kind is CAN


PAGE = """# TYPE trader_rate_limiter_utilization_pct gauge
# TYPE trader_trades_total counter
trader_trades_total{side="BUY",symbol="BTC-USD"} 3
# TYPE trader_triggers_detected gauge
trader_triggers_detected 2
# TYPE trader_cycle_duration_seconds histogram
trader_cycle_duration_seconds_bucket{le="5"} 7
trader_cycle_duration_seconds_bucket{le="10"} 9
trader_cycle_duration_seconds_bucket{le="+Inf"} 12
trader_cycle_duration_seconds_sum 100
trader_cycle_duration_seconds_count 12
# TYPE exchange_api_errors_total counter
exchange_api_errors_total 4
# TYPE exchange_api_latency_seconds summary
exchange_api_latency_seconds_sum{endpoint="products"} 4
exchange_api_latency_seconds_count{endpoint="products"} 4
# HELP exchange_rate_limit_utilization Rate limit utilization (0-1)
# TYPE exchange_rate_limit_utilization gauge
exchange_rate_limit_utilization{channel="public"} 0.4
# TYPE trader_exposure_pct gauge
trader_exposure_pct 17
# TYPE trader_circuit_breaker_trips_total counter
# TYPE trader_account_value_usd gauge
trader_account_value_usd 0
"""


@pytest.mark.parametrize(
    ("expr", "kind", "check", "line"),
    [
        # Declared without a child, present, and unknown are three different things.
        ("max(trader_rate_limiter_utilization_pct) > 90", UNPROVEN, Check.UNBORN, ""),
        ("trader_exposure_pct > 25", CAN, None, ""),
        ("trader_exposures_pct > 25", NEVER, Check.NAME, "trader_exposure_pct > 25"),
        ("trader_account_value_usd < 100 > 1", UNPROVEN, Check.UNSET, ""),
        (
            "rate(trader_api_errors_total[5m]) > 1",
            *(NEVER, Check.NAME, "rate(exchange_api_errors_total[5m]) > 1"),
        ),
        (
            "increase(trader_circuit_breaker_trips[5m]) > 0",
            *(NEVER, Check.TOTAL, "increase(trader_circuit_breaker_trips_total[5m]) > 0"),
        ),
        (
            "trader_cycle_duration_seconds > 4",
            *(NEVER, Check.BASE, "histogram_quantile(0.95, rate(trader_cycle_duration_seconds_bucket[5m])) > 4"),
        ),
        (
            "histogram_quantile(0.95, rate(trader_cycle_duration_seconds_bucket[5m])) > 45",
            NEVER,
            Check.CEILING,
            "rate(trader_cycle_duration_seconds_sum[5m]) / rate(trader_cycle_duration_seconds_count[5m]) > 45",
        ),
        ("histogram_quantile(0.95, sum(rate(trader_cycle_duration_seconds_bucket[5m]))) > 4", NEVER, Check.LABEL, None),
        (
            "exchange_api_latency_seconds > 2",
            NEVER,
            Check.BASE,
            "rate(exchange_api_latency_seconds_sum[5m]) / rate(exchange_api_latency_seconds_count[5m]) > 2",
        ),
        (
            "increase(trader_trades_total[1h]) == 0 AND trader_triggers_detected > 0",
            *(NEVER, Check.MATCH, "increase(trader_trades_total[1h]) == 0 and on () trader_triggers_detected > 0"),
        ),
        ("sum(trader_trades_total) / trader_triggers_detected > 1", NEVER, Check.MATCH, None),
        ('trader_trades_total{sid="BUY"} > 1', NEVER, Check.LABEL, 'trader_trades_total{side="BUY"} > 1'),
        ('trader_trades_total{side="buy"} > 1', NEVER, Check.VALUE, 'trader_trades_total{side="BUY"} > 1'),
        ('trader_trades_total{side="SELL"} > 1', UNPROVEN, Check.VALUE, ""),
        ('trader_exposure_pct{job="other"} > 25', NEVER, Check.JOB, 'trader_exposure_pct{job="bot"} > 25'),
        ('{__name__=~"trader_.+_pct"} > 25', CAN, None, ""),
        ("rate(trader_exposure_pct[5m]) < -9", NEVER, Check.COMPARISON, "deriv(trader_exposure_pct[5m]) < -9"),
        ("trader_trades_total < 0", NEVER, Check.COMPARISON, None),
        ("up > 1", NEVER, Check.COMPARISON, None),
        ("hour() > 23", NEVER, Check.COMPARISON, None),
        ("clamp_max(trader_exposure_pct, 20) > 25", NEVER, Check.COMPARISON, None),
        ("(up == bool 0) > 1", NEVER, Check.COMPARISON, None),
        ("exchange_rate_limit_utilization > 90", NEVER, Check.UNIT, "100 * exchange_rate_limit_utilization > 90"),
        ("100 * exchange_rate_limit_utilization > 90", CAN, None, ""),
        ("trader_exposure_pct > 2500", UNPROVEN, Check.UNIT, "trader_exposure_pct > 25"),
        ("trader_exposure_pct > 0.25", UNPROVEN, Check.UNIT, "trader_exposure_pct > 25"),
        ("time() - trader_exposure_pct > 120", ALWAYS, Check.TRUE, "time() - timestamp(trader_exposure_pct) > 120"),
        ("time() - timestamp(trader_exposure_pct) > 120", CAN, None, ""),
        ("trader_trades_total >= 0", ALWAYS, Check.TRUE, ""),
        ("vector(1)", ALWAYS, Check.TRUE, ""),
        ("trader_exposure_pct", ALWAYS, Check.TRUE, ""),
        ("absent(trader_exposures_pct)", ALWAYS, Check.NAME, None),
        ("absent(trader_exposure_pct)", CAN, None, ""),
        ("trader_exposures_pct > 25 or trader_exposure_pct > 25", CAN, None, ""),
        ("trader_exposure_pct > 25 unless trader_triggers_detected > 9", CAN, None, ""),
        ("trader_exposure_pct >", NEVER, Check.BROKEN, ""),
        ("node_load1 > 4", UNPROVEN, Check.UNASKED, ""),
    ],
)  # fmt: skip
def test_every_kind_of_mistake_against_one_page(expr: str, kind: Kind, check: Check | None, line: str | None) -> None:
    found = verdict(expr, page(PAGE))
    assert (found.kind, found.check) == (kind, check), found.reason
    if line is not None:
        assert found.suggestion == line


def test_a_gauge_is_no_counter_even_where_the_rule_can_fire() -> None:
    found = verdict("increase(trader_exposure_pct[1h]) > 5", page(PAGE))
    assert [note.check for note in found.notes if note.fault] == [Check.RATE]
    assert found.suggestion == "delta(trader_exposure_pct[1h]) > 5"
    assert not found.works


def test_texts_must_ask_for_labels_that_are_there() -> None:
    text = Labels({"description": "{{ $value }} for {{ $labels.endpoint }} of {{ $labels.job }}"})
    found = verdict("max(trader_rate_limiter_utilization_pct) > 90", page(PAGE), annotations=text)
    (endpoint, job) = found.notes
    assert (endpoint.check, job.check) == (Check.TEMPLATE, Check.TEMPLATE)
    assert "max() drops the label endpoint" in endpoint.text
    assert "max by (endpoint" in found.suggestion
    assert verdict("trader_exposure_pct > 25", page(PAGE), annotations=text).notes[0].text.endswith("label endpoint")


@pytest.mark.parametrize(
    ("expr", "text", "line"),
    [
        ("rate(trader_trades_total[5m]) > 1", "{{ $value }} errors/min", "60 * rate(trader_trades_total[5m]) > 1"),
        ("rate(trader_trades_total[5m]) > 1", "{{ $value }} errors per 5min", "increase(trader_trades_total[5m]) > 1"),
        ("60 * rate(trader_trades_total[5m]) > 1", "{{ $value | humanize }} errors/min", ""),
        ("increase(trader_trades_total[1h]) > 1", "{{ $value }} errors per hour", ""),
        ("trader_exposure_pct > 25", "{{ $value }} per hour", ""),
    ],
)  # fmt: skip
def test_a_rate_is_per_second_whatever_its_text_says(expr: str, text: str, line: str) -> None:
    found = verdict(expr, page(PAGE), annotations=Labels({"summary": text}))
    assert [note.check for note in found.notes] == ([Check.UNIT] if line else [])
    assert found.suggestion == line


def test_a_counter_born_with_its_first_event_is_named() -> None:
    late = bot({"x_trips_total{type=a}": lambda i: 1.0 if i > 90 else float("nan")}, {"x_trips_total": "counter"})
    found = verdict("increase(x_trips_total[5m]) > 0", late)
    assert found.kind is CAN
    assert [note.check for note in found.notes] == [Check.BORN]


def test_where_born_counters_are_switched_off_the_first_value_is_no_growth() -> None:
    store = store_of({"x_trips_total{type=a}": lambda i: 1.0 if i > 90 else float("nan")})
    known = replace(known_from(store, {"x_trips_total": "counter"}), born_counters=False)
    for witness in (no_witness, witness_of(store, known)):
        found = verdict("increase(x_trips_total[5m]) > 0", known, witness)
        assert found.kind is UNPROVEN
        (note,) = (note.text for note in found.notes if note.check is Check.BORN)
        assert note.endswith("which Prometheus' own increase() misses; so does this one: born_counters is off")


def test_recording_rules_supply_the_rules_behind_them() -> None:
    from tradetop.doctor import judge

    known = page(PAGE)
    alert = Rule("A", "job:share > 25", group="all")
    good = [RecordingRule("job:share", "max by (job) (trader_exposure_pct)"), alert]
    assert [v.kind for v in judge(good, known)] == [CAN, CAN]
    lost = [RecordingRule("job:share", "max by (job) (trader_exposures_pct)"), alert]
    assert [v.kind for v in judge(lost, known)] == [NEVER, NEVER]
    assert verdict("job:share > 25", known).kind is NEVER


def test_without_a_bot_only_what_the_expression_itself_proves_is_said() -> None:
    nothing = Knowledge()
    assert verdict("rate(x_usd[5m]) < -1", nothing).kind is NEVER
    assert verdict("time() - x_usd > 120", nothing).kind is ALWAYS
    assert verdict("x_pct > 25", nothing).kind is UNPROVEN
    assert verdict("x_pct > 25", nothing).check is Check.UNASKED


def test_the_bots_own_cap() -> None:
    from dataclasses import replace

    from tradetop.doctor import Cap

    known = replace(page(PAGE), caps={"trader_exposure_pct": Cap(25, "max_exposure_pct")}, at=START)
    beyond, equal = verdict("trader_exposure_pct > 30", known), verdict("trader_exposure_pct > 25", known)
    assert (beyond.kind, beyond.check) == (UNPROVEN, Check.CAP)
    assert (equal.kind, [n.check for n in equal.notes]) == (CAN, [Check.CAP])
    assert verdict("trader_exposure_pct > 20", known).notes == ()


@pytest.mark.parametrize(
    ("expr", "lost"),
    [
        ("x > on () y", "> on () drops the label side"),
        ("x > ignoring (side) y", "> ignoring (side) drops the label side"),
        ("x - ignoring (side) y > 1", "- ignoring (side) drops the label side"),
        ("x >= on (side) x", ""),
        ("x > on () group_left () y", ""),
        ("x and on () y", ""),
        ("x > 1", ""),
    ],
)
def test_a_label_that_matching_drops_is_empty_in_texts(expr: str, lost: str) -> None:
    known = bot({'x{side="buy"}': float, "y": 1})
    found = verdict(expr, known, annotations=Labels({"summary": "{{ $labels.side }}"}))
    assert [note.text.partition(",")[0] for note in found.notes if note.fault] == ([lost] if lost else [])
    engine = Engine(store_of({'x{side="buy"}': float, "y": 1}))
    value = engine.instant(expr, at=START + STEP * (SCRAPES - 1))
    assert isinstance(value, Vector)
    assert [("side" in sample.labels) for sample in value.samples] == [not lost]
