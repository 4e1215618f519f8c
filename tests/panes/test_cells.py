from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.panes import cells
from tradetop.panes.glyphs import shown
from tradetop.panes.line import to_width
from tradetop.panes.look import Glyphs
from tradetop.panes.row import Span


@pytest.mark.parametrize(
    ("text", "wide"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("ｗ", 2), ("●", 1), ("", 0), ("한국", 4)]
)
def test_width_is_what_a_terminal_takes(text: str, wide: int) -> None:
    assert cells.width(text) == wide


def test_cut_says_that_something_is_missing() -> None:
    assert cells.cut("mean-revert", 6) == "mean-…"
    assert cells.cut("日本語", 4) == "日…"
    assert cells.cut("short", 6) == "short"


@given(st.text(), st.integers(0, 40))
def test_fitted_text_is_exactly_as_wide_as_asked(text: str, wide: int) -> None:
    assert cells.width(cells.fit(text, wide)) == wide
    assert cells.width(cells.right(text, wide)) == wide


@given(st.lists(st.text(max_size=12), max_size=6), st.integers(0, 40))
def test_a_row_is_exactly_as_wide_as_asked(texts: list[str], wide: int) -> None:
    row = to_width([Span(text) for text in texts], wide)
    assert sum(cells.width(span.text) for span in row) == wide


@given(st.text(), st.sampled_from(Glyphs))
def test_the_output_wall_lets_nothing_through_that_a_terminal_obeys(text: str, glyphs: Glyphs) -> None:
    safe = shown(text, glyphs)
    assert safe.isprintable()
    assert cells.width(safe) == cells.width(text)
    assert glyphs is not Glyphs.ASCII or safe.isascii()


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs", "P"]), max_size=120), st.integers(2, 30))
def test_wrapped_pieces_fit_and_lose_no_word(text: str, wide: int) -> None:
    pieces = cells.wrap(text, wide)
    assert all(cells.width(piece) <= wide for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(), st.integers(0, 40))
def test_a_text_cut_in_the_middle_fits_and_keeps_both_ends(text: str, wide: int) -> None:
    short = cells.middle(text, wide)
    assert cells.width(short) <= wide
    assert short == text if cells.width(text) <= wide else cells.ELLIPSIS in short or not wide


def test_long_names_that_differ_at_their_end_stay_apart() -> None:
    assert cells.middle("RateLimiterUtilizationCritical", 16) == "RateLimi…ritical"
