"""Lines of the usual loggers, and of those that wish us ill."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.hands import NOW, HandClock
from events.lines.making import interpreter, lines, messages, said
from tradetop.events.lines.line import Line
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.level import Level
from tradetop.model.lines import Form

THEN = NOW - 3_600_000
"""2026-01-02 02:04:05 UTC."""


@pytest.fixture(autouse=True)
def zone() -> Iterator[None]:
    """Logs without a zone are of this machine's, which is not London."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Etc/GMT-2"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def one(text: str | bytes, form: Form = Form.TEXT) -> BotEvent:
    how = interpreter(form)
    (event,) = how.forward(lines(text))
    assert how.notice() == ""
    return event


@pytest.mark.parametrize(
    ("line", "kind", "level", "message"),
    [
        # structlog, python-json-logger, pino, bunyan, zap, zerolog, slog, winston, logrus, GELF-like, ECS, docker.
        (
            {"event": "low balance", "level": "warning", "timestamp": "2026-01-02T02:04:05Z"},
            "warning",
            1,
            "low balance",
        ),
        ({"asctime": "2026-01-02 02:04:05Z", "levelname": "INFO", "message": "hi"}, "info", 0, "hi"),
        ({"level": 30, "time": THEN, "pid": 1, "msg": "hi"}, "info", 0, "hi"),
        ({"level": 60, "time": "2026-01-02T02:04:05.000Z", "msg": "gone", "v": 0}, "critical", 2, "gone"),
        ({"level": "info", "ts": THEN / 1_000, "caller": "a.go:1", "msg": "hi"}, "info", 0, "hi"),
        ({"level": "warn", "time": THEN // 1_000, "message": "hi"}, "warning", 1, "hi"),
        ({"time": "2026-01-02T04:04:05+02:00", "level": "WARN", "msg": "hi"}, "warning", 1, "hi"),
        ({"timestamp": "2026-01-02 02:04:05", "level": "debug", "message": "hi"}, "debug", 0, "hi"),
        ({"time": "2026-01-02T02:04:05Z", "level": "fatal", "msg": "hi"}, "critical", 2, "hi"),
        ({"@timestamp": "2026-01-02T02:04:05Z", "log.level": "warn", "message": "hi"}, "warning", 1, "hi"),
        ({"@timestamp": "2026-01-02T02:04:05Z", "log": {"level": "warn"}, "message": "hi"}, "warning", 1, "hi"),
        ({"log": "hi", "stream": "stdout", "time": "2026-01-02T02:04:05Z"}, "log", 0, "hi"),
    ],
)
def test_the_usual_json_logs(line: dict[str, Any], kind: str, level: int, message: str) -> None:
    event = one(json.dumps(line), Form.JSON)
    assert (event.t, event.guessed_time) == (THEN, False)
    assert (event.type, event.level, said(event, "message")) == (kind, Level(level), message)


def test_the_record_of_polybots_documentation() -> None:
    event = one(
        '{"timestamp": "2026-01-01T12:00:00Z", "level": "INFO", "message": "Order filled", "order_id": "123",'
        ' "strategy": "arbitrage", "fill_price": 0.45}'
    )
    assert (event.type, event.cls, event.strategy) == ("order_filled", EventClass.TRADE, "arbitrage")
    assert {fact.name: fact.value for fact in event.facts} == {
        "price": 0.45,
        "message": "Order filled",
        "order_id": "123",
    }


def test_a_bot_event_as_a_line() -> None:
    line = {
        "event_type": "trade_close",
        "bot_id": "sniper",
        "pair": "SOL/USDC",
        "strategy": "grid",
        "timestamp": "2026-01-02T02:04:05Z",
        "metadata": {"pnl_usd": -3.5},
    }
    event = one(json.dumps(line), Form.JSON)
    assert (event.bot, event.type, event.cls, event.pair, event.pnl) == (
        "sniper",
        "trade_close",
        EventClass.CLOSE,
        "SOL/USDC",
        -3.5,
    )


def test_an_error_is_one_with_its_category() -> None:
    event = one(json.dumps({"level": "error", "msg": "dial tcp: connection refused", "ts": THEN}))
    assert (event.cls, event.category, event.type) == (EventClass.ERROR, "connection", "error")


@pytest.mark.parametrize(
    ("text", "kind", "logger", "message"),
    [
        ("2026-01-02 04:04:05,000 - bot.exec - ERROR - order failed", "error", "bot.exec", "order failed"),
        ("2026-01-02 04:04:05 WARNING low balance", "warning", "", "low balance"),
        ("[2026-01-02T02:04:05Z] INFO  (main): started", "info", "", "(main): started"),
        ("2026-01-02T02:04:05.000000Z  WARN bot::exec: slow", "warning", "", "bot::exec: slow"),
        ("2026/01/02 04:04:05 [error] 12#0: upstream timed out", "error", "", "12#0: upstream timed out"),
        ("2026/01/02 04:04:05 main.go:12: started", "log", "", "main.go:12: started"),
        ("Jan  2 04:04:05 host bot[12]: CRITICAL: out of funds", "critical", "bot[12]", "out of funds"),
        ("1767319445.000 INFO hello", "info", "", "hello"),
        ("2026-01-02 04:04:05 | INFO     | bot.main:run:12 - hello", "info", "", "bot.main:run:12 - hello"),
    ],
)
def test_plain_text(text: str, kind: str, logger: str, message: str) -> None:
    event = one(text)
    assert (event.t, event.guessed_time) == (THEN, False)
    assert (event.type, said(event, "logger"), said(event, "message")) == (kind, logger, message)


@pytest.mark.parametrize(
    "text", ["just words", "Got ERROR from peer", "information about INFO", "99 bottles", "{", "{}x"]
)
def test_text_that_says_neither_when_nor_how_bad(text: str) -> None:
    event = one(text)
    assert (event.type, event.level, event.guessed_time, said(event, "message")) == ("log", Level.OK, True, text)


def test_a_traceback_belongs_to_its_line() -> None:
    how = interpreter()
    found = how.forward(
        lines(
            "2026-01-02 04:04:05 ERROR order failed",
            "Traceback (most recent call last):",
            '  File "bot.py", line 3, in run',
            "    raise ValueError(x)",
            "",
            "ValueError: no price",
            "2026-01-02 04:04:06 INFO on",
        )
    )
    assert messages(list(found)) == ["order failed", "on"]
    assert said(found[0], "traceback").endswith("ValueError: no price")
    raw = json.loads(found[0].raw)
    assert raw["line"] == "2026-01-02 04:04:05 ERROR order failed"
    assert raw["traceback"].splitlines()[1::2] == ['  File "bot.py", line 3, in run', "ValueError: no price"]


def test_a_traceback_that_comes_later_is_an_error_of_its_own() -> None:
    how = interpreter()
    how.forward(lines("2026-01-02 04:04:05 ERROR order failed"))
    (event,) = how.forward(lines("Traceback (most recent call last):", '  File "bot.py", line 3', "KeyError: 'x'"))
    assert event.cls is EventClass.ERROR
    assert "KeyError: 'x'" in event.raw


def test_a_line_without_a_time_takes_the_one_before() -> None:
    how = interpreter()
    first, second = how.forward(lines("2026-01-02 04:04:05 INFO a", "b"))
    assert (second.t, second.guessed_time) == (first.t, True)


def test_a_time_in_the_future_is_not_believed() -> None:
    event = one('{"ts": "2027-01-01T00:00:00Z", "msg": "a"}')
    assert (event.t, event.guessed_time) == (NOW, True)


def test_nothing_from_a_line_is_markup_or_an_escape_code() -> None:
    hostile = "\x1b]52;c;AAAA\x07[red]PEPE\u202e\ud800'); DELETE"
    for text in (
        json.dumps({"msg": hostile, "level": hostile, "pair": hostile, hostile: hostile}),
        hostile.encode(errors="replace"),
    ):
        event = one(text)
        shown = f"{event.raw}{event.type}{event.pair}{event.facts}"
        assert not any(char in shown for char in "\x1b\x07\u202e\ud800")


def test_a_line_that_is_an_object_with_everything_in_it_is_cut() -> None:
    event = one(json.dumps({"msg": "x" * 500_000, **{f"k{i}": i for i in range(5_000)}}))
    assert len(event.facts) <= 42
    assert len(event.raw) < 17_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    [
        *("timestamp", "level", "message", "status", "no_trade_reason", "proposals", "orders"),
        *("proposal_rejections", "config_hash", "event_type", "ts", "risk_violations"),
    ]
)


@given(st.dictionaries(KEYS, JSON))
@settings(deadline=None)
def test_no_object_is_too_strange(document: dict[str, Any]) -> None:
    for mapping in ("", "247trader", "polybot", "json", "text"):
        how = interpreter(mapping=mapping)
        line = lines(json.dumps(document))
        how.forward(line)
        how.back(line, whole=True)


@given(st.lists(st.binary(max_size=60)))
@settings(deadline=None)
def test_no_bytes_are_too_strange(texts: list[bytes]) -> None:
    for form in Form:
        how = interpreter(form, clock=HandClock())
        for event in how.forward([Line(text, "x") for text in texts]):
            assert event.raw.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "a-" * 500_000,
        "x.y " * 250_000,
        "(" * 1_000_000,
        "a1b2" * 90,
        "1a" * 300,
        "a." * 200,
    ],
)
def test_a_line_made_to_be_slow_is_not(text: str) -> None:
    began = time.process_time()
    interpreter().forward(lines(text))
    assert time.process_time() - began < 2
