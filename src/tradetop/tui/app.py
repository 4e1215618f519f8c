"""The app: frames and keys come in, drawings go out; it never asks for data and never waits for any."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO

from rich.console import Console, RenderableType
from textual import work
from textual.app import App
from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Resize
from textual.filter import LineFilter
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from tradetop.model.clock import SECOND, Clock, SystemClock
from tradetop.model.frame import Frame
from tradetop.model.ports import FrameSource
from tradetop.model.view import View
from tradetop.panes.layout import Painter
from tradetop.panes.look import Look
from tradetop.panes.row import Box
from tradetop.theme import Depth, Theme
from tradetop.tui.aging import aged
from tradetop.tui.canvas import Canvas
from tradetop.tui.host import Host
from tradetop.tui.inbox import Inbox, urgent
from tradetop.tui.keys import hints
from tradetop.tui.navigate import settled, step
from tradetop.tui.palette import Palette
from tradetop.tui.screenshot import Save, Shot, save_screenshot
from tradetop.tui.state import Scene, State
from tradetop.tui.terminal import TerminalDriver
from tradetop.tui.wall import Wall

TICKS = (500, 1_000, 2_000, 5_000, 10_000)
"""Milliseconds between two drawings, as + and - step through them."""
NOTICE = 5 * SECOND
"""How long a passing line stays."""
ALT = "alt+"
RETRY = 0.02
"""Seconds after which a terminal that was busy is tried again."""
POINTS_STEP = 60
"""Columns of history are asked for in such steps, so that a slightly larger window asks for nothing new."""

Draw = Callable[[Frame | None, Look, int, int], tuple[Box, ...]]
"""Draws a frame for a look, a width and a height."""
Zone = Callable[[int], tuple[int, str]]
"""Minutes east of UTC, and the zone's name, at a time (ms)."""


def local_zone(t: int) -> tuple[int, str]:
    """The machine's own time zone at `t` (ms)."""
    local = time.localtime(t / SECOND)
    return local.tm_gmtoff // 60, local.tm_zone


class TradetopApp(App[None], inherit_bindings=False):
    """Hosts the drawings of a frame source's frames in a terminal."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        source: FrameSource,
        theme: Theme,
        *,
        look: Look | None = None,
        view: View | None = None,
        clock: Clock | None = None,
        tick: int = SECOND,
        save: Save | None = None,
        zone: Zone = local_zone,
        depth: Depth = Depth.TRUE,
        draw: Draw | None = None,
    ) -> None:
        super().__init__(driver_class=TerminalDriver, ansi_color=True)
        self.animation_level = "none"
        # The palette has matched the colours to the terminal already: none may be changed on the way out.
        self.console = Console(color_system="truecolor", file=StringIO(), force_terminal=True, legacy_windows=False)
        self.wall = Wall()
        self.entered = False
        """Something of ours is on the terminal's alternate screen already."""
        self.fault: BaseException | None = None
        """What ended the program, if it was a fault of ours."""
        self._source = source
        self._theme = theme
        self._clock = clock or SystemClock()
        self._state = State(look or Look(), view or View())
        self._tick = tick
        self._save = save
        self._zone = zone
        self._draw = draw or Painter().screen
        self._canvas = Canvas(Palette(theme, depth).style, self.wall)
        self._area = Size(0, 0)
        self._boxes: tuple[Box, ...] = ()
        self._inbox: Inbox | None = None
        self._frame: Frame | None = None
        """What is on the screen."""
        self._eager = True
        """The next frame answers a key: it is shown at once."""
        self._noticed = 0
        self._ticking: Timer | None = None
        self._owed: Timer | None = None

    def get_default_screen(self) -> Screen[None]:
        return Host(self._canvas)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (self.wall,)

    @property
    def look(self) -> Look:
        """How the person looks at the frame."""
        return self._state.look

    @property
    def view(self) -> View:
        """What the person looks at."""
        return self._state.view

    # Frames

    def on_mount(self) -> None:
        self._inbox = Inbox(self.post_message)
        self.app_resume_signal.subscribe(self, self._resumed)
        self._source.subscribe(self._inbox.receive)
        self._source.look(self.view)
        self._schedule()

    def on_frame_arrived(self) -> None:
        """Show it now if it answers a key or changes what is urgent, else with the next tick."""
        if self._inbox is not None and (self._eager or urgent(self._frame) != urgent(self._inbox.newest)):
            self._eager = False
            self._take()
            self._paint()

    def _take(self) -> None:
        """Make the newest frame the one that is shown, unless the display has been paused since it was made."""
        new = None if self._inbox is None else self._inbox.newest
        if new is None or new is self._frame or (self.look.paused and new.view.at is None):
            return
        self._state = settled(self._state, self._frame, new)
        self._frame = new

    # Drawing

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size; what is no change would only have everything sent again."""
        if event.size == self._area:
            event.prevent_default()
            return
        self._area = event.size
        points = -(-event.size.width * 3 // 2 // POINTS_STEP) * POINTS_STEP
        self._become(replace(self._state, view=replace(self.view, points=points)))
        self._paint(patient=False)

    def _resumed(self, _: object) -> None:
        """Back from the shell: the terminal has forgotten everything."""
        if isinstance(self.screen, Host):
            self.screen.repaint_all()

    def _schedule(self) -> None:
        """Tick on whole multiples of the interval, so that the clock never skips a second."""
        if self._ticking is not None:
            self._ticking.stop()
        left = self._tick - self._clock.now() % self._tick
        self._ticking = self.set_timer(left / SECOND, self._on_tick)

    def _on_tick(self) -> None:
        self._schedule()
        self._take()
        if self.look.notice and self._clock.monotonic() - self._noticed >= NOTICE:
            self._notify("")
        self._paint()

    def _paint(self, *, patient: bool = True) -> None:
        """Draw the frame as it is now; a terminal that has not taken the last drawing yet is tried again soon."""
        if patient and self._owed is not None:
            return
        if patient and isinstance(self._driver, TerminalDriver) and self._driver.busy:
            self._owed = self.set_timer(RETRY, self._retry)
            return
        host = self.screen
        if isinstance(host, Host) and self._area:
            self._boxes = self._drawn(self.look)
            host.paint(self._boxes, self._area)

    def _retry(self) -> None:
        self._owed = None
        self._paint()

    def _drawn(self, look: Look) -> tuple[Box, ...]:
        frame = None if self._frame is None else aged(self._frame, self._clock.now())
        return self._draw(frame, replace(look, hints=hints(look.screen, look.glyphs)), *self._area)

    # Keys

    def action_act(self, key: str) -> None:
        """Do what a key of the table says, by its id."""
        self._notify("")
        match key:
            case "quit":
                self.exit()
                return
            case "suspend":
                self.action_suspend_process()
                return
            case "faster" | "slower":
                self._change_tick(-1 if key == "faster" else 1)
            case "zone":
                self._change_zone()
            case "screenshot":
                self._shoot()
            case _:
                self._become(self._reached(step(self._state, Scene(self._frame, self._boxes), key)))
        self._paint()

    def on_key(self, event: Key) -> None:
        """Over a slow link Esc and the next key may arrive together, which terminals call alt: they are two keys."""
        if event.key.startswith(ALT):
            event.stop()
            self.action_act("back")
            self.simulate_key(event.key.removeprefix(ALT))

    def _become(self, state: State) -> None:
        """Take on a new state; where it looks at something else, ask for that."""
        before, self._state = self._state, state
        if state.look.notice:
            self._noticed = self._clock.monotonic()
        if state.view != before.view and self._inbox is not None:
            self._eager = True
            self._source.look(state.view)

    def _reached(self, state: State) -> State:
        """The state without scrolling past the end: by the least that shows the same."""
        low, high = self.look.scroll, state.look.scroll
        if state.look.screen is not self.look.screen or high <= low:
            return state
        goal = self._drawn(state.look)
        while low < high:
            middle = (low + high) // 2
            if self._drawn(replace(state.look, scroll=middle)) == goal:
                high = middle
            else:
                low = middle + 1
        return replace(state, look=replace(state.look, scroll=high))

    def _notify(self, notice: str) -> None:
        """Show a passing line in place of the footer; "" takes it away."""
        if notice != self.look.notice:
            self._become(replace(self._state, look=replace(self.look, notice=notice)))

    def _change_tick(self, by: int) -> None:
        at = min(range(len(TICKS)), key=lambda i: abs(TICKS[i] - self._tick)) + by
        self._tick = TICKS[max(0, min(len(TICKS) - 1, at))]
        self._notify(f"drawn every {self._tick / SECOND:g} s")
        self._schedule()

    def _change_zone(self) -> None:
        offset, zone = self._zone(self._clock.now()) if self.look.zone == "UTC" else (0, "UTC")
        self._become(replace(self._state, look=replace(self.look, offset=offset, zone=zone, notice=f"times in {zone}")))

    @work(exclusive=True)
    async def _shoot(self) -> None:
        """Write what is on the screen to files, off the loop, and say where they are."""
        if self._save is None:
            self._notify("screenshots have no place to go here")
        else:
            look = replace(self.look, notice="")
            drawn = self._drawn(look), self._drawn(replace(look, mono=True))
            shot = Shot(*drawn, *self._area, self._theme, self._frame, self._clock.now())
            self._notify(await asyncio.to_thread(save_screenshot, self._save, shot))
        self._paint()

    # Mouse

    def on_click(self, event: Click) -> None:
        """A click on a pane gives it the focus."""
        for box in self._boxes:
            inside = box.x <= event.screen_x < box.x + box.width and box.y <= event.screen_y < box.y + box.height
            if inside and (self.look.focus is None or self.look.focus.value != box.id):
                self.action_act(f"pane-{box.id}")

    def on_mouse_scroll_up(self, _: MouseScrollUp) -> None:
        self.action_act("up")

    def on_mouse_scroll_down(self, _: MouseScrollDown) -> None:
        self.action_act("down")

    # The end

    def fail(self, fault: BaseException) -> None:
        """End because of a fault of ours, and keep it for the report."""
        self.fault = self.fault or fault
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        """Textual's own would show the values of variables."""
        self.fail(sys.exception() or self._exception or RuntimeError("the screen failed"))

    def panic(self, *_: RenderableType) -> None:
        """Called by Textual with a picture of the fault, where there is no exception at hand."""
        self.fail(sys.exception() or RuntimeError("a part of the screen failed"))
