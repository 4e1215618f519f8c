"""Alive but not working: the page answers, health is 200, and the loop hangs; that is an alert of any bot, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.machine import T0, Machine, Running, running
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.target import HealthState, Target
from watched_bot import WatchedBot

HEALTH = {"/health/live": (200, {"status": "ok"}), "/health": (200, {"status": "healthy"})}
PAGES = {
    "247trader": "# TYPE trader_cycle_duration_seconds summary\ntrader_cycle_duration_seconds_count {count}\n"
    "trader_cycle_duration_seconds_sum 12\ntrader_exposure_pct 12\n",
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


def fires(run: Running) -> bool:
    return run.value('ALERTS{alertname="BotNotWorking",alertstate="firing"}') == 1


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
