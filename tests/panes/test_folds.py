"""Text on rows: nothing is lost between them, and a place is where it is seen."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.panes import cells
from tradetop.panes.folds import folds, moved, row_of

TEXT = st.text(alphabet="ab 漢\n", max_size=80)


@given(TEXT, st.integers(2, 30))
def test_rows_hold_the_whole_text_and_fit(text: str, width: int) -> None:
    rows = folds(text, width)
    for (_, end), (start, _) in itertools.pairwise(rows):
        assert text[end:start] in {"", "\n"}
    assert (rows[0][0], rows[-1][1]) == (0, len(text))
    assert all(cells.width(text[start:end]) <= width for start, end in rows)


@given(TEXT, st.integers(2, 30), st.integers(0, 80), st.integers(-9, 9))
def test_moving_stays_within_the_text_and_goes_to_the_row_that_is_meant(
    text: str, width: int, at: int, by: int
) -> None:
    rows, at = folds(text, width), min(at, len(text))
    there = moved(text, rows, at, by)
    assert 0 <= there <= len(text)
    wanted = row_of(rows, at) + by
    if by and 0 <= wanted < len(rows):
        assert row_of(rows, there) == wanted


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [""]),
        ("a b", ["a b"]),
        ("one two three", ["one two ", "three"]),
        ("onetwothree", ["onetwoth", "ree"]),
        ("a\n\nb\n", ["a", "", "b", ""]),
    ],
)
def test_lines_break_behind_blanks(text: str, rows: list[str]) -> None:
    assert [text[start:end] for start, end in folds(text, 8)] == rows
