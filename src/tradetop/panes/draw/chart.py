"""Charts: an area with its axes, gridlines, threshold lines, marks and crosshair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tradetop.model.level import Level
from tradetop.model.panel import Threshold
from tradetop.model.panel_frame import Trend
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.draw import area
from tradetop.panes.draw.lane import Sign, labels
from tradetop.panes.draw.lane import lane as axis
from tradetop.panes.draw.lines import over
from tradetop.panes.draw.plot import Plot, plot
from tradetop.panes.draw.sample import columns
from tradetop.panes.glyphs import marks as signs
from tradetop.panes.line import severity, text
from tradetop.panes.look import Glyphs, Look
from tradetop.panes.row import Span
from tradetop.theme.roles import Role


@dataclass(frozen=True, slots=True)
class Crosshair:
    """A column of a plot that the person looks at, and what is known there."""

    column: int
    said: str


def chart(
    trend: Trend,
    width: int,
    height: int,
    look: Look,
    unit: Unit,
    *,
    thresholds: Sequence[Threshold] = (),
    marks: Sequence[Sign] = (),
    lane: bool = True,
    zero: bool = False,
    others: Sequence[Trend] = (),
) -> list[list[Span]]:
    """Rows of a chart; with `lane` an axis line with the marks lies between the plot and the time labels.

    The `others` are lines on the same scale.
    """
    rows = height - (2 if lane else 1)
    found = plot(trend, width, rows, look, unit, thresholds=thresholds, zero=zero, others=others)
    if found is None:
        return [text(numbers.UNKNOWN)]
    return drawn(found, look, thresholds=thresholds, marks=marks, lane=lane)


def drawn(
    of: Plot,
    look: Look,
    *,
    thresholds: Sequence[Threshold] = (),
    marks: Sequence[Sign] = (),
    lane: bool = True,
    signed: bool = False,
    crosshair: Crosshair | None = None,
) -> list[list[Span]]:
    """The rows of a plot with its axes; where it is `signed` what is won and what is lost have their own colours."""
    ink, under = (area.GAIN, area.LOSS) if signed else (area.EQUITY, None)
    filled = area.area(
        of.trend.values, of.room, of.scale, look.glyphs, ink, thresholds, origin=of.trend.origin, under=under
    )
    point = -1 if crosshair is None else _point(of, filled, crosshair)
    for number, other in enumerate(of.others):
        over(filled, number, other.values, of.scale, look.glyphs, other.origin)
    rows: list[list[Span]] = []
    for index, row in enumerate(filled):
        said, role = of.labels.get(index, ("", Role.MUTED))
        head = [Span(cells.right(said, of.margin - 1), role), Span("┤" if said else "│", Role.FRAME)]
        if index == of.named[0]:
            head = [Span(cells.right(of.named[1], of.margin - 1), Role.MUTED), head[1]]
        rows.append([*head, *_merged(_cells(of, index, row, look, crosshair, index == point))])
    if lane:
        rows.append([Span(" " * (of.margin - 1) + "└", Role.FRAME), *_lane(of, marks, look, crosshair)])
    rows.append([Span(" " * of.margin), *_times(of, marks, look, crosshair, lane)])
    return rows


def _cells(
    of: Plot,
    index: int,
    row: Sequence[area.Cell | None],
    look: Look,
    crosshair: Crosshair | None,
    point: bool,
) -> list[Span]:
    """One row of the plot, cell by cell: data before threshold lines, these before the grid."""
    threshold = of.lines.get(index)
    glyph, role = _empty(threshold, index in of.labels, look)
    # Without colour a line that data covers would not be seen at all; the bright edge of the data stays whole.
    through = threshold is not None and look.mono
    found = [
        Span(glyph, role)
        if cell is None or (through and not area.is_line(cell))
        else Span(cell[0], cell[1], level=cell[2])
        for cell in row
    ]
    if crosshair is not None:
        at = crosshair.column
        if point:
            found[at] = Span(_POINT[look.glyphs], Role.FOREGROUND, bold=True, reverse=True)
        elif row[at] is None and glyph == " " and index % _EVERY == 0:
            found[at] = Span("│", Role.FOREGROUND)
    return found


def _point(of: Plot, rows: Sequence[Sequence[area.Cell | None]], crosshair: Crosshair) -> int:
    """The row in which the line has its value under the crosshair, at the far end from zero; -1 in a gap."""
    there = [i for i, row in enumerate(rows) if (cell := row[crosshair.column]) is not None and area.is_line(cell)]
    if not there:
        return -1
    return there[0] if there[0] < of.scale.height - of.scale.below else there[-1]


_EVERY = 2
"""The crosshair stands in every so many rows: each costs bytes when it moves."""
_POINT = {Glyphs.BRAILLE: "●", Glyphs.BLOCK: "█", Glyphs.ASCII: "*"}


_GRID = {Glyphs.BRAILLE: "┈", Glyphs.BLOCK: "·", Glyphs.ASCII: " "}
"""Gridlines; where they might be taken for thresholds there are none."""


def _empty(threshold: Threshold | None, labelled: bool, look: Look) -> tuple[str, Role]:
    """What shows in a row where no data is: the threshold's line, a gridline, or nothing."""
    if threshold is not None:
        return "━" if threshold.level is Level.CRITICAL else "─", severity(threshold.level)
    return (_GRID[look.glyphs] if labelled else " "), Role.GRID


def _lane(of: Plot, marks: Sequence[Sign], look: Look, crosshair: Crosshair | None) -> list[Span]:
    """The time axis, broken where nothing is recorded, with what happened on it."""
    line = single(axis(marks, of.start, of.end, of.room))
    for index, value in enumerate(columns(of.trend.values, of.room, 1, of.trend.origin)):
        if math.isnan(value) and line[index].text == "─":
            line[index] = Span(" ")
    if crosshair is not None:
        line[crosshair.column] = Span(signs(look.glyphs).up, Role.FOREGROUND, bold=True)
    return _merged(line)


def _times(of: Plot, marks: Sequence[Sign], look: Look, crosshair: Crosshair | None, lane: bool) -> list[Span]:
    """What stands below the axis; the crosshair's words take the place of what they would cover."""
    words = times.axis(of.start, of.end, look.offset, of.room)
    # Without a lane the signs of what has a name stand here, be there room for the name or not.
    named = [mark for mark in marks if mark.label]
    line = single(labels(words, named, of.start, of.end, of.room, alone=not lane))
    if crosshair is None or len(line) != of.room:
        return _merged(line)
    said = f" {crosshair.said} "[: of.room]
    first = max(0, min(crosshair.column - len(said) // 2, of.room - len(said)))
    last = first + len(said)
    left, right = first, last
    # No label is left half: words with one blank between them belong together.
    while left > 0 and "".join(span.text for span in line[max(0, left - 2) : left]).strip():
        left -= 1
    while right < of.room and "".join(span.text for span in line[right : right + 2]).strip():
        right += 1
    blank = Span(" ")
    return _merged(
        [
            *line[:left],
            *[blank] * (first - left),
            Span(said, Role.FOREGROUND, bold=True, reverse=True),
            *[blank] * (right - last),
            *line[right:],
        ]
    )


def single(line: Sequence[Span]) -> list[Span]:
    """The line cell by cell."""
    return [span._replace(text=char) for span in line for char in span.text]


def _merged(line: Sequence[Span]) -> list[Span]:
    """The same in as few spans as look the same."""
    return [
        Span("".join(span.text for span in group), *style) for style, group in groupby(line, key=lambda span: span[1:])
    ]
