"""Frames: a pane's border, or its title rule where space is scarce; they show its state without colour too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tradetop.panes.content import Content
from tradetop.panes.glyphs import key, numbered, shown
from tradetop.panes.line import Line, dimmed, severity, shortened, size, to_width
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.row import Box, Row, Span
from tradetop.panes.same import Same
from tradetop.theme.roles import Role

_KEPT = 128
"""Framed rows that are kept: most of a pane that is drawn again is as it was."""


@dataclass(frozen=True, slots=True)
class Border:
    """Characters of a frame: corners clockwise from the upper left, then the lines."""

    corners: str
    across: str
    down: str


THIN = Border("╭╮╯╰", "─", "│")
HEAVY = Border("┏┓┛┗", "━", "┃")
DASHED = Border("╭╮╯╰", "╌", "╎")


@dataclass(frozen=True, slots=True)
class Tab:
    """One title of a pane; several panes may share a place."""

    number: int | None
    title: str
    front: bool = True


def finished(id: str, x: int, y: int, width: int, height: int, rows: Sequence[Line], look: Look) -> Box:
    """A box whose rows are exactly as wide and as many as it is; every text passes the output wall here."""
    made = [_walled(line, width, look.glyphs) for line in rows[:height]]
    blank = (Span(" " * width),)
    made.extend([blank] * (height - len(made)))
    return Box(id, x, y, width, height, tuple(made))


def _walled(line: Line, width: int, glyphs: Glyphs) -> Row:
    """A row of exactly this width, of characters that the terminal shows and does not obey."""
    clean = [span if (safe := shown(span.text, glyphs)) == span.text else span._replace(text=safe) for span in line]
    row = to_width(clean, width)
    if glyphs is not Glyphs.ASCII:
        return row
    return tuple(s if s.text.isascii() else s._replace(text=s.text.replace("…", "~")) for s in row)


@lru_cache(maxsize=_KEPT)
def _between(same: Same[Line], columns: int, side: Span, glyphs: Glyphs) -> Row:
    """A row with the lines of the frame beside it."""
    return (side, Span(" "), *_walled(same.of, columns, glyphs), Span(" "), side)


def inner(width: int, height: int, boxed: bool) -> tuple[int, int]:
    """Columns and rows that a pane has for its content."""
    return (max(0, width - 4), max(0, height - 2)) if boxed else (max(0, width - 1), max(0, height - 1))


def lead(x: int, boxed: bool) -> int:
    """Blank columns before the content of a pane without a frame that has a neighbour to its left."""
    return 1 if x and not boxed else 0


def framed(
    id: str,
    x: int,
    y: int,
    width: int,
    height: int,
    content: Content,
    look: Look,
    tabs: Sequence[Tab],
    *,
    boxed: bool,
    focused: bool,
) -> Box:
    """A pane with its frame, or with a title rule above it."""
    border, role = _style(content, focused)
    rows = [dimmed(row) for row in content.rows] if content.stale else list(content.rows)
    top = _top(width, content, border, role, look, tabs, boxed, focused)
    if not boxed:
        margin = [Span(" " * lead(x, boxed))] if lead(x, boxed) else []
        return finished(id, x, y, width, height, [top, *([*margin, *row] for row in rows)], look)
    columns, lines = inner(width, height, True)
    if height < 2 or width < 4:
        return finished(id, x, y, width, height, [top], look)
    side = Span(shown(border.down, look.glyphs), role)
    bottom = _bottom(width, border, role, look, content.hints if focused else ())
    within = [_between(Same(row), columns, side, look.glyphs) for row in [*rows[:lines], *[()] * (lines - len(rows))]]
    ends = (_walled(line, width, look.glyphs) for line in (top, bottom))
    return Box(id, x, y, width, height, (next(ends), *within, next(ends)))


def _style(content: Content, focused: bool) -> tuple[Border, Role]:
    if content.stale:
        return DASHED, Role.FRAME_FOCUS if focused else Role.FRAME
    border = HEAVY if content.firing and content.level else THIN
    if content.level:
        return border, severity(content.level)
    return border, Role.FRAME_FOCUS if focused else Role.FRAME


def _top(
    width: int,
    content: Content,
    border: Border,
    role: Role,
    look: Look,
    tabs: Sequence[Tab],
    boxed: bool,
    focused: bool,
) -> Row:
    ends = border.corners[:2] if boxed else ("", "")
    left: list[Span] = [Span(f"{ends[0]}{border.across}", role), Span(" ")]
    for index, tab in enumerate(tabs):
        if index:
            left.append(Span("  "))
        if tab.number is not None:
            left.append(Span(numbered(tab.number, look.glyphs), Role.PRIMARY))
        left.append(_title(tab, content, focused))
    left.append(Span(" "))
    right: Line = [Span(content.stale, Role.WARN, bold=True)] if content.stale else content.right
    tail: list[Span] = [Span(f"{border.across}{ends[1]}", role)]
    fitting = shortened(right, width - size(left) - size(tail) - 3)
    if fitting:
        tail = [Span(" "), *fitting, Span(" "), *tail]
    room = width - size(left) - size(tail)
    if room < 0:
        return to_width(left, width)
    # Without a lower border the rule above has the pane's keys.
    words = [] if boxed or not focused else _words(content.hints, look, room - 6)
    rest = room - size(words)
    first = rest // 2 if words else 0
    lines = [Span(border.across * first, role), *words] if words else []
    return (*left, *lines, Span(border.across * (rest - first), role), *tail)


def _title(tab: Tab, content: Content, focused: bool) -> Span:
    if not tab.front:
        return Span(tab.title, Role.MUTED)
    if focused:
        return Span(tab.title, Role.FRAME_FOCUS, bold=True, reverse=True)
    if content.stale:
        return Span(tab.title, Role.MUTED)
    if content.rings:
        return Span(tab.title, severity(content.rings), bold=True, reverse=True)
    return Span(tab.title, severity(content.level), bold=True)


def _words(hints: Sequence[Hint], look: Look, room: int) -> list[Span]:
    """The keys that fit, each after a blank."""
    words: list[Span] = []
    for hint in hints:
        own = look.own_key(hint.key)
        if not own:
            continue
        more = [Span(f" {key(own, look.glyphs)}", Role.PRIMARY, bold=True), Span(f" {hint.text}", Role.MUTED)]
        if size(words) + size(more) > room:
            break
        words += more
    return [*words, Span(" ")] if words else []


def _bottom(width: int, border: Border, role: Role, look: Look, hints: Sequence[Hint]) -> Row:
    words = _words(hints, look, width - 8)
    line = border.across * (width - 3 - size(words))
    lower = border.corners[3]
    if not words:
        return (Span(f"{lower}{border.across * (width - 2)}{border.corners[2]}", role),)
    return (Span(f"{lower}{line}", role), *words, Span(f"{border.across}{border.corners[2]}", role))
