"""The keys of this screen by section, and what is known of the program; nothing in it is cut, it scrolls instead."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.panes import cells
from tradetop.panes.content import Content
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import key
from tradetop.panes.line import Line, text, to_width
from tradetop.panes.look import Hint, Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

_COLUMN = 38
"""Least width of one of several columns."""
_GAP = 2


def help_screen(look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer; it scrolls where the keys do not fit."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    lines = _lines(look, columns)
    first = max(0, min(look.scroll, len(lines) - rows))
    more = len(lines) - first - rows
    right = text(f"{more} more below") if more > 0 else ()
    content = Content("Keys", lines[first : first + rows], right)
    return [framed("help", 0, 1, width, height - 2, content, look, [Tab(None, "Keys")], boxed=boxed, focused=False)]


def _lines(look: Look, width: int) -> list[Line]:
    sections: dict[str, list[Hint]] = {}
    hints = [hint for hint in look.hints if hint.section]
    for hint in hints:
        sections.setdefault(hint.section, []).append(hint)
    count = max(1, min((width + _GAP) // (_COLUMN + _GAP), len(sections)))
    room = (width + _GAP) // count - _GAP
    wide = max((cells.width(key(hint.key, look.glyphs)) for hint in hints), default=0)
    blocks = [_block(name, hints, look, wide, room) for name, hints in sections.items()]
    stacks = _stacked(blocks, count)
    return [
        [span for stack in stacks for span in to_width(stack[row] if row < len(stack) else (), room + _GAP)]
        for row in range(max((len(s) for s in stacks), default=0))
    ]


def _stacked(blocks: Sequence[Sequence[Line]], count: int) -> list[list[Line]]:
    """The blocks in columns, one after the other, in columns that are as low as that order allows."""
    least = max(map(len, blocks), default=0)
    for limit in range(least, sum(len(block) + 1 for block in blocks) + 1):
        stacks: list[list[Line]] = [[]]
        for block in blocks:
            if stacks[-1] and len(stacks[-1]) + 1 + len(block) > limit:
                stacks.append([])
            stacks[-1] += [*([()] if stacks[-1] else ()), *block]
        if len(stacks) <= count:
            return stacks
    return []


def _block(name: str, hints: Sequence[Hint], look: Look, wide: int, room: int) -> list[Line]:
    lines: list[Line] = [[Span(name, Role.FOREGROUND, bold=True)]]
    for hint in hints:
        head = cells.fit(key(hint.key, look.glyphs), wide)
        for said in cells.wrap(hint.text, room - wide - 2):
            lines.append([Span(f"{head}  ", Role.PRIMARY, bold=True), Span(said, Role.SECONDARY)])
            head = " " * wide
    return lines
