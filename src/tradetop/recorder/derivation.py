"""The feed that needs no event source: what the series tell when they are looked back upon."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import chain, compress, count
from operator import ne

from tradetop.events.derive import derive
from tradetop.events.edges import alert_edges, health_edges, scrape_edge
from tradetop.events.vocabulary import meaning_of, switch_of
from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Column
from tradetop.model.sample import Sample, is_stale
from tradetop.model.target import Health
from tradetop.promql import Engine
from tradetop.recorder.record import Record
from tradetop.rules.expanding import expanding
from tradetop.rules.recall import Recall, Values

UP, ALERTS, START = "up", "ALERTS", "process_start_time_seconds"


class Derivation:
    """Derives a record's events, each once, in the order of their times."""

    def __init__(
        self,
        record: Record,
        rules: Callable[[], Sequence[Rule]],
        wide: Callable[[], Engine | None] = lambda: None,
        every: Callable[[Rule], int] = lambda _: 0,
    ) -> None:
        """`wide` gives what rules of files are asked of, where that is more than the record; `every` says how often a
        rule is evaluated (ms)."""
        self._wide = wide
        self._every = every
        self._record = record
        self._rules = rules
        self._engine = Engine(record.store, born_counters=record.target.born_counters)
        self._scraped_until = 0
        self._ruled_until = 0
        self._held: dict[tuple[str, Labels], Alert] = {}
        """What fired when the bot ceased to answer: nothing is known of it until its rule has data again."""

    def begin(self, since: int) -> None:
        """Leave alone what happened before `since` (ms): a feed of the last hours is enough."""
        self._scraped_until = self._ruled_until = since

    def look_back(self) -> None:
        """Derive from whatever has landed since the last call."""
        found = sorted([*self._from_scrapes(), *self._from_alerts()], key=lambda event: event.t)
        if found:
            self._record.take_derived(found)

    def health(self, before: Sequence[Health], after: Sequence[Health], t: int) -> None:
        """Derive from health endpoints that changed their state at `t` (ms)."""
        self._record.take_derived(health_edges(before, after, t, bot=self._record.target.name))

    def _from_scrapes(self) -> Iterator[BotEvent]:
        slots = _Slots.of(self._record, UP, self._scraped_until)
        if slots is None:
            return
        self._scraped_until = slots.times[-1]
        bot, status, store = self._record.target.name, self._record.status, self._record.store
        up = next(c for c in slots.columns if c.labels.name == UP)

        def type_of(name: str) -> str:
            known = store.metadata(name)
            return known.type if known else ""

        telling = [c for c in slots.columns if _tells(c.labels, type_of(c.labels.name))]
        if not any(c.labels.name == START for c in telling):
            # Without the process' start time a restart shows in all counters together.
            telling = [c for c in slots.columns if c.labels.name.endswith("_total") or c in telling]
        goods = list(compress(count(up.first), map((1.0).__eq__, up.values)))
        for i in slots.changed([*telling, up]):
            good, was_good = _at(up, i) == 1, _at(up, i - 1)
            t = slots.times[i]
            reason = status.reason if t == status.tried_at else ""
            earlier = bisect_left(goods, i) - 1
            since = slots.times[goods[earlier] + 1] if earlier >= 0 else None
            known = None if was_good is None else was_good == 1
            yield from scrape_edge(known, good, t, bot=bot, reason=reason, down_since=since)
            if good and earlier >= 0:
                last = goods[earlier]
                before, after = slots.row(telling, last), slots.row(telling, i)
                yield from derive(before, after, t, bot=bot, types=type_of, fresh=last == i - 1)

    def _from_alerts(self) -> Iterator[BotEvent]:
        slots = _Slots.of(self._record, ALERTS, self._ruled_until)
        if slots is None:
            return
        self._ruled_until = slots.times[-1]
        firing = [c for c in slots.columns if c.labels.get("alertstate") == AlertState.FIRING.value]
        pending = [c for c in slots.columns if c.labels.get("alertstate") == AlertState.PENDING.value]
        changed = set(slots.changed(firing))
        recall = Recall(self._rules() if changed or self._held else ())
        for i in range(slots.first, len(slots.times)):
            if i in changed or self._held:
                yield from self._turns(firing, pending, recall, slots, i)

    def _turns(
        self, firing: Sequence[Column], pending: Sequence[Column], recall: Recall, slots: _Slots, i: int
    ) -> Iterator[BotEvent]:
        """What fires since a slot, and what has resolved there: not what went because the bot's data did."""
        t = slots.times[i]
        before = {(alert.rule.name, alert.labels): alert for alert in self._alerts(firing, recall, slots, i - 1)}
        before |= self._held
        after = {(alert.rule.name, alert.labels): alert for alert in self._alerts(firing, recall, slots, i)}
        waiting = {_same(c.labels) for c in pending if _at(c, i) is not None}
        gone = before.keys() - after.keys()
        self._held = {key: before[key] for key in gone if key in waiting or not self._is_known(before[key].rule, t)}
        present = [*(self._worded(alert, before) for alert in after.values()), *self._held.values()]
        yield from alert_edges(list(before.values()), present, t, bot=self._record.target.name)

    def _is_known(self, rule: Rule, t: int) -> bool:
        """Whether a rule spoke of the bot's data at `t` (ms): the bot answers, since before the rule was evaluated."""
        every = self._every(rule)
        since = t - every if every > self._record.target.interval else t
        ups = self._record.store.select([Matcher(NAME, MatchOp.EQUAL, UP)], since, t)
        return not any(_has_failed(column, since, t) for column in ups)

    def _alerts(self, firing: Sequence[Column], recall: Recall, slots: _Slots, i: int) -> list[Alert]:
        t = slots.times[i]
        values, alerts = Values(self._engine, t, self._wide()), []
        for column in firing:
            rule = recall.rule(column.labels)
            if rule is not None and _at(column, i) is not None:
                _, labels = _same(column.labels)
                alerts.append(Alert(rule, labels, AlertState.FIRING, values.of(rule, labels).value, t))
        return alerts

    def _worded(self, alert: Alert, known: Collection[tuple[str, Labels]]) -> Alert:
        """The alert with its texts, where it is new and they are made of templates."""
        rule = alert.rule
        if (rule.name, alert.labels) in known or not any("{{" in text for text in rule.annotations.values()):
            return alert
        sample = Sample(alert.labels.without(*rule.labels), alert.active_at, alert.value)
        return replace(alert, annotations=expanding(self._engine, alert.active_at)(rule, sample)[1])


class _Slots:
    """The scrapes of one group since a time, as rows across its columns."""

    def __init__(self, times: Sequence[int], columns: Sequence[Column], first: int) -> None:
        self.times = times
        self.columns = columns
        self.first = first

    @classmethod
    def of(cls, record: Record, name: str, since: int) -> _Slots | None:
        """The group that the series of this name belong to; None where nothing of it is later than `since` (ms)."""
        store = record.store
        known = store.select([Matcher(NAME, MatchOp.EQUAL, name)], 0, 1 << 62)
        if not known or known[0].times[-1] <= since:
            return None
        times = known[0].times
        columns = [c for c in store.select([], 0, 1 << 62) if c.times is times]
        return cls(times, columns, bisect_right(times, since))

    def changed(self, columns: Sequence[Column]) -> list[int]:
        """Indices of the new slots at which any of the columns is not what it was before."""
        found: set[int] = set()
        for column in columns:
            first, end = column.first, column.first + len(column.values)
            start = max(self.first, first)
            values = column.values[max(start - first - 1, 0) :]
            # The slot before the new ones is the first to compare with; a series born among them has none.
            before = values if start > first else chain((None,), values)
            moved = compress(count(start), map(ne, values[1:] if start > first else values, before))
            found.update(i for i in moved if _at(column, i) != _at(column, i - 1))
            if end < len(self.times) and end >= self.first:
                found.add(end)
        return sorted(found)

    @staticmethod
    def row(columns: Sequence[Column], i: int) -> dict[Labels, float]:
        """What these columns have in one slot."""
        found = ((c.labels, _at(c, i)) for c in columns)
        return {labels: value for labels, value in found if value is not None}


def _same(series: Labels) -> tuple[str, Labels]:
    """What makes an alert the same as before: its name and labels, out of those of its `ALERTS`."""
    return series.get("alertname", ""), series.without(NAME, "alertname", "alertstate")


def _has_failed(up: Column, since: int, t: int) -> bool:
    """Whether one of the scrapes from the last one at `since` to the last one at `t` (ms) failed."""
    scrapes = range(max(bisect_right(up.times, since) - 1, 0), bisect_right(up.times, t))
    return any(_at(up, i) == 0 for i in scrapes)


def _tells(labels: Labels, metric_type: str) -> bool:
    """Whether a change of this series may be an event."""
    name = labels.name
    return name == START or "mode" in labels or meaning_of(name, metric_type) is not None or switch_of(name) != ""


def _at(column: Column, i: int) -> float | None:
    """The value in a slot; None where the series was not there."""
    i -= column.first
    if not 0 <= i < len(column.values):
        return None
    value = column.values[i]
    return value if value == value or not is_stale(value) else None
