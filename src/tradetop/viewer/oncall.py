"""What people did to a bot's alerts, and which they pretended, as parts of a frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tradetop.model.alert import Alert, Rule
from tradetop.model.drill import Drill
from tradetop.model.frame import BotFrame
from tradetop.model.silence import Silence
from tradetop.rules.silencing import attended


class Attention:
    """The alerts of one bot with what people did to them; the same object while nothing of it has changed."""

    def __init__(self) -> None:
        self._alerts: tuple[Alert, ...] = ()

    def of(
        self,
        alerts: Sequence[Alert],
        rules: Iterable[Rule],
        silences: Sequence[Silence],
        drills: Sequence[Drill],
        at: int,
    ) -> tuple[Alert, ...]:
        """The alerts at `at` (ms), those of drills last."""
        found = attended([*alerts, *pretended(drills, rules, at)], silences, at)
        if found != self._alerts:
            self._alerts = found
        return self._alerts


def pretended(drills: Sequence[Drill], rules: Iterable[Rule], at: int) -> list[Alert]:
    """The alerts of drills at `at` (ms), the latest of each alert alone; those that fire first, the worst before."""
    latest = {(drill.alert, drill.labels): drill for drill in drills if drill.active_at <= at < drill.until}
    if not latest:
        return []
    by_name = {rule.name: rule for rule in rules}
    known = ((drill, by_name.get(drill.alert)) for drill in latest.values())
    alerts = (drill.pretended(rule, at) for drill, rule in known if rule is not None)
    return sorted(filter(None, alerts), key=lambda alert: (not alert.is_firing, -alert.rule.level))


def counted(top: BotFrame, alerts: Iterable[Alert]) -> BotFrame:
    """A bot's header with how many of its alerts are quiet; drills do not count."""
    quiet = sum(alert.is_firing and alert.is_quiet and not alert.is_drill for alert in alerts)
    return top if quiet == top.quiet else replace(top, quiet=quiet)
