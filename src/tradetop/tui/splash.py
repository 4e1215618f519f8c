"""The first picture: drawn before Textual is even imported, and taken over by it."""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

from tradetop.model.frame import Frame
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.panes.row import Box
from tradetop.theme import Theme
from tradetop.tui.canvas import Canvas
from tradetop.tui.differ import Differ
from tradetop.tui.palette import Palette

ENTER = "\x1b[?1049h"
"""To the alternate screen."""
LEAVE = "\x1b[?1049l\x1b[?25h"
"""Back from it, with a cursor."""
_HIDE = "\x1b[?25l"
_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)

Draw = Callable[[Frame | None, Look, int, int], tuple[Box, ...]]


class Splash:
    """Shows the panes without values while the program is still being loaded.

    Use it around everything from the arguments to `run`, in a terminal that `unfit` has nothing against: what
    goes wrong before the app has taken over gives the terminal back. Afterwards the differ knows what is shown.
    """

    def __init__(self, theme: Theme, differ: Differ, look: Look, draw: Draw = screen) -> None:
        self._canvas = Canvas(Palette(theme, differ.grid.depth))
        self._differ = differ
        self._look = look
        self._draw = draw
        self._settings: list[Any] | None = None
        self._taken = False

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            signal.signal(number, self._end)
        self._settings = _hush()
        try:
            _write(ENTER + _HIDE + self._drawn(None, self._look))
        except BaseException:
            # A signal in the middle of the picture: nobody calls __exit__ for what was never entered.
            self._leave()
            raise
        return self

    def hand_over(self) -> None:
        """The app takes over now: giving the terminal back is its business from here on."""
        self._restore()
        self._taken = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._taken:
            self._leave()
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)

    def _leave(self) -> None:
        _write(LEAVE)
        self._restore()

    def _restore(self) -> None:
        if self._settings is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(0, termios.TCSADRAIN, self._settings)

    def _end(self, number: int, _: FrameType | None) -> NoReturn:
        """End at once: an exception would rise in the middle of an import, which may swallow it and keep its lock."""
        self._leave()
        os._exit(128 + number)

    def show(self, frame: Frame | None) -> None:
        """Draw the first values, as the app will: fleet or overview, and hiding what is to be hidden."""
        if frame is None:
            return
        from tradetop.tui.navigate import settled
        from tradetop.tui.state import State

        look = settled(State(self._look, frame.view), None, frame).look
        if look.redacted:
            from tradetop.redact import Redactor

            frame = Redactor().redact(frame)
        _write(self._drawn(frame, look))

    def _drawn(self, frame: Frame | None, look: Look) -> str:
        width, height = _size()
        self._differ.grid.resize(width, height)
        self._canvas.put(self._differ.grid, self._canvas.draw(self._draw(frame, look, width, height), width, height))
        return self._differ.update()


def unfit(term: str, is_terminal: bool) -> str:
    """Why this terminal cannot show a screen, and what to do; "" if it can."""
    if not is_terminal:
        return "the screen needs a terminal on standard input and output; `tradetop snapshot` prints one picture"
    if term in {"dumb", "unknown"}:
        return f"a terminal of type TERM={term} cannot show a screen; `tradetop snapshot` prints one picture"
    return ""


def _size() -> tuple[int, int]:
    try:
        width, height = os.get_terminal_size(1)
    except OSError:
        width, height = 0, 0
    return width or 80, height or 24


def _hush() -> list[Any] | None:
    """Have keys neither echoed nor changed, so that the app finds them; the settings before. Ctrl-C still ends us."""
    try:
        before, quiet = termios.tcgetattr(0), termios.tcgetattr(0)
        quiet[0] &= ~(termios.ICRNL | termios.INLCR | termios.IXON)
        quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        quiet[6][termios.VSUSP] = b"\0"
        termios.tcsetattr(0, termios.TCSANOW, quiet)
    except termios.error:
        return None
    return before


def _write(text: str) -> None:
    data = text.encode("utf-8", "replace")
    with contextlib.suppress(OSError):  # A terminal that is gone needs no picture.
        while data:
            data = data[os.write(1, data) :]
