"""The story of a trade: which events belong together, and what is missing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from events.hands import NOW
from events.making import event
from tradetop.events.story import ORDER, WITHIN, story_of
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.feed_frame import Story

KINDS = {"s": "signal", "r": "risk_eval", "o": "trade_open", "c": "trade_close", "e": "error"}


def made(name: str, t: int, columns: dict[str, str] | None = None, **facts: object) -> BotEvent:
    """`o2` is an opening with the id o2."""
    one = event(KINDS[name[0]], json.dumps(facts), t=NOW + t, n=0, **(columns or {}))
    return replace(one, id=name)


def ids(story: Story | None) -> str:
    return "" if story is None else " ".join("-" if part is None else part.id for _, part in story.parts)


BY_ID = [
    made("s1", 0, signal_id="a"),
    made("s2", 1, signal_id="b"),
    made("r2", 2, signal_id="b", approved=True),
    made("r1", 3, signal_id="a", approved=True),
    made("o1", 10, signal_id="a", trade_id=7),
    made("o2", 11, signal_id="b", trade_id=8),
    made("e1", 12, trade_id=8, message="partial fill"),
    made("c2", 20, trade_id=8, pnl_usd=12.5),
    made("c1", 30, trade_id=7, pnl_usd=-3),
]


@pytest.mark.parametrize("part", BY_ID, ids=[part.id for part in BY_ID])
def test_ids_decide_whatever_part_is_looked_at(part: BotEvent) -> None:
    story = story_of(part, BY_ID)
    wanted = "s2 r2 o2 c2" if part.id in {"s2", "r2", "o2", "c2", "e1"} else "s1 r1 o1 c1"
    assert story is not None
    assert ids(story) == wanted
    assert story.paired == "trade_id and signal_id"


BY_ORDER = [
    made("s1", 0),
    made("r1", 5, approved=True),
    made("s9", 6, {"pair": "BTC/USDC"}),
    made("o1", 10),
    made("s2", 100),
    made("r2", 105, approved=True),
    made("o2", 110),
    made("c1", 200, pnl_usd=1),
    made("c2", 300, pnl_usd=2),
]


@pytest.mark.parametrize("number", "12")
@pytest.mark.parametrize("kind", "sroc")
def test_without_ids_pair_strategy_and_order_decide(kind: str, number: str) -> None:
    part = next(one for one in BY_ORDER if one.id == kind + number)
    story = story_of(part, BY_ORDER)
    assert story is not None
    assert ids(story) == f"s{number} r{number} o{number} c{number}"
    assert story.paired == ORDER


def test_a_strategy_that_one_of_them_does_not_name_stands_in_no_way() -> None:
    events = [made("s1", 0, {"strategy": ""}), made("o1", 9), made("c1", 20, {"strategy": ""})]
    assert ids(story_of(events[1], events)) == "s1 - o1 c1"
    other = [made("s1", 0, {"strategy": "grid"}), made("o1", 9)]
    assert ids(story_of(other[1], other)) == "- - o1 -"


def test_what_is_missing_is_none() -> None:
    assert ids(story_of(BY_ORDER[3], BY_ORDER[:4])) == "s1 r1 o1 -"
    assert ids(story_of(BY_ORDER[7], BY_ORDER[7:])) == "- - - c1"
    assert ids(story_of(BY_ORDER[0], BY_ORDER[:2])) == "s1 r1 - -"
    assert ids(story_of(BY_ORDER[2], BY_ORDER)) == "s9 - - -"
    assert ids(story_of(BY_ORDER[1], BY_ORDER[1:2])) == "- r1 - -"


def test_a_signal_that_was_refused_is_no_part_of_the_next_trade() -> None:
    events = [
        made("s1", 0, signal_id="a"),
        made("r1", 1, signal_id="a", approved=False),
        made("s2", 2, signal_id="b"),
        made("r2", 3, signal_id="b", approved=True),
        made("o2", 4, signal_id="b"),
    ]
    assert ids(story_of(events[1], events)) == "s1 r1 - -"
    assert ids(story_of(events[4], events)) == "s2 r2 o2 -"


def test_an_old_signal_of_the_same_pair_is_not_the_reason() -> None:
    events = [made("s1", 0), made("o1", WITHIN + 1)]
    assert ids(story_of(events[1], events)) == "- - o1 -"
    tied = [made("s1", 0, signal_id="a"), made("o1", 5 * WITHIN, signal_id="a")]
    assert ids(story_of(tied[1], tied)) == "s1 - o1 -"


def test_events_of_other_kinds_belong_to_a_trade_by_their_ids_alone() -> None:
    assert story_of(made("e2", 13, message="RPC timeout"), BY_ID) is None
    assert story_of(made("e2", 13, trade_id="unknown"), BY_ID) is None
    assert ids(story_of(made("e2", 13, signal_id="a"), BY_ID)) == "s1 r1 o1 c1"


def test_an_event_that_has_left_memory_still_has_its_story() -> None:
    assert ids(story_of(BY_ID[4], [part for part in BY_ID if part.id != "o1"])) == "s1 r1 o1 c1"
    assert ids(story_of(BY_ID[4], [])) == "- - o1 -"


def test_bots_are_kept_apart() -> None:
    events = [made("s1", 0, {"bot": "other"}), made("o1", 5), made("c1", 9, {"bot": "other"})]
    assert ids(story_of(events[1], events)) == "- - o1 -"


def test_a_close_with_hostile_ids_is_only_text() -> None:
    events = [made("o1", 0, trade_id={"a": 1}), made("c1", 1, trade_id=["x" * 5_000]), made("c2", 2, trade_id=None)]
    for part in events:
        assert story_of(part, events) is not None
    assert {cls for cls, _ in (story_of(events[0], events) or Story(None, None, None, None)).parts} == {
        EventClass.SIGNAL, EventClass.RISK, EventClass.OPEN, EventClass.CLOSE,
    }  # fmt: skip
