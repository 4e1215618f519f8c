"""Which alert a key means: the one under the cursor, else the one that the screen is about; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradetop.model.alert import Alert
from tradetop.model.bot_event import BotEvent
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import LimitFrame
from tradetop.model.silence import fingerprint
from tradetop.model.view import Focus
from tradetop.panes import about, sorting
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.targets import event_of, target_of
from tradetop.tui.explain import alert_of_event
from tradetop.tui.state import Scene


def meant(look: Look, scene: Scene) -> Alert | None:
    """The alert as the source knows it; None where there is none, or it is over."""
    told, whole = scene.frame, scene.whole or scene.frame
    if told is None or whole is None or whole.subject is None:
        return None
    match look.screen:
        case ScreenName.EXPLAIN:
            return _explained(whole)
        case ScreenName.DETAIL:
            return _worst(about.alerts(whole, whole.detail)) if whole.detail is not None else None
        case ScreenName.EVENT | ScreenName.JSON:
            event = event_of(whole, look)
            return None if event is None else _of_event(whole, event)
        case ScreenName.OVERVIEW if look.focus is PaneName.ALERTS:
            return whole.alerts[look.selected] if look.selected < len(whole.alerts) else None
        case ScreenName.OVERVIEW if look.focus is None:
            return None
    if look.screen is ScreenName.LADDER or look.focus is PaneName.LIMITS:
        limits = sorting.limits(told, look)
        chosen = limits[look.selected] if look.selected < len(limits) else None
        index = next((i for i, limit in enumerate(told.limits) if limit is chosen), None)
        return None if index is None else _of_limit(whole, whole.limits[index])
    match target_of(told, look):
        case BotEvent(id=id):
            event = next((e for e in whole.feed.events if e.id == id), None)
            return None if event is None else _of_event(whole, event)
        case Focus() as focus:
            return _worst(_of_series(whole.alerts, focus.panel, scene.asked(focus).labels))
    return None


def _explained(frame: Frame) -> Alert | None:
    """The alert of an explanation as it is now."""
    of = None if frame.explained is None else frame.explained.alert
    wanted = "" if of is None else fingerprint("", of)
    return next((alert for alert in frame.alerts if fingerprint("", alert) == wanted), None)


def _of_event(frame: Frame, event: BotEvent) -> Alert | None:
    """The alert that an event tells of, which its id names where it is ours."""
    asked = alert_of_event(event)
    named = [] if asked is None else [alert for alert in frame.alerts if alert.rule.name in asked.rules]
    own = (alert for alert in named if event.id.endswith(f" {alert.rule.name} {alert.labels}") or _did(event, alert))
    return next(own, named[0] if len(named) == 1 else None)


def _did(event: BotEvent, alert: Alert) -> bool:
    """Whether the event is that this alert was silenced as it is."""
    return alert.silence is not None and alert.silence.id == event.id


def _of_limit(frame: Frame, limit: LimitFrame) -> Alert | None:
    """The worst alert of a limit's own rules, else of others that judge its series."""
    names = {threshold.alert for threshold in limit.panel.thresholds if threshold.alert}
    own = (alert for alert in frame.alerts if alert.rule.panel == limit.panel.id or alert.rule.name in names)
    found = [alert for alert in own if _agrees(alert, limit.labels)]
    return _worst(found or _of_series(frame.alerts, limit.panel.id, limit.labels))


def _of_series(alerts: Iterable[Alert], panel: str, labels: Labels | None) -> list[Alert]:
    return [a for a in alerts if panel in (a.rule.panel, *a.panels) and (labels is None or _agrees(a, labels))]


def _agrees(alert: Alert, labels: Labels) -> bool:
    return all(labels.get(name) in (value, None) for name, value in alert.labels.items())


def _worst(alerts: Sequence[Alert]) -> Alert | None:
    return max(alerts, key=about.urgency, default=None)
