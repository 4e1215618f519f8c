"""Where the person is, and what they see: what a key makes a new state of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tradetop.model.frame import Frame
from tradetop.model.view import View
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.row import Box
from tradetop.tui.keymap import DEFAULT, Keymap

ROOTS = {ScreenName.OVERVIEW, ScreenName.FLEET}
"""The screens that nothing lies above."""


@dataclass(frozen=True, slots=True)
class State:
    """Where the person is: how they look at what, and the way back."""

    look: Look
    view: View
    trail: tuple[Look, ...] = ()
    """The looks of the levels above, the outermost first."""
    kept: str = ""
    """The filter that Esc brings back while another one is typed."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the person sees while pressing a key, and what there is to choose from."""

    frame: Frame | None
    boxes: Sequence[Box] = ()
    keymap: Keymap = DEFAULT
    themes: Sequence[str] = ()


Go = Callable[[State, Scene, str], State]
"""What a command with an argument makes of a state."""
Move = Callable[[State, Scene], State]
"""What a key makes of a state; where it has no meaning, the same state."""


def seen(state: State, look: Look) -> State:
    """The state, looked at differently."""
    return replace(state, look=look)


def said(state: State, notice: str) -> State:
    """The state, with a passing line."""
    return replace(state, look=replace(state.look, notice=notice))


def to_bot(state: State, bot: int | None) -> State:
    """To a bot's overview, or (None) to all of them."""
    screen = ScreenName.FLEET if bot is None else ScreenName.OVERVIEW
    look = replace(state.look, screen=screen, focus=None, zoomed=False, selected=0, scroll=0, event="")
    return State(look, replace(state.view, bot=bot, focus=None), state.trail)
