"""Recall: which rule an alert belongs to, when all that is left of it are the labels of its series."""

from __future__ import annotations

from collections.abc import Iterable

from tradetop.model.alert import Rule
from tradetop.model.labels import NAME, Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.promql import PromQLError
from tradetop.rules.evaluate import instant

_TEMPLATE = "{{"


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


class Values:
    """What rules' expressions give at one time, each evaluated once."""

    def __init__(self, querier: Querier, t: int, wide: Querier | None = None) -> None:
        """Rules of files are asked of `wide` where that is given."""
        self._querier = querier
        self._wide = querier if wide is None else wide
        self._t = t
        self._known: dict[tuple[Querier, str], tuple[Sample, ...]] = {}

    def of(self, rule: Rule, labels: Labels) -> Sample:
        """The element behind the alert with these labels; NaN where there is none, as while it is kept firing."""
        querier = self._wide if rule.is_filed else self._querier
        key = querier, rule.expr
        if key not in self._known:
            self._known[key] = self._evaluated(rule, querier)
        alike = (sample for sample in self._known[key] if _within(sample.labels, rule, labels))
        return next(alike, Sample(labels, self._t, float("nan")))

    def _evaluated(self, rule: Rule, querier: Querier) -> tuple[Sample, ...]:
        if not rule.expr:
            return ()
        try:
            return instant(querier, rule.name, rule.expr, self._t).samples
        except PromQLError:
            return ()


def _fits(rule: Rule, labels: Labels) -> bool:
    """Whether an alert of these labels can be this rule's; a label with a template may have become anything."""
    return all(labels.get(name) == value or _TEMPLATE in value for name, value in rule.labels.items())


def _within(found: Labels, rule: Rule, labels: Labels) -> bool:
    """Whether an element of the result became the alert: its labels are there, but for those that the rule sets."""
    return all(labels.get(name) == value or name in rule.labels for name, value in found.items() if name != NAME)
