"""Plots: where values and times lie in a chart of a given size, before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradetop.model.hidden import HIDDEN, Proportions
from tradetop.model.level import Level
from tradetop.model.panel import Threshold
from tradetop.model.panel_frame import Trend
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers
from tradetop.panes.draw.area import across
from tradetop.panes.draw.axis import Scale, balanced, decimals, scale, ticks
from tradetop.panes.draw.sample import extent, shares
from tradetop.panes.glyphs import marks as signs
from tradetop.panes.line import severity
from tradetop.panes.look import Look
from tradetop.theme.roles import Role

_LEAST = 8
"""Columns below which a plot says nothing."""
_REACH = 5
"""A threshold farther away than so many times the values' own range is no line but a label."""
_MANY = 10
"""Rows from which every second one is too many for a tick."""

Labels = Mapping[int, tuple[str, Role]]
"""By row from the top: what stands at the edge."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A trend with its scale, the labels at its edge and the threshold lines across it."""

    trend: Trend
    scale: Scale
    margin: int
    """Columns left of the plot, for the labels."""
    room: int
    """Columns of the plot itself."""
    labels: Labels
    lines: Mapping[int, Threshold]
    """By row from the top."""
    across: int = 1
    """Dots side by side in a column."""
    named: tuple[int, str] = (-1, "")
    """A row without a label, and the unit that stands there."""
    others: Sequence[Trend] = ()
    """Series over the same times that are drawn as lines."""

    @property
    def start(self) -> int:
        """Time of the first value (ms)."""
        return self.trend.start

    @property
    def end(self) -> int:
        """Time of the last value (ms); where there is only one, a step later."""
        return self.time(max(1, len(self.trend.values) - 1))

    def time(self, index: int) -> int:
        """Time of a value (ms)."""
        return self.trend.start + index * self.trend.step

    def index(self, t: int) -> int | None:
        """The value that belongs to a time; None where the window does not hold it."""
        found = round((t - self.start) / max(1, self.trend.step))
        return found if 0 <= found < len(self.trend.values) else None

    def column(self, index: int) -> int:
        """The first column that shows a value."""
        return next((i for i, home in enumerate(self._homes()) if index in home), self.room - 1)

    def beside(self, t: int | None, by: int) -> int:
        """The time that so many columns to the right of `t` (None: the end) shows, within the window (ms)."""
        last = len(self.trend.values) - 1
        at = last if t is None else min(last, max(0, round((t - self.start) / max(1, self.trend.step))))
        homes = self._homes()
        filled = [i for i, home in enumerate(homes) if home]
        goal = self.column(at) + by
        # Where a value is several columns wide its neighbour is farther away.
        column = next((i for i in (filled if by > 0 else reversed(filled)) if (i >= goal) == (by > 0) or i == goal),
                      filled[-1] if by > 0 else filled[0])  # fmt: skip
        return self.time(self._chosen(homes[column]))

    def _homes(self) -> list[range]:
        """For each column the values that are seen there first: a value belongs to one column alone."""
        dots = shares(len(self.trend.values), self.room * self.across, self.across, self.trend.origin)
        found: list[range] = []
        seen = 0
        for index in range(0, len(dots), self.across):
            stop = max(seen, *(dot.stop for dot in dots[index : index + self.across]))
            found.append(range(seen, stop))
            seen = stop
        return found

    def _chosen(self, inside: range) -> int:
        """The value that stands for a column: the one farthest from zero, as it is drawn; in a gap the first."""
        there = [i for i in inside if math.isfinite(self.trend.values[i])]
        return max(there, key=lambda i: abs(self.trend.values[i]), default=inside.start)


def plot(
    trend: Trend,
    width: int,
    height: int,
    look: Look,
    unit: Unit,
    *,
    thresholds: Sequence[Threshold] = (),
    zero: bool = False,
    others: Sequence[Trend] = (),
) -> Plot | None:
    """How a trend lies in `width` columns and `height` rows; None where there is nothing to see or no room for it.

    The scale holds every value, those of the `others` too, and with `zero` zero. Thresholds are lines; those so far
    away that they would squeeze the values flat are labels at the edge that they lie beyond.
    """
    ends = extent(trend.values)
    if ends is None or height < 1 or width < _LEAST:
        return None
    reach = [ends, *(found for other in others if (found := extent(other.values)) is not None)]
    ends = min(low for low, _ in reach), max(high for _, high in reach)
    low, high = (min(0.0, ends[0]), max(0.0, ends[1])) if zero else ends
    low, high = _with_thresholds(low, high, thresholds)
    # Where values lie on both sides of zero it falls between two rows, so that no cell has to be both.
    axis = balanced(low, high, height) if ends[0] < 0 < ends[1] or (zero and low < 0) else scale(low, high, height)
    at = ticks(axis.low, axis.high, max(1, height // 2 if height <= _MANY else height * 2 // 5))
    hidden = isinstance(trend.values, Proportions)
    lines = _lines(axis, thresholds)
    labels = dict(_labels(axis, at, unit, lines, hidden) | _beyond(axis, unit, thresholds, look))
    margin = max(6, max((cells.width(said) for said, _ in labels.values()), default=0)) + 2
    room = width - margin
    if room < _LEAST:
        return None
    free = next((row for row in range(height) if row not in labels), -1)
    named = free, numbers.amount(0.0, unit).unit if unit in _NAMED else ""
    return Plot(trend, axis, margin, room, labels, lines, across(look.glyphs), named, others)


_NAMED = {Unit.USD, Unit.PERCENT, Unit.RATIO, Unit.PER_SECOND, Unit.PER_MINUTE, Unit.PER_HOUR}
"""Units that the labels do not say themselves, nor the title in another size."""


def _with_thresholds(low: float, high: float, thresholds: Sequence[Threshold]) -> tuple[float, float]:
    """The ends widened to the thresholds that are within reach of the values; of a flat zero every one is."""
    reach = (high - low) * _REACH or (math.inf if not high else abs(high) * _REACH)
    near = [t.value for t in thresholds if low - reach <= t.value <= high + reach]
    return min([low, *near]), max([high, *near])


def _lines(axis: Scale, thresholds: Sequence[Threshold]) -> dict[int, Threshold]:
    """The row of each threshold on the scale; two that fall into one row lie side by side, so that none is lost."""
    found: dict[int, Threshold] = {}
    for threshold in sorted((t for t in thresholds if axis.contains(t.value)), key=lambda t: -t.level):
        row = axis.row(threshold.value)
        other = found.get(row)
        if other is not None:
            row += 1 if threshold.value < other.value else -1
        if 0 <= row < axis.height and row not in found:
            found[row] = threshold
    return found


def _labels(
    axis: Scale, at: Sequence[float], unit: Unit, lines: Mapping[int, Threshold], hidden: bool
) -> dict[int, tuple[str, Role]]:
    found = {
        axis.row(v): (("0" if not v else HIDDEN) if hidden else _label(v, at, unit), Role.MUTED) for v in reversed(at)
    }
    return found | {row: (_limit(t, unit), severity(t.level)) for row, t in lines.items()}


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
