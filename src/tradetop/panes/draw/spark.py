"""Sparklines: a series in one row."""

from __future__ import annotations

from tradetop.model.frame import Trend
from tradetop.panes.draw.area import Ink, area, spans
from tradetop.panes.draw.axis import Scale, scale
from tradetop.panes.draw.sample import extent
from tradetop.panes.look import Glyphs
from tradetop.panes.row import Span
from tradetop.theme.roles import Role


def spark(trend: Trend, width: int, glyphs: Glyphs, role: Role = Role.BAR) -> list[Span]:
    """One row, `width` cells; the scale is the series' own, from zero where that is near; gaps stay blank."""
    ends = extent(trend.values)
    if width <= 0:
        return []
    if ends is None:
        return [Span(" " * width)]
    low, high = ends
    if 0 <= low < high * 0.5:
        low = 0.0
    of = scale(low, high, 1) if low or high else Scale(0.0, 1.0, 1)
    return spans(area(trend.values, width, of, glyphs, Ink(role, role), origin=trend.origin)[0])
