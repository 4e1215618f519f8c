"""The dashboard: every panel with title, value, unit and trend, in as few rows as possible."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.frame import Frame
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.panes import cells
from tradetop.panes.blocks import Block, Widths, block, in_order, measured
from tradetop.panes.content import Content, silence
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.line import Line, joined, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Row, Span
from tradetop.theme.roles import Role

_GAP = 3


def dashboard(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer; it follows the cursor, unless the look says how far to scroll."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    lines, cursor_at = laid_out(frame, look, columns, rows)
    wanted = look.scroll or max(0, (cursor_at or 0) - rows + 1)
    first = max(0, min(wanted, len(lines) - rows))
    below = max(0, len(lines) - rows - first)
    right: list[Span] = text(f"{len(frame.panels)} panels")
    ends = ((first, "above"), (below, "below"))
    more = " · ".join(f"+{count} row{'s' if count > 1 else ''} {where}" for count, where in ends if count)
    if more:
        right = [*text((more, Role.INFO), " · "), *right]
    content = Content("Dashboard", lines[first : first + rows], right, stale=silence(frame, look))
    title = [Tab(9, "Dashboard")]
    return [framed("dashboard", 0, 1, width, height - 2, content, look, title, boxed=boxed, focused=False)]


def series_of(frame: Frame) -> list[tuple[PanelFrame, SeriesFrame | None]]:
    """Everything that the cursor can stand on, in the order drawn; None where a panel has no series."""
    found: list[tuple[PanelFrame, SeriesFrame | None]] = []
    for _, panels in grouped(frame):
        for panel in panels:
            found += [(panel, s) for s in in_order(panel)] or [(panel, None)]
    return found


def grouped(frame: Frame) -> list[tuple[str, list[PanelFrame]]]:
    """The panels under their headings, both in the dashboard's order."""
    groups: dict[str, list[PanelFrame]] = {}
    for panel in frame.panels:
        groups.setdefault(panel.panel.row, []).append(panel)
    return list(groups.items())


def laid_out(frame: Frame, look: Look, width: int, height: int) -> tuple[list[Line], int | None]:
    """All lines, and the line under the cursor.

    Two columns stand beside each other where there is room; headings give way where not everything fits.
    """
    across = 2 if width >= 112 else 1
    column = (width - _GAP * (across - 1)) // across
    widths = measured(frame.panels, column)
    # Where everything has room each series has a row of its own; where it has not, headings give way too.
    for roomy, headings in ((True, True), (False, True), (False, False)):
        groups = _blocks(frame, look, widths, roomy=roomy)
        lines, at = _stacked(groups, look, across, column, width, headings=headings)
        if len(lines) <= height:
            break
    return lines, at


def _blocks(frame: Frame, look: Look, widths: Widths, *, roomy: bool) -> list[tuple[str, list[Block]]]:
    """The panels' blocks under their headings."""
    groups: list[tuple[str, list[Block]]] = []
    index = 0
    for heading, panels in grouped(frame):
        blocks: list[Block] = []
        for panel in panels:
            blocks.append(block(frame, panel, look, widths, index, roomy=roomy))
            index = blocks[-1].last + 1
        groups.append((heading, blocks))
    return groups


def _stacked(
    groups: Sequence[tuple[str, list[Block]]], look: Look, across: int, column: int, width: int, *, headings: bool
) -> tuple[list[Line], int | None]:
    """The groups below each other; within one each block goes to the shorter column."""
    lines: list[Line] = []
    cursor_at: int | None = None
    for heading, blocks in groups:
        if heading and headings:
            lines.append(_heading(heading, width))
        stacks: list[list[Row]] = [[] for _ in range(across)]
        for made in blocks:
            stack = min(stacks, key=len)
            if made.first <= look.selected <= made.last:
                cursor_at = len(lines) + len(stack) + made.cursor
            stack += made.rows
        lines += _beside(stacks, column)
    return lines, cursor_at


def _beside(stacks: Sequence[Sequence[Row]], column: int) -> list[Line]:
    blank: Row = (Span(" " * column),)
    gap = Span(" " * _GAP)
    return [
        joined([stack[row] if row < len(stack) else blank for stack in stacks], gap)
        for row in range(max(len(stack) for stack in stacks))
    ]


def _heading(said: str, width: int) -> Row:
    name = cells.cut(said, width)
    line = "─" * (width - cells.width(name) - 1)
    return to_width([Span(name, Role.PRIMARY, bold=True), Span(f" {line}", Role.GRID)], width)
