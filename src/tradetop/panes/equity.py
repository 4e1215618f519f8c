"""Pane 2: what the account is worth over the window, with deployments and alerts on its time axis."""

from __future__ import annotations

import math

from tradetop.model.frame import Frame
from tradetop.model.hidden import Proportions
from tradetop.model.level import Presence
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, Reading, SeriesFrame
from tradetop.model.unit import Unit
from tradetop.panes import numbers
from tradetop.panes.bars import Item, items, name
from tradetop.panes.content import Content, figure, lacking, presence, silence, stale, titles, unsaid, verdict
from tradetop.panes.draw.chart import chart
from tradetop.panes.draw.lines import MOST, ROLES, sample
from tradetop.panes.draw.sample import extent
from tradetop.panes.happened import happened
from tradetop.panes.line import SEPARATOR, Line, joined, severity, size, text
from tradetop.panes.look import Hint, Look
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("[ ]", "window"), Hint("z", "zoom"))
_LANE_FROM = 8
_LINES_FROM = 60
"""Columns from which further series are drawn as lines."""
_REACH = 4
"""A series that would make the scale more than so many times as large would squeeze the account flat."""
_FALLS = frozenset(["dd", "drawdown"])
"""How panels name the way down from the peak."""


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """The pane's first chart, with further series of its kind as lines over it."""
    panels = frame.pane(PaneName.EQUITY)
    main = next((p for p in panels if p.panel.kind is PanelKind.CHART and p.series), None)
    level, heavy, _ = verdict(frame, panels, look)
    rows: list[Line]
    if main is None or main.first is None:
        wanting = [*lacking(frame, panels, "a metric of the account's value", width, height)]
        return Content("Equity", wanting, (), level, heavy, silence(frame, look), _HINTS)
    beside = _beside(main, panels) if width >= _LINES_FROM and height >= _LANE_FROM else []
    if extent(main.first.trend.values) is None or main.first.reading.presence is Presence.NEVER_SET:
        rows = _nothing(frame, main.first.reading, look, width, height)
    else:
        lane = height >= _LANE_FROM
        found = happened(frame, look)
        lines = [series.trend for _, series in beside]
        unit = main.panel.unit
        rows = [*chart(main.first.trend, width, height, look, unit, marks=found, lane=lane, others=lines)]
    right = _right(frame, main, panels, look, beside)
    return Content("Equity", rows, right, level, heavy, stale(frame, main, look), _HINTS)


def _beside(main: PanelFrame, panels: tuple[PanelFrame, ...]) -> list[Item]:
    """The further series that can be seen on the account's own scale."""
    first = main.first
    ends = None if first is None else extent(first.trend.values)
    if first is None or ends is None or isinstance(first.trend.values, Proportions):
        return []
    found: list[Item] = []
    low, high = ends
    for panel, series in items(tuple(p for p in panels if p.panel.kind is PanelKind.CHART)):
        other = extent(series.trend.values)
        alike = (series.trend.start, series.trend.step) == (first.trend.start, first.trend.step)
        if series is first or other is None or not alike or series.reading.unit is not first.reading.unit:
            continue
        least, most = min(low, other[0]), max(high, other[1])
        if len(found) < MOST and most - least <= max((ends[1] - ends[0]) * _REACH, abs(ends[1]) * 0.02):
            low, high = least, most
            found.append((panel, series))
    return found


def _nothing(frame: Frame, reading: Reading, look: Look, width: int, height: int) -> list[Line]:
    """What stands where a curve would be."""
    if unsaid(reading):
        line = figure(frame, reading, numbers.Amount(numbers.UNKNOWN), look, Role.SECONDARY)
    else:
        line = text("no history yet")
    return [*[()] * ((height - 1) // 2), [Span(" " * max(0, (width - size(line)) // 2)), *line]]


def _right(
    frame: Frame, main: PanelFrame, panels: tuple[PanelFrame, ...], look: Look, beside: list[Item]
) -> list[Span]:
    assert main.first is not None
    if unsaid(main.first.reading):
        return text(presence(main.first.reading, frame.now, look.offset))
    said = numbers.amount(main.first.reading.value, main.panel.unit, decimals=main.panel.decimals)
    value: list[Span] = [
        Span(said.digits, severity(main.level), bold=True),
        *text(f" {said.unit}" if said.unit else ""),
    ]
    said_too = titles(frame, panels, look)
    own = {p.panel.short: p.first.reading.value for p in panels if p.panel.kind is PanelKind.TITLE and p.first}
    far = _peak(main, main.first, own.get("peak"))
    # How far below its peak the account is says more than the peak itself.
    fallen, said_too = far[1:] if _FALLS.isdisjoint(own) else [], said_too or far[:1]
    lines = [
        [Span(f"{sample(index, look.glyphs)} ", ROLES[index]), *text(name(panel, series))]
        for index, (panel, series) in enumerate(beside)
    ]
    charts = sum(len(p.series) for p in panels if p.panel.kind is PanelKind.CHART) - 1 - len(beside)
    more = [text(f"+{charts} series")] if charts > 0 else []
    return joined([value, *fallen, *lines, *more, *said_too], SEPARATOR)


def _peak(main: PanelFrame, series: SeriesFrame, own: float | None) -> list[list[Span]]:
    """The greatest value, of the window or as a panel of its `own` says, and how far below it the account is now."""
    ends, value = extent(series.trend.values), series.reading.value
    if ends is None or value is None or not math.isfinite(value):
        return []
    peak = own if own is not None and own > value else max(ends[1], value)
    if main.panel.signed:
        # A sum of wins and losses, which began at nothing: its fall is an amount and no part of it.
        peak = max(0.0, peak)
        return [text("peak ", (_amount(peak, main), Role.FOREGROUND)), _fall(_amount(value - peak, main), value < peak)]
    if min(ends[0], value) <= 0:
        return []
    down = (value - peak) / peak * 100
    high = numbers.amount(peak, main.panel.unit, decimals=0).digits
    fall = numbers.amount(down, Unit.PERCENT, decimals=2)
    return [text("peak ", (high, Role.FOREGROUND)), _fall(str(fall), down <= -0.005)]


def _amount(value: float, main: PanelFrame) -> str:
    return numbers.amount(value, main.panel.unit, decimals=main.panel.decimals).digits


def _fall(said: str, fallen: bool) -> list[Span]:
    return text("dd ", (said, Role.LOSS if fallen else Role.FOREGROUND))
