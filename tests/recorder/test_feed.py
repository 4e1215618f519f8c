"""Events become a feed and series: at their own times in the past, when they arrive from then on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.bot_database import create, insert
from recorder.machine import T0, Machine, Running, running
from tradetop.events.sqlite import LOOK
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.target import Target


def stamp(t: int) -> str:
    return datetime.fromtimestamp(t / 1000, UTC).isoformat()


def _counts(run: Running, labels: Labels) -> list[tuple[int, float]]:
    """What a series was since the start, with its times."""
    column = run.record.store.select([Matcher(name, MatchOp.EQUAL, labels[name]) for name in labels], 0, 1 << 62)[0]
    return [(t, value) for t, value in zip(column.times, column.values, strict=True) if t > T0]


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "bots.db"


@pytest.fixture
def link(database: Path) -> Iterator[sqlite3.Connection]:
    found = create(database)
    yield found
    found.close()


@asynccontextmanager
async def following(database: Path, machine: Machine, folder: Path) -> AsyncIterator[Running]:
    target = Target("bots.db", database=str(database), instance="bots.db")
    async with running(target, folder / "history", machine) as run:
        await run.until(lambda: run.record.told)
        # Its past has been told; it sleeps when it has looked at what came meanwhile.
        await machine.slept(LOOK)
        yield run


async def test_the_past_is_counted_at_its_own_times(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    for i in range(6):
        insert(link, f"s{i}", "signal", timestamp=stamp(T0 - (6 - i) * HOUR))
    insert(link, "c", "trade_close", {"pnl_usd": 12.5}, timestamp=stamp(T0 - 30 * MINUTE))
    async with following(database, machine, tmp_path) as run:
        assert [e.type for e in run.record.events] == ["signal"] * 6 + ["trade_close"]
        assert run.value('bot_events_total{event_type="signal"}') == 6
        assert run.value("bot_realized_pnl_usd") == 12.5
        # Two signals lie within the last two and a half hours.
        assert run.value('increase(bot_events_total{event_type="signal"}[150m])') == pytest.approx(2, rel=0.05)


async def test_what_arrives_is_counted_when_it_arrives(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "1", timestamp=stamp(T0 - MINUTE))
    async with following(database, machine, tmp_path) as run:
        insert(link, "2", "error", {"message": "RPC timeout"}, timestamp=stamp(T0 - 2 * HOUR))
        machine.pass_by(SECOND)
        await run.until(lambda: len(run.record.events) == 2)
        errors = next(name for name in run.labels("bot_events_total") if name["event_type"] == "error")
        sample = run.record.store.latest(errors)
        assert sample is not None
        assert (sample.t, sample.value) == (T0 + SECOND, 1.0)


async def test_many_events_in_a_row_are_shown_at_once_and_counted_together(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "0", timestamp=stamp(T0 - MINUTE))
    async with following(database, machine, tmp_path) as run:
        for i in range(1, 9):
            insert(link, f"{i}", timestamp=stamp(T0 + i * SECOND))
            machine.pass_by(SECOND)
            await run.until(lambda i=i: len(run.record.events) == 1 + i)
        signals = run.labels("bot_events_total")[0]
        assert _counts(run, signals) == [(T0 + SECOND, 2.0), (T0 + 6 * SECOND, 7.0)]
        machine.pass_by(3 * SECOND)
        insert(link, "9", timestamp=stamp(T0 + 11 * SECOND))
        machine.pass_by(SECOND)
        await run.until(lambda: len(run.record.events) == 10)
        assert _counts(run, signals)[2:] == [(T0 + 12 * SECOND, 10.0)]


async def test_an_event_from_the_future_does_not_hold_back_the_present(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "1", timestamp=stamp(T0 - MINUTE))
    insert(link, "2", timestamp=stamp(T0 + DAY))
    async with following(database, machine, tmp_path) as run:
        assert run.value("bot_events_total") == 2
        assert [(e.t <= T0, e.guessed_time) for e in run.record.events] == [(True, False), (True, True)]
        insert(link, "3", timestamp=stamp(T0 + 2 * DAY))
        machine.pass_by(SECOND)
        await run.until(lambda: len(run.record.events) == 3)
        sample = run.record.store.latest(run.labels("bot_events_total")[0])
        assert sample is not None
        assert (sample.t, sample.value) == (T0 + SECOND, 3.0)
        assert run.record.events[-1].t == T0 + SECOND


async def test_totals_live_on_while_nothing_happens(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "1", timestamp=stamp(T0 - HOUR))
    async with following(database, machine, tmp_path) as run:
        # More scrapes than ten minutes need: the database is read on a thread of its own.
        for _ in range(1_000):
            await run.scrape()
            last = run.record.store.latest(run.labels("bot_events_total")[0])
            if last is not None and last.t >= T0 + 10 * MINUTE:
                break
        assert last is not None
        assert last.t >= T0 + 10 * MINUTE
        assert run.value("bot_events_total") == 1
        assert run.value("changes(bot_events_total[10m])") == 0


async def test_an_empty_database_is_up_and_has_no_series(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    async with following(database, machine, tmp_path) as run:
        assert run.record.status.up
        assert run.value("up") == 1
        assert run.labels("bot_events_total") == []


async def test_in_the_past_a_total_lives_on_while_other_things_happen(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "c", "trade_close", {"pnl_usd": 12.5}, timestamp=stamp(T0 - HOUR))
    for i in range(19):
        insert(link, f"s{i}", "signal", timestamp=stamp(T0 - HOUR + (i + 1) * 3 * MINUTE))
    async with following(database, machine, tmp_path) as run:
        for minutes in range(1, 60, 2):
            assert run.value(f"bot_realized_pnl_usd offset {minutes}m") == 12.5


async def test_another_database_in_the_old_ones_place_is_said_and_is_no_reason_to_call_the_bot_down(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "a", "signal", timestamp=stamp(T0 - HOUR))
    async with following(database, machine, tmp_path) as run:
        link.close()
        other = create(database.with_name("new.db"))
        insert(other, "b", "signal", timestamp=stamp(T0))
        other.close()
        database.with_name("new.db").replace(database)
        machine.pass_by(SECOND)
        await run.until(lambda: "replaced" in run.record.status.database_notice)
        await run.scrape()
        assert run.record.status.up is True
        assert run.record.status.database_reason == ""
        assert [e.id for e in run.record.events] == ["a", "b"]
        machine.pass_by(31 * SECOND)
        await run.until(lambda: run.record.status.database_notice == "")


async def test_the_past_tells_the_rhythm_and_keeps_its_errors_longer_than_the_feed(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "e", "error", '{"message": "slippage exceeded"}', timestamp=stamp(T0 - 5 * DAY))
    link.execute("begin")
    for i in range(2_500):
        insert(link, f"s{i}", "signal", timestamp=stamp(T0 - (2_500 - i) * 3 * MINUTE))
    link.execute("commit")
    async with following(database, machine, tmp_path) as run:
        assert [event.id for event in run.record.past_errors] == ["e"]
        assert run.value('bot_silence_limit_seconds{stream="events", strategy=""}') == 9 * 60
        assert run.value('bot_hourly_events{stream="events", strategy="momentum"}') == 20
        silent = 'time() - bot_last_event_timestamp_seconds{stream="events", strategy=""}'
        assert run.value(silent) == pytest.approx(3 * 60, abs=60)


async def test_what_led_to_a_trade_is_read_again_from_before_the_feed_when_somebody_asks(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    insert(link, "opening", "trade_open", '{"trade_id": 7}', timestamp=stamp(T0 - 2 * DAY))
    link.execute("begin")
    for i in range(2_500):
        insert(link, f"s{i}", "signal", pair="ETH/USDC", timestamp=stamp(T0 - (2_500 - i) * SECOND))
    link.execute("commit")
    insert(link, "close", "trade_close", '{"trade_id": 7, "pnl_usd": 2.5}', timestamp=stamp(T0))
    async with following(database, machine, tmp_path) as run:
        close = run.record.events[-1]
        assert "opening" not in {event.id for event in run.record.events}
        assert run.record.kin.of(close) == ()
        heard = run.record.heard
        machine.pass_by(LOOK)
        await run.until(lambda: run.record.heard > heard)
        assert [event.id for event in run.record.kin.of(close)] == ["opening"]


async def test_what_events_say_fires_on_over_a_restart_though_they_have_to_be_read_again(
    link: sqlite3.Connection, database: Path, machine: Machine, tmp_path: Path
) -> None:
    link.execute("begin")
    for i in range(1_500):
        insert(link, f"s{i}", "signal", timestamp=stamp(T0 - (1_600 - i) * MINUTE))
    link.execute("commit")
    insert(link, "e", "error", '{"message": "slippage exceeded"}', timestamp=stamp(T0 - MINUTE))
    async with following(database, machine, tmp_path) as run:
        await run.scrape(2)
        firing = [labels["alertname"] for labels in run.now("ALERTS")]
        assert "ExecutionError" in firing
    machine.pass_by(5 * SECOND)
    target = Target("bots.db", database=str(database), instance="bots.db")
    async with running(target, tmp_path / "history", machine) as again:
        # Before its events are read the bot is up, and nothing is judged.
        await again.until(lambda: again.record.status.tried_at == machine.now())
        await again.until(lambda: again.record.told)
        await again.scrape(2)
        assert [labels["alertname"] for labels in again.now("ALERTS")] == firing
        assert "alert_resolved" not in again.derived()
