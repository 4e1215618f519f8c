"""Errors that are alike, one by one: what is known of them together, the raw messages, the stack of the chosen one."""

from __future__ import annotations

from tradetop.model.bot_event import BotEvent
from tradetop.model.feed_frame import ErrorGroup, GroupFrame
from tradetop.model.frame import Frame
from tradetop.panes import cells, numbers, times
from tradetop.panes.content import Content
from tradetop.panes.draw.spark import spark
from tradetop.panes.error_rows import state
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.line import Line, selected, severity, size, text, to_width, window
from tradetop.panes.look import Hint, Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.panes.stack import stack_of, wrapped
from tradetop.theme.roles import Role

_NAME = 10
_SPARK = 24
_HINTS = (Hint("↵", "event"), Hint("r", "reviewed"))


def group_screen(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    of = frame.group
    if of is None:
        said = "no such error any more; esc goes back" if frame.view.errors else "asking for its errors"
        content = Content("Errors", [text((said, Role.INFO))])
    else:
        right = [Span(f"{len(of.events)} shown", severity(of.group.level)), *text(" · newest first")]
        content = Content("Errors", _lines(frame, of, look, columns, rows), right, of.group.level, hints=_HINTS)
    tab = [Tab(None, content.title)]
    return [framed("errors", 0, 1, width, height - 2, content, look, tab, boxed=boxed, focused=True)]


def _lines(frame: Frame, of: GroupFrame, look: Look, width: int, height: int) -> list[Line]:
    newest = of.events[::-1]
    chosen = newest[min(look.selected, len(newest) - 1)]
    head = _head(frame, of.group, look, width)
    stack = wrapped(stack_of(chosen), width)
    room = max(1, height - len(head) - 1)
    # The stack has the lower half, and what the messages leave over.
    below = min(len(stack) + 1, max(room // 2, room - len(newest))) if stack else 0
    shown = window(len(newest), max(1, room - below - bool(below)), look.selected)
    rows: list[Line] = []
    for i in shown:
        row = _message(newest[i], look, width)
        rows.append(selected(row, look.mono) if i == look.selected else row)
    lines = [*head, [], *rows]
    if below > 1:
        more = f", {below - 1} of {len(stack)} lines: Enter has all" if len(stack) > below - 1 else ""
        said = f"stack of {times.clock(chosen.t, look.offset)}{more}"
        lines += [[], text(said), *([Span(line)] for line in stack[: below - 1])]
    return lines[:height]


def _head(frame: Frame, group: ErrorGroup, look: Look, width: int) -> list[Line]:
    """What they have in common."""
    role = severity(group.level)
    said = [Span(group.category, role, bold=True), *text(f"  {group.type}  "), *state(group)]
    ago = numbers.duration(numbers.ticking(max(0, frame.now - group.last), look.slow))
    lines: list[Line] = [
        [*_name("errors"), *said],
        [*_name("count"), Span(numbers.count(group.count), role, bold=True), *_curve(group, look)],
        [
            *_name("seen"),
            *text("first "),
            Span(times.since(group.first or group.last, frame.at, look.offset)),
            *text(", last "),
            Span(times.since(group.last, frame.at, look.offset)),
            *text(f", {ago} ago"),
        ],
    ]
    for name, names in (("bots", group.bots), ("pairs", group.pairs)):
        if names:
            lines.append(to_width([*_name(name), Span(", ".join(names))], width))
    return lines


def _curve(group: ErrorGroup, look: Look) -> list[Span]:
    if group.trend is None:
        return []
    return [Span("  "), *spark(group.trend, _SPARK, look.glyphs, severity(group.level, Role.MUTED))]


def _name(name: str) -> list[Span]:
    return text(cells.fit(name, _NAME))


def _message(event: BotEvent, look: Look, width: int) -> Line:
    said = next((f.value for f in event.facts if f.name in {"message", "reason", "metadata"}), event.type)
    role = Role.ERROR if event.facts else Role.MUTED
    head = text(f"{times.clock(event.t, look.offset)} ")
    who = [f"{name} " for name in (event.pair, event.bot) if name]
    left = [*head, *text(*who)]
    return to_width([*left, Span(cells.cut(str(said), max(8, width - size(left))), role)], width)
