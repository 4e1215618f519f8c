"""Where the person is, and what they see: what a key makes a new state of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tradetop.model.frame import Frame
from tradetop.model.view import Focus, View
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.row import Box
from tradetop.tui.keymap import DEFAULT, Keymap

ROOTS = {ScreenName.OVERVIEW, ScreenName.FLEET}
"""The screens that nothing lies above."""
LEVELS = ROOTS | {ScreenName.DASHBOARD, ScreenName.LADDER}
"""The screens from whose rows a way leads down."""


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
    whole: Frame | None = None
    """The frame before it was redacted, where it was; it alone knows what to ask the source for."""

    def asked(self, focus: Focus) -> Focus:
        """A series of the frame, as the source knows it: its labels may have been redacted."""
        told, whole = (None if f is None else f.panel(focus.panel) for f in (self.frame, self.whole))
        if told is None or whole is None:
            return focus
        pairs = zip(told.series, whole.series, strict=True)
        real = next((w for t, w in pairs if t.query == focus.query and t.labels == focus.labels), None)
        return focus if real is None else replace(focus, labels=real.labels)


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


def advised(state: State, scene: Scene, what: str, how: str, *ids: str) -> State:
    """The state, with a line that says what is missing and how to get it; `{}` stands for the first key of each id.

    Where one of them has no key, there is nothing to advise.
    """
    keys = [scene.keymap.first(command, state.look.glyphs) for command in ids]
    return said(state, f"{what}: {how.format(*keys)}" if all(keys) else what)


def bot_first(state: State, scene: Scene) -> State:
    """The state, with the line that this needs a bot."""
    return advised(state, scene, "choose a bot first", "{} opens one", "open")


def pane_first(state: State, scene: Scene) -> State:
    """The state, with the line that this needs a pane."""
    return advised(state, scene, "choose a pane first", "{} to {}", "pane-alerts", "pane-cycle")


def to_bot(state: State, bot: int | None) -> State:
    """To a bot's overview, or (None) to all of them."""
    screen = ScreenName.FLEET if bot is None else ScreenName.OVERVIEW
    look = replace(state.look, screen=screen, focus=None, zoomed=False, selected=0, scroll=0, event="")
    return State(look, replace(state.view, bot=bot, focus=None, alert=None, errors=""), state.trail)
