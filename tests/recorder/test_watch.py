"""A whole left half on a real bot: what it says is kept, whatever happens to bot, clock and disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from events.bot_database import create, insert
from recorder.machine import T0, Machine, running
from tradetop.cli.bots import Bots
from tradetop.model.bot_event import EventClass
from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.target import HealthState, Mode, Target
from tradetop.model.view import View
from tradetop.recorder.watch import Watch
from tradetop.scrape.exposition import PageParser
from tradetop.scrape.scrape import Scrape
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader, HistoryWriter
from tradetop.viewer.viewer import Viewer
from watched_bot import WatchedBot

PAGE = """# HELP trader_exposure_pct Exposure.
# TYPE trader_exposure_pct gauge
trader_exposure_pct 12.5
# TYPE trader_trades_total counter
trader_trades_total{side="BUY",symbol="BTC-USD"} 7
# TYPE trader_risk_rejections_total counter
trader_risk_rejections_total{reason="exposure_cap"} 2
process_start_time_seconds 1767320000
trader_build_info{version="1.4.0"} 1
"""
HEALTH = {"/health/live": (200, {"status": "ok", "mode": "PAPER"})}


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE, HEALTH) as bot:
        yield bot


@pytest.fixture
def machine() -> Machine:
    return Machine()


def target(bot: WatchedBot, database: Path | None = None) -> Target:
    return Target("trader", bot.url, str(database or ""), instance=bot.instance)


def frame(watch: Watch, now: int) -> Frame:
    return Viewer(Bots([watch])).frame(View(), now)


async def test_what_the_page_says_is_in_store_status_and_history_file(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        labels = Labels({"__name__": "trader_exposure_pct", "job": "trader", "instance": bot.instance})
        sample = run.record.store.latest(labels)
        assert sample is not None
        assert (sample.t, sample.value) == (T0, 12.5)
        status = run.record.status
        assert (status.up, status.scraped_at, status.first_seen, status.samples) == (True, T0, T0, 5)
        assert (status.preset, status.version, status.mode, status.reason) == ("247trader", "1.4.0", Mode.PAPER, "")
        assert [(h.role, h.state) for h in status.healths] == [("live", HealthState.HEALTHY)]
        assert run.value("up") == 1
        assert run.value('probe_success{role="live"}') == 1

        kept, reader = MemoryStore(), HistoryReader.open(run.watch.path)
        reader.load(kept, 0)
        assert kept.latest(labels) == sample
        assert reader.status() == status
        assert reader.page() == PAGE
        assert reader.metadata()["trader_exposure_pct"].help == "Exposure."
        reader.close()
    assert list(tmp_path.glob("*-wal")) == []


async def test_a_new_process_goes_on_where_the_last_one_ended(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        await run.scrape(2)
    machine.pass_by(MINUTE)
    async with running(target(bot), tmp_path, machine) as again:
        await again.until(lambda: again.record.status.tried_at == machine.now())
        assert again.record.status.first_seen == T0
        assert again.value("count_over_time(trader_exposure_pct[1h])") == 4
        top = frame(again.watch, machine.now()).subject
        assert top is not None
        assert (top.deployed_at, top.restarts) == (T0, 0)


async def test_a_dead_bot_is_down_with_its_reason_and_back_an_interval_after_it_returns(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        bot.stop()
        await run.scrape()
        status = run.record.status
        assert (status.up, status.scraped_at, status.failing_since) == (False, T0, T0 + 10 * SECOND)
        assert "refused" in status.reason
        assert run.value("up") == 0
        assert run.value("trader_exposure_pct") is None
        top = frame(run.watch, machine.now()).subject
        assert top is not None
        assert (top.up, top.stale, top.age) == (False, True, 10 * SECOND)
        bot.start()
        await run.scrape()
        assert (run.record.status.up, run.record.status.reason, run.record.status.failing_since) == (True, "", None)
        assert run.value("trader_exposure_pct") == 12.5
        assert run.derived() == ["scrape_failed", "scrape_recovered"]
        failed = run.record.derived[0]
        assert any("refused" in str(fact.value) for fact in failed.facts)


async def test_a_page_that_only_explains_itself_is_up_and_says_so(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = "# Prometheus client not installed\n"
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        assert (run.record.status.up, run.record.status.samples) == (True, 0)
        assert "Prometheus client not installed" in run.record.status.reason
        assert run.value("scrape_samples_scraped") == 0
        bot.page = PAGE
        await run.scrape()
        assert (run.record.status.samples, run.record.status.reason) == (5, "")


async def test_bad_lines_cost_only_themselves_and_are_named(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    bot.page = PAGE + 'trader_open_positions three\ntrader_max_drawdown_pct{a="b 1\n'
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        assert (run.record.status.up, run.record.status.samples, run.record.status.error_count) == (True, 5, 2)
        assert [error.line for error in run.record.status.errors] == [10, 11]


async def test_a_second_watch_reads_along_and_takes_over_when_the_first_ends(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    other = Machine()
    async with running(target(bot), tmp_path, other) as second_later:
        # Whoever comes first records; it is ended below while the other one reads.
        await second_later.first()
        assert second_later.watch.frame().attached is False
        async with running(target(bot), tmp_path, machine) as reader:
            await reader.until(lambda: reader.record.status.up)
            who = reader.watch.frame()
            assert (who.attached, who.pid, who.path) == (True, os.getpid(), str(reader.watch.path))
            assert reader.value("trader_exposure_pct") == 12.5
            assert frame(reader.watch, T0).recorder.attached
            asked = bot.asked()
            bot.page = PAGE.replace("12.5", "13.5")
            await second_later.scrape()
            machine.pass_by(SECOND)
            await reader.until(lambda: reader.record.status.tried_at == other.now())
            assert reader.value("trader_exposure_pct") == 13.5
            assert bot.asked() == asked + 1


async def test_a_reader_takes_over_when_the_recorder_ends(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, machine) as first:
        await first.first()
        reading = running(target(bot), tmp_path, machine)
        second = await reading.__aenter__()
        await second.until(lambda: second.record.status.up)
        assert second.watch.frame().attached
    try:
        asked = bot.asked()
        machine.pass_by(SECOND)
        await second.until(lambda: (second.record.status.tried_at or 0) > T0)
        assert second.watch.frame().attached is False
        assert bot.asked() == asked + 1
        assert second.record.status.first_seen == T0
        assert second.value("count_over_time(trader_exposure_pct[1h])") == 2
    finally:
        await reading.__aexit__(None, None, None)


async def test_a_crossed_threshold_is_pending_then_an_alert_and_an_event(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        bot.page = PAGE.replace("12.5", "21.6")
        await run.scrape()
        assert run.value('ALERTS{alertname="ExposureWarning", alertstate="pending", severity="warning"}') == 1
        await run.scrape(12)
        assert run.value('ALERTS{alertname="ExposureWarning", alertstate="firing", severity="warning"}') == 1
        assert run.value("ALERTS_FOR_STATE") == (T0 + 10 * SECOND) / SECOND
        fired = run.record.derived[-1]
        assert (fired.type, fired.cls, fired.level) == ("alert_firing", EventClass.ALERT, Level.WARNING)
        assert {fact.name: fact.value for fact in fired.facts}.items() >= {
            "alert": "ExposureWarning",
            "value": 21.6,
        }.items()
        shown = frame(run.watch, machine.now())
        assert [(a.rule.name, a.value) for a in shown.alerts] == [("ExposureWarning", 21.6)]
        bot.page = PAGE
        await run.scrape()
        assert run.derived()[-1] == "alert_resolved"
        assert frame(run.watch, machine.now()).alerts == ()


async def test_counters_that_grow_become_trades_and_rejections(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        await run.scrape()
        assert run.derived() == []
        bot.page = PAGE.replace("} 7", "} 8").replace("} 2", "} 5")
        await run.scrape()
        trade, rejection = sorted(run.record.derived, key=lambda event: event.type, reverse=True)
        assert (trade.type, trade.cls, trade.pair, trade.t) == ("trade", EventClass.TRADE, "BTC-USD", T0 + 20 * SECOND)
        assert {"side": "BUY"}.items() <= {f.name: f.value for f in trade.facts}.items()
        assert {"reason": "exposure_cap", "count": 3.0}.items() <= {f.name: f.value for f in rejection.facts}.items()


@pytest.mark.parametrize("born", [True, False])
async def test_a_counter_born_with_its_first_event_rings_unless_that_is_switched_off(
    bot: WatchedBot, machine: Machine, tmp_path: Path, born: bool
) -> None:
    async with running(replace(target(bot), born_counters=born), tmp_path, machine) as run:
        await run.first()
        bot.page = PAGE + 'trader_circuit_breaker_trips_total{type="kill_switch"} 1\n'
        await run.scrape(2)
        rung = run.value('count(ALERTS{alertname="BreakerTripped", alertstate="firing"})')
        assert rung == (1 if born else None)
        panel = next(p for p in frame(run.watch, machine.now()).panels if p.panel.id == "breaker-tripped")
        assert (panel.first is not None and bool(panel.first.reading.value)) == born


async def test_a_restart_of_the_bot_is_an_event_and_counts(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        bot.page = PAGE.replace("1767320000", "1767323050").replace("} 7", "} 0")
        await run.scrape()
        assert run.derived() == ["restart", "alert_firing"]
        top = frame(run.watch, machine.now()).subject
        assert top is not None
        assert (top.restarts, top.deployed_at) == (1, T0)


async def test_another_version_is_a_deployment(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        bot.page = PAGE.replace("1.4.0", "1.5.0")
        await run.scrape(2)
        assert run.record.status.version == "1.5.0"
        top = frame(run.watch, machine.now()).subject
        assert top is not None
        assert top.deployed_at == T0 + 10 * SECOND


async def test_health_is_read_with_its_words_and_its_fall_is_an_event(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.health["/health/ready"] = (200, {"status": "ok"})
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        bot.health["/health/ready"] = (503, {"status": "unhealthy", "issues": ["exchange unreachable"]})
        for _ in range(12):
            await run.scrape()
        await run.until(lambda: "health" in run.derived())
        ready = next(h for h in run.record.status.healths if h.role == "ready")
        assert (ready.state, ready.issues) == (HealthState.UNHEALTHY, ("exchange unreachable",))
        fallen = next(e for e in run.record.derived if e.type == "health")
        assert (fallen.cls, fallen.level) == (EventClass.HEALTH, Level.CRITICAL)


@pytest.mark.parametrize("fault", ["no directory", "no file"])
async def test_where_no_history_can_be_kept_recording_goes_on_in_memory_and_says_why(
    bot: WatchedBot, machine: Machine, tmp_path: Path, fault: str
) -> None:
    directory = tmp_path / "history"
    if fault == "no directory":
        directory.write_text("a file stands here")
    else:
        Watch(target(bot), {}, directory, machine).path.mkdir(parents=True)
    async with running(target(bot), directory, machine) as run:
        await run.first()
        await run.scrape()
        assert run.value("count_over_time(trader_exposure_pct[1h])") == 2
        why = run.watch.frame().reason
        assert str(directory) in why
        assert "\n" not in why
        assert run.record.status.up


async def test_a_clock_that_is_set_back_leaves_the_samples_in_order(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        await run.scrape()
        machine.wall -= HOUR
        await run.scrape(3)
        # A little less, to be caught up with.
        last = run.record.status.tried_at or 0
        assert T0 + 39 * SECOND < last <= T0 + 40 * SECOND
        assert run.value("count_over_time(trader_exposure_pct[1h])") == 5
    # The next process begins while the machine's clock is still behind.
    async with running(target(bot), tmp_path, machine) as again:
        await again.until(lambda: (again.record.status.tried_at or 0) > last)
        assert again.value("count_over_time(trader_exposure_pct[1h])") == 6


async def test_two_bots_in_one_database_are_two(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "1", "signal", bot="alpha")
    insert(link, "2", "trade_close", {"pnl_usd": -4.5}, bot="beta")
    database = Target("bots.db", database=str(path), instance="bots.db")
    async with running(database, tmp_path, machine) as run:
        await run.until(lambda: run.record.events)
        assert [part.name for part in run.record.parts()] == ["alpha", "beta"]
        shown = frame(run.watch, machine.now())
        assert [bot.name for bot in shown.bots] == ["alpha", "beta"]
        assert {(e.bot, e.type) for e in shown.feed.events} == {("alpha", "signal"), ("beta", "trade_close")}
        insert(link, "3", "error", {"message": "RPC timeout"}, bot="gamma")
        machine.pass_by(SECOND)
        await run.until(lambda: len(run.record.events) == 3)
        assert [bot.name for bot in frame(run.watch, machine.now()).bots] == ["alpha", "beta", "gamma"]
    link.close()


async def test_a_page_and_the_database_of_its_bot_are_one(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "1", "trade_close", {"pnl_usd": -4.5}, bot="defi-1")
    async with running(target(bot, path), tmp_path, machine) as run:
        await run.first()
        await run.until(lambda: run.record.events)
        shown = frame(run.watch, machine.now())
        assert [b.name for b in shown.bots] == ["trader"]
        assert [e.type for e in shown.feed.events] == ["trade_close"]
        await run.until(lambda: run.value("bot_realized_pnl_usd") == -4.5)
        bot.stop()
        await run.scrape()
        # The bot's page has gone; its events have not.
        assert run.value("trader_exposure_pct") is None
        assert run.value("bot_realized_pnl_usd") == -4.5
    link.close()


async def test_a_database_that_goes_away_is_named_and_comes_back(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "1", bot="alpha")
    link.close()
    database = replace(Target("bots.db", database=str(path), instance="bots.db"), interval=SECOND)
    async with running(database, tmp_path, machine) as run:
        await run.until(lambda: run.record.events)
        moved = path.rename(tmp_path / "elsewhere.db")
        machine.pass_by(SECOND)
        await run.until(lambda: run.record.status.database_reason)
        assert str(path) in run.record.status.database_reason
        moved.rename(path)
        machine.pass_by(MINUTE)
        await run.until(lambda: not run.record.status.database_reason)


async def test_a_history_of_a_newer_version_is_left_alone_and_that_is_said(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    path = Watch(target(bot), {}, tmp_path, machine).path
    HistoryWriter.open(path, now=T0).close()
    with sqlite3.connect(path) as newer:
        newer.execute("pragma user_version = 99")
    newer.close()
    before = path.read_bytes()
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        await run.scrape(2)
        assert run.value("count_over_time(trader_exposure_pct[1h])") == 3
        assert run.watch.frame().reason.startswith(f"not recording: {path}: it was written by a newer tradetop")
    assert path.read_bytes() == before


async def test_samples_that_come_twice_are_counted(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, machine) as run:
        await run.first()
        assert run.record.status.dropped == 0
        run.watch.glance(Scrape(T0, True, 0.1, PageParser({}).parse(PAGE)))
        assert run.record.status.dropped >= 5
        await run.scrape()
        assert f"{run.record.status.dropped:,} samples dropped: out of order, or twice" in run.watch.frame().notices


async def test_a_history_that_is_ahead_of_the_clock_is_shown_and_said(bot: WatchedBot, tmp_path: Path) -> None:
    late = Machine()
    late.pass_by(HOUR)
    async with running(target(bot), tmp_path, late) as before:
        await before.first()
    async with running(target(bot), tmp_path, Machine()) as after:
        await after.first()
        assert HOUR - MINUTE < after.watch.ahead <= HOUR + MINUTE
        assert "the clock was set back: what is recorded is 3,6" in after.watch.frame().notices[0]
