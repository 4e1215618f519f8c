"""Pane 3: every threshold as a distance, closest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PanelKind, PaneName, Side, Threshold
from tradetop.model.panel_frame import LimitFrame, PanelFrame, SeriesFrame
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, sorting
from tradetop.panes.content import (
    Content,
    aged,
    cursor,
    digits,
    figure,
    firing,
    flag,
    hidden,
    lacking,
    remark,
    silence,
    unsaid,
)
from tradetop.panes.draw.gauge import gauge
from tradetop.panes.glyphs import Marks, marks
from tradetop.panes.line import SEPARATOR, Line, joined, selected, severity, shortened, size, text, to_width, window
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("x", "explain"), Hint("< > I", "sort"), Hint("z", "zoom"))
NEEDS = "thresholds: a preset's, `thresholds:` in the config, or rules"
_LABEL, _BAR, _SHORT = 8, 12, 9
"""Columns that a label and a bar have before anything else gets more; a bar beside times to breach is shorter."""
_ZONE = 0.15
"""How much of the scale the zone beyond its last threshold has."""
_TIMES = {Unit.SECONDS: 1.0, Unit.MILLISECONDS: 1_000.0}
"""How many of the unit a second has: against a limit of seconds a value is said in seconds."""


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """Rows of limits, then states such as the breaker's, which have no distance."""
    states = states_of(frame)
    ladder = sorting.limits(frame, look)
    at = cursor(look, PaneName.LIMITS)
    kept = min(len(states), 2 if height > 5 else 1 if height > 3 else 0)
    room = max(height - kept, min(len(frame.limits), height - len(states)))
    seen = window(len(frame.limits), room, at)
    columns = _columns([ladder[i] for i in seen], [p.panel.short for p in states], width)
    rows: list[Line] = []
    for index in seen:
        row = _row(frame, ladder[index], look, width, columns)
        rows.append(selected(row, look.mono) if index == at else row)
    rows += [state_row(frame, p, look, width, columns) for p in states[: height - len(rows)]]
    if not rows:
        rows = [*lacking(frame, frame.pane(PaneName.LIMITS), NEEDS, width, height)]
    # What has stepped aside is judged by the pane that shows it, unless it stands here too.
    top = window(len(frame.limits), room, None)
    mine = [limit for i, limit in enumerate(ladder) if i in top or not limit.aside]
    level = max((limit.reading.level for limit in mine), default=Level.OK)
    alert = firing(frame, [limit.panel.id for limit in mine])
    order = sorting.said(frame, look, PaneName.LIMITS.value)
    right = _right(mine, look, level, len(seen), len(frame.limits), order)
    heavy = level is Level.CRITICAL or alert is not None
    return Content("Limits", rows, right, level, heavy, silence(frame, look), _HINTS)


def _right(
    mine: Sequence[LimitFrame], look: Look, level: Level, seen: int, count: int, order: list[Span]
) -> list[Span]:
    more = hidden(look, PaneName.LIMITS, count - seen)
    said: list[Span] = []
    if level is not Level.OK:
        limit = next(x for x in mine if x.reading.level is level)
        said = [Span(f"{marks(look.glyphs).level(level)} {limit.legend or limit.label}", severity(level), bold=True)]
    return joined([x for x in (said, order, more) if x], SEPARATOR)


def states_of(frame: Frame) -> list[PanelFrame]:
    """Panels of the pane that are not in the ladder, such as a breaker without thresholds."""
    ladder = {limit.panel.id for limit in frame.limits}
    skipped = {PanelKind.TITLE, PanelKind.CHART}
    return [p for p in frame.pane(PaneName.LIMITS) if p.panel.kind not in skipped and p.panel.id not in ladder]


def name_of(limit: LimitFrame, width: int) -> str:
    """Label and series, or the series alone where both do not fit."""
    full = f"{limit.label} {limit.legend}" if limit.legend else limit.label
    return full if cells.width(full) <= width or not limit.legend else limit.legend


def said_of(limit: LimitFrame) -> numbers.Amount:
    """The row's value as it is shown."""
    return figure_of(limit, limit.reading.value)


def figure_of(limit: LimitFrame, value: float | None) -> numbers.Amount:
    """A value of the row's kind: in seconds against a limit of seconds, money without cents from 100 on."""
    unit = limit.reading.unit
    decimals = limit.panel.decimals
    if unit is Unit.USD and value is not None and abs(value) >= 100:
        decimals = 0
    if value is not None and unit in _TIMES and abs(limit.limit.value) >= _TIMES[unit]:
        seconds = value / _TIMES[unit]
        return numbers.Amount(numbers.money(seconds, 2 if abs(seconds) < 10 else 1), "s")
    said = numbers.amount(value, unit, decimals=decimals)
    return said if said.unit != "USD" else numbers.Amount(said.digits, "$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of a row's parts; the bar takes what is left."""

    label: int
    digits: int
    unit: int
    bar: int
    limit: int
    eta: int
    """0 where the time to breach stands in the limit's place."""


def _columns(limits: Sequence[LimitFrame], states: Sequence[str], width: int) -> Columns:
    """Widths in which no label or limit starves the bar."""
    said = [said_of(limit) for limit in limits]
    digits = min(9, max([4, *(cells.width(s.digits) for s in said)]))
    unit = min(4, max([1, *(cells.width(s.unit) for s in said)]))
    limit = min(7, max([2, *(cells.width(end_of(x)) for x in limits)]))
    eta = max((len(time_left(x)) for x in limits), default=0)
    free = width - digits - unit - limit - 3
    if eta and free - eta - 1 < _LABEL + _SHORT:
        free, limit, eta = free + limit - max(limit, eta), max(limit, eta), 0
    free -= eta + 1 if eta else 0
    room = max(6, min(max(13, free * 2 // 5), max(_LABEL, free - _BAR)))
    label = min(room, max([8, *map(cells.width, states), *(cells.width(name_of(x, room)) for x in limits)]))
    return Columns(label, digits, unit, max(0, free - label), limit, eta)


def end_of(limit: LimitFrame) -> str:
    """The limit's value; with its unit where the row's value may have another."""
    said = numbers.brief(limit.limit.value, limit.reading.unit)
    return f"{said}s" if limit.reading.unit in _TIMES and said[-1:].isdigit() else said


def time_left(limit: LimitFrame) -> str:
    """The time to breach; "" where none is near, or where what it was reckoned from has stopped."""
    return "" if limit.eta is None or limit.reading.presence is not Presence.LIVE else numbers.rough(limit.eta)


def _row(frame: Frame, limit: LimitFrame, look: Look, width: int, columns: Columns) -> Row:
    reading = limit.reading
    said = said_of(limit)
    word = dict(limit.panel.states).get(reading.value, "") if reading.value is not None else ""
    left = [
        Span(cells.fit(name_of(limit, columns.label), columns.label) + " ", severity(reading.level, Role.SECONDARY))
    ]
    if word:
        room = columns.digits + columns.unit
        left.append(Span(cells.right(word, room), severity(reading.level, Role.OK), bold=True))
    else:
        left.append(Span(cells.right(digits(reading, said), columns.digits), severity(reading.level), bold=True))
        left.append(Span(cells.fit(said.unit, columns.unit), Role.MUTED))
    end = Span(cells.right("" if word else end_of(limit), columns.limit + 1), Role.MUTED)
    when = time_left(limit)
    soon = Span(cells.right(when, (columns.eta or columns.limit) + 1), severity(limit.limit.level), bold=True)
    tail = [end, soon] if columns.eta else [soon if when else end]
    left.append(flag(reading, look))
    bar = bar_of(frame, limit, look, columns.bar, word)
    # Words of what is missing say more than the limit that it would be held against.
    whole = [*left, *bar] if size(bar) > columns.bar else [*left, *to_width(bar, columns.bar), *tail]
    return aged(frame, reading, to_width(whole, width))


def bar_of(frame: Frame, limit: LimitFrame, look: Look, width: int, word: str) -> Line:
    """The bar to the limit, or what has to be said in its place; nothing beside a state's word."""
    reading = limit.reading
    panel = frame.panel(limit.panel.id)
    said = remark(frame, reading, look, limit.panel.needs)
    if said and panel is not None and panel.error and reading.presence is Presence.ABSENT:
        return text((panel.error, Role.WARN))
    if said:
        return text(said)
    if word:
        return ()
    ticks = look.mono or look.ticks or look.glyphs is not Glyphs.BRAILLE
    thresholds = limit.panel.thresholds or (limit.limit,)
    low, high = _ends(limit, thresholds)
    signs = marks(look.glyphs)
    return _beyond(gauge(reading.value, low, high, thresholds, width, signs, ticks), limit, low, high, signs)


def _beyond(bar: list[Span], limit: LimitFrame, low: float, high: float, signs: Marks) -> list[Span]:
    """The bar with an arrow where its value lies beyond the end that trouble is at: a full bar would not tell."""
    value, side = limit.reading.value, limit.limit.side
    if value is None or not bar:
        return bar
    if side is Side.ABOVE and value > high:
        return [*bar[:-1], bar[-1]._replace(text=bar[-1].text[:-1] + signs.over)]
    if side is Side.BELOW and value < low:
        return [bar[0]._replace(text=signs.under + bar[0].text[1:]), *bar[1:]]
    return bar


def _ends(limit: LimitFrame, thresholds: Sequence[Threshold]) -> tuple[float, float]:
    """Ends of the bar, with room for the last zone where the scale ends at its threshold."""
    low, high = limit.scale_min, limit.scale_max
    room = (high - low) * _ZONE
    if any(t.side is Side.ABOVE and t.value >= high for t in thresholds):
        high += room
    if any(t.side is Side.BELOW and t.value <= low for t in thresholds):
        low -= room
    return low, high


def state_row(frame: Frame, panel: PanelFrame, look: Look, width: int, columns: Columns) -> Row:
    """What has no distance: its name and its word, or its values."""
    label = [Span(cells.fit(panel.panel.short, columns.label) + " ", Role.SECONDARY)]
    series = panel.first
    if series is None:
        words = panel.error or (f"needs {panel.panel.needs}" if panel.panel.needs else "")
        return to_width([*label, *text((f"{numbers.UNKNOWN} ", Role.FAINT), words or "no data yet")], width)
    if len(panel.series) > 1:
        telling = [s for s in panel.series if s.reading.value or s.reading.presence is not Presence.LIVE]
        parts = [_part(frame, panel, s, look) for s in telling or panel.series[:1]]
        return to_width([*label, *shortened(joined(parts, SEPARATOR), width - size(label))], width)
    reading = series.reading
    said = _amount(panel, series)
    word = "" if unsaid(reading) else dict(panel.panel.states).get(reading.value or 0.0, "")
    said = numbers.Amount(word) if word else said
    room = columns.digits + (columns.unit if word else 0)
    blank = max(0, room - cells.width(digits(reading, said)))
    role = severity(reading.level, Role.OK if word else Role.FOREGROUND)
    value = figure(frame, reading, said, look, role)
    return to_width([*label, Span(" " * blank), *value], width)


def _part(frame: Frame, panel: PanelFrame, series: SeriesFrame, look: Look) -> list[Span]:
    role = severity(series.reading.level)
    value = figure(frame, series.reading, _amount(panel, series), look, role, bold=False, brief=True)
    return [*text(f"{series.legend} ".lstrip()), *value]


def _amount(panel: PanelFrame, series: SeriesFrame) -> numbers.Amount:
    return numbers.amount(series.reading.value, series.reading.unit, decimals=panel.panel.decimals)
