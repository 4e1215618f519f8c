"""The stage: frames come in and drawings go out, at the terminal's pace; what keys do is the app's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from io import StringIO
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console, RenderableType
from textual.app import App
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from tradetop.model.clock import SECOND, Clock
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.ports import FrameSource
from tradetop.model.view import AUTO, View
from tradetop.panes.look import Hint, Look, ScreenName
from tradetop.panes.row import Box
from tradetop.theme import Depth, Theme
from tradetop.tui import pace
from tradetop.tui.about import about
from tradetop.tui.aging import aged
from tradetop.tui.bell import Belfry, orders
from tradetop.tui.calm import calmed
from tradetop.tui.canvas import Canvas
from tradetop.tui.descend import moves_crosshair, with_crosshair
from tradetop.tui.differ import Differ
from tradetop.tui.driver import DiffDriver
from tradetop.tui.host import Host
from tradetop.tui.inbox import Inbox, has_news, urgent
from tradetop.tui.keymap import Keymap
from tradetop.tui.navigate import settled
from tradetop.tui.palette import Palette
from tradetop.tui.state import State
from tradetop.tui.terminal import TerminalDriver

if TYPE_CHECKING:
    from tradetop.redact import Redactor

NOTICE = 5 * SECOND
"""How long a passing line stays."""
SOON = 150
"""Between two ticks an event is shown once so many milliseconds have gone since the last one was."""
FLOOD = 450
"""The same where more events came than there is room for."""
NEAR = 150
"""Of a busy feed an event so many milliseconds before a tick takes its place; the next one comes so much later."""
RETRY = 0.02
"""Seconds after which a terminal that was busy is tried again."""
POINTS_STEP = 60
"""Columns of history are asked for in such steps, so that a slightly larger window asks for nothing new."""
SLOW_POINTS = 60
"""Columns of history over a slow link: every step of time moves the whole chart, so steps are long."""

_PARTIAL = frozenset({ScreenName.OVERVIEW, ScreenName.FLEET})
"""Screens on which not every panel is seen."""

Draw = Callable[[Frame | None, Look, int, int], tuple[Box, ...]]
"""Draws a frame for a look, a width and a height."""
MakeDriver = Callable[..., TerminalDriver]
"""Makes the driver of an app's terminal."""


class Stage(App[None], inherit_bindings=False):
    """Shows the frames of a source as a state says; it never asks for data and never waits for any."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        source: FrameSource,
        theme: Theme,
        state: State,
        *,
        clock: Clock,
        tick: int,
        depth: Depth,
        driver: MakeDriver | None,
        draw: Draw,
        keymap: Keymap,
    ) -> None:
        made = driver or partial(DiffDriver, differ=Differ(depth))
        super().__init__(driver_class=cast(Any, made), ansi_color=True)
        self.animation_level = "none"
        # The driver matches the colours to the terminal: none may be changed on the way to it.
        self.console = Console(color_system="truecolor", file=StringIO(), force_terminal=True, legacy_windows=False)
        self.canvas = Canvas(Palette(theme, depth))
        self.entered = False
        """Something of ours is on the terminal's alternate screen already."""
        self.fault: BaseException | None = None
        """What ended the program, if it was a fault of ours."""
        self._source, self._draw, self._bound = source, draw, keymap
        self._theme, self._depth = theme, depth
        self._clock, self._tick = clock, tick
        self._state = state
        self._area = Size(0, 0)
        self._boxes: tuple[Box, ...] = ()
        self._inbox: Inbox | None = None
        self._frame: Frame | None = None
        """What is on the screen, as it came."""
        self._told: Frame | None = None
        """What of it may be seen: all, or what redaction leaves; keys find their way in it."""
        self._eager = True
        """The next frame answers a key: it is shown at once."""
        self._noticed = 0
        self._belfry = Belfry(clock.now())
        self._ticking: Timer | None = None
        self._owed: Timer | None = None
        self._told_at = self._ticked_at = 0
        self._painted_at = clock.now()
        self._telling: Timer | None = None
        """Will show events that came too soon after others."""

    def get_default_screen(self) -> Screen[None]:
        return Host(self.canvas)

    @property
    def look(self) -> Look:
        """How the person looks at the frame."""
        return self._state.look

    @property
    def view(self) -> View:
        """What the person looks at."""
        return self._state.view

    def _become(self, state: State) -> None:
        """Take on a new state; where it looks at something else, ask for that."""
        whole = state.look.screen not in _PARTIAL
        if state.view.whole is not whole:
            state = replace(state, view=replace(state.view, whole=whole))
        before, self._state = self._state, state
        if state.look.notice:
            self._noticed = self._clock.monotonic()
        if state.look.redacted != before.look.redacted:
            self._tell()
        if state.view != before.view and self._inbox is not None:
            self._eager = self._eager or not moves_crosshair(before.view, state.view)
            self._source.look(state.view)

    def _notify(self, notice: str) -> None:
        """Show a passing line in place of the footer; "" takes it away."""
        if notice != self.look.notice:
            self._become(replace(self._state, look=replace(self.look, notice=notice)))

    # Frames

    def on_mount(self) -> None:
        self._inbox = Inbox(self.post_message)
        self.app_resume_signal.subscribe(self, self._resend)
        self._source.subscribe(self._inbox.receive)
        self._take()
        self._source.look(self.view)
        self._schedule()

    def on_frame_arrived(self) -> None:
        """Show it now if it answers a key or changes what is urgent, else with the next tick."""
        if self._inbox is not None and self._inbox.newest is not None:
            self._ring(self._seen(self._inbox.newest))
        if self._inbox is not None and (self._eager or urgent(self._frame) != urgent(self._inbox.newest)):
            # A frame that was on its way before the last key answers an earlier one.
            self._eager = self._eager and not self._answers(self._inbox.newest)
            self._take()
            self._paint()
        elif self._inbox is not None and self._waits_for(self._inbox.newest) and self._telling is None:
            patience = FLOOD if self._is_flooded(self._inbox.newest) else SOON
            early = patience - (self._clock.monotonic() - self._told_at)
            self._telling = self.set_timer(max(1, early) / SECOND, self._show_news)

    def _answers(self, new: Frame | None) -> bool:
        """Whether a frame shows what is looked at by now; its window and columns may be what there is of them."""
        if new is None:
            return False
        span = new.view.span if self.view.span == AUTO else self.view.span
        return new.view == replace(self.view, span=span, points=new.view.points)

    def _waits_for(self, new: Frame | None) -> bool:
        """Whether a person waits for what is new in the feed: who sees it, and has not asked for calm."""
        calm = self.look.slow or self.look.paused or self._tick > SECOND
        return not calm and has_news(self._frame, new) and any(b.id == PaneName.EVENTS.value for b in self._boxes)

    def _is_flooded(self, new: Frame | None) -> bool:
        """Whether the feed has no room for what came since it was drawn: most of that is never seen anyway."""
        rows = max((box.height - 2 for box in self._boxes if box.id == PaneName.EVENTS.value), default=0)
        shown = self._frame.feed.events[-1:] if self._frame is not None else ()
        fresh = new.feed.events[-rows:] if new is not None else ()
        return len(fresh) == rows > 0 and all(event.t < fresh[0].t for event in shown)

    def _show_news(self) -> None:
        """Show events between two ticks; the clock and what it moves wait for the next one, unless that is due."""
        before, self._telling, self._told_at = self._told_at, None, self._clock.monotonic()
        self._take()
        # Of a calm feed each event takes the place of the next tick: else each second would be drawn twice.
        calm = self._told_at - before >= self._tick // 2
        if not calm and self._told_at - self._ticked_at < self._tick - NEAR:
            self._paint(at=self._painted_at)
            return
        self._ticked_at = self._told_at
        self._schedule(self._tick + NEAR)
        self._paint()

    def _ring(self, frame: Frame) -> None:
        """Ring for what has not been heard, also where the display is paused."""
        for bell in self._belfry.new(frame):
            for order in orders(bell):
                if self._driver is not None:
                    self._driver.write(order)

    def _take(self) -> None:
        """Make the newest frame the one that is shown, unless the display has been paused since it was made."""
        new = None if self._inbox is None else self._inbox.newest
        if new is None or new is self._frame or (self.look.paused and new.view.at is None):
            return
        if self.look.slow and self.look.focus is not PaneName.EVENTS and self.look.screen is ScreenName.OVERVIEW:
            new = calmed(self._frame, new)
        before, self._frame = self._told, new
        self._tell()
        self._state = settled(self._state, before, self._told or new)

    def _tell(self) -> None:
        """Decide what of the frame may be seen: screen, clipboard and screenshot all take it from here."""
        self._told = None if self._frame is None else self._seen(self._frame)

    def _seen(self, frame: Frame) -> Frame:
        return self._redactor.redact(frame) if self.look.redacted else frame

    def _aimed(self) -> Frame | None:
        """What may be seen of the frame, with the crosshair where it is by now."""
        if self._frame is None:
            return None
        there = with_crosshair(self._frame, self.view)
        return self._told if there is self._frame else self._seen(there)

    @cached_property
    def _redactor(self) -> Redactor:
        """Seldom needed, and never at the start; what it has hidden stays the same objects while it is the same."""
        from tradetop.redact import Redactor

        return Redactor()

    # Drawing

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size; what is no change would only have everything sent again."""
        if event.size == self._area:
            event.prevent_default()
            return
        self._area = event.size
        points = SLOW_POINTS if self.look.slow else -(-event.size.width * 3 // 2 // POINTS_STEP) * POINTS_STEP
        self._become(replace(self._state, view=replace(self.view, points=points)))
        self._paint(patient=False)

    def use_theme(self, theme: Theme) -> None:
        """Draw in other colours from now on."""
        self._theme = theme
        self.canvas.restyle(Palette(theme, self._depth))
        self._become(replace(self._state, look=replace(self.look, ticks=self._depth is Depth.ANSI or theme.ansi)))
        self._paint()

    def _resend(self, _: object = None) -> None:
        """Send everything: the terminal may show anything, as it does after somebody else has written to it."""
        if isinstance(self.screen, Host):
            self.screen.repaint_all()

    def _schedule(self, wait: int = 0) -> None:
        """Tick after `wait` (ms), or with the clock."""
        if self._ticking is not None:
            self._ticking.stop()
        left = wait / SECOND if wait else pace.left(self._tick, self._clock.now())
        self._ticking = self.set_timer(left, self._on_tick)

    def _on_tick(self) -> None:
        """Show what is newest, and the clock."""
        self._ticked_at = self._clock.monotonic()
        self._schedule()
        self._take()
        if self.look.notice and self._clock.monotonic() - self._noticed >= NOTICE:
            self._notify("")
        self._paint()

    def _paint(self, *, patient: bool = True, at: int | None = None) -> None:
        """Draw the frame as it is now, or was `at` (ms); where the terminal has not taken the last one yet, soon."""
        if not self.screen_stack or (patient and self._owed is not None):
            # Without a screen the app is ending: a tick that was due came late.
            return
        if patient and isinstance(self._driver, TerminalDriver) and self._driver.busy:
            self._owed = self.set_timer(RETRY, self._retry)
            return
        host = self.screen
        if isinstance(host, Host) and self._area:
            self._painted_at = self._clock.now() if at is None else at
            self._boxes = self._drawn(self.look)
            host.paint(self._boxes, self._area)

    def _retry(self) -> None:
        self._owed = None
        self._paint()

    def _drawn(self, look: Look) -> tuple[Box, ...]:
        there = self._aimed()
        frame = None if there is None else aged(there, self._painted_at)
        more: tuple[Hint, ...] = ()
        if look.screen is ScreenName.HELP:
            traffic = self._driver.traffic if isinstance(self._driver, TerminalDriver) else None
            look = replace(look, traffic=traffic)
            below = self._state.trail[-1].screen if self._state.trail else ScreenName.OVERVIEW
            more = (*self._bound.table(below, look.glyphs), *about(frame, look, self._theme, self._depth))
        if look.redacted and look.notice:
            look = replace(look, notice=self._redactor.line(look.notice))
        hints = (*self._bound.hints(look.screen, look.glyphs), *more)
        rebound = self._bound.rebound(look.glyphs)
        return self._draw(frame, replace(look, hints=hints, rebound=rebound), *self._area)

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
