"""Stretches: what a query's windows see of one column, without staleness markers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from tradetop.model.ports import Column
from tradetop.model.sample import is_stale
from tradetop.promql.run import Budget, Run
from tradetop.promql.select import Windows


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples, and for each step the window low[i] <= k < high[i] of them; both rise."""

    values: Sequence[float]
    times: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]
    seen: int
    """How many samples the windows have, each counted as often as it is seen."""
    budget: Budget

    def overlap(self, times: int) -> bool:
        """Whether a sample is seen so often on the average, or more often."""
        return self.seen >= times * len(self.values) > 0

    def alone(self) -> Iterator[Stretch]:
        """Each window as a stretch of its own."""
        for a, b in zip(self.low, self.high, strict=True):
            yield Stretch(self.values[a:b], self.times[a:b], (0,), (b - a,), b - a, self.budget)

    def look(self, times: int = 1) -> None:
        """Every window is looked at whole, so many times faster than one by one; PromQLError where that is too much."""
        self.budget.spend(max(0, self.seen // times - len(self.values)))

    def windows(self) -> list[Sequence[float]]:
        """The values of each window; PromQLError as `look`."""
        self.look()
        values = self.values
        return [values[a:b] for a, b in zip(self.low, self.high, strict=True)]


def stretch(column: Column, found: Windows, run: Run) -> Stretch:
    """What the windows see of a column; PromQLError where that is more than the query may look at."""
    low, high = run.bounds(column.times, found.refs, found.span)
    seen = sum(high) - sum(low)
    first = column.first
    end = first + len(column.values)
    if low[0] < first or high[-1] > end:
        low = [min(max(a, first), end) for a in low]
        high = [min(max(b, first), end) for b in high]
        seen = sum(high) - sum(low)
    start, stop = low[0], high[-1]
    values, times = column.values[start - first : stop - first], column.times[start:stop]
    stale = run.marks(column).stale
    holes = [i + first for i in stale[bisect_left(stale, start - first) : bisect_left(stale, stop - first)]]
    if holes:
        low = [a - bisect_left(holes, a) for a in low]
        high = [b - bisect_left(holes, b) for b in high]
        seen = sum(high) - sum(low)
        there = [v == v or not is_stale(v) for v in values]
        values, times = list(compress(values, there)), list(compress(times, there))
    # A window takes as long as two or three samples, however many it has.
    run.set.budget.spend(len(values) + 2 * len(low))
    return Stretch(values, times, [a - start for a in low], [b - start for b in high], seen, run.set.budget)
