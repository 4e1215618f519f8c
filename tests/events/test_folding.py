"""Repeats in the feed: what becomes one row, and what never does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from events.hands import NOW
from events.making import event
from tradetop.events.folding import WITHIN, Folding
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND


def said(rows: Sequence[BotEvent]) -> list[str]:
    return [" ".join(one.id for one in row.told) for row in rows]


def timeout(n: int, text: str = "RPC timeout after {} ms, request 0x{:x}", **columns: str) -> BotEvent:
    return event("error", f'{{"message": "{text.format(n * 17, n + 4_096)}"}}', t=NOW + n * SECOND, n=n, **columns)


def test_events_that_say_the_same_but_for_numbers_and_ids_are_one_row_with_the_newest_time() -> None:
    (row,) = Folding().rows([timeout(n) for n in range(12)])
    assert (len(row.told), row.t) == (12, NOW + 11 * SECOND)
    assert row.tells("e0")
    assert not row.tells("e12")


@pytest.mark.parametrize(
    "other",
    [
        timeout(1, "RPC refused"),
        timeout(1, pair="BTC/USDC"),
        timeout(1, strategy="grid"),
        timeout(1, bot="defi-2"),
        event("warning", '{"message": "RPC timeout after 17 ms, request 0x1001"}', t=NOW + SECOND, n=1),
        event("error", '{"message": "RPC timeout after 17 ms, request 0x1001", "severity": "fatal"}', t=NOW, n=1),
        event("error", '{"message": "RPC timeout after 17 ms, request 0x1001", "side": "buy"}', t=NOW, n=1),
    ],
)
def test_what_differs_in_anything_else_has_a_row_of_its_own(other: BotEvent) -> None:
    assert said(Folding().rows([timeout(0), other, timeout(2)])) == ["e0", "e1", "e2"]


@pytest.mark.parametrize("kind", ["trade_open", "trade_close", "order_filled", "deploy", "alert"])
def test_trades_and_marks_are_never_hidden_behind_each_other(kind: str) -> None:
    assert said(Folding().rows([event(kind, '{"pnl_usd": 1}', n=n) for n in range(3)])) == ["e0", "e1", "e2"]


def test_a_row_is_no_longer_than_a_minute() -> None:
    events = [timeout(n) for n in range(0, 2 * WITHIN // SECOND, 10)]
    assert [len(row.told) for row in Folding().rows(events)] == [7, 5]


def test_what_is_folded_as_it_comes_is_what_is_folded_at_once() -> None:
    events = [timeout(n, pair="SOL/USDC" if n % 7 else "BTC/USDC") for n in range(200)]
    folding = Folding()
    for first in range(0, 150, 3):
        now = events[first : first + 40]
        rows = [*folding.rows(now)]
        assert [one.id for row in rows for one in row.told] == [one.id for one in now]
        assert [row.told for row in rows[1:]] == [row.told for row in Folding().rows(now)][-len(rows) + 1 :]


def test_rows_that_stay_are_the_same_objects() -> None:
    folding, events = Folding(), [timeout(n, pair="A" if n % 10 < 5 else "B") for n in range(60)]
    before = [*folding.rows(events[:52])]
    after = [*folding.rows(events)]
    assert all(one is other for one, other in zip(before[:-1], after, strict=False))
    assert after[len(before) - 1] is not before[-1]
    assert [*folding.rows(events)] == after


def test_an_event_that_comes_late_is_put_where_it_belongs() -> None:
    folding, events = Folding(), [timeout(n) for n in (0, 1, 3)]
    folding.rows(events)
    late = timeout(2)
    assert said(folding.rows([*events[:2], late, events[2]])) == ["e0 e1 e2 e3"]
    assert said(folding.rows([])) == []
