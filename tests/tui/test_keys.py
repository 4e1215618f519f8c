"""The table of keys holds together: no key twice, a hint for every screen, a meaning for every id, and its own page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from panes.frames import sample_frame
from tradetop.config.keystroke import keystroke
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.linekeys import LINE_KEYS
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.tui.key_page import key_page
from tradetop.tui.keymap import DEFAULT
from tradetop.tui.keys import FOOTERS, KEYS

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


def shown(look: Look, width: int, height: int) -> str:
    return as_text(screen(sample_frame(), look, width, height), width, height)


def whole_help(
    width: int, height: int, glyphs: Glyphs = Glyphs.BRAILLE, below: ScreenName = ScreenName.OVERVIEW
) -> str:
    """Everything that scrolling through the help brings between header and footer."""
    hints = DEFAULT.table(below, Glyphs.BRAILLE)
    looks = (Look(screen=ScreenName.HELP, hints=hints, scroll=scroll) for scroll in range(0, 80, 5))
    return "\n".join(line for look in looks for line in shown(look, width, height).splitlines()[1:-1])


def test_no_key_and_no_id_is_there_twice() -> None:
    assert max(Counter(name for key in KEYS for name in key.keys).values()) == 1
    assert max(Counter(key.id for key in KEYS).values()) == 1


def test_every_key_of_the_table_is_written_by_its_one_name() -> None:
    assert [keystroke(name) for key in KEYS for name in key.keys] == [name for key in KEYS for name in key.keys]


def test_the_page_about_keys_is_the_table() -> None:
    renew = "python -m tradetop.tui.key_page > docs/keys.md"
    assert PAGE.read_text(encoding="utf-8") == key_page(), f"renew it: {renew}"


@pytest.mark.parametrize("name", ScreenName)
def test_every_screen_has_a_footer(name: ScreenName) -> None:
    assert "q" in {hint.key for hint in DEFAULT.hints(name, Glyphs.BRAILLE)}
    briefs = {key.brief for key in KEYS if name in key.screens}
    assert set(FOOTERS[name]) <= briefs


def test_the_footer_at_80_columns_says_how_to_go_down_get_help_and_leave() -> None:
    look = Look(hints=DEFAULT.hints(ScreenName.OVERVIEW, Glyphs.BRAILLE))
    footer = shown(look, 80, 24).splitlines()[-1]
    for word in ("0-8 pane", "↵ open", "? help", "q quit", "[ ] window", "/ filter"):
        assert word in footer


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 55)])
@pytest.mark.parametrize("below", [ScreenName.OVERVIEW, ScreenName.DETAIL, ScreenName.FLEET])
def test_the_help_tells_every_key_of_the_screen_and_cuts_nothing(size: tuple[int, int], below: ScreenName) -> None:
    text = whole_help(*size, below=below)
    for hint in DEFAULT.table(below, Glyphs.BRAILLE):
        assert set(hint.text.split()) <= set(text.split()), hint.text
    assert "…" not in text


def test_the_help_says_that_there_is_more_below() -> None:
    look = Look(screen=ScreenName.HELP, hints=DEFAULT.table(ScreenName.OVERVIEW, Glyphs.BRAILLE))
    assert "more below" in shown(look, 60, 15)
    assert "more below" not in shown(look, 120, 60)


def test_every_key_works_somewhere_and_the_help_of_that_screen_lists_it() -> None:
    listed = {hint.text for name in ScreenName for hint in DEFAULT.table(name, Glyphs.BRAILLE)}
    assert listed == {key.text for key in KEYS} | {key.sql for key in LINE_KEYS if key.sql}


@pytest.mark.parametrize("glyphs", [Glyphs.BLOCK, Glyphs.ASCII])
def test_hints_need_no_glyph_that_the_terminal_lacks(glyphs: Glyphs) -> None:
    for name in ScreenName:
        hints = (*DEFAULT.hints(name, glyphs), *DEFAULT.table(name, glyphs))
        assert all((hint.key + hint.text).isascii() for hint in hints)
