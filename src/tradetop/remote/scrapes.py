"""From a server's raw samples to scrapes: what was read of one page at one time belongs together again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradetop.model.clock import SECOND
from tradetop.model.labels import Labels
from tradetop.model.value import Series

SETTLED = 5 * SECOND
"""A scrape that lacks series which the one before had may be still on its way into the server for so long (ms)."""
UP = "up"


@dataclass(frozen=True, slots=True)
class Scrapes:
    """What came since the last ones, oldest first."""

    rows: tuple[tuple[int, Mapping[Labels, float]], ...] = ()
    """Time (ms), and all that was read at it; a series that one lacks had ended."""
    alone: tuple[tuple[Labels, int, float], ...] = ()
    """Samples of series with times of their own, such as those that the server's rules record."""


class Sorter:
    """Sorts raw samples into scrapes; `up` says when they were."""

    def __init__(self) -> None:
        self._alone: dict[Labels, int] = {}
        """Series with times of their own, and each one's last time (ms)."""
        self._together: set[Labels] = set()
        self._before: Mapping[Labels, float] = {}
        self._shows_markers = False
        """Whether the server gives staleness markers away, as NaN: VictoriaMetrics does, Prometheus does not."""

    def past(self) -> Sorter:
        """A sorter for older samples, which takes every series for what it is here."""
        found = Sorter()
        found._together = self._together
        found._alone = dict.fromkeys(self._alone, 0)
        return found

    def take(self, series: Sequence[Series], since: int, now: int) -> Scrapes:
        """The scrapes after `since` (ms) among raw samples, as of `now` (ms, the server's own).

        The newest is left for the next time while it may lack what has not arrived.
        """
        beat = _beat(series)
        times = {t for t in beat if t > since}
        rows: dict[int, dict[Labels, float]] = {t: {} for t in sorted(times)}
        alone: list[tuple[Labels, int, float]] = []
        for each in series:
            if self._is_alone(each, beat):
                last = self._alone.get(each.labels, since)
                fresh = [(t, v) for t, v in zip(each.times, each.values, strict=True) if t > last]
                alone += [(each.labels, t, value) for t, value in fresh]
                self._alone[each.labels] = max(last, fresh[-1][0] if fresh else last)
                continue
            for t, value in zip(each.times, each.values, strict=True):
                if t in rows:
                    rows[t][each.labels] = value
        found = [*rows.items()]
        if found and self._may_lack(found, now):
            found.pop()
        for _, row in found:
            self._end(row)
            self._before = row
        return Scrapes(tuple(found), tuple(sorted(alone, key=lambda sample: sample[1])))

    def _end(self, row: dict[Labels, float]) -> None:
        """Take away what only says that a series has ended; a NaN of the page itself comes more than once."""
        ended = [labels for labels, value in row.items() if value != value]
        if not _failed(row):
            ended = [each for each in ended if self._shows_markers and not math.isnan(self._before.get(each, math.nan))]
        elif ended:
            self._shows_markers = True
        for labels in ended:
            del row[labels]

    def _is_alone(self, series: Series, beat: frozenset[int]) -> bool:
        """Whether a series has times of its own; what was found first holds."""
        if series.labels in self._together:
            return False
        if series.labels in self._alone:
            return True
        shared = sum(t in beat for t in series.times)
        if shared * 2 >= len(series.times):
            self._together.add(series.labels)
            return False
        return True

    def _may_lack(self, found: Sequence[tuple[int, Mapping[Labels, float]]], now: int) -> bool:
        t, newest = found[-1]
        before = found[-2][1] if len(found) > 1 else self._before
        return now - t < SETTLED and not before.keys() <= newest.keys() and not _failed(newest)


def _beat(series: Sequence[Series]) -> frozenset[int]:
    """When the target was scraped: the times of its `up`, else those of the series that has the most."""
    ups = [each for each in series if each.labels.name == UP]
    longest = max(ups or series, key=lambda each: len(each.times), default=None)
    return frozenset() if longest is None else frozenset(longest.times)


def _failed(row: Mapping[Labels, float]) -> bool:
    """Whether a scrape gave nothing, and says so."""
    return any(value == 0 for labels, value in row.items() if labels.name == UP)
