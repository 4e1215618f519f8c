"""Rows from strangers: whatever a row holds, it costs that row at most its details."""

from __future__ import annotations

import json
import math
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.bot_database import create, insert
from events.hands import NOW, HandClock
from events.making import row
from tradetop.events.row import RAW_LIMIT, event_of
from tradetop.events.sqlite import EventDatabase
from tradetop.model.bot_event import BotEvent, EventClass

DEEP = 100_000
MALFORMED = {
    "cut": '{"pnl_usd": 1',
    "no quotes": "{pnl_usd: 1}",
    "single quotes": "{'pnl_usd': 1}",
    "trailing comma": '{"pnl_usd": 1,}',
    "two documents": '{"a": 1} {"b": 2}',
    "text": "pnl was good",
    "nothing but space": "  \n ",
    "comment": '{"a": 1} // note',
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "deep in a field": '{"a":' + "[" * 5_000 + "]" * 5_000 + "}",
    "NaN": '{"pnl_usd": NaN, "x": -Infinity}',
    "overflow": '{"pnl_usd": 1e999}',
    "5,000 digits": '{"trade_id": ' + "9" * 5_000 + "}",
    "null": "null",
    "list": "[1, 2, 3]",
    "number": "42",
    "true": "true",
    "text in JSON": '"hello"',
    "lone surrogate": '{"message": "\\ud800"}',
    "NUL": '{"message": "a\\u0000b"}',
    "escape sequences": '{"\\u001b[2J": "\\u001b]52;c;aGk=\\u0007"}',
    "markup": '{"message": "[@click=app.quit]x[/]"}',
    "empty names": '{"": 1}',
    "double names": '{"a": 1, "a": 2}',
    "40 kB field": json.dumps({"message": "x" * 40_000}),
    "10,000 fields": json.dumps({f"k{i}": i for i in range(10_000)}),
    "nulls": '{"pnl_usd": null, "side": null}',
    "objects where numbers should be": '{"pnl_usd": {"value": 1}, "held": [1]}',
    "bytes": b"\xff\xfe\x00{",
    "a number as metadata": 17,
    "a float as metadata": 1.5,
    "twice encoded": json.dumps(json.dumps({"pnl_usd": 5})),
    "BOM": '\ufeff{"a": 1}',
}


def texts_of(event: BotEvent) -> list[str]:
    facts = [text for fact in event.facts for text in (fact.name, fact.value) if isinstance(text, str)]
    return [event.id, event.bot, event.type, event.pair, event.strategy, event.category, event.raw, *facts]


def assert_harmless(event: BotEvent) -> None:
    for text in texts_of(event):
        assert {unicodedata.category(char) for char in text} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
        assert len(text) < RAW_LIMIT + 100
    for fact in event.facts:
        assert isinstance(fact.value, str) or math.isfinite(fact.value)
    assert len(event.facts) < 60


@pytest.mark.parametrize("metadata", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_metadata_costs_the_details_at_most(metadata: str | bytes | float) -> None:
    event = event_of(row("e", "trade_close", metadata), NOW, 0)
    assert (event.t, event.cls, event.pair) == (NOW, EventClass.CLOSE, "SOL/USDC")
    assert_harmless(event)


async def test_malformed_rows_in_a_database_empty_nothing(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    for name, metadata in MALFORMED.items():
        insert(link, name, "error", metadata)
    insert(link, "good", "trade_close", {"pnl_usd": 12.5})
    events = await EventDatabase(tmp_path / "bots.db", HandClock()).newest()
    assert [event.id for event in events] == [*MALFORMED, "good"]
    assert events[-1].pnl == 12.5
    link.close()


async def test_enormous_values_are_cut_and_their_size_told(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    insert(link, "before")
    insert(link, "metadata", "error", '{"message": "' + "x" * 20_000_000 + '"}')
    insert(link, "pair", pair="P" * 1_000_000, strategy="[red]" * 200_000, bot="\x1b[31m" * 100_000)
    insert(link, "after")
    events = await EventDatabase(tmp_path / "bots.db", HandClock()).read_new()
    assert [event.id for event in events] == ["before", "metadata", "pair", "after"]
    assert "20,000,015 characters" in str(events[1].facts[-1].value)
    for event in events:
        assert_harmless(event)
    link.close()


async def test_a_value_beyond_sqlites_limit_costs_only_its_row(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    link.execute("PRAGMA synchronous=OFF")
    insert(link, "before")
    link.execute(
        "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata) VALUES ('big', 'b', 'signal', '', ?)",
        (" " * (70 * 1024 * 1024),),
    )
    insert(link, "after")
    reader = EventDatabase(tmp_path / "bots.db", HandClock())
    seen: list[str] = []
    for _ in range(10):
        seen += [event.id for event in await reader.read_new()]
        if not reader.behind:
            break
    assert seen == ["before", "big", "after"]
    link.close()


async def test_texts_that_are_not_utf8_and_cells_of_any_type(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    insert(link, b"\xff\xfe", b"\xe9rror", b"\x80", bot=7, pair=1.5, strategy=b"\x1b", timestamp=b"2026-01-02")
    link.execute("INSERT INTO bot_events VALUES (NULL, '', '', NULL, NULL, '', CAST(x'ff7b' AS TEXT), NULL)")
    events = await EventDatabase(tmp_path / "bots.db", HandClock()).newest()
    assert [event.bot for event in events] == ["7", ""]
    assert events[1].id == "row 2"
    assert events[1].type == "(no type)"
    for event in events:
        assert_harmless(event)
    link.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=20,
)
cells = st.none() | st.text() | st.binary() | st.integers(-(2**63), 2**63 - 1) | st.floats()
known = st.sampled_from(
    ["pnl_usd", "pnl", "side", "passed", "decision", "held_ms", "duration", "status", "message", "severity"]
)
types = st.sampled_from(["signal", "risk_eval", "trade_open", "trade_close", "error", "fill"]) | st.text()


@given(types, st.dictionaries(known | st.text(), json_values).map(json.dumps), cells, cells, cells)
def test_any_row_becomes_a_harmless_event(kind: str, metadata: str, name: str, bot: str, timestamp: str) -> None:
    event = event_of(row(name, kind, metadata, bot=bot, pair=name, strategy=bot, timestamp=timestamp), NOW, 0)
    assert_harmless(event)
    assert event.t <= NOW + 600_000


@given(st.text() | st.binary())
def test_any_text_is_read_as_metadata_without_a_fault(metadata: str | bytes) -> None:
    assert_harmless(event_of(row("e", "error", metadata), NOW, 0))
