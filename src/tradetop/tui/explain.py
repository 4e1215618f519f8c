"""Explaining: from an alert, a limit, a series or an alert's event to why it fires; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.view import AlertFocus, Focus
from tradetop.panes import about
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.targets import event_of, target_of
from tradetop.tui.descend import below
from tradetop.tui.state import Move, Scene, State, advised, pane_first, said, seen

_OF_ALERTS = frozenset([EventClass.ALERT, EventClass.ONCALL])
"""Events that tell of an alert."""


def _explain(state: State, scene: Scene) -> State:
    """To the explanation of what is under the cursor; of an alert's event as it was then."""
    look, frame = state.look, scene.frame
    if frame is None:
        return state
    if look.screen is ScreenName.OVERVIEW and look.focus is None:
        return pane_first(state, scene)
    asked = _asked(frame, scene, look)
    if asked is None:
        return advised(state, scene, "no alert, limit or series here", "{} explains one", "explain")
    if look.screen is ScreenName.EXPLAIN:
        if asked == state.view.alert:
            return said(state, "this is its explanation")
        return replace(seen(state, replace(look, selected=0)), view=replace(state.view, alert=asked))
    down = below(state, scene, replace(look, screen=ScreenName.EXPLAIN, selected=0, scroll=0, event=""))
    return replace(down, view=replace(down.view, alert=asked))


def _asked(frame: Frame, scene: Scene, look: Look) -> AlertFocus | None:
    """The alert that the cursor stands on, by the names and labels that the source knows."""
    if look.screen is ScreenName.DETAIL:
        return _of_series(frame, scene)
    if look.screen in {ScreenName.EVENT, ScreenName.JSON}:
        event = event_of(frame, look)
        return None if event is None else alert_of_event(event)
    if look.screen is ScreenName.OVERVIEW and look.focus is PaneName.ALERTS:
        return _of_strip(frame if scene.whole is None else scene.whole, look.selected)
    match target_of(frame, look):
        case BotEvent() as event:
            return alert_of_event(event)
        case Focus() as focus:
            return AlertFocus((), focus.panel, scene.asked(focus).labels)
    return None


def _of_strip(frame: Frame, row: int) -> AlertFocus | None:
    """The alert of a row, or the rule that can never fire: why each part of it gives nothing."""
    if row < len(frame.alerts):
        alert = frame.alerts[row]
        return AlertFocus((alert.rule.name,), alert.rule.panel, alert.labels)
    dead = frame.dead[row - len(frame.alerts) :]
    return AlertFocus((dead[0].rule.name,)) if dead else None


def _of_series(frame: Frame, scene: Scene) -> AlertFocus | None:
    """The worst alert of the series, else those of its rules: the nearest to its limit will be chosen."""
    of = (frame if scene.whole is None else scene.whole).detail
    if of is None:
        return None
    active = about.alerts(frame if scene.whole is None else scene.whole, of)
    worst = max(active, key=about.urgency, default=None)
    if worst is not None:
        return AlertFocus((worst.rule.name,), worst.rule.panel, worst.labels)
    return AlertFocus(tuple(rule.name for rule in of.rules), of.panel.id, of.series.labels)


def alert_of_event(event: BotEvent) -> AlertFocus | None:
    """The alert that began to fire, ceased to, or was acknowledged, at the event's time."""
    name = next((fact.value for fact in event.facts if fact.name == "alert"), None)
    if event.cls not in _OF_ALERTS or not isinstance(name, str):
        return None
    return AlertFocus((name,), at=event.t)


def _to_other(state: State, scene: Scene) -> State:
    """From the tree to the events and back."""
    of = None if scene.frame is None else scene.frame.explained
    if of is None or not of.events:
        return state
    from tradetop.panes.explain import rows_of

    first = len(rows_of(of))
    if state.look.selected >= first:
        return seen(state, replace(state.look, selected=0))
    nearest = min(range(len(of.events)), key=lambda i: abs(of.events[i].t - of.around))
    return seen(state, replace(state.look, selected=first + nearest))


EXPLAINS: Mapping[str, Move] = {"explain": _explain}
"""What the key means, by its id."""
WITHIN: Mapping[str, Move] = {"next": _to_other, "previous": _to_other}
"""What keys mean on the screen of an explanation."""
