from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.target import HealthCheck, Target
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import Response
from tradetop.scrape.loop import next_due, watch, watch_health
from tradetop.scrape.probe import Probe, Prober
from tradetop.scrape.scrape import Scrape, Scraper

WALL = 1_700_000_000_000


class FakeClock:
    """Time that passes only while somebody waits, or a page is on its way."""

    def __init__(self) -> None:
        self.ms = 5_000
        self.wall = WALL

    def now(self) -> int:
        return self.wall + self.ms

    def monotonic(self) -> int:
        return self.ms

    async def wait(self, seconds: float) -> None:
        self.ms += round(seconds * 1_000)


class Bot:
    """Answers requests, each taking `takes` ms; keeps when they came; ends the watching after `last`."""

    def __init__(self, clock: FakeClock, takes: list[int], faults: dict[int, FetchError] | None = None) -> None:
        self.clock = clock
        self.takes = takes
        self.faults = faults or {}
        self.times: list[int] = []

    async def __call__(self, url: str, **options: object) -> Response:
        if len(self.times) == len(self.takes):
            raise asyncio.CancelledError
        number = len(self.times)
        self.times.append(self.clock.ms)
        self.clock.ms += self.takes[number]
        if number in self.faults:
            raise self.faults[number]
        return Response(200, "text/plain", "a 1\n", 0.01)


def scraped(bot: Bot, interval: int = 10_000) -> list[Scrape]:
    scrapes: list[Scrape] = []
    scraper = Scraper(Target("bot", "http://bot:8000/metrics", interval=interval), fetch=bot)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watch(scraper, bot.clock, scrapes.append, bot.clock.wait))
    return scrapes


def test_at_once_and_then_every_interval_however_long_a_scrape_takes() -> None:
    bot = Bot(FakeClock(), [10, 4_000, 300, 5])
    scrapes = scraped(bot)
    assert bot.times == [5_000, 15_000, 25_000, 35_000]
    assert [scrape.t for scrape in scrapes] == [WALL + t for t in bot.times]


def test_a_scrape_s_time_is_the_wall_clock_s_but_the_rhythm_is_not() -> None:
    clock = FakeClock()
    bot = Bot(clock, [0, 0, 0])
    scrapes: list[Scrape] = []

    def jump(scrape: Scrape) -> None:
        scrapes.append(scrape)
        clock.wall += 3_600_000

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watch(Scraper(Target("b", "http://b/metrics"), fetch=bot), clock, jump, clock.wait))
    assert bot.times == [5_000, 15_000, 25_000]
    assert scrapes[1].t - scrapes[0].t == 3_610_000


def test_after_a_suspend_there_is_one_scrape_and_no_burst() -> None:
    clock = FakeClock()
    bot = Bot(clock, [0, 0, 0, 0])
    slept = iter([0, 3_600_000 + 3_000, 0, 0, 0])

    async def wait(seconds: float) -> None:
        clock.ms += round(seconds * 1_000) + next(slept)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watch(Scraper(Target("b", "http://b/metrics"), fetch=bot), clock, lambda _: None, wait))
    late = 25_000 + 3_603_000
    assert bot.times == [5_000, 15_000, late, late + 10_000]


def test_retry_after_is_honoured() -> None:
    bot = Bot(FakeClock(), [0, 100, 0, 0], {1: FetchError("429", "429 at http://bot", retry_after=30_000)})
    scrapes = scraped(bot)
    assert bot.times == [5_000, 15_000, 45_100, 55_100]
    assert [scrape.up for scrape in scrapes] == [True, False, True, True]


def test_a_fault_is_retried_at_the_interval_and_not_faster() -> None:
    fault = FetchError("refused", "connection refused")
    bot = Bot(FakeClock(), [0] * 4, {0: fault, 1: fault, 2: fault})
    scraped(bot)
    assert bot.times == [5_000, 15_000, 25_000, 35_000]


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=20), st.integers(1_000, 20_000))
def test_never_faster_than_the_interval_and_never_drifting(delays: list[int], interval: int) -> None:
    due, times = 0, []
    for delay in delays:
        times.append(due + delay)
        due = next_due(due, due + delay, interval)
    assert all(after - before >= 0.9 * interval for before, after in pairwise(times))
    if all(delay < interval // 10 for delay in delays):
        assert due == len(delays) * interval


def test_health_is_probed_at_once_and_then_at_its_own_interval() -> None:
    clock = FakeClock()
    bot = Bot(clock, [0, 2_000, 0])
    target = Target("bot", health=("http://bot:8080/health",), check=HealthCheck(interval=20_000))
    probes: list[Probe] = []
    seen: list[int] = []

    def started() -> int:
        seen.append(clock.ms)
        return WALL

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watch_health(Prober(target, fetch=bot), clock, probes.append, clock.wait, started))
    assert bot.times == [5_000, 25_000, 45_000]
    assert [probe.t for probe in probes] == [WALL + t for t in bot.times]
    assert seen[:3] == bot.times
