"""Courses: rule groups on their way through time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tradetop.model.alert import RuleGroup
from tradetop.model.labels import Labels
from tradetop.model.ports import Querier
from tradetop.rules.evaluate import samples
from tradetop.rules.expanding import External
from tradetop.rules.group import GroupState, Write, advance_group, begin_group, restore_group

Found = Mapping[Labels, float]
"""Series with their values."""


@dataclass(slots=True, eq=False)
class Course:
    """A group: its states, when it is due, and the series that it has."""

    state: GroupState
    due: int | None = None
    """When it is evaluated next (ms); None before the first time."""
    series: Found = field(default_factory=dict)

    def is_due(self, t: int, early: int) -> bool:
        """Whether it is to be evaluated at `t`, which may be `early` (both ms)."""
        return self.due is None or t >= self.due - early

    def step(self, querier: Querier, t: int, every: int, write: Write, external: External) -> None:
        """Evaluate it at `t` (ms); it is due again `every` (ms) after it should have been, 0 for at once."""
        state, series = advance_group(self.state, querier, t, write, external)
        if self.due is None:
            before, state = samples(state.alerting), restore_group(state, querier, t)
            series = {labels: value for labels, value in series.items() if labels not in before}
            series |= samples(state.alerting)
        self.state, self.series = state, series
        due = (t if self.due is None else self.due) + every
        self.due = due if due > t else t + every


def begun(groups: Iterable[RuleGroup], before: Iterable[Course] = ()) -> tuple[Course, ...]:
    """The courses of groups; those that were there `before` go on where they are."""
    known = {_place(course.state.group): course for course in before}
    return tuple(_begun(group, known.get(_place(group))) for group in groups)


def _begun(group: RuleGroup, known: Course | None) -> Course:
    if known is None:
        return Course(begin_group(group))
    state = begin_group(group, known.state)
    # Where a rule is another one now its alerts are looked for at once: until then nobody can say that they are over.
    same = all(rule in known.state.rules for rule in state.rules)
    return Course(state, known.due if same else None, known.series)


def _place(group: RuleGroup) -> tuple[str, str]:
    return group.file, group.name
