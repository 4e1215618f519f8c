"""The dashboard: every panel with title, value, unit and trend, in as few rows as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.frame import Frame, PanelFrame, SeriesFrame
from tradetop.model.level import Presence
from tradetop.model.panel import PanelKind, Side
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers
from tradetop.panes.content import Content, money_role, presence, silence
from tradetop.panes.draw.spark import spark
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, dimmed, joined, selected, severity, size, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Row, Span
from tradetop.theme.roles import Role

_TITLE = 22
_GAP = 3


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one panel; `first` and `last` are the indices of its series among all that can be selected."""

    rows: tuple[Row, ...]
    first: int
    last: int
    cursor: int = 0
    """Row of the block that the cursor is on, where it is in it."""


def dashboard(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer; it follows the cursor, unless the look says how far to scroll."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    lines, cursor_at = laid_out(frame, look, columns, rows)
    wanted = look.scroll or max(0, (cursor_at or 0) - rows + 1)
    first = max(0, min(wanted, len(lines) - rows))
    below = max(0, len(lines) - rows - first)
    right: list[Span] = text(f"{len(frame.panels)} panels")
    if below or first:
        right = [*text((f"{first} above · {below} below", Role.INFO), " · "), *right]
    content = Content("Dashboard", lines[first : first + rows], right, stale=silence(frame))
    title = [Tab(9, "Dashboard")]
    return [framed("dashboard", 0, 1, width, height - 2, content, look, title, boxed=boxed, focused=False)]


def series_of(frame: Frame) -> list[tuple[PanelFrame, SeriesFrame | None]]:
    """Everything that the cursor can stand on, in the order drawn; None where a panel has no series."""
    found: list[tuple[PanelFrame, SeriesFrame | None]] = []
    for _, panels in grouped(frame):
        for panel in panels:
            found += [(panel, s) for s in in_order(panel)] or [(panel, None)]
    return found


def in_order(panel: PanelFrame) -> list[SeriesFrame]:
    """A panel's series as drawn: those of a table row by row."""
    if panel.panel.kind is not PanelKind.TABLE:
        return [*panel.series]
    rows = list(dict.fromkeys(row_name(panel, s) for s in panel.series))
    return sorted(panel.series, key=lambda s: (rows.index(row_name(panel, s)), s.query))


def row_name(panel: PanelFrame, series: SeriesFrame) -> str:
    """The row of a table that a series belongs to."""
    return series.labels.get(panel.panel.by, series.legend)


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
    groups: list[tuple[str, list[Block]]] = []
    index = 0
    for heading, panels in grouped(frame):
        blocks: list[Block] = []
        for panel in panels:
            blocks.append(_block(frame, panel, look, column, index))
            index = blocks[-1].last + 1
        groups.append((heading, blocks))
    lines, at = _stacked(groups, look, across, column, width, headings=True)
    return (lines, at) if len(lines) <= height else _stacked(groups, look, across, column, width, headings=False)


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
        for block in blocks:
            stack = min(stacks, key=len)
            if block.first <= look.selected <= block.last:
                cursor_at = len(lines) + len(stack) + block.cursor
            stack += block.rows
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


def _block(frame: Frame, panel: PanelFrame, look: Look, width: int, index: int) -> Block:
    last = index + max(0, len(panel.series) - 1)
    role = severity(panel.level)
    sign = marks(look.glyphs)
    lead = f"{sign.level(panel.level)} " if panel.level else "  "
    title = [Span(cells.fit(lead + panel.panel.title, min(_TITLE + 4, width // 3)) + " ", role, bold=bool(panel.level))]
    room = width - size(title)
    if panel.error:
        said = text((panel.error, Role.WARN))
        return Block((to_width([*title, *said], width),), index, last)
    if not panel.series:
        needs = f"needs {panel.panel.needs}" if panel.panel.needs else "no data yet"
        chosen = look.selected == index
        body = to_width([Span(f"{numbers.UNKNOWN} ", Role.FAINT), *text(needs)], room)
        return Block((_chosen((*title, *body), look, chosen),), index, last)
    if len(panel.series) == 1:
        row = _single(frame, panel, panel.series[0], look, room)
        return Block((_chosen((*title, *row), look, look.selected == index),), index, last)
    rows, at = _several(frame, panel, look, title, room, index)
    return Block(tuple(rows), index, last, at)


def _chosen(row: Row, look: Look, chosen: bool) -> Row:
    return selected(row, look.mono) if chosen else row


def limits_of(panel: PanelFrame) -> str:
    """A panel's thresholds in few characters: `> 80/90`."""
    sides: dict[str, list[str]] = {}
    for threshold in panel.panel.thresholds:
        sign = ">" if threshold.side is Side.ABOVE else "<"
        sides.setdefault(sign, []).append(numbers.brief(threshold.value, panel.panel.unit))
    return " ".join(f"{sign} {'/'.join(dict.fromkeys(values))}" for sign, values in sides.items())


def _single(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look, width: int) -> Row:
    value = _value(frame, panel, series, look)
    limit = limits_of(panel)
    tail = text(cells.right(limit, max(0, min(14, width - 40)))) if width >= 50 else []
    left = to_width(value, min(22, width // 2))
    room = width - size(left) - size(tail) - 1
    tone = Role.BAR if not panel.level else severity(panel.level)
    return to_width([*left, *spark(series.trend, room, look.glyphs, tone), Span(" "), *tail], width)


def _several(
    frame: Frame, panel: PanelFrame, look: Look, title: Sequence[Span], width: int, index: int
) -> tuple[list[Row], int]:
    """Series after series, wrapped, a table's rows each on a line of their own; and the row under the cursor."""
    lines: list[list[Span]] = [[]]
    at = 0
    before = ""
    table = panel.panel.kind is PanelKind.TABLE
    for offset, series in enumerate(in_order(panel)):
        row = row_name(panel, series) if table else ""
        item = _item(frame, panel, series, look, width, named=not table or row != before)
        chosen = look.selected == index + offset
        if lines[-1] and ((row != before) or size(lines[-1]) + 2 + size(item) > width):
            lines.append([])
        before = row
        at = len(lines) - 1 if chosen else at
        lines[-1] += [*([Span("  ")] if lines[-1] else []), *_chosen(tuple(item), look, chosen)]
    indent = (Span(" " * size(title)),)
    return [(*(indent if i else title), *to_width(line, width)) for i, line in enumerate(lines)], at


def _item(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look, width: int, *, named: bool) -> list[Span]:
    """One of several series: its name, value and a short trend; within a table's row the column's name."""
    value = _value(frame, panel, series, look)
    if panel.panel.kind is PanelKind.TABLE:
        query = panel.panel.queries[series.query]
        lead = text((cells.fit(row_name(panel, series), 12) + " ", Role.SECONDARY)) if named else []
        return [*lead, *text(f"{query.column} " if query.column and width >= 50 else ""), *value]
    name = cells.cut(series.legend or series.labels.name or panel.panel.short, 16)
    small = 4 if width >= 50 else 3
    trend = spark(series.trend, small, look.glyphs, severity(series.reading.level, Role.BAR))
    return [*text(f"{name} "), *value, Span(" "), *trend]


def _value(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look) -> list[Span]:
    reading = series.reading
    if reading.presence is Presence.NEVER_SET:
        return text(("0", Role.SECONDARY), " never set")
    word = dict(panel.panel.states).get(reading.value, "") if reading.value is not None else ""
    if word:
        return [Span(word, severity(reading.level, Role.OK), bold=True)]
    said = numbers.amount(
        reading.value, reading.unit, decimals=panel.panel.decimals, signed=panel.panel.signed, offset=look.offset
    )
    role = severity(reading.level, money_role(reading.value) if panel.panel.signed else Role.FOREGROUND)
    row = [Span(said.digits, role, bold=True)]
    if said.unit and not (panel.panel.kind is PanelKind.TABLE and reading.unit is Unit.USD):
        row += text(f" {said.unit}" if len(said.unit) > 2 and said.unit[0].isalpha() else said.unit)
    if reading.presence is not Presence.LIVE:
        row = [*dimmed(row), *text(f" {presence(reading, frame.now, look.offset)}")]
    return row
