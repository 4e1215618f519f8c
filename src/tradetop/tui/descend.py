"""The way down from the overview and back up: pane, series, event, JSON."""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.bot_event import BotEvent
from tradetop.model.view import Focus
from tradetop.panes.look import ScreenName
from tradetop.panes.targets import target_of
from tradetop.tui.state import Move, Scene, State, said, seen, to_bot


def _open(state: State, scene: Scene) -> State:
    look = state.look
    target = None if scene.frame is None else target_of(scene.frame, look)
    trail = (*state.trail, look)
    match target:
        case Focus():
            down = replace(look, screen=ScreenName.DETAIL, selected=0, scroll=0)
            return State(down, replace(state.view, focus=target), trail)
        case BotEvent():
            return State(replace(look, screen=ScreenName.EVENT, event=target.id, scroll=0), state.view, trail)
        case int():
            return to_bot(State(look, state.view, trail), target)
    if look.screen is ScreenName.OVERVIEW:
        return said(state, "nothing to open here" if look.focus else "choose a pane first: 0 to 8")
    return state


def _back(state: State, _: Scene) -> State:
    look = state.look
    if look.screen is ScreenName.OVERVIEW and look.zoomed:
        return seen(state, replace(state.look, zoomed=False))
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
    )
    view = state.view if above.screen is ScreenName.DETAIL else replace(state.view, focus=None)
    if above.screen is ScreenName.FLEET:
        view = replace(view, bot=None)
    return State(back, view, state.trail[:-1])


def _help(state: State, scene: Scene) -> State:
    if state.look.screen is ScreenName.HELP:
        return _back(state, scene)
    return State(replace(state.look, screen=ScreenName.HELP, scroll=0), state.view, (*state.trail, state.look))


WAYS: dict[str, Move] = {"open": _open, "back": _back, "help": _help}
"""What the keys of the way down mean, by their ids."""
