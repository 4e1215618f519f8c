"""Pane 4: how much of each rate limit is used."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.model.panel import PanelKind, PaneName
from tradetop.panes import sorting
from tradetop.panes.bars import bars
from tradetop.panes.content import Content, cursor, hidden, lacking, silence, titles, verdict
from tradetop.panes.line import SEPARATOR, Line, joined, selected, text, window
from tradetop.panes.look import Hint, Look
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("< > I", "sort"), Hint("z", "zoom"))


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """A bar for each endpoint."""
    panels = tuple(p for p in frame.pane(PaneName.RATES) if p.panel.kind is not PanelKind.TITLE)
    level, heavy, said = verdict(frame, panels, look)
    found = sorting.bars(frame, look, PaneName.RATES)
    at = cursor(look, PaneName.RATES)
    seen = window(len(found), height, at)
    drawn = bars(frame, [found[i] for i in seen], look, width, decimals=0)
    rows: list[Line] = [selected(row, look.mono) if i == at else row for i, row in zip(seen, drawn, strict=True)]
    if not rows:
        rows = [*lacking(frame, panels, "a rate limiter's utilisation by endpoint", width, height)]
    elif len(rows) < height and panels and panels[0].panel.thresholds:
        marks = " · ".join(f"{t.level.name.lower()} {t}" for t in panels[0].panel.thresholds)
        rows.append(text((marks, Role.FAINT)))
    more = hidden(look, PaneName.RATES, len(found) - len(seen))
    order = sorting.said(frame, look, PaneName.RATES.value)
    right = joined([x for x in (said, *titles(frame, frame.pane(PaneName.RATES), look), order, more) if x], SEPARATOR)
    return Content("Rate limits", rows, right, level, heavy, silence(frame, look), _HINTS)
