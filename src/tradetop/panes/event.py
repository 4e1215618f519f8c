"""One event: what is known of it, what the bot stood at then, and below it the JSON as the bot wrote it."""

from __future__ import annotations

import math

from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import SECOND
from tradetop.model.frame import Frame
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.model.unit import Kind, Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.content import Content, money_role
from tradetop.panes.error_rows import state
from tradetop.panes.events import glyph, word
from tradetop.panes.frames import Tab, framed, inner, lead
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, severity, text
from tradetop.panes.look import Hint, Look, ScreenName
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.panes.stack import KEYS as STACK
from tradetop.panes.stack import stack_of, wrapped
from tradetop.panes.story import repeat_lines, story_lines
from tradetop.panes.targets import event_of
from tradetop.panes.written import json_lines, written
from tradetop.theme.roles import Role

_SOURCES = {
    EventSource.DATABASE: "the bot's event database",
    EventSource.LOG: "the bot's log",
    EventSource.DERIVED: "derived from metrics",
    EventSource.PERSON: "a mark, written by a person",
}
_DONE = "a person, by a key"
_NAME = 12
_PANELS = 6
"""Panels whose values at the event's time are shown."""
_SIDE_BY_SIDE = 100
_HINTS = (Hint("↵", "JSON"), Hint("j k", "scroll"))


def event_screen(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The boxes between header and footer: the event, or the whole of its JSON."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    event = event_of(frame, look)
    if event is None:
        said = "no such event any more: newer ones have taken its place; esc goes back"
        return [_pane(Content("Event", [text((said, Role.WARN))]), look, (0, width, height), boxed)]
    if look.screen is ScreenName.JSON:
        content = written(event, look, *inner(width, height - 2, boxed))
        return [_pane(content, look, (0, width, height), boxed)]
    beside = width >= _SIDE_BY_SIDE and bool(event.raw)
    left = width // 2 if beside else width
    columns, rows = inner(left, height - 2, boxed)
    lines = _lines(event, frame, look, columns)
    if not beside:
        lines += [[], *json_lines(event.raw, columns)]
    first = max(0, min(look.scroll, len(lines) - rows))
    place = text(f"{first + 1}-{first + rows} of {len(lines)}  ") if len(lines) > rows else []
    right = [*place, Span(f"{times.clock(event.t, look.offset)} {event.type}", severity(event.level))]
    content = Content("Event", lines[first : first + rows], right, hints=_HINTS)
    found = [_pane(content, look, (0, left, height), boxed)]
    if beside:
        columns, rows = inner(width - left, height - 2, boxed)
        raw = json_lines(event.raw, columns - lead(left, boxed))
        more = text(f"{rows} of {len(raw)} lines, Enter for all") if len(raw) > rows else []
        found.append(_pane(Content("json", raw[:rows], more), look, (left, width - left, height), boxed))
    return found


def _pane(content: Content, look: Look, at: tuple[int, int, int], boxed: bool) -> Box:
    x, width, height = at
    tab = [Tab(None, content.title)]
    return framed(content.title.lower(), x, 1, width, height - 2, content, look, tab, boxed=boxed, focused=not x)


def _lines(event: BotEvent, frame: Frame, look: Look, width: int) -> list[Line]:
    """What it is, what it says, and what the bot stood at."""
    role = _tone(event)
    ago = numbers.ticking(frame.now - event.t, look.slow)
    arrived = " (of arrival)" if event.guessed_time else ""
    lines: list[Line] = [
        [*_name("kind"), Span(f"{glyph(event, marks(look.glyphs))} {word(event)}", role, bold=True)],
        [
            *_name("time"),
            Span(f"{times.stamp(event.t, look.offset)} {look.zone}{arrived}"),
            *text(f"  {numbers.duration(ago)} ago"),
        ],
    ]
    plain = (
        ("pair", event.pair),
        ("strategy", event.strategy),
        ("category", event.category),
        ("type", event.type if event.type != word(event) else ""),
        ("bot", event.bot),
        ("source", _DONE if event.cls is EventClass.ONCALL else _SOURCES[event.source]),
    )
    for name, said in plain:
        lines += _wrapped(name, said, width, Role.FOREGROUND)
    lines += _alike(event, frame, look)
    stack = wrapped(stack_of(event), width) if event.cls is EventClass.ERROR else []
    kept = [fact for fact in event.facts if not stack or fact.name.lower() not in STACK]
    facts = [line for fact in kept for line in _fact(fact, event, look, width)]
    context = [[], text("stack"), *([Span(line)] for line in stack)] if stack else []
    told = story_lines(event, frame, look, width) + repeat_lines(event, frame, look, width)
    return [*lines, *([[], *facts] if facts else []), *context, *told, *_stood(event, frame, look)]


def _alike(event: BotEvent, frame: Frame, look: Look) -> list[Line]:
    """Of an error: how many are like it, and whether a person must look at it or has."""
    group = frame.alike
    if group is None or frame.event is None or frame.event.id != event.id:
        return []
    since = [*text(" since "), Span(times.since(group.first or group.last, frame.at, look.offset))]
    lines: list[Line] = [[*_name("alike"), Span(numbers.count(group.count)), *(since if group.count > 1 else [])]]
    if said := state(group):
        key = look.own_key("r") if group.waiting else ""
        lines.append([*_name("review"), *said, *(text(f", {key} marks it as reviewed") if key else [])])
    return lines


def _name(name: str) -> list[Span]:
    return text(cells.fit(name, _NAME))


def _wrapped(name: str, said: str, width: int, role: Role) -> list[Line]:
    """A name and its text, over as many lines as it needs."""
    pieces = cells.wrap(said, max(8, width - _NAME)) if said else []
    return [[*_name(name if not i else ""), Span(piece, role)] for i, piece in enumerate(pieces)]


def _fact(fact: Fact, event: BotEvent, look: Look, width: int) -> list[Line]:
    """One detail, on lines of its own; money won or lost in its colour."""
    if isinstance(fact.value, str):
        return _wrapped(
            fact.name, fact.value, width, _tone(event) if event.cls is EventClass.ERROR else Role.FOREGROUND
        )
    won = fact.name.startswith("pnl")
    if fact.unit is Unit.SECONDS and abs(fact.value) >= 60:
        said, unit = numbers.short(fact.value * SECOND), ""
    elif fact.kind is Kind.MONEY and fact.unit is Unit.NONE:
        said, unit = numbers.price(fact.value), ""
    elif fact.unit is Unit.TIME:
        said, unit = times.stamp(fact.value * SECOND, look.offset), look.zone
    else:
        said, unit = numbers.amount(fact.value, fact.unit, signed=won)
    role = money_role(fact.value) if won else Role.FOREGROUND
    return [[*_name(cells.cut(fact.name, _NAME - 1)), Span(said, role, bold=won), *text(f" {unit}" if unit else "")]]


def _stood(event: BotEvent, frame: Frame, look: Look) -> list[Line]:
    """What the most telling panels were at when it happened, beside what they are at now."""
    found: list[Line] = []
    for panel in _telling(frame)[:_PANELS]:
        series = panel.first
        then = _at(series, event.t) if series is not None else None
        if series is None or then is None:
            continue
        said = [
            str(numbers.amount(v, series.reading.unit, decimals=panel.panel.decimals, signed=panel.panel.signed))
            for v in (then, series.reading.value)
        ]
        tone = money_role(then) if panel.panel.signed else severity(panel.panel.level(then))
        name = cells.fit(cells.middle(panel.panel.short, 15), 16)
        found.append([*text(name), Span(cells.right(said[0], 15), tone), *text(cells.right(said[1], 16))])
    if not found:
        return []
    head = cells.fit("", 16) + cells.right(times.minute(event.t, look.offset), 15) + cells.right("now", 16)
    return [[], text(head), *found]


def _telling(frame: Frame) -> list[PanelFrame]:
    wanted = (
        (PaneName.PNL, PanelKind.HEADLINE),
        (PaneName.EQUITY, PanelKind.CHART),
        (PaneName.LIMITS, PanelKind.GAUGE),
    )
    return [p for pane, kind in wanted for p in frame.pane(pane) if p.panel.kind is kind]


def _at(series: SeriesFrame, t: int) -> float | None:
    """The series' value at a time within the window, as its trend has it."""
    trend = series.trend
    index = min(len(trend.values) - 1, -(-(t - trend.start) // max(1, trend.step)))
    value = trend.values[index] if 0 <= index < len(trend.values) else math.nan
    return None if math.isnan(value) else value


def _tone(event: BotEvent) -> Role:
    return Role.ERROR if event.cls is EventClass.ERROR else severity(event.level)
