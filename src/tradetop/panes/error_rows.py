"""Errors that are alike as rows: brief beside others, with all that is known of them where there is room."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.feed_frame import ErrorGroup, ErrorTally
from tradetop.model.frame import Frame
from tradetop.model.level import Level
from tradetop.panes import cells, numbers, times
from tradetop.panes.draw.spark import spark
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, severity, size, text, to_width
from tradetop.panes.look import Look
from tradetop.panes.row import Row, Span
from tradetop.panes.table import Column, table
from tradetop.theme.roles import Role

_SPARK = 12
_ROOMY = 60
"""Columns from which a brief row has a sparkline."""
_NARROW = 48
"""Columns below which those of a table stand closer."""
_SHORT = {"connection": "CONN", "execution": "EXEC", "validation": "VALID"}
"""Headings of categories."""


def brief(group: ErrorGroup, look: Look, width: int, count: int) -> Row:
    """When the last one was, what it says, how many there are; a sign where a person must look at it."""
    role = severity(group.level, Role.MUTED)
    said = numbers.count(group.count)
    tail = [Span(f" {' ' * (count - cells.width(said))}×", Role.MUTED), Span(said, role, bold=group.level > Level.OK)]
    if group.trend is not None and width >= _ROOMY:
        tail = [Span(" "), *spark(group.trend, _SPARK, look.glyphs, role), *tail]
    head = [*text(f"{times.minute(group.last, look.offset)} "), *_signs(group, look)]
    room = width - size(tail) - size(head)
    return to_width([*head, Span(cells.fit(group.text or group.category, max(0, room))), *tail], width)


def _signs(group: ErrorGroup, look: Look) -> list[Span]:
    found: list[Span] = []
    if group.waiting:
        found.append(Span(f"{marks(look.glyphs).crit} ", severity(group.level, Role.WARN), bold=True))
    if group.fresh:
        found.append(Span("new ", Role.INFO, bold=True))
    return found


def state(group: ErrorGroup) -> list[Span]:
    """Whether a person must look at it or has, and whether it is new since the last deployment."""
    found: list[Span] = []
    if group.waiting:
        found.append(Span("to review" if group.waiting == 1 else f"{group.waiting} to review", Role.WARN, bold=True))
    elif group.reviewed:
        found += text("reviewed")
    if group.fresh:
        found += [*([Span(" ")] if found else []), Span("new", Role.INFO, bold=True)]
    return found


def wide(frame: Frame, groups: Sequence[ErrorGroup], look: Look, width: int) -> tuple[Row, list[Row]]:
    """The heading, and a row for each group with all that is known of it."""

    def when(t: int) -> list[Span]:
        return text(times.since(t, frame.at, look.offset))

    roles = [severity(group.level, Role.SECONDARY) for group in groups]
    columns = [
        Column("LAST", [when(g.last) for g in groups], right=False),
        Column("CATEGORY", [[Span(g.category, r)] for g, r in zip(groups, roles, strict=True)], right=False, keep=3),
        Column("", [state(g) for g in groups], right=False),
        Column("COUNT", [[Span(numbers.count(g.count), r, bold=True)] for g, r in zip(groups, roles, strict=True)]),
        Column("", [_spark(g, look, r) for g, r in zip(groups, roles, strict=True)], right=False, keep=4),
        Column("FIRST", [when(g.first or g.last) for g in groups], right=False, keep=1),
        Column("PAIRS", [text((_listed(g.pairs), Role.FOREGROUND)) for g in groups], right=False, keep=2, most=18),
        Column("BOTS", [text((_listed(g.bots), Role.FOREGROUND)) for g in groups], right=False, keep=5, most=16),
    ]
    columns = [c for c in columns if not c.lines or any(size(line) for line in c.lines)]
    while len(columns) > 1 and _taken(columns) > width - 24 and any(c.keep for c in columns):
        columns.remove(max(columns, key=lambda c: c.keep))
    room = max(8, width - _taken(columns) - 2)
    said = [[Span(cells.fit(g.text or g.category, room))] for g in groups]
    at = next((i for i, c in enumerate(columns) if c.heading == "COUNT"), len(columns))
    return table([*columns[:at], Column("MESSAGE", said, right=False, least=room, most=room), *columns[at:]], width)


def _taken(columns: Sequence[Column]) -> int:
    return sum(c.width + 2 for c in columns)


def _spark(group: ErrorGroup, look: Look, role: Role) -> list[Span]:
    return [] if group.trend is None else spark(group.trend, _SPARK, look.glyphs, role)


def _listed(names: Sequence[str]) -> str:
    """The first name, and how many more."""
    return f"{cells.cut(names[0], 12)}{f' +{len(names) - 1}' if len(names) > 1 else ''}" if names else ""


def tables(frame: Frame, look: Look, width: int, height: int) -> list[Line]:
    """By type and bot, and beside it by pair: how many errors of each category the window has."""
    if height < 2 or not frame.errors_by_type:
        return []
    left = _table(frame.errors_by_type, ("TYPE", "BOT"), frame, look, width // 2 - 1)
    right = _table(frame.errors_by_pair, ("PAIR",), frame, look, width - width // 2 - 1)
    blank = to_width([], width // 2 - 1)
    shown = max(len(left), len(right) if frame.errors_by_pair else 0)
    found: list[Line] = []
    for i in range(min(height, shown)):
        beside = right[i] if frame.errors_by_pair and i < len(right) else ()
        found.append([*(left[i] if i < len(left) else blank), Span("  "), *beside])
    return found


def _table(tallies: Sequence[ErrorTally], names: Sequence[str], frame: Frame, look: Look, width: int) -> list[Row]:
    """Heading and rows: what they are of, then a column for each category, all of them together, and the last time."""
    categories = list(dict.fromkeys(c for tally in (*frame.errors_by_type, *tallies) for c, _ in tally.counts))
    columns = [
        Column(name, [[Span(t.names[i] or "–")] for t in tallies], right=False, most=20) for i, name in enumerate(names)
    ]
    for category in categories:
        heading = _SHORT.get(category, category[:6].upper())
        columns.append(Column(heading, [_counted(dict(t.counts).get(category, 0)) for t in tallies], keep=1))
    columns.append(Column("ALL", [[Span(numbers.count(t.total), bold=True)] for t in tallies]))
    columns.append(Column("LAST", [text(times.minute(t.last, look.offset)) for t in tallies], keep=3))
    head, rows = table(columns, width, gap=1 if width < _NARROW else 2)
    return [head, *rows]


def _counted(count: int) -> list[Span]:
    return [Span(numbers.count(count))] if count else text("·")
