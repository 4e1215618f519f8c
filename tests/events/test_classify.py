"""What events are, how bad they are, and what is worth reading of them."""

from __future__ import annotations

import json

import pytest

from events.making import event
from tradetop.events.classify import category_of, class_of
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.level import Level
from tradetop.model.unit import Kind, Unit


def told(event: BotEvent) -> list[tuple[str, float | str]]:
    return [(fact.name, fact.value) for fact in event.facts]


@pytest.mark.parametrize(
    ("event_type", "cls"),
    [
        ("signal", EventClass.SIGNAL),
        ("risk_eval", EventClass.RISK),
        ("trade_open", EventClass.OPEN),
        ("trade_close", EventClass.CLOSE),
        ("error", EventClass.ERROR),
        ("SIGNAL", EventClass.SIGNAL),
        ("positionOpened", EventClass.OPEN),
        ("position.closed", EventClass.CLOSE),
        ("order_filled", EventClass.TRADE),
        ("settlement", EventClass.SETTLEMENT),
        ("order_failed", EventClass.ERROR),
        ("rpc_timeout", EventClass.ERROR),
        ("signal_rejected", EventClass.RISK),
        ("bot_started", EventClass.RESTART),
        ("heartbeat", EventClass.HEALTH),
        ("config_change", EventClass.MARK),
        ("moon_phase", EventClass.OTHER),
        ("", EventClass.OTHER),
    ],
)
def test_class_by_type(event_type: str, cls: EventClass) -> None:
    assert class_of(event_type) is cls


@pytest.mark.parametrize(
    ("message", "category", "level"),
    [
        ("RPC timeout", "connection", Level.WARNING),
        ("WebSocket disconnect", "connection", Level.WARNING),
        ("429 Too Many Requests /products", "connection", Level.WARNING),
        ("RPC timeout while checking honeypot", "connection", Level.WARNING),
        ("read ECONNRESET", "connection", Level.WARNING),
        ("Slippage exceeded", "execution", Level.CRITICAL),
        ("insufficient balance (HTTP 400)", "execution", Level.CRITICAL),
        ("Transaction reverted", "execution", Level.CRITICAL),
        ("Honeypot check failed", "validation", Level.OK),
        ("liquidity too low", "validation", Level.OK),
        ("insufficient liquidity", "validation", Level.OK),
        ("KeyError: 'foo'", "other", Level.WARNING),
    ],
)
def test_errors_by_the_documents_categories(message: str, category: str, level: Level) -> None:
    found = event("error", json.dumps({"message": message}))
    assert (found.category, found.level) == (category, level)


def test_the_bots_own_word_for_a_category_wins() -> None:
    assert category_of("error", {"category": "Validation", "message": "RPC timeout"}) == "validation"
    assert category_of("error", {"error_type": "ConnectionError"}) == "connection"


def test_a_severity_raises_the_level_and_never_lowers_it() -> None:
    assert event("error", '{"message": "RPC timeout", "severity": "critical"}').level is Level.CRITICAL
    assert event("error", '{"message": "Slippage exceeded", "severity": "info"}').level is Level.CRITICAL
    assert event("signal", '{"level": "WARN"}').level is Level.WARNING


def test_details_come_in_the_order_worth_reading_with_their_units() -> None:
    signal = event("signal", '{"price": 100.5, "macd": 1.5, "rsi": 38.4, "confidence": 0.86, "action": "buy"}')
    assert told(signal) == [("side", "buy"), ("score", 0.86), ("rsi", 38.4), ("price", 100.5), ("macd", 1.5)]
    opened = event("trade_open", '{"trade_id": 7, "price": "46186.18", "qty": 0.8992, "side": "buy"}')
    assert told(opened) == [("side", "buy"), ("size", 0.8992), ("price", 46186.18), ("trade_id", "7")]
    assert [fact.kind for fact in opened.facts] == [Kind.TEXT, Kind.QUANTITY, Kind.MONEY, Kind.ID]
    closed = event("trade_close", '{"hold_ms": 780000, "pnl_usd": -44.17, "pnl_pct": -1.2}')
    assert told(closed) == [("pnl_usd", -44.17), ("held", 780.0), ("pnl_pct", -1.2)]
    assert [fact.unit for fact in closed.facts] == [Unit.USD, Unit.SECONDS, Unit.PERCENT]
    failed = event("error", '{"stack": "at x", "code": 429, "error": "Too Many Requests"}')
    assert told(failed) == [("message", "Too Many Requests"), ("status", "429"), ("stack", "at x")]


@pytest.mark.parametrize(
    ("metadata", "result"),
    [
        ('{"passed": true}', "passed"),
        ('{"passed": false}', "rejected"),
        ('{"approved": 1}', "passed"),
        ('{"rejected": true}', "rejected"),
        ('{"blocked": false}', "passed"),
        ('{"decision": "REJECT"}', "rejected"),
        ('{"result": "approved"}', "passed"),
    ],
)
def test_a_risk_check_says_passed_or_rejected(metadata: str, result: str) -> None:
    assert told(event("risk_eval", metadata)) == [("result", result)]


def test_a_rejection_says_why() -> None:
    assert told(event("risk_eval", '{"size_usd": 180, "reason": "exposure_cap", "passed": false}')) == [
        ("result", "rejected"),
        ("reason", "exposure_cap"),
        ("size", 180.0),
    ]


def test_a_loss_is_no_alarm() -> None:
    close = event("trade_close", '{"pnl_usd": -44.17}')
    assert (close.pnl, close.level) == (-44.17, Level.OK)
    assert event("trade_close", '{"pnl_usd": "12.50"}').pnl == 12.5
    assert event("trade_close", '{"pnl_usd": NaN}').pnl is None
    assert event("trade_close", "").pnl is None


def test_secrets_of_identity_are_marked_for_hiding() -> None:
    found = event("trade_open", '{"wallet": "7xKX", "tx_hash": 99, "rpc": "https://rpc.example", "balance": 5}')
    kinds = {fact.name: fact.kind for fact in found.facts}
    assert kinds == {"wallet": Kind.ID, "tx_hash": Kind.ID, "rpc": Kind.HOST, "balance": Kind.MONEY}


def test_nested_details_are_read_one_level_down() -> None:
    assert told(event("signal", '{"indicators": {"rsi": 30, "side": "sell"}, "side": "buy"}')) == [
        ("side", "buy"),
        ("rsi", 30.0),
    ]


def test_ids_keep_every_digit() -> None:
    assert told(event("trade_open", '{"trade_id": 12345678901234567890123}')) == [
        ("trade_id", "12345678901234567890123")
    ]
