"""Pane 3: every threshold as a distance, closest first."""

from __future__ import annotations

from tradetop.model.frame import Frame, LimitFrame, PanelFrame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers
from tradetop.panes.content import Content, cursor, firing, presence, silence
from tradetop.panes.draw.gauge import gauge
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, dimmed, selected, severity, spread, text, to_width, window
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("i", "all limits"), Hint("z", "zoom"))
_STATES = {PanelKind.STATE, PanelKind.STAT}


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """Rows of limits, then states such as the breaker's, which have no distance."""
    states = [p for p in frame.pane(PaneName.LIMITS) if p.panel.kind in _STATES and not p.panel.thresholds]
    at = cursor(look, PaneName.LIMITS)
    kept = min(len(states), 2 if height > 5 else 1, max(0, height - 1))
    room = height - max(kept, height - len(frame.limits)) if len(frame.limits) < height else height - kept
    seen = window(len(frame.limits), room, at)
    columns = _columns(frame.limits, width)
    rows: list[Line] = []
    for index in seen:
        row = _row(frame, frame.limits[index], look, width, columns)
        rows.append(selected(row, look.mono) if index == at else row)
    rows += [_state(p, width, columns) for p in states[: max(kept, height - len(rows))]]
    if not rows:
        rows = [text("no thresholds: the preset and the config name none")]
    level = max((limit.reading.level for limit in frame.limits), default=Level.OK)
    alert = firing(frame, [limit.panel.id for limit in frame.limits])
    right = _right(frame, look, level, len(seen))
    heavy = level is Level.CRITICAL or alert is not None
    return Content("Limits", rows, right, level, heavy, silence(frame), _HINTS)


def _right(frame: Frame, look: Look, level: Level, seen: int) -> list[Span]:
    hidden = len(frame.limits) - seen
    more = text(f"{seen} of {len(frame.limits)}") if hidden > 0 else []
    if level is Level.OK:
        return more
    limit = next(x for x in frame.limits if x.reading.level is level)
    said = [Span(f"{marks(look.glyphs).level(level)} {limit.label}", severity(level), bold=True)]
    return [*said, *text(" · "), *more] if more else said


def _name(limit: LimitFrame) -> str:
    return f"{limit.label} {limit.legend}" if limit.legend else limit.label


def _said(limit: LimitFrame) -> numbers.Amount:
    value, unit = limit.reading.value, limit.reading.unit
    decimals = limit.panel.decimals
    if unit is Unit.USD and value is not None and abs(value) >= 100:
        decimals = 0
    said = numbers.amount(value, unit, decimals=decimals)
    return said if said.unit != "USD" else numbers.Amount(said.digits, "$")


def _columns(limits: tuple[LimitFrame, ...], width: int) -> tuple[int, int, int, int, int]:
    """Widths of label, digits, unit, limit and time to breach."""
    said = [_said(limit) for limit in limits]
    digits = min(9, max([5, *(cells.width(s.digits) for s in said)]))
    unit = min(4, max([1, *(cells.width(s.unit) for s in said)]))
    limit = min(6, max([2, *(len(numbers.brief(x.limit.value, x.reading.unit)) for x in limits)]))
    eta = 5 if any(x.eta is not None for x in limits) else 0
    longest = max([8, *(cells.width(_name(x)) for x in limits)])
    free = width - digits - unit - limit - eta - 3
    return max(6, min(longest, 24, free - max(8, free * 45 // 100))), digits, unit, limit, eta


def _row(frame: Frame, limit: LimitFrame, look: Look, width: int, columns: tuple[int, int, int, int, int]) -> Row:
    label, digits, unit, end, eta = columns
    reading = limit.reading
    role = severity(reading.level, Role.SECONDARY)
    said = _said(limit)
    bar = width - label - digits - unit - end - (eta + 1 if eta else 0) - 3
    left = [
        Span(cells.fit(_name(limit), label) + " ", role),
        Span(cells.right(said.digits, digits), severity(reading.level), bold=True),
        Span(cells.fit(said.unit, unit) + " ", Role.MUTED),
    ]
    tail = [Span(cells.right(numbers.brief(limit.limit.value, reading.unit), end + 1), Role.MUTED)]
    if eta:
        when = "" if limit.eta is None else numbers.rough(limit.eta)
        tail.append(Span(cells.right(when, eta + 1), severity(limit.limit.level, Role.WARN), bold=True))
    if reading.presence in {Presence.ABSENT, Presence.NEVER_SET, Presence.NOT_RECORDED} or reading.value is None:
        middle = to_width(text(presence(reading, frame.now, look.offset) or "no data yet"), max(0, bar))
    else:
        ticks = look.mono or look.ticks or look.glyphs is not Glyphs.BRAILLE
        thresholds = limit.panel.thresholds or (limit.limit,)
        middle = tuple(
            gauge(reading.value, limit.scale_min, limit.scale_max, thresholds, bar, marks(look.glyphs), ticks)
        )
    row = to_width([*left, *middle, *tail], width)
    return dimmed(row) if reading.presence is Presence.STALE else row


def _state(panel: PanelFrame, width: int, columns: tuple[int, int, int, int, int]) -> Row:
    series = panel.first
    label = [Span(cells.fit(panel.panel.short, columns[0]) + " ", Role.SECONDARY)]
    if series is None or series.reading.value is None:
        return to_width([*label, *text((panel.panel.needs and f"needs {panel.panel.needs}") or numbers.UNKNOWN)], width)
    reading, value = series.reading, series.reading.value
    if reading.presence is Presence.NEVER_SET:
        return to_width([*label, *text(("0", Role.SECONDARY), " never set")], width)
    word = dict(panel.panel.states).get(value, "")
    room = columns[1] + columns[2]
    if word:
        said = [Span(cells.right(word, room), severity(reading.level, Role.OK), bold=True)]
    else:
        amount = numbers.amount(reading.value, reading.unit, decimals=panel.panel.decimals)
        said = [Span(cells.right(amount.digits, columns[1]), severity(reading.level), bold=True), *text(amount.unit)]
    row = spread([*label, *said], (), width)
    return dimmed(row) if reading.presence is Presence.STALE else row
