"""Mappings as people write them: what they can say, and how their mistakes are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from events.hands import NOW, HandClock
from events.lines.making import interpreter, lines, said
from tradetop.events.fault import EventError
from tradetop.events.lines.mapping import BUILT_IN, built_in, mapping
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.level import Level
from tradetop.model.lines import Form


def told(tmp_path: Path, text: str, *documents: Any) -> list[BotEvent]:
    """The events that lines tell by a mapping."""
    path = tmp_path / "own.yaml"
    path.write_text(text)
    how = interpreter(Form.JSON, str(path))
    return list(how.forward(lines(*map(json.dumps, documents))))


def test_all_that_are_built_in_can_be_read() -> None:
    assert len(built_in()) == len(BUILT_IN)
    assert all(mapping(name).events for name in BUILT_IN)


def test_fields_by_dotted_path(tmp_path: Path) -> None:
    text = """
time: meta.at
bot: [who.name, bot]
pair: market.0
strategy: a.b
events:
  - {type: order_filled, facts: {price: fill.price, "order.id": order.id}}
"""
    line = {
        "meta": {"at": "2026-01-02T03:04:00Z"},
        "bot": "b1",
        "market": ["SOL/USDC", "x"],
        "a.b": "grid",
        "fill": {"price": "1.5"},
        "order.id": 7,
    }
    (event,) = told(tmp_path, text, line)
    assert (event.t, event.bot, event.pair, event.strategy) == (NOW - 5_000, "b1", "SOL/USDC", "grid")
    assert {fact.name: fact.value for fact in event.facts} == {"price": 1.5, "order.id": 7.0}


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ("{k: yes}", ["yes"], True),
        ("{k: yes}", ["no", None, 1, ["x", "yes"]], False),
        ("{k: [a, b]}", ["a", "b"], True),
        ("{k: [a, b]}", ["c"], False),
        ("{k: 3}", [3, "3"], True),
        ("{k: 'true'}", [True], True),
        ("{k: {exists: true}}", [0, False, "x", [1]], True),
        ("{k: {exists: true}}", [None, "", [], {}], False),
        ("{k: {exists: false}}", [None, "", [], {}], True),
        ("{k: {begins: Max}}", ["max drawdown"], True),
        ("{k: {contains: [down, up]}}", ["Drawdown"], True),
        ("{k: {contains: down}}", ["up", None], False),
        ("{k: {unless: ok}}", ["bad", None], True),
        ("{k: {unless: ok}}", ["ok"], False),
        ("{k: {above: 2, below: 4}}", [3, "3.5"], True),
        ("{k: {above: 2, below: 4}}", [2, 4, "x", None, True], False),
    ],
)
def test_conditions(tmp_path: Path, condition: str, values: list[Any], holds: bool) -> None:
    found = told(tmp_path, f"events: [{{type: x, when: {condition}}}]", *({"k": value} for value in values))
    assert len(found) == (len(values) if holds else 0)


def test_one_event_for_each_item(tmp_path: Path) -> None:
    text = """
events:
  - {type: fill, each: fills, when: {$item.ok: "true"}, pair: $item.pair, facts: {size: $item.size, all: total}}
  - {type: rejected, each: by_pair, pair: $key, facts: {reason: $item}}
"""
    line = {
        "fills": [{"pair": "A", "size": 1, "ok": True}, {"pair": "B", "ok": False}, None, "x"],
        "by_pair": {"C": ["r1", "r2"], "D": "r3"},
        "total": 9,
    }
    found = told(tmp_path, text, line, {"fills": None, "by_pair": []}, {"fills": {}, "by_pair": 3})
    assert [(event.type, event.pair, said(event, "reason")) for event in found[:4]] == [
        ("fill", "A", ""),
        ("rejected", "C", "r1"),
        ("rejected", "C", "r2"),
        ("rejected", "D", "r3"),
    ]
    assert len({event.id for event in found}) == len(found)


def test_a_change_is_an_event_once_and_the_first_value_is_none(tmp_path: Path) -> None:
    text = "bot: bot\nevents: [{type: config, class: mark, changes: hash, facts: [hash]}]"
    values = [("a", "1"), ("a", "1"), ("b", "9"), ("a", None), ("a", "1"), ("a", "2"), ("b", "9"), ("a", "1")]
    found = told(tmp_path, text, *({"bot": bot, "hash": value} for bot, value in values))
    assert [(event.bot, said(event, "hash")) for event in found] == [("b", "9"), ("a", "2"), ("a", "1")]
    assert {event.cls for event in found} == {EventClass.MARK}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_changes_are_the_same_backwards_in_pages(tmp_path: Path, size: int) -> None:
    (tmp_path / "own.yaml").write_text("events: [{type: config, changes: hash}]")
    texts = [json.dumps({"hash": value} if value else {"x": 1}) for value in "  a  abbb b ccaa c"]
    texts = [text.replace('{"hash": " "}', '{"x": 1}') for text in texts]
    forward = interpreter(Form.JSON, str(tmp_path / "own.yaml")).forward(lines(*texts))
    how, back = interpreter(Form.JSON, str(tmp_path / "own.yaml")), []
    all_lines = lines(*texts)
    for end in range(len(all_lines), 0, -size):
        start = max(0, end - size)
        back += how.back(all_lines[start:end], whole=start == 0)
    assert sorted(event.id for event in back) == sorted(event.id for event in forward)
    assert len(forward) == 5


def test_otherwise_is_for_lines_that_told_nothing_yet(tmp_path: Path) -> None:
    text = """
events:
  - {type: filled, when: {m: Order filled}}
  - {type: placed, otherwise: true, when: {m: {begins: Order}}}
  - {type: $level, otherwise: true}
"""
    found = told(tmp_path, text, {"m": "Order filled"}, {"m": "Order placed"}, {"m": "x"})
    assert [event.type for event in found] == ["filled", "placed", "log"]


def test_class_and_level_as_the_mapping_says(tmp_path: Path) -> None:
    (event,) = told(tmp_path, "events: [{type: anything, class: risk, level: critical}]", {"a": 1})
    assert (event.cls, event.level) == (EventClass.RISK, Level.CRITICAL)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("events: []", "own.yaml:1:1: events is empty"),
        ("{}", "events: is missing"),
        ("events:\n  - typ: x", "own.yaml:2:5: events[0].typ: unknown key; did you mean type?"),
        (
            "events:\n  - type: x\n    class: rsik",
            "own.yaml:3:12: events[0].class: 'rsik' is not known; did you mean risk?",
        ),
        ("events:\n  - type: x\n    level: 7", "own.yaml:3:12: events[0].level"),
        ("events:\n  - type: x\n    facts: all", "own.yaml:3:12: events[0].facts: 'all'"),
        ("events:\n  - type: x\n    pair: $item.a", "own.yaml:2:5: events[0]: $item and $key are the items of `each`"),
        (
            "events:\n  - type: x\n    when: {a: {abov: 3}}",
            "own.yaml:3:16: events[0].when.a.abov: unknown key; did you mean above?",
        ),
        ("events: [", "not YAML"),
        ("a: &a [*a]", "own.yaml"),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(EventError) as caught:
        interpreter(Form.JSON, str(tmp_path / "own.yaml")).check()
    assert problem in str(caught.value)


def test_a_name_that_is_none() -> None:
    with pytest.raises(EventError, match=r"no mapping is called '247tradr': did you mean 247trader\?"):
        mapping("247tradr")
    with pytest.raises(EventError, match=r"gone\.yaml: cannot be read"):
        mapping("gone.yaml")


def test_a_line_with_endless_items_is_cut_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("events: [{type: a, each: k}, {type: b, each: k}]")
    how = interpreter(Form.JSON, str(tmp_path / "own.yaml"), HandClock())
    assert len(how.forward(lines(json.dumps({"k": list(range(100_000))})))) == 200
    assert "more than 200 events" in how.notice()
