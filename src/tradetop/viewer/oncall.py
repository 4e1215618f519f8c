"""What people did to a bot's alerts, and which they pretended, as parts of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from tradetop.model.alert import Alert, Rule
from tradetop.model.drill import Drill
from tradetop.model.frame import BotFrame
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.silence import Silence
from tradetop.rules.alerting import ALERTNAME
from tradetop.rules.recall import Recall
from tradetop.rules.silencing import attended

Texts = Callable[[Rule, Drill], Labels]
"""The annotations of a drill's alert, with their templates expanded."""


class Attention:
    """The alerts of one bot with what people did to them; the same object while nothing of it has changed."""

    def __init__(self, texts: Texts = lambda _rule, _drill: EMPTY) -> None:
        self._texts = texts
        self._known: dict[tuple[Rule, Drill], Labels] = {}
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
        found = attended([*alerts, *pretended(drills, rules, at, self._worded)], silences, at)
        if found != self._alerts:
            self._alerts = found
        return self._alerts

    def _worded(self, rule: Rule, drill: Drill) -> Labels:
        """The texts of a drill, which are made once."""
        key = rule, drill
        if key not in self._known:
            self._known = {known: texts for known, texts in self._known.items() if known[1].until > drill.active_at}
            self._known[key] = self._texts(rule, drill)
        return self._known[key]


def pretended(drills: Sequence[Drill], rules: Iterable[Rule], at: int, texts: Texts) -> list[Alert]:
    """The alerts of drills at `at` (ms), the latest of each alert alone; those that fire first, the worst before."""
    latest = {(drill.alert, drill.labels): drill for drill in drills if drill.active_at <= at < drill.until}
    if not latest:
        return []
    found = [*rules]
    by_name, recall = {rule.name: rule for rule in found}, Recall(found)
    alerts: list[Alert] = []
    for drill in latest.values():
        rule = recall.rule(drill.labels.merged({ALERTNAME: drill.alert})) or by_name.get(drill.alert)
        alert = None if rule is None else drill.pretended(rule, at)
        if alert is not None:
            alerts.append(replace(alert, annotations=texts(alert.rule, drill)))
    return sorted(alerts, key=lambda alert: (not alert.is_firing, -alert.rule.level))


def counted(top: BotFrame, alerts: Iterable[Alert]) -> BotFrame:
    """A bot's header with how many of its alerts are quiet; drills do not count."""
    quiet = sum(alert.is_firing and alert.is_quiet and not alert.is_drill for alert in alerts)
    return top if quiet == top.quiet else replace(top, quiet=quiet)
