"""Pane 8: how long the bot's cycle and its calls take."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.model.panel import PanelKind, PaneName
from tradetop.panes import sorting
from tradetop.panes.bars import bars, items
from tradetop.panes.content import Content, cursor, lacking, silence, titles, verdict
from tradetop.panes.draw import area
from tradetop.panes.draw.axis import Scale
from tradetop.panes.draw.sample import extent
from tradetop.panes.line import SEPARATOR, Line, joined, selected, window
from tradetop.panes.look import Hint, Look

_HINTS = (Hint("↵", "series"), Hint("< > I", "sort"), Hint("z", "zoom"))


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """A bar for each latency, and the first series over time where there is room."""
    everything = frame.pane(PaneName.CYCLE)
    panels = tuple(p for p in everything if p.panel.kind is not PanelKind.TITLE)
    level, heavy, said = verdict(frame, panels, look)
    found = sorting.bars(frame, look, PaneName.CYCLE)
    at = cursor(look, PaneName.CYCLE)
    seen = window(len(found), height, at)
    drawn = bars(frame, [found[i] for i in seen], look, width)
    rows: list[Line] = [selected(row, look.mono) if i == at else row for i, row in zip(seen, drawn, strict=True)]
    free = height - len(rows)
    if not rows:
        rows = [*lacking(frame, panels, "a metric of the cycle's duration or of API latency", width, height)]
    elif free >= 3:
        trend = items(panels)[0][1].trend
        ends = extent(trend.values)
        if ends is not None and ends[1] > 0:
            tall = min(free - 1, 8)
            axis = Scale(min(0.0, ends[0]), ends[1] * 1.05, tall)
            curve = area.area(trend.values, width, axis, look.glyphs, origin=trend.origin)
            rows += [[], *map(area.spans, curve)]
    order = sorting.said(frame, look, PaneName.CYCLE.value)
    right = joined([x for x in (said, *titles(frame, everything, look), order) if x], SEPARATOR)
    return Content("Cycle & latency", rows, right, level, heavy, silence(frame, look), _HINTS)
