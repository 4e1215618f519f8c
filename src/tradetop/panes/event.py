"""One event: what is known of it, and its JSON as the bot wrote it."""

from __future__ import annotations

import json
import re

from tradetop.model.bot_event import BotEvent, EventSource
from tradetop.model.frame import Frame
from tradetop.panes import cells, times
from tradetop.panes.content import Content
from tradetop.panes.events import facts, glyph, word
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, severity, text
from tradetop.panes.look import Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

_SOURCES = {
    EventSource.DATABASE: "the bot's event database",
    EventSource.DERIVED: "derived from metrics",
    EventSource.PERSON: "a mark, written by a person",
}
_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b|([{}\[\],:])')


def event_screen(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    event = shown(frame, look)
    if event is None:
        content = Content("Event", [text("no such event any more")])
    else:
        lines = _lines(event, look, columns)
        first = max(0, min(look.scroll, len(lines) - rows))
        right = [Span(f"{times.stamp(event.t, look.offset)} {look.zone} {event.type}", severity(event.level))]
        content = Content("Event", lines[first : first + rows], right)
    return [framed("event", 0, 1, width, height - 2, content, look, [Tab(None, "Event")], boxed=boxed, focused=False)]


def shown(frame: Frame, look: Look) -> BotEvent | None:
    """The event that the look names, else the one under the feed's cursor."""
    known = (*frame.feed.events, *(frame.detail.events if frame.detail else ()))
    if look.event:
        return next((e for e in known if e.id == look.event), None)
    index = len(frame.feed.events) - 1 - look.selected
    return frame.feed.events[index] if 0 <= index < len(frame.feed.events) else None


def _lines(event: BotEvent, look: Look, width: int) -> list[Line]:
    sign = marks(look.glyphs)
    source = _SOURCES[event.source]
    about = [
        ("time", f"{times.stamp(event.t, look.offset)} {look.zone}" + (" (of arrival)" if event.guessed_time else "")),
        ("bot", event.bot),
        ("kind", f"{glyph(event, sign)} {word(event)}"),
        ("type", event.type),
        ("pair", event.pair),
        ("strategy", event.strategy),
        ("category", event.category),
        ("source", source),
    ]
    lines: list[Line] = [[Span(f"{name:<10}", Role.MUTED), Span(said)] for name, said in about if said]
    found = facts(event)
    if found:
        lines.append([Span(f"{'facts':<10}", Role.MUTED), *found])
    return [*lines, [], *json_lines(event.raw, width)]


def json_lines(raw: str, width: int) -> list[list[Span]]:
    """JSON pretty-printed, coloured and wrapped to `width`; what is no JSON is shown as it is."""
    if not raw:
        return [text("no JSON: this event was worked out from metrics")]
    try:
        pretty = json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pretty = raw
    lines: list[list[Span]] = []
    for line in pretty.split("\n"):
        indent = len(line) - len(line.lstrip())
        pieces = cells.wrap(line.lstrip(), max(8, width - indent))
        for index, piece in enumerate(pieces):
            lines.append([Span(" " * (indent + (2 if index else 0))), *coloured(piece)])
    return lines


def coloured(line: str) -> list[Span]:
    """A piece of JSON in colours: keys, strings, numbers, words."""
    found: list[Span] = []
    at = 0
    for match in _TOKEN.finditer(line):
        if match.start() > at:
            found.append(Span(line[at : match.start()]))
        string, colon, number, literal, mark = match.groups()
        if string is not None:
            found.append(Span(string, Role.PRIMARY if colon else Role.GAIN))
            if colon:
                found.append(Span(colon, Role.MUTED))
        elif number is not None:
            found.append(Span(number, Role.SIGNAL))
        elif literal is not None:
            found.append(Span(literal, Role.RISK))
        else:
            found.append(Span(mark, Role.MUTED))
        at = match.end()
    if at < len(line):
        found.append(Span(line[at:]))
    return found
