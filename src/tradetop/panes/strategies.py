"""Pane 6: what each strategy does, and the open positions as far as a source tells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, sorting
from tradetop.panes.bars import Item, items, name
from tradetop.panes.content import (
    Content,
    aged,
    cell,
    cursor,
    digits,
    figure,
    hidden,
    lacking,
    money_role,
    remark,
    silence,
    titles,
    verdict,
)
from tradetop.panes.draw.spark import spark
from tradetop.panes.glyphs import marks
from tradetop.panes.line import SEPARATOR, Line, joined, selected, severity, size, text, to_width, window
from tradetop.panes.look import Hint, Look
from tradetop.panes.matrix import Matrix, won
from tradetop.panes.positions import positions
from tradetop.panes.row import Row, Span
from tradetop.panes.table import Column, fitting, table
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("< > I", "sort"), Hint("z", "zoom"))
_SPARK = 6
"""Least width of a sparkline."""


def rows_of(frame: Frame, look: Look) -> list[tuple[PanelFrame, SeriesFrame]]:
    """What each selectable row stands for, in the order drawn."""
    tables = [[(m.panel, m.best(row)) for row in m.names] for m in sorting.strategies(frame, look)]
    crossed, calm = _stats(frame)
    return [*chain(*tables[:1]), *crossed, *chain(*tables[1:]), *calm]


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """The strategies' table, the open positions, further tables, single values."""
    panels = frame.pane(PaneName.STRATEGIES)
    level, heavy, said = verdict(frame, panels, look, named=True)
    at = cursor(look, PaneName.STRATEGIES)
    rows, places, headings = _rows(frame, look, width, height)
    if not rows:
        rows = [*lacking(frame, panels, "metrics or events that name a strategy", width, height)]
    chosen = places[at] if at is not None and at < len(places) else None
    if chosen is not None:
        rows[chosen] = selected(rows[chosen], look.mono)
    seen = window(len(rows), height, chosen)
    if len(seen) > 1 and seen[-1] in headings:
        seen = seen[:-1]  # A heading with nothing below it.
    shown = [rows[i] for i in seen]
    more = hidden(look, PaneName.STRATEGIES, len(rows) - len(shown))
    right = joined([x for x in (said, *titles(frame, panels, look), more) if x], SEPARATOR)
    return Content("Strategies", shown, right, level, heavy, silence(frame, look), _HINTS)


def _rows(frame: Frame, look: Look, width: int, height: int) -> tuple[list[Line], list[int], list[int]]:
    """All rows of the pane; where each selectable one stands, in the order of `rows_of`; where headings stand."""
    rows: list[Line] = []
    places: list[int] = []
    headings: list[int] = []
    held = positions(frame, look, width)
    tables = sorting.strategies(frame, look)
    crossed, calm = _stats(frame)

    def singles(found: Sequence[Item]) -> None:
        places.extend(range(len(rows), len(rows) + len(found)))
        rows.extend(_stat(frame, panel, series, look, width) for panel, series in found)

    if not tables:
        singles(crossed)
    for index, matrix in enumerate(tables):
        if index == 1 and held:
            headings.append(len(rows))
            rows += held
        heading, body = _table(frame, matrix, look, width)
        headings.append(len(rows))
        rows.append(heading)
        places += range(len(rows), len(rows) + len(matrix.names))
        rows += body
        if index == 0:
            singles(crossed)
            if held and len(rows) + len(held) < height:
                rows.append([])
    if len(tables) < 2 and held:
        headings.append(len(rows))
        rows += held
    singles(calm)
    return rows, places, headings


def _stats(frame: Frame) -> tuple[list[Item], list[Item]]:
    """The single values: those past a threshold, which stand where they are seen, and the others."""
    kinds = {PanelKind.TABLE, PanelKind.TITLE}
    found = items(tuple(p for p in frame.pane(PaneName.STRATEGIES) if p.panel.kind not in kinds))
    crossed = [(p, s) for p, s in found if s.reading.level is not Level.OK]
    return crossed, [(p, s) for p, s in found if s.reading.level is Level.OK]


def _table(frame: Frame, matrix: Matrix, look: Look, width: int) -> tuple[Row, list[Row]]:
    panel = matrix.panel.panel
    totals = len(matrix.names) > 1
    gone = [_gone(frame, matrix, row, look) for row in matrix.names]
    first = [_name(frame, matrix, row, look, since) for row, since in zip(matrix.names, gone, strict=True)]
    if totals:
        first.append(text("  total"))
    arrow = sorting.arrows(frame, look, PaneName.STRATEGIES.value)
    names = Column(f"  {matrix.heading}", first, right=False, most=24)
    columns = [names.marked(arrow(matrix.heading))]
    for query in matrix.queries:
        series = [matrix.cells.get((row, query)) for row in matrix.names]
        unit = panel.queries[query].unit or panel.unit
        money = won(panel, query)
        places = _decimals(series, unit)
        lines = [_cell(frame, s, look, money, places, alone=not since) for s, since in zip(series, gone, strict=True)]
        if totals:
            lines.append(_total(frame, series, unit, money, places))
        column = Column(matrix.column(query), lines, keep=0 if money else 2 + query)
        columns.append(column.marked(arrow(column.heading)))
    kept = fitting(columns, width)
    room = min(60, width - sum(c.width for c in kept) - 2 * len(kept))
    if room >= _SPARK:
        trend = [_trend(matrix.best(row), look, room) for row in matrix.names]
        kept.append(Column(numbers.short(frame.view.span), [*trend, *([[]] if totals else [])], least=room, most=room))
    return table(kept, width)


def _gone(frame: Frame, matrix: Matrix, row: str, look: Look) -> str:
    """How long a row has had no data, where all of it stopped, so that its name says it once."""
    mine = [s.reading for (r, _), s in matrix.cells.items() if r == row]
    if any(r.presence is not Presence.STALE for r in mine):
        return ""
    return cell(frame, max(mine, key=lambda r: r.t or 0), look)


def _name(frame: Frame, matrix: Matrix, row: str, look: Look, gone: str) -> list[Span]:
    """A row's name behind a sign of how it stands, and for how long it has been gone."""
    sign = marks(look.glyphs)
    mine = [s.reading for (r, _), s in matrix.cells.items() if r == row]
    level = max((r.level for r in mine), default=Level.OK)
    # Where the whole bot is silent the pane says it once, and its rows keep their shape.
    live = bool(silence(frame)) or any(r.presence in {Presence.LIVE, Presence.NEVER_SET} for r in mine)
    dot = Span(f"{sign.level(level) if live else sign.off} ", severity(level, Role.OK) if live else Role.FAINT)
    since = text(f" {gone}") if gone else []
    return [dot, Span(row, severity(level) if live else Role.FAINT), *since]


def _trend(series: SeriesFrame, look: Look, room: int) -> list[Span]:
    value = series.reading.value
    role = money_role(value) if series.reading.unit is Unit.USD and value else Role.BAR
    return spark(series.trend, room, look.glyphs, role)


_COUNTS = frozenset([Unit.SHORT, Unit.NONE, Unit.PER_HOUR, Unit.PER_MINUTE])


def _decimals(series: Sequence[SeriesFrame | None], unit: Unit) -> int | None:
    """Decimals of a column of counts: none where all are whole but for what a window's edges add; else one width."""
    values = [s.reading.value for s in series if s is not None and s.reading.value is not None]
    finite = [abs(v) for v in values if math.isfinite(v)]
    if unit not in _COUNTS or not finite or max(finite) >= 10_000:
        return None
    if max(finite) >= 100 or all(abs(v - round(v)) <= v * 0.05 for v in finite):
        return 0
    return 1 if max(finite) >= 10 else 2


def _cell(
    frame: Frame, series: SeriesFrame | None, look: Look, money: bool, decimals: int | None, *, alone: bool
) -> list[Span]:
    if series is None or (series.reading.value is None and series.reading.presence is not Presence.NOT_RECORDED):
        return text((numbers.UNKNOWN, Role.FAINT))
    reading = series.reading
    said = numbers.amount(reading.value, reading.unit, decimals=decimals, signed=money)
    role = severity(reading.level, money_role(reading.value) if money else Role.FOREGROUND)
    unit = said.unit if len(said.unit) == 1 else ""
    row = figure(frame, reading, said._replace(unit=unit), look, role, bold=money, brief=True)
    return row if alone or reading.presence is not Presence.STALE else row[:2] if unit else row[:1]


def _total(
    frame: Frame, series: Sequence[SeriesFrame | None], unit: Unit, money: bool, decimals: int | None
) -> list[Span]:
    """The sum, where adding up means something; that of a part says so."""
    if unit not in {Unit.USD, Unit.SHORT, Unit.NONE, Unit.PER_HOUR, Unit.PER_MINUTE, Unit.PER_SECOND}:
        return []
    values = [s.reading.value for s in series if s is not None and s.reading.value is not None]
    if not values:
        return text((numbers.UNKNOWN, Role.FAINT))
    total = sum((v for v in values if math.isfinite(v)), 0.0)  # Unlike fsum it keeps hidden what is.
    said = numbers.amount(total, unit, decimals=decimals, signed=money)
    gone = {Presence.STALE, Presence.NOT_RECORDED, Presence.ABSENT}
    missing = {s.reading.presence in gone for s in series if s is not None}
    # Where all of them have gone their rows say it.
    if not silence(frame) and len(missing) > 1:
        return text(said.digits, " part")
    return [Span(said.digits, money_role(total) if money else Role.FOREGROUND, bold=True)]


def _stat(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look, width: int) -> Row:
    reading = series.reading
    said = numbers.amount(reading.value, reading.unit, decimals=panel.panel.decimals, signed=panel.panel.signed)
    label = min(24, max(12, width // 3))
    full = f"{panel.panel.label} {series.legend}" if panel.panel.label and len(panel.series) > 1 else ""
    named = full if full and cells.width(full) <= label else name(panel, series)
    left = [
        Span(cells.fit(named, label) + " ", severity(reading.level, Role.SECONDARY)),
        Span(cells.right(digits(reading, said), 9), severity(reading.level), bold=True),
        Span(cells.fit(f" {said.unit}" if len(said.unit) > 1 else said.unit, 5), Role.MUTED),
    ]
    words = remark(frame, reading, look, panel.panel.needs)
    crossed = next((t for t in reversed(panel.panel.thresholds) if t.crossed(reading.value or 0.0)), None)
    tail = text(f" {crossed}") if crossed is not None and reading.level is not Level.OK else []
    room = max(0, width - size(left) - size(tail))
    middle = text(words) if words else spark(series.trend, room, look.glyphs, severity(reading.level, Role.BAR))
    row = to_width([*left, *to_width(middle, room), *tail], width)
    return aged(frame, reading, row)
