"""Days of a bot's life: what happens at random, at a rate that the time of day sets."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate

from tradetop.model.clock import DAY, HOUR

MIDNIGHT = 1_700_000_000_000 // DAY * DAY

Shape = Callable[[float], float]
"""How busy an hour of the day (0 to 24) is, of the busiest."""


def even(hour: float) -> float:
    """Day and night alike."""
    return 1.0


def asleep(hour: float) -> float:
    """Nothing from ten at night to seven."""
    return float(7 <= hour < 22)


def asleep_at_odd_times(hour: float) -> float:
    """Nothing from eighteen minutes past ten to half past seven."""
    return float(7.5 <= hour < 22.3)


def wave(hour: float) -> float:
    """Nine times as much at the height of the day as in the depth of the night."""
    return (1 + 0.8 * math.sin(hour / 12 * math.pi)) / 1.8


def happenings(rng: random.Random, per_hour: float, days: float, shape: Shape = even) -> Iterator[int]:
    """Times (ms) of what happens so often in the busiest hour."""
    t = float(MIDNIGHT)
    while (t := t + rng.expovariate(per_hour) * HOUR) < MIDNIGHT + days * DAY:
        if shape is even or rng.random() < shape(t % DAY / HOUR):
            yield int(t)


def chances(mean: float) -> list[float]:
    """How probable each count is of what happens at random so often on average."""
    found = [math.exp(-mean)]
    while len(found) < mean + 12 * math.sqrt(mean) + 10:
        found.append(found[-1] * mean / len(found))
    return found


def counted(rng: random.Random, per_hour: float, days: int, shape: Shape = even) -> list[int]:
    """How often it happens in each hour."""
    sums = [[*accumulate(chances(per_hour * shape(hour)))] for hour in range(24)]
    return [bisect_left(of, rng.random() * of[-1]) for _ in range(days) for of in sums]
