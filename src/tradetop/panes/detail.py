"""The way down: one series with its chart, figures, raw lines, and what happened around it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradetop.model.alert import Alert, AlertState
from tradetop.model.clock import DAY
from tradetop.model.detail_frame import DetailFrame
from tradetop.model.frame import Frame
from tradetop.model.hidden import HIDDEN, Proportions
from tradetop.model.level import Level, Presence
from tradetop.model.unit import Unit
from tradetop.panes import about, around, cells, figures, numbers, times
from tradetop.panes.content import Content, money_role, needed, presence, silence
from tradetop.panes.draw.chart import Crosshair, drawn
from tradetop.panes.draw.plot import Plot, plot
from tradetop.panes.draw.sample import extent
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import marks
from tradetop.panes.happened import happened
from tradetop.panes.line import Line, severity, size, text
from tradetop.panes.look import Hint, Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

_STATS = 24
_HINTS = (Hint("h l", "cursor"), Hint("[ ]", "window"), Hint("↵", "event"))

Rectangle = tuple[int, int, int, int]
"""x, y, width, height."""


def detail(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The boxes between header and footer."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    of = frame.detail
    if of is None:
        # Without a frame: it is gone again at once, and blank lines cost next to nothing.
        content = Content("Series", _wait(frame, *inner(width, height - 2, boxed=False)))
        return [_pane("chart", content, look, (0, 1, width, height - 2), boxed=False)]
    left, tall, told = _cut(frame, of, look, width, height)
    below = height - 2 - tall - told
    return [
        _chart(frame, of, look, (0, 1, left, tall), boxed),
        _pane("stats", figures.content(frame, of, look, width - left, tall, boxed), look,
              (left, 1, width - left, tall), boxed),
        _pane("about", about.content(frame, of, look, *inner(width, told, boxed)), look,
              (0, 1 + tall, width, told), boxed),
        *around.boxes(frame, of, look, (0, 1 + tall + told, width, below), boxed),
    ]  # fmt: skip


def charted(frame: Frame, look: Look, width: int, height: int) -> Plot | None:
    """The plot of the screen's chart on a terminal of this size; None where there is none."""
    of = frame.detail
    if of is None:
        return None
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    left, tall, _ = _cut(frame, of, look, width, height)
    return _plot(of, look, *inner(left, tall, boxed))


def _cut(frame: Frame, of: DetailFrame, look: Look, width: int, height: int) -> tuple[int, int, int]:
    """Columns and rows of the chart, and rows of what is said about the series; the events have the rest."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    free = height - 2
    most, below = max(3, free * 3 // 10 if boxed else free // 4), max(3, free // 4)
    told = min(len(about.lines(frame, of, look, inner(width, most, boxed)[0])) + (2 if boxed else 1), most)
    return width - (_STATS if width < 160 else _STATS + 6), free - told - below, told


def _pane(id: str, content: Content, look: Look, at: Rectangle, boxed: bool, *, focused: bool = False) -> Box:
    x, y, width, height = at
    return framed(id, x, y, width, height, content, look, [Tab(None, content.title)], boxed=boxed, focused=focused)


# Chart


def _plot(of: DetailFrame, look: Look, width: int, height: int) -> Plot | None:
    unit, panel = of.series.reading.unit, of.panel
    if of.series.reading.presence is Presence.NEVER_SET:
        return None
    zero = bool(panel.thresholds) or panel.signed or unit in {Unit.PERCENT, Unit.RATIO}
    return plot(of.series.trend, width, height - 2, look, unit, thresholds=panel.thresholds, zero=zero)


def _chart(frame: Frame, of: DetailFrame, look: Look, at: Rectangle, boxed: bool) -> Box:
    width, height = inner(at[2], at[3], boxed)
    found = _plot(of, look, width, height)
    rows: Sequence[Line]
    if found is None:
        rows = _instead(frame, of, look, width, height)
    else:
        rows = drawn(
            found,
            look,
            thresholds=of.panel.thresholds,
            marks=happened(frame, look),
            signed=of.panel.signed,
            crosshair=_crosshair(frame, of, found, look),
        )
    reading = of.series.reading
    level = Level.OK if reading.presence is not Presence.LIVE else reading.level
    heavy = level is Level.CRITICAL or firing(frame, of) is not None
    name = cells.middle(of.series.legend or of.panel.title, max(8, width // 2 - 6))
    content = Content(name, rows, _value(of, width - size([Span(name)])), level, heavy,
                      silence(frame) or _gone(frame, of, look), _HINTS)  # fmt: skip
    return _pane("chart", content, look, at, boxed, focused=True)


def _value(of: DetailFrame, room: int) -> list[Span]:
    """The value now, and before it, where there is room, the labels of the series."""
    reading = of.series.reading
    said = numbers.amount(reading.value, reading.unit, decimals=of.panel.decimals, signed=of.panel.signed)
    normal = money_role(reading.value) if of.panel.signed else Role.FOREGROUND
    value: list[Span] = [Span(str(said), severity(reading.level, normal), bold=True)]
    if reading.presence is Presence.NEVER_SET:
        value = text(("0", Role.SECONDARY), " never set")
    elif reading.value is None:
        value = text(reading.presence.value)
    labels = ", ".join(f'{k}="{v}"' for k, v in of.series.labels.items() if k not in about.OURS)
    left = room - size(value) - 12
    return [*text((cells.middle(labels, left), Role.SECONDARY), " · "), *value] if labels and left >= 10 else value


def _crosshair(frame: Frame, of: DetailFrame, found: Plot, look: Look) -> Crosshair | None:
    """The column of the crosshair's time, with the time and the value, or why there is none."""
    at = None if frame.view.focus is None else frame.view.focus.at
    if at is None:
        return None
    index = found.index(at)
    when = times.clock(at, look.offset) if frame.view.span <= DAY else times.stamp(at, look.offset)[5:16]
    if index is None:
        return Crosshair(0 if at < found.start else found.room - 1, f"{when}  not in this window")
    return Crosshair(found.column(index), f"{when}  {_there(of, found, index)}")


def _there(of: DetailFrame, found: Plot, index: int) -> str:
    """The value at one point of the chart, or which kind of absence is there."""
    values, panel = found.trend.values, of.panel
    if math.isfinite(values[index]):
        if isinstance(values, Proportions):
            return HIDDEN
        unit = of.series.reading.unit
        return str(numbers.amount(values[index], unit, decimals=panel.decimals, signed=panel.signed))
    reached = of.reached[index] if index < len(of.reached) else math.nan
    if math.isnan(reached):
        return "not recorded"
    if not reached:
        return "no data, bot down"
    return "gone" if extent(values[:index]) is not None else "absent"


def firing(frame: Frame, of: DetailFrame) -> Alert | None:
    """The worst alert of this very series that fires now."""
    found = [a for a in about.alerts(frame, of) if a.state is AlertState.FIRING and a.last_seen is None]
    return max(found, key=lambda a: a.rule.level, default=None)


# What stands in place of a chart


def _gone(frame: Frame, of: DetailFrame, look: Look) -> str:
    """Since when a series has gone whose bot still answers, and what it was at last."""
    reading = of.series.reading
    if reading.presence is not Presence.STALE:
        return ""
    was = numbers.amount(reading.value, reading.unit, decimals=of.panel.decimals, signed=of.panel.signed)
    return f"gone since {times.since(reading.t, frame.now, look.offset)}, was {was}" if reading.t else "gone"


def _instead(frame: Frame, of: DetailFrame, look: Look, width: int, height: int) -> list[Line]:
    """Why there is no chart, and what to do: each reason with a sign of its own."""
    sign = marks(look.glyphs)
    reading = of.series.reading
    panel = frame.panel(of.panel.id)
    if panel is not None and panel.error:
        said = [f"{sign.crit} cannot be evaluated", panel.error, "mend the query of this panel"]
        return _middle(said, Role.CRIT, width, height)
    match reading.presence:
        case Presence.NEVER_SET:
            since = "" if reading.unmoved_since is None else times.since(reading.unmoved_since, frame.now, look.offset)
            told = f"zero since {since}, though normal work sets it" if since else "though normal work sets it"
            return _middle(["0 never set", told, "do not read it as a quiet zero"], Role.WARN, width, height)
        case Presence.STALE:
            return _middle([_gone(frame, of, look), "nothing in this window: ] shows a longer one"], Role.WARN, width,
                           height)  # fmt: skip
        case Presence.NOT_RECORDED:
            return _middle([f"{sign.off} not recorded", "nobody was recording then"], Role.MUTED, width, height)
        case Presence.ABSENT:
            needs = needed(of.panel.needs) if of.panel.needs else ""
            return _middle([f"{numbers.UNKNOWN} absent", "no sample has ever come", needs], Role.MUTED, width, height)
    word = presence(reading, frame.now, look.offset)
    return _middle([numbers.UNKNOWN, word or "no history in this window yet"], Role.MUTED, width, height)


def _wait(frame: Frame, width: int, height: int) -> list[Line]:
    """Until the engine has answered, and where it has nothing to answer with."""
    if frame.view.focus is None:
        return _middle(["asking for the series …"], Role.INFO, width, height)
    return _middle(["no such panel", "the dashboard has changed: esc goes back"], Role.WARN, width, height)


def _middle(said: Sequence[str], role: Role, width: int, height: int) -> list[Line]:
    """A word in its colour and what explains it, in the middle of a pane."""
    lines: list[Line] = [
        [Span(piece, role if not index else Role.SECONDARY, bold=not index)]
        for index, one in enumerate(said)
        if one
        for piece in cells.wrap(one, max(8, width))
    ]
    empty: list[Line] = [[]] * ((height - len(lines)) // 2)
    return [*empty, *([Span(" " * ((width - size(line)) // 2)), *line] for line in lines)]
