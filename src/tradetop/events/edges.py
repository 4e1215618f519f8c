"""Changes of state as events: scrapes that fail and recover, health, alerts."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.events.derive import OWN, derived
from tradetop.model.alert import Alert, AlertState
from tradetop.model.bot_event import BotEvent, EventClass, Fact
from tradetop.model.clock import SECOND
from tradetop.model.drill import MARK
from tradetop.model.failed_text import failed_texts
from tradetop.model.level import Level
from tradetop.model.target import Health, HealthState
from tradetop.model.unit import Kind, Unit

_HEALTH_LEVELS = {HealthState.UNHEALTHY: Level.CRITICAL, HealthState.DEGRADED: Level.WARNING}


_ELSEWHERE = frozenset({"alertname", "severity", "bot", "bot_id", MARK, *OWN})
"""Labels of an alert that its event says in another place, or that all of a bot's have."""


def scrape_edge(
    before: bool | None, after: bool, t: int, *, bot: str, reason: str = "", down_since: int | None = None
) -> tuple[BotEvent, ...]:
    """The event, if any, between two scrapes by whether they succeeded; None before the first."""
    if after and before is False:
        facts = () if down_since is None else (_lasted("down", t - down_since),)
        return (derived("scrape_recovered", EventClass.SCRAPE, t, bot, facts=facts),)
    if not after and before is not False:
        facts = (Fact("reason", reason),) if reason else ()
        return (derived("scrape_failed", EventClass.SCRAPE, t, bot, facts=facts, level=Level.CRITICAL),)
    return ()


def health_edges(before: Sequence[Health], after: Sequence[Health], t: int, *, bot: str) -> tuple[BotEvent, ...]:
    """Endpoints whose state changed; one that is merely seen for the first time, or starting, is none."""
    old = {health.role: health for health in before}
    return tuple(
        _health(old.get(health.role), health, t, bot) for health in after if _worth(old.get(health.role), health)
    )


def _worth(was: Health | None, now: Health) -> bool:
    state = HealthState.UNKNOWN if was is None else was.state
    if state is now.state or now.state is HealthState.STARTING:
        return False
    return now.state in _HEALTH_LEVELS or state in _HEALTH_LEVELS


def _health(was: Health | None, now: Health, t: int, bot: str) -> BotEvent:
    facts = [Fact("endpoint", now.role), Fact("state", now.state.value)]
    if now.reason:
        facts.append(Fact("reason", now.reason))
    if was is not None and was.since is not None:
        facts.append(_lasted(was.state.value, t - was.since))
    level = _HEALTH_LEVELS.get(now.state, Level.OK)
    return derived("health", EventClass.HEALTH, t, bot, subject=now.role, facts=tuple(facts), level=level)


def alert_edges(before: Sequence[Alert], after: Sequence[Alert], t: int, *, bot: str) -> tuple[BotEvent, ...]:
    """Alerts that began to fire, and alerts that ceased to, between two evaluations of the same rules."""
    old = {(alert.rule.name, alert.labels): alert for alert in before if alert.state is AlertState.FIRING}
    new = {(alert.rule.name, alert.labels): alert for alert in after if alert.state is AlertState.FIRING}
    fired = tuple(_alert(alert, "firing", t, bot, alert.rule.level) for key, alert in new.items() if key not in old)
    resolved = tuple(_alert(alert, "resolved", t, bot, Level.OK) for key, alert in old.items() if key not in new)
    return fired + resolved


def _alert(alert: Alert, state: str, t: int, bot: str, level: Level) -> BotEvent:
    facts = [Fact("alert", alert.rule.name), Fact("state", state)]
    if alert.server:
        facts.append(Fact("server", alert.server))
    known = _ELSEWHERE | alert.rule.labels.keys()
    facts += [Fact(name, value) for name, value in alert.labels.items() if name not in known]
    if state == "firing":
        if alert.value == alert.value:
            facts.append(Fact("value", alert.value, Kind.COUNT, Unit.SHORT))
        if alert.rule.condition:
            facts.append(Fact("limit", alert.rule.condition))
        failed = failed_texts(alert.rule, alert.labels, alert.annotations)
        facts += [Fact("failed", f"template of {text.name}: {text.why}") for text in failed]
    elif alert.fired_at is not None:
        facts.append(_lasted("fired", t - alert.fired_at))
    subject = f"{alert.server}{alert.rule.name} {alert.labels}"
    kind = f"alert_{state}"
    return derived(
        kind, EventClass.ALERT, t, bot, subject=subject, facts=tuple(facts), level=level, labels=alert.labels
    )


def _lasted(name: str, milliseconds: int) -> Fact:
    return Fact(name, max(0, milliseconds) / SECOND, Kind.DURATION, Unit.SECONDS)
