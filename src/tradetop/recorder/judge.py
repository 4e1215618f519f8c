"""The judge: after each scrape, which thresholds are crossed and for how long."""

from __future__ import annotations

from collections.abc import Mapping

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.model.panel import Dashboard
from tradetop.promql import Engine
from tradetop.recorder.plan import Plan
from tradetop.recorder.record import Part, Record
from tradetop.rules.evaluate import RuleState, advance, begin, restore, samples
from tradetop.rules.thresholds import rules_of

NOTHING = Dashboard("", "", ())


class Judge:
    """Steps the rules of every bot of a record."""

    def __init__(self, record: Record, plan: Plan) -> None:
        self._record = record
        self._plan = plan
        self.dashboard = NOTHING
        """The dashboard that the rules were made from."""
        self._states: dict[Part, tuple[RuleState, ...]] = {}
        self._engines: dict[Part, Engine] = {}
        self.rules: Mapping[str, Rule] = {}
        """By name."""

    def prepare(self) -> None:
        """Make the rules of the dashboard that fits what the record holds by now."""
        dashboard = self._plan.dashboard()
        if dashboard is not self.dashboard:
            self.dashboard = dashboard
            rules = rules_of(dashboard)
            self.rules = {rule.name: rule for rule in rules}
            for part, states in self._states.items():
                known = {state.rule: state for state in states}
                self._states[part] = tuple(known.get(state.rule, state) for state in begin(rules))

    def judge(self, t: int) -> dict[Labels, float]:
        """The series of all alerts that are active at `t` (ms)."""
        self.prepare()
        parts = self._record.parts()
        found: dict[Labels, float] = {}
        for part in parts:
            found |= self._step(part, t, alone=len(parts) == 1)
        return found

    def _step(self, part: Part, t: int, *, alone: bool) -> dict[Labels, float]:
        born = self._record.target.born_counters
        engine = self._engines.setdefault(part, Engine(self._record.series(part), born_counters=born))
        before = self._states.get(part)
        states = advance(before or begin(self.rules.values()), engine, t)
        if before is None:
            states = restore(states, engine, t)
        self._states[part] = states
        found = samples(states)
        if alone or not part.bot_id:
            return found
        return {labels.merged({"bot_id": part.bot_id}): value for labels, value in found.items()}
