"""What a bot wrote: JSON in lines and colours, and the screen that shows all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from tradetop.model.bot_event import BotEvent, EventSource
from tradetop.panes import cells, times
from tradetop.panes.content import Content
from tradetop.panes.line import Line, severity, size, text
from tradetop.panes.look import Look
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b|([{}\[\],:])')
_WHY = {
    EventSource.DATABASE: "no JSON: the bot wrote none with this event",
    EventSource.LOG: "no JSON: the bot wrote none with this event",
    EventSource.DERIVED: "no JSON: this event was worked out from metrics",
    EventSource.PERSON: "no JSON: a person wrote this mark",
}


def written(event: BotEvent, look: Look, width: int, height: int) -> Content:
    """All of an event's JSON; the title says which lines of how many are seen."""
    if not event.raw:
        said: list[Line] = [text((_WHY[event.source], Role.INFO)), text("all that is known of it is one level up: esc")]
        centred = [[Span(" " * max(0, (width - size(line)) // 2)), *line] for line in said]
        return Content("JSON", [*[[Span("")]] * ((height - len(said)) // 2), *centred], text(event.type))
    lines = json_lines(event.raw, width)
    if _pretty(event.raw) is None:
        lines = [*lines, [], text(("not whole: it was cut, or never was JSON", Role.WARN))]
    first = max(0, min(look.scroll, len(lines) - height))
    seen = lines[first : first + height]
    place = text(f"{first + 1}-{first + len(seen)} of {len(lines)}  ") if len(lines) > height else []
    right = [*place, Span(f"{times.clock(event.t, look.offset)} {event.type}", severity(event.level))]
    return Content("JSON", seen, right)


def json_lines(raw: str, width: int, *, loose: bool = True) -> list[Line]:
    """JSON in colours, no line wider than `width`: a field a line, or not `loose` as many as fit.

    What is no JSON is shown as it is; of an event without any, why it has none.
    """
    if not raw:
        return [text("no JSON: this event was worked out from metrics")]
    pretty = _pretty(raw, loose=loose)
    found: list[Line] = []
    for line in (raw if pretty is None else pretty).split("\n"):
        bare = line.lstrip()
        found += _flowing(coloured(bare), len(line) - len(bare), max(8, width))
    return found


def _pretty(raw: str, *, loose: bool = True) -> str | None:
    try:
        return json.dumps(json.loads(raw), indent=2 if loose else None, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def coloured(line: str) -> list[Span]:
    """A piece of JSON in colours: keys, strings, numbers, words."""
    found: list[Span] = []
    at = 0
    for match in _TOKEN.finditer(line):
        if match.start() > at:
            found.append(Span(line[at : match.start()]))
        string, colon, number, literal, mark = match.groups()
        if string is not None:
            found.append(Span(string, Role.PRIMARY if colon else Role.OPEN))
            found += text(colon) if colon else []
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


def _flowing(spans: Iterable[Span], indent: int, width: int) -> list[Line]:
    """The spans in lines of at most `width`, broken between them, at blanks, or where there is neither."""
    indent = min(indent, width // 2)
    further = min(indent + 2, width // 2)
    lines: list[list[Span]] = [[Span(" " * indent)] if indent else []]
    used = indent
    for span in _pieces(spans, width - further):
        size = cells.width(span.text)
        if used + size > width and span.text.strip():
            lines.append([Span(" " * further)] if further else [])
            used = further
        if used + size <= width:
            lines[-1].append(span)
            used += size
    return [*lines]


def _pieces(spans: Iterable[Span], room: int) -> Sequence[Span]:
    """The spans, those that are too long for a line in pieces."""
    return [
        span._replace(text=piece)
        for span in spans
        for piece in ([span.text] if cells.width(span.text) <= room else _broken(span.text, max(1, room)))
    ]


def _broken(said: str, room: int) -> list[str]:
    found, rest = [], said
    while cells.width(rest) > room:
        head = rest[:room]
        while cells.width(head) > room:
            head = head[:-1]
        at = head.rfind(" ") + 1
        at = at if at > room // 2 else max(1, len(head))
        found.append(rest[:at])
        rest = rest[at:]
    return [*found, rest]
