"""Alerts read back from the series that the left half writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import SECOND
from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.level import Presence, severity_level
from tradetop.model.panel import Panel
from tradetop.model.panel_frame import PanelFrame
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.promql import Engine, PromQLError
from tradetop.rules.expanding import External, expanding
from tradetop.rules.recall import Lasting, Recall, Told, Values, is_within
from tradetop.viewer.reading import samples

_ORDER = {AlertState.FIRING: 0, AlertState.PENDING: 1, AlertState.RESOLVED: 2}


def alerts(
    querier: Querier,
    rules: Sequence[Rule],
    at: int,
    *,
    stopped_at: int | None = None,
    wide: Querier | None = None,
    external: Labels = EMPTY,
    lasting: Lasting | None = None,
    panels: Sequence[PanelFrame] = (),
) -> tuple[Alert, ...]:
    """The alerts at `at` (ms): firing first, then pending, worst and oldest first.

    Where the data stopped at `stopped_at`, what was firing then follows, with `last_seen` set. Of the thresholds
    of one series only the worst is kept. Rules of files are asked of `wide`, where that is given; their templates see
    the `external` labels. What is kept firing has the value that it had last, which `lasting` remembers. What `panels`
    show at that time is not evaluated again for their thresholds.
    """
    wide, lasting = wide or querier, lasting or Lasting()
    recall, source = Recall(rules), _Source(querier, wide, External(external), lasting)
    shown = {frame.panel.id: frame for frame in panels}

    def told(rule: Rule, labels: Labels) -> Sample | None:
        return _read(shown[rule.panel], rule, labels, at) if rule.panel in shown else None

    now = _active(source, recall, at, told)
    found = list(now.values())
    if stopped_at is not None:
        then = _active(source, recall, stopped_at)
        found += [
            replace(a, last_seen=stopped_at)
            for key, a in then.items()
            if key not in now and a.state is AlertState.FIRING
        ]
    return ordered(_worst_of_each(found, rules))


def ordered(found: Iterable[Alert]) -> tuple[Alert, ...]:
    """Alerts as they are shown: firing first, then pending, worst and oldest first; last what was firing."""
    return tuple(sorted(found, key=lambda a: (a.last_seen is not None, _ORDER[a.state], -a.rule.level, a.active_at)))


def shown_by(found: Sequence[Alert], panels: Sequence[Panel], engine: Engine) -> tuple[Alert, ...]:
    """The alerts with the panels that show what they are about: a threshold's own, else those of the same metrics."""
    if all(alert.rule.panel for alert in found):
        return tuple(replace(alert, panels=(alert.rule.panel,)) for alert in found)
    names = {panel.id: frozenset[str]().union(*(_names(engine, q.expr) for q in panel.queries)) for panel in panels}

    def showing(rule: Rule) -> tuple[str, ...]:
        if rule.panel:
            return (rule.panel,)
        named = _names(engine, rule.expr)
        return tuple(panel for panel, metrics in names.items() if not named.isdisjoint(metrics))

    return tuple(replace(alert, panels=showing(alert.rule)) for alert in found)


def _names(engine: Engine, expr: str) -> frozenset[str]:
    try:
        return engine.metric_names(expr) if expr else frozenset()
    except PromQLError:
        return frozenset()


@dataclass(frozen=True, slots=True)
class _Source:
    """What alerts are read from."""

    own: Querier
    wide: Querier
    """What rules of files see."""
    external: External
    lasting: Lasting


def _read(frame: PanelFrame, rule: Rule, labels: Labels, at: int) -> Sample | None:
    """The element behind an alert of a panel's threshold, where the panel shows it past that threshold at `at` (ms)."""
    panel = frame.panel
    limit = next((t for t in panel.thresholds if rule.summary == f"{panel.title} {t}"), None)
    for series in frame.series:
        reading = series.reading
        if limit is None or reading.value is None or reading.unit is not panel.unit:
            continue
        live = reading.presence is Presence.LIVE
        if live and limit.crossed(reading.value) and is_within(series.labels, rule, labels):
            return Sample(series.labels, at, reading.value)
    return None


def _active(source: _Source, recall: Recall, at: int, told: Told = lambda _, __: None) -> dict[Labels, Alert]:
    since = {_identity(s.labels): int(s.value * SECOND) for s in samples(source.own, "ALERTS_FOR_STATE", at)}
    values = Values(source.own, at, source.wide, told)
    found: dict[Labels, Alert] = {}
    for sample in samples(source.own, "ALERTS", at):
        key = _identity(sample.labels)
        rule = recall.rule(key) or _unknown(key)
        state = AlertState(sample.labels.get("alertstate", AlertState.FIRING.value))
        active_at = since.get(key, sample.t)
        labels = key.without("alertname")
        fired_at = active_at + rule.hold if state is AlertState.FIRING else None
        if key not in found or state is AlertState.FIRING:
            element = source.lasting.of(values, rule, labels, active_at)
            dress = expanding(source.wide, element.t, source.external)
            texts = dress(rule, element)[1] if rule.annotations else EMPTY
            found[key] = Alert(rule, labels, state, element.value, active_at, fired_at, annotations=texts)
    return found


def _unknown(key: Labels) -> Rule:
    """The rule of an alert that another process raised, by rules that this one was not given."""
    severity = key.get("severity", "")
    return Rule(key.get("alertname", ""), "", level=severity_level(severity), labels=Labels({"severity": severity}))


def _identity(labels: Labels) -> Labels:
    return labels.without(NAME, "alertstate")


def _worst_of_each(found: Sequence[Alert], rules: Sequence[Rule]) -> list[Alert]:
    """Of the thresholds of one series the most severe; of those as severe the last in the panel's order."""
    order = {rule: i for i, rule in enumerate(rules)}
    worst: dict[tuple[object, ...], Alert] = {}
    for alert in sorted(found, key=lambda a: order.get(a.rule, len(order))):
        # Rules of a file may be alike but for their labels; each is an alert of its own.
        own = alert.labels.without("severity") if alert.rule.panel else alert.labels
        subject = (alert.rule.panel or alert.rule.name, alert.state, own)
        if subject not in worst or alert.rule.level >= worst[subject].rule.level:
            worst[subject] = alert
    return list(worst.values())
