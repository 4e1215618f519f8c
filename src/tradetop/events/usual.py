"""What is usual at a time of day, told by the same time of the days before, and how far a count is from it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

TOGETHER = MINUTE
"""What happens within so long of another counts with it: one trade makes a signal, a check and an order (ms)."""
FAREST = 8.0
"""Deviations beyond which nothing is told apart."""
_LONGEST = 31
"""Days that a wait is worked out for at most."""
_SUMMED = 100.0
"""Means up to which chances are summed one by one; beyond, they are those of the normal curve."""
_EVENLY = 0.7
"""The variance of a count, of its mean, below which it comes more evenly than by chance."""


def weight_of(counts: Sequence[int], hearing: Sequence[float], spread: float = 1.0) -> float | None:
    """How much the rate of all cells says of one, in happenings; None while chance explains how cells differ.

    `counts` happened in each cell of the day while it was listened to for `hearing`; `spread` is the variance of a
    count, of its mean. Rates that differ by a share s of their mean are worth 1 / s^2 happenings (the gamma
    distribution); by so much less than they seem to as chance makes of equal ones once in forty times.
    """
    total = sum(counts)
    rate = total / sum(hearing)
    expected = [rate * heard for heard in hearing]
    squares = sum(each * each for each in expected)
    by_chance = spread * (total + 2 * math.sqrt(2 * squares + total))
    excess = sum((count - each) ** 2 for count, each in zip(counts, expected, strict=True)) - by_chance
    return spread * squares / excess if excess > 0 else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the day of one rate: `count` happenings in `heard` ms, what the rest of the day says among them."""

    begin: int
    """Since midnight UTC (ms)."""
    end: int
    count: float
    heard: float

    def parts(self, counts: Sequence[int], hearing: Sequence[float]) -> list[Stretch]:
        """Its parts of the same length, with what happened in each; itself alone where chance explains all."""
        weight = weight_of(counts, hearing) if any(counts) else None
        if weight is None:
            return [self]
        width = (self.end - self.begin) // len(counts)
        prior = weight * self.heard / self.count
        return [
            Stretch(self.begin + i * width, self.begin + (i + 1) * width, count + weight, heard + prior)
            for i, (count, heard) in enumerate(zip(counts, hearing, strict=True))
        ]


@dataclass(frozen=True, slots=True)
class TimesOfDay:
    """Happenings by the time of day."""

    counts: tuple[int, ...]
    """What happened in each cell of the day, from midnight UTC on, on all days together."""
    days: int
    stretches: tuple[Stretch, ...]
    """The day, told apart where rates differ."""

    @classmethod
    def of(cls, counts: Sequence[int], days: int) -> TimesOfDay | None:
        """What is known of a day's cells, of which each hour has as many; None where hours are alike but for chance.

        Hours are told apart first, and then what lies within each: whoever wakes at half past seven is missed then.
        """
        each = len(counts) // 24
        cells = [counts[hour * each : (hour + 1) * each] for hour in range(24)]
        by_hour = [*map(sum, cells)]
        hearing = _hearing(by_hour, HOUR * days)
        hours = Stretch(0, DAY, float(sum(by_hour)), sum(hearing)).parts(by_hour, hearing)
        if len(hours) == 1:
            return None
        width = HOUR // each * days
        found = [part for hour, of in zip(hours, cells, strict=True) for part in hour.parts(of, _hearing(of, width))]
        return cls(tuple(counts), days, tuple(found))

    def missed(self, since: int, odds: float) -> float:
        """After which wait (ms) from `since` (ms) on nothing is rarer than once in `odds` times.

        What happened n times in T stays away for x with the chance (1 + x / T)^-n, whatever its rate.
        """
        spent = [0] * len(self.stretches)
        i = bisect_right(self.stretches, since % DAY, key=attrgetter("begin")) - 1
        t, left = since, math.log(odds)
        while t < since + _LONGEST * DAY:
            of = self.stretches[i]
            rest, heard = of.end - t % DAY, of.heard + spent[i]
            gain = of.count * math.log1p(rest / heard)
            if gain >= left:
                return t - since + heard * math.expm1(left / of.count)
            spent[i] += rest
            t, left, i = t + rest, left - gain, (i + 1) % len(spent)
        return t - since

    def beaten(self, since: int, period: float, times: int) -> float:
        """The wait (ms) from `since` (ms) on in which a loop of such a `period` (ms) happens so many times."""
        width = DAY // len(self.counts)
        # Between two beats nobody can say to which one a cell belongs: half of the first is over there.
        begin = since + round(period / 2)
        # Of beats that count together fewer are known.
        beat = min(1.0, period * max(self.counts) / (width * self.days))
        t, left = begin, (times - 0.5) * beat * width * self.days
        while t < begin + _LONGEST * DAY:
            count, rest = self.counts[t // width % len(self.counts)], width - t % width
            if count * rest >= left:
                return t - since + left / count
            t, left = t + rest, left - count * rest
        return t - since


def _hearing(counts: Sequence[int], whole: int) -> list[float]:
    """For how long (ms) each cell was listened to: not while what comes counts with what came before."""
    return [float(max(SECOND, whole - count * TOGETHER)) for count in counts]


@dataclass(frozen=True, slots=True)
class Usual:
    """The mean of a count, and the variance that is to be expected of the next one."""

    mean: float
    variance: float

    def sigmas(self, count: int) -> float:
        """How far a count is from the mean, in deviations of a normal curve that lies beyond with the same chance.

        Small counts are lopsided: five on average are ten as often as none or one. What varies more than by chance
        comes in clusters, and these are counted.
        """
        if self.mean <= 0:
            return FAREST if count else 0.0
        size = max(1.0, self.variance / self.mean)
        if self.variance < _EVENLY * self.mean or self.mean / size > _SUMMED:
            side = 0.5 * size if count < self.mean else -0.5 * size
            found = (count + side - self.mean) / math.sqrt(max(self.variance, 0.25))
            return 0.0 if (found > 0) is (side > 0) else max(-FAREST, min(FAREST, found))
        below, upto = _chances(round(count / size), self.mean / size)
        from statistics import NormalDist  # Half a MiB that only some bots need.

        normal = NormalDist()
        low, high = normal.inv_cdf(_possible(upto)), -normal.inv_cdf(_possible(1 - below))
        return low if low < 0 else max(0.0, high)


def _chances(count: int, mean: float) -> tuple[float, float]:
    """The chance (Poisson's) of less than so many, and of so many at most."""
    chance = math.exp(-mean)
    below, upto = 0.0, chance
    for n in range(1, count + 1):
        chance *= mean / n
        if n > mean and chance < 1e-17:
            return 1.0, 1.0
        below, upto = upto, upto + chance
    return below, upto


def usual_of(counts: Sequence[int], enough: int) -> tuple[Usual, Usual]:
    """What is usual in the two hours after these `counts` of hours in a row, a day of them at least.

    From `enough` days on, what differs between the hours of the day by more than chance is told apart.
    """
    days, hours = len(counts) // 24, counts[len(counts) % 24 :]
    if days >= enough and any(hours):
        sums = [sum(hours[hour::24]) for hour in range(24)]
        within = sum(n * n for n in hours) - sum(total * total for total in sums) / days
        spread = max(1e-3, within / (days - 1) * days / sum(sums))
        if (weight := weight_of(sums, [float(days)] * 24, max(1.0, spread))) is not None:
            known = days + weight * 24 * days / sum(sums)
            first, second = ((total + weight) / known for total in sums[:2])
            more = spread * (1 + 1 / known)
            return Usual(first, first * more), Usual(second, second * more)
    mean = sum(counts) / len(counts)
    variance = max(0.0, sum(n * n for n in counts) - mean * sum(counts)) / (len(counts) - 1)
    usual = Usual(mean, variance * (1 + 1 / len(counts)))
    return usual, usual


def _possible(chance: float) -> float:
    return min(1 - 1e-15, max(1e-15, chance))
