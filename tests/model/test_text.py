"""Texts of several lines: lines stay lines, and everything else that a terminal could obey is made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.text import clean, clean_lines, one_line


@pytest.mark.parametrize(
    ("text", "lines", "line"),
    [
        ("plain", "plain", "plain"),
        ("First line.\n- then this\n- and that\n", "First line.\n- then this\n- and that", None),
        ("Windows\r\nlines\r\n", "Windows\nlines", "Windows lines"),
        ("a\n\n\n  b", "a\n\n  b".replace("\n\n", "\n\n\n"), "a b"),
        ("\x1b[2Jgone\n\x07bell\rback", "␛[2Jgone\n␇bell␍back", "␛[2Jgone ␇bell␍back"),
        ("a\u2028b\x0bc\x85d\n\u202ee", "a<U+2028>b␋c<U+0085>d\n<U+202E>e", None),
        ("\n\n", "", ""),
    ],
)
def test_only_line_feeds_stay_as_they_are(text: str, lines: str, line: str | None) -> None:
    assert clean_lines(text) == lines
    assert one_line(clean_lines(text)) == (" ".join(lines.split("\n")) if line is None else line)


def test_what_is_too_long_is_cut_with_its_size() -> None:
    assert clean_lines("line\n" * 1_000, 8) == "line\nlin… (5,000 characters)"


@given(st.text(max_size=60))
def test_whatever_comes_each_line_could_be_shown_and_nothing_changes_the_second_time(text: str) -> None:
    lines = clean_lines(text)
    assert all(line.isprintable() for line in lines.split("\n"))
    assert clean_lines(lines) == lines
    assert one_line(lines).isprintable()
    assert "\n" in text or lines == clean(text)
