"""Styles and moves: what an order does, and that no shorter one is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.theme import Depth
from tradetop.tui.abilities import NONE, abilities
from tradetop.tui.moves import move
from tradetop.tui.outlet import WINDOW, Meter
from tradetop.tui.pen import BOLD, PLAIN, REVERSE, Pen, applied, change, recoloured

PENS = st.builds(Pen, st.sampled_from(["", "31", "38;5;99"]), st.sampled_from(["", "44"]), st.integers(0, 63))


@given(PENS, PENS)
def test_a_change_makes_the_one_pen_of_the_other(old: Pen, new: Pen) -> None:
    told = change(old, new)
    assert (told == "") == (old == new)
    if told:
        assert applied(old, told[2:-1], Depth.TRUE) == new


@pytest.mark.parametrize(
    ("depth", "colour"),
    [(Depth.TRUE, "38;2;255;0;0"), (Depth.INDEXED, "38;5;196"), (Depth.ANSI, "91"), (Depth.NONE, "")],
)
def test_colours_are_matched_to_what_the_terminal_has(depth: Depth, colour: str) -> None:
    assert applied(PLAIN, "1;7;38;2;255;0;0", depth) == Pen(colour, "", BOLD | REVERSE)
    assert applied(PLAIN, "32", depth).fg == ("" if depth is Depth.NONE else "32")


def test_a_style_without_colours_left_says_nothing() -> None:
    assert recoloured("38;2;1;2;3", Depth.NONE) == ""
    assert recoloured("0", Depth.NONE) == "\x1b[0m"
    assert recoloured("1;31", Depth.TRUE) == "\x1b[1;31m"


@pytest.mark.parametrize(
    ("at", "to", "told"),
    [
        (None, (0, 0), "\x1b[H"),
        ((3, 7), (3, 7), ""),
        ((3, 7), (3, 6), "\b"),
        ((3, 70), (3, 0), "\r"),
        ((3, 7), (3, 20), "\x1b[13C"),
        ((3, 7), (4, 7), "\x0b"),
        ((3, 7), (2, 7), "\x1bM"),
        ((3, 7), (7, 8), "\x1b[8;9H"),
        ((3, 7), (20, 0), "\x1b[21H"),
    ],
)
def test_the_cursor_takes_the_shortest_way(at: tuple[int, int] | None, to: tuple[int, int], told: str) -> None:
    assert move(at, to) == told


def test_of_an_unknown_terminal_nothing_is_expected() -> None:
    assert abilities("no-such-terminal") == NONE
    assert abilities("") == NONE


def test_the_traffic_is_that_of_the_last_seconds() -> None:
    meter = Meter()
    assert meter.rate(0) is None
    meter.add(30_000, 100)
    meter.add(1_500, 101)
    assert meter.rate(102) == 15_750
    assert meter.rate(100.5 + WINDOW) == 100
    assert meter.rate(200) == 0
