"""Whatever bytes come from a terminal, the keys among them arrive and nothing breaks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key, MouseDown, Paste
from textual.message import Message

from tradetop.config.keystroke import pressed
from tradetop.tui.keyboard import ALONE, PASTED, PATIENCE, SETTLE, Keyboard

PIECES = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        b"\x1b[ \x1b[< \x1bO \x1b[1; \x1b[48; ; : u ~ M t 999999999 \x1b[200~ \x1b[201~ \x1b]11; \x1bP \x1b".split()
    ),
)
SEQUENCES = {b"\x1b[A": "up", b"\x1bOB": "down", b"\x1b[5~": "pgup", b"\x1b[Z": "shift+tab", b"\x1bOP": "f1"}
SIGNS = st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="\x7f", exclude_categories=("C", "Z"))


def keys(messages: list[Message]) -> list[str]:
    return [pressed(m.key, m.character) for m in messages if isinstance(m, Key)]


def typed(*reads: bytes, gap: float = 0.0) -> list[Message]:
    """What several reads mean, `gap` seconds apart, and the silence after them."""
    keyboard = Keyboard()
    found = [m for i, data in enumerate(reads) for m in keyboard.messages(data, 100 + i * gap)]
    return [*found, *keyboard.messages(None, 100 + len(reads) * gap + PATIENCE)]


@given(pieces=st.lists(PIECES, max_size=40))
def test_no_bytes_break_the_keyboard(pieces: list[bytes]) -> None:
    keyboard = Keyboard()
    for piece in pieces:
        keyboard.messages(piece, 1)
    keyboard.messages(None, 1 + PATIENCE)
    assert keys(keyboard.messages(b"q", 2 + PATIENCE))[-1] == "q"


@given(
    parts=st.lists(st.one_of(SIGNS.map(str.encode), st.sampled_from([*SEQUENCES])), min_size=1, max_size=12),
    cut=st.integers(0, 40),
)
def test_keys_are_the_same_wherever_a_link_cuts_them(parts: list[bytes], cut: int) -> None:
    data = b"".join(parts)
    assert keys(typed(data[:cut], data[cut:])) == [SEQUENCES.get(part, part.decode()) for part in parts]


@given(st.lists(st.sampled_from(["esc", "3", "q", "/", "j", "enter", ":", "n", "é"]), min_size=1, max_size=12))
def test_esc_and_the_keys_behind_it_are_keys_of_their_own_however_fast_they_come(pressed: list[str]) -> None:
    data = "".join({"esc": "\x1b", "enter": "\r"}.get(key, key) for key in pressed)
    assert keys(typed(data.encode())) == pressed


@pytest.mark.parametrize("after", ["[", "]", "O", "P", "_", "[[", "[j"])
def test_esc_and_a_key_that_may_begin_a_sequence_are_keys_once_nothing_follows(after: str) -> None:
    assert keys(typed(b"\x1b" + after.encode())) == ["esc", *after]


def test_esc_is_a_key_as_soon_as_nothing_followed() -> None:
    keyboard = Keyboard()
    assert keyboard.messages(b"\x1b", 1) == []
    assert keyboard.patience(1) == pytest.approx(ALONE)
    assert keys(keyboard.messages(None, 1 + ALONE)) == ["esc"]
    assert keyboard.patience(2) is None


def test_a_sequence_may_come_in_pieces_and_its_rest_may_never_come() -> None:
    assert keys(typed(b"\x1b[", b"1;", b"5", b"C", gap=SETTLE * 0.9)) == ["ctrl+right"]
    assert keys(typed(b"\x1b[1;", b"q", gap=SETTLE)) == ["q"]


def test_an_arrow_behind_esc_is_both() -> None:
    assert keys(typed(b"\x1b\x1b[A")) == ["esc", "up"]


def test_a_sequence_that_breaks_textuals_parser_costs_only_itself() -> None:
    broken = "\x1b[1;:u"
    with pytest.raises(ValueError, match="invalid literal"):
        list(XTermParser().feed(broken))
    assert keys(typed(broken.encode(), b"q")) == ["q"]


@pytest.mark.parametrize("unknown", [b"\x1b[99;99;99x", b"\x1b[?62;4c", b"\x1b[>41;371;0c", b"\x1b[1;2;3;4z"])
def test_a_sequence_that_nobody_knows_presses_nothing(unknown: bytes) -> None:
    assert keys(typed(unknown + b"q")) == ["q"]


@pytest.mark.parametrize("answer", [b"\x1b]11;rgb:1/2/3\x07", b"\x1bP>|tmux 3.4\x1b\\", b"\x1b_Gi=1;OK\x1b\\"])
@given(cut=st.integers(0, 20))
def test_answers_to_others_press_nothing_wherever_they_are_cut(answer: bytes, cut: int) -> None:
    assert keys(typed(answer[:cut], answer[cut:] + b"q")) == ["q"]


def test_latin_1_and_a_character_in_two_reads() -> None:
    assert keys(typed(b"\xe9q"))[-1] == "q"
    assert keys(typed("é".encode()[:1], "é".encode()[1:])) == ["é"]


def test_a_click_is_heard() -> None:
    assert [type(m) for m in typed(b"\x1b[<0;5;6M")] == [MouseDown]


def pastes(messages: list[Message]) -> list[str]:
    return [message.text for message in messages if isinstance(message, Paste)]


@given(
    text=st.text(st.characters(codec="utf-8", exclude_characters="\x00")).filter(lambda t: "\x1b[201~" not in t),
    cuts=st.lists(st.integers(0, 40)),
)
def test_what_is_pasted_is_no_keys_whatever_it_holds(text: str, cuts: list[int]) -> None:
    data = f"\x1b[200~{text}\x1b[201~x".encode()
    ends = [0, *sorted(cuts), len(data)]
    messages = typed(*(data[a:b] for a, b in pairwise(ends)))
    assert pastes(messages) == [text]
    assert keys(messages) == ["x"]


def test_a_paste_with_escape_sequences_types_nothing() -> None:
    messages = typed(b"\x1b[200~a\x1b[31mb\x1b]52;c;" + b"q" * 90 + b"\x07q\r\x1b[201~")
    assert keys(messages) == []
    assert pastes(messages)[0].startswith("a\x1b[31mb\x1b]52;c;qqq")


def test_of_a_large_paste_only_the_beginning_is_kept() -> None:
    messages = typed(b"\x1b[200~", *[b"lorem " * 600] * 300, b"\x1b[201~q")
    assert [len(text) for text in pastes(messages)] == [PASTED]
    assert keys(messages) == ["q"]


def test_a_paste_whose_end_never_comes_does_not_take_the_keyboard_away() -> None:
    keyboard = Keyboard()
    keyboard.messages(b"\x1b[200~abc", 1)
    assert keyboard.messages(b"def", 2) == []
    later = keyboard.messages(b"\x03", 2 + PATIENCE)
    assert (pastes(later), keys(later)) == (["abcdef"], ["ctrl+c"])
