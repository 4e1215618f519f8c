"""Area charts: a bright line over a dim fill, in braille, quadrants or plain characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.panes.draw.axis import Scale, grain_of, outward, share
from tradetop.panes.draw.sample import columns
from tradetop.panes.look import Glyphs
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

STEPS = 7
"""Colours of a vertical gradient; few, since each change of style costs bytes."""

_BRAILLE = tuple(
    tuple(chr(0x2800 + left + right) for right in (0, 0x80, 0xA0, 0xB0, 0xB8)) for left in (0, 0x40, 0x44, 0x46, 0x47)
)
_BRAILLE_DOWN = tuple(
    tuple(chr(0x2800 + left + right) for right in (0, 0x08, 0x18, 0x38, 0xB8)) for left in (0, 0x01, 0x03, 0x07, 0x47)
)
_BLOCK = (" ▗▐", "▖▄▟", "▌▙█")
_BLOCK_DOWN = (" ▝▐", "▘▀▜", "▌▛█")


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of a chart: its line and its fill; with a gradient the level says how far up the colour lies."""

    line: Role
    fill: Role
    gradient: bool = False


EQUITY = Ink(Role.CHART_LO, Role.FILL_LO, gradient=True)
GAIN = Ink(Role.GAIN, Role.GAIN_DIM)
LOSS = Ink(Role.LOSS, Role.LOSS_DIM)
WARNING = Ink(Role.WARN, Role.WARN_DIM)
CRITICAL = Ink(Role.CRIT, Role.CRIT_DIM)

_LINES = {ink.line for ink in (EQUITY, GAIN, LOSS, WARNING, CRITICAL)}

Cell = tuple[str, Role, float | None]


@dataclass(frozen=True, slots=True)
class Grain:
    """How fine a glyph set draws: dots in a cell, across and up."""

    glyphs: Glyphs
    across: int
    up: int

    def glyph(self, left: int, right: int, bright: bool, ink: Ink, down: bool) -> str:
        """The character for two columns so many dots high, standing on the lower edge or hanging from the upper."""
        low, high = min(self.up, max(0, left)), min(self.up, max(0, right))
        if self.glyphs is Glyphs.BRAILLE:
            return (_BRAILLE_DOWN if down else _BRAILLE)[low][high]
        if self.glyphs is Glyphs.BLOCK:
            return (_BLOCK_DOWN if down else _BLOCK)[low][high]
        return "*" if bright else "." if ink.gradient else ":"


def across(glyphs: Glyphs) -> int:
    """Dots side by side in a cell."""
    return _GRAINS[glyphs].across


def up(glyphs: Glyphs) -> int:
    """Dots above each other in a cell."""
    return _GRAINS[glyphs].up


_GRAINS = {
    Glyphs.BRAILLE: Grain(Glyphs.BRAILLE, 2, 4),
    Glyphs.BLOCK: Grain(Glyphs.BLOCK, 2, 2),
    Glyphs.ASCII: Grain(Glyphs.ASCII, 1, 1),
}


def area(
    values: Sequence[float],
    width: int,
    scale: Scale,
    glyphs: Glyphs,
    ink: Ink = EQUITY,
    thresholds: Sequence[Threshold] = (),
    *,
    origin: int = 0,
    under: Ink | None = None,
) -> list[list[Cell | None]]:
    """Rows of cells, None where nothing is drawn (gaps stay gaps); values beyond the scale end at its edge.

    On a scale around zero the area stands on zero, and hangs from it in the colours `under`. Cells beyond a threshold
    from below take its level's colour, and so do whole columns whose value is beyond one from above.
    """
    grain = _GRAINS[glyphs]
    found = columns(values, width * grain.across, grain.across, origin)
    upper = [t for t in thresholds if t.side is Side.ABOVE]
    below = scale.below
    above = scale.height - below
    low = scale.low if not below else 0.0
    dots = heights([v if v >= low or not below else math.nan for v in found], Scale(low, scale.high, above), grain.up)
    rows: list[list[Cell | None]] = []
    for row in range(above):
        tone = _zone(ink, scale.middle(row), upper)
        level = _gradient(row, scale.height) if tone.gradient else None
        rows.append(_row(dots, (above - 1 - row) * grain.up, grain, tone, level))
    if below:
        hanging = [-v if v < 0 else math.nan for v in found]
        dots = heights(hanging, Scale(0.0, -scale.low, below), grain.up)
        tone = under or ink
        for row in range(below):
            level = _gradient(row + above, scale.height) if tone.gradient else None
            rows.append(_row(dots, row * grain.up, grain, tone, level, down=True))
    return _beyond(rows, found, grain.across, [t for t in thresholds if t.side is Side.BELOW])


def _beyond(
    rows: list[list[Cell | None]], values: Sequence[float], across: int, thresholds: Sequence[Threshold]
) -> list[list[Cell | None]]:
    """The rows, with columns whose value is below a threshold in its level's colour."""
    for column in range(len(values) // across) if thresholds else ():
        tones = [_zone(EQUITY, v, thresholds) for v in values[column * across : (column + 1) * across]]
        tone = next((x for x in (CRITICAL, WARNING) if x in tones), None)
        for row in rows if tone is not None else ():
            cell = row[column]
            if cell is not None and tone is not None:
                row[column] = (cell[0], tone.line if is_line(cell) else tone.fill, None)
    return rows


def is_line(cell: Cell) -> bool:
    """Whether a cell belongs to the line itself, not to the area under it."""
    return cell[1] in _LINES


def balance(
    values: Sequence[float], width: int, height: int, glyphs: Glyphs, origin: int = 0
) -> tuple[list[list[Cell | None]], int]:
    """An area around a zero line, gains above and losses below, and how many rows lie below zero.

    Zero falls between two rows, so that no cell has to be gain and loss at once.
    """
    grain = _GRAINS[glyphs]
    found = columns(values, width * grain.across, grain.across, origin)
    high = max((v for v in found if v > 0), default=0.0)
    low = max((-v for v in found if v < 0), default=0.0)
    below = 0 if not low else height if not high else min(height - 1, max(1, round(height * share(0.0, -low, high))))
    above = height - below
    reach = max(high / above if above else 0.0, low / below if below else 0.0) or 1.0
    per_cell = outward(reach, grain_of(reach))
    gains = heights([v if v >= 0 else math.nan for v in found], Scale(0.0, per_cell * above, above), grain.up)
    losses = heights([-v if v < 0 else math.nan for v in found], Scale(0.0, per_cell * below, below), grain.up)
    rows = [_row(gains, (above - 1 - row) * grain.up, grain, GAIN, None) for row in range(above)]
    rows += [_row(losses, row * grain.up, grain, LOSS, None, down=True) for row in range(below)]
    return rows, below


def spans(cells: Sequence[Cell | None], empty: str = " ", role: Role = Role.GRID) -> list[Span]:
    """A row of cells as spans; where nothing is drawn the pattern `empty` shows."""
    found: list[Span] = []
    for (of, level), group in groupby(cells, key=lambda cell: (role, None) if cell is None else cell[1:]):
        found.append(Span("".join(empty if cell is None else cell[0] for cell in group), of, level=level))
    return found


def heights(values: Sequence[float], scale: Scale, per_row: int) -> list[int]:
    """Dots that each column is high; a value on the scale has at least one, a gap none."""
    dots = scale.height * per_row
    return [0 if v != v or not dots else max(1, round(scale.part(v) * dots)) for v in values]


def _gradient(row: int, height: int) -> float:
    part = (height - 1 - row) / max(1, height - 1)
    return round(part * (STEPS - 1)) / (STEPS - 1)


def _zone(ink: Ink, value: float, thresholds: Sequence[Threshold]) -> Ink:
    worst = max((t.level for t in thresholds if t.crossed(value)), default=Level.OK)
    return {Level.WARNING: WARNING, Level.CRITICAL: CRITICAL}.get(worst, ink)


def _row(
    dots: Sequence[int], base: int, grain: Grain, ink: Ink, level: float | None, *, down: bool = False
) -> list[Cell | None]:
    """One row whose lower edge is `base` dots up; bright where the line passes, with what joins it to the left."""
    row: list[Cell | None] = []
    before = dots[0] if dots else 0
    for index in range(0, len(dots), grain.across):
        left, right = dots[index], dots[index + grain.across - 1]
        if left <= base and right <= base:
            row.append(None)
        else:
            bright = min(d for d in (before, left, right) if d) <= base + grain.up
            glyph = grain.glyph(left - base, right - base, bright, ink, down)
            row.append((glyph, ink.line if bright else ink.fill, level))
        before = right
    return row
