"""Whatever bytes come from a terminal, the keys among them arrive and nothing breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.message import Message

from tradetop.tui.terminal import Keyboard, strokes

PIECES = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        [b"\x1b[", b"\x1b[<", b"\x1bO", b"\x1b[1;", b"\x1b[48;", b";", b":", b"u", b"~", b"M", b"t", b"9" * 9]
    ),
)


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, Key)]


@given(pieces=st.lists(PIECES, max_size=40))
def test_no_bytes_break_the_keyboard(pieces: list[bytes]) -> None:
    keyboard = Keyboard()
    for piece in pieces:
        keyboard.messages(piece)
    keyboard.messages(None)


def test_a_sequence_that_breaks_textuals_parser_costs_only_itself() -> None:
    broken = "\x1b[1;:u"
    with pytest.raises(ValueError, match="invalid literal"):
        list(XTermParser().feed(broken))
    keyboard = Keyboard()
    keyboard.messages(broken.encode())
    assert keys(keyboard.messages(b"q")) == ["q"]


def test_latin_1_and_a_character_in_two_reads() -> None:
    keyboard = Keyboard()
    assert keys(keyboard.messages(b"\xe9q"))[-1] == "q"
    assert keys([*keyboard.messages("é".encode()[:1]), *keyboard.messages("é".encode()[1:])]) == ["é"]


def test_what_is_pasted_is_no_keys() -> None:
    messages = Keyboard().messages(b"\x1b[200~q\r\x1b[201~x")
    assert keys(messages) == ["x"]
    assert any(isinstance(message, Paste) for message in messages)


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"j" * 300, 1),
        (b"\x1b[A" * 100, 1),
        (b"\x1b[A\x1b[B", 2),
        (b"/error\r", 6),
        (b"\x1b", 1),
        (b"lorem ipsum " * 9, 108),
    ],
)
def test_a_held_key_is_one_stroke_and_a_paste_is_many(data: bytes, count: int) -> None:
    assert strokes(data) == count
