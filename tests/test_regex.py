"""Regular expressions mean what RE2 says, whoever understands them."""

from __future__ import annotations

import subprocess
import sys

import pytest
import re2
from hypothesis import example, given
from hypothesis import strategies as st

from tradetop.regex import RegexError, compiled, escaped

PATTERNS = st.one_of(
    st.text("ab5.*+?|\\-_ :/()[]^$\n", max_size=9),
    st.lists(st.sampled_from(["a", "b5", ".", ".*", "(", ")", "(.+)", "(a)", "|", "\\-", "\\("]), max_size=6).map(
        "".join
    ),
)
VALUES = st.text("ab5.-_ :/|\n\u00e9", max_size=7)


@given(PATTERNS, st.lists(VALUES, max_size=5))
@example("5..|5xx", ["500", "5\n0", "5xx", "5x"])
@example("a.*|.+b|", ["", "a\n", "b", "\nb"])
@example(r"trader\-1|", ["trader-1", "", "trader1"])
@example("(b_).*|(a)b(.+)", ["b_", "b_\n5", "ab5", "ab"])
@example("(.*)", ["", "a\n"])
def test_a_pattern_matches_what_re2_says(text: str, values: list[str]) -> None:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(text, options)
    except re2.error:
        with pytest.raises(RegexError):
            compiled(text)
        return
    wanted = re2.compile(f"(?s:{text})", options)
    for value in [*values, text]:
        found, right = compiled(text).fullmatch(value), wanted.fullmatch(value)
        assert (found is None) == (right is None), value
        if found is not None:
            assert compiled(text).groups == wanted.groups
            assert [found.group(i) for i in range(wanted.groups + 1)] == [
                right.group(i) for i in range(wanted.groups + 1)
            ]


@given(st.text(max_size=12))
def test_an_escaped_text_matches_itself_alone(text: str) -> None:
    assert compiled(escaped(text)).fullmatch(text)
    assert not compiled(escaped(text)).fullmatch(f"{text}x")


def test_plain_alternatives_load_no_re2() -> None:
    program = (
        "import sys; from tradetop.regex import compiled;"
        "assert compiled('5..|5xx').fullmatch('503'); assert 're2' not in sys.modules;"
        "assert compiled('(a|b)+').fullmatch('ab'); assert 're2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
