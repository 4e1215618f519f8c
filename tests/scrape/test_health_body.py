from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.target import Component, Mode
from tradetop.scrape.check import Verdict
from tradetop.scrape.health_body import HealthBody, read_health

POLYBOT = """{"status": "degraded", "uptime": 12, "components": {
  "sqlite": {"status": "healthy", "latency_ms": 1.5},
  "nng": {"status": "unhealthy", "message": "no peer"},
  "config": {"status": "healthy"}}}"""
TRADER = """{"ok": false, "mode": "DRY_RUN", "regime": "chop", "running": true, "cycle": 12,
  "kill_switch_active": true, "issues": ["no cycle for 190 s", "rate limit at 92%"]}"""


def test_components_with_latency() -> None:
    assert read_health(POLYBOT) == HealthBody(
        Verdict.DEGRADED,
        "nng unhealthy: no peer",
        Mode.UNKNOWN,
        (
            Component("sqlite", "healthy", "", 1.5),
            Component("nng", "unhealthy", "no peer", None),
            Component("config", "healthy"),
        ),
    )


def test_issues_mode_and_kill_switch() -> None:
    issues = ("kill switch active", "no cycle for 190 s", "rate limit at 92%")
    assert read_health(TRADER) == HealthBody(Verdict.FAILED, "; ".join(issues), Mode.PAPER, (), issues)


@pytest.mark.parametrize(
    ("body", "verdict", "reason"),
    [
        ({"status": "alive"}, Verdict.PASSED, ""),
        ({"status": "OK"}, Verdict.PASSED, ""),
        ({"status": "UP"}, Verdict.PASSED, ""),
        ({"ok": True}, Verdict.PASSED, ""),
        ({"status": True}, Verdict.PASSED, ""),
        ({"status": "ok", "ok": False}, Verdict.FAILED, "it says ok"),
        ({"ok": False}, Verdict.FAILED, "it says ok: false"),
        ({"ready": False, "message": "warming up"}, Verdict.FAILED, "warming up"),
        ({"status": "Not Ready"}, Verdict.FAILED, "it says Not Ready"),
        ({"status": "unhealthy", "error": "disk full"}, Verdict.FAILED, "disk full"),
        ({"status": "ok", "running": False}, Verdict.FAILED, "its loop is not running"),
        ({"status": "ok", "kill_switch_active": True}, Verdict.DEGRADED, "kill switch active"),
        ({"status": "warn", "issues": "queue is long"}, Verdict.DEGRADED, "queue is long"),
        ({"checks": [{"name": "db", "ok": False}]}, Verdict.DEGRADED, "db failed"),
        ({"status": "ok", "checks": [{"name": "db", "ok": False}]}, Verdict.PASSED, ""),
        ({"status": "unhealthy", "issues": [{"message": "a"}, {"x": 1}, 5, "b", "c", "d"]}, Verdict.FAILED,
         "a; b; c and 1 more"),
        ({"status": "purple"}, Verdict.NONE, "it says purple"),
        ({"uptime": 5}, Verdict.NONE, ""),
        ({}, Verdict.NONE, ""),
        ({"status": None, "ok": "yes", "components": 5, "issues": 7}, Verdict.NONE, ""),
    ],
)  # fmt: skip
def test_what_a_body_means(body: object, verdict: Verdict, reason: str) -> None:
    got = read_health(json.dumps(body))
    assert got is not None
    assert (got.verdict, got.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("body", "mode"),
    [
        ({"mode": "LIVE"}, Mode.LIVE),
        ({"trading_mode": "paper"}, Mode.PAPER),
        ({"mode": "dry-run"}, Mode.PAPER),
        ({"mode": "normal"}, Mode.UNKNOWN),
        ({"dry_run": False}, Mode.LIVE),
        ({"dry_run": True}, Mode.PAPER),
        ({"mode": ["LIVE"]}, Mode.UNKNOWN),
        ({}, Mode.UNKNOWN),
    ],
)
def test_the_mode_is_taken_only_from_what_says_it(body: object, mode: Mode) -> None:
    got = read_health(json.dumps(body))
    assert got is not None
    assert got.mode is mode


@pytest.mark.parametrize(
    "text",
    ["", "ok", "[]", "null", "5", '"ok"', '{"a"', "NaN", "[" * 30_000, '{"a":' * 30_000, '{"a": ' + "9" * 10_000 + "}"],
    ids=lambda text: text[:8],
)
def test_what_is_no_json_object_is_not_read(text: str) -> None:
    assert read_health(text) is None


@pytest.mark.parametrize("latency", ["NaN", "Infinity", "1e999", "9" * 400, '"5"', "true", "null", "[]"])
def test_a_latency_that_is_none(latency: str) -> None:
    got = read_health('{"components": {"db": {"status": "ok", "latency_ms": ' + latency + "}}}")
    assert got is not None
    assert got.components == (Component("db", "ok", "", None),)


def test_texts_come_out_clean_and_bounded() -> None:
    body = {
        "status": "down",
        "issues": ["\x1b]52;c;aGk=\x07", "\ud800", "x" * 10_000] * 20,
        "components": {f"\x1b[2J{i}": {"status": "\u202e", "detail": "[red]"} for i in range(500)},
    }
    got = read_health(json.dumps(body))
    assert got is not None
    assert repr(got).isprintable()
    assert (len(got.issues), len(got.components)) == (20, 50)
    assert max(map(len, got.issues)) < 250
    assert got.issues[:2] == ("␛]52;c;aGk=␇", "�")


keys = st.sampled_from(
    [
        "status",
        "ok",
        "running",
        "components",
        "checks",
        "issues",
        "mode",
        "name",
        "latency_ms",
        "message",
        "dry_run",
        "x",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=6))
def test_no_body_makes_it_raise(body: dict[str, object]) -> None:
    got = read_health(json.dumps(body))
    assert got is not None
    assert repr(got).isprintable()
