"""Charts: an area with its axes, gridlines, threshold lines and marks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradetop.model.frame import Trend
from tradetop.model.level import Level
from tradetop.model.panel import Threshold
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.draw import area
from tradetop.panes.draw.axis import Scale, decimals, scale, ticks
from tradetop.panes.draw.lane import Mark, labels
from tradetop.panes.draw.lane import lane as lane_of
from tradetop.panes.draw.sample import extent
from tradetop.panes.glyphs import marks as signs
from tradetop.panes.line import severity, text
from tradetop.panes.look import Glyphs, Look
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

_LEAST = 8
"""Columns below which a plot says nothing."""
_REACH = 5
"""A threshold farther away than so many times the values' own range is no line but a label."""
_MANY = 10
"""Rows from which every second one is too many for a tick."""


def chart(
    trend: Trend,
    width: int,
    height: int,
    look: Look,
    unit: Unit,
    *,
    thresholds: Sequence[Threshold] = (),
    marks: Sequence[Mark] = (),
    lane: bool = True,
    zero: bool = False,
) -> list[list[Span]]:
    """Rows of a chart; with `lane` an axis line with the marks lies between the plot and the time labels.

    The scale holds every value, and with `zero` zero. Thresholds are lines; those so far away that they would squeeze
    the values flat are labels at the edge that they lie beyond.
    """
    ends = extent(trend.values)
    plot = height - (2 if lane else 1)
    if ends is None or plot < 1 or width < _LEAST:
        return [text(numbers.UNKNOWN)]
    low, high = (min(0.0, ends[0]), max(0.0, ends[1])) if zero else ends
    low, high = _with_thresholds(low, high, thresholds)
    axis = scale(low, high, plot)
    at = ticks(axis.low, axis.high, max(1, plot // 2 if plot <= _MANY else plot * 2 // 5))
    limits = _labels(axis, at, unit, thresholds) | _beyond(axis, unit, thresholds, look)
    margin = max(6, max((cells.width(said) for said, _ in limits.values()), default=0)) + 2
    room = width - margin
    if room < _LEAST:
        return [text(numbers.UNKNOWN)]
    lines = {axis.row(t.value): t for t in thresholds if axis.contains(t.value)}
    drawn = area.area(trend.values, room, axis, look.glyphs, area.EQUITY, thresholds)
    rows: list[list[Span]] = []
    for index, filled in enumerate(drawn):
        said, role = limits.get(index, ("", Role.MUTED))
        head = [Span(cells.right(said, margin - 1), role), Span("┤" if said else "│", Role.FRAME)]
        rows.append([*head, *area.spans(filled, *_empty(lines.get(index), said, look))])
    start, end = trend.start, trend.start + trend.step * max(1, len(trend.values) - 1)
    if lane:
        rows.append([Span(" " * (margin - 1) + "└", Role.FRAME), *lane_of(marks, start, end, room)])
    words = times.axis(start, end, look.offset, room)
    rows.append([Span(" " * margin), *labels(words, marks, start, end, room)])
    return rows


def _empty(threshold: Threshold | None, label: str, look: Look) -> tuple[str, Role]:
    """What shows in a row where no data is: the threshold's line, a gridline, or nothing."""
    if threshold is not None:
        return "─", severity(threshold.level)
    return ("┈" if label and look.glyphs is not Glyphs.ASCII else " "), Role.GRID


def _with_thresholds(low: float, high: float, thresholds: Sequence[Threshold]) -> tuple[float, float]:
    """The ends widened to the thresholds that are within reach of the values; of a flat zero every one is."""
    reach = (high - low) * _REACH or (math.inf if not high else abs(high) * _REACH)
    near = [t.value for t in thresholds if low - reach <= t.value <= high + reach]
    return min([low, *near]), max([high, *near])


def _labels(
    axis: Scale, at: Sequence[float], unit: Unit, thresholds: Sequence[Threshold]
) -> dict[int, tuple[str, Role]]:
    found = {axis.row(value): (_label(value, at, unit), Role.MUTED) for value in reversed(at)}
    for threshold in sorted(thresholds, key=lambda t: t.level):
        if axis.contains(threshold.value):
            found[axis.row(threshold.value)] = (_limit(threshold, unit), severity(threshold.level))
    return found


def _beyond(axis: Scale, unit: Unit, thresholds: Sequence[Threshold], look: Look) -> dict[int, tuple[str, Role]]:
    """Labels of the thresholds that lie off the scale, the nearest at the very edge."""
    sign = signs(look.glyphs)
    found: dict[int, tuple[str, Role]] = {}
    above = sorted((t for t in thresholds if t.value > axis.high), key=lambda t: t.value)
    below = sorted((t for t in thresholds if t.value < axis.low), key=lambda t: -t.value)
    for row, threshold in enumerate(above[: axis.height]):
        found[row] = f"{_limit(threshold, unit)}{sign.up}", severity(threshold.level)
    for row, threshold in enumerate(below[: axis.height]):
        found.setdefault(axis.height - 1 - row, (f"{_limit(threshold, unit)}{sign.down}", severity(threshold.level)))
    return found


def _limit(threshold: Threshold, unit: Unit) -> str:
    return f"{numbers.brief(threshold.value, unit)} {'C' if threshold.level is Level.CRITICAL else 'W'}"


def _label(value: float, at: Sequence[float], unit: Unit) -> str:
    """A tick with as many decimals as tell it from the next one."""
    factor = 100.0 if unit is Unit.RATIO else 1.0
    step = (at[1] - at[0]) * factor if len(at) > 1 else 0.0
    size = max(abs(v) for v in at) * factor
    scaled = value * factor
    if unit in {Unit.SECONDS, Unit.MILLISECONDS, Unit.BYTES, Unit.TIME, Unit.BOOL} or not step:
        return numbers.brief(value, unit)
    if size >= 1e6:
        return f"{scaled / 1e6:.{max(1, decimals(step / 1e6))}f}M"
    if size >= 1e4 and step >= 100:
        return f"{scaled / 1e3:.{max(1, decimals(step / 1e3))}f}k"
    return f"{scaled + 0.0:,.{decimals(step)}f}"  # Adding zero turns -0 into 0.
