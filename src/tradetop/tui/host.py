"""The host: one screen of narrow columns that shows a canvas."""

from __future__ import annotations

from typing import ClassVar, Self

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tradetop.panes.row import Box
from tradetop.tui.canvas import COLUMN, Canvas
from tradetop.tui.keys import bindings


class Column(Widget):
    """A strip of the terminal, `COLUMN` cells wide and as high as the screen."""

    can_focus = False

    def __init__(self, canvas: Canvas, index: int) -> None:
        super().__init__()
        self._canvas = canvas
        self._index = index

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Only regions that changed: Textual's own occasions would have everything sent again."""
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose) if regions else self

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are: borders, tints and further filters have no part in them."""
        lines = [self._canvas.strip(self._index, y) for y in crop.line_range]
        return lines if crop.column_span == (0, COLUMN) else [line.crop(*crop.column_span) for line in lines]


class Host(Screen[None], inherit_bindings=False):
    """Shows what is drawn on the canvas, and has the terminal told only of the cells that changed."""

    DEFAULT_CSS = f"""
    Host {{ layout: horizontal; overflow: hidden; background: ansi_default; }}
    Column {{ width: {COLUMN}; height: 100%; background: ansi_default; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas

    def compose(self) -> ComposeResult:
        yield from (Column(self._canvas, index) for index in range(_columns(self.app.size.width)))

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Lay out when Textual wants to; send everything again only when `repaint_all` does."""
        return super().refresh(*regions, repaint=repaint and bool(regions), layout=layout, recompose=recompose)

    def repaint_all(self) -> None:
        """Send the whole screen again."""
        super().refresh()

    def paint(self, boxes: tuple[Box, ...], size: Size) -> None:
        """Show a drawing made for `size`."""
        changed = self._canvas.draw(boxes, size.width, size.height)
        columns = list(self.query_children(Column))
        if changed is None:
            missing = range(len(columns), _columns(size.width))
            self.mount_all(Column(self._canvas, index) for index in missing)
            self.repaint_all()
            return
        dirty: dict[int, list[Region]] = {}
        for index, y in changed:
            dirty.setdefault(index, []).append(Region(0, y, COLUMN, 1))
        for index, regions in dirty.items():
            if index < len(columns):
                columns[index].refresh(*regions)


def _columns(width: int) -> int:
    return max(1, -(-width // COLUMN))
