"""The row under the cursor can be read in every theme."""

from __future__ import annotations

from tradetop.panes.row import Span
from tradetop.theme import Depth, Role, load
from tradetop.tui.palette import Palette


def test_among_sixteen_colours_the_row_under_the_cursor_is_turned_round() -> None:
    row = Span("x", Role.MUTED, back=Role.SELECTION)
    for theme in (load("terminal"), load("midnight").at(Depth.ANSI)):
        assert Palette(theme).style(row).reverse
        assert Palette(theme).style(row).bgcolor is None
    assert not Palette(load("midnight")).style(row).reverse
