"""Alive but not working: the page answers, health is 200, and the loop hangs; that is an alert of any bot, once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.bot_database import create, insert
from recorder.machine import T0, Machine, Running, running
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.target import HealthState, Target
from watched_bot import WatchedBot

HEALTH = {"/health/live": (200, {"status": "ok"}), "/health": (200, {"status": "healthy"})}
PAGES = {
    "247trader": "# TYPE trader_cycle_duration_seconds summary\ntrader_cycle_duration_seconds_count {count}\n"
    "trader_cycle_duration_seconds_sum 12\ntrader_exposure_pct 12\n",
    "polybot": '# TYPE polybot_scans_total counter\npolybot_scans_total{{strategy="arb"}} {count}\n'
    "polybot_markets_tracked 40\npolybot_daily_pnl_usd -3\n",
    "any": "# TYPE mybot_cycles_total counter\nmybot_cycles_total {count}\nmybot_exposure 3\n",
}
STEP = 15 * SECOND
"""How often the bot is scraped; it begins a cycle each time (ms)."""


class Zombie:
    """A bot whose cycle counter grows until it is told to hang."""

    def __init__(self, bot: WatchedBot, page: str) -> None:
        self.bot, self._page, self._count = bot, page, 20
        self.turn()

    def turn(self) -> None:
        """One more cycle."""
        self._count += 1
        started = (T0 - 20 * STEP) // SECOND
        self.bot.page = self._page.format(count=self._count) + f"process_start_time_seconds {started}\n"


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(health=HEALTH) as bot:
        yield bot


def fires(run: Running, alert: str = "BotNotWorking") -> bool:
    return run.value(f'ALERTS{{alertname="{alert}",alertstate="firing"}}') == 1


@pytest.mark.parametrize("preset", PAGES)
async def test_a_loop_that_hangs_is_an_alert_though_everything_answers(
    preset: str, bot: WatchedBot, tmp_path: Path
) -> None:
    zombie = Zombie(bot, PAGES[preset])
    target = Target("bot", bot.url, interval=STEP, instance=bot.instance)
    async with running(target, tmp_path, Machine()) as run:
        await run.first()
        for _ in range(12):
            zombie.turn()
            await run.scrape()
        assert run.watch.dashboard().name == preset
        assert not fires(run)
        waited = 0
        while not fires(run) and waited < 5 * MINUTE:
            await run.scrape()
            waited += STEP
        # Within three usual cycles, but never sooner than a minute.
        assert MINUTE <= waited <= 2 * MINUTE
        assert run.record.status.up
        assert {health.state for health in run.record.status.healths} == {HealthState.HEALTHY}
        await run.scrape(4)
        assert run.derived().count("alert_firing") == 1
        for _ in range(2):
            zombie.turn()
            await run.scrape()
        assert not fires(run)


PROCESS = "process_start_time_seconds 1767000000\nprocess_resident_memory_bytes {memory}\n"


class Events:
    """A bot's database: a day of signals, one every minute or so, up to the last minute."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._link, self._rng, self._count = create(path), random.Random(7), 0
        for t in range(T0 - 24 * 60 * MINUTE, T0, MINUTE):
            for _ in range(self._rng.choice((0, 1, 1, 2))):
                self.happen(t + self._rng.randrange(MINUTE))

    def happen(self, t: int) -> None:
        """One more signal at this time (ms)."""
        self._count += 1
        insert(self._link, f"s{self._count}", timestamp=datetime.fromtimestamp(t / SECOND, UTC).isoformat())

    def close(self) -> None:
        self._link.close()


@pytest.fixture
def events(tmp_path: Path) -> Iterator[Events]:
    found = Events(tmp_path / "bots.db")
    yield found
    found.close()


@pytest.mark.parametrize(("page", "tasks"), [(PROCESS, 4), ("", 3)])
async def test_a_bot_known_by_its_events_that_stop_is_an_alert_though_it_lives(
    page: str, tasks: int, bot: WatchedBot, events: Events, tmp_path: Path
) -> None:
    async def minute(run: Running, event: bool = False) -> None:
        """Let one pass, in which a signal may happen; what only lives moves on."""
        if event:
            events.happen(run.machine.now())
        bot.page = page.format(memory=run.machine.now())
        await run.machine.asleep(tasks)
        await run.scrape()

    bot.page = page.format(memory=1)
    target = Target("defi", bot.url if page else "", str(events.path), interval=MINUTE, instance="defi")
    machine = Machine()
    async with running(target, tmp_path / "history", machine) as run:
        await run.until(lambda: run.record.told and run.record.status.tried_at)
        for _ in range(15):
            await minute(run, event=True)
            assert not fires(run, "BotSilent")
        waited = 0
        while not fires(run, "BotSilent") and waited < 60 * MINUTE:
            await minute(run)
            waited += MINUTE
        # One a minute: chance makes a quarter of an hour of silence once in ten months.
        assert 10 * MINUTE <= waited <= 30 * MINUTE
        assert run.record.status.up
        assert [e.facts[0].value for e in run.record.derived if e.type == "alert_firing"] == ["BotSilent"]
        for _ in range(8):
            await minute(run, event=True)
        assert not fires(run, "BotSilent")


HUNG = {
    "247trader": "# TYPE trader_cycle_duration_seconds summary\ntrader_cycle_duration_seconds_count 0\n"
    "trader_cycle_duration_seconds_sum 0\ntrader_exposure_pct 0\n",
    # A counter with labels has no series before its first cycle: its page only declares it.
    "polybot": "# TYPE polybot_scans_total counter\npolybot_markets_tracked 0\npolybot_daily_pnl_usd 0\n",
    "any": "# TYPE mybot_cycles_total counter\nmybot_exposure 0\n",
    "any without a known start": "mybot_loops_total 0\nmybot_exposure 0\n",
}
IDLE = {
    # Without a counter of cycles nothing is known of its loop.
    "polybot": "polybot_markets_tracked 0\npolybot_daily_pnl_usd 0\n",
    # The market's ticks rest while it is closed.
    "any": "# TYPE mybot_ticks_total counter\nmybot_ticks_total 0\nmybot_orders_total 0\n",
    "247trader": "trader_exposure_pct {minute}\n# TYPE trader_cycle_total counter\ntrader_cycle_total 0\n",
}


async def quarter(run: Running, bot: WatchedBot, page: str, alert: str) -> int | None:
    """After how many minutes of this page an alert fires; None where it does not within twenty."""
    for minute in range(1, 21):
        bot.page = page.format(minute=minute)
        await run.scrape()
        if fires(run, alert):
            return minute
    return None


@pytest.mark.parametrize("name", HUNG)
async def test_a_process_that_hangs_before_its_first_cycle_is_an_alert(
    name: str, bot: WatchedBot, tmp_path: Path
) -> None:
    start = "" if "without" in name else f"process_start_time_seconds {T0 // SECOND}\n"
    bot.page = HUNG[name] + start
    target = Target("bot", bot.url, interval=MINUTE, instance=bot.instance)
    async with running(target, tmp_path, Machine()) as run:
        await run.first()
        assert run.watch.dashboard().name == name.split()[0]
        waited = await quarter(run, bot, HUNG[name] + start, "BotNotStarted")
        # A quarter of an hour, whether its start is known or not.
        assert waited == 15
        assert [e.facts[0].value for e in run.record.derived if e.type == "alert_firing"] == ["BotNotStarted"]
        bot.page = PAGES[name.split()[0]].format(count=1) + "mybot_loops_total 1\n" + start
        await run.scrape()
        assert not fires(run, "BotNotStarted")


@pytest.mark.parametrize("name", IDLE)
async def test_a_bot_that_may_idle_is_left_alone(name: str, bot: WatchedBot, tmp_path: Path) -> None:
    bot.page = IDLE[name].format(minute=0) + "process_start_time_seconds 1767000000\n"
    target = Target("bot", bot.url, interval=MINUTE, instance=bot.instance, preset=name)
    async with running(target, tmp_path, Machine()) as run:
        await run.first()
        page = IDLE[name] + "process_start_time_seconds 1767000000\n"
        assert await quarter(run, bot, page, "BotNotStarted") is None


async def test_a_polybot_without_scans_whose_signals_stop_is_an_alert(bot: WatchedBot, tmp_path: Path) -> None:
    """The shipped bot counts no scans: then what it does tells, after two hours as far as chance allows."""
    page = 'polybot_markets_tracked 40\npolybot_daily_pnl_usd {pnl}\npolybot_signals_total{{strategy="arb"}} {count}\n'

    def turn(count: int, pnl: int) -> None:
        bot.page = page.format(count=count, pnl=pnl) + "process_start_time_seconds 1767000000\n"

    turn(0, 0)
    target = Target("bot", bot.url, interval=MINUTE, instance=bot.instance)
    async with running(target, tmp_path, Machine()) as run:
        await run.first()
        for i in range(120):
            turn(i, i)
            await run.scrape()
        assert run.watch.dashboard().name == "polybot"
        waited = 0
        while not fires(run, "BotSilent") and waited < 120:
            turn(119, waited)
            await run.scrape()
            waited += 1
        assert 30 <= waited <= 60
        assert [e.facts[0].value for e in run.record.derived if e.type == "alert_firing"] == ["BotSilent"]
