"""What was expected beside what came."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from tradetop.model.alert import Alert, AlertState
from tradetop.model.labels import Labels
from tradetop.model.text import clean
from tradetop.rules.alerting import ALERTNAME, ANNOTATION_LIMIT, annotation
from tradetop.rules.evaluate import RuleState
from tradetop.rules.unittest.file import AlertCase, ExpectedSample
from tradetop.rules.unittest.histogram import Histogram
from tradetop.rules.unittest.result import span_text

T = TypeVar("T")
Firing = tuple[Labels, Mapping[str, str]]
"""Labels and annotations of an alert; an annotation may be empty, a label may not."""
Found = tuple[Labels, float | Histogram]
"""A sample of a result."""


def differences(expected: Iterable[T], got: Iterable[T], same: Callable[[T, T], bool]) -> tuple[list[T], list[T]]:
    """What was expected and did not come, and what came unexpected."""
    missing, extra = list(expected), []
    for each in got:
        met = next((i for i, wanted in enumerate(missing) if same(wanted, each)), None)
        if met is None:
            extra.append(each)
        else:
            del missing[met]
    return missing, extra


def equal(a: Firing, b: Firing) -> bool:
    """Whether two alerts are the same."""
    return a == b


def alike(fuzzy: bool) -> Callable[[Found, Found], bool]:
    """Whether two samples are the same; `fuzzy` takes neighbouring floats for one. NaN is NaN."""

    def same(a: Found, b: Found) -> bool:
        if a[0] != b[0]:
            return False
        x, y = a[1], b[1]
        if isinstance(x, Histogram) or isinstance(y, Histogram):
            return x == y
        neighbours = fuzzy and y in (math.nextafter(x, math.inf), math.nextafter(x, -math.inf))
        return x == y or neighbours or (x != x and y != y)

    return same


def expected_alerts(case: AlertCase) -> list[Firing]:
    """The alerts that are to fire; the name need not be written among their labels."""
    found: list[Firing] = []
    for each in case.exp_alerts or ():
        labels = {name: clean(value or "") for name, value in (each.labels or {}).items()}
        annotations = {name: _annotation(value or "") for name, value in (each.annotations or {}).items()}
        found.append((Labels({**labels, ALERTNAME: case.alertname}), annotations))
    return found


def firing(states: Iterable[RuleState]) -> list[Firing]:
    """The alerts of these rules that fire."""
    alerts = [alert for state in states for alert in state.alerts.values() if alert.state is AlertState.FIRING]
    return [(alert.labels.merged({ALERTNAME: alert.rule.name}), _annotations(alert)) for alert in alerts]


def expected_samples(samples: Iterable[ExpectedSample]) -> list[Found]:
    """The samples that an expression is to give."""
    return [(each.labels or Labels(), each.histogram or each.value or 0.0) for each in samples]


def alert_text(firing: Firing) -> str:
    """An alert as a line; its annotations follow on lines of their own."""
    labels, annotations = firing
    lines = [f"{name}: {clean(value, ANNOTATION_LIMIT)}" for name, value in sorted(annotations.items())]
    return "\n    ".join([str(labels), *lines])


def sample_text(sample: Found) -> str:
    """A sample as a line."""
    labels, value = sample
    return f"{labels} {value if isinstance(value, Histogram) else _number(value)}"


def pending_note(states: Iterable[RuleState], t: int, start: int) -> str:
    """That an alert is pending where it should fire: since when, and until when."""
    pending = [a for state in states for a in state.alerts.values() if a.state is AlertState.PENDING]
    return _pending(pending[0], t, start) if pending else ""


def _pending(alert: Alert, t: int, start: int) -> str:
    since, age = span_text(alert.active_at - start), span_text(t - alert.active_at)
    fires = span_text(alert.active_at + alert.rule.hold - start)
    return f"pending since {since}, for {age}; fires at {fires} (for: {span_text(alert.rule.hold)})"


def _annotations(alert: Alert) -> dict[str, str]:
    """Those of its rule, also where a template gave nothing."""
    return {name: alert.annotations.get(name, "") for name in alert.rule.annotations}


def _annotation(text: str) -> str:
    """An annotation as `render` gives it."""
    return annotation(text)


def _number(value: float) -> str:
    return str(int(value)) if value == value and abs(value) < 1e15 and value == int(value) else repr(value)
