"""Evaluation: rules over a querier, the alerts that come of it, and those alerts as series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import HOUR, SECOND
from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.model.text import clean
from tradetop.model.value import Matrix, Scalar, Vector
from tradetop.promql import PromQLError
from tradetop.rules.alerting import ALERTNAME, Dress, DuplicateAlertError, plain, step

ALERTS = "ALERTS"
ALERTS_FOR_STATE = "ALERTS_FOR_STATE"
OUTAGE = HOUR
"""How long recording may have paused for a pending alert to go on where it was (ms)."""


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule with its alerts as of the last evaluation."""

    rule: Rule
    alerts: Mapping[Labels, Alert] = field(default_factory=dict)
    error: str = ""
    """Why the last evaluation failed; its alerts are then as they were before."""
    evaluated_at: int | None = None


def begin(rules: Iterable[Rule]) -> tuple[RuleState, ...]:
    """The rules before their first evaluation."""
    return tuple(map(RuleState, rules))


def advance(states: Sequence[RuleState], querier: Querier, t: int) -> tuple[RuleState, ...]:
    """Evaluate every rule at `t` (ms). A rule that fails keeps its alerts and says why; the others go on."""
    return tuple(evaluate(state, querier, t) for state in states)


def evaluate(state: RuleState, querier: Querier, t: int, dress: Dress = plain, *, offset: int = 0) -> RuleState:
    """Evaluate a rule at `t` less `offset` (ms). Where it fails it keeps its alerts and says why."""
    try:
        result = instant(querier, state.rule.name, state.rule.expr, t - offset)
        return RuleState(state.rule, step(state.rule, state.alerts, result, t, dress), "", t)
    except (PromQLError, DuplicateAlertError) as error:
        return replace(state, error=clean(str(error)), evaluated_at=t)


def instant(querier: Querier, name: str, expr: str, at: int) -> Vector:
    """What the expression of the rule `name` gives at one time (ms), a scalar as its one element.

    PromQLError where it has no value, or another kind of value.
    """
    match querier.instant(expr, at=at):
        case Vector() as vector:
            return vector
        case Scalar(value=number):
            return Vector((Sample(EMPTY, at, number),))
        case value:
            raise PromQLError(f"{name}: gives a {value.type}, not a vector")


def samples(states: Iterable[RuleState]) -> dict[Labels, float]:
    """The series of the alerts that are active: `ALERTS` (1, with `alertname` and `alertstate`) and
    `ALERTS_FOR_STATE` (when it became active, in seconds since the epoch), as Prometheus writes them."""
    found: dict[Labels, float] = {}
    for state in states:
        for labels, alert in state.alerts.items():
            if alert.state in (AlertState.PENDING, AlertState.FIRING):
                named = labels.merged({ALERTNAME: alert.rule.name})
                found[named.merged({NAME: ALERTS, "alertstate": alert.state.value})] = 1.0
                found[named.merged({NAME: ALERTS_FOR_STATE})] = alert.active_at / SECOND
    return found


def restore(states: Sequence[RuleState], querier: Querier, t: int) -> tuple[RuleState, ...]:
    """After the first evaluation of a new process, at `t` (ms): alerts go on where recording stopped.

    As Prometheus' RestoreForState: the outage does not count as pending, unless the hold was already over. Beyond it,
    what fired fires at once, not an interval later, and since then.
    """
    try:
        value = querier.instant(f"{ALERTS_FOR_STATE}[{OUTAGE // SECOND}s]", at=t - 1)
    except PromQLError:
        return tuple(states)
    if not isinstance(value, Matrix):
        return tuple(states)
    before = {s.labels.without(NAME): (s.times[-1], round(s.values[-1] * SECOND)) for s in value.series if s.times}
    return tuple(replace(state, alerts=_restored(state, before, t)) for state in states)


def worst(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The alerts as people should see them: of one series' thresholds that fire at once only the worst.

    Of those that are as severe, the last: a panel's further thresholds come after its nearer ones.
    """
    alerts = tuple(alerts)
    ranks: dict[tuple[str, Labels], tuple[int, int]] = {}
    for index, alert in enumerate(alerts):
        if alert.state is AlertState.FIRING and alert.rule.panel:
            key = _subject(alert)
            ranks[key] = max(ranks.get(key, (0, 0)), (alert.rule.level, index))
    return tuple(
        alert
        for index, alert in enumerate(alerts)
        if alert.state not in (AlertState.FIRING, AlertState.PENDING)
        or (alert.rule.level, index) >= ranks.get(_subject(alert), (0, 0))
    )


def _restored(state: RuleState, before: Mapping[Labels, tuple[int, int]], t: int) -> dict[Labels, Alert]:
    alerts = dict(state.alerts)
    for labels, alert in state.alerts.items():
        found = before.get(labels.merged({ALERTNAME: alert.rule.name}))
        if found is None or alert.active_at != t or found[1] >= t:
            continue
        stopped_at, active_at = found
        if stopped_at - active_at >= alert.rule.hold:
            fired_at = active_at + alert.rule.hold
            alerts[labels] = replace(alert, state=AlertState.FIRING, active_at=active_at, fired_at=fired_at)
        else:
            alerts[labels] = replace(alert, active_at=active_at + t - stopped_at)
    return alerts


def _subject(alert: Alert) -> tuple[str, Labels]:
    return alert.rule.panel, alert.labels.without("severity")
