"""Bots that sleep at night, known by their events: the one that stopped rings, the one that sleeps does not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.bot_database import create, insert
from events.days import MIDNIGHT, Shape, asleep, even, happenings
from recorder.machine import Machine, Running, running
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.model.labels import Labels
from tradetop.model.target import Target
from tradetop.promql import Engine
from tradetop.viewer.worked import Worked

MORNING = 1_767_337_200_000 // DAY * DAY + 6 * HOUR + 50 * MINUTE
"""Ten minutes before those that slept go on (ms)."""
FIRST = MORNING - 8 * DAY


def stamp(t: int) -> str:
    return datetime.fromtimestamp(t / SECOND, UTC).isoformat()


def lived(rng: random.Random, shape: Shape) -> list[int]:
    """Times of nine days of twenty trades an hour, of which the last is today (ms)."""
    return [t + FIRST // DAY * DAY - MIDNIGHT for t in happenings(rng, 20.0, 9, shape)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """Three bots that trade twenty times an hour for a week.

    One sleeps, one slept and stopped at seven in the evening, one never slept and stopped at midnight.
    """
    path = tmp_path / "bots.db"
    link = create(path)
    evening = MORNING // DAY * DAY - 5 * HOUR
    bots: list[tuple[str, Shape, int]] = [("sleeper", asleep, MORNING), ("stopped", asleep, evening)]
    link.execute("begin")
    happened = [
        (t, bot)
        for bot, shape, until in [*bots, ("wakeful", even, MORNING // DAY * DAY)]
        for t in lived(random.Random(bot), shape)
        if t < until
    ]
    for n, (t, bot) in enumerate(sorted(happened)):
        insert(link, n, "trade_open", bot=bot, strategy="grid", timestamp=stamp(t))
    link.execute("commit")
    link.close()
    return path


def ringing(run: Running) -> set[tuple[str, str]]:
    return {
        (labels["alertname"], labels["bot_id"])
        for labels in run.now("ALERTS")
        if labels["alertstate"] == "firing" and "bot_id" in labels
    }


async def until(run: Running, t: int) -> None:
    while run.machine.now() < t:
        await run.machine.asleep(3)
        await run.scrape()


async def test_who_sleeps_is_missed_when_it_should_be_awake_and_who_stopped_at_once(
    database: Path, tmp_path: Path
) -> None:
    target = Target("defi", database=str(database), interval=MINUTE, instance="defi")
    async with running(target, tmp_path / "history", Machine(MORNING)) as run:
        await run.until(lambda: run.record.told and run.record.status.tried_at)
        await until(run, MORNING + 2 * MINUTE)
        stopped = {(alert, bot) for alert in ("BotSilent", "TradesStopped") for bot in ("stopped", "wakeful")}
        assert ringing(run) == stopped
        # Seven has passed, and it should be up by now.
        await until(run, MORNING + 15 * MINUTE)
        assert ringing(run) == stopped
        await until(run, MORNING + 55 * MINUTE)
        assert ringing(run) == {*stopped, ("BotSilent", "sleeper"), ("TradesStopped", "sleeper")}
        explained(run)


def explained(run: Running) -> None:
    """Enter on the alert says how long is usual, and how many events this hour usually has."""
    engine = Engine(run.record.store)
    rules = {rule.name: rule for rule in run.watch.rules()}
    labels = Labels({"bot_id": "sleeper"})
    for name in ("BotSilent", "TradesStopped"):
        of = Worked.of(engine, rules[name], run.record.status.tried_at or 0, labels)
        assert of.tree is not None
        usual = next(part for part in of.tree.walk() if part.leaf and part.text.startswith("bot_usual_events_per_hour"))
        assert usual.elements[0].labels["bot_id"] == "sleeper"
        assert 15 <= usual.elements[0].value <= 25
        assert of.element is not None
        assert of.element.labels["bot_id"] == "sleeper"


async def test_it_goes_on_in_the_morning_and_nothing_rings(database: Path, tmp_path: Path) -> None:
    link = create(tmp_path / "one.db")
    days = lived(random.Random(1), asleep)
    link.execute("begin")
    for n, t in enumerate(t for t in days if t < MORNING):
        insert(link, f"s{n}", "trade_open", bot="sleeper", timestamp=stamp(t))
    link.execute("commit")
    target = Target("defi", database=str(tmp_path / "one.db"), interval=MINUTE, instance="defi")
    async with running(target, tmp_path / "history", Machine(MORNING)) as run:
        await run.until(lambda: run.record.told and run.record.status.tried_at)
        while run.machine.now() < MORNING + 80 * MINUTE:
            for t in days:
                if run.machine.now() < t <= run.machine.now() + MINUTE:
                    insert(link, f"a{t}", "trade_open", bot="sleeper", timestamp=stamp(t))
            await run.machine.asleep(3)
            await run.scrape()
            assert not ringing(run)
        assert "alert_firing" not in run.derived()
    link.close()
