"""Recall: which rule an alert belongs to, when all that is left of it are the labels of its series."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tradetop.model.alert import Rule
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.labels import NAME, Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.model.value import Matrix, Series
from tradetop.promql import PromQLError
from tradetop.rules.evaluate import instant

_TEMPLATE = "{{"
_LATE = 2 * MINUTE
"""How long an alert may stand without its element because its rule is evaluated seldom (ms)."""
_STEPS = 500
"""At how many times an element that has gone is looked for at most, before it is looked for closely."""
_REMEMBERED = 1_000
"""Alerts whose elements are remembered before all are forgotten."""


class Recall:
    """Rules by what their alerts are called; rules of one name are told apart by their own labels."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._named: dict[str, list[Rule]] = {}
        for rule in rules:
            self._named.setdefault(rule.name, []).append(rule)

    def rule(self, labels: Labels) -> Rule | None:
        """The rule whose name and labels an alert carries; of several the one that says most; None where none fits."""
        fitting = [rule for rule in self._named.get(labels.get("alertname", ""), ()) if _fits(rule, labels)]
        return max(fitting, key=lambda rule: len(rule.labels), default=None)


Told = Callable[[Rule, Labels], Sample | None]
"""Gives the element behind an alert of a rule with these labels, where it is known."""


class Values:
    """What rules' expressions give at one time, each evaluated once."""

    def __init__(self, querier: Querier, t: int, wide: Querier | None = None, told: Told = lambda _, __: None) -> None:
        """Rules of files are asked of `wide` where that is given; what is `told` already is not evaluated."""
        self._told = told
        self._querier = querier
        self._wide = querier if wide is None else wide
        self.t = t
        self._known: dict[tuple[Querier, str], tuple[Sample, ...]] = {}
        self._past: dict[tuple[Querier, str, int, int, int], tuple[Series, ...]] = {}

    def of(self, rule: Rule, labels: Labels) -> Sample:
        """The element behind the alert with these labels; NaN where there is none, as while it is kept firing."""
        return self.find(rule, labels) or Sample(labels, self.t, math.nan)

    def find(self, rule: Rule, labels: Labels) -> Sample | None:
        """The element behind the alert with these labels; None where there is none."""
        if told := self._told(rule, labels):
            return told
        querier = self._wide if rule.is_filed else self._querier
        key = querier, rule.expr
        if key not in self._known:
            self._known[key] = self._evaluated(rule, querier)
        return next((sample for sample in self._known[key] if is_within(sample.labels, rule, labels)), None)

    def last(self, rule: Rule, labels: Labels, after: int, step: int) -> Sample | None:
        """The last element behind the alert later than `after` and before now (ms), as far as each `step` tells it."""
        until, last = self.t, None
        while rule.expr and until - after > step:
            wide = max(step, -(-(until - after) // _STEPS))
            first = until - (until - after - 1) // wide * wide
            last = self._latest(rule, labels, first, until - wide, wide) or last
            if last is None and wide > step:
                # What went as soon as it came was there when the alert began.
                return self._latest(rule, labels, after + 1, after + 1 + step, step)
            if last is None or wide == step:
                break
            until, after = last.t + wide, last.t
        return last

    def _latest(self, rule: Rule, labels: Labels, start: int, end: int, step: int) -> Sample | None:
        past = self._between(rule, start, end, step)
        alike = (series for series in past if series.times and is_within(series.labels, rule, labels))
        found = max(alike, key=lambda series: series.times[-1], default=None)
        return None if found is None else Sample(found.labels, found.times[-1], found.values[-1])

    def _between(self, rule: Rule, start: int, end: int, step: int) -> tuple[Series, ...]:
        querier = self._wide if rule.is_filed else self._querier
        key = querier, rule.expr, start, end, step
        if key not in self._past:
            try:
                found = querier.range(rule.expr, start=start, end=end, step=step)
            except PromQLError:
                found = Matrix(())
            self._past[key] = found.series if isinstance(found, Matrix) else ()
        return self._past[key]

    def _evaluated(self, rule: Rule, querier: Querier) -> tuple[Sample, ...]:
        if not rule.expr:
            return ()
        try:
            return instant(querier, rule.name, rule.expr, self.t).samples
        except PromQLError:
            return ()


@dataclass(frozen=True, slots=True)
class _Element:
    """What is known of the element behind an alert."""

    active_at: int
    looked_at: int
    """Until when it has been looked for (ms)."""
    last: Sample | None


class Lasting:
    """The elements behind alerts, or those that were behind them last: an alert that is kept firing has none now.

    What was found is remembered, so that only what is new is looked at.
    """

    def __init__(self, step: int = 15 * SECOND) -> None:
        """Of the past each `step` (ms) is looked at."""
        self._step = step
        self._known: dict[tuple[str, Labels], _Element] = {}

    def of(self, values: Values, rule: Rule, labels: Labels, active_at: int) -> Sample:
        """The element behind an alert that is active since `active_at` (ms); NaN where it was never seen."""
        key, found = (rule.name, labels), values.find(rule, labels)
        if found is None:
            known = self._known.get(key)
            if known is None or known.active_at != active_at or known.looked_at > values.t:
                first = max(active_at, values.t - rule.keep_firing - _LATE)
                known = _Element(active_at, first - 1, None)
            found = values.last(rule, labels, known.looked_at, self._step) or known.last
        if len(self._known) >= _REMEMBERED and key not in self._known:
            self._known.clear()
        self._known[key] = _Element(active_at, values.t, found)
        return found or Sample(labels, values.t, math.nan)


def _fits(rule: Rule, labels: Labels) -> bool:
    """Whether an alert of these labels can be this rule's; a label with a template may have become anything."""
    return all(labels.get(name) == value or _TEMPLATE in value for name, value in rule.labels.items())


def is_within(found: Labels, rule: Rule, labels: Labels) -> bool:
    """Whether an element of the result became the alert: its labels are there, but for those that the rule sets."""
    return all(labels.get(name) == value or name in rule.labels for name, value in found.items() if name != NAME)
