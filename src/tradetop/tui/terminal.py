"""The terminal: Textual's driver for Unix, made to survive bad bytes, stalls and a lost connection.

What is drawn leaves as Textual wrote it, in the colours that the terminal has; `tui/driver.py` sends less.
"""

from __future__ import annotations

import os
import re
import selectors
import sys
import time
from typing import Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Resize
from textual.message import Message
from textual.messages import InBandWindowResize

from tradetop.theme import Depth
from tradetop.tui.abilities import polite
from tradetop.tui.keyboard import SETTLE, Keyboard
from tradetop.tui.outlet import Outlet, open_terminal
from tradetop.tui.pen import recoloured
from tradetop.tui.splash import ENTER

FAREWELL = 0.8
"""Seconds that a stalled terminal gets to take the sequences that restore it."""
BACKLOG = 100
"""Keys that may wait to be answered; whoever types more than that at once is no person but a paste."""

_STYLE = re.compile(r"\x1b\[([\d;]*)m")
_ASKING = re.compile(r"\x1b(?:\[[<>=]|\[\?\d+\$|[\]PX^_])")
"""Beginnings of what goes beyond moves, styles and modes."""
HANDS = 64
"""Strokes that may come in one read, saved up by a slow link; more are a paste, which is no command."""
_STROKE = re.compile(rb"(\x1b(?:[\[O][0-?]*[ -/]*[@-~])?|[^\x1b])\1*", re.DOTALL)


def strokes(data: bytes) -> int:
    """How many keys somebody must have pressed for this to arrive: a held key and an escape sequence are one each."""
    return sum(1 for _ in _STROKE.finditer(data))


class TerminalDriver(LinuxDriver):
    """Differs from Textual's own in what it does about trouble.

    It writes to a descriptor of its own, so that standard error can go to a log; it never blocks the event loop;
    it takes bytes that are no UTF-8; it ends the program when its input ends; and it waits for input without polling.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
        depth: Depth = Depth.TRUE,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.depth = depth
        self.outlet = Outlet(open_terminal(cast(Any, sys.__stdout__).fileno()), self._lost, self._taken)
        self._file = cast(Any, self.outlet)
        self._asked = 0
        self._entered = bool(getattr(app, "entered", False))
        self._polite = polite(os.environ.get("TERM", ""))
        self._wake: tuple[int, int] | None = None

    @property
    def busy(self) -> bool:
        """Whether the terminal has not yet taken what was last drawn: then there is no use in drawing more."""
        return self._asked > self.outlet.written

    @property
    def traffic(self) -> float | None:
        """Bytes per second that have left lately; None before anything has."""
        return self.outlet.meter.rate(time.monotonic())

    def write(self, data: str) -> None:
        if not self._polite and _ASKING.match(data):
            return
        if data == ENTER and self._entered:
            self._entered = False
            return
        self.send(_STYLE.sub(self._coloured, data))

    def send(self, data: str) -> None:
        """Have this written to the terminal as it is."""
        self._asked += len(data)
        super().write(data)

    def forget(self) -> None:
        """Hear that the terminal may show anything; without a memory there is nothing to forget."""

    def _coloured(self, style: re.Match[str]) -> str:
        return recoloured(style[1], self.depth)

    def start_application_mode(self) -> None:
        self.outlet.hurry(None)
        self._wake = os.pipe()
        cast(Any, super()).start_application_mode()

    def stop_application_mode(self) -> None:
        self.outlet.hurry(FAREWELL)
        super().stop_application_mode()

    def disable_input(self) -> None:
        """Stop reading at once: a byte in the pipe wakes the reading thread and tells it to end."""
        if self._wake is None:
            return
        reading, writing = self._wake
        os.write(writing, b".")
        super().disable_input()
        os.close(reading)
        os.close(writing)
        self._wake = None

    def _enable_mouse_support(self) -> None:
        """Clicks and the wheel, no movements: each of those would travel over the link for nothing."""
        if self._mouse:
            self.write("\x1b[?1000h")
            self.write("\x1b[?1006h")

    def _get_terminal_size(self) -> tuple[int, int]:
        try:
            width, height = os.get_terminal_size(self.outlet.fileno())
        except OSError:
            width, height = 0, 0
        return width or 80, height or 24

    def _query_in_band_window_resize(self) -> None:
        """Not asked for: the signal says the same, and the answer would have the whole screen sent again."""

    def _run_input_thread(self) -> None:
        """A screen that hears no keys must not stay: a fault in the reading thread ends the program."""
        try:
            self.run_input_thread()
        finally:
            fault = sys.exception()
            if fault is not None:
                self._loop.call_soon_threadsafe(cast(Any, self._app).fail, fault)

    def run_input_thread(self) -> None:
        """Read until woken or until the input ends; the end of the input is the end of the program."""
        assert self._wake is not None, "reading starts with application mode"
        woken = self._wake[0]
        keyboard = Keyboard(self._debug)
        pasted = 0.0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                ready = [key.fd for key, _ in selector.select(keyboard.patience(time.monotonic()))]
                if woken in ready:
                    return
                now, data = time.monotonic(), None
                if ready:
                    data = self._read()
                    if not data:
                        self._lost()
                        return
                    if strokes(data) > HANDS:
                        pasted = now + SETTLE
                for message in keyboard.messages(data, now):
                    if not (isinstance(message, Key) and now < pasted):
                        self.process_message(message)

    def process_message(self, message: Message) -> None:
        """Pass on what was typed, less what nobody can have typed.

        A size comes from the system alone, never from what only looks like a report.
        """
        flooded = isinstance(message, Key) and self._app.message_queue_size >= BACKLOG
        if not flooded and not isinstance(message, Resize | InBandWindowResize):
            super().process_message(message)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4_096)
        except OSError:
            return b""

    def _taken(self) -> None:
        """Called from the writing thread when something has left."""

    def _lost(self) -> None:
        """Called from the reading or the writing thread when the terminal is gone."""
        self.outlet.lost = True
        try:
            self._loop.call_soon_threadsafe(self._app.exit)
        except RuntimeError:
            return  # The loop has ended, so the program is already on its way out.
