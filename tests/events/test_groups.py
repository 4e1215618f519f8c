"""Errors that are alike."""

from __future__ import annotations

import json

import pytest

from events.hands import NOW
from events.making import event
from tradetop.events.groups import error_groups, essence
from tradetop.model.bot_event import BotEvent
from tradetop.model.frame import ErrorGroup
from tradetop.model.level import Level


def error(message: str, t: int) -> BotEvent:
    return event("error", json.dumps({"message": message}), t=t)


def test_alike_but_for_numbers_is_one_group_with_its_newest_words() -> None:
    events = [
        error("Slippage exceeded: 1.31% > 1.0%", NOW - 30_000),
        error("RPC timeout helius after 5000ms", NOW - 20_000),
        error("RPC timeout helius after 4800ms", NOW - 10_000),
        event("signal", t=NOW),
    ]
    assert error_groups(events, since=NOW - 60_000, until=NOW) == (
        ErrorGroup("connection", "RPC timeout helius after 4800ms", 2, NOW - 10_000, Level.WARNING, events[2]),
        ErrorGroup("execution", "Slippage exceeded: 1.31% > 1.0%", 1, NOW - 30_000, Level.CRITICAL, events[0]),
    )


def test_only_the_window_counts() -> None:
    events = [error("a", NOW - 60_000), error("b", NOW - 59_999), error("c", NOW), error("d", NOW + 1)]
    assert [group.text for group in error_groups(events, since=NOW - 60_000, until=NOW)] == ["c", "b"]
    assert len(error_groups(events, since=0, until=NOW + 1, limit=3)) == 3


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("order 0xdeadbeef01 failed", "order 0x12 failed", True),
        (
            "wallet 7xKXtg2CW87d97TXJSDpbD5 empty",
            "wallet 9yKXtg2CW87d97TXJSDpbE6 empty",
            True,
        ),
        ("id 550e8400-e29b-41d4-a716-446655440000", "id 11111111-e29b-41d4-a716-446655440000", True),
        ("retry in 3s", "retry in 12.5s", True),
        ("status 429 from /orders", "status 500 from /orders", False),
        ("429 Too Many Requests", "503 Too Many Requests", False),
        ("took 429 ms", "took 503 ms", True),
        ("SOL refused", "BTC refused", False),
    ],
)
def test_what_makes_errors_alike(one: str, other: str, alike: bool) -> None:
    assert (essence(one) == essence(other)) is alike
