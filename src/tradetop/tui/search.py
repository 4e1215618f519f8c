"""Searching the feed: from one event that matches, or one error, to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.panel import PaneName
from tradetop.panes.look import ScreenName
from tradetop.tui.state import Move, Scene, State, advised, bot_first, said, seen

Wanted = Callable[[BotEvent], bool]


def to_feed(state: State) -> State:
    """To the feed, from wherever the person is on the way down from a bot's overview."""
    look = state.look
    if look.screen is ScreenName.OVERVIEW and look.focus is PaneName.EVENTS:
        return state
    zoomed = look.zoomed and look.screen is ScreenName.OVERVIEW
    feed = replace(look, screen=ScreenName.OVERVIEW, focus=PaneName.EVENTS, tab=PaneName.EVENTS, zoomed=zoomed)
    return replace(
        state,
        look=replace(feed, selected=0, scroll=0, event="", crumbs=()),
        view=replace(state.view, focus=None, alert=None, event="", errors=""),
        trail=tuple(above for above in state.trail if above.screen is ScreenName.FLEET),
    )


def _match(state: State, scene: Scene, older: bool) -> State:
    if not state.view.filter:
        return advised(state, scene, "no filter", "{} sets one", "filter")
    # A frame that has not heard of what was typed last says nothing about it.
    if scene.frame is not None and scene.frame.view.filter == state.view.filter and scene.frame.feed.problem:
        return said(state, f"the filter cannot be read: {scene.frame.feed.problem}")
    return _seek(state, scene, older, lambda _: True, "event that matches")


def _error(state: State, scene: Scene, older: bool) -> State:
    return _seek(state, scene, older, lambda event: event.cls is EventClass.ERROR, "error")


def _seek(state: State, scene: Scene, older: bool, wanted: Wanted, what: str) -> State:
    """To the next event that is wanted; whoever comes from elsewhere begins at the newest."""
    if scene.frame is None or scene.frame.subject is None:
        return bot_first(state, scene)
    newest_first = [*reversed(scene.frame.feed.events)]
    here = state.look.screen is ScreenName.OVERVIEW and state.look.focus is PaneName.EVENTS
    at = state.look.selected if here else -1
    beyond = range(at + 1, len(newest_first)) if older or not here else range(at - 1, -1, -1)
    found = next((index for index in beyond if wanted(newest_first[index])), None)
    if found is None:
        if not any(map(wanted, newest_first)):
            return said(state, f"no {what} in the feed")
        return said(state, f"no {'older' if older else 'newer'} {what}")
    feed = to_feed(state)
    return seen(feed, replace(feed.look, selected=found, following=False))


SEARCHES: Mapping[str, Move] = {
    "match": lambda state, scene: _match(state, scene, older=False),
    "match-before": lambda state, scene: _match(state, scene, older=True),
    "error": lambda state, scene: _error(state, scene, older=False),
    "error-before": lambda state, scene: _error(state, scene, older=True),
}
"""What the keys mean, by their ids."""
