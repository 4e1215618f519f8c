"""SQL that is edited: what each key makes of a text of several lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panes.frames import sample_frame
from tradetop.ask.answer import LENGTH, Reply
from tradetop.panes.layout import screen
from tradetop.panes.look import Look, Prompt, PromptKind, ScreenName
from tradetop.tui.prompt import edited
from tradetop.tui.sqltext import typed_sql, with_paste
from tradetop.tui.state import Scene

FRAME = sample_frame()
KEYS = (
    *("left", "right", "up", "down", "pgup", "pgdn", "home", "end", "ctrl+a", "ctrl+e", "ctrl+j", "tab", "space"),
    *("backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k", "f5", "ctrl+x", "insert", *"a;'[漢é"),
)


def press(text: str, at: int, *keys: str) -> Prompt:
    prompt = Prompt(PromptKind.SQL, text, at)
    for key in keys:
        prompt = typed_sql(prompt, Scene(FRAME), key, edited)
    return prompt


@pytest.mark.parametrize(
    ("text", "at", "keys", "found"),
    [
        ("one\ntwo", 5, "home x", "one\nx|two"),
        ("one\ntwo", 1, "end x", "onex|\ntwo"),
        ("one\ntwo", 5, "ctrl+u", "one\n|wo"),
        ("one\ntwo", 1, "ctrl+k", "o|\ntwo"),
        ("one\ntwo six", 11, "ctrl+w", "one\ntwo |"),
        ("one\ntwo", 4, "ctrl+w", "one\n|two"),
        ("one\ntwo", 4, "backspace", "one|two"),
        ("one\ntwo", 3, "delete", "one|two"),
        ("one\ntwo", 3, "right", "one\n|two"),
        ("one\ntwo", 2, "down", "one\ntw|o"),
        ("one\ntwo", 6, "up", "on|e\ntwo"),
        ("one\ntwo", 2, "up", "|one\ntwo"),
        ("one\ntwo", 5, "down", "one\ntwo|"),
        ("ab", 1, "ctrl+j", "a\n|b"),
        ("ab", 1, "tab", "a  |b"),
        ("", 0, "backspace left up down ctrl+w", "|"),
    ],
)
def test_the_usual_keys_edit_lines(text: str, at: int, keys: str, found: str) -> None:
    prompt = press(text, at, *keys.split())
    assert f"{prompt.text[: prompt.at]}|{prompt.text[prompt.at :]}" == found


@given(st.lists(st.sampled_from(KEYS), max_size=40), st.text(alphabet="ab \n漢", max_size=60), st.integers(0, 60))
def test_the_cursor_stays_within_and_is_seen(keys: list[str], text: str, at: int) -> None:
    prompt = press(text, min(at, len(text)), *keys)
    assert 0 <= prompt.at <= len(prompt.text)
    look = Look(screen=ScreenName.ANSWER, reply=Reply("q", "s", sql=text), prompt=prompt)
    boxes = screen(FRAME, look, 60, 15)
    assert sum(span.reverse for box in boxes if box.id == "answer" for row in box.rows for span in row) == 1


def test_there_is_an_end_to_it() -> None:
    prompt = with_paste(Prompt(PromptKind.SQL, "x"), "漢" * 10 * LENGTH)
    assert len(prompt.text) == LENGTH
    assert len(typed_sql(prompt, Scene(FRAME), "y", edited).text) == LENGTH
    assert len(typed_sql(prompt, Scene(FRAME), "ctrl+j", edited).text) == LENGTH
