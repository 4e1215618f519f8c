"""Which trades are still open."""

from __future__ import annotations

from events.hands import NOW
from events.making import event
from tradetop.events.pairing import MOST_OPEN, OpenPositions, Pairing
from tradetop.model.feed_frame import Position

OPEN = '{"side": "buy", "size": 0.5, "price": 100}'


def test_an_open_trade_is_a_position_with_what_the_event_tells() -> None:
    assert Pairing().of([event("trade_open", OPEN, t=NOW)]) == (
        Position("SOL/USDC", "momentum", "buy", 0.5, 100.0, NOW),
    )
    assert Pairing().of([event("trade_open", t=NOW)]) == (Position("SOL/USDC", "momentum", opened_at=NOW),)


def test_without_ids_a_close_ends_the_oldest_of_its_pair_and_strategy() -> None:
    events = [
        event("trade_open", OPEN, t=NOW, n=0),
        event("trade_open", OPEN, t=NOW + 1, n=1),
        event("trade_open", OPEN, t=NOW + 2, n=2, strategy="grid"),
        event("trade_close", t=NOW + 3, n=3),
        event("trade_close", t=NOW + 4, n=4, pair="BTC/USDC"),
    ]
    assert [p.opened_at for p in Pairing().of(events)] == [NOW + 1, NOW + 2]


def test_ids_decide_where_the_bot_writes_them() -> None:
    events = [
        event("trade_open", '{"trade_id": "a"}', t=NOW, n=0),
        event("trade_open", '{"trade_id": 2}', t=NOW + 1, n=1),
        event("trade_close", '{"trade_id": 2}', t=NOW + 2, n=2),
        event("trade_close", '{"trade_id": "unknown"}', t=NOW + 3, n=3),
    ]
    assert [p.opened_at for p in Pairing().of(events)] == [NOW]


def test_a_close_ends_its_own_trade_however_long_ago_that_was_opened() -> None:
    opened = [event("trade_open", t=NOW + i, n=i) for i in range(2)]
    pairing = Pairing()
    assert len(pairing.of(opened)) == 2
    assert [p.opened_at for p in pairing.of([opened[1], event("trade_close", t=NOW + 2, n=2)])] == [NOW + 1]


def test_bots_are_kept_apart() -> None:
    pairs = OpenPositions()
    pairs.feed(event("trade_open", bot="one", n=0))
    pairs.feed(event("trade_open", bot="two", n=1))
    pairs.feed(event("trade_close", bot="two", n=2))
    assert len(pairs.positions("one")) == len(pairs.positions()) == 1
    assert pairs.counts() == {"one": 1, "two": 0}


def test_a_bot_that_never_closes_does_not_grow_for_ever() -> None:
    pairs = OpenPositions()
    for i in range(MOST_OPEN + 5):
        pairs.feed(event("trade_open", t=NOW + i, n=i))
    assert pairs.counts() == {"defi-1": MOST_OPEN}
    assert pairs.positions()[0].opened_at == NOW + 5
