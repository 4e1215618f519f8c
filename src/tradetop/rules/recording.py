"""Recording rules: an expression's result under another name (Prometheus' rules/recording.go)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tradetop.model.alert import RecordingRule
from tradetop.model.labels import NAME, Labels
from tradetop.model.ports import Querier
from tradetop.model.text import clean
from tradetop.promql import PromQLError
from tradetop.rules.evaluate import instant


@dataclass(frozen=True, slots=True)
class RecordingState:
    """A recording rule with what its last evaluation gave."""

    rule: RecordingRule
    series: frozenset[Labels] = frozenset()
    """The series that it wrote last."""
    error: str = ""
    """Why the last evaluation failed; it then wrote nothing."""
    evaluated_at: int | None = None


def record(
    state: RecordingState, querier: Querier, t: int, *, offset: int = 0, limit: int = 0
) -> tuple[RecordingState, dict[Labels, float]]:
    """Evaluate the rule at `t` less `offset` (ms): the new state, and the series with their values.

    The rule's labels stand over those of the result. It fails, and gives nothing, where the query does, where two
    series become alike, or where there are more of them than `limit` (0 for any number).
    """
    rule = state.rule
    found: dict[Labels, float] = {}
    try:
        for sample in instant(querier, rule.record, rule.expr, t - offset).samples:
            labels = sample.labels.without(*rule.removes).merged({NAME: rule.record, **rule.labels})
            if labels in found:
                raise PromQLError(f"{rule.record}: several series become {labels}")
            found[labels] = sample.value
        if limit and len(found) > limit:
            raise PromQLError(f"{rule.record}: gives {len(found)} series, and its group's limit is {limit}")
    except PromQLError as error:
        return replace(state, error=clean(str(error)), evaluated_at=t), {}
    return RecordingState(rule, frozenset(found), "", t), found
