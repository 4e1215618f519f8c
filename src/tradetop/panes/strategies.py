"""Pane 6: what each strategy does, and the open positions as far as a source tells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.frame import Frame, PanelFrame, Position, SeriesFrame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Panel, PanelKind, PaneName
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers
from tradetop.panes.bars import items, name
from tradetop.panes.content import Content, aged, cursor, lacking, money_role, remark, silence, titles, verdict
from tradetop.panes.draw.spark import spark
from tradetop.panes.glyphs import marks
from tradetop.panes.line import SEPARATOR, Line, joined, selected, severity, size, text, to_width, window
from tradetop.panes.look import Hint, Look
from tradetop.panes.row import Row, Span
from tradetop.panes.table import Column, fitting, table
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("z", "zoom"))
_SPARK = 6
"""Least width of a sparkline."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The series of a table panel by the value of its `by` label and by query."""

    panel: PanelFrame
    names: tuple[str, ...]
    cells: dict[tuple[str, int], SeriesFrame]

    @property
    def sorted_by(self) -> int | None:
        """The query whose values the rows are sorted by: money won or lost."""
        return next((q for _, q in self.cells if won(self.panel.panel, q)), None)

    def best(self, row: str) -> SeriesFrame:
        """The series that a row stands for: its money, else its first."""
        found = [(q, s) for (r, q), s in self.cells.items() if r == row]
        return next((s for q, s in found if won(self.panel.panel, q)), found[0][1])


def won(panel: Panel, query: int) -> bool:
    """Whether a column holds money won or lost, and not what something is worth."""
    of = panel.queries[query]
    heading = (of.column or of.legend).upper()
    return (of.unit or panel.unit) is Unit.USD and (panel.signed or heading == "OPEN" or "P&L" in heading)


def matrices(frame: Frame) -> list[Matrix]:
    """The table panels of the pane that have data, their rows with the greatest gain first."""
    found: list[Matrix] = []
    for panel in frame.pane(PaneName.STRATEGIES):
        if panel.panel.kind is not PanelKind.TABLE or not panel.series:
            continue
        by = panel.panel.by
        grid = {(s.labels.get(by, s.legend), s.query): s for s in reversed(panel.series)}
        names = list(dict.fromkeys(s.labels.get(by, s.legend) for s in panel.series))
        matrix = Matrix(panel, tuple(names), grid)
        if any(won(panel.panel, s.query) for s in panel.series):
            names.sort(key=lambda n: -_sortable(matrix.best(n)))
            matrix = Matrix(panel, tuple(names), grid)
        found.append(matrix)
    return found


def rows_of(frame: Frame) -> list[tuple[PanelFrame, SeriesFrame]]:
    """What each selectable row stands for, in the order drawn."""
    found = [(m.panel, m.best(row)) for m in matrices(frame) for row in m.names]
    return found + items(_stats(frame))


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
    right = joined([x for x in (said, *titles(panels, look)) if x], SEPARATOR)
    return Content("Strategies", shown, right, level, heavy, silence(frame), _HINTS)


def _rows(frame: Frame, look: Look, width: int, height: int) -> tuple[list[Line], list[int], list[int]]:
    """All rows of the pane; where each selectable one stands, in the order of `rows_of`; where headings stand."""
    rows: list[Line] = []
    places: list[int] = []
    headings: list[int] = []
    held = positions(frame.positions, frame, look, width) if frame.positions else []
    for index, matrix in enumerate(matrices(frame)):
        if index == 1 and held:
            headings.append(len(rows))
            rows += held
        heading, body = _table(frame, matrix, look, width)
        headings.append(len(rows))
        rows.append(heading)
        places += range(len(rows), len(rows) + len(matrix.names))
        rows += body
        if index == 0 and held and len(rows) + len(held) < height:
            rows.append([])
    if len(matrices(frame)) < 2 and held:
        headings.append(len(rows))
        rows += held
    for panel, series in items(_stats(frame)):
        places.append(len(rows))
        rows.append(_stat(frame, panel, series, look, width))
    return rows, places, headings


def positions(found: Sequence[Position], frame: Frame, look: Look, width: int) -> list[Row]:
    """A table of positions with the columns that a source filled."""
    sign = marks(look.glyphs)

    def side(position: Position) -> list[Span]:
        short = position.side.lower() in {"short", "sell"}
        return [Span(position.side, Role.RISK if short else Role.INFO)]

    def arrow(position: Position) -> list[Span]:
        short = position.side.lower() in {"short", "sell"}
        return [
            Span(f"{sign.down if short else sign.up} " if position.side else "  ", money_role(position.pnl)),
            Span(position.pair),
        ]

    columns = [Column("  POSITION", [arrow(p) for p in found], right=False)]
    if any(p.side for p in found):
        columns.append(Column("SIDE", [side(p) for p in found], right=False, keep=2))
    large = max((abs(p.size) for p in found if p.size is not None), default=0.0) >= 1_000
    if any(p.size is not None for p in found):
        columns.append(Column("SIZE", [_figure(p.size, 2 if large else 4) for p in found], keep=3))
    if any(p.entry is not None for p in found):
        columns.append(Column("ENTRY", [_figure(p.entry, 2) for p in found], keep=4))
    if any(p.opened_at is not None for p in found):
        ages = [
            text("" if p.opened_at is None else numbers.short(max(0, frame.at - p.opened_at) // 1_000 * 1_000))
            for p in found
        ]
        columns.append(Column("HELD", ages, keep=5))
    if any(p.strategy for p in found):
        columns.append(
            Column("STRATEGY", [text((p.strategy, Role.SECONDARY)) for p in found], right=False, keep=6, most=16)
        )
    if any(p.pnl is not None for p in found):
        columns.append(Column("OPEN", [_money(p.pnl) for p in found], keep=1))
    heading, rows = table(columns, width)
    return [heading, *rows]


def _stats(frame: Frame) -> tuple[PanelFrame, ...]:
    kinds = {PanelKind.TABLE, PanelKind.TITLE}
    return tuple(p for p in frame.pane(PaneName.STRATEGIES) if p.panel.kind not in kinds)


def _sortable(series: SeriesFrame) -> float:
    value = series.reading.value
    return -math.inf if value is None or value != value else value


def _table(frame: Frame, matrix: Matrix, look: Look, width: int) -> tuple[Row, list[Row]]:
    panel = matrix.panel.panel
    sign = marks(look.glyphs)
    totals = len(matrix.names) > 1
    first: list[list[Span]] = []
    for row in matrix.names:
        mine = [s.reading for (r, _), s in matrix.cells.items() if r == row]
        level = max((r.level for r in mine), default=Level.OK)
        # Where the whole bot is silent the pane says it once, and its rows keep their shape.
        live = bool(silence(frame)) or any(r.presence in {Presence.LIVE, Presence.NEVER_SET} for r in mine)
        dot = Span(f"{sign.level(level) if live else sign.off} ", severity(level, Role.OK) if live else Role.FAINT)
        first.append([dot, Span(row, severity(level) if live else Role.FAINT)])
    if totals:
        first.append(text("  total"))
    columns = [Column(f"  {panel.by.upper() or panel.short.upper()}", first, right=False, most=24)]
    sorts = matrix.sorted_by
    for query, of in enumerate(panel.queries):
        series = [matrix.cells.get((row, query)) for row in matrix.names]
        if not any(series):
            continue
        unit = of.unit or panel.unit
        money = won(panel, query)
        places = _decimals(series, unit)
        lines = [_cell(frame, s, money, places) for s in series]
        if totals:
            lines.append(_total(series, unit, money, places))
        name = of.column or of.legend or f"#{query + 1}"
        columns.append(Column(name + (sign.down if query == sorts else ""), lines, keep=0 if money else 2 + query))
    kept = fitting(columns, width)
    room = min(60, width - sum(c.width for c in kept) - 2 * len(kept))
    if room >= _SPARK:
        trend = [_trend(matrix.best(row), look, room) for row in matrix.names]
        kept.append(Column(numbers.short(frame.view.span), [*trend, *([[]] if totals else [])], least=room, most=room))
    return table(kept, width)


def _trend(series: SeriesFrame, look: Look, room: int) -> list[Span]:
    value = series.reading.value
    role = money_role(value) if series.reading.unit is Unit.USD and value else Role.BAR
    return spark(series.trend.values, room, look.glyphs, role)


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


def _cell(frame: Frame, series: SeriesFrame | None, money: bool, decimals: int | None) -> list[Span]:
    if series is None or series.reading.value is None:
        return text((numbers.UNKNOWN, Role.FAINT))
    reading = series.reading
    if reading.presence is Presence.NEVER_SET:
        return text(("0", Role.FAINT))
    said = numbers.amount(reading.value, reading.unit, decimals=decimals, signed=money)
    role = severity(reading.level, money_role(reading.value) if money else Role.FOREGROUND)
    row = [Span(said.digits, role, bold=money), *text(said.unit if len(said.unit) == 1 else "")]
    return list(aged(frame, reading, row))


def _total(series: Sequence[SeriesFrame | None], unit: Unit, money: bool, decimals: int | None) -> list[Span]:
    """The sum, where adding up means something."""
    if unit not in {Unit.USD, Unit.SHORT, Unit.NONE, Unit.PER_HOUR, Unit.PER_MINUTE, Unit.PER_SECOND}:
        return []
    values = [s.reading.value for s in series if s is not None and s.reading.value is not None]
    total = math.fsum(v for v in values if math.isfinite(v))
    said = numbers.amount(total, unit, decimals=decimals, signed=money)
    return [Span(said.digits, money_role(total) if money else Role.FOREGROUND, bold=True)]


def _stat(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look, width: int) -> Row:
    reading = series.reading
    said = numbers.amount(reading.value, reading.unit, decimals=panel.panel.decimals, signed=panel.panel.signed)
    label = min(24, max(12, width // 3))
    left = [
        Span(cells.fit(name(panel, series), label) + " ", severity(reading.level, Role.SECONDARY)),
        Span(cells.right(said.digits, 9), severity(reading.level), bold=True),
        Span(cells.fit(f" {said.unit}" if len(said.unit) > 1 else said.unit, 5), Role.MUTED),
    ]
    words = remark(frame, reading, look)
    room = max(0, width - size(left))
    middle = text(words) if words else spark(series.trend.values, room, look.glyphs)
    row = to_width([*left, *middle], width)
    return aged(frame, reading, row)


def _figure(value: float | None, decimals: int) -> list[Span]:
    return text((numbers.UNKNOWN, Role.FAINT)) if value is None else text((f"{value:,.{decimals}f}", Role.SECONDARY))


def _money(value: float | None) -> list[Span]:
    if value is None:
        return text((numbers.UNKNOWN, Role.FAINT))
    return [Span(numbers.amount(value, Unit.USD, signed=True).digits, money_role(value), bold=True)]
