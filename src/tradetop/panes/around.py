"""Events around a moment: a list to choose from, and beside it the JSON of the one under the cursor."""

from __future__ import annotations

from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import MINUTE
from tradetop.model.detail_frame import DetailFrame
from tradetop.model.frame import Frame
from tradetop.panes import cells, events, times
from tradetop.panes.content import Content
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.line import Line, selected, severity, text
from tradetop.panes.look import Glyphs, Look
from tradetop.panes.row import Box, Span
from tradetop.panes.written import json_lines
from tradetop.theme.roles import Role

_REACH = 5 * MINUTE
_SIDE_BY_SIDE = 110
"""Columns from which the JSON stands beside the events."""


def boxes(frame: Frame, of: DetailFrame, look: Look, at: tuple[int, int, int, int], boxed: bool) -> list[Box]:
    """The list, and the JSON where there is room for both."""
    x, y, width, height = at
    if height < 2:
        return []
    event = chosen(of, look)
    # Over a slow link the list alone: with every step of the cursor all of the JSON would be another one.
    beside = width >= _SIDE_BY_SIDE and event is not None and not look.slow
    left = width // 2 if beside else width
    found = [_pane("around", _list(frame, of, look, *inner(left, height, boxed)), look, (x, y, left, height), boxed)]
    if left < width and event is not None:
        columns, rows = inner(width - left, height, boxed)
        lines = json_lines(event.raw, columns, loose=False)
        more = [Span(f"{len(lines)} lines  ", Role.MUTED)] if len(lines) > rows else []
        right = [*more, Span(f"{times.clock(event.t, look.offset)} {event.type}", severity(event.level))]
        content = Content("json", lines[:rows], right)
        found.append(_pane("json", content, look, (x + left, y, width - left, height), boxed))
    return found


def chosen(of: DetailFrame, look: Look) -> BotEvent | None:
    """The event under the cursor; the cursor counts from the newest."""
    index = len(of.events) - 1 - look.selected
    return of.events[index] if 0 <= index < len(of.events) else None


def _list(frame: Frame, of: DetailFrame, look: Look, width: int, height: int) -> Content:
    """The events, newest last, as the feed has them."""
    found = of.events
    when = frame.at if of.around is None else of.around
    title = f"Events {times.minute(when, look.offset)} {'+-' if look.glyphs is Glyphs.ASCII else '±'}5m"
    if not found:
        said = [*text((times.minute(when - _REACH, look.offset), Role.SECONDARY), " to "),
                *text((times.minute(when + _REACH, look.offset), Role.SECONDARY), ": no events")]  # fmt: skip
        asked = bool(frame.feed.reason or frame.feed.derived)
        source = frame.feed.reason or ("no event database is connected" if frame.feed.derived else "")
        return Content(title, [said, *([text(source)] if asked else [])], text("no events"))
    at = max(0, len(found) - 1 - look.selected)
    kind = min(8, max([6, *(cells.width(events.word(e)) for e in found)]))
    pair = min(10, max([0, *(cells.width(e.pair) for e in found)]))
    columns = (kind, pair, 12 if width >= 70 else 0)
    first = max(0, min(at, len(found) - height))
    rows: list[Line] = []
    for index, event in enumerate(found[first : first + height], first):
        row = events.line(event, frame, look, width, columns)
        rows.append(selected(row, look.mono) if index == at else row)
    return Content(title, rows, text((f"{at + 1}", Role.FOREGROUND), f" of {len(found)}"))


def _pane(id: str, content: Content, look: Look, at: tuple[int, int, int, int], boxed: bool) -> Box:
    return framed(id, *at, content, look, [Tab(None, content.title)], boxed=boxed, focused=False)
