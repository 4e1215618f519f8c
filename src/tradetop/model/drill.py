"""Fire drills: alerts that a person only pretends, to see what would become of them."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.labels import Labels

MARK = "drill"
"""The label by which a pretended alert is told from the real one: what is done to the one is not done to the other."""


@dataclass(frozen=True, slots=True)
class Drill:
    """One pretended alert; times in milliseconds since the epoch."""

    id: str
    alert: str
    """The name of its rule."""
    labels: Labels
    """With `MARK` among them."""
    value: float
    active_at: int
    fires_at: int
    until: int

    def pretended(self, rule: Rule, at: int) -> Alert | None:
        """The alert that it stands for at `at` (ms); None where it is over, or has not begun."""
        if not self.active_at <= at < self.until:
            return None
        fires = at >= self.fires_at
        state = AlertState.FIRING if fires else AlertState.PENDING
        return Alert(
            rule, self.labels, state, self.value, self.active_at, self.fires_at if fires else None, is_drill=True
        )
