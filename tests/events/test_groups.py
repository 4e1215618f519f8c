"""Errors that are alike."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from events.hands import NOW
from events.making import event
from tradetop.events.groups import Asked, ErrorGroups, by_pair, by_type
from tradetop.model.bot_event import BotEvent, EventSource
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.feed_frame import ErrorGroup
from tradetop.model.level import Level


def error(message: str, t: int) -> BotEvent:
    return event("error", json.dumps({"message": message}), t=t)


def groups_of(events: list[BotEvent], asked: Asked | None = None, **more: int) -> tuple[ErrorGroup, ...]:
    return ErrorGroups().of(events, asked, **more)


def test_alike_but_for_numbers_is_one_group_with_its_newest_words() -> None:
    events = [
        error("Slippage exceeded: 1.31% > 1.0%", NOW - 30_000),
        error("RPC timeout helius after 5000ms", NOW - 20_000),
        error("RPC timeout helius after 4800ms", NOW - 10_000),
    ]
    first, second = groups_of(events)
    assert (first.category, first.text, first.count) == ("connection", "RPC timeout helius after 4800ms", 2)
    assert (first.first, first.last, first.level) == (NOW - 20_000, NOW - 10_000, Level.WARNING)
    assert first.newest is events[2]
    assert (second.category, second.count, second.level) == ("execution", 1, Level.CRITICAL)
    assert first.trend is not None
    assert sum(first.trend.values) == 2


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
        assert groups.of(events[first:last]) == groups_of(events[first:last])
    assert len(groups.of(events, limit=1)) == (1 if events else 0)


def test_a_group_tells_its_bots_and_pairs_and_counts_in_the_window_what_was_first_seen_before_it() -> None:
    pairs = ["SOL-USDC", "WIF-USDC", "SOL-USDC", ""]
    events = [
        replace(error(f"RPC timeout for {pair}", NOW - (4 - n) * HOUR), pair=pair, bot=f"bot-{n % 2}")
        for n, pair in enumerate(pairs[:3])
    ]
    (group,) = groups_of(events, Asked(NOW - 3 * HOUR, NOW))
    assert (group.count, group.first, group.last) == (2, NOW - 4 * HOUR, NOW - 2 * HOUR)
    assert (group.pairs, group.bots) == (("WIF-USDC", "SOL-USDC"), ("bot-1", "bot-0"))
    assert groups_of(events, Asked(NOW - HOUR, NOW)) == ()


def test_what_began_after_the_deployment_is_new() -> None:
    events = [error("old", NOW - 2 * HOUR), error("fresh", NOW - HOUR), error("old", NOW - MINUTE)]
    asked = Asked(NOW - 3 * HOUR, NOW, deployed=NOW - 90 * MINUTE)
    assert {group.text: group.fresh for group in groups_of(events, asked)} == {"old": False, "fresh": True}
    assert not any(group.fresh for group in groups_of(events, Asked(NOW - 3 * HOUR, NOW)))


def test_an_execution_error_is_to_be_reviewed_however_long_ago_and_again_when_it_comes_back() -> None:
    events = [error("slippage exceeded", NOW - 9 * HOUR), error("RPC timeout", NOW - MINUTE)]
    asked = Asked(NOW - HOUR, NOW, reviewing=frozenset(["execution"]))
    first, second = groups_of(events, asked)
    assert (first.category, first.waiting, second.waiting) == ("execution", 1, 0)
    looked_at = replace(asked, reviewed={first.fingerprint: first.last})
    assert [group.category for group in groups_of(events, looked_at)] == ["connection"]
    counted = [replace(each, source=EventSource.DERIVED) for each in events]
    assert all(group.waiting == 0 for group in groups_of(counted, asked))
    again = [*events, error("slippage exceeded", NOW)]
    assert [(group.category, group.waiting) for group in groups_of(again, looked_at)] == [
        ("execution", 1),
        ("connection", 0),
    ]


def test_errors_by_type_and_bot_and_by_pair() -> None:
    one, two = replace(error("RPC timeout", NOW - 2), pair=""), replace(error("slippage", NOW - 1), pair="SOL-USDC")
    three = replace(error("slippage", NOW), pair="SOL-USDC", bot="other")
    names = {tally.names: tally.counts for tally in by_type([one, two, three])}
    assert names[("error", one.bot)] == (("connection", 1), ("execution", 1))
    assert names[("error", "other")] == (("execution", 1),)
    (pair,) = by_pair([one, two, three])
    assert (pair.names, pair.total, pair.last) == (("SOL-USDC",), 2, NOW)
