"""Groups: rules evaluated one after the other at the same time (Prometheus' rules/group.go)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from tradetop.model.alert import AlertState, RecordingRule, Rule, RuleGroup
from tradetop.model.labels import Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import STALE
from tradetop.rules.alerting import Dress
from tradetop.rules.evaluate import RuleState, evaluate, restore, samples
from tradetop.rules.expanding import NOTHING_EXTERNAL, External, expanding
from tradetop.rules.recording import RecordingState, record

Write = Callable[[int, Mapping[Labels, float]], None]
"""Takes a time (ms) and the series that one rule gives then, `STALE` for those that it gave before and gives no more.

Called after each rule, before the next is evaluated: a store that is written here, and that the querier reads, lets
rules see what earlier ones of their group recorded. Times of one group grow; it must not raise."""
State = RuleState | RecordingState


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group with its rules as of the last evaluation."""

    group: RuleGroup
    rules: tuple[State, ...]
    """In the order of the group."""

    @property
    def alerting(self) -> tuple[RuleState, ...]:
        """The alerting rules among them."""
        return tuple(state for state in self.rules if isinstance(state, RuleState))

    @property
    def errors(self) -> tuple[tuple[Rule | RecordingRule, str], ...]:
        """The rules whose last evaluation failed, each with why."""
        return tuple((state.rule, state.error) for state in self.rules if state.error)


def begin_group(group: RuleGroup, before: GroupState | None = None) -> GroupState:
    """The group before its first evaluation. Rules that it had in its state `before` a reload go on where they were."""
    known = {_identity(state.rule): state for state in before.rules} if before else {}
    return GroupState(group, tuple(_begin(rule, known.get(_identity(rule))) for rule in group.rules))


def advance_group(
    state: GroupState,
    querier: Querier,
    t: int,
    write: Write | None = None,
    external: External = NOTHING_EXTERNAL,
) -> tuple[GroupState, dict[Labels, float]]:
    """Evaluate the rules in order at `t` (ms), their expressions at `t` less the group's `query_offset`.

    Gives the new state, and every series that the group has now: what was recorded, `ALERTS`, `ALERTS_FOR_STATE`. It
    is for the caller to call this every `group.interval`. A rule that fails says why in its state and the others go
    on; an alerting rule then keeps its alerts, a recording rule gives nothing. A rule that gives more series or alerts
    than the group's `limit` fails too, and loses its alerts, as in Prometheus. Templates are expanded and
    see `external`.
    """
    group = state.group
    dress = expanding(querier, t, external)
    after: list[State] = []
    series: dict[Labels, float] = {}
    for rule in state.rules:
        new, found, gone = _advance(rule, group, querier, t, dress)
        after.append(new)
        if write is not None and (found or gone):
            write(t - group.query_offset, {**dict.fromkeys(gone, STALE), **found})
        for labels, value in found.items():
            series.setdefault(labels, value)
    return GroupState(group, tuple(after)), series


def restore_group(state: GroupState, querier: Querier, t: int) -> GroupState:
    """After the first evaluation of a new process, at `t` (ms): pending alerts go on where recording stopped."""
    restored = iter(restore(state.alerting, querier, t))
    return replace(state, rules=tuple(next(restored) if isinstance(rule, RuleState) else rule for rule in state.rules))


def alerting_states(groups: Iterable[GroupState]) -> tuple[RuleState, ...]:
    """The alerting rules of several groups."""
    return tuple(state for group in groups for state in group.alerting)


def _advance(
    state: State, group: RuleGroup, querier: Querier, t: int, dress: Dress
) -> tuple[State, dict[Labels, float], Collection[Labels]]:
    """The rule's new state, the series that it gives, and those that it gave before."""
    if isinstance(state, RuleState):
        new = _within(group, evaluate(state, querier, t, dress, offset=group.query_offset))
        return new, samples([new]), samples([state])
    recorded, found = record(state, querier, t, offset=group.query_offset, limit=group.limit)
    return recorded, found, () if recorded.error else state.series


def _begin(rule: Rule | RecordingRule, before: State | None) -> State:
    if isinstance(rule, RecordingRule):
        return replace(before, rule=rule) if isinstance(before, RecordingState) else RecordingState(rule)
    return replace(before, rule=rule) if isinstance(before, RuleState) else RuleState(rule)


def _identity(rule: Rule | RecordingRule) -> tuple[object, ...]:
    """What makes it the same rule after its file has changed."""
    if isinstance(rule, RecordingRule):
        return rule.record, rule.expr, rule.labels
    return rule.name, rule.expr, rule.labels, rule.hold


def _within(group: RuleGroup, state: RuleState) -> RuleState:
    """The state, or without alerts and with an error where there are more of them than the group's limit."""
    active = sum(alert.state in (AlertState.PENDING, AlertState.FIRING) for alert in state.alerts.values())
    if state.error or not group.limit or active <= group.limit:
        return state
    text = f"{state.rule.name}: gives {active} alerts, and the limit of its group {group.name} is {group.limit}"
    return replace(state, alerts={}, error=text)
