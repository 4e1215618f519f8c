"""Drafts: a store with samples over it that are not written yet, so that one rule sees what another has just given."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column, Queryable
from tradetop.store.matching import label_test


class Draft:
    """A queryable that shows one newer sample of some series of another one."""

    def __init__(self, queryable: Queryable) -> None:
        self._queryable = queryable
        self._newest: dict[Labels, tuple[int, float]] = {}

    def write(self, t: int, samples: Mapping[Labels, float]) -> None:
        """Put samples at `t` (ms) over what there is; `STALE` ends a series. Later than all that it had."""
        for labels, value in samples.items():
            self._newest[labels] = (t, value)

    def clear(self) -> None:
        """Forget them: by now they are written, or never will be."""
        self._newest.clear()

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series that match and have samples in [start, end] (ms)."""
        columns = self._queryable.select(matchers, start, end)
        if not self._newest:
            return columns
        matches = label_test(matchers)
        over = {labels: new for labels, new in self._newest.items() if start <= new[0] <= end and matches(labels)}
        if not over:
            return columns
        known = {column.labels: column for column in columns}
        joined = (_joined(labels, known.get(labels), start, *new) for labels, new in over.items())
        return [*(column for column in columns if column.labels not in over), *joined]


def _joined(labels: Labels, before: Column | None, start: int, t: int, value: float) -> Column:
    """What a column has from `start` on, and the newest sample behind it."""
    if before is None:
        return Column(labels, (t,), (value,), 0)
    end = min(len(before.times), before.first + len(before.values), bisect_left(before.times, t))
    first = max(before.first, min(bisect_left(before.times, start), end))
    values = before.values[first - before.first : end - before.first]
    births = tuple(birth for birth in before.births if birth[1] >= start)
    return Column(labels, (*before.times[first:end], t), (*values, value), 0, births)
