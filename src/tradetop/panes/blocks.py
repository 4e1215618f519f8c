"""Blocks: what the dashboard draws for one panel; single values stand below each other with their digits aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tradetop.model.frame import Frame
from tradetop.model.panel import PanelKind, Side
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers
from tradetop.panes.content import aged, digits, figure, money_role, needed, remark, unmoved, unsaid
from tradetop.panes.draw.spark import spark
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, joined, selected, severity, size, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.row import Row, Span
from tradetop.panes.table import aligned
from tradetop.theme.roles import Role

_NAME = 18
"""Most columns of a series' name."""
_TREND, _LONG = 4, 40
"""Columns of the trend of one of several series, and most of them where it has a row of its own."""
_INDENT = 4
"""Columns before the series of a panel whose title stands above them."""
_LIMIT = 7
"""Columns at the end of a row for its thresholds; where they need more its trend is shorter."""
_LEAST = 6
"""Columns of a trend before titles give way."""


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one panel; `first` and `last` are the indices of its series among all that can be selected."""

    rows: tuple[Row, ...]
    first: int
    last: int
    cursor: int = 0
    """Row of the block that the cursor is on, where it is in it."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Columns of a block and of the parts of a single value's row."""

    whole: int
    title: int
    digits: int
    unit: int
    limit: int

    @property
    def room(self) -> int:
        """Columns behind the title."""
        return self.whole - self.title - 1


def measured(panels: Sequence[PanelFrame], width: int) -> Widths:
    """Widths in which no title is cut that could have room, and digits stand below digits."""
    title = max((cells.width(p.panel.title) for p in panels if len(p.series) < 2), default=0) + 2
    said = [_said(p, p.series[0]) for p in panels if len(p.series) == 1]
    limit = max((cells.width(limits_of(p)) for p in panels if len(p.series) == 1), default=0)
    digits = min(16, max([4, *(cells.width(s.digits) for s in said)]))
    unit = min(5, max([1, *(cells.width(_unit(s)) for s in said)]))
    limit = min(limit, _LIMIT)
    room = max(width * 3 // 7, width - digits - unit - limit - _LEAST - 4)
    return Widths(width, max(10, min(title, room)), digits, unit, limit)


def block(frame: Frame, panel: PanelFrame, look: Look, widths: Widths, index: int, *, roomy: bool = False) -> Block:
    """A panel's rows; its first series is the `index`th of all that can be selected.

    With `roomy` each of several series has a row of its own, and a longer trend.
    """
    last = index + max(0, len(panel.series) - 1)
    title = _title(panel, look, widths)
    if panel.error and not panel.series:
        body: Line = text((panel.error, Role.WARN))
    elif not panel.series:
        needs = needed(panel.panel.needs) if panel.panel.needs else "no data yet"
        body = text((f"{numbers.UNKNOWN} ", Role.FAINT), needs)
    elif len(panel.series) == 1:
        body = _single(frame, panel, panel.series[0], look, widths)
    else:
        rows, at = _several(frame, panel, look, widths, index, roomy)
        return Block((*rows, *_failed(panel, widths)), index, last, at)
    row = to_width([*title, *body], widths.whole)
    wrong = _failed(panel, widths) if panel.series else ()
    return Block((_chosen(row, look, look.selected == index), *wrong), index, last)


def in_order(panel: PanelFrame) -> list[SeriesFrame]:
    """A panel's series as drawn: those of a table row by row."""
    if panel.panel.kind is not PanelKind.TABLE:
        return [*panel.series]
    rows = list(dict.fromkeys(row_name(panel, s) for s in panel.series))
    return sorted(panel.series, key=lambda s: (rows.index(row_name(panel, s)), s.query))


def row_name(panel: PanelFrame, series: SeriesFrame) -> str:
    """The row of a table that a series belongs to."""
    return series.labels.get(panel.panel.by, series.legend)


def limits_of(panel: PanelFrame) -> str:
    """A panel's thresholds in few characters: `> 80/90`."""
    sides: dict[str, list[str]] = {}
    for threshold in panel.panel.thresholds:
        sign = ">" if threshold.side is Side.ABOVE else "<"
        sides.setdefault(sign, []).append(numbers.brief(threshold.value, panel.panel.unit))
    return " ".join(f"{sign} {'/'.join(dict.fromkeys(values))}" for sign, values in sides.items())


def _title(panel: PanelFrame, look: Look, widths: Widths) -> list[Span]:
    lead = f"{marks(look.glyphs).level(panel.level)} " if panel.level else "  "
    name = panel.panel.title
    bare = name[: name.rfind(" (")] if name.endswith(")") and " (" in name else name
    # What stands in brackets goes before the words that are the name.
    if cells.width(lead + name) > widths.title >= cells.width(lead + bare) + 1:
        name = bare + cells.ELLIPSIS
    said = cells.fit(lead + name, widths.title) + " "
    return [Span(said, severity(panel.level), bold=bool(panel.level))]


def _failed(panel: PanelFrame, widths: Widths) -> tuple[Row, ...]:
    """A line for what could not be worked out beside what could."""
    if not panel.error:
        return ()
    return (to_width([Span(" " * (widths.title + 1)), Span(panel.error, Role.WARN)], widths.whole),)


def _chosen(row: Row, look: Look, chosen: bool) -> Row:
    return selected(row, look.mono) if chosen else row


def _said(panel: PanelFrame, series: SeriesFrame, offset: int = 0) -> numbers.Amount:
    """A series' value, or the word that it stands for."""
    reading = series.reading
    word = "" if unsaid(reading) else dict(panel.panel.states).get(reading.value or 0.0, "")
    if word:
        return numbers.Amount(word)
    return numbers.amount(
        reading.value, reading.unit, decimals=panel.panel.decimals, signed=panel.panel.signed, offset=offset
    )


def _unit(said: numbers.Amount) -> str:
    return f" {said.unit}" if len(said.unit) > 2 and said.unit[0].isalpha() else said.unit


def _role(panel: PanelFrame, series: SeriesFrame) -> Role:
    return severity(series.reading.level, money_role(series.reading.value) if panel.panel.signed else Role.FOREGROUND)


def _single(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look, widths: Widths) -> Row:
    said = _said(panel, series, look.offset)
    value = Span(cells.right(digits(series.reading, said), widths.digits), _role(panel, series), bold=True)
    lead = [value, *text(cells.fit(_unit(said) if not unsaid(series.reading) else "", widths.unit) + " ")]
    if cells.width(said.digits) > widths.digits and not unsaid(series.reading):
        lead = [Span(f"{said.digits}{_unit(said)} ", _role(panel, series), bold=True)]
    words = remark(frame, series.reading, look, panel.panel.needs)
    words = words or ("" if panel.panel.states else unmoved(frame, series.reading, look))
    if words:
        return aged(frame, series.reading, to_width([*lead, *text(words)], widths.room))
    limits = limits_of(panel)
    tail = text(cells.right(limits, max(cells.width(limits), widths.limit))) if limits else []
    room = widths.room - size(lead) - max(size(tail), widths.limit) - 1
    tone = Role.BAR if not panel.level else severity(panel.level)
    curve = spark(series.trend, room, look.glyphs, tone)
    return to_width(
        [*lead, *curve, Span(" " * (widths.room - size(lead) - max(0, room) - size(tail))), *tail], widths.room
    )


def _several(
    frame: Frame, panel: PanelFrame, look: Look, widths: Widths, index: int, roomy: bool
) -> tuple[list[Row], int]:
    """The rows of a panel with several series, and the row under the cursor.

    They stand beside the title, or below it where the two have no room beside each other.
    """
    title = _title(panel, look, widths)
    beside = cells.width(panel.panel.title) + 2 <= widths.title
    if panel.panel.kind is PanelKind.TABLE:
        lines, at = _table(frame, panel, look, index)
        beside = beside and max(map(size, lines)) <= widths.room
    else:
        lines, at = _grid(frame, panel, look, widths.room if beside else widths.whole - _INDENT, index, roomy)
    if beside:
        left = (Span(" " * size(title)),)
        return [(*(left if i else title), *to_width(line, widths.room)) for i, line in enumerate(lines)], at
    wide = _title(panel, look, replace(widths, title=widths.whole - 1))
    room = widths.whole - _INDENT
    return [tuple(wide), *((Span(" " * _INDENT), *to_width(line, room)) for line in lines)], at + 1


def _grid(frame: Frame, panel: PanelFrame, look: Look, width: int, index: int, roomy: bool) -> tuple[list[Line], int]:
    """As many series beside each other as there is room for, names below names and digits below digits."""
    names = [cells.middle(s.legend or s.labels.name or panel.panel.short, _NAME) for s in panel.series]
    values = [_figure(frame, panel, s, look) for s in panel.series]
    name, value = max(map(cells.width, names)), max(map(size, values))
    room = width - name - value - 2
    trend = 0 if room < _TREND else min(room, _LONG) if roomy else _TREND
    items: list[Row] = []
    for offset, (series, said) in enumerate(zip(panel.series, values, strict=True)):
        tone = severity(series.reading.level, Role.BAR)
        curve = [Span(" "), *spark(series.trend, trend, look.glyphs, tone)] if trend else []
        lead = text(cells.fit(names[offset], name) + " ")
        item: Row = (*lead, *aligned(said, value, right=True), *curve)
        items.append(_chosen(item, look, look.selected == index + offset))
    across = 1 if roomy else max(1, (width + 2) // (size(items[0]) + 2))
    lines: list[Line] = [joined(items[i : i + across], Span("  ")) for i in range(0, len(items), across)]
    return lines, max(0, min(look.selected - index, len(items) - 1)) // across


def _table(frame: Frame, panel: PanelFrame, look: Look, index: int) -> tuple[list[Line], int]:
    """A heading, then row after row; each cell is a series."""
    series = in_order(panel)
    names = list(dict.fromkeys(row_name(panel, s) for s in series))
    cell = {(row_name(panel, s), s.query): _figure(frame, panel, s, look) for s in series}
    place = {(row_name(panel, s), s.query): index + i for i, s in enumerate(series)}
    queries = sorted({s.query for s in series})
    head = {q: panel.panel.queries[q].column or panel.panel.queries[q].legend or f"#{q + 1}" for q in queries}
    wide = {q: max([cells.width(head[q]), *(size(line) for (_, of), line in cell.items() if of == q)]) for q in queries}
    name = min(_NAME, max(map(cells.width, names)))
    heading = text(" " * name, *(f"  {cells.right(head[q], wide[q])}" for q in queries))
    lines: list[Line] = [heading]
    at = 0
    for row in names:
        line = text((cells.fit(cells.middle(row, name), name), Role.SECONDARY))
        for q in queries:
            chosen = place.get((row, q)) == look.selected
            at = len(lines) if chosen else at
            line += [Span("  "), *_chosen(aligned(cell.get((row, q), ()), wide[q], right=True), look, chosen)]
        lines.append(line)
    return lines, at


def _figure(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look) -> list[Span]:
    said = _said(panel, series, look.offset)
    if panel.panel.kind is PanelKind.TABLE and series.reading.unit is Unit.USD:
        said = said._replace(unit="")
    return figure(frame, series.reading, said, look, _role(panel, series), brief=True)
