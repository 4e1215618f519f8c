"""Pane 5: errors by category over time, and those that are alike as one line."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.frame import Frame
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.panes import cells, numbers, sorting
from tradetop.panes.bars import Item, name
from tradetop.panes.content import Content, aged, cursor, digits, hidden, lacking, remark, silence, titles, verdict
from tradetop.panes.draw.spark import spark
from tradetop.panes.error_rows import brief, tables, wide
from tradetop.panes.line import SEPARATOR, Line, joined, selected, severity, size, text, to_width, window
from tradetop.panes.look import Hint, Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

_FIGURE, _SPARK = 8, 8
"""Columns of a figure with what is around it, and those that a sparkline keeps beside long names."""
_HINTS = (Hint("↵", "open"), Hint("r", "reviewed"), Hint("< > I", "sort"), Hint("z", "zoom"))


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """Rows of series with a sparkline, then error groups with their count."""
    everything = frame.pane(PaneName.ERRORS)
    panels = tuple(p for p in everything if p.panel.kind is not PanelKind.TITLE)
    level, heavy, said = verdict(frame, panels, look, named=True)
    found = sorting.bars(frame, look, PaneName.ERRORS)
    longest = max([10, *(cells.width(name(p, s)) for p, s in found)])
    unit = max([0, *(cells.width(_amount(p, s).unit) for p, s in found)])
    limit = max((cells.width(_limit(p)) for p, _ in found), default=0) if width >= 30 else 0
    label = min(longest, max(8, width // 3, width - unit - limit - _FIGURE - _SPARK))
    lines = [_series(frame, p, s, look, width, (label, unit, limit)) for p, s in found]
    groups = sorting.groups(frame, look)
    count = max((cells.width(numbers.count(g.count)) for g in groups), default=0)
    at = cursor(look, PaneName.ERRORS)
    heading: Line = ()
    below: list[Line] = []
    if at is not None and look.zoomed and groups:
        # The whole screen is theirs.
        heading, wider = wide(frame, groups, look, width)
        lines += wider
        below = tables(frame, look, width, min(height // 3, height - 6))
        height -= 1 + (len(below) + 1 if below else 0)
    else:
        lines += [brief(g, look, width, count) for g in groups]
    rows: list[Line]
    if at is None and len(lines) > height and frame.error_groups and found:
        spared = max(1, min(height // 2, len(frame.error_groups)))
        chosen = [*_telling(found, height - spared), *range(len(found), len(lines))][:height]
    else:
        chosen = [*window(len(lines), height, at)]
    rows = [selected(lines[i], look.mono) if i == at else lines[i] for i in chosen]
    if heading:
        first = next((n for n, i in enumerate(chosen) if i >= len(found)), len(rows))
        rows = [*rows[:first], heading, *rows[first:]]
        rows += [[] for _ in range(height + 1 - len(rows))] if below else []
        rows += [[], *below] if below else []
    if not rows:
        rows = [*lacking(frame, panels, "error events or an error counter", width, height)]
    order = sorting.said(frame, look, PaneName.ERRORS.value)
    said_too = [x for x in (said, _waiting(frame), order, *titles(frame, everything, look), _hour(frame)) if x][:2]
    more = hidden(look, PaneName.ERRORS, len(lines) - len(chosen))
    right = joined([*said_too, *([more] if more else [])], SEPARATOR)
    return Content("Errors", rows, right, level, heavy, silence(frame, look), _HINTS)


def _telling(found: Sequence[Item], count: int) -> list[int]:
    """The rows to show where there is no room for all: the worst, then those that count anything, in their order."""
    weights = [(s.reading.level, bool(s.reading.value)) for _, s in found]
    return sorted(sorted(range(len(found)), key=lambda i: weights[i], reverse=True)[:count])


def _waiting(frame: Frame) -> list[Span]:
    """How many groups a person must look at."""
    count = 0 if frame.subject is None else frame.subject.to_review
    return [Span(f"{count} to review", Role.WARN, bold=True)] if count else []


def _hour(frame: Frame) -> list[Span]:
    bot = frame.subject
    if bot is None or (not frame.error_groups and not bot.errors):
        return []
    return [Span(numbers.count(bot.errors), bold=True), *text(" /h")]


def _amount(panel: PanelFrame, series: SeriesFrame) -> numbers.Amount:
    return numbers.amount(series.reading.value, series.reading.unit, decimals=panel.panel.decimals)


def _series(
    frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look, width: int, columns: tuple[int, int, int]
) -> Row:
    label, unit, limit = columns
    reading = series.reading
    said = _amount(panel, series)
    left = [
        Span(cells.fit(name(panel, series), label) + " ", severity(reading.level, Role.SECONDARY)),
        Span(cells.right(digits(reading, said), 5), severity(reading.level), bold=True),
        Span(cells.fit(said.unit, unit) + " ", Role.MUTED),
    ]
    tail = text(cells.right(_limit(panel), limit + 1)) if limit else []
    room = width - size(left) - size(tail)
    words = remark(frame, reading, look, panel.panel.needs)
    if words:
        middle = to_width(text(words), max(0, room))
    else:
        tone = severity(reading.level, Role.WARN if reading.value and panel.panel.thresholds else Role.MUTED)
        middle = tuple(spark(series.trend, max(0, room), look.glyphs, tone))
    row = to_width([*left, *middle, *tail], width)
    return aged(frame, reading, row)


def _limit(panel: PanelFrame) -> str:
    return str(min(panel.panel.thresholds, key=lambda t: t.level)) if panel.panel.thresholds else ""
