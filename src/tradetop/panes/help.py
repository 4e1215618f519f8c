"""The keys of this screen, by section."""

from __future__ import annotations

from tradetop.panes import cells
from tradetop.panes.content import Content
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import key
from tradetop.panes.line import Line, to_width
from tradetop.panes.look import Hint, Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

_COLUMN = 38


def help_screen(look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer; it scrolls where the keys do not fit."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    lines = _lines(look, columns)
    first = max(0, min(look.scroll, len(lines) - rows))
    content = Content("Keys", lines[first : first + rows])
    return [framed("help", 0, 1, width, height - 2, content, look, [Tab(None, "Keys")], boxed=boxed, focused=False)]


def _lines(look: Look, width: int) -> list[Line]:
    sections: dict[str, list[Hint]] = {}
    for hint in look.hints:
        sections.setdefault(hint.section or "Keys", []).append(hint)
    blocks = [_block(name, hints, look) for name, hints in sections.items()]
    count = max(1, min(width // _COLUMN, len(blocks)))
    stacks: list[list[list[Span]]] = [[] for _ in range(count)]
    for block in blocks:
        shortest = min(stacks, key=len)
        shortest += [*([[]] if shortest else []), *block]
    return [
        [span for stack in stacks for span in _cell(stack[row] if row < len(stack) else [], width // count)]
        for row in range(max((len(s) for s in stacks), default=0))
    ]


def _block(name: str, hints: list[Hint], look: Look) -> list[list[Span]]:
    keys = [key(h.key, look.glyphs) for h in hints]
    wide = max(map(cells.width, keys))
    return [
        [Span(name, Role.FOREGROUND, bold=True)],
        *(
            [Span(cells.fit(k, wide) + "  ", Role.PRIMARY, bold=True), Span(h.text, Role.SECONDARY)]
            for k, h in zip(keys, hints, strict=True)
        ),
    ]


def _cell(line: list[Span], width: int) -> list[Span]:
    return list(to_width(line, width))
