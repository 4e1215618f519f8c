"""The states of an alert over time: Prometheus' machine (rules/alerting.go, AlertingRule.Eval) as a pure function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import MINUTE
from tradetop.model.labels import NAME, Labels
from tradetop.model.sample import Sample
from tradetop.model.text import clean_lines
from tradetop.model.value import Vector

KEPT = 15 * MINUTE
"""How long a resolved alert stays (ms)."""

ALERTNAME = "alertname"
DROPPED = (NAME, ALERTNAME)
"""Labels of an element that its alert does not have: it has a name of its own."""

ANNOTATION_LIMIT = 8_192
"""Longest text of an annotation, in characters."""

Alerts = Mapping[Labels, Alert]
Dress = Callable[[Rule, Sample], tuple[Labels, Labels]]
"""The labels and annotations of the alert that an element of a rule's result makes."""


class DuplicateAlertError(ValueError):
    """Two elements of a rule's result have the same labels once the rule's own labels are set."""


def plain(rule: Rule, sample: Sample) -> tuple[Labels, Labels]:
    """The element's labels with the rule's put over them, and its annotations: as they are, templates and all."""
    return sample.labels.without(*DROPPED, *rule.removes).merged(rule.labels), rule.annotations


def annotation(text: str) -> str:
    """The text of an annotation as it is shown: its lines clean, without the line feed that a YAML block ends with."""
    return clean_lines(text.rstrip("\n"), ANNOTATION_LIMIT)


def step(rule: Rule, alerts: Alerts, result: Vector, t: int, dress: Dress = plain) -> dict[Labels, Alert]:
    """The alerts after the rule gave `result` at `t` (ms); keys are the alerts' labels, without `alertname`.

    An element that is new is pending since `t`, and fires once `t - active_at >= hold` (at once for 0). One that is
    gone is deleted while pending; while firing it is kept for `keep_firing`, then resolved and kept for 15 minutes.
    Raises DuplicateAlertError.
    """
    values = _identified(rule, result, dress)
    after: dict[Labels, Alert] = {}
    for labels, (value, texts) in values.items():
        known = alerts.get(labels)
        if known is None or known.state is AlertState.RESOLVED:
            known = Alert(rule, labels, AlertState.PENDING, value, active_at=t)
        seen = replace(known, rule=rule, value=value, kept_since=None, annotations=texts)
        after[labels] = _ripen(seen, t)
    for labels, alert in alerts.items():
        if labels not in values:
            gone = _gone(alert, t)
            if gone is not None:
                after[labels] = gone
    return after


def _identified(rule: Rule, result: Vector, dress: Dress) -> dict[Labels, tuple[float, Labels]]:
    values: dict[Labels, tuple[float, Labels]] = {}
    for sample in result.samples:
        labels, annotations = dress(rule, sample)
        if labels in values:
            raise DuplicateAlertError(f"{rule.name}: several series become {labels}")
        values[labels] = sample.value, annotations
    return values


def _ripen(alert: Alert, t: int) -> Alert:
    if alert.state is AlertState.PENDING and t - alert.active_at >= alert.rule.hold:
        return replace(alert, state=AlertState.FIRING, fired_at=t)
    return alert


def _gone(alert: Alert, t: int) -> Alert | None:
    """What becomes of an alert whose element is not in the result any more."""
    if alert.state is AlertState.RESOLVED:
        return alert if alert.resolved_at is not None and t - alert.resolved_at <= KEPT else None
    if alert.state is not AlertState.FIRING:
        return None
    since = t if alert.kept_since is None else alert.kept_since
    if t - since < alert.rule.keep_firing:
        return replace(alert, kept_since=since)
    return replace(alert, state=AlertState.RESOLVED, resolved_at=t, kept_since=None)
