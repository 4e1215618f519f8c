"""The palette: every command is there under its name, a few letters find it, and choosing it does it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import sample_detail, sample_fleet, sample_frame
from tradetop.model.clock import HOUR
from tradetop.model.mark import Mark
from tradetop.model.view import Focus, View
from tradetop.panes.layout import screen
from tradetop.panes.look import Choice, Glyphs, Look, ScreenName
from tradetop.tui.commands import choices, matching
from tradetop.tui.keymap import DEFAULT
from tradetop.tui.keys import KEYS
from tradetop.tui.navigate import step
from tradetop.tui.prompt import typed
from tradetop.tui.state import Scene, State

FRAME = sample_frame()
START = State(Look(), View(bot=0))
SCENE = Scene(FRAME, themes=("midnight", "paper"))


def found(text: str, state: State = START, scene: Scene = SCENE) -> list[str]:
    return [choice.id for choice in matching(choices(state, scene), text)]


def test_every_command_of_the_table_is_offered_with_its_key() -> None:
    offered = {choice.id: choice for choice in choices(START, SCENE)}
    for key in KEYS:
        if ScreenName.OVERVIEW in key.screens and key.id != "command":
            assert offered[key.id].key == DEFAULT.shown(key.id, Glyphs.BRAILLE)


def test_no_command_is_offered_twice() -> None:
    for state, scene in ((START, SCENE), (State(Look(screen=ScreenName.DETAIL), View()), Scene(sample_detail()))):
        ids = [choice.id for choice in choices(state, scene)]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("quit", "quit"),
        ("zoo", "zoom"),
        ("window 12", f"window:{12 * HOUR}"),
        ("pap", "theme:paper"),
        ("thpa", "theme:paper"),
        ("ascii", "glyphs:ascii"),
        ("pane lim", "pane-limits"),
        ("screenshot", "screenshot"),
        ("hide", "redact"),
    ],
)
def test_a_few_letters_find_a_command(text: str, first: str) -> None:
    assert found(text)[0] == first


def test_what_matches_nothing_finds_nothing_and_nothing_finds_all() -> None:
    assert found("qqqqzzzz") == []
    assert len(found("")) == len(choices(START, SCENE))


def test_beginnings_come_before_letters_in_order() -> None:
    names = ["a map of it", "mark", "remark", "m a r", "alarm"]
    order = [choice.title for choice in matching([Choice(name, name) for name in names], "mar")]
    assert order[:2] == ["mark", "m a r"]
    assert "alarm" not in order


def test_the_cursor_moves_in_the_list_and_begins_anew_when_more_is_typed() -> None:
    state = step(START, SCENE, "command")
    for key in ("down", "tab", "ctrl+n", "up"):
        state = typed(state, SCENE, key)
    assert state.look.prompt is not None
    assert state.look.prompt.chosen == 2
    state = typed(state, SCENE, "z")
    assert state.look.prompt is not None
    assert state.look.prompt.chosen == 0
    assert state.look.prompt.choices[0].id == "zoom"


def test_every_place_that_is_offered_can_be_gone_to() -> None:
    for frame, state in ((FRAME, START), (sample_fleet(), State(Look(screen=ScreenName.FLEET), View()))):
        scene = Scene(frame, screen(frame, state.look, 120, 40))
        for choice in choices(state, scene):
            after = step(state, scene, choice.id)
            assert screen(frame, after.look, 80, 24)
            assert "gone" not in after.look.notice
            assert "no values" not in after.look.notice


def test_a_series_of_the_palette_leads_to_its_detail_and_escape_back() -> None:
    series = next(choice for choice in choices(START, SCENE) if choice.id.startswith("series:"))
    state = step(START, SCENE, series.id)
    assert state.look.screen is ScreenName.DETAIL
    assert isinstance(state.view.focus, Focus)
    assert f"series {state.view.focus.labels}".startswith("series ")
    assert step(state, SCENE, "back") == START


def test_a_bot_of_the_palette_is_gone_to_from_anywhere() -> None:
    fleet = sample_fleet()
    state = step(START, Scene(fleet), "bot:2")
    assert (state.view.bot, state.look.screen) == (2, ScreenName.OVERVIEW)
    back = step(state, Scene(fleet), "bot:all")
    assert (back.view.bot, back.look.screen) == (None, ScreenName.FLEET)


def test_a_mark_of_the_palette_moves_the_crosshair() -> None:
    frame = replace(sample_detail(), marks=(Mark("1", FRAME.at - HOUR, "deploy v2"),))
    state = State(Look(screen=ScreenName.DETAIL), View(bot=0, focus=Focus("exposure")))
    mark = next(choice for choice in choices(state, Scene(frame)) if choice.title.endswith("deploy v2"))
    after = step(state, Scene(frame), mark.id)
    assert after.view.focus is not None
    assert after.view.focus.at == FRAME.at - HOUR


def test_a_place_that_has_gone_meanwhile_is_said() -> None:
    assert "gone" in step(START, SCENE, 'series:exposure:0:{a="b"}').look.notice
    assert "no values" in step(START, SCENE, "panel:nothing").look.notice
