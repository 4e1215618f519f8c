"""The way down: one series with its chart, figures, raw lines, and what happened around it."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.alert import Alert, AlertState
from tradetop.model.frame import DetailFrame, Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Side
from tradetop.model.unit import Unit
from tradetop.panes import cells, events, numbers
from tradetop.panes.content import Content, presence, silence
from tradetop.panes.draw.chart import chart
from tradetop.panes.draw.sample import extent
from tradetop.panes.frames import Tab, framed, inner, lead
from tradetop.panes.glyphs import marks
from tradetop.panes.happened import happened
from tradetop.panes.line import Line, selected, severity, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

_STATS = 24


def detail(frame: Frame, of: DetailFrame, look: Look, width: int, height: int) -> list[Box]:
    """The boxes between header and footer."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    free = height - 2
    about = min(max(4, len(of.raw) + 5) + (2 if boxed else 1), max(5, free * 3 // 10))
    around = max(4, free * 2 // 8) if free >= 20 else 0
    tall = free - about - around
    left = width - _STATS
    found = [
        _chart(frame, of, look, (0, 1, left, tall), boxed),
        _stats(frame, of, look, (left, 1, _STATS, tall), boxed),
        _about(frame, of, look, (0, 1 + tall, width, about), boxed),
    ]
    if around:
        found.append(_events(frame, of, look, (0, 1 + tall + about, width, around), boxed))
    return found


Rectangle = tuple[int, int, int, int]


def _pane(id: str, content: Content, look: Look, at: Rectangle, boxed: bool, *, focused: bool = False) -> Box:
    x, y, width, height = at
    tab = [Tab(None, content.title)]
    return framed(id, x, y, width, height, content, look, tab, boxed=boxed, focused=focused)


def _chart(frame: Frame, of: DetailFrame, look: Look, at: Rectangle, boxed: bool) -> Box:
    width, height = inner(at[2], at[3], boxed)
    reading = of.series.reading
    thresholds = of.panel.thresholds
    rows: Sequence[Line]
    if extent(of.series.trend.values) is None:
        rows = [text(numbers.UNKNOWN, f"  {presence(reading, frame.now, look.offset) or 'no history in this window'}")]
    else:
        rows = chart(
            of.series.trend,
            width,
            height,
            look,
            reading.unit,
            thresholds=thresholds,
            marks=happened(frame, look),
            zero=bool(thresholds) or reading.unit in {Unit.PERCENT, Unit.RATIO},
        )
    said = numbers.amount(reading.value, reading.unit, decimals=of.panel.decimals, signed=of.panel.signed)
    right: list[Span] = [Span(str(said), severity(reading.level), bold=True)]
    if reading.presence is Presence.NEVER_SET:
        right = text(("0", Role.SECONDARY), " never set")
    labels = ",".join(f'{k}="{v}"' for k, v in of.series.labels.items() if k != "__name__")
    if labels:
        right = [*text((cells.cut(labels, max(8, width // 2 - 8)), Role.SECONDARY), " · "), *right]
    name = of.series.legend or of.panel.title
    heavy = reading.level is Level.CRITICAL or _alert(frame, of) is not None
    content = Content(
        cells.cut(name, max(8, width // 2 - 6)),
        rows,
        right,
        reading.level,
        heavy,
        silence(frame) or _gone(frame, of, look),
    )
    return _pane("chart", content, look, at, boxed)


def _gone(frame: Frame, of: DetailFrame, look: Look) -> str:
    reading = of.series.reading
    return presence(reading, frame.now, look.offset) if reading.presence is Presence.STALE else ""


def _stats(frame: Frame, of: DetailFrame, look: Look, at: Rectangle, boxed: bool) -> Box:
    width, height = inner(at[2], at[3], boxed)
    width -= lead(at[0], boxed)
    stats = of.stats
    unit = of.series.reading.unit
    rows: list[Line] = []
    for name, value in (
        ("now", stats.now),
        ("min", stats.minimum),
        ("avg", stats.average),
        ("p95", stats.p95),
        ("max", stats.maximum),
    ):
        said = numbers.amount(value, unit, decimals=of.panel.decimals, signed=of.panel.signed, offset=look.offset)
        level = of.panel.level(value) if value is not None else Level.OK
        rows.append(
            [
                *text(f"{name:<6}"),
                Span(cells.right(said.digits, 11), severity(level), bold=True),
                *text(f" {said.unit}"),
            ]
        )
    rows.append([])
    for threshold, spent in stats.above:
        word = "above" if threshold.side is Side.ABOVE else "below"
        label = f"{word} {numbers.brief(threshold.value, unit)}"
        role = severity(threshold.level) if spent else Role.MUTED
        rows.append([*text(cells.fit(label, 11)), Span(cells.right(numbers.duration(spent), width - 11), role)])
    eta = next((x for x in frame.limits if x.panel.id == of.panel.id and x.labels == of.series.labels), None)
    if eta is not None and eta.eta is not None:
        label = f"to {numbers.brief(eta.limit.value, unit)}"
        rows.append([*text(cells.fit(label, 11)), Span(cells.right(numbers.rough(eta.eta), width - 11), bold=True)])
    rows += [[], [*text("samples "), Span(f"{stats.samples:,}", Role.SECONDARY)]]
    rows += _others(frame, of, width, height - len(rows))
    return _pane("stats", Content("stats", [to_width(r, width) for r in rows]), look, at, boxed)


def _others(frame: Frame, of: DetailFrame, width: int, height: int) -> list[Line]:
    """What the panel's other series are at, the worst first, where there is room."""
    panel = frame.panel(of.panel.id)
    if panel is None or height < 2:
        return []
    found = [s for s in panel.series if s.legend and s.labels != of.series.labels and s.query == of.query]
    rows: list[Line] = [[]]
    for series in sorted(found, key=lambda s: s.reading.level, reverse=True)[: height - 1]:
        said = str(numbers.amount(series.reading.value, series.reading.unit, decimals=of.panel.decimals))
        label = cells.fit(cells.middle(series.legend, width - len(said) - 1), width - len(said))
        rows.append([*text(label), Span(said, severity(series.reading.level, Role.SECONDARY))])
    return rows if len(rows) > 1 else []


def _alert(frame: Frame, of: DetailFrame) -> Alert | None:
    found = [
        a
        for a in frame.alerts
        if a.rule.panel == of.panel.id
        and a.last_seen is None
        and all(of.series.labels.get(k) in (v, None) for k, v in a.labels.items())
    ]
    return next((a for a in found if a.state is AlertState.FIRING), None)


def _about(frame: Frame, of: DetailFrame, look: Look, at: Rectangle, boxed: bool) -> Box:
    width, height = inner(at[2], at[3], boxed)
    expr = cells.wrap(of.expr, max(8, width))
    rows: list[Line] = [[Span(piece)] for piece in expr[:2]]
    rows += [[Span(line, Role.SECONDARY)] for line in of.raw]
    if of.help or of.type:
        rows.append([*text(f"{of.type or 'untyped'}  "), Span(of.help, Role.SECONDARY)])
    if of.used_by:
        rows.append([*text("used by  "), Span(" · ".join(of.used_by), Role.SECONDARY)])
    thresholds = of.panel.thresholds
    if thresholds:
        said = [Span(f"{t.level.name.lower()} {t}", severity(t.level)) for t in thresholds]
        rows.append([*text("limits   "), *[s for x in said for s in (x, Span("  "))]])
    if of.panel.runbook:
        rows += [[*text("do       "), Span(piece)] for piece in cells.wrap(of.panel.runbook, max(8, width - 9))]
    alert = _alert(frame, of)
    right: list[Span] = []
    if alert is not None:
        waited = max(0, frame.at - (alert.fired_at or alert.active_at)) // 1_000 * 1_000
        sign = marks(look.glyphs).level(alert.rule.level)
        right = [
            Span(f"{sign} {alert.rule.name} firing {numbers.duration(waited)}", severity(alert.rule.level), bold=True)
        ]
    level = alert.rule.level if alert is not None else Level.OK
    content = Content("expression and raw lines", rows[:height], right, level, alert is not None)
    return _pane("about", content, look, at, boxed)


def _events(frame: Frame, of: DetailFrame, look: Look, at: Rectangle, boxed: bool) -> Box:
    width, height = inner(at[2], at[3], boxed)
    found = of.events
    first = max(0, min(look.selected - height + 1, len(found) - height)) if look.selected >= height else 0
    rows: list[Line] = []
    for index, event in enumerate(found[first : first + height], first):
        row = events.line(event, frame, look, width, (6, 10, 12 if width >= 70 else 0))
        rows.append(selected(row, look.mono) if index == look.selected else row)
    if not rows:
        rows = [text("nothing within five minutes")]
    return _pane("around", Content("Events ±5m", rows, text(str(len(found)))), look, at, boxed)
