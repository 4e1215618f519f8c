"""How often something happens, so that it is missed when chance, or its own period, explains its absence no more."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

MONTH = 30 * DAY
MEMORY = MONTH
"""How far back happenings tell the rate (ms)."""
ALARMS = 0.1
"""False alarms in a month that the limit of a silence is made for."""
TOGETHER = MINUTE
"""What happens within so long of another counts with it: one trade makes a signal, a check and an order (ms)."""
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
    """The last whole hour beside those of the week before it."""

    count: int
    mean: float
    deviation: float

    @property
    def is_blind(self) -> bool:
        """Whether nothing lies below the mean less two deviations: even an empty hour is then as good as any."""
        return self.mean - 2 * self.deviation <= 0


def false_hours(mean: float) -> float:
    """The share of hours outside the mean +- 2 deviations of what happens at random so often an hour."""
    low, high = mean - 2 * math.sqrt(mean), mean + 2 * math.sqrt(mean)
    inside, probability = 0.0, math.exp(-mean)
    for count in range(math.floor(high) + 1):
        inside += probability if count >= low else 0.0
        probability *= mean / (count + 1)
    return 1 - inside


class Rhythm:
    """Hears of one stream of happenings in the order of their times."""

    __slots__ = ("_alarms", "_first", "_gaps", "_hours", "_kept", "_last", "_squares", "_sum", "_total", "last")

    def __init__(self, alarms: float = ALARMS) -> None:
        self._alarms = alarms
        self.last = 0
        """When something happened last (ms)."""
        self._first = 0
        self._last = 0
        """When the last group of happenings began."""
        self._kept: deque[tuple[int, int]] = deque()
        """Hours, and how many groups began in each."""
        self._total = 0
        self._gaps: deque[int] = deque(maxlen=_GAPS)
        self._sum = self._squares = 0
        self._hours: deque[tuple[int, int]] = deque()
        """Hours, and how often something happened in each."""

    def hear(self, t: int) -> None:
        """Something happened at `t` (ms); what comes late counts in its hour alone."""
        hour = t // HOUR
        if not self._first:
            self._first = self._last = self.last = t
            self._hours.append((hour, 1))
            return
        if hour == self._hours[-1][0]:
            self._hours[-1] = hour, self._hours[-1][1] + 1
        elif hour > self._hours[-1][0]:
            self._hours.append((hour, 1))
        if t <= self.last:
            return
        self._gap(t - self.last)
        self.last = t
        if t - self._last >= TOGETHER:
            self._last = t
            self._group(hour)

    def _gap(self, gap: int) -> None:
        if len(self._gaps) == _GAPS:
            old = self._gaps[0]
            self._sum -= old
            self._squares -= old * old
        self._gaps.append(gap)
        self._sum += gap
        self._squares += gap * gap

    def _group(self, hour: int) -> None:
        kept = self._kept
        if kept and kept[-1][0] == hour:
            kept[-1] = hour, kept[-1][1] + 1
        else:
            kept.append((hour, 1))
            while kept[0][0] <= hour - MEMORY // HOUR:
                self._total -= kept.popleft()[1]
        self._total += 1

    def limit(self) -> float | None:
        """How long nothing may happen after the last time (ms); None while too little is known."""
        if (period := self._period()) is not None:
            return max(SHORTEST, CYCLES * period)
        if self._total < LEAST:
            return None
        begun = max(self._first, (self._last // HOUR - MEMORY // HOUR + 1) * HOUR)
        deaf = self._total * TOGETHER
        during = self._last - begun - deaf
        if during <= 0:
            return float(max(SHORTEST, CYCLES * TOGETHER))
        # The wait for another group begins where what comes would no longer count with the last one.
        rest = self._last + TOGETHER - self.last
        return max(SHORTEST, max(0, rest) + limit_of(self._total, during, self._alarms, deaf))

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
        counts = [count for hour, count in self._hours if last - known <= hour < last]
        mean = sum(counts) / known
        square = sum(count * count for count in counts) / known
        count = next((count for hour, count in reversed(self._hours) if hour == last), 0)
        return Hourly(count, mean, math.sqrt(max(0.0, square - mean * mean)))
