from __future__ import annotations

import ast
import asyncio
import json
import logging
import math
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tradetop.emit
from emit.hearing import Answer, Hearing
from tradetop.emit import Emitter

NEVER = 1_000.0
"""Seconds: only what a test does makes something happen."""


@pytest.fixture
def heard() -> Iterator[Hearing]:
    with Hearing() as hearing:
        yield hearing


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "alpha.spool"


def emitter(heard: Hearing, spool: Path, **more: Any) -> Emitter:
    return Emitter(heard.url, "alpha", **{"token": "sesame", "spool": str(spool), "every": NEVER, **more})


def kept(spool: Path) -> int:
    with closing(sqlite3.connect(spool)) as link:
        return int(link.execute("SELECT count(*) FROM spool").fetchone()[0])


def test_the_fiftieth_event_sends_them_all(heard: Hearing, spool: Path) -> None:
    with emitter(heard, spool) as events:
        for i in range(49):
            events.emit("signal", metadata={"i": i})
        assert events.stats.waiting == 49
        events.emit("signal", pair="SOL/USDC", strategy="dip", metadata={"i": 49})
        heard.wait(lambda: len(heard.events) == 50)
    assert heard.tokens == ["Bearer sesame"]
    assert [event["metadata"]["i"] for event in heard.batches[0]] == list(range(50))
    last = heard.batches[0][-1]
    assert (last["bot_id"], last["event_type"], last["pair"], last["strategy"]) == (
        "alpha",
        "signal",
        "SOL/USDC",
        "dip",
    )
    assert abs(datetime.now(UTC) - datetime.fromisoformat(last["timestamp"])) < timedelta(seconds=10)
    assert not spool.exists()


def test_an_event_waits_for_others_only_so_long(heard: Hearing, spool: Path) -> None:
    with emitter(heard, spool, every=0.05) as events:
        events.emit("signal")
        heard.wait(lambda: len(heard.events) == 1)


def test_the_usual_pace_is_five_seconds_or_fifty_events() -> None:
    assert (tradetop.emit.EVERY, tradetop.emit.BATCH) == (5.0, 50)


def test_close_sends_what_is_left_and_then_nothing_is_taken(heard: Hearing, spool: Path) -> None:
    events = emitter(heard, spool)
    events.emit("signal")
    events.close()
    assert len(heard.events) == 1
    events.emit("signal")
    events.close()
    assert events.stats.dropped == 1


async def test_async_code_emits_without_waiting_and_closes_without_blocking(heard: Hearing, spool: Path) -> None:
    gate, ticked = threading.Event(), asyncio.Event()

    def slowly(found: list[dict[str, Any]]) -> Answer:
        gate.wait(10)
        return 200, {"stored": len(found), "refused": 0}, {}

    async def tick() -> None:
        ticked.set()
        gate.set()

    heard.answer = slowly
    async with emitter(heard, spool) as events:
        events.emit("trade_open", metadata={"trade_id": "t"})
        async with asyncio.TaskGroup() as tasks:
            flushed = tasks.create_task(events.aflush())
            tasks.create_task(tick())
        assert flushed.result()
        events.emit("trade_close")
    assert len(heard.events) == 2
    assert ticked.is_set()


def test_events_wait_in_the_spool_until_the_server_is_back_each_once_and_in_order(heard: Hearing, spool: Path) -> None:
    heard.stop()
    first = emitter(heard, spool)
    for i in range(120):
        first.emit("signal", metadata={"i": i})
    first.close()
    assert (first.stats.spooled, first.stats.dropped, kept(spool)) == (120, 0, 120)
    heard.start()
    with emitter(heard, spool) as second:
        second.emit("signal", metadata={"i": 120})
        assert second.flush()
    assert [event["metadata"]["i"] for event in heard.events.values()] == list(range(121))
    assert kept(spool) == 0


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (500, {}),
        (503, {"error": "locked"}),
        (429, {}),
        (401, {"error": "no"}),
        (404, {}),
        (302, {}),
        (200, {"hello": 1}),
    ],
)
def test_whatever_the_server_answers_events_are_kept_until_it_has_them(
    heard: Hearing, spool: Path, status: int, told: dict[str, object]
) -> None:
    heard.answer = lambda _: (status, told, {"Location": "http://127.0.0.1:9/", "Retry-After": "7"})
    with emitter(heard, spool) as events:
        events.emit("signal")
        assert not events.flush()
        assert f"answers {status}" in events.stats.trouble
        assert kept(spool) == 1


def test_what_the_server_finds_wrong_is_counted_and_logged_and_not_sent_again(
    heard: Hearing, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    problem = {"index": 1, "id": "x", "field": "event_type", "message": 'is \x1b[2J "sgnal"'}
    heard.answer = lambda found: (207, {"stored": 1, "refused": 1, "problems": [problem]}, {})
    with caplog.at_level(logging.WARNING), emitter(heard, spool) as events:
        events.emit("signal")
        events.emit("sgnal")
        assert events.flush()
        assert (events.stats.sent, events.stats.refused) == (1, 1)
    assert 'the server refused 1 of 2 events: event_type is ?[2J "sgnal"' in caplog.text


def test_one_event_that_no_server_takes_does_not_hold_up_the_others(heard: Hearing, spool: Path) -> None:
    def fussy(found: list[dict[str, Any]]) -> Answer:
        if any(event["id"] == "poison" for event in found):
            return 413 if len(found) > 1 else 400, {"error": "no"}, {}
        return 200, {"stored": len(found), "refused": 0}, {}

    heard.answer = fussy
    with emitter(heard, spool) as events:
        for i in range(20):
            events.emit("signal", id="poison" if i == 13 else f"e-{i}")
        assert events.flush()
        assert (events.stats.sent, events.stats.refused) == (19, 1)
    assert len(heard.events) == 19


class Nasty:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_nothing_that_a_bot_emits_raises_into_it(heard: Hearing, spool: Path) -> None:
    circle: dict[str, Any] = {}
    circle["circle"] = circle
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    odd: list[Any] = [
        {"nan": math.nan, "inf": -math.inf}, {"d": Decimal("1.25"), "when": datetime(2026, 1, 1, tzinfo=UTC)},
        circle, {"nasty": Nasty()}, {(1, 2): 3}, {"half": "\ud83d"}, {"deep": deep}, {"set": {1}}, {"bytes": b"\xff"},
        {"large": "x" * 1_000_000}, 5, "text", [1], object(),
    ]  # fmt: skip
    with emitter(heard, spool) as events:
        for metadata in odd:
            events.emit("signal", metadata=metadata)
        events.emit(None, pair=object(), strategy=b"x", timestamp=object())  # type: ignore[arg-type]
        assert events.flush()
        assert events.stats.dropped == 1, "the one that cannot even be told"
    found = [event["metadata"] for event in heard.events.values()]
    assert found[0] == {"nan": "nan", "inf": "-inf"}
    assert found[1] == {"d": 1.25, "when": "2026-01-01T00:00:00+00:00"}
    assert {"half": "?"} in found
    assert any(isinstance(one, dict) and one.get("characters", 0) > 1_000_000 for one in found)


def test_times_of_ones_own(heard: Hearing, spool: Path) -> None:
    zone = timezone(timedelta(hours=2))
    with emitter(heard, spool) as events:
        for moment in (datetime(2026, 1, 1, 2, tzinfo=zone), datetime(2026, 1, 1), "2026-01-01", 1767225600.5):  # noqa: DTZ001
            events.emit("signal", timestamp=moment)
    assert [event["timestamp"] for event in heard.events.values()] == [
        "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-01-01", 1767225600.5,
    ]  # fmt: skip


def test_memory_is_bounded_and_the_loss_is_counted_logged_and_told(
    heard: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    heard.stop()
    with Emitter(heard.url, "alpha", token="t", spool="", memory=100, every=NEVER) as events:
        for i in range(250):
            events.emit("signal", metadata={"i": i})
        assert (events.stats.waiting, events.stats.dropped) == (100, 150)
        heard.start()
        with caplog.at_level(logging.WARNING):
            assert events.flush()
    last = list(heard.events.values())[-1]
    assert (last["event_type"], last["metadata"]["dropped"]) == ("error", 150)
    assert "150 events of this bot were dropped" in caplog.text


def test_without_a_spool_what_is_lost_at_the_end_is_said(heard: Hearing, caplog: pytest.LogCaptureFixture) -> None:
    heard.stop()
    with caplog.at_level(logging.WARNING), Emitter(heard.url, "alpha", spool="") as events:
        events.emit("signal")
    assert events.stats.dropped == 1
    assert "1 events were dropped: neither the server nor the spool" in caplog.text


def test_the_spool_is_bounded_and_drops_the_oldest(heard: Hearing, spool: Path) -> None:
    heard.stop()
    events = emitter(heard, spool, spool_limit=20_000)
    for i in range(500):
        events.emit("signal", id=f"e-{i:03}", metadata={"i": i})
    events.close()
    left = kept(spool)
    assert 80 < left < 200
    assert events.stats.dropped == 500 - left
    assert spool.stat().st_size < 60_000
    heard.start()
    with emitter(heard, spool) as again:
        assert again.flush()
    assert list(heard.events)[-1] == "e-499"


@pytest.mark.parametrize("damage", [b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_spool_is_moved_aside(heard: Hearing, spool: Path, damage: bytes) -> None:
    spool.write_bytes(damage)
    heard.stop()
    events = emitter(heard, spool)
    events.emit("signal")
    events.flush()
    events.close()
    assert Path(f"{spool}.damaged").read_bytes() == damage
    heard.start()
    with emitter(heard, spool) as again:
        assert again.flush()
    assert len(heard.events) == 1


def test_a_spool_that_cannot_be_written_leaves_events_in_memory(heard: Hearing, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    heard.stop()
    events = emitter(heard, tmp_path / "file" / "alpha.spool")
    events.emit("signal")
    assert not events.flush()
    assert (events.stats.waiting, events.stats.dropped) == (1, 0)
    heard.start()
    assert events.flush()
    events.close()
    assert len(heard.events) == 1


def test_the_spool_is_for_its_owner_alone(heard: Hearing, spool: Path) -> None:
    heard.stop()
    with emitter(heard, spool) as events:
        events.emit("signal")
    assert spool.stat().st_mode & 0o777 == 0o600


def test_the_token_is_read_from_its_file_each_time_and_never_told(
    heard: Hearing, spool: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    with emitter(heard, spool, token="", token_file=str(file)) as events:
        events.emit("signal")
        assert events.flush()
        file.write_text("second\n")
        events.emit("signal")
        assert events.flush()
        file.write_text("sesame\r\nX-Evil: 1")
        events.emit("signal")
        with caplog.at_level(logging.WARNING):
            assert not events.flush()
        assert "sesame" not in caplog.text + repr(events) + events.stats.trouble
        assert "characters that no header may carry" in events.stats.trouble
        file.unlink()
        assert not events.flush()
        assert events.stats.trouble.startswith("the token file cannot be read: FileNotFoundError")
    assert heard.tokens == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("url", ["", "127.0.0.1:8790", "ftp://x", "http://", "http://user:secret@host"])
def test_a_url_that_is_none_is_said_at_once_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="url: write where tradetop serve listens") as error:
        Emitter(url, "alpha")
    assert "secret" not in str(error.value)


def test_many_threads_lose_nothing(heard: Hearing, spool: Path) -> None:
    with emitter(heard, spool) as events:
        threads = [
            threading.Thread(target=lambda n=n: [events.emit("signal", id=f"{n}-{i}") for i in range(500)])
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(heard.events) == 4_000
    assert events.stats.dropped == 0


def test_a_server_that_never_answers_does_not_hold_up_the_end(heard: Hearing, spool: Path) -> None:
    gate = threading.Event()

    def stuck(found: list[dict[str, Any]]) -> Answer:
        gate.wait(10)
        return 500, {}, {}

    heard.answer = stuck
    events = emitter(heard, spool)
    for _ in range(60):
        events.emit("signal")
    events.close(timeout=0.1)
    gate.set()
    assert kept(spool) == 60
    assert events.stats.dropped == 0


def test_it_stands_alone_and_reads_as_python_3_8() -> None:
    source = Path(tradetop.emit.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names


def test_json_is_what_python_reads() -> None:
    assert json.loads(tradetop.emit._written("1", "b", ("signal", None, None, 1, {"a": [1, {"b": None}]})))["metadata"]
    assert Path(tradetop.emit._usual_spool("../../etc/x y")).name == "______etc_x_y.spool"
