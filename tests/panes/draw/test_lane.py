"""Marks below a chart: each where it happened, labels beside each other, nothing half."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tradetop.panes import cells
from tradetop.panes.draw.lane import Sign, labels, lane
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

WORDS = ((0, "09:00"), (18, "10:00"), (35, "11:00"))
WIDTH = 40
END = (WIDTH - 1) * 10


def mark(column: int, label: str = "", glyph: str = "v") -> Sign:
    """A mark in a column of an axis from 0 to END."""
    return Sign(column * 10, glyph, Role.SIGNAL, label)


def said(spans: list[Span]) -> str:
    return "".join(span.text for span in spans)


def below(*marks: Sign, alone: bool = False) -> str:
    return said(labels(WORDS, marks, 0, END, WIDTH, alone=alone))


def test_a_label_stands_at_its_sign_and_words_give_way_whole() -> None:
    assert below(mark(8, "deploy v2")) == "09:00   vdeploy v2                 11:00"
    assert below(mark(19, "deploy v2")) == "09:00              vdeploy v2      11:00"
    assert below(mark(2, "a")) == "  va              10:00            11:00"


def test_near_the_end_the_label_stands_before_its_sign() -> None:
    assert below(mark(39, "deploy v2")) == "09:00             10:00       deploy v2v"
    assert below(mark(34, "deploy v2")) == "09:00             10:00  deploy v2v     "


def test_labels_dodge_each_other_and_the_newest_has_the_first_choice() -> None:
    assert below(mark(10, "first"), mark(14, "second")) == "     firstv   vsecond              11:00"
    assert below(mark(10, "one"), mark(11, "two"), mark(12, "three")) == "09:00  onev vthree                 11:00"


def test_what_is_too_long_is_cut_and_what_has_no_room_is_left_out() -> None:
    assert below(mark(10, "a text longer than anybody reads")) == "09:00     va text longer than any… 11:00"
    crowded = [mark(column, "deploy") for column in range(20, 25)]
    assert below(*crowded) == "09:00           deployv vdeploy    11:00"


def test_signs_without_labels_are_shown_where_there_is_no_lane() -> None:
    assert below(mark(8), mark(12)) == "09:00             10:00            11:00"
    assert below(mark(8), mark(12), alone=True) == "09:00   v   v     10:00            11:00"


def test_the_lane_has_every_sign_in_its_column() -> None:
    row = said(lane([mark(0), mark(7, "x"), Sign(END + 1, "!", Role.CRIT)], 0, END, WIDTH))
    assert row == "v──────v" + "─" * 32


def test_wide_and_joining_characters_keep_the_row_in_measure() -> None:
    row = below(mark(8, "部署 v2"), mark(20, "e\u0301tape"))
    assert cells.width(row) == WIDTH
    assert "v部署 v2" in row
    assert "ve\u0301tape" in row


TEXTS = st.text(st.sampled_from("ab 署é\u0301-"), max_size=30)


@given(st.lists(st.tuples(st.integers(-5, WIDTH + 5), TEXTS), max_size=8), st.integers(1, WIDTH), st.booleans())
def test_whatever_happened_the_row_is_exactly_as_wide_as_the_axis(
    found: list[tuple[int, str]], width: int, alone: bool
) -> None:
    marks = [mark(column, label) for column, label in found]
    row = said(labels(((0, "09:00"), (max(0, width - 5), "11:00")), marks, 0, END, width, alone=alone))
    assert cells.width(row) == width
    assert cells.width(said(lane(marks, 0, END, width))) == width


@given(st.lists(st.integers(0, WIDTH - 1), max_size=12, unique=True))
def test_no_two_labels_touch(columns: list[int]) -> None:
    row = below(*(mark(column, "xyz", "#") for column in columns))
    for piece in row.replace("09:00", "").replace("10:00", "").replace("11:00", "").split():
        assert piece in ("#xyz", "xyz#")


def test_where_there_is_no_lane_no_label_covers_the_sign_of_another() -> None:
    assert below(mark(13, "deploy v1.4"), mark(21), alone=True) == "  deploy v1.4v       v             11:00"
    assert below(mark(8), mark(9), mark(10, "abc"), alone=True) == "09:00   vvvabc    10:00            11:00"
    three = mark(20, "deploy"), mark(22, "two"), mark(24, "three")
    assert below(*three, alone=True) == "09:00         deployv v vthree     11:00"
