"""What each terminal gets, as docs/terminals.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.commands import python
from tradetop.cli.watching import glyphs_for, locale_encoding
from tradetop.panes.look import Glyphs
from tradetop.theme import Depth, detect
from tradetop.tui.splash import unfit

DOCS = (Path(__file__).parents[2] / "docs" / "terminals.md").read_text(encoding="utf-8")
ROWS = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in DOCS.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize(("term", "colorterm", "depth", "glyphs"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_each_terminal_gets_what_is_documented(term: str, colorterm: str, depth: str, glyphs: str) -> None:
    environment = {} if term == "unset" else {"TERM": term}
    if colorterm:
        environment["COLORTERM"] = colorterm
    assert detect(environment) is Depth(depth)
    assert glyphs_for(environment.get("TERM", ""), "UTF-8") is Glyphs(glyphs)
    assert glyphs_for(environment.get("TERM", ""), "ANSI_X3.4-1968") is Glyphs.ASCII
    assert detect({**environment, "NO_COLOR": "1"}) is Depth.NONE
    assert unfit(environment.get("TERM", ""), is_terminal=True) == ""


def test_the_table_is_there() -> None:
    assert len(ROWS) > 15


def test_what_cannot_show_a_screen_is_documented_as_such() -> None:
    named = re.findall(r"`TERM=(\w+)`", DOCS)
    assert sorted(named) == ["dumb", "unknown"]
    assert all(unfit(term, is_terminal=True) for term in named)


@pytest.mark.parametrize("term", ["screen", "screen-256color"])
def test_tmux_that_calls_itself_screen_is_believed_about_its_colours(term: str) -> None:
    said = {"TERM": term, "COLORTERM": "truecolor"}
    assert detect({**said, "TMUX": "/tmp/tmux-0/default,1,0"}) is Depth.TRUE
    assert detect(said) is not Depth.TRUE


@pytest.mark.parametrize(
    ("said", "glyphs"),
    [
        ({}, Glyphs.ASCII),
        ({"LANG": "C"}, Glyphs.ASCII),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, Glyphs.ASCII),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, Glyphs.BRAILLE),
        ({"LC_CTYPE": "C.UTF-8"}, Glyphs.BRAILLE),
        ({"LC_CTYPE": "UTF-8"}, Glyphs.BRAILLE),
        ({"LC_ALL": "", "LANG": "C.utf8"}, Glyphs.BRAILLE),
        ({"LANG": "xx_YY.UTF-8"}, Glyphs.BRAILLE),
        ({"LANG": "xx_YY.ISO-8859-1"}, Glyphs.ASCII),
        ({"LANG": "xx_YY@euro"}, Glyphs.ASCII),
    ],
    ids=str,
)
def test_the_locale_as_it_was_given_says_what_can_be_drawn(said: dict[str, str], glyphs: Glyphs) -> None:
    assert glyphs_for("xterm", locale_encoding(said)) is glyphs


def test_python_writing_a_locale_into_its_environment_changes_nothing(tmp_path: Path) -> None:
    code = (
        "import os; from tradetop.cli.watching import *; "
        "print(os.environ.get('LC_CTYPE'), glyphs_for('xterm', locale_encoding()).value)"
    )
    done = python(tmp_path, "-c", code, environment={"LC_ALL": "", "LANG": "C"})
    assert done.stdout.split() == ["C.UTF-8", "ascii"]
