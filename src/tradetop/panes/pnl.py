"""Pane 1: the money won or lost, large, with its way there around a zero line."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.clock import DAY
from tradetop.model.frame import Frame
from tradetop.model.hidden import Hidden
from tradetop.model.level import Presence
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, Trend
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.content import Content, figure, lacking, money_role, presence, stale, titles, unsaid, verdict
from tradetop.panes.draw import area
from tradetop.panes.draw.digits import big
from tradetop.panes.draw.lane import labels
from tradetop.panes.draw.sample import extent
from tradetop.panes.happened import labelled
from tradetop.panes.line import Line, dimmed, joined, size, spread, text
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("z", "zoom"))
_NEEDS = "a metric of profit and loss"
_NEVER = "Exposed and constant zero since the process began, though normal work sets it: not a real zero."
_LARGE_FROM = 8
"""Rows from which the number is three rows high."""


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """The headline panel's value and trend, and the pane's other values."""
    panels = frame.pane(PaneName.PNL)
    head = next((p for p in panels if p.panel.kind is PanelKind.HEADLINE), None)
    level, heavy, said = verdict(frame, panels, look)
    right: Line = joined([*titles(frame, panels, look)][:1] or ([said] if said else []), Span(" "))
    title = head.panel.short if head else "P&L"
    rows: list[Line]
    if head is None or head.first is None:
        rows = [*lacking(frame, panels, _NEEDS, width, height)]
    else:
        rows = _rows(frame, head, panels, look, width, height)
    return Content(title, rows, right, level, heavy, stale(frame, head, look), _HINTS)


def line(frame: Frame, look: Look, width: int) -> list[Span]:
    """The pane in one line of at most `width` cells, for the smallest screens: no figure is cut."""
    panels = frame.pane(PaneName.PNL)
    head = next((p for p in panels if p.panel.kind is PanelKind.HEADLINE), None)
    lead = (
        [*_number(frame, head, look)]
        if head is not None and head.first is not None
        else [*text("P&L ", (f"{numbers.UNKNOWN} ", Role.FAINT)), *_lacked(frame, panels)]
    )
    if gone := stale(frame, head, look):
        lead = [*dimmed(lead), *text((f" {gone}", Role.WARN))]
    rest = [_stat(frame, p, look) for p in panels if p.panel.kind is PanelKind.STAT and p.first]
    parts = [*titles(frame, panels, look), *rest]
    while parts and size(lead) + sum(size(part) + 2 for part in parts) > width:
        parts.pop()
    return joined([lead, *parts], Span("  "))


def _lacked(frame: Frame, panels: Sequence[PanelFrame]) -> list[Span]:
    """What the pane says without data, in one line."""
    rows = lacking(frame, panels[:1], _NEEDS, 200, 3)
    return [*text("".join(span.text for span in rows[-1]).strip())]


def _rows(
    frame: Frame, head: PanelFrame, panels: tuple[PanelFrame, ...], look: Look, width: int, height: int
) -> list[Line]:
    stats = [_stat(frame, p, look) for p in panels if p.panel.kind is PanelKind.STAT and p.first]
    series = head.first
    assert series is not None
    rows: list[Line] = _large(frame, head, look, width) if height >= _LARGE_FROM else []
    if rows:
        if stats:
            rows.append(spread(stats[0], stats[1] if len(stats) > 1 else (), width))
        rows += [spread(a, b, width) for a, b in zip(stats[2::2], [*stats[3::2], ()], strict=False) if height > 14]
    else:
        number = _number(frame, head, look)
        last = stats[-1] if stats and size(number) + size(stats[-1]) + 2 <= width else ()
        rows = [spread(number, last, width)]
    axis = height >= _LARGE_FROM
    if series.reading.presence is Presence.NEVER_SET:
        return [*rows, *(text((piece, Role.MUTED)) for piece in cells.wrap(_NEVER, width))][:height]
    return [*rows, *_curve(series.trend, frame, look, width, height - len(rows), axis)]


def _large(frame: Frame, head: PanelFrame, look: Look, width: int) -> list[Line]:
    series = head.first
    assert series is not None
    reading = series.reading
    if unsaid(reading) or look.glyphs is Glyphs.ASCII:
        return []
    said = _amount(head)
    if isinstance(reading.value, Hidden):
        return [(), [Span(said.digits, money_role(reading.value), bold=True), *text(f" {said.unit}")], ()]
    rows = big(said.digits)
    room = len(said.unit) + 1
    if rows is None or cells.width(rows[0]) + room > width:
        return []
    role = money_role(reading.value)
    tail = text(f" {said.unit}")
    word = "" if reading.presence is Presence.STALE else presence(reading, frame.now, look.offset)
    if word and cells.width(rows[0]) + room + cells.width(word) + 2 <= width:
        tail += text((f"  {word}", Role.MUTED))
    return [[Span(rows[0], role)], [Span(rows[1], role)], [Span(rows[2], role), *tail]]


def _amount(head: PanelFrame) -> numbers.Amount:
    series = head.first
    value = series.reading.value if series else None
    return numbers.amount(value, head.panel.unit, decimals=head.panel.decimals, signed=True)


def _number(frame: Frame, head: PanelFrame, look: Look) -> list[Span]:
    series = head.first
    if series is None:
        return text((numbers.UNKNOWN, Role.FAINT))
    said = _amount(head)
    if unsaid(series.reading):
        return figure(frame, series.reading, said, look, Role.FOREGROUND)
    gone = series.reading.presence is Presence.STALE
    word = "" if gone else presence(series.reading, frame.now, look.offset)
    return [
        Span(said.digits, money_role(series.reading.value), bold=True),
        *text(f" {said.unit}" if said.unit[:1].isalpha() else said.unit),
        *text(f"  {word}" if word else ""),
    ]


def _stat(frame: Frame, panel: PanelFrame, look: Look) -> list[Span]:
    series = panel.first
    assert series is not None
    reading = series.reading
    said = numbers.amount(reading.value, reading.unit, decimals=panel.panel.decimals, signed=panel.panel.signed)
    role = money_role(reading.value) if panel.panel.signed else Role.FOREGROUND
    said = said._replace(unit=said.unit if len(said.unit) == 1 else "")
    return [*text(f"{panel.panel.short} "), *figure(frame, reading, said, look, role, bold=False, brief=True)]


def _curve(trend: Trend, frame: Frame, look: Look, width: int, height: int, axis: bool) -> list[Line]:
    ends = extent(trend.values)
    if ends is None or height < 1:
        return []
    low, high = min(0.0, ends[0]), max(0.0, ends[1])
    top, bottom = _edge(high), _edge(low)
    margin = max(len(top), len(bottom), 2) + 2 if axis else 0
    plot = height - 1 if axis and height > 2 else height
    drawn, below = area.balance(trend.values, width - margin, plot, look.glyphs, trend.origin)
    rows: list[Line] = []
    zero = plot - below
    for index, filled in enumerate(drawn):
        said = ""
        if axis:
            said = (
                top
                if index == 0 and high
                else "0"
                if index == min(zero, plot - 1)
                else bottom
                if index == plot - 1
                else ""
            )
        rows.append([*area.spans(filled), *text(cells.right(said, margin))])
    if plot < height:
        start = trend.start
        end = trend.start + trend.step * max(1, len(trend.values) - 1)
        left = times.since(start, start, look.offset) if end - start < DAY else times.since(start, end, look.offset)
        now = "now" if abs(frame.now - end) < max(trend.step * 2, 120_000) else times.minute(end, look.offset)
        plain = width - margin
        words = [(0, left), (max(0, plain - cells.width(now)), now)]
        rows.append([*labels(words, labelled(frame, look), start, end, plain, alone=True), *text(" " * margin)])
    return rows


def _edge(value: float) -> str:
    return numbers.amount(value, Unit.USD, decimals=0 if abs(value) >= 10 else 2, signed=True).digits if value else ""
