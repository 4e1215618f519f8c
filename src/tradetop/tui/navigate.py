"""Navigation: what a key makes of where the person is; pure, so that every way can be tested by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.moves import Side, after, towards
from tradetop.panes.places import TABS
from tradetop.panes.targets import moved_to, selectable
from tradetop.tui import descend
from tradetop.tui.adjust import ADJUSTMENTS, CHOSEN
from tradetop.tui.asking import edits
from tradetop.tui.commands import PLACES
from tradetop.tui.descend import BESIDE, REPEATS, WAYS
from tradetop.tui.explain import EXPLAINS, WITHIN
from tradetop.tui.prompt import PROMPTS
from tradetop.tui.search import SEARCHES
from tradetop.tui.state import LEVELS, ROOTS, Go, Move, Scene, State, bot_first, pane_first, said, seen, to_bot

PAGE = 10
"""Rows that a page key moves by."""
WHEEL = 3
"""And that one notch of the wheel does."""
END = 10_000
"""A scroll position past the end of every screen."""


def step(state: State, scene: Scene, key: str) -> State:
    """What the key with this id (see `keys.KEYS`) makes of the state; a key without a meaning here changes nothing.

    Commands of the palette may have an argument, such as `bot:2`.
    """
    if key.startswith("pane-"):
        return _to_pane(state, scene, PaneName(key.removeprefix("pane-")))
    name, _, argument = key.partition(":")
    if argument:
        return _GOES[name](state, scene, argument) if name in _GOES else state
    move = _OWN.get(state.look.screen, {}).get(key) or _MOVES.get(key)
    return state if move is None else move(state, scene)


def settled(state: State, old: Frame | None, new: Frame) -> State:
    """What the arrival of a frame makes of the state.

    Whether all bots or one are shown is for the frame to say; and the cursor stays on its event while others come in.
    """
    state = descend.settled(state, old, new)
    look = state.look
    root = ScreenName.FLEET if new.subject is None and new.bots else ScreenName.OVERVIEW
    if look.screen in ROOTS and look.screen is not root:
        return replace(state, look=replace(look, screen=root, selected=0, zoomed=False))
    if old is not None and look.focus is PaneName.EVENTS and not look.following and look.screen is ScreenName.OVERVIEW:
        newer = _newer(old, new, look.selected)
        look = replace(look, selected=look.selected + newer, scroll=look.scroll + newer)
    elif old is not None and look.screen in {*LEVELS, ScreenName.EXPLAIN, ScreenName.ERRORS}:
        look = _on_its_row(look, old, new)
    # A filter, or time, may have taken rows away.
    last = selectable(new, look) - 1
    return seen(state, look if look.selected <= max(0, last) else replace(look, selected=max(0, last)))


def _on_its_row(look: Look, old: Frame, new: Frame) -> Look:
    """The look with the cursor on what it stood on, though rows have changed places."""
    feed = look.screen is ScreenName.OVERVIEW and look.focus is PaneName.EVENTS
    at = None if feed else moved_to(old, new, look)
    return look if at is None else replace(look, selected=at)


def _newer(old: Frame, new: Frame, selected: int) -> int:
    """How many events have come in after the one under the cursor."""
    index = len(old.feed.events) - 1 - selected
    if not 0 <= index < len(old.feed.events):
        return 0
    chosen, events = old.feed.events[index], new.feed.events
    at = next((i for i, event in enumerate(reversed(events)) if event.tells(chosen.id)), None)
    if at is None and events and chosen.t <= events[0].t:
        # It has left memory: the oldest that is left is the nearest to it.
        at = len(events) - 1
    return 0 if at is None else at - selected


# Panes


def _to_pane(state: State, scene: Scene, pane: PaneName) -> State:
    """To a pane of the overview from wherever the person is; to a pane that has the focus already: zoom."""
    look = state.look
    if look.screen is ScreenName.OVERVIEW and look.focus is pane:
        return seen(state, replace(state.look, zoomed=not look.zoomed))
    if look.screen is ScreenName.FLEET or (scene.frame is not None and scene.frame.subject is None):
        return bot_first(state, scene)
    tab = pane if pane in TABS else look.tab
    trail = tuple(above for above in state.trail if above.screen is ScreenName.FLEET)
    return State(
        replace(look, screen=ScreenName.OVERVIEW, focus=pane, tab=tab, selected=0, scroll=0, event=""),
        replace(state.view, focus=None, alert=None, errors=""),
        trail,
    )


def _to_screen(state: State, scene: Scene, screen: ScreenName) -> State:
    """To a bot's dashboard or ladder, which lie below the overview."""
    look = state.look
    if look.screen is screen:
        return state
    if look.screen is ScreenName.FLEET:
        return bot_first(state, scene)
    above = (*state.trail, look) if look.screen is ScreenName.OVERVIEW else state.trail
    return State(
        replace(look, screen=screen, selected=0, scroll=0, event=""),
        replace(state.view, focus=None, alert=None, errors=""),
        tuple(level for level in above if level.screen in ROOTS),
    )


def _next(state: State, scene: Scene, by: int = 1) -> State:
    if state.look.screen is not ScreenName.OVERVIEW:
        return _row(state, scene, by)
    pane = after(scene.boxes, state.look.focus, by)
    return state if pane is None or pane is state.look.focus else _to_pane(state, scene, pane)


def _sideways(state: State, scene: Scene, side: Side, by: int) -> State:
    if state.look.screen is ScreenName.OVERVIEW:
        return _towards(state, scene, side)
    return _row(state, scene, by) if state.look.screen is ScreenName.DASHBOARD else state


def _towards(state: State, scene: Scene, side: Side) -> State:
    if state.look.zoomed:
        return state
    pane = towards(scene.boxes, state.look.focus, side)
    return state if pane is None or pane is state.look.focus else _to_pane(state, scene, pane)


def _zoom(state: State, scene: Scene) -> State:
    if state.look.screen is not ScreenName.OVERVIEW:
        return state
    if state.look.focus is None:
        return pane_first(state, scene)
    return seen(state, replace(state.look, zoomed=not state.look.zoomed))


# Rows


def _row(state: State, scene: Scene, by: int) -> State:
    """Move the cursor down by some rows, within what there is; screens without a cursor scroll."""
    count = 0 if scene.frame is None else selectable(scene.frame, state.look)
    if not count:
        return (
            state
            if state.look.screen in ROOTS
            else seen(state, replace(state.look, scroll=max(0, state.look.scroll + by)))
        )
    if _upwards(state.look):
        by = -by
    selected = max(0, min(count - 1, state.look.selected + by))
    following = state.look.following and not (_upwards(state.look) and selected > state.look.selected)
    scroll = 0 if _upwards(state.look) and not selected else state.look.scroll
    return seen(state, replace(state.look, selected=selected, scroll=scroll, following=following))


def _to_row(state: State, scene: Scene, index: str) -> State:
    """To the row of this number, as the mouse says it."""
    return _row(state, scene, (int(index) - state.look.selected) * (-1 if _upwards(state.look) else 1))


def _vertical(state: State, scene: Scene, by: int) -> State:
    """A row further, or to the next pane where there is no such row."""
    look = state.look
    if look.screen is not ScreenName.OVERVIEW:
        return _row(state, scene, by)
    moved = state if look.focus is None else _row(state, scene, by)
    if moved.look.selected != look.selected or look.zoomed:
        return moved
    return _towards(state, scene, Side.DOWN if by > 0 else Side.UP)


def _upwards(look: Look) -> bool:
    """Whether the rows count from the bottom, as in the feed."""
    return look.screen is ScreenName.OVERVIEW and look.focus is PaneName.EVENTS


def _bottom(state: State, scene: Scene) -> State:
    moved = _row(state, scene, END)
    return seen(moved, replace(moved.look, following=True)) if _upwards(state.look) else moved


def _fold(state: State, _: Scene) -> State:
    folded = not state.view.folded
    what = "events that repeat themselves are one row" if folded else "each event has a row of its own"
    return said(replace(state, view=replace(state.view, folded=folded)), what)


def _follow(state: State, _: Scene) -> State:
    following = not state.look.following
    look = replace(state.look, following=following)
    return seen(state, replace(look, selected=0, scroll=0) if following and _upwards(look) else look)


# Bots


def _bots(state: State, scene: Scene) -> State:
    """All bots, then each, then all again."""
    count = 0 if scene.frame is None else len(scene.frame.bots)
    if count < 2:
        return said(state, "there is only one bot")
    following = 0 if state.view.bot is None else state.view.bot + 1
    return to_bot(replace(state, trail=()), following if following < count else None)


_OWN: dict[ScreenName, Mapping[str, Move]] = {
    ScreenName.DETAIL: BESIDE,
    ScreenName.EXPLAIN: WITHIN,
    ScreenName.EVENT: REPEATS,
    ScreenName.JSON: REPEATS,
    ScreenName.ANSWER: {"open": edits},
}
"""What keys mean on one screen alone."""
_MOVES: dict[str, Move] = {
    **WAYS,
    **EXPLAINS,
    **ADJUSTMENTS,
    **SEARCHES,
    **PROMPTS,
    "dashboard": lambda state, scene: _to_screen(state, scene, ScreenName.DASHBOARD),
    "ladder": lambda state, scene: _to_screen(state, scene, ScreenName.LADDER),
    "next": _next,
    "previous": lambda state, scene: _next(state, scene, -1),
    "left": lambda state, scene: _sideways(state, scene, Side.LEFT, -1),
    "right": lambda state, scene: _sideways(state, scene, Side.RIGHT, 1),
    "up": lambda state, scene: _vertical(state, scene, -1),
    "down": lambda state, scene: _vertical(state, scene, 1),
    "page-up": lambda state, scene: _row(state, scene, -PAGE),
    "page-down": lambda state, scene: _row(state, scene, PAGE),
    "top": lambda state, scene: _row(state, scene, -END),
    "bottom": _bottom,
    "wheel-up": lambda state, scene: _row(state, scene, -WHEEL),
    "wheel-down": lambda state, scene: _row(state, scene, WHEEL),
    "follow": _follow,
    "fold": _fold,
    "zoom": _zoom,
    "bots": _bots,
}
"""What each key means, by its id."""
_GOES: dict[str, Go] = {**PLACES, **CHOSEN, "row": _to_row}
"""What the commands with an argument mean, by what stands before the colon."""
