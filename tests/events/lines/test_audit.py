"""247trader's real audit log against a count that knows nothing of mappings."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.hands import HandClock
from events.lines.making import all_new, said, whole_past
from tradetop.events.classify import CONNECTION
from tradetop.events.moment import milliseconds
from tradetop.events.opening import open_store
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.level import Level

END = 1_763_510_000_000
"""2025-11-18 23:53 UTC, an hour after its last line."""


@pytest.fixture(scope="module")
def audit(recorded: Callable[..., Path]) -> Path:
    return recorded("247trader", "audit-7d.jsonl.gz")


@pytest.fixture(scope="module")
def cycles(audit: Path) -> list[dict[str, Any]]:
    with gzip.open(audit, "rt") as file:
        return [json.loads(line) for line in file]


@pytest.fixture
async def events(audit: Path, tmp_path: Path) -> list[BotEvent]:
    """Read as by somebody who comes when half of it is there, and sees the rest being written."""
    clock = HandClock(END)
    path = tmp_path / "live_audit.jsonl"
    with gzip.open(audit, "rb") as packed:
        whole = packed.read()
    half = len(whole) // 2
    path.write_bytes(whole[:half])
    store = open_store(str(path), clock)
    await store.check()
    found = list(await store.newest())
    path.write_bytes(whole)
    new = await all_new(store)
    while page := await store.older():
        found[:0] = page
    assert store.take_notice() == ""
    await store.close()
    return [*found, *new]


def of(events: list[BotEvent], kind: str) -> list[BotEvent]:
    return [event for event in events if event.type == kind]


async def facts_of(path: Path, kind: str) -> list[BotEvent]:
    """All events of a type with all their facts, which the far past has not."""
    clock = HandClock(END)
    empty = path.with_name("empty.jsonl")
    empty.touch()
    store = open_store(str(empty), clock)
    await store.newest()
    with gzip.open(path, "rb") as packed, empty.open("wb") as file:
        shutil.copyfileobj(packed, file)
    found = of(await all_new(store), kind)
    await store.close()
    return found


@pytest.fixture
def there(audit: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(audit, tmp_path / "audit.jsonl.gz"))


async def test_cycles_without_a_trade_by_their_reasons(there: Path, cycles: list[dict[str, Any]]) -> None:
    told = Counter(said(event, "reason") for event in await facts_of(there, "no_trade"))
    assert told == Counter(c["no_trade_reason"] for c in cycles if c["status"] == "NO_TRADE")
    assert told["no_candidates_from_triggers"] == 473
    assert told["Max drawdown 97.44% exceeds limit"] == 14


async def test_rejections_by_pair_and_reason(there: Path, cycles: list[dict[str, Any]]) -> None:
    told = Counter((event.pair, said(event, "reason")) for event in await facts_of(there, "proposal_rejected"))
    counted: Counter[tuple[str, str]] = Counter()
    for cycle in cycles:
        for pair, reasons in cycle.get("proposal_rejections", {}).items():
            counted.update((pair, reason) for reason in reasons)
    assert told == counted
    assert told.total() == 628


async def test_executions(events: list[BotEvent], cycles: list[dict[str, Any]]) -> None:
    orders = of(events, "order_executed")
    assert len(of(events, "cycle_executed")) == sum(c["status"] == "EXECUTED" for c in cycles) == 64
    assert len(orders) == sum(order["success"] for c in cycles for order in c["orders"]) == 84
    assert Counter(o.pair for o in orders) == Counter(o["symbol"] or "" for c in cycles for o in c["orders"])
    assert not of(events, "order_failed")
    assert {order.cls for order in orders} == {EventClass.TRADE}


async def test_missing_data_is_an_error_of_the_connection(events: list[BotEvent], cycles: list[dict[str, Any]]) -> None:
    missing = of(events, "data_unavailable")
    assert len(missing) == sum((c["no_trade_reason"] or "").startswith("data_unavailable") for c in cycles) == 73
    assert {(event.cls, event.category) for event in missing} == {(EventClass.ERROR, CONNECTION)}
    assert len(of(events, "cycle_exception")) == 15


async def test_each_new_configuration_is_a_mark(events: list[BotEvent], cycles: list[dict[str, Any]]) -> None:
    marks = of(events, "config_changed")
    hashes = [(c["config_hash"], c["timestamp"]) for c in cycles if "config_hash" in c]
    changes = [t for (before, _), (now, t) in zip([("", ""), *hashes], hashes, strict=False) if now != before]
    assert sorted(event.t for event in marks) == sorted(milliseconds(t) or 0 for t in changes)
    assert len(marks) == 25
    assert {event.cls for event in marks} == {EventClass.MARK}


async def test_drawdown_is_an_alarm(events: list[BotEvent], cycles: list[dict[str, Any]]) -> None:
    critical = [event for event in events if event.level is Level.CRITICAL]
    assert len(critical) == sum("max_drawdown" in c.get("risk_violations", ()) for c in cycles) == 36


async def test_every_event_has_the_time_of_its_cycle(events: list[BotEvent], cycles: list[dict[str, Any]]) -> None:
    assert {event.t for event in events} == {milliseconds(c["timestamp"]) for c in cycles}
    assert not any(event.guessed_time for event in events)


async def test_packed_it_tells_the_same(audit: Path, events: list[BotEvent]) -> None:
    store = open_store(f"{audit}#247trader", HandClock(END))
    await store.check()
    packed = await whole_past(store)
    assert Counter((e.t, e.type, e.pair) for e in packed) == Counter((e.t, e.type, e.pair) for e in events)
    assert await store.read_new() == ()
    assert store.take_notice() == ""
    await store.close()
