"""The ladder: every limit over the whole screen, what is past one first, then the closest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.frame import Frame
from tradetop.model.hidden import HIDDEN, Hidden
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName, Side
from tradetop.model.panel_frame import LimitFrame, PanelFrame
from tradetop.model.text import one_line
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, sorting
from tradetop.panes.content import Content, aged, digits, firing, flag, lacking, silence
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.limits import NEEDS, bar_of, end_of, figure_of, name_of, said_of, state_row, states_of, time_left
from tradetop.panes.limits import Columns as StateColumns
from tradetop.panes.line import Line, selected, severity, size, text, to_width, window
from tradetop.panes.look import Hint, Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Row, Span
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("< > I", "sort"))
_NAME, _ENOUGH, _MOST = 12, 18, 34
"""Columns of a name: at least, before the slope goes, at most."""
_BAR, _GOOD, _LONGEST = 8, 12, 60
"""Columns of a bar: at least, before names are cut, at most."""
_PER = ((MINUTE, "/min"), (HOUR, "/h"), (DAY, "/d"))
_TELLING = 0.002
"""How much of the limit a slope must be in a while to be told by it."""
_SIGNS = {Unit.PERCENT: "%", Unit.RATIO: "%", Unit.USD: "$", Unit.SECONDS: "s", Unit.MILLISECONDS: "s"}
"""What a slope is in."""
_HEADINGS = ("LIMIT", "NOW", "AT", "HEADROOM", "SLOPE", "TIME LEFT")
_SHORT = ("LIMIT", "NOW", "AT", "ROOM", "SLOPE", "LEFT")
_ROOMY = 100
"""Columns from which headings are not short."""
_ARROWS = (0, 1, 0, 1)
"""Columns that the last four need for the sign of an order."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of a row's parts; 0 for one that has no room."""

    name: int
    digits: int
    unit: int
    bar: int
    at: int
    headroom: int
    slope: int
    time: int


def ladder(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    level = max((limit.reading.level for limit in frame.limits), default=Level.OK)
    alert = firing(frame, [limit.panel.id for limit in frame.limits])
    lines, unseen = _lines(frame, look, columns, rows)
    content = Content(
        "Ladder",
        lines,
        _right(frame, look, unseen),
        level,
        level is Level.CRITICAL or alert is not None,
        silence(frame, look),
        _HINTS,
    )
    tabs = [Tab(None, "Ladder")]
    return [framed("ladder", 0, 1, width, height - 2, content, look, tabs, boxed=boxed, focused=True)]


def _right(frame: Frame, look: Look, unseen: int) -> list[Span]:
    past = [limit for limit in frame.limits if limit.crossed]
    found: list[Span] = []
    if past:
        worst = max(limit.reading.level for limit in past)
        found += [Span(f"{len(past)} past", severity(worst), bold=True), *text(" · ")]
    if unseen:
        found += text((f"+{unseen} row{'s' if unseen > 1 else ''}", Role.INFO), " · ")
    order = sorting.said(frame, look, PaneName.LIMITS.value)
    if order:
        found += [*order, *text(" · ")]
    return [*found, *text(f"{len(frame.limits)} limit{'s' if len(frame.limits) != 1 else ''}")]


def _lines(frame: Frame, look: Look, width: int, height: int) -> tuple[list[Line], int]:
    """Heading, rows, states and what is known of the row under the cursor; and how many rows have no room."""
    limits, states = sorting.limits(frame, look), states_of(frame)
    if not limits and not states:
        return [*lacking(frame, frame.pane(PaneName.LIMITS), NEEDS, width, height)], 0
    foot = _foot(limits, look, width) if height >= 8 else []
    room = height - 1 - len(foot)
    kept = min(len(states), max(0, room - len(limits) - 1), 4) or min(len(states), 1 if room > 6 else 0)
    seen = window(len(limits), max(1, room - kept - (1 if kept else 0)), look.selected)
    columns = _columns(limits, [p.panel.short for p in states[:kept]], width)
    lines: list[Line] = [_heading(frame, look, columns, width)]
    for index in seen:
        row = _row(frame, limits[index], look, width, columns)
        lines.append(selected(row, look.mono) if index == look.selected else row)
    lines += _below(frame, states[:kept], look, width, columns)
    lines += [[] for _ in range(height - len(lines) - len(foot))]
    return [*lines, *foot], len(limits) - len(seen)


def _below(frame: Frame, states: Sequence[PanelFrame], look: Look, width: int, columns: Columns) -> list[Line]:
    """What has no distance, such as a breaker, under a blank line."""
    own = StateColumns(columns.name, columns.digits, columns.unit, 0, 0, 0)
    return [[], *(state_row(frame, panel, look, width, own) for panel in states)] if states else []


def _foot(limits: Sequence[LimitFrame], look: Look, width: int) -> list[Line]:
    """Which threshold the row under the cursor speaks of, and what to do when it is crossed."""
    if not 0 <= look.selected < len(limits):
        return []
    limit = limits[look.selected]
    name = limit.limit.alert or limit.panel.title
    said = [Span(name, severity(limit.limit.level), bold=True), *text((f" {_at(limit)}", Role.SECONDARY))]
    if limit.limit.hold:
        said += text(f" for {numbers.short(limit.limit.hold)}")
    if limit.panel.runbook:
        said += text(": ", (one_line(limit.panel.runbook), Role.SECONDARY))
    return [[], to_width(said, width)]


def _columns(limits: Sequence[LimitFrame], states: Sequence[str], width: int) -> Columns:
    """Widths in which the bar is not starved: the slope goes first, then the headroom, then the ends of names."""
    said = [said_of(limit) for limit in limits]
    value = max([3, *(cells.width(s.digits) for s in said)])
    unit = max([1, *(cells.width(s.unit) for s in said)])
    at, room, slope, time = (
        max([cells.width(heading) + ordered, *(cells.width(of(limit)) for limit in limits)])
        for heading, of, ordered in zip(_words(width)[2:], (_at, _headroom, _slope, _time), _ARROWS, strict=True)
    )
    name = min(_MOST, max([_NAME, *map(cells.width, states), *(cells.width(name_of(x, _MOST)) for x in limits)]))

    def left() -> int:
        return width - value - unit - sum(part + 2 for part in (name, at, room, slope, time) if part) - 1

    if left() < _GOOD and name > _ENOUGH:
        name = max(_ENOUGH, name - (_GOOD - left()))
    if left() < _BAR:
        slope = 0
    if left() < _BAR:
        room = 0
    if left() < _BAR:
        name = max(_NAME, name - (_BAR - left()))
    return Columns(name, value, unit, max(0, min(_LONGEST, left())), at, room, slope, time)


def _words(width: int) -> tuple[str, ...]:
    return _HEADINGS if width >= _ROOMY else _SHORT


def _heading(frame: Frame, look: Look, columns: Columns, width: int) -> Row:
    arrow = sorting.arrows(frame, look, PaneName.LIMITS.value)
    name, now, at, headroom, slope, time = _words(width)
    said = cells.fit(name + arrow("name"), columns.name + 1) + cells.right(now, columns.digits) + " " * columns.unit
    tail = [(at, columns.at), (headroom + arrow("distance"), columns.headroom), (slope, columns.slope)]
    tail.append((time + arrow("time left"), columns.time))
    said += " " * (columns.bar + 1) + "".join("  " + cells.right(word, wide) for word, wide in tail if wide)
    return to_width([Span(said, Role.MUTED)], width)


def _row(frame: Frame, limit: LimitFrame, look: Look, width: int, columns: Columns) -> Row:
    reading, said = limit.reading, said_of(limit)
    word = dict(limit.panel.states).get(reading.value, "") if reading.value is not None else ""
    level = severity(reading.level)
    name = cells.fit(name_of(limit, columns.name), columns.name) + " "
    left = [Span(name, severity(reading.level, Role.SECONDARY))]
    if word:
        left.append(Span(cells.right(word, columns.digits + columns.unit), level, bold=True))
    else:
        left.append(Span(cells.right(digits(reading, said), columns.digits), level, bold=True))
        left.append(Span(cells.fit(said.unit, columns.unit), Role.MUTED))
    left.append(flag(reading, look))
    bar = bar_of(frame, limit, look, columns.bar, word)
    if size(bar) > columns.bar:  # Words of what is missing, which say more than what it would be held against.
        return aged(frame, reading, to_width([*left, *bar], width))
    parts = [
        Span("  " + cells.right("" if word else _at(limit), columns.at), Role.MUTED),
        Span("  " + cells.right(_headroom(limit), columns.headroom) if columns.headroom else "", level),
        Span("  " + cells.right(_slope(limit), columns.slope) if columns.slope else "", Role.SECONDARY),
        Span("  " + cells.right(_time(limit), columns.time), severity(limit.limit.level), bold=True),
    ]
    return aged(frame, reading, to_width([*left, *to_width(bar, columns.bar), *parts], width))


def _at(limit: LimitFrame) -> str:
    """The limit itself: `> 25`, `<= 0.1`."""
    sign = (">" if limit.limit.side is Side.ABOVE else "<") + ("=" if limit.limit.inclusive else "")
    return f"{sign} {end_of(limit)}"


def _headroom(limit: LimitFrame) -> str:
    """How far the value may still go, less than nothing once it is beyond; nothing at all where there is no value."""
    room = limit.headroom
    if room is None or room != room or limit.reading.presence is not Presence.LIVE or limit.panel.states:
        return ""
    said = figure_of(limit, room)
    return said.digits + (said.unit if len(said.unit) <= 2 else "")


def _slope(limit: LimitFrame) -> str:
    """How fast the value moves, per minute, hour or day; nothing where it does not move steadily."""
    slope, unit = limit.slope, limit.reading.unit
    if not slope or limit.reading.presence is not Presence.LIVE:
        return ""
    if isinstance(slope, Hidden):
        return f"{HIDDEN}/min"
    scale = {Unit.RATIO: 100.0, Unit.MILLISECONDS: 0.001}.get(unit, 1.0)
    least = _TELLING * abs(limit.limit.value or limit.reading.value or 1.0)
    per, name = next(((p, n) for p, n in _PER if abs(slope * p) >= least), _PER[-1])
    value = slope * per * scale
    return f"{'+' if value > 0 else '-'}{numbers.count(abs(value))}{_SIGNS.get(unit, '')}{name}"


def _time(limit: LimitFrame) -> str:
    """The time to breach; what is past its last limit says so."""
    value = limit.reading.value
    if value is not None and limit.limit.crossed(value) and limit.reading.presence is Presence.LIVE:
        return "past"
    return time_left(limit)
