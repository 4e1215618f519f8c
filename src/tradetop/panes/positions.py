"""The open positions, with the columns that a source filled."""

from __future__ import annotations

from tradetop.model.feed_frame import Position
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.unit import Unit
from tradetop.panes import numbers, sorting
from tradetop.panes.content import money_role
from tradetop.panes.glyphs import marks
from tradetop.panes.line import text
from tradetop.panes.look import Look
from tradetop.panes.row import Row, Span
from tradetop.panes.table import Column, table
from tradetop.theme.roles import Role

_SHORT = frozenset(["short", "sell"])


def positions(frame: Frame, look: Look, width: int) -> list[Row]:
    """The heading and a row for each position; nothing where there are none."""
    found = sorting.positions(frame, look)
    if not found:
        return []
    large = max((abs(p.size) for p in found if p.size is not None), default=0.0) >= 1_000
    columns = [
        Column("  POSITION", [_pair(p, look) for p in found], right=False),
        Column("SIDE", [_side(p) for p in found], right=False, keep=2),
        Column("SIZE", [_figure(p.size, 2 if large else 4) for p in found], keep=3),
        Column("ENTRY", [_figure(p.entry, 2) for p in found], keep=4),
        Column("HELD", [text(_held(frame, p, look)) for p in found], keep=5),
        Column("STRATEGY", [text((p.strategy, Role.SECONDARY)) for p in found], right=False, keep=6, most=16),
        Column("OPEN", [_money(p.pnl) for p in found], keep=1),
    ]
    told = (True, *(any(x) for x in zip(*map(_has, found), strict=True)))
    kept = [c for c, known in zip(columns, told, strict=True) if known]
    pane = PaneName.STRATEGIES.value
    arrow = sorting.arrows(frame, look, pane)
    heading, rows = table([c.marked(arrow(c.heading.strip())) for c in kept], width)
    return [heading, *rows]


def _has(position: Position) -> tuple[bool, ...]:
    """Which columns after the first a position fills."""
    p = position
    numbers_of = (p.size, p.entry, p.opened_at)
    return (bool(p.side), *(x is not None for x in numbers_of), bool(p.strategy), p.pnl is not None)


def _pair(position: Position, look: Look) -> list[Span]:
    sign = marks(look.glyphs)
    arrow = sign.down if position.side.lower() in _SHORT else sign.up
    return [Span(f"{arrow} " if position.side else "  ", money_role(position.pnl)), Span(position.pair)]


def _side(position: Position) -> list[Span]:
    return [Span(position.side, Role.RISK if position.side.lower() in _SHORT else Role.INFO)]


def _held(frame: Frame, position: Position, look: Look) -> str:
    opened = position.opened_at
    return "" if opened is None else numbers.short(numbers.ticking(frame.at - opened, look.slow))


def _figure(value: float | None, decimals: int) -> list[Span]:
    return text((numbers.UNKNOWN, Role.FAINT)) if value is None else text((f"{value:,.{decimals}f}", Role.SECONDARY))


def _money(value: float | None) -> list[Span]:
    if value is None:
        return text((numbers.UNKNOWN, Role.FAINT))
    return [Span(numbers.amount(value, Unit.USD, signed=True).digits, money_role(value), bold=True)]
