"""Sparklines: a series in one row."""

from __future__ import annotations

from functools import lru_cache

from tradetop.model.panel_frame import Trend
from tradetop.panes.draw.area import Ink, area, spans
from tradetop.panes.draw.axis import Scale, scale
from tradetop.panes.draw.sample import columns, extent
from tradetop.panes.look import Glyphs
from tradetop.panes.row import Row, Span
from tradetop.panes.same import Same
from tradetop.theme.roles import Role

_RAMP = ".:-=+*#"
"""Characters of one row that are told apart by how dark they are, the lowest first."""
_KEPT = 256
"""Sparklines that are kept: a pane is drawn again with each event, its curves come anew with each scrape."""


def spark(trend: Trend, width: int, glyphs: Glyphs, role: Role = Role.BAR) -> list[Span]:
    """One row, `width` cells; the scale is the series' own, from zero where that is near; gaps stay blank."""
    return [*_drawn(Same(trend), width, glyphs, role)]


@lru_cache(maxsize=_KEPT)
def _drawn(same: Same[Trend], width: int, glyphs: Glyphs, role: Role) -> Row:
    trend = same.of
    ends = extent(trend.values)
    if width <= 0:
        return ()
    if ends is None:
        return (Span(" " * width),)
    low, high = ends
    if 0 <= low < high * 0.5:
        low = 0.0
    of = scale(low, high, 1) if low or high else Scale(0.0, 1.0, 1)
    if glyphs is Glyphs.ASCII:
        return (Span("".join(_level(value, of) for value in columns(trend.values, width, 1, trend.origin)), role),)
    return tuple(spans(area(trend.values, width, of, glyphs, Ink(role, role), origin=trend.origin)[0]))


def _level(value: float, of: Scale) -> str:
    return " " if value != value else _RAMP[min(len(_RAMP) - 1, int(of.part(value) * len(_RAMP)))]
