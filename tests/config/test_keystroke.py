"""Keystrokes: every way of writing a key leads to its one name, and what is no key is said to be none."""

from __future__ import annotations

import string

import pytest

from tradetop.config.keystroke import keystroke, pressed


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("G", "G"),
        ("g", "g"),
        ("/", "/"),
        ("+", "+"),
        ("é", "é"),
        (" ", "space"),
        ("Space", "space"),
        ("F5", "f5"),
        ("escape", "esc"),
        ("Return", "enter"),
        ("PageUp", "pgup"),
        ("ctrl+X", "ctrl+x"),
        ("shift+tab", "shift+tab"),
        ("shift+g", "G"),
        ("shift+ctrl+up", "ctrl+shift+up"),
        ("ctrl+i", "tab"),
        ("left_square_bracket", "["),
        ("question_mark", "?"),
        ("plus", "+"),
        ("slash", "/"),
        ("ctrl+backslash", "ctrl+\\"),
    ],
)
def test_a_key_has_one_name_however_it_is_written(written: str, name: str) -> None:
    assert keystroke(written) == name


@pytest.mark.parametrize("sign", string.punctuation + string.ascii_letters + string.digits)
def test_every_character_is_its_own_name(sign: str) -> None:
    assert keystroke(sign) == sign


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("entr", "did you mean enter?"),
        ("cntrl+x", "did you mean ctrl+x?"),
        ("alt+x", "cannot be told from Esc"),
        ("ctrl++", "is no key"),
        ("", "is no key"),
        ("\x1b", "is no key"),
        ("gg", "is no key"),
    ],
)
def test_what_is_no_key_is_refused_with_a_reason(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"key|cannot") as caught:
        keystroke(written)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("key", "character", "name"),
    [
        ("left_square_bracket", "[", "["),
        ("space", " ", "space"),
        ("G", "G", "G"),
        ("escape", "\x1b", "esc"),
        ("pagedown", None, "pgdn"),
        ("ctrl+c", "\x03", "ctrl+c"),
        ("plus", "+", "+"),
        ("ctrl+a", "a", "ctrl+a"),
        ("shift+tab", None, "shift+tab"),
        ("something_new", None, "something_new"),
    ],
)
def test_what_a_terminal_reports_gets_the_same_name(key: str, character: str | None, name: str) -> None:
    assert pressed(key, character) == name
