"""A line that is typed: what each key makes of it, and what it means while it grows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panes.frames import sample_fleet, sample_frame
from tradetop.model.panel import PaneName
from tradetop.model.view import View
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, Prompt, PromptKind, ScreenName
from tradetop.tui.navigate import step
from tradetop.tui.prompt import LIMIT, closed, edited, left, pasted, typed
from tradetop.tui.state import Scene, State

FRAME = sample_frame()
START = State(Look(), View(bot=0))
SCENE = Scene(FRAME, screen(FRAME, Look(), 120, 40))


def write(state: State, *keys: str) -> State:
    for key in keys:
        state = typed(state, SCENE, key)
    return state


def prompt_of(state: State) -> Prompt:
    assert state.look.prompt is not None
    return state.look.prompt


@pytest.mark.parametrize(
    ("keys", "text", "at"),
    [
        ("a b", "ab", 2),
        ("a space b", "a b", 3),
        ("a b left c", "acb", 2),
        ("a b home c", "cab", 1),
        ("a b home end c", "abc", 3),
        ("a b backspace", "a", 1),
        ("a b left left delete", "b", 0),
        ("o n e space t w o ctrl+w", "one ", 4),
        ("o n e space ctrl+w", "", 0),
        ("a b left ctrl+u", "b", 0),
        ("a b left ctrl+k", "a", 1),
        ("left left", "", 0),
        ("right delete", "", 0),
        ("f5 ctrl+x pgup", "", 0),
        ("日 本 left é", "日é本", 2),
    ],
)
def test_the_usual_keys_edit_the_line(keys: str, text: str, at: int) -> None:
    prompt = Prompt(PromptKind.MARK)
    for key in keys.split():
        prompt = edited(prompt, key)
    assert (prompt.text, prompt.at) == (text, at)


@given(st.lists(st.sampled_from([*"ab日", "space", "left", "right", "home", "end", "backspace", "delete", "ctrl+w"])))
def test_the_cursor_stays_within_the_line(keys: list[str]) -> None:
    prompt = Prompt(PromptKind.FILTER)
    for key in keys:
        prompt = edited(prompt, key)
        assert 0 <= prompt.at <= len(prompt.text)


def test_pasted_text_goes_in_on_one_line_without_orders_to_the_terminal() -> None:
    state = pasted(step(START, SCENE, "mark"), SCENE, "v2\nby \x1b[31mme\r\n" + "x" * 9_999)
    text = prompt_of(state).text
    assert text.startswith("v2 by ␛[31mme x")
    assert text.isprintable()
    assert len(text) <= LIMIT


def test_pasting_where_no_line_is_typed_does_nothing() -> None:
    assert pasted(START, SCENE, "q") == START


# The filter


def test_a_filter_takes_effect_while_it_is_typed_and_stays_when_taken() -> None:
    state = write(step(START, SCENE, "filter"), "B", "T", "C")
    assert state.view.filter == "BTC"
    assert (state.look.focus, state.look.tab) == (PaneName.EVENTS, PaneName.EVENTS)
    taken = closed(state)
    assert (taken.view.filter, taken.look.prompt) == ("BTC", None)


def test_escape_brings_the_filter_before_back() -> None:
    before = replace(START, view=replace(START.view, filter="ETH"))
    state = write(step(before, SCENE, "filter"), "B", "T", "C")
    assert left(state).view.filter == "ETH"
    assert write(step(before, SCENE, "filter"), "up").view.filter == "ETH"


def test_an_empty_text_takes_the_filter_away() -> None:
    before = replace(START, view=replace(START.view, filter="ETH"))
    state = write(step(before, SCENE, "filter"), "B", "ctrl+u")
    assert closed(state).view.filter == ""


def test_backspace_in_an_empty_line_leaves_it() -> None:
    state = write(step(START, SCENE, "filter"), "a", "backspace", "backspace")
    assert (state.look.prompt, state.view.filter) == (None, "")


def test_an_exclamation_mark_begins_a_filter_of_what_must_not_match() -> None:
    state = step(START, SCENE, "filter-out")
    assert (prompt_of(state).text, state.view.filter) == ("!", "")
    assert write(state, "x").view.filter == "!x"
    assert write(state, "x", "backspace").view.filter == ""


def test_all_bots_have_no_feed_to_filter() -> None:
    fleet = sample_fleet()
    state = step(State(Look(screen=ScreenName.FLEET), View()), Scene(fleet), "filter")
    assert state.look.prompt is None
    assert "choose a bot" in state.look.notice


# Drawn


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
@pytest.mark.parametrize("kind", [kind for kind in PromptKind if kind is not PromptKind.SQL])
@pytest.mark.parametrize("text", ["", "abc", "日本語" * 99, "x" * LIMIT])
def test_the_line_is_drawn_in_the_footers_place_with_its_cursor(
    size: tuple[int, int], kind: PromptKind, text: str
) -> None:
    prompt = Prompt(kind, text, len(text))
    boxes = screen(FRAME, Look(prompt=prompt), *size)
    row = boxes[-1].rows[0]
    said = "".join(span.text for span in row)
    assert said.lstrip().startswith(kind.value)
    assert any(span.reverse for span in row)
    assert said.isprintable()
    assert text[-1:] in said


def test_why_a_filter_cannot_be_read_stands_beside_it() -> None:
    frame = replace(FRAME, feed=replace(FRAME.feed, filter="a(", problem="missing )"))
    boxes = screen(frame, Look(prompt=Prompt(PromptKind.FILTER, "a(", 2)), 80, 24)
    assert "missing )" in "".join(span.text for span in boxes[-1].rows[0])


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 55)])
@pytest.mark.parametrize("glyphs", Glyphs)
def test_the_palette_lies_over_the_foot_of_the_screen_and_leaves_no_gap(size: tuple[int, int], glyphs: Glyphs) -> None:
    state = step(replace(START, look=replace(START.look, glyphs=glyphs)), SCENE, "command")
    boxes = screen(FRAME, state.look, *size)
    palette = next(box for box in boxes if box.id == "palette")
    assert palette.y + palette.height == size[1] - 1
    for box in boxes:
        assert len(box.rows) == box.height
        assert box.y + box.height <= palette.y or box.id in {"palette", "footer"}
    assert sum(box.width * box.height for box in boxes) == size[0] * size[1]
