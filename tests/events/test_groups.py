"""Errors that are alike."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.hands import NOW
from events.making import event
from tradetop.events.groups import ErrorGroups, essence
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
    ]
    assert ErrorGroups().of(events) == (
        ErrorGroup("connection", "RPC timeout helius after 4800ms", 2, NOW - 10_000, Level.WARNING, events[2]),
        ErrorGroup("execution", "Slippage exceeded: 1.31% > 1.0%", 1, NOW - 30_000, Level.CRITICAL, events[0]),
    )


@given(
    st.lists(st.tuples(st.sampled_from(["RPC timeout 1", "RPC timeout 2", "refused"]), st.integers(0, 3)), max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6),
)
def test_a_window_that_moves_tells_what_it_would_tell_if_it_had_always_been_there(
    told: list[tuple[str, int]], windows: list[tuple[int, int]]
) -> None:
    events = [error(text, NOW + sum(after for _, after in told[: n + 1])) for n, (text, _) in enumerate(told)]
    groups = ErrorGroups()
    for first, last in windows:
        assert groups.of(events[first:last]) == ErrorGroups().of(events[first:last])
    assert len(groups.of(events, limit=1)) == (1 if events else 0)


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
