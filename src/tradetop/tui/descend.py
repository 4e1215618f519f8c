"""The way down from the overview and back up: pane, series, crosshair, event, JSON."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from tradetop.model.bot_event import BotEvent
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.view import Focus, View
from tradetop.panes.layout import crumbs as path
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.places import TITLES
from tradetop.panes.targets import group_of, index_of_event, target_of
from tradetop.tui.state import Move, Scene, State, advised, pane_first, said, seen, to_bot

_NOTHING = {
    PaneName.ALERTS: "this alert's rule belongs to no panel: there is no series to show",
    PaneName.STRATEGIES: "this row has no series of its own",
    PaneName.ERRORS: "its events are no longer in the feed",
    PaneName.EVENTS: "no event to open",
}
_NOWHERE = {
    ScreenName.DETAIL: "no event to open",
    ScreenName.EXPLAIN: "nothing to open here: no panel shows this part as a series",
}
END = 10_000
"""More columns than any chart has."""
_EVENTS = {ScreenName.EVENT, ScreenName.JSON}
PAGE = 3
"""Rows that a page key scrolls what is said about a series by."""


# Down


def _open(state: State, scene: Scene) -> State:
    look = state.look
    if look.screen is ScreenName.EVENT:
        return below(state, scene, replace(look, screen=ScreenName.JSON, scroll=0))
    target = None if scene.frame is None else target_of(scene.frame, look)
    match target:
        case Focus():
            down = below(state, scene, replace(look, screen=ScreenName.DETAIL, selected=0, scroll=0))
            return replace(down, view=replace(down.view, focus=scene.asked(target)))
        case BotEvent():
            group = group_of(scene.frame, look) if scene.frame is not None else None
            if group is not None and look.screen is ScreenName.OVERVIEW:
                down = below(state, scene, replace(look, screen=ScreenName.ERRORS, selected=0, scroll=0))
                return replace(down, view=replace(down.view, errors=group.fingerprint))
            return _to_event(state, scene, target)
        case int():
            return to_bot(replace(state, trail=(*state.trail, look)), target)
    if look.screen is ScreenName.OVERVIEW:
        return pane_first(state, scene) if look.focus is None else said(state, _nothing(look, scene.frame))
    return said(state, _NOWHERE[look.screen]) if look.screen in _NOWHERE else state


def below(state: State, scene: Scene, look: Look) -> State:
    """One level further down, or back up to the level of this screen: of none is there one above another."""
    above = state.look
    same = next((i for i, level in enumerate(state.trail) if level.screen is look.screen), None)
    if same is not None:
        trail = state.trail[:same]
        view = _needed(state.view, look.screen, {look.screen, *(level.screen for level in trail)})
        return replace(state, look=replace(look, crumbs=state.trail[same].crumbs), view=view, trail=trail)
    crumbs = above.crumbs
    if above.screen is ScreenName.OVERVIEW:
        crumbs = (TITLES[above.focus],) if above.focus in TITLES else ()
    elif above.screen in {ScreenName.DASHBOARD, ScreenName.LADDER}:
        crumbs = (above.screen.value,)
    elif ScreenName.EXPLAIN in {above.screen, look.screen}:
        crumbs = path(scene.frame, above)
    return replace(state, look=replace(look, crumbs=crumbs), trail=(*state.trail, above))


def _to_event(state: State, scene: Scene, event: BotEvent) -> State:
    down = below(state, scene, replace(state.look, screen=ScreenName.EVENT, event=event.id, scroll=0))
    return replace(down, view=replace(down.view, event=event.id))


def _nothing(look: Look, frame: Frame | None) -> str:
    """Why there is nothing below the row under the cursor."""
    pane = look.focus or PaneName.ALERTS
    if pane is PaneName.ALERTS and frame is not None:
        dead = dict(enumerate(frame.dead, len(frame.alerts))).get(look.selected)
        if dead is not None:
            said = f"{dead.rule.name} can never fire: {dead.reason}"
            return f"{said}; this could: {dead.suggestion}" if dead.suggestion else said
        if not frame.alerts:
            return "no alert to open"
    return _NOTHING.get(pane, "nothing to open here: this pane has no series yet")


def _json(state: State, scene: Scene) -> State:
    """To the JSON of the event that is open or under the cursor, by way of the event."""
    if state.look.screen is ScreenName.JSON:
        return state
    if state.look.screen is not ScreenName.EVENT:
        target = None if scene.frame is None else target_of(scene.frame, state.look)
        if not isinstance(target, BotEvent):
            return advised(state, scene, "no event here", "{} shows the JSON of one", "json")
        state = _to_event(state, scene, target)
    return _open(state, scene)


# Up


def _back(state: State, scene: Scene) -> State:
    look, view = state.look, state.view
    if look.screen is ScreenName.OVERVIEW and look.zoomed:
        return seen(state, replace(state.look, zoomed=False))
    if look.screen is ScreenName.DETAIL and view.focus is not None and view.focus.at is not None:
        return replace(state, view=replace(view, focus=replace(view.focus, at=None)))
    if look.screen is ScreenName.OVERVIEW and look.focus is None and view.filter:
        return said(replace(state, view=replace(view, filter="")), "the feed shows everything again")
    if not state.trail:
        return seen(state, replace(state.look, focus=None, selected=0))
    above = state.trail[-1]
    back = replace(
        look,
        screen=above.screen,
        focus=above.focus,
        zoomed=above.zoomed,
        selected=above.selected,
        scroll=above.scroll,
        event=above.event,
        crumbs=above.crumbs,
    )
    # Others may have come while an event was looked at.
    at = None if scene.frame is None or not look.event else index_of_event(scene.frame, back, look.event)
    back = back if at is None else replace(back, selected=at)
    left = {above.screen, *(level.screen for level in state.trail[:-1])}
    return State(back, _needed(view, above.screen, left), state.trail[:-1], state.kept)


def _needed(view: View, screen: ScreenName, left: Set[ScreenName]) -> View:
    """The view without what none of the screens that are left has a use for."""
    return replace(
        view,
        focus=view.focus if ScreenName.DETAIL in left else None,
        alert=view.alert if ScreenName.EXPLAIN in left else None,
        event="" if left.isdisjoint(_EVENTS) else view.event,
        errors=view.errors if ScreenName.ERRORS in left else "",
        bot=None if screen is ScreenName.FLEET else view.bot,
    )


def _help(state: State, scene: Scene) -> State:
    if state.look.screen is ScreenName.HELP:
        return _back(state, scene)
    trail = (*state.trail, state.look)
    return replace(state, look=replace(state.look, screen=ScreenName.HELP, scroll=0), trail=trail)


# Beside: the crosshair, and the events around it


def _aim(state: State, scene: Scene, by: int) -> State:
    """The crosshair so many columns to the right; the first press brings it in from the end of the chart."""
    focus = state.view.focus
    if focus is None or scene.frame is None or not scene.boxes:
        return state
    width = max(box.x + box.width for box in scene.boxes)
    height = max(box.y + box.height for box in scene.boxes)
    from tradetop.panes.detail import charted  # Screens below the overview are loaded when somebody goes down.

    plot = charted(scene.frame, state.look, width, height)
    if plot is None:
        return said(state, "no chart to look at")
    at = min(plot.beside(focus.at, by), scene.frame.at)
    return replace(state, view=replace(state.view, focus=replace(focus, at=at)))


def _choose(state: State, scene: Scene, by: int) -> State:
    """The event so many rows below; they count from the newest, which is at the bottom."""
    detail = None if scene.frame is None else scene.frame.detail
    last = max(0, len(detail.events) - 1) if detail is not None else 0
    return seen(state, replace(state.look, selected=max(0, min(last, state.look.selected - by))))


def _scroll(state: State, _: Scene, by: int) -> State:
    return seen(state, replace(state.look, scroll=max(0, state.look.scroll + by)))


def settled(state: State, old: Frame | None, new: Frame) -> State:
    """The state when a frame arrives: the cursor stays on its event, or goes to the one nearest to a new crosshair."""
    if state.look.screen is not ScreenName.DETAIL or new.detail is None or not new.detail.events:
        return state
    events, around = new.detail.events, new.detail.around
    before = None if old is None else old.detail
    crossed = new.view.focus is not None and new.view.focus.at is not None
    if crossed and around is not None and (before is None or before.around != around):
        nearest = min(range(len(events)), key=lambda i: abs(events[i].t - around))
        return seen(state, replace(state.look, selected=len(events) - 1 - nearest))
    from tradetop.panes.around import chosen

    event = None if before is None or not state.look.selected else chosen(before, state.look)
    index = next((i for i, e in enumerate(events) if event is not None and e.id == event.id), None)
    selected = min(state.look.selected, len(events) - 1) if index is None else len(events) - 1 - index
    return seen(state, replace(state.look, selected=selected))


def with_crosshair(frame: Frame, view: View) -> Frame:
    """The frame with the crosshair where the person moved it; of another series or alert it shows nothing yet."""
    if frame.view.alert != view.alert:
        frame = replace(frame, view=replace(frame.view, alert=None), explained=None)
    if frame.view.errors != view.errors:
        frame = replace(frame, view=replace(frame.view, errors=""), group=None)
    has, wants = frame.view.focus, view.focus
    if has == wants:
        return frame
    if has is not None and wants is not None and replace(has, at=None) == replace(wants, at=None):
        return replace(frame, view=replace(frame.view, focus=wants))
    return replace(frame, view=replace(frame.view, focus=None), detail=None)


def moves_crosshair(before: View, after: View) -> bool:
    """Whether nothing but the crosshair has moved: the frame at hand can show that, what is around it may wait."""
    if before.focus is None or after.focus is None or after.focus.at is None:
        return False
    return before != after and replace(before, focus=after.focus) == after and before.focus.panel == after.focus.panel


def _repeat(state: State, scene: Scene, by: int) -> State:
    """To the event before or after among those that one row of the feed tells."""
    frame, opened = scene.frame, state.look.event
    row = None if frame is None else next((event for event in frame.feed.events if event.tells(opened)), None)
    if row is None or not row.repeats:
        return said(state, "this event repeats no other")
    told = row.told
    at = next(i for i, event in enumerate(told) if event.id == opened)
    event = told[max(0, min(len(told) - 1, at + by))]
    return replace(state, look=replace(state.look, event=event.id, scroll=0), view=replace(state.view, event=event.id))


WAYS: dict[str, Move] = {"open": _open, "back": _back, "json": _json, "help": _help}
"""What the keys of the way down mean, by their ids."""

BESIDE: dict[str, Move] = {
    "left": lambda state, scene: _aim(state, scene, -1),
    "right": lambda state, scene: _aim(state, scene, 1),
    "top": lambda state, scene: _aim(state, scene, -END),
    "bottom": lambda state, scene: _aim(state, scene, END),
    "up": lambda state, scene: _choose(state, scene, -1),
    "down": lambda state, scene: _choose(state, scene, 1),
    "page-up": lambda state, scene: _scroll(state, scene, -PAGE),
    "page-down": lambda state, scene: _scroll(state, scene, PAGE),
}
"""What keys mean on the screen of a series."""

REPEATS: dict[str, Move] = {
    "left": lambda state, scene: _repeat(state, scene, -1),
    "right": lambda state, scene: _repeat(state, scene, 1),
}
"""What keys mean on the screen of an event."""
