"""The first picture: drawn before Textual is even imported, and taken over by it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import NoReturn, Self

from rich.color import ColorSystem

from tradetop.panes import cells
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.panes.row import Box, Span
from tradetop.theme import Theme
from tradetop.tui.differ import Differ
from tradetop.tui.palette import Palette

ENTER = "\x1b[?1049h"
"""To the alternate screen."""
LEAVE = "\x1b[?1049l\x1b[?25h"
"""Back from it, with a cursor."""
_HIDE = "\x1b[?25l"
_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)

Draw = Callable[[None, Look, int, int], tuple[Box, ...]]


class Splash:
    """Shows the panes without values while the program is still being loaded.

    Use it around everything from the arguments to `run`, in a terminal that `unfit` has nothing against: what
    goes wrong before the app has taken over gives the terminal back. Afterwards the differ knows what is shown.
    """

    def __init__(self, theme: Theme, differ: Differ, look: Look, draw: Draw = screen) -> None:
        self._palette = Palette(theme)
        self._differ = differ
        self._look = look
        self._draw = draw
        self.taken = False
        """The app has taken over: giving the terminal back is its business now."""

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            signal.signal(number, _end)
        width, height = _size()
        self._differ.grid.resize(width, height)
        self._differ.grid.feed("".join(self._lines(self._draw(None, self._look, width, height), height)))
        try:
            _write(ENTER + _HIDE + self._differ.update())
        except BaseException:
            # A signal in the middle of the picture: nobody calls __exit__ for what was never entered.
            _write(LEAVE)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.taken:
            _write(LEAVE)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)

    def _lines(self, boxes: tuple[Box, ...], height: int) -> list[str]:
        rows = ((box.x, y, row) for box in boxes for y, row in enumerate(box.rows, box.y) if y < height)
        return [f"\x1b[{y + 1};{x + 1}H" + "".join(map(self._sent, row)) for x, y, row in rows]

    def _sent(self, span: Span) -> str:
        return self._palette.style(span).render(cells.wall(span.text), color_system=ColorSystem.TRUECOLOR)


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


def _end(number: int, _: FrameType | None) -> NoReturn:
    """End at once: an exception would rise in the middle of an import, which may swallow it and keep its lock."""
    _write(LEAVE)
    os._exit(128 + number)


def _write(text: str) -> None:
    data = text.encode("utf-8", "replace")
    with contextlib.suppress(OSError):  # A terminal that is gone needs no picture.
        while data:
            data = data[os.write(1, data) :]
