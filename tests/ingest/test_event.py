from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.making import HOSTILE, NOW, body, event
from tradetop.ingest.event import BATCH_LIMIT, Batch, BodyError, Judge
from tradetop.ingest.problem import TYPES

JUDGE = Judge()


def sort(*events: object) -> Batch:
    return JUDGE.sort(body(*events), NOW)


def said(*events: object) -> list[tuple[int, str, str]]:
    return [(problem.index, problem.field, problem.message) for problem in sort(*events).problems]


def test_one_event_or_a_list_of_them() -> None:
    one = JUDGE.sort(json.dumps(event()).encode(), NOW)
    assert one == sort(event())
    sent = ("e-1", "alpha", "signal", None, None, "2026-11-30T00:53:19.500Z", None)
    assert one.rows[0] == (*sent, "2026-11-30 00:53:20.000")
    assert JUDGE.sort(b"[]", NOW) == Batch([])


def test_every_documented_type_is_taken_settlement_too() -> None:
    assert len(sort(*(event(kind, event_type=kind) for kind in TYPES)).rows) == 6
    assert "settlement" in TYPES


def test_what_is_stored_is_what_was_sent() -> None:
    raw = (
        b'{"id":"1","bot_id":"b","event_type":"signal","timestamp":1796000000.25,'
        b'"metadata":{ "pnl_usd" : 1.10, "n":1e3 }}'
    )
    row = JUDGE.sort(raw, NOW).rows[0]
    assert row.metadata == '{ "pnl_usd" : 1.10, "n":1e3 }'
    assert row.timestamp == 1796000000.25
    assert sort(event(timestamp="2026/11/30 00:53:19")).rows[0].timestamp == "2026/11/30 00:53:19"


def test_metadata_may_be_a_text_that_holds_an_object() -> None:
    assert sort(event(metadata='{"pnl_usd": 1}')).rows[0].metadata == '{"pnl_usd": 1}'
    assert sort(event(metadata="null")).rows[0].metadata is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    row = sort(event(text, bot_id=text, pair=text, strategy=text, metadata={text: text})).rows[0]
    assert (row.id, row.bot_id, row.pair, row.strategy) == (text,) * 4
    assert json.loads(row.metadata or "") == {text: text}


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"id": None}, "id", "is missing"),
        ({"id": 5}, "id", "is a number, must be a text"),
        ({"id": ""}, "id", "is empty"),
        ({"id": "x" * 201}, "id", "has 201 characters, at most 200"),
        ({"id": "a\0b"}, "id", "holds a NUL character"),
        ({"id": "\ud83d"}, "id", "half a character"),
        ({"bot_id": ["x"]}, "bot_id", "is a list, must be a text"),
        ({"bot_id": "x" * 121}, "bot_id", "has 121 characters, at most 120"),
        ({"event_type": "trade_clse"}, "event_type", '"trade_clse" is not known (error, risk_eval, settlement'),
        ({"event_type": True}, "event_type", "is true or false, must be a text"),
        ({"event_type": "\x1b[2J"}, "event_type", '"␛[2J" is not known'),
        ({"pair": {}}, "pair", "is an object, must be a text"),
        ({"pair": "\0"}, "pair", "holds a NUL character"),
        ({"strategy": 1.5}, "strategy", "is a number, must be a text"),
        ({"timestamp": None}, "timestamp", "is missing"),
        ({"timestamp": True}, "timestamp", "is true or false, must be a time"),
        ({"timestamp": "yesterday"}, "timestamp", '"yesterday" is no time: write 2026-01-31T09:00:00.123Z'),
        ({"timestamp": "9" * 65}, "timestamp", "has 65 characters, at most 64"),
        ({"timestamp": 12}, "timestamp", "is no time"),
        ({"timestamp": 10**400}, "timestamp", "is no time"),
        (
            {"timestamp": "2026-11-30T02:53:20Z"},
            "timestamp",
            "is 120 min ahead of the server's clock (2026-11-30T00:53:20Z)",
        ),
        ({"metadata": [1]}, "metadata", "is a list, must be an object"),
        ({"metadata": "{'a': 1}"}, "metadata", "is a text, but no JSON: Expecting property name"),
        ({"metadata": "[]"}, "metadata", "is a list, must be an object"),
        ({"metadata": {"a": "x" * 1_000_000}}, "metadata", "characters of JSON, at most 65,536"),
        ({"metadata": '"' + "x" * 1_000_000}, "metadata", "has 1,000,001 characters of JSON, at most 65,536"),
        ({"metadata": {"a": float("nan")}}, "metadata", "a number that JSON does not have"),
        ({"metadata": {"a": "\ud83d"}}, "metadata", "half a character"),
        ({"created_at": "2026-11-30"}, "created_at", "is written by the server: leave it out"),
        ({"botid": "x"}, "botid", "is no field of an event (id, bot_id"),
    ],
)
def test_each_field_says_what_is_wrong_with_it_and_the_rest_is_taken(
    wrong: dict[str, object], field: str, message: str
) -> None:
    batch = sort(event("a"), event(**{"id": "b", **wrong}), event("c"))
    assert [row.id for row in batch.rows] == ["a", "c"]
    assert batch.refused == 1
    (problem,) = batch.problems
    assert (problem.index, problem.field) == (1, field)
    assert message in problem.message


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = said({"id": 1, "event_type": "x"}, 5, None, [])
    assert [(index, field) for index, field, _ in found] == [
        (0, "id"), (0, "bot_id"), (0, "event_type"), (0, "timestamp"), (1, ""), (2, ""), (3, ""),
    ]  # fmt: skip
    assert found[4][2].startswith("is a number; an event is an object such as {")


def test_an_event_of_countless_fields_is_told_of_some() -> None:
    problems = sort(event(**{f"k{i}": 1 for i in range(10_000)})).problems
    assert len(problems) == 20


def test_long_spaces_in_metadata_count() -> None:
    raw = b'{"id":"1","bot_id":"b","event_type":"signal","timestamp":1796000000,"metadata":{"a":%s1}}' % (b" " * 70_000)
    (problem,) = JUDGE.sort(raw, NOW).problems
    assert "has 70,007 characters of JSON" in problem.message


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not JSON: Expecting value in line 1, column 1"),
        (b'[{"id": "a",]', "not JSON: "),
        (b"\xff\xfe", "not UTF-8: byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[NaN, " + b"9" * 5_000 + b"]", "more than 4,300 digits"),
        (b"id=1&bot_id=2", "not JSON"),
    ],
)
def test_a_body_that_holds_no_events(raw: bytes, message: str) -> None:
    with pytest.raises(BodyError, match=message.replace("(", r"\(")):
        JUDGE.sort(raw, NOW)


def test_too_many_events_at_once() -> None:
    with pytest.raises(BodyError, match="10,001 events at once: send at most 10,000"):
        JUDGE.sort(b"[" + b",".join([b"1"] * (BATCH_LIMIT + 1)) + b"]", NOW)


def test_deep_metadata_costs_its_own_event_alone() -> None:
    deep = (
        b'{"id":"d","bot_id":"b","event_type":"signal","timestamp":1796000000,"metadata":'
        + b'{"a":' * 900
        + b"1"
        + b"}" * 901
    )
    batch = JUDGE.sort(b"[" + json.dumps(event("ok")).encode() + b"," + deep + b"]", NOW)
    assert batch.rows[0].id == "ok"
    assert len(batch.rows) + batch.refused == 2


def test_more_types_can_be_taken() -> None:
    assert Judge(["deploy"]).sort(body(event(event_type="deploy")), NOW).rows


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={name: JSON | st.just(good) for name, good in event(pair="p", strategy="s").items()} | {"metadata": JSON},
)


@given(st.lists(FIELDS | JSON, max_size=4))
def test_every_event_is_stored_or_told_why_not(events: list[object]) -> None:
    batch = JUDGE.sort(json.dumps(events).encode(), NOW)
    assert len(batch.rows) + batch.refused == len(events)
    assert len({problem.index for problem in batch.problems}) == batch.refused
    assert all(problem.message for problem in batch.problems)


@given(st.binary(max_size=60))
def test_no_bytes_do_harm(raw: bytes) -> None:
    with suppress(BodyError):
        JUDGE.sort(raw, NOW)
