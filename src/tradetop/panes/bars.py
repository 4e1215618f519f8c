"""Bars: one row for each series, its value and a gauge; shared by the panes that show several alike."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.frame import Frame
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers
from tradetop.panes.content import aged, flag, remark
from tradetop.panes.content import digits as figures
from tradetop.panes.draw.gauge import gauge
from tradetop.panes.glyphs import marks
from tradetop.panes.line import severity, size, text, to_width
from tradetop.panes.look import Glyphs, Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

Item = tuple[PanelFrame, SeriesFrame]


_BAR = 12
"""Columns that a bar keeps beside long names."""
_TIMES = frozenset([Unit.SECONDS, Unit.MILLISECONDS])


def items(panels: Sequence[PanelFrame]) -> list[Item]:
    """Every series of the panels, in their order."""
    return [(panel, series) for panel in panels for series in panel.series]


def name(panel: PanelFrame, series: SeriesFrame) -> str:
    """What tells a series from the others of its pane."""
    if len(panel.series) > 1 and series.legend:
        return series.legend
    return panel.panel.short or series.legend


def bars(frame: Frame, found: Sequence[Item], look: Look, width: int, decimals: int | None = None) -> list[Row]:
    """Rows of exactly `width` cells: label, value, unit, bar up to the end of the scale."""
    said = [_amount(p, s, decimals) for p, s in found]
    digits = max([4, *(cells.width(a.digits) for a in said)])
    unit = max([1, *(cells.width(a.unit) for a in said)])
    longest = max([6, *(cells.width(name(p, s)) for p, s in found)])
    # Where each panel has thresholds of its own, each row says the worst of them.
    told = len({p.panel.thresholds for p, _ in found}) > 1
    limit = max((cells.width(_limit(p)) for p, _ in found), default=0) if told else 0
    free = width - digits - unit - 2 - (limit + 1 if limit else 0)
    label = min(longest, 24, max(6, free * 2 // 5, free - _BAR))
    return [
        _row(frame, panel, series, amount, look, width, (label, digits, unit, limit))
        for (panel, series), amount in zip(found, said, strict=True)
    ]


def _amount(panel: PanelFrame, series: SeriesFrame, decimals: int | None) -> numbers.Amount:
    places = panel.panel.decimals if panel.panel.decimals is not None else decimals
    places = places if series.reading.unit in {Unit.PERCENT, Unit.RATIO} else panel.panel.decimals
    return numbers.amount(series.reading.value, series.reading.unit, decimals=places, signed=panel.panel.signed)


def _row(
    frame: Frame,
    panel: PanelFrame,
    series: SeriesFrame,
    said: numbers.Amount,
    look: Look,
    width: int,
    columns: tuple[int, int, int, int],
) -> Row:
    label, digits, unit, limit = columns
    reading = series.reading
    left = [
        Span(cells.fit(name(panel, series), label) + " ", severity(reading.level, Role.SECONDARY)),
        Span(cells.right(figures(reading, said), digits), severity(reading.level), bold=True),
        Span(cells.fit(said.unit, unit), Role.MUTED),
        flag(reading, look),
    ]
    tail = text(cells.right(_limit(panel), limit + 1)) if limit else []
    room = width - label - digits - unit - 2 - size(tail)
    words = remark(frame, reading, look, panel.panel.needs)
    if words:
        middle = [*to_width(text(words), max(0, room))]
    elif panel.panel.thresholds:
        low, high = scale(panel)
        ticks = look.mono or look.ticks or look.glyphs is not Glyphs.BRAILLE
        middle = gauge(reading.value, low, high, panel.panel.thresholds, room, marks(look.glyphs), ticks)
    else:
        middle = [Span(" " * max(0, room))]
    row = to_width([*left, *middle, *tail], width)
    return aged(frame, reading, row)


def _limit(panel: PanelFrame) -> str:
    """The worst threshold's value, with its unit where it is a time."""
    worst = max(panel.panel.thresholds, key=lambda t: t.level, default=None)
    if worst is None:
        return ""
    said = numbers.brief(worst.value, panel.panel.unit)
    return f"{said}{panel.panel.unit.value}" if panel.panel.unit in _TIMES and said[-1:].isdigit() else said


def scale(panel: PanelFrame) -> tuple[float, float]:
    """Ends of the panel's gauge: as said, else 0 to 100 % where it is a share, else past its last threshold."""
    unit = panel.panel.unit
    ends = [t.value for t in panel.panel.thresholds]
    full = 100.0 if unit is Unit.PERCENT else 1.0 if unit is Unit.RATIO else max([0.0, *ends]) * 1.25 or 1.0
    low = panel.panel.minimum if panel.panel.minimum is not None else min([0.0, *ends]) * 1.25
    high = panel.panel.maximum if panel.panel.maximum is not None else max([full, *ends])
    return (low, high) if high > low else (low, low + 1.0)
