"""The dashboard: every panel with title, value, unit and trend, in as few rows as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.frame import Frame, PanelFrame, SeriesFrame
from tradetop.model.level import Presence
from tradetop.panes import cells, numbers
from tradetop.panes.content import Content, money_role, presence, silence
from tradetop.panes.draw.spark import spark
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, dimmed, selected, severity, size, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Row, Span
from tradetop.theme.roles import Role

_TITLE = 22
_GAP = 3


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one panel, or the heading of a group; `first` is the index of the panel's first series."""

    rows: tuple[Row, ...]
    first: int = -1
    last: int = -1


def dashboard(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer; it scrolls to the series under the cursor."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    lines, cursor_at = laid_out(frame, look, columns, rows)
    first = max(0, min(look.scroll, len(lines) - rows))
    if cursor_at is not None and not first <= cursor_at < first + rows:
        first = max(0, min(cursor_at, len(lines) - rows))
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
            found += [(panel, s) for s in panel.series] or [(panel, None)]
    return found


def grouped(frame: Frame) -> list[tuple[str, list[PanelFrame]]]:
    """The panels under their headings, both in the dashboard's order."""
    groups: dict[str, list[PanelFrame]] = {}
    for panel in frame.panels:
        groups.setdefault(panel.panel.row, []).append(panel)
    return list(groups.items())


def laid_out(frame: Frame, look: Look, width: int, height: int) -> tuple[list[Line], int | None]:
    """All lines, and the line under the cursor.

    Two panels stand beside each other where there is room; headings give way where everything then fits.
    """
    across = 2 if width >= 112 else 1
    column = (width - _GAP * (across - 1)) // across
    blocks: list[Block] = []
    bare: list[Block] = []
    index = 0
    for heading, panels in grouped(frame):
        if heading:
            blocks.append(Block((_heading(heading, width),)))
        for panel in panels:
            block = _block(frame, panel, look, column, index)
            index = block.last + 1
            blocks.append(block)
            bare.append(block)
    lines, at = _stack(blocks, look, across, column)
    if len(lines) > height:
        return _stack(bare, look, across, column) if across == 1 else (lines, at)
    return lines, at


def _stack(blocks: Sequence[Block], look: Look, across: int, column: int) -> tuple[list[Line], int | None]:
    lines: list[Line] = []
    cursor_at: int | None = None
    pending: Block | None = None
    for block in [*blocks, Block(())]:
        alone = block.first < 0 or across == 1
        if pending is not None:
            pair = None if alone else block
            cursor_at = len(lines) if _has(pending, look) or (pair and _has(pair, look)) else cursor_at
            lines += _beside(pending, pair, column)
            pending = None
            if not alone:
                continue
        if alone:
            cursor_at = len(lines) if _has(block, look) else cursor_at
            lines += block.rows
        else:
            pending = block
    return lines, cursor_at


def _has(block: Block, look: Look) -> bool:
    return block.first <= look.selected <= block.last


def _beside(left: Block, right: Block | None, column: int) -> list[Line]:
    others = right.rows if right is not None else ()
    blank: Row = (Span(" " * column),)
    return [
        (
            *(left.rows[i] if i < len(left.rows) else blank),
            Span(" " * _GAP),
            *(others[i] if i < len(others) else blank),
        )
        for i in range(max(len(left.rows), len(others)))
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
        return Block(((*title, *_chosen(body, look, chosen)),), index, last)
    if len(panel.series) == 1:
        row = _single(frame, panel, panel.series[0], look, room)
        return Block(((*title, *_chosen(row, look, look.selected == index)),), index, last)
    return Block(tuple(_several(frame, panel, look, title, room, index)), index, last)


def _chosen(row: Row, look: Look, chosen: bool) -> Row:
    return selected(row, look.mono) if chosen else row


def _single(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look, width: int) -> Row:
    value = _value(frame, panel, series, look)
    limit = " ".join(str(t) for t in panel.panel.thresholds[:2])
    tail = text(cells.right(limit, max(0, min(14, width - 40)))) if width >= 50 else []
    left = to_width(value, min(22, width // 2))
    room = width - size(left) - size(tail) - 1
    tone = Role.BAR if not panel.level else severity(panel.level)
    return to_width([*left, *spark(series.trend.values, room, look.glyphs, tone), Span(" "), *tail], width)


def _several(frame: Frame, panel: PanelFrame, look: Look, title: Sequence[Span], width: int, index: int) -> list[Row]:
    """Series after series, wrapped; each with its name, value and a short trend."""
    rows: list[Row] = []
    line: list[Span] = []
    indent = Span(" " * size(title))
    small = 6 if width >= 50 else 4
    for offset, series in enumerate(panel.series):
        name = cells.cut(series.legend or series.labels.name or f"#{offset + 1}", 16)
        item: Line = [
            Span(f"{name} ", Role.MUTED),
            *_value(frame, panel, series, look),
            Span(" "),
            *spark(series.trend.values, small, look.glyphs, severity(series.reading.level, Role.BAR)),
        ]
        if look.selected == index + offset:
            item = _chosen(tuple(item), look, True)
        if line and size(line) + 2 + size(item) > width:
            rows.append((*(title if not rows else (indent,)), *to_width(line, width)))
            line = []
        line = [*line, *([Span("  ")] if line else []), *item]
    rows.append((*(title if not rows else (indent,)), *to_width(line, width)))
    return rows


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
    if said.unit:
        row += text(f" {said.unit}" if len(said.unit) > 2 and said.unit[0].isalpha() else said.unit)
    if reading.presence is not Presence.LIVE:
        row = [*dimmed(row), *text(f" {presence(reading, frame.now, look.offset)}")]
    return row
