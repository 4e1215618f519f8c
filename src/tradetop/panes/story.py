"""A trade's story: signal, risk, open and close with the time between them, and what is missing."""

from __future__ import annotations

from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.feed_frame import Story
from tradetop.model.frame import Frame
from tradetop.model.unit import Unit
from tradetop.panes import cells, events, numbers, times
from tradetop.panes.content import money_role
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, size, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_NAME = 9
_GAP = 10


def story_lines(event: BotEvent, frame: Frame, look: Look, width: int) -> list[Line]:
    """The story of the trade that the event belongs to; nothing where it belongs to none."""
    story = frame.story
    if story is None:
        return []
    paired = f"paired by {story.paired}" if story.paired else "nothing else of it is known"
    lines: list[Line] = [[], to_width([Span("trade", bold=True), *text(f"  {paired}")], width)]
    last: BotEvent | None = None
    for cls, part in story.parts:
        if part is None:
            name = text(cells.fit(f"  {cls.value}", _NAME))
            lines.append(to_width([*name, Span(_missing(story, cls, look), Role.SECONDARY)], width))
            continue
        lines.append(_part(part, last, event, look, width))
        last = part
    return [*lines, *_sum(story, width)]


def _part(part: BotEvent, last: BotEvent | None, event: BotEvent, look: Look, width: int) -> Line:
    """One event of it: its time, how long after the one before, what it says."""
    name = cells.fit(f"{events.glyph(part, marks(look.glyphs))} {part.cls.value}", _NAME)
    own = part.id == event.id
    gap = cells.right("" if last is None else between(part.t - last.t), _GAP)
    when = Span(f"{times.dated(part.t, event.t, look.offset)}.{part.t % SECOND:03d}", bold=own)
    head = [Span(name, events.role(part), bold=own), when, *text(f"{gap}  ")]
    return to_width([*head, *events.facts(part, "", max(0, width - size(head)))], width)


def _missing(story: Story, cls: EventClass, look: Look) -> str:
    """Why a part of it is not there, as far as that is known."""
    told = [part for _, part in story.parts if part is not None]
    match cls:
        case EventClass.CLOSE:
            return "not yet: it is open" if story.opened is not None else "none: it was not opened"
        case EventClass.OPEN if story.close is None:
            return "none has followed"
    before = next((one for one, part in story.parts if part is not None or one is cls), cls) is cls
    if before and told and told[0].t - story.since < MINUTE:
        return f"not in what was read, which begins at {times.dated(story.since, told[0].t, look.offset)}"
    return "none found"


def _sum(story: Story, width: int) -> list[Line]:
    """From the first to the last of it, and what came of it."""
    told = [part for _, part in story.parts if part is not None]
    if len(told) < 2:
        return []
    first, last = told[0], told[-1]
    took = between(last.t - first.t).removeprefix("+")
    line = [*text(cells.fit("", _NAME)), *text(f"{first.cls.value} to {last.cls.value} "), Span(took)]
    pnl = None if story.close is None else story.close.pnl
    if pnl is not None:
        amount = numbers.amount(pnl, Unit.USD, signed=True)
        line += [*text("  P&L "), Span(str(amount), money_role(pnl), bold=True)]
    return [to_width(line, width)]


def between(ms: int) -> str:
    """A time between two events: exact below a minute."""
    return f"{ms:+,} ms" if abs(ms) < MINUTE else f"+{numbers.duration(ms)}"


def repeat_lines(event: BotEvent, frame: Frame, look: Look, width: int) -> list[Line]:
    """The events that one row of the feed tells together, and which of them this is."""
    row = next((row for row in frame.feed.events if row.repeats and row.tells(event.id)), None)
    if row is None:
        return []
    told = row.told
    at = next(i for i, one in enumerate(told) if one.id == event.id)
    step = look.own_key("h l")
    head = f"  {at + 1} of {len(told):,}" + (f", {step} to the others" if step else "")
    lines: list[Line] = [[], to_width([Span(f"x{len(told):,}", Role.PRIMARY, bold=True), *text(head)], width)]
    first = max(0, min(at - _AROUND // 2, len(told) - _AROUND))
    for one in told[first : first + _AROUND]:
        own = one.id == event.id
        when = Span(f"{times.clock(one.t, look.offset)}.{one.t % SECOND:03d}", bold=own)
        head_of = [*text(f"{marks(look.glyphs).ok if own else ' '} "), when, *text("  ")]
        lines.append(to_width([*head_of, *events.facts(one, "", max(0, width - size(head_of)))], width))
    return lines


_AROUND = 7
"""Repeats that are listed around the one that is open."""
