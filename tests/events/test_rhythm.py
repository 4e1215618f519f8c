"""Rhythms: a stream is missed when chance, or its period, explains its silence no more, and hardly ever before."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest

from tradetop.events.rhythm import ALARMS, MONTH, Hourly, Rhythm, limit_of
from tradetop.events.usual import TOGETHER
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

START = 1_700_000_000_000 // HOUR * HOUR


def happenings(rng: random.Random, per_hour: float, months: float) -> Iterator[int]:
    """Times of what happens at random (ms)."""
    t = float(START)
    while (t := t + rng.expovariate(per_hour) * HOUR) < START + months * MONTH:
        yield int(t)


def alarms(rhythm: Rhythm, times: Iterator[int]) -> int:
    """How often a gap was longer than what was the limit then; a gap rings once."""
    count = 0
    for t in times:
        limit = rhythm.limit()
        count += limit is not None and t - rhythm.last > limit
        rhythm.hear(t)
    return count


@pytest.mark.parametrize(
    ("per_hour", "stated", "months"),
    [
        (0.4 / 24, ALARMS, 1_500),
        (2 / 24, ALARMS, 600),
        (0.5, 0.2, 80),
        (2.0, 1.0, 16),
        (10.0, 2.0, 8),
        (100.0, 20.0, 1.5),
    ],
)
def test_false_alarms_are_as_seldom_as_is_said(per_hour: float, stated: float, months: float) -> None:
    """Bots that run for a year each, from their first event on; the fast ones with a limit that rings more often, for
    there are too many events in ten months to be counted here."""
    rng, found, seen = random.Random(round(per_hour * 1_000)), 0, 0.0
    while seen < months:
        length = min(12.0, months)
        found += alarms(Rhythm(stated), happenings(rng, per_hour, length))
        seen += length
    assert stated / 2 <= found / seen <= 2 * stated


@pytest.mark.parametrize("per_day", [0.4, 2.0, 24.0, 240.0, 2_400.0])
def test_a_real_stop_is_missed_in_the_stated_time(per_day: float) -> None:
    rhythm = Rhythm()
    for t in happenings(random.Random(3), per_day / 24, max(0.3, 80 / per_day / 30)):
        rhythm.hear(t)
    limit = rhythm.limit()
    assert limit is not None
    stated = math.log(10 * per_day * 30) / per_day * DAY
    assert 0.7 * stated <= limit <= 1.5 * stated + TOGETHER


def test_where_much_is_known_the_limit_is_that_of_chance() -> None:
    assert limit_of(10_000, 10_000 * MINUTE) == pytest.approx(math.log(10 * 30 * 24 * 60) * MINUTE, rel=0.001)
    assert limit_of(12, MONTH) == pytest.approx(14.7 * DAY, rel=0.01), "ln(120) / 0.4 is 12 days, if 0.4 is certain"


def test_what_comes_in_clusters_counts_once() -> None:
    rng, alone, clustered = random.Random(5), Rhythm(), Rhythm()
    for t in happenings(rng, 1.0, 1):
        alone.hear(t)
        for after in (0, 2 * SECOND, 9 * SECOND, 20 * SECOND):
            clustered.hear(t + after)
    one, other = alone.limit(), clustered.limit()
    assert one is not None
    assert other is not None
    assert 0.9 <= other / one <= 1.1


@pytest.mark.parametrize("period", [15 * SECOND, MINUTE, 10 * MINUTE, HOUR])
def test_a_period_is_missed_within_three_and_jitter_rings_never(period: int) -> None:
    rng, rhythm, t, rung = random.Random(1), Rhythm(), START, 0
    for _ in range(2_000):
        t += round(period * rng.uniform(0.8, 1.2))
        limit = rhythm.limit()
        rung += limit is not None and rhythm.last > START + 40 * period and t - rhythm.last > limit
        rhythm.hear(t)
    assert rung == 0
    assert rhythm.limit() == pytest.approx(max(30 * SECOND, 3 * period), rel=0.1)


def test_too_little_says_nothing_and_late_or_double_times_do_no_harm() -> None:
    rhythm = Rhythm()
    assert rhythm.limit() is None
    assert rhythm.hourly(START) is None
    for t in (START, START, START - DAY, START + 1, START + 1, START):
        rhythm.hear(t)
    assert rhythm.limit() is None
    for _ in range(10_000):
        rhythm.hear(START + 2)
    assert rhythm.limit() is None
    rhythm.hear(START + 400 * DAY)
    assert rhythm.limit() is None


# Hours


def fed(rhythm: Rhythm, hour: int, count: int) -> None:
    for i in range(count):
        rhythm.hear(START + hour * HOUR + (i + 1) * (HOUR // (count + 2)))


def test_the_last_hour_stands_beside_the_week_before_it() -> None:
    rhythm, counts = Rhythm(), [6, 10, 2, 6] * 60
    for hour, count in enumerate(counts):
        fed(rhythm, hour, count)
    now = START + len(counts) * HOUR + MINUTE
    found = rhythm.hourly(now)
    assert found is not None
    assert (found.count, found.mean, found.deviation) == (6, 6.0, pytest.approx(math.sqrt(8)))
    stopped = rhythm.hourly(now + 2 * HOUR)
    assert stopped is not None
    assert (stopped.count, stopped.mean < 6) == (0, True)
    gone = rhythm.hourly(now + 30 * DAY)
    assert gone == Hourly(0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_a_day_must_be_known() -> None:
    rhythm = Rhythm()
    fed(rhythm, 0, 5)
    for hour in range(1, 25):
        fed(rhythm, hour, 5)
        assert rhythm.hourly(START + (hour + 1) * HOUR) is None
    fed(rhythm, 25, 5)
    assert rhythm.hourly(START + 26 * HOUR) is not None
