"""The user's keys: they take the place of the table's, clashes are said with both ids, and one way out stays."""

from __future__ import annotations

import pytest

from panes.frames import sample_frame
from tradetop.config import parse
from tradetop.document import DocumentError
from tradetop.model.panel import PaneName
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.tui.keymap import DEFAULT, Keymap, keymap
from tradetop.tui.keys import KEYS


def mapped(text: str) -> Keymap:
    return keymap(parse(text, "config.yaml").strokes, "config.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        mapped(text)
    return [str(problem) for problem in caught.value.problems]


def test_without_keys_of_ones_own_the_table_holds() -> None:
    assert mapped("theme: paper").keys == DEFAULT.keys


def test_own_keys_take_the_place_of_the_tables() -> None:
    found = mapped('keys: {help: f2, bottom: [G, end, "$"], zone: []}')
    assert (found.id_of("f2"), found.id_of("?")) == ("help", "")
    assert found.keys["bottom"] == ("G", "end", "$")
    assert found.keys["zone"] == ()
    assert found.warnings == ()


def test_help_and_footer_show_ones_own_keys_and_none_where_there_is_none() -> None:
    found = mapped("keys: {help: f2, filter: []}")
    hints = found.hints(ScreenName.OVERVIEW, Glyphs.BRAILLE)
    assert ("F2", "help") in {(hint.key, hint.text) for hint in hints}
    assert "filter" not in {hint.text for hint in hints}
    assert "(regex)" not in str(found.table(ScreenName.OVERVIEW, Glyphs.BRAILLE))


def test_two_ids_with_one_key_are_a_mistake_that_names_both_with_their_lines() -> None:
    assert problems("keys:\n  zoom: x\n  bots: [b, x]\n") == [
        "config.yaml:3:13: keys.bots: x is the key of zoom in line 2 already"
    ]


def test_a_key_of_the_table_goes_to_what_the_user_gave_it_to_and_that_is_said() -> None:
    found = mapped("keys:\n  zoom: f5\n  bots: t\n")
    assert (found.id_of("t"), found.keys["theme"]) == ("bots", ())
    assert found.warnings == ("config.yaml:3:9: keys.bots: t no longer does theme: give theme a key, or []",)
    assert mapped("keys: {bots: t, theme: []}").warnings == ()


@pytest.mark.parametrize("text", ["keys: {quit: []}", "keys: {quit: x}", "keys: {zoom: q, bots: f10}"])
def test_ctrl_c_quits_whatever_the_file_says(text: str) -> None:
    assert mapped(text).id_of("ctrl+c") == "quit"


def test_ctrl_c_cannot_be_given_away() -> None:
    assert problems("keys: {zoom: ctrl+c}") == ["config.yaml:1:14: keys.zoom: ctrl+c always quits; choose another key"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keys:\n  zoom: entr\n", "config.yaml:2:9: keys.zoom: 'entr' is no key; did you mean enter?"),
        ("keys: {zoom: [z, alt+z]}", "config.yaml:1:18: keys.zoom[1]: 'alt+z' cannot be told from Esc and the key"),
    ],
)
def test_what_is_no_key_is_named_with_its_place(text: str, said: str) -> None:
    assert problems(text)[0].startswith(said)


def test_every_id_can_be_given_a_key() -> None:
    for key in KEYS:
        assert mapped(f"keys: {{{key.id}: ctrl+g}}").id_of("ctrl+g") == key.id


def test_the_hints_in_the_panes_borders_are_ones_own_keys_too() -> None:
    found = mapped("keys: {zoom: ctrl+g, open: o, follow: []}")
    for glyphs in Glyphs:
        look = Look(focus=PaneName.EVENTS, glyphs=glyphs, rebound=found.rebound(glyphs))
        border = as_text(screen(sample_frame(), look, 120, 40), 120, 40).splitlines()[-2]
        assert "o open" in border
        assert "^G zoom" in border
        assert "follow" not in border
        assert DEFAULT.rebound(glyphs) == ()
