"""The driver: sends the cells that changed and nothing else, and lets nothing through that it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from tradetop.tui.canvas import Canvas
from tradetop.tui.differ import Differ
from tradetop.tui.grid import Grid
from tradetop.tui.terminal import TerminalDriver

SYNC = ("\x1b[?2026h", "\x1b[?2026l")
"""Around an update that the terminal should show at once."""
AT_ONCE = 200
"""Characters that need no such brackets: nobody sees them come one after the other."""
_PASSES = re.compile(
    r"""\x1b\[\?(?:25|7|1000|1003|1004|1006|1015|1049|2004|2048)[hl]  # cursor, wrap, mouse, focus, screen, paste
    | \x1b\[\?2026\$p                                                 # can it show updates at once?
    | \x1b\[>\d+u | \x1b\[<u                                          # kitty's keyboard
    | \x1b\]52;c;[A-Za-z0-9+/=]*\x07                                  # the clipboard, to be written
    | \x1b\]9;[^\x00-\x1f\x7f-\x9f]*\x07                               # a line to be shown outside the screen
    | \x07""",
    re.VERBOSE,
)
"""What may be said to the terminal beside cells, each as a write of its own: a drawing never holds one."""
_NEEDLESS = re.compile(r"\x1b\]22;[a-z-]*\x07")
"""The shape of the mouse pointer."""


class DiffDriver(TerminalDriver):
    """Keeps what is drawn as cells, and sends what differs as soon as the terminal has taken the last update.

    So a slow terminal is never more than one update behind, and one that stalled catches up with the newest picture.
    """

    def __init__(self, app: App[Any], *, differ: Differ | None = None, **options: Any) -> None:
        super().__init__(app, **options)
        self.differ = differ or Differ()
        self._owing = False
        """Something was drawn since the last update."""
        self._on = False
        """The terminal is ours."""
        self._resized = False
        self._sync = False

    @property
    def busy(self) -> bool:
        """Never: what is drawn takes the place of what has not been sent yet."""
        return False

    @property
    def hits(self) -> int:
        """What was kept from the terminal."""
        return self.differ.grid.hits

    def write(self, data: str) -> None:
        if data in SYNC:
            return
        if _PASSES.fullmatch(data):
            super().write(data)
        elif not _NEEDLESS.fullmatch(data):
            self._sized().feed(data)
            self._owing = True

    def draw(self, canvas: Canvas, changed: Iterable[int] | None) -> bool:
        """Show what a drawing has changed (None: everything), without the way through Textual; False where the sizes
        differ, which Textual is about to change."""
        grid = self._sized()
        if (canvas.width, canvas.height) != (grid.width, grid.height):
            return False
        canvas.put(grid, changed)
        self._owing = True
        self._update()
        return True

    def flush(self) -> None:
        self._update()

    def forget(self) -> None:
        """Send everything with the next update."""
        self.differ.forget()
        self._owing = True

    def process_message(self, message: Message) -> None:
        self._sync = self._sync or isinstance(message, TerminalSupportsSynchronizedOutput)
        super().process_message(message)

    def start_application_mode(self) -> None:
        super().start_application_mode()
        self._resized = False
        self._on = True

    def stop_application_mode(self) -> None:
        self._on = False
        self.differ.forget()
        super().stop_application_mode()

    def _sized(self) -> Grid:
        """What the screen should show, in the size that it has."""
        grid, size = self.differ.grid, self._app.size
        if size != (grid.width, grid.height):
            grid.resize(*size)
        return grid

    def _get_terminal_size(self) -> tuple[int, int]:
        # Asked when the size has changed: nobody knows what the terminal made of what it showed.
        self._resized = True
        return super()._get_terminal_size()

    def _update(self) -> None:
        """Send what differs, unless the terminal still has something to take: `_taken` comes back to it."""
        if not (self._on and self._owing) or super().busy:
            return
        self._owing = False
        if self._resized:
            self._resized = False
            self.differ.forget()
        update = self.differ.update()
        if self._sync and len(update) > AT_ONCE:
            update = update.join(SYNC)
        if update:
            self.send(update)

    def _taken(self) -> None:
        if self._owing:
            try:
                self._loop.call_soon_threadsafe(self._update)
            except RuntimeError:
                return  # The loop has ended; there is nobody left to show anything.
