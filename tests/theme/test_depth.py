from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.theme.colour import ANSI, index_rgb, rgb
from tradetop.theme.depth import Depth, ansi, detect, distance, indexed, lab

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-kitty"}, Depth.TRUE),
        ({"TERM": "xterm-direct"}, Depth.TRUE),
        ({"TERM": "xterm-256color"}, Depth.INDEXED),
        ({"TERM": "tmux-256color"}, Depth.INDEXED),
        ({"TERM": "linux"}, Depth.ANSI),
        ({}, Depth.ANSI),
        ({"TERM": "dumb"}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.INDEXED),
    ],
)
def test_depth_is_what_the_environment_promises(environment: dict[str, str], depth: Depth) -> None:
    assert detect(environment) is depth


def test_dark_blue_greys_stay_grey_at_256_colours() -> None:
    assert [indexed(c) for c in ("#2b3644", "#222d39", "#0b0f14")] == [237, 236, 233]


@given(COLOURS)
def test_no_other_colour_of_the_palette_is_nearer(colour: str) -> None:
    wanted = lab(rgb(colour))
    found = distance(wanted, lab(index_rgb(indexed(colour))))
    assert all(found <= distance(wanted, lab(index_rgb(i))) + 1e-9 for i in range(16, 256))


@given(COLOURS)
def test_the_sixteen_colours_are_matched_too(colour: str) -> None:
    assert 0 <= ansi(colour) <= 15


def test_a_name_keeps_its_own_code() -> None:
    assert [ansi(name) for name in ANSI] == list(range(16))
    assert indexed("bright_red") == 9


def test_a_colour_of_the_palette_is_itself() -> None:
    for index in range(16, 256):
        red, green, blue = index_rgb(index)
        assert index_rgb(indexed(f"#{red:02x}{green:02x}{blue:02x}")) == (red, green, blue)
