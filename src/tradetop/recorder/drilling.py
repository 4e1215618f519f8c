"""Drilling: a pretended alert on the real road, from its rule to the receivers, outside of history and outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from tradetop.model.alert import Alert, AlertState, Rule, RuleGroup
from tradetop.model.clock import MINUTE, SECOND, Clock
from tradetop.model.drill import MARK
from tradetop.model.labels import NAME, Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.model.silence import Silence
from tradetop.model.value import Value, Vector
from tradetop.notify.advance import advance
from tradetop.notify.fault import Failure
from tradetop.notify.receiver import Receiver
from tradetop.notify.send import Send
from tradetop.notify.state import Delivery, Seen, Sighting, State
from tradetop.rules.alerting import step
from tradetop.rules.expanding import NOTHING_EXTERNAL, External, expanding
from tradetop.rules.group import advance_group, begin_group

Wait = Callable[[float], Awaitable[None]]
SHOWN = 5 * MINUTE
"""How long screens show a drill that fires (ms): long enough to snooze it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of the pretended alert's state."""

    t: int
    alert: Alert


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message."""

    t: int
    receiver: str
    failure: Failure | None
    delivery: Delivery


def drilled(rule: Rule) -> Rule:
    """The rule whose alerts are told from the real ones by a label."""
    return replace(rule, labels=rule.labels.merged({MARK: "yes"}))


def fires_at(rule: Rule, t: int, interval: int) -> int:
    """When an alert of the rule that is active since `t` fires, where rules are evaluated every `interval` (all ms)."""
    return t + -(-rule.hold // interval) * interval


def fault(group: RuleGroup, rule: Rule, querier: Querier, t: int, external: External, element: Sample | None) -> str:
    """Why a rule of the group could not be evaluated at `t` (ms) if its result had this element too; "" where it could.

    An expression that can be evaluated may still give more alerts than the group's limit, or several with one name.
    """
    asked = querier if element is None else _Pretended(querier, rule.expr, element)
    state, _ = advance_group(begin_group(replace(group, rules=(rule,))), asked, t, external=external)
    return "; ".join(error for _, error in state.errors)


async def rehearse(
    rule: Rule,
    labels: Labels,
    value: float,
    querier: Querier,
    interval: int,
    clock: Clock,
    wait: Wait,
    external: External = NOTHING_EXTERNAL,
) -> AsyncIterator[Moved]:
    """Step a rule as the recorder would if a series had this value, until its alert fires; every change of its state.

    `interval` is how often it is evaluated (ms). The rule is one of `drilled`.
    """
    t, known = clock.now(), AlertState.INACTIVE
    alerts: dict[Labels, Alert] = {}
    while known is not AlertState.FIRING:
        while (left := t - clock.now()) > 0:
            await wait(left / SECOND)
        alerts = step(rule, alerts, Vector((Sample(labels, t, value),)), t, expanding(querier, t, external))
        (alert,) = alerts.values()
        if known is AlertState.INACTIVE and rule.hold:
            yield Moved(t, replace(alert, state=AlertState.PENDING, fired_at=None, is_drill=True))
        if alert.state is AlertState.FIRING:
            yield Moved(t, replace(alert, is_drill=True))
        known = alert.state
        t += interval


async def deliver(
    sighting: Sighting, silences: Sequence[Silence], receivers: Sequence[Receiver], send: Send, clock: Clock
) -> AsyncIterator[Sent]:
    """Notify of a pretended alert that fires, and then that it is over; what became of every message.

    It is the machine of real notifications, but nobody waits: neither for others in a group, nor for an escalation,
    nor for the end of quiet hours.
    """
    hasty = [replace(r, group_wait=0, group_interval=0, per_hour=0, after=0, quiet=None) for r in receivers]
    t = clock.now()
    state = State(origin=f"drill-{t}")
    bots = frozenset([sighting.bot])
    before = _before(sighting)
    if before is not None:
        # It rings again: receivers have heard of it, and it has been quiet since.
        for known in ((), silences):
            state, _ = advance(state, Seen((before,), bots), known, hasty, t, drill=True)
    for seen in (Seen((sighting,), bots), Seen((), bots)):
        t = clock.now()
        state, deliveries = advance(state, seen, silences, hasty, t, drill=True)
        for delivery in deliveries:
            receiver = next(r for r in hasty if r.name == delivery.receiver)
            failure = await send(receiver, [delivery], t)
            yield Sent(clock.now(), delivery.receiver, failure, delivery)


def _before(sighting: Sighting) -> Sighting | None:
    """The alert as it was when it was silenced; None where it has not been, or is not worse by now."""
    alert = sighting.alert
    if alert.silence is None or not alert.is_worse:
        return None
    rule = replace(alert.rule, level=min(alert.rule.level, alert.silence.level))
    return replace(sighting, alert=replace(alert, rule=rule, value=alert.silence.value))


class _Pretended:
    """A querier for which an expression's result has one more element."""

    def __init__(self, querier: Querier, expr: str, element: Sample) -> None:
        self._querier, self._expr, self._element = querier, expr, element

    def instant(self, expr: str, *, at: int) -> Value:
        value = self._querier.instant(expr, at=at)
        if expr != self._expr or not isinstance(value, Vector):
            return value
        others = (sample for sample in value.samples if sample.labels.without(NAME) != self._element.labels)
        return Vector((*others, replace(self._element, t=at)))

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        return self._querier.range(expr, start=start, end=end, step=step)
