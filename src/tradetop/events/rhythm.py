"""How often something happens, so that it is missed when chance, or its own period, explains its absence no more."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.events.usual import TOGETHER, TimesOfDay, usual_of
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

MONTH = 30 * DAY
MEMORY = MONTH
"""How far back happenings tell the rate (ms)."""
ALARMS = 0.1
"""False alarms in a month that the limit of a silence is made for."""
LEAST = 3
"""Happenings after the first before a silence is judged."""
REGULAR = 0.2
"""Deviation of the gaps, of their mean, up to which they are a period's."""
CYCLES = 3
"""Periods without anything that are too many."""
SHORTEST = 30 * SECOND
"""A limit is at least this long: what is written down arrives late (ms)."""
_GAPS = 32
"""Gaps that tell a period."""
WEEK = 7 * 24
"""Hours of the moving mean."""
ENOUGH = 24
"""Hours of it that must be known."""
DAYS = 7
"""Days that tell what is usual at a time of day."""
LEARNED = 3
"""Days of them that must be known; until then one rate holds for all hours."""
CELL = 10 * MINUTE
"""The shortest time of day that is told apart (ms)."""
_CELLS = MEMORY // CELL
_DAY = DAY // CELL


def limit_of(count: int, during: float, alarms: float = ALARMS, deaf: float = 0.0) -> float:
    """After which silence (ms) something is missed that happened `count` times in `during` (ms), and `deaf` besides.

    With N happenings a month a gap may be longer than the limit once in N / alarms: ln(N / alarms) / rate. Few tell the
    rate badly; the limit for what they tell is during * ((N / alarms) ** (1 / count) - 1), which comes to the same when
    there are many, and is kept to whatever the true rate is.
    """
    odds = max(2.0, count / (during + deaf) * MONTH / alarms)
    return during * math.expm1(math.log(odds) / count)


@dataclass(frozen=True, slots=True)
class Hourly:
    """The last whole hour beside those of the week before it, and what is usual at its time of day."""

    count: int
    mean: float
    deviation: float
    sigmas: float
    """How far it is from what is usual, in deviations."""
    lowest: float
    """What that would be without any: above -2 no hour can be told from chance by being empty."""
    next: float
    """What is usual in the hour that goes on."""


class Rhythm:
    """Hears of one stream of happenings in the order of their times."""

    __slots__ = ("_alarms", "_cell", "_first", "_gaps", "_hours", "_last", "_limit", "_ring", "_squares", "_sum",
                 "_times", "_total", "last")  # fmt: skip

    def __init__(self, alarms: float = ALARMS) -> None:
        self._alarms = alarms
        self.last = 0
        """When something happened last (ms)."""
        self._first = 0
        self._last = 0
        """When the last group of happenings began."""
        self._ring = bytearray(_CELLS)
        """How many groups began in each cell of the last month: eleven at most."""
        self._cell = 0
        self._total = 0
        self._gaps: deque[int] = deque(maxlen=_GAPS)
        self._sum = self._squares = 0
        self._hours: deque[tuple[int, int]] = deque()
        """Hours, and how often something happened in each."""
        self._times: tuple[int, int, TimesOfDay | None] = 0, 0, None
        """Before which cell, of how many days, and what they told of the times of day."""
        self._limit: tuple[int, float | None] = 0, None
        """The limit, and after which happening."""

    def hear(self, t: int) -> None:
        """Something happened at `t` (ms); what comes late counts in its hour alone."""
        hour = t // HOUR
        if not self._first:
            self._first = self._last = self.last = t
            self._cell = t // CELL
            self._hours.append((hour, 1))
            return
        if hour == self._hours[-1][0]:
            self._hours[-1] = hour, self._hours[-1][1] + 1
        elif hour > self._hours[-1][0]:
            self._hours.append((hour, 1))
        if t <= self.last:
            return
        if not self._slept(t - self.last):
            self._gap(t - self.last)
        self.last = t
        if t - self._last >= TOGETHER:
            self._last = t
            self._group(t // CELL)

    def _slept(self, gap: int) -> bool:
        """Whether a gap is a loop's usual night, which says nothing of its period."""
        period = self._period()
        return period is not None and gap > CYCLES * period and gap <= (self.limit() or 0)

    def _gap(self, gap: int) -> None:
        if len(self._gaps) == _GAPS:
            old = self._gaps[0]
            self._sum -= old
            self._squares -= old * old
        self._gaps.append(gap)
        self._sum += gap
        self._squares += gap * gap

    def _group(self, cell: int) -> None:
        if cell - self._cell >= _CELLS:
            self._ring, self._total = bytearray(_CELLS), 0
        else:
            for passed in range(self._cell + 1, cell + 1):
                self._total -= self._ring[passed % _CELLS]
                self._ring[passed % _CELLS] = 0
        self._cell = cell
        self._ring[cell % _CELLS] += 1
        self._total += 1

    def limit(self) -> float | None:
        """How long nothing may happen after the last time (ms); None while too little is known."""
        if self._limit[0] != self.last:
            self._limit = self.last, self._limit_now()
        return self._limit[1]

    def _limit_now(self) -> float | None:
        times = self._times_of_day()
        if (period := self._period()) is not None:
            return max(SHORTEST, CYCLES * period if times is None else times.beaten(self.last, period, CYCLES))
        if self._total < LEAST:
            return None
        # The wait for another group begins where what comes would no longer count with the last one.
        rest = max(0, self._last + TOGETHER - self.last)
        if times is not None:
            odds = max(2.0, sum(times.counts) / times.days * (MONTH / DAY) / self._alarms)
            return max(SHORTEST, rest + times.missed(self.last + rest, odds))
        deaf = self._total * TOGETHER
        during = self._last - self._begun() - deaf
        if during <= 0:
            return float(max(SHORTEST, CYCLES * TOGETHER))
        return max(SHORTEST, rest + limit_of(self._total, during, self._alarms, deaf))

    @property
    def per_hour(self) -> float:
        """How many groups an hour has, one with another."""
        return self._total * HOUR / max(1, self.last - self._begun())

    def _begun(self) -> int:
        """Since when the groups are known (ms)."""
        return max(self._first, (self._cell - _CELLS + 1) * CELL)

    @property
    def days(self) -> int:
        """Days before the last happening that tell what is usual at a time of day, seven at most."""
        self._times_of_day()
        return self._times[1]

    def _times_of_day(self) -> TimesOfDay | None:
        """What is usual at a time of day, worked out once in ten minutes; None while hours are alike, or few known."""
        if self._times[0] != self._cell:
            days = self._days_before()
            begin = -self._cell % _DAY
            # From midnight on, whatever time of day they begin with.
            sums = [*map(sum, zip(*days, strict=True))] if len(days) >= LEARNED else []
            told = TimesOfDay.of(sums[begin:] + sums[:begin], len(days)) if sums else None
            self._times = self._cell, len(days), told
        return self._times[2]

    def _days_before(self) -> list[bytearray]:
        """The whole days before the last cell; one without anything, of an outage or of rest, tells no hours apart."""
        whole = min(DAYS, (self._cell - self._first // CELL - 1) // _DAY)
        turn = (self._cell - whole * _DAY) % _CELLS
        cells = self._ring[turn:] + self._ring[:turn]
        days = (cells[day * _DAY : (day + 1) * _DAY] for day in range(whole))
        return [day for day in days if any(day)]

    def _period(self) -> float | None:
        """The usual gap (ms), if all are about as long."""
        count = len(self._gaps)
        if count < _GAPS:
            return None
        mean = self._sum / count
        return mean if self._squares / count - mean * mean <= (REGULAR * mean) ** 2 else None

    def hourly(self, now: int) -> Hourly | None:
        """The last whole hour before `now` (ms) and the week before it; None while less than a day of that is known."""
        last = now // HOUR - 1
        while self._hours and self._hours[0][0] < last - WEEK - 1:
            self._hours.popleft()
        known = min(WEEK, last - max(self._first // HOUR + 1, last - WEEK))
        if not self._first or known < ENOUGH:
            return None
        counts = [0] * (known + 1)
        for hour, count in self._hours:
            if last - known <= hour <= last:
                counts[hour - last + known] = count
        return hour_after(counts[:-1], counts[-1])


def hour_after(counts: Sequence[int], count: int) -> Hourly:
    """An hour's `count` beside the `counts` of the hours before it, oldest first, a day of them at least."""
    mean = sum(counts) / len(counts)
    square = sum(each * each for each in counts) / len(counts)
    usual, following = usual_of(counts, LEARNED)
    deviation = math.sqrt(max(0.0, square - mean * mean))
    return Hourly(count, mean, deviation, usual.sigmas(count), usual.sigmas(0), following.mean)
