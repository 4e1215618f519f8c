"""Figures of a series: now, least, average, greatest, time beyond each threshold, how much of it was recorded."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.clock import SECOND
from tradetop.model.detail_frame import DetailFrame
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Side
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.content import Content, money_role
from tradetop.panes.frames import inner, lead
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, severity, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.numbers import Amount
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_NAME = 6
_LABEL = 10


def content(frame: Frame, of: DetailFrame, look: Look, width: int, height: int, boxed: bool) -> Content:
    """The pane beside the chart; blank lines go first where there is no room for all."""
    columns, rows = inner(width, height, boxed)
    columns -= lead(1, boxed)
    blocks = [_values(of, look, columns), _limits(frame, of, columns), _recorded(frame, of, look, columns)]
    blocks = [block for block in blocks if block]
    apart = sum(map(len, blocks)) + len(blocks) - 1 <= rows
    lines: list[Line] = []
    for block in blocks:
        lines += [*([[]] if apart and lines else []), *block]
    lines += _others(frame, of, columns, rows - len(lines))
    return Content("stats", [to_width(line, columns) for line in lines])


def _values(of: DetailFrame, look: Look, width: int) -> list[Line]:
    stats, reading = of.stats, of.series.reading
    live = reading.presence in {Presence.LIVE, Presence.NEVER_SET}
    now = stats.now if reading.presence is not Presence.ABSENT else None
    found = [
        ("now" if live else "last", now),
        ("min", stats.minimum),
        ("avg", stats.average),
        ("p95", stats.p95),
        ("max", stats.maximum),
    ]
    said = aligned([amount(of, value, look) for _, value in found])
    suffix = max((len(a.unit) for a in said), default=0)
    rows: list[Line] = []
    for (name, value), one in zip(found, said, strict=True):
        level = Level.OK if value is None else of.panel.level(value)
        normal = money_role(value) if of.panel.signed else Role.FOREGROUND
        digits = cells.right(one.digits, max(0, width - _NAME - suffix - 1))
        rows.append(
            [*text(cells.fit(name, _NAME)), Span(digits, severity(level, normal), bold=True), *text(f" {one.unit}")]
        )
    return rows


def amount(of: DetailFrame, value: float | None, look: Look) -> Amount:
    """A figure of the series; all of them in the same unit, however large each one is."""
    unit, panel = of.series.reading.unit, of.panel
    largest = max((abs(v) for v in (of.stats.minimum, of.stats.maximum, of.stats.now) if v is not None), default=0.0)
    seconds = {Unit.SECONDS: 1.0, Unit.MILLISECONDS: 1e-3}.get(unit, 0.0)
    if value is None or not seconds or value != value or largest * seconds >= 100 or not largest:
        return numbers.amount(value, unit, decimals=panel.decimals, signed=panel.signed, offset=look.offset)
    if largest * seconds >= 1:
        return Amount(f"{value * seconds:,.{2 if panel.decimals is None else panel.decimals}f}", "s")
    return Amount(f"{value * seconds * 1_000:,.{0 if largest * seconds >= 0.01 else 1}f}", "ms")


def aligned(said: Sequence[Amount]) -> list[Amount]:
    """The same with their decimal points above each other, when they end at the same column."""
    tails = [len(a.digits) - a.digits.rfind(".") if "." in a.digits else 0 for a in said]
    longest = max(tails, default=0)
    return [
        a._replace(digits=a.digits + " " * (longest - tail)) if any(c.isdigit() for c in a.digits) else a
        for a, tail in zip(said, tails, strict=True)
    ]


def _limits(frame: Frame, of: DetailFrame, width: int) -> list[Line]:
    """Time beyond each threshold, and how long until the next one where a steady slope leads there."""
    unit = of.series.reading.unit
    rows: list[Line] = []
    for threshold, spent in of.stats.above:
        word = "above" if threshold.side is Side.ABOVE else "below"
        role = severity(threshold.level) if spent else Role.MUTED
        rows.append(_pair(f"{word} {numbers.brief(threshold.value, unit)}", numbers.duration(spent), width, role))
    row = next((x for x in frame.limits if x.panel.id == of.panel.id and x.labels == of.series.labels), None)
    if row is not None and row.eta is not None:
        label = f"to {numbers.brief(row.limit.value, unit)}"
        rows.append(_pair(label, numbers.rough(row.eta), width, Role.FOREGROUND, bold=True))
    return rows


def _recorded(frame: Frame, of: DetailFrame, look: Look, width: int) -> list[Line]:
    """How much of the window there are samples of."""
    stats, since = of.stats, of.series.reading.unmoved_since
    every = f" / {numbers.short(stats.step)}" if stats.step else ""
    rows: list[Line] = [_pair("samples", f"{stats.samples:,}{every}", width, Role.SECONDARY)]
    if stats.gaps:
        gap = f"{marks(look.glyphs).warn} {stats.gaps}, {numbers.duration(stats.missing // SECOND * SECOND)}"
        rows.append(_pair("gaps", gap, width, Role.WARN))
    elif stats.samples:
        rows.append(_pair("gaps", "none", width, Role.MUTED))
    if since is not None and not of.series.reading.value:
        rows.append(_pair("unmoved", times.since(since, frame.now, look.offset), width, Role.SECONDARY))
    return rows


def _pair(label: str, said: str, width: int, role: Role, *, bold: bool = False) -> list[Span]:
    """A label at the left end and a value at the right end; the label gives way."""
    room = max(0, width - cells.width(said) - 1)
    return [*text(cells.fit(cells.middle(label, room), room) + " "), Span(said, role, bold=bold)]


def _others(frame: Frame, of: DetailFrame, width: int, height: int) -> list[Line]:
    """What the panel's other series are at, the worst first, where there is room."""
    panel = frame.panel(of.panel.id)
    if panel is None or height < 2:
        return []
    found = [s for s in panel.series if s.legend and s.labels != of.series.labels and s.query == of.query]
    rows: list[Line] = [[]]
    for series in sorted(found, key=lambda s: s.reading.level, reverse=True)[: height - 1]:
        said = str(numbers.amount(series.reading.value, series.reading.unit, decimals=of.panel.decimals))
        rows.append(_pair(series.legend, said, width, severity(series.reading.level, Role.SECONDARY)))
    return rows if len(rows) > 1 else []
