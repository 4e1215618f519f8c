"""Bots that sleep: no night is missed, a stop in busy hours is, and false alarms are as seldom as for those awake."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable

import pytest

from events.days import MIDNIGHT, Shape, asleep, asleep_at_odd_times, even, happenings, wave
from tradetop.events.rhythm import ALARMS, Rhythm
from tradetop.events.usual import TOGETHER, TimesOfDay
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

LEARNING = 4
"""Days that are left out: of the first three nothing is told of hours, and then the first is still a part of one."""


def fed(times: Iterable[int], alarms: float = ALARMS) -> tuple[Rhythm, list[int]]:
    """A rhythm that heard all, and when its limit was passed (ms)."""
    rhythm, rung = Rhythm(alarms), []
    for t in times:
        limit = rhythm.limit()
        if limit is not None and t - rhythm.last > limit:
            rung.append(round(rhythm.last + limit))
        rhythm.hear(t)
    return rhythm, rung


def clock(t: float) -> float:
    """The hour of the day."""
    return t % DAY / HOUR


@pytest.mark.parametrize("shape", [even, asleep, asleep_at_odd_times, wave])
@pytest.mark.parametrize(
    ("per_hour", "stated", "months"),
    [(0.2, 0.5, 60), (2.0, 3.0, 8), (20.0, 8.0, 2.5), (200.0, 30.0, 0.6)],
)
def test_false_alarms_are_as_seldom_as_is_said(per_hour: float, stated: float, months: float, shape: Shape) -> None:
    """With a limit that rings oftener than one in ten months, for those cannot all be lived through here."""
    times = happenings(random.Random(round(10 * per_hour)), per_hour, 30 * months, shape)
    rung = [t for t in fed(times, stated)[1] if t > MIDNIGHT + LEARNING * DAY]
    expected = stated * (months - LEARNING / 30)
    assert expected / 2 <= len(rung) <= 2 * expected


@pytest.mark.parametrize("per_hour", [2.0, 20.0, 200.0])
@pytest.mark.parametrize("shape", [asleep, asleep_at_odd_times])
def test_no_night_is_missed_once_three_are_known(per_hour: float, shape: Shape) -> None:
    _, rung = fed(happenings(random.Random(5), per_hour, 14, shape))
    nights = [t for t in rung if not shape(clock(t))]
    assert {(t - MIDNIGHT) // DAY for t in nights} <= {0, 1, 2, 3}
    if per_hour > 2:
        assert nights, "until then one rate holds for all hours, and the night is a silence"


@pytest.mark.parametrize("per_hour", [1.0, 2.0, 20.0, 200.0])
@pytest.mark.parametrize("stops", [9.0, 12.0, 17.5, 21.9, 2.0])
def test_a_stop_in_busy_hours_is_missed_by_what_is_usual_in_them(per_hour: float, stops: float) -> None:
    """As if nobody slept, of the time that it would have been awake; up to a third sooner or later, and ten minutes."""
    end = MIDNIGHT + 9 * DAY + round(stops * HOUR)
    rhythm, _ = fed(t for t in happenings(random.Random(3), per_hour, 10, asleep) if t < end)
    limit = rhythm.limit()
    assert limit is not None
    awake = sum(MINUTE * asleep(clock(t)) for t in range(rhythm.last, round(rhythm.last + limit), MINUTE))
    stated = math.log(10 * per_hour * 15 * 30) / per_hour * HOUR
    assert 0.65 * stated <= awake <= 1.35 * stated + 10 * MINUTE
    assert per_hour < 20 or asleep(clock(rhythm.last + limit)), "nobody is woken by a night in which nothing is missing"


def test_the_wait_is_that_of_chance_over_the_hours() -> None:
    """The integral of the rate over the silence is ln(10 N), where much is known of each hour."""
    cells = [0] * 42 + [40_000] * 60 + [10_000] * 30 + [0] * 12
    times = TimesOfDay.of(cells, 10_000)
    assert times is not None
    found, expected = times.missed(MIDNIGHT + 16 * HOUR, 10 * 90_000), math.log(900_000)
    known = [count / (10 * MINUTE * 10_000 - count * TOGETHER) * 10 * MINUTE for count in cells]
    t, rate = MIDNIGHT + 16 * HOUR, 0.0
    while (rate := rate + known[t // (10 * MINUTE) % 144] / 600) < expected:
        t += SECOND
    assert found == pytest.approx(t - MIDNIGHT - 16 * HOUR, rel=0.02)


def looping(period: int, jitter: float, days: int, shape: Shape) -> list[int]:
    rng, t, found = random.Random(2), MIDNIGHT, []
    while t < MIDNIGHT + days * DAY:
        t += round(period * rng.uniform(1 - jitter, 1 + jitter))
        if shape(clock(t)):
            found.append(t)
    return found


@pytest.mark.parametrize("period", [15 * SECOND, MINUTE, 5 * MINUTE, 10 * MINUTE, 25 * MINUTE])
@pytest.mark.parametrize("jitter", [0.0, 0.2])
def test_a_loop_that_sleeps_is_missed_after_three_periods_of_the_hours_it_keeps(period: int, jitter: float) -> None:
    times = looping(period, jitter, 10, asleep)
    _, rung = fed(times)
    assert not [t for t in rung if t > MIDNIGHT + LEARNING * DAY]
    noon = [t for t in times if t < MIDNIGHT + 9 * DAY + 20 * HOUR]
    limit = fed(noon)[0].limit()
    assert limit == pytest.approx(max(30 * SECOND, 3 * period), rel=0.2)
    evening = fed(times)[0]
    over_night = evening.limit()
    assert over_night is not None
    assert 7 <= clock(evening.last + over_night) <= 7.1 + 3 * period / HOUR


def test_a_loop_of_hours_is_missed_after_three_though_it_always_comes_at_the_same_times() -> None:
    rhythm, rung = fed(looping(4 * HOUR, 0.0, 12, even))
    limit = rhythm.limit()
    assert limit is not None
    assert 12 * HOUR <= limit <= 12 * HOUR + 10 * MINUTE
    assert not rung


def test_a_recorder_that_starts_anew_knows_the_same() -> None:
    """It hears the last seven days again."""
    times = [*happenings(random.Random(8), 20.0, 20, asleep)]
    there, _ = fed(times)
    again, _ = fed(t for t in times if t >= there.last - 7 * DAY - HOUR)
    assert there.limit() == pytest.approx(again.limit(), rel=0.05)
    assert (there.days, again.days) == (7, 7)


def test_days_without_anything_do_not_blur_the_hours() -> None:
    """An outage of three days; the stop after it is missed in hours that it had before, and no night is."""
    times = [*happenings(random.Random(6), 20.0, 14, asleep)]
    out = range(MIDNIGHT + 6 * DAY + 12 * HOUR, MIDNIGHT + 9 * DAY + 12 * HOUR)
    stopped = MIDNIGHT + 9 * DAY + 18 * HOUR
    back, _ = fed(t for t in times if t not in out and t < stopped)
    limit = back.limit()
    assert limit is not None
    assert 20 * MINUTE <= limit <= 60 * MINUTE
    _, rung = fed(t for t in times if t not in out)
    assert not [t for t in rung if t > out.stop and not asleep(clock(t))]


def late(hour: float) -> float:
    return float(8 <= hour < 23)


@pytest.mark.parametrize(("per_hour", "days"), [(5.0, 2), (20.0, 5)])
def test_other_hours_are_learned_within_days(per_hour: float, days: int) -> None:
    """The clocks change: it wakes an hour later from now on."""
    rng = random.Random(4)
    before = [*happenings(rng, per_hour, 9, asleep)]
    after = [t + 9 * DAY for t in happenings(rng, per_hour, 9, late)]
    _, rung = fed([*before, *after])
    mornings = {(t - MIDNIGHT) // DAY - 9 for t in rung if t > MIDNIGHT + 9 * DAY and 7 <= clock(t) < 8}
    assert mornings <= set(range(days))


@pytest.mark.parametrize(
    "times",
    [
        lambda rng: [rng.randrange(1, 2**62) for _ in range(3_000)],
        lambda rng: sorted(rng.randrange(1, 2**45) for _ in range(3_000)),
        lambda rng: [MIDNIGHT + n for n in range(3_000)],
        lambda rng: [MIDNIGHT + n * MINUTE for n in range(12 * 24 * 60)],
        lambda rng: [MIDNIGHT + n * DAY for n in range(400)],
        lambda rng: [MIDNIGHT + n // 50 * DAY + n % 50 * MINUTE for n in range(3_000)],
        lambda rng: [-5, 0, 1, 2, 3, MIDNIGHT, MIDNIGHT + 400 * DAY, MIDNIGHT - DAY],
    ],
)
def test_whatever_times_come_the_limit_is_a_number_and_the_memory_small(
    times: Callable[[random.Random], list[int]],
) -> None:
    rhythm = Rhythm()
    for t in times(random.Random(1)):
        rhythm.hear(t)
        limit = rhythm.limit()
        assert limit is None or 30 * SECOND <= limit < math.inf
    hour = rhythm.hourly(rhythm.last + HOUR)
    assert hour is None or math.isfinite(hour.sigmas)
    assert rhythm.per_hour >= 0
