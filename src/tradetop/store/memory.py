"""Series in memory: a shared column of times for each group, a column of values for each series."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column, Metadata
from tradetop.model.sample import STALE, Sample, is_stale
from tradetop.store.columns import Group, Kept, cut
from tradetop.store.joined import Imported
from tradetop.store.matching import label_test, metric_name

COUNTER_SUFFIXES = ("_total", "_count", "_sum", "_bucket")
"""Endings of samples that count, where nothing says a type."""

COUNTER_TYPES = frozenset({"counter", "histogram", "summary"})

SUFFIXES = ("_bucket", "_count", "_sum", "_total", "_created", "_info")
"""What a sample's name may have more than its family's."""

UNTYPED = frozenset({"", "untyped", "unknown"})

SELECTIONS = 512
"""How many selections are remembered before the memory of them is emptied."""


TURNS = 16
"""In so many trims every series is looked at once."""


class MemoryStore:
    """Every sample of the last hours, column by column; for one thread.

    A series belongs either to one group, which is written a whole scrape at a time, or to itself alone.
    """

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._series: dict[Labels, Kept] = {}
        self._by_name: dict[str, dict[Labels, Kept]] = {}
        self._selected: dict[tuple[Matcher, ...], list[Kept]] = {}
        self._metadata: dict[str, Metadata] = {}
        self._imported = Imported()
        self._turn = 0

    @property
    def series_count(self) -> int:
        """How many series have samples."""
        return len(self._series)

    def append(self, labels: Mapping[str, str], t: int, value: float, start: int | None = None) -> None:
        """Add one sample at `t` (ms) to a series with times of its own; `STALE` says that it has ended.

        `start` (ms) is when a counter began to count what the sample says, where its source told that.

        ValueError where `t` is not later than the series' last sample, or where a group writes the series.
        """
        key = labels if isinstance(labels, Labels) else Labels(labels)
        series = self._series.get(key)
        if series is None:
            series = self._add(key, None, array("q"))
        elif series.group is not None:
            raise ValueError(f"{key} is written with its whole scrape; it takes no single samples")
        elif series.times and t <= series.times[-1]:
            raise ValueError(f"{key} has a sample at {series.times[-1]} ms; {t} ms is not later")
        if start is not None:
            series.begin(start, t)
        series.times.append(t)
        series.values.append(value)

    def append_scrape(
        self, group: str, t: int, samples: Mapping[Labels, float], starts: Mapping[Labels, int] | None = None
    ) -> None:
        """Add what one scrape of a group gave at `t` (ms); the group's series that it lacks become stale.

        `starts` (ms) are when counters began to count what they say, of those whose source told that.

        ValueError, and nothing written, where `t` is not later than the group's last time or where a new series
        belongs elsewhere.
        """
        owner = self._later(group, t)
        order = list(samples)
        if order != owner.order:
            self._change(group, owner, samples, t)
            owner.order = order
            owner.adders = [owner.live[labels].values.append for labels in order]
        for labels, start in (starts or {}).items():
            if labels in samples:
                owner.live[labels].begin(start, t)
        owner.times.append(t)
        for add, value in zip(owner.adders, samples.values(), strict=True):
            add(value)
        owner.last = owner.good = t
        if owner.lost:
            owner.lost = {}

    def takes(self, group: str, labels: Labels) -> bool:
        """Whether a group may write a series: no other group does, and it has no times of its own."""
        known = self._series.get(labels)
        return known is None or (known.group is not None and known.group is self._groups.get(group))

    def append_columns(
        self, group: str, labels: Sequence[Labels], times: Sequence[int], columns: Sequence[array[float]]
    ) -> None:
        """Add scrapes that gave the same series, at once: a column of values at all of `times` for each of `labels`.

        The same as `append_scrape` for each time, only faster; ValueError as there, and where times do not grow. The
        columns are the store's from then on.
        """
        if any(b <= a for a, b in pairwise(times)):
            raise ValueError(f'times of group "{group}" do not grow')
        if not times:
            return
        self.append_scrape(group, times[0], {name: c[0] for name, c in zip(labels, columns, strict=True)})
        owner = self._groups[group]
        owner.times.extend(times[1:])
        owner.last = owner.good = times[-1]
        for name, column in zip(labels, columns, strict=True):
            owner.live[name].go_on(column)

    def append_failed(self, group: str, t: int) -> None:
        """Say that the scrape of a group at `t` (ms) failed: its series become stale. ValueError as `append_scrape`."""
        owner = self._later(group, t)
        owner.last = t
        if not owner.live:
            return
        owner.times.append(t)
        for series in owner.live.values():
            series.values.append(STALE)
        owner.lost, owner.live = owner.live, {}
        owner.order, owner.adders = [], []

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series that match and have slots in [start, end] (ms); ValueError for a bad regular expression."""
        key = tuple(matchers)
        found = self._selected.get(key)
        if found is None:
            if len(self._selected) >= SELECTIONS:
                self._selected.clear()
            found = self._selected[key] = self._find(key)
        columns = []
        for series in found:
            times, first = series.times, series.first
            if times[first] <= end and times[first + len(series.values) - 1] >= start:
                columns.append(series.column or series.view())
        return self._imported.joined(columns, label_test(key), start, end) if self._imported else columns

    def lay_beside(self, imported: Imported) -> None:
        """Let what is selected from now on have these samples too; to everything else they are not there."""
        self._imported = imported

    def latest(self, labels: Mapping[str, str]) -> Sample | None:
        """The last sample of a series that is no staleness marker, however old; None where there is none."""
        series = self._series.get(labels if isinstance(labels, Labels) else Labels(labels))
        if series is not None:
            for i in range(len(series.values) - 1, -1, -1):
                if not is_stale(series.values[i]):
                    return Sample(series.labels, series.times[series.first + i], series.values[i])
        return None

    def labels_of(self, name: str) -> Sequence[Labels]:
        """The label sets that a metric name has."""
        return tuple(self._by_name.get(name, ()))

    def names(self) -> Collection[str]:
        """Every metric name that has series."""
        return self._by_name.keys()

    def last_time(self, group: str) -> int | None:
        """When a group was last written (ms), whether its scrape succeeded or failed."""
        owner = self._groups.get(group)
        return None if owner is None else owner.last

    def set_metadata(self, name: str, metadata: Metadata) -> None:
        """Remember what a page says of a metric family."""
        self._metadata[name] = metadata

    @property
    def families(self) -> Mapping[str, Metadata]:
        """What pages have said of every metric family, whether it has series or not."""
        return self._metadata

    def metadata(self, name: str) -> Metadata | None:
        """What is known of a metric: of its very name, else of the family that the name belongs to."""
        found = self._metadata.get(name)
        if found is None:
            stem = next((name.removesuffix(s) for s in SUFFIXES if name.endswith(s)), None)
            found = None if stem is None else self._metadata.get(stem)
        return found

    def adopt(self, other: MemoryStore) -> None:
        """Take another store's groups and series instead of those of the same names here; `other` is not used again."""
        for name in other._groups.keys() & self._groups.keys():
            for series in [*self._groups.pop(name).series.values()]:
                self._remove(series)
        for labels, series in other._series.items():
            if labels in self._series:
                self._remove(self._series[labels])
            self._series[labels] = series
            self._by_name.setdefault(labels.name, {})[labels] = series
        self._groups.update(other._groups)
        self._selected.clear()

    def trim(self, before: int, alone_before: int | None = None) -> None:
        """Drop samples older than `before` (ms), and series that have none left.

        Series with times of their own may be kept longer, from `alone_before` on.

        Slots go in bulk, once an eighth of them is too old, so that calling this often costs nothing.
        """
        gone: list[Kept] = []
        for group in self._groups.values():
            # The last slot stays while series live: the next scrape must find them.
            old = min(bisect_left(group.times, before), len(group.times) - bool(group.live))
            if old and old * 8 >= len(group.times):
                del group.times[:old]
                gone += [s for s in group.series.values() if cut(s, old)]
        for series in self._series.values():
            if series.group is None:
                old = bisect_left(series.times, before if alone_before is None else alone_before)
                if old and old * 8 >= len(series.times):
                    del series.times[:old]
                    if cut(series, old):
                        gone.append(series)
        for series in gone:
            self._remove(series)
        self._imported.trim(before)
        for series in list(self._series.values())[self._turn :: TURNS]:
            series.settle()
        self._turn = (self._turn + 1) % TURNS

    def _later(self, group: str, t: int) -> Group:
        owner = self._groups.get(group)
        if owner is None:
            owner = self._groups[group] = Group()
        elif owner.last is not None and t <= owner.last:
            raise ValueError(f'group "{group}" was written at {owner.last} ms; {t} ms is not later')
        return owner

    def _change(self, group: str, owner: Group, samples: Collection[Labels], t: int) -> None:
        """End the series that a scrape lacks and begin those that it is the first to have; ValueError before that."""
        live = owner.live
        fresh = [labels for labels in samples if labels not in live]
        for labels in fresh:
            known = self._series.get(labels)
            if known is not None and known.group is not owner:
                raise ValueError(f'{labels} belongs to another group; "{group}" cannot write it')
        for labels in [labels for labels in live if labels not in samples]:
            live.pop(labels).values.append(STALE)
        for labels in fresh:
            live[labels] = self._revive(owner, labels, t)

    def _revive(self, owner: Group, labels: Labels, t: int) -> Kept:
        series = self._series.get(labels)
        if series is None:
            series = self._add(labels, owner, owner.times)
        else:
            series.values.extend([STALE] * (len(owner.times) - series.first - len(series.values)))
        if owner.good is not None and labels not in owner.lost and self._counts(labels.name):
            series.births = (*series.births, (owner.good, t))
            series.column = None
        return series

    def _counts(self, name: str) -> bool:
        known = self.metadata(name)
        if known is None or known.type in UNTYPED:
            return name.endswith(COUNTER_SUFFIXES)
        return known.type in COUNTER_TYPES

    def _add(self, labels: Labels, group: Group | None, times: array[int]) -> Kept:
        series = Kept(labels, group, times)
        self._series[labels] = series
        self._by_name.setdefault(labels.get(NAME, ""), {})[labels] = series
        if group is not None:
            group.series[labels] = series
        self._selected.clear()
        return series

    def _remove(self, series: Kept) -> None:
        labels = series.labels
        del self._series[labels]
        alike = self._by_name[labels.name]
        del alike[labels]
        if not alike:
            del self._by_name[labels.name]
        if series.group is not None:
            del series.group.series[labels]
            series.group.lost.pop(labels, None)
        self._selected.clear()

    def _find(self, matchers: tuple[Matcher, ...]) -> list[Kept]:
        name = metric_name(matchers)
        matches = label_test(matchers)
        among = self._series if name is None else self._by_name.get(name, {})
        return [series for labels, series in among.items() if matches(labels)]
