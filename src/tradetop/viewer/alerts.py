"""Alerts read back from the series that the left half writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import SECOND
from tradetop.model.labels import NAME, Labels
from tradetop.model.ports import Querier
from tradetop.viewer.reading import samples

_ORDER = {AlertState.FIRING: 0, AlertState.PENDING: 1, AlertState.RESOLVED: 2}


def alerts(querier: Querier, rules: Sequence[Rule], at: int, *, stopped_at: int | None = None) -> tuple[Alert, ...]:
    """The alerts at `at` (ms): firing first, then pending, worst and oldest first.

    Where the data stopped at `stopped_at`, what was firing then follows, with `last_seen` set. Of the thresholds
    of one series only the worst is kept.
    """
    by_name = {rule.name: rule for rule in rules}
    now = _active(querier, by_name, at)
    found = list(now.values())
    if stopped_at is not None:
        then = _active(querier, by_name, stopped_at)
        found += [
            Alert(a.rule, a.labels, AlertState.FIRING, a.value, a.active_at, a.fired_at, last_seen=stopped_at)
            for key, a in then.items()
            if key not in now and a.state is AlertState.FIRING
        ]
    found = _worst_of_each(found, list(by_name))
    found.sort(key=lambda a: (a.last_seen is not None, _ORDER[a.state], -a.rule.level, a.active_at))
    return tuple(found)


def _active(querier: Querier, rules: Mapping[str, Rule], at: int) -> dict[Labels, Alert]:
    since = {_identity(s.labels): int(s.value * SECOND) for s in samples(querier, "ALERTS_FOR_STATE", at)}
    values: dict[str, dict[Labels, float]] = {}
    found: dict[Labels, Alert] = {}
    for sample in samples(querier, "ALERTS", at):
        rule = rules.get(sample.labels.get("alertname", ""))
        if rule is None:
            continue
        if rule.name not in values:
            values[rule.name] = {s.labels: s.value for s in samples(querier, rule.expr, at)}
        key = _identity(sample.labels)
        state = AlertState(sample.labels.get("alertstate", AlertState.FIRING.value))
        active_at = since.get(key, sample.t)
        value = next((v for labels, v in values[rule.name].items() if _within(labels, key)), float("nan"))
        fired_at = active_at + rule.hold if state is AlertState.FIRING else None
        if key not in found or state is AlertState.FIRING:
            found[key] = Alert(rule, key.without("alertname"), state, value, active_at, fired_at)
    return found


def _identity(labels: Labels) -> Labels:
    return labels.without(NAME, "alertstate")


def _within(labels: Labels, key: Labels) -> bool:
    return all(key.get(name) == value for name, value in labels.items() if name != NAME)


def _worst_of_each(found: Sequence[Alert], order: Sequence[str]) -> list[Alert]:
    """Of the thresholds of one series the most severe; of those as severe the last in the panel's order."""
    worst: dict[tuple[object, ...], Alert] = {}
    for alert in sorted(found, key=lambda a: order.index(a.rule.name)):
        subject = (alert.rule.panel or alert.rule.name, alert.state, alert.labels.without("severity"))
        if subject not in worst or alert.rule.level >= worst[subject].rule.level:
            worst[subject] = alert
    return list(worst.values())
