"""LCD gauges: a value against its thresholds, in cells that may not lie."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.panes.draw.axis import share
from tradetop.panes.glyphs import Marks
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_LIT = {Level.OK: Role.BAR, Level.WARNING: Role.WARN, Level.CRITICAL: Role.CRIT}
_TINT = {Level.OK: Role.TRACK, Level.WARNING: Role.WARN_DIM, Level.CRITICAL: Role.CRIT_DIM}


def gauge(
    value: float | None,
    low: float,
    high: float,
    thresholds: Sequence[Threshold],
    width: int,
    marks: Marks,
    ticks: bool = False,
) -> list[Span]:
    """A bar of exactly `width` cells from `low` to `high`; beyond `high` it is full.

    A crossed threshold lights at least one cell of its zone, one not crossed lights none, whatever rounding says.
    Where trouble lies below only, the bar fills from the right: the shorter the way to the zone, the longer the bar.
    With `ticks` unlit cells are glyphs of their own and a threshold is a tick.
    """
    if width <= 0:
        return []
    if thresholds and all(t.side is Side.BELOW for t in thresholds):
        turned = [_turned(t) for t in thresholds]
        cells = _cells(None if value is None else -value, -high, -low, turned, width, marks, ticks)
        return _spans(cells[::-1])
    above = [t for t in thresholds if t.side is Side.ABOVE]
    below = [t for t in thresholds if t.side is Side.BELOW]
    cells = _cells(value, low, high, above, width, marks, ticks)
    if below:
        cells = _with_floor(cells, value, low, high, below, marks, ticks)
    return _spans(cells)


Cell = tuple[str, Role, bool]


def _cells(
    value: float | None, low: float, high: float, thresholds: Sequence[Threshold], width: int, marks: Marks, ticks: bool
) -> list[Cell]:
    zones = _zones(low, high, thresholds, width)
    lit = _lit(value, low, high, zones, width)
    cells: list[Cell] = []
    for index in range(width):
        level = max((t.level for t, start in zones if index >= start), default=Level.OK)
        if index < lit:
            cells.append((marks.lit, _LIT[level], True))
        elif ticks:
            tick = any(start == index for _, start in zones)
            cells.append(
                (marks.tick if tick else marks.unlit, Role.MUTED if level is Level.OK else _TINT[level], False)
            )
        else:
            cells.append((marks.lit, _TINT[level], False))
    return cells


def _zones(low: float, high: float, thresholds: Sequence[Threshold], width: int) -> list[tuple[Threshold, int]]:
    """Each threshold with the first cell of its zone; zones never share their first cell, the worse ones win."""
    values = sorted({t.value for t in thresholds})[-width:]
    starts = [math.floor(share(value, low, high) * width + 1e-9) for value in values]
    for i in range(1, len(starts)):
        starts[i] = max(starts[i], starts[i - 1] + 1)
    room = width - len(starts)
    by_value = {value: min(start, room + i) for i, (value, start) in enumerate(zip(values, starts, strict=True))}
    return [(t, by_value[t.value]) for t in thresholds if t.value in by_value]


def _lit(value: float | None, low: float, high: float, zones: Sequence[tuple[Threshold, int]], width: int) -> int:
    if value is None or math.isnan(value):
        return 0
    lit = round(share(value, low, high) * width)
    if value > low:
        lit = max(1, lit)
    for threshold, start in zones:
        lit = max(lit, start + 1) if threshold.crossed(value) else min(lit, start)
    return lit


def _with_floor(
    cells: list[Cell],
    value: float | None,
    low: float,
    high: float,
    thresholds: Sequence[Threshold],
    marks: Marks,
    ticks: bool,
) -> list[Cell]:
    """The same bar with zones of trouble at its lower end too."""
    width = len(cells)
    lit = sum(cell[2] for cell in cells)
    ends = [(t, min(width - 2, max(0, math.ceil(share(t.value, low, high) * width - 1e-9) - 1))) for t in thresholds]
    for threshold, end in ends:
        if value is not None and value == value:
            lit = min(max(lit, 1), end + 1) if threshold.crossed(value) else max(lit, min(width, end + 2))
    found: list[Cell] = []
    for index, (glyph, role, _) in enumerate(cells):
        inside = [t for t, end in ends if index <= end]
        level = max((t.level for t in inside), default=Level.OK)
        crossed = max((t.level for t in inside if value is not None and t.crossed(value)), default=Level.OK)
        if index < lit:
            kept = role if role in (Role.WARN, Role.CRIT) else Role.BAR
            found.append((marks.lit, _LIT[crossed] if crossed else kept, True))
        elif level:
            tick = ticks and any(index == end for _, end in ends)
            found.append((marks.tick if tick else marks.unlit if ticks else marks.lit, _TINT[level], False))
        elif role in (Role.BAR, Role.WARN, Role.CRIT):
            found.append((marks.unlit if ticks else marks.lit, Role.TRACK, False))
        else:
            found.append((glyph, role, False))
    return found


def _turned(threshold: Threshold) -> Threshold:
    return Threshold(-threshold.value, threshold.level, Side.ABOVE, threshold.inclusive)


def _spans(cells: Sequence[Cell]) -> list[Span]:
    found: list[Span] = []
    for glyph, role, _ in cells:
        if found and found[-1].role is role:
            found[-1] = found[-1]._replace(text=found[-1].text + glyph)
        else:
            found.append(Span(glyph, role))
    return found
