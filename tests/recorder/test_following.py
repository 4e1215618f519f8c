"""A target on a server is recorded as if its own page were scraped, whatever becomes of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from recorder.machine import T0, Machine, Running, running
from remote.served import INSTANCE, JOB, Served, series
from tradetop.model.bot_event import EventClass
from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.labels import Labels
from tradetop.model.target import Target
from tradetop.model.value import Scalar, Vector
from tradetop.promql import Engine
from tradetop.remote.scrapes import SETTLED
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader

STEP = 10 * SECOND


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(T0) as server:
        yield server


def target(served: Served, **more: object) -> Target:
    url = f"{served.address}?job={JOB}&instance={INSTANCE}"
    return Target(JOB, url=url, job=JOB, instance=INSTANCE, interval=STEP, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def follow(served: Served, directory: Path, machine: Machine | None = None) -> AsyncIterator[Running]:
    async with running(target(served), directory, machine or Machine()) as run:
        yield run


async def later(run: Running, served: Served, ms: int = STEP) -> None:
    """Let so much time pass, for both, and wait for what it brings."""
    served.now += ms
    tried = run.record.status.tried_at or 0
    run.machine.pass_by(ms)
    await run.until(lambda: (run.record.status.tried_at or 0) > tried)


def values(store: MemoryStore, expr: str, at: int = T0) -> list[float]:
    found = Engine(store).instant(expr, at=at)
    assert isinstance(found, Vector)
    return [sample.value for sample in found.samples]


def past(served: Served, since: int, until: int = T0) -> None:
    for i, t in enumerate(range(since, until + 1, STEP)):
        served.scrape(t, {"bot_equity_usd": float(i), "bot_trades_total": float(i)})


async def test_a_day_of_the_past_is_there_with_its_own_times(served: Served, tmp_path: Path) -> None:
    past(served, T0 - 3 * HOUR)
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.followed)
        store = run.record.store
        assert values(store, "count_over_time(bot_equity_usd[1d] offset -1s)") == [1081]
        assert values(store, "bot_equity_usd") == [1080]
        assert values(store, "timestamp(bot_equity_usd)", T0 - HOUR + 5_000) == [(T0 - HOUR) / 1_000]
        assert values(store, "up") == [1]
        assert run.record.status.up is True
        assert run.record.status.scraped_at == T0
        assert run.record.rewritten == 1
    kept = MemoryStore()
    reader = HistoryReader.open(run.watch.path)
    reader.load(kept, 0)
    reader.close()
    assert values(kept, "count_over_time(bot_equity_usd[1d] offset -1s)") == [1081]


async def test_the_newest_is_there_before_the_past(served: Served, tmp_path: Path) -> None:
    past(served, T0 - 5 * HOUR)
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail(path: str) -> tuple[int, bytes] | None:
        if "%5B3600000ms%5D" not in path:
            return None
        loop.call_soon_threadsafe(asked.set)
        return 503, b"{}"

    served.failing = fail
    async with follow(served, tmp_path) as run:
        await asyncio.wait_for(asked.wait(), 10)
        assert values(run.record.store, "bot_equity_usd") == [1800]
        assert not run.record.rewritten
        served.failing = lambda _: None
        await run.until(lambda: run.record.status.up is False)
        await run.machine.slept(STEP)
        run.machine.pass_by(STEP)
        await run.until(lambda: run.record.followed and run.record.rewritten)
        assert values(run.record.store, "count_over_time(bot_equity_usd[1d] offset -1s)") == [1801]


async def test_what_is_new_comes_with_each_interval(served: Served, tmp_path: Path) -> None:
    past(served, T0 - MINUTE)
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.followed)
        served.scrape(T0 + STEP - SETTLED, {"bot_equity_usd": 70.0})
        await later(run, served)
        assert run.record.status.scraped_at == T0 + STEP - SETTLED
        assert run.value("bot_equity_usd") == 70
        assert run.value("bot_trades_total") is None, "a series that has ended is still there"


async def test_a_target_that_is_down_says_why_the_server_cannot_read_it(served: Served, tmp_path: Path) -> None:
    past(served, T0 - MINUTE)
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.followed)
        served.store.append_scrape(f"{JOB} {INSTANCE}", T0 + STEP, {series("up"): 0.0})
        await later(run, served)
        await run.until(lambda: run.record.status.up is False)
        assert "cannot scrape it: dial tcp: connection refused" in run.record.status.reason
        assert run.record.status.scraped_at == T0
        assert run.value("up") == 0
        assert run.value("bot_equity_usd") is None


async def test_a_server_that_is_down_leaves_the_past_and_its_gap_is_closed(served: Served, tmp_path: Path) -> None:
    past(served, T0 - MINUTE)
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.followed)
        served.failing = lambda _: (503, b"<html>")
        for _ in range(3):
            await later(run, served)
        assert run.record.status.up is False
        assert "503 at http://127.0.0.1" in run.record.status.reason
        assert values(run.record.store, "bot_equity_usd", T0 + 3 * STEP) == [6]
        past(served, T0 + STEP, T0 + 3 * STEP)
        served.failing = lambda _: None
        await later(run, served)
        assert run.record.status.up is True
        assert run.record.status.reason == ""
        assert values(run.record.store, "count_over_time(bot_equity_usd[5m])", T0 + 3 * STEP) == [10]


async def test_a_second_start_takes_up_where_the_history_ends(served: Served, tmp_path: Path) -> None:
    past(served, T0 - 2 * HOUR)
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.followed)
    past(served, T0 + STEP, T0 + 2 * HOUR)
    served.asked.clear()
    async with follow(served, tmp_path, Machine(T0 + 2 * HOUR)) as run:
        await run.until(lambda: run.record.followed)
        at = T0 + 2 * HOUR
        assert values(run.record.store, "count_over_time(bot_equity_usd[1d])", at) == [1441]
        assert not run.record.rewritten
        assert not [path for path, _ in served.asked if str(T0 // 1_000 - 3_600) in path], (
            "the past was asked for again"
        )


async def test_a_server_whose_clock_differs_is_followed_and_told(served: Served, tmp_path: Path) -> None:
    past(served, T0 - MINUTE)
    async with follow(served, tmp_path, Machine(T0 - HOUR)) as run:
        await run.until(lambda: run.record.followed)
        assert values(run.record.store, "bot_equity_usd") == [6]
        assert "3600 s ahead of" in run.record.source_notice


async def test_too_many_series_are_refused_with_their_number(served: Served, tmp_path: Path) -> None:
    def many(path: str) -> tuple[int, bytes] | None:
        if "query=count%28" not in path:
            return None
        row = {"metric": {}, "value": [T0 / 1_000, "50000"]}
        return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": [row]}}).encode()

    served.failing = many
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.status.reason)
        assert "50,000 series" in run.record.status.reason
        assert "at most 20,000" in run.record.status.reason
        assert "&match=" in run.record.status.reason


async def test_warnings_of_the_server_are_told(served: Served, tmp_path: Path) -> None:
    past(served, T0 - MINUTE)

    def warned(path: str) -> tuple[int, bytes] | None:
        served.failing = lambda _: None
        status, body = served.answer(path)
        served.failing = warned
        return status, json.dumps({**json.loads(body), "warnings": ["a shard \x1b[2J is missing"]}).encode()

    served.failing = warned
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.followed)
        notices = " ".join(run.watch.frame().notices)
        assert "a shard ␛[2J is missing" in notices


async def test_series_of_the_servers_rules_keep_their_own_times(served: Served, tmp_path: Path) -> None:
    past(served, T0 - MINUTE)
    for t in range(T0 - MINUTE + 3_000, T0, STEP):
        served.store.append(series("bot:equity:avg"), t, 5.0)
        served.store.append(series("ALERTS", alertname="X", alertstate="firing"), t, 1.0)
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.followed)
        found = Engine(run.record.store).instant("scalar(timestamp(bot:equity:avg))", at=T0)
        assert isinstance(found, Scalar)
        assert found.value == (T0 - 7_000) / 1_000
        assert values(run.record.store, "bot_equity_usd") == [6], "other times have ended the page's series"
        assert not values(run.record.store, 'ALERTS{alertname="X"}')


async def test_the_only_bot_of_a_server_that_was_away_is_found_later(served: Served, tmp_path: Path) -> None:
    page = {"trader_account_value_usd": 1.0, "trader_drawdown_pct": 2.0, "trader_exposure_pct": 3.0}
    for t in range(T0 - MINUTE, T0 + 1, STEP):
        served.scrape(t, page)
        served.scrape(t, {"node_load1": 1.0}, job="node", at="h:9100")
    served.failing = lambda _: (503, b"")
    whole = Target(served.address, url=served.address, interval=STEP)
    async with running(whole, tmp_path, Machine()) as run:
        await run.until(lambda: run.record.status.reason)
        served.failing = lambda _: None
        await run.machine.slept(STEP)
        run.machine.pass_by(STEP)
        await run.until(lambda: run.record.status.up)
        assert run.value("trader_account_value_usd") == 1
        assert run.value("node_load1") is None


async def test_the_servers_own_alerts_come_and_go(served: Served, tmp_path: Path) -> None:
    past(served, T0 - MINUTE)
    alert = {
        "state": "firing",
        "activeAt": "2026-01-02T03:00:00.5Z",
        "value": "1e+00",
        "labels": {"alertname": "Exposed", "severity": "critical", "job": JOB},
        "annotations": {"summary": "too much \x1b[2J"},
    }
    other = {**alert, "labels": {"alertname": "Disk", "job": "node"}}
    rule = {"type": "alerting", "name": "Exposed", "query": "x > 1", "duration": 60, "alerts": [alert, other, 3, {}]}
    served.rules = {"groups": [{"name": "g", "rules": [rule, {"type": "recording"}, None]}, 7]}
    async with follow(served, tmp_path) as run:
        await run.until(lambda: run.record.foreign)
        (found,) = run.record.foreign or ()
        assert found.rule.name == "Exposed"
        assert found.rule.expr == "x > 1"
        assert found.is_firing
        assert found.rule.level.name == "CRITICAL"
        assert found.server.startswith("http://127.0.0.1")
        assert found.rule.summary == "too much ␛[2J"
        assert found.active_at == 1_767_322_800_500
        served.failing = lambda path: (500, b"") if "rules" in path else None
        await run.until(lambda: run.record.followed)
        run.machine.pass_by(STEP)
        await run.until(lambda: run.record.foreign and run.record.foreign[0].last_seen is not None)
        served.failing = lambda _: None
        served.rules = {"state": "starting"}
        await run.machine.slept(STEP)
        run.machine.pass_by(STEP)
        await run.machine.slept(STEP)
        assert run.record.foreign, "what lacks rules does not say that none fires"
        served.rules = {"groups": []}
        await run.machine.slept(STEP)
        run.machine.pass_by(STEP)
        await run.until(lambda: run.record.foreign == ())
        (event,) = [event for event in run.record.derived if event.cls is EventClass.ALERT]
        assert event.type == "alert_resolved"
        assert [fact.value for fact in event.facts[:3]] == ["Exposed", "resolved", found.server]
        served.rules = {"groups": [{"name": "g", "rules": [rule]}]}
        await run.machine.slept(STEP)
        run.machine.pass_by(STEP)
        await run.until(lambda: run.record.foreign)
        assert run.record.derived[-1].type == "alert_firing"


async def test_series_that_were_written_remotely_are_followed_without_up(served: Served, tmp_path: Path) -> None:
    for t in range(T0 - MINUTE, T0 + 1, STEP):
        served.store.append(Labels({"__name__": "equity", "team": "mm"}), t, t / 1_000)
        served.store.append(Labels({"__name__": "trades", "team": "mm"}), t, 1.0)
    whole = Target("mm", url=f'{served.address}?match={{team="mm"}}', interval=STEP)
    async with running(whole, tmp_path, Machine()) as run:
        await run.until(lambda: run.record.followed)
        assert values(run.record.store, "count_over_time(equity[1m] offset -1s)") == [6]
        assert run.record.status.up is True
        served.failing = lambda _: (503, b"")
        await later(run, served)
        assert run.record.status.up is False
