"""What is usual in an hour: two deviations are as seldom as is said, for rare and busy streams, even and in waves."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from statistics import NormalDist

import pytest

from events.days import MIDNIGHT, Shape, asleep, chances, counted, even, wave
from tradetop.dashboards import preset
from tradetop.events.rhythm import WEEK, hour_after
from tradetop.events.streams import HOURLY, MEAN, SIGMAS
from tradetop.events.usual import FAREST, Usual
from tradetop.model.alert import AlertState
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.rules import advance, begin, rules_of
from tradetop.store import MemoryStore

BEYOND = NormalDist().cdf(-2)
"""The share of hours that are more than two deviations below, and above, what is usual: 2.3 %."""
A_DAY = 24 * BEYOND**2
"""False alarms a day of each side of a stream at most: one in 80 days."""


def judged(counts: Sequence[int]) -> Iterator[float]:
    """Each hour after the first week in deviations from the week before it."""
    return (hour_after(counts[i - WEEK : i], counts[i]).sigmas for i in range(WEEK, len(counts)))


def rung(beyond: Sequence[bool]) -> int:
    """How often two in a row begin."""
    return sum(two and not (i and beyond[i - 1]) for i, two in enumerate(map(all, pairwise(beyond))))


@cache
def stated(mean: float) -> tuple[float, float]:
    """The chance of an hour below and above, where the mean is known: 2.3 % less what whole numbers take away."""
    usual, low, high = Usual(mean, mean), 0.0, 0.0
    for count, chance in enumerate(chances(mean)):
        sigmas = usual.sigmas(count)
        low, high = low + chance * (sigmas < -2), high + chance * (sigmas > 2)
    return low, high


@pytest.mark.parametrize(
    ("mean", "low", "high"),
    [(0.2, 0, 1.75), (2.0, 0, 1.66), (5.0, 0.67, 1.37), (20.0, 2.14, 2.18), (200.0, 2.00, 2.38)],
)
def test_hours_beyond_two_deviations_are_as_the_documentation_has_them(mean: float, low: float, high: float) -> None:
    assert [100 * share for share in stated(mean)] == [pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01)]


@pytest.mark.parametrize("shape", [even, asleep, wave])
@pytest.mark.parametrize("per_hour", [0.2, 2.0, 20.0, 200.0])
def test_hours_are_beyond_two_deviations_as_seldom_as_is_said(per_hour: float, shape: Shape) -> None:
    counts = counted(random.Random(round(per_hour * 10)), per_hour, 250, shape)
    found = [*judged(counts)]
    means = [stated(per_hour * shape(hour % 24)) if shape(hour % 24) else (0.0, 0.0) for hour in range(24)]
    for side in (0, 1):
        share = sum(sigmas > 2 if side else sigmas < -2 for sigmas in found) / len(found)
        exact = sum(each[side] for each in means) / 24
        assert share <= 1.3 * BEYOND, "never much more than is said"
        if shape is even or per_hour >= 20:
            assert exact / 2 <= share <= 2 * exact
        if not exact:
            assert share < BEYOND / 10


@pytest.mark.parametrize("shape", [even, wave])
def test_false_alarms_a_day_are_as_seldom_as_is_said(shape: Shape) -> None:
    """Two hours in a row, of streams that are heard for three months each; years of them, for an alarm is rare."""
    rng, low, high, days, exact = random.Random(99), 0, 0, 0, 0.0
    means = [stated(20.0 * shape(hour)) for hour in range(24)]
    for _ in range(16):
        found = [*judged(counted(rng, 20.0, 97, shape))]
        low, high = low + rung([each < -2 for each in found]), high + rung([each > 2 for each in found])
        days += 90
        exact += 90 * sum(means[i - 1][side] * means[i][side] for side in (0, 1) for i in range(24))
    assert exact / 2 <= low + high <= 2 * exact
    assert max(low, high) <= 2 * A_DAY * days


@pytest.mark.parametrize("size", [3, 4, 7])
def test_what_comes_in_clusters_rings_no_oftener(size: int) -> None:
    rng, beyond, hours = random.Random(size), [0, 0], 0
    for per_hour in (0.2, 2.0, 20.0):
        found = [*judged([size * n for n in counted(rng, per_hour, 100)])]
        beyond[0] += sum(each < -2 for each in found)
        beyond[1] += sum(each > 2 for each in found)
        hours += len(found)
    assert max(beyond) / hours <= 1.3 * BEYOND


def test_an_hour_that_is_usual_at_night_is_far_too_few_by_day() -> None:
    counts = counted(random.Random(1), 20.0, 9, asleep)
    night, noon = 8 * 24 + 3, 8 * 24 + 12
    assert counts[night] == 0
    assert hour_after(counts[night - WEEK : night], 0).sigmas > -0.5
    assert hour_after(counts[noon - WEEK : noon], 4).sigmas < -3
    assert hour_after(counts[night - WEEK : night], 4).sigmas > 2


def test_a_quarter_of_what_is_usual_is_found_in_its_second_hour() -> None:
    rng, found = random.Random(2), 0
    for _ in range(100):
        counts = [*counted(rng, 20.0, 8, asleep)[: 7 * 24 + 12]]
        halved = counted(rng, 5.0, 1)[:2]
        found += all(hour_after((counts + halved[:i])[-WEEK:], halved[i]).sigmas < -2 for i in (0, 1))
    assert found >= 80


@pytest.mark.parametrize(
    ("usual", "count", "sigmas"),
    [
        (Usual(0.0, 0.0), 0, 0.0),
        (Usual(0.0, 0.0), 1, FAREST),
        (Usual(5.0, 5.0), 0, -2.47),
        (Usual(5.0, 5.0), 5, 0.0),
        (Usual(60.0, 1.0), 57, -2.5),
        (Usual(60.0, 0.0), 60, 0.0),
        (Usual(20.0, 20.0), 10**7, FAREST),
        (Usual(1e6, 1e9), 10**9, FAREST),
        (Usual(1e6, 1e6), 997_000, -3.0),
        (Usual(1e-9, 1e-12), 0, 0.0),
    ],
)
def test_deviations(usual: Usual, count: int, sigmas: float) -> None:
    assert usual.sigmas(count) == pytest.approx(sigmas, abs=0.06)


def test_more_is_never_less_far() -> None:
    for usual in (Usual(0.3, 0.3), Usual(4.0, 9.0), Usual(40.0, 3.0), Usual(99.0, 99.0), Usual(101.0, 101.0)):
        found = [usual.sigmas(count) for count in range(400)]
        assert found == sorted(found)
        assert all(map(math.isfinite, found))


def test_the_rule_rings_when_two_hours_in_a_row_are_beyond() -> None:
    """Forty streams, a week of hours each: the real rule rings as often as pairs of hours begin."""
    store, rng, streams = MemoryStore(), random.Random(11), {}
    for n in range(40):
        per_hour = (0.2, 2.0, 20.0, 200.0)[n % 4]
        streams[f"b{n}"] = [*judged(counted(rng, per_hour, 14, even if n % 8 < 4 else wave))]
    series = {
        (name, bot): Labels({"__name__": name, "bot_id": bot, "strategy": "", "stream": "events"})
        for bot in streams
        for name in (SIGMAS, HOURLY, MEAN)
    }
    dashboard = preset("defikit")
    assert dashboard is not None
    states = begin([rule for rule in rules_of(dashboard) if rule.name in ("EventRateLow", "EventRateHigh")])
    firing: set[Labels] = set()
    rings = 0
    for t in range(MIDNIGHT, MIDNIGHT + WEEK * HOUR, 5 * MINUTE):
        hour = (t - MIDNIGHT) // HOUR
        values = {labels: streams[bot][hour] if name == SIGMAS else 1.0 for (name, bot), labels in series.items()}
        store.append_scrape("events", t, values)
        if t % (10 * MINUTE) == 0:
            states = advance(states, Engine(store), t)
            now = {key for state in states for key, alert in state.alerts.items() if alert.state is AlertState.FIRING}
            rings, firing = rings + len(now - firing), now
    pairs = sum(rung([e < -2 for e in found]) + rung([e > 2 for e in found]) for found in streams.values())
    assert rings == pairs
    assert 0 < rings <= 2 * (2 * A_DAY * 40 * 7)
