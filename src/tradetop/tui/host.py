"""The host: one screen that shows a canvas, line by line."""

from __future__ import annotations

from typing import Self

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip

from tradetop.panes.row import Box
from tradetop.tui.canvas import Canvas
from tradetop.tui.driver import DiffDriver
from tradetop.tui.terminal import TerminalDriver


class Host(Screen[None], inherit_bindings=False):
    """Shows what is drawn on the canvas, and draws only the lines that changed."""

    DEFAULT_CSS = "Host { overflow: hidden; background: ansi_default; }"

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas

    def compose(self) -> ComposeResult:
        return iter(())

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Lay out when Textual wants to; draw again only what `paint` and `repaint_all` ask for."""
        return super().refresh(*regions, repaint=repaint and bool(regions), layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are: borders, tints and filters have no part in them."""
        # Between a new size and the drawing for it a line may be too short, and Textual breaks over one that is.
        lines = (strip(self._canvas, y).adjust_cell_length(crop.right) for y in crop.line_range)
        return [line.crop(*crop.column_span) for line in lines]

    def repaint_all(self) -> None:
        """Have everything sent again: the terminal may show anything."""
        driver = self.app._driver
        if isinstance(driver, TerminalDriver):
            driver.forget()
        super().refresh()

    def paint(self, boxes: tuple[Box, ...], size: Size) -> None:
        """Show a drawing made for `size`."""
        changed = self._canvas.draw(boxes, size.width, size.height)
        driver = self.app._driver
        if isinstance(driver, DiffDriver) and driver.draw(self._canvas, changed):
            return
        if changed is None:
            super().refresh()
        elif changed:
            parts = ((y, *self._canvas.part(y)) for y in changed)
            super().refresh(*(Region(x, y, end - x, 1) for y, x, end in parts))


def strip(canvas: Canvas, line: int) -> Strip:
    """A line of the canvas for Textual."""
    style = canvas.palette.style
    segments = [Segment(text, style(span)) for _, text, span in canvas.runs(line)]
    # As long as it is said to be: Textual counts some characters differently, and must not cut for that.
    return Strip(segments, canvas.width)
