"""The table of keys holds together: no key twice, a hint for every screen, a meaning for every id."""

from __future__ import annotations

from collections import Counter

import pytest

from panes.frames import sample_frame
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.tui.keys import KEYS, bindings, hints


def test_no_key_and_no_id_is_there_twice() -> None:
    assert max(Counter(name for key in KEYS for name in key.keys).values()) == 1
    assert max(Counter(key.id for key in KEYS).values()) == 1


def test_every_key_is_a_binding_with_an_id() -> None:
    assert [binding.id for binding in bindings()] == [key.id for key in KEYS]


@pytest.mark.parametrize("name", ScreenName)
def test_every_screen_has_a_footer(name: ScreenName) -> None:
    shown = hints(name, Glyphs.BRAILLE)
    assert {"?", "q"} <= {hint.key for hint in shown}


def test_the_footer_at_80_columns_says_how_to_go_down_get_help_and_leave() -> None:
    look = Look(hints=hints(ScreenName.OVERVIEW, Glyphs.BRAILLE))
    footer = as_text(screen(sample_frame(), look, 80, 24), 80, 24).splitlines()[-1]
    for word in ("0-8 pane", "↵ open", "? help", "q quit", "[ ] window", "9 panels"):
        assert word in footer


def test_the_help_screen_lists_every_key() -> None:
    look = Look(screen=ScreenName.HELP, hints=hints(ScreenName.HELP, Glyphs.BRAILLE))
    text = as_text(screen(sample_frame(), look, 120, 60), 120, 60)
    for key in KEYS:
        assert key.text[:24] in text


@pytest.mark.parametrize("glyphs", [Glyphs.BLOCK, Glyphs.ASCII])
def test_hints_need_no_glyph_that_the_terminal_lacks(glyphs: Glyphs) -> None:
    for name in ScreenName:
        assert all((hint.key + hint.text).isascii() for hint in hints(name, glyphs))
