"""Series as a server has them that scraped all of them from their targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from tradetop.events.counters import EVENT_SERIES
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column
from tradetop.recorder.record import Record
from tradetop.scrape.scrape import target_labels
from tradetop.store.matching import label_test, metric_name
from tradetop.store.union import Union


def exposed(records: Iterable[Record]) -> Union:
    """The series of several targets, each with its target's labels."""
    return Union([Exposed(record) for record in records])


class Exposed:
    """The series of one target; those of its events, which no page has, bear its labels too.

    Of a database that several targets share, each has the events of its own bot.
    """

    def __init__(self, record: Record) -> None:
        self._store = record.store
        self._bot = record.target.bot_id
        self._labels = target_labels(record.target)
        self._known: WeakKeyDictionary[Column, Column] = WeakKeyDictionary()

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series that match and have samples in [start, end] (ms)."""
        name = metric_name(matchers)
        if name is not None and name not in EVENT_SERIES:
            return self._store.select(matchers, start, end)
        others = [matcher for matcher in matchers if matcher.name not in self._labels]
        matches = label_test(matchers)
        found = map(self._own, self._store.select(others, start, end))
        return [column for column in found if column is not None and matches(column.labels)]

    def _own(self, column: Column) -> Column | None:
        """The column with the target's labels where it is one of events; None for those of another target."""
        if column.labels.name not in EVENT_SERIES:
            return column
        if self._bot and column.labels.get("bot_id") != self._bot:
            return None
        known = self._known.get(column)
        if known is None:
            labels = Labels({**self._labels, **column.labels})
            known = Column(labels, column.times, column.values, column.first, column.births)
            self._known[column] = known
        return known
