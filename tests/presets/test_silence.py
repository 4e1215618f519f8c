"""Silence: what happens at random is missed when chance explains it no more, and hardly ever before."""

from __future__ import annotations

import math
import random

import pytest

from tradetop.dashboards import preset
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.value import Matrix
from tradetop.promql import Engine
from tradetop.rules import rules_of
from tradetop.store import MemoryStore

START = 1_700_000_000_000
DAYS = 12


def silences(per_hour: float, seed: int) -> list[int]:
    """When the rule rings over days of random events that end an evening before the last day does (ms)."""
    rng, store, count = random.Random(seed), MemoryStore(), 0
    labels = Labels({"__name__": "bot_events_total", "event_type": "signal"})
    for minute in range(DAYS * 24 * 60):
        stopped = minute >= (DAYS - 1) * 24 * 60
        count += 0 if stopped else sum(rng.random() < per_hour / 600 for _ in range(10))
        store.append_scrape("events", START + minute * MINUTE, {labels: float(count)})
    dashboard = preset("defikit")
    assert dashboard is not None
    (rule,) = [rule for rule in rules_of(dashboard) if rule.name == "BotSilent"]
    found = Engine(store).range(rule.expr, start=START + DAY, end=START + DAYS * DAY - MINUTE, step=5 * MINUTE)
    assert isinstance(found, Matrix)
    return sorted({t - START - (DAYS - 1) * DAY for series in found.series for t in series.times})


@pytest.mark.parametrize("per_hour", [60.0, 10.0, 2.0])
def test_a_stream_that_stops_is_missed_and_one_that_goes_on_is_not(per_hour: float) -> None:
    rings = silences(per_hour, seed=int(per_hour))
    limit = math.log(10 * per_hour * 24 * 30) / per_hour * HOUR
    assert rings, "it has to ring within the day"
    assert rings[0] > 0, "eleven days of chance are no silence"
    assert 0.7 * limit <= rings[0] <= 1.5 * limit + 10 * MINUTE
