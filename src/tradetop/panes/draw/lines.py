"""Lines: further series over an area, one dot high, told apart by their dots and not by colour alone."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.panes.draw.area import Cell, across, heights, is_line, up
from tradetop.panes.draw.axis import Scale
from tradetop.panes.draw.sample import columns
from tradetop.panes.look import Glyphs
from tradetop.theme.roles import Role

MOST = 2
"""Lines that can be told apart over one area."""
ROLES = (Role.FOREGROUND, Role.SECONDARY)
_BRAILLE = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Dots by column, from the lowest up."""
_BLOCK = ((4, 1), (8, 2))
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_PLAIN = ("o", "x")
_SAMPLES = {Glyphs.BRAILLE: ("⠤⠤", "⠄⠄"), Glyphs.BLOCK: ("▄▄", "▖▖"), Glyphs.ASCII: ("oo", "xx")}


def sample(index: int, glyphs: Glyphs) -> str:
    """How a line looks, for the word that names it."""
    return _SAMPLES[glyphs][index]


def over(
    rows: list[list[Cell | None]], index: int, values: Sequence[float], scale: Scale, glyphs: Glyphs, origin: int
) -> None:
    """Draws a line into the rows of an area on the same scale; the area's own line stays whole.

    The first line is closed, the second one has a dot in every other column; gaps stay gaps.
    """
    wide, high = across(glyphs), up(glyphs)
    width = len(rows[0]) if rows else 0
    dots = heights(columns(values, width * wide, wide, origin), scale, high)
    found: dict[tuple[int, int], int] = {}
    before = 0
    for column, height in enumerate(dots):
        reach = range(min(before or height, height), max(before or height, height) + 1) if height else ()
        for dot in reach if not index else [height] if height and not column % 2 else ():
            place = (scale.height - 1 - (dot - 1) // high, column // wide)
            found[place] = found.get(place, 0) | _bit(glyphs, column % wide, (dot - 1) % high)
        before = height
    for (row, cell), bits in found.items():
        here = rows[row][cell]
        if here is None or not is_line(here):
            rows[row][cell] = (_glyph(glyphs, bits, index), ROLES[index], None)


def _bit(glyphs: Glyphs, column: int, dot: int) -> int:
    if glyphs is Glyphs.BRAILLE:
        return _BRAILLE[column][dot]
    return _BLOCK[column][dot] if glyphs is Glyphs.BLOCK else 1


def _glyph(glyphs: Glyphs, bits: int, index: int) -> str:
    if glyphs is Glyphs.BRAILLE:
        return chr(0x2800 + bits)
    return _QUADRANTS[bits] if glyphs is Glyphs.BLOCK else _PLAIN[index]
