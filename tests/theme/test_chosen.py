"""A theme is taken anew when its file changes, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetop.document import DocumentError
from tradetop.theme import Depth, Role, Theme, Themes, load, told


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def gain(theme: Theme | None) -> str:
    assert theme is not None, "nothing has changed"
    return theme.colour(Role.GAIN)


def test_a_theme_is_taken_anew_when_its_file_changes(tmp_path: Path) -> None:
    written(tmp_path, "mine", "roles: {gain: green}")
    themes = Themes(Depth.TRUE, tmp_path)
    assert gain(themes.use("mine")) == "green"
    assert themes.changed() is None
    written(tmp_path, "mine", "roles: {gain: bright_green}")
    assert gain(themes.changed()) == "bright_green"
    assert themes.changed() is None


def test_a_theme_is_taken_anew_when_one_that_it_extends_changes(tmp_path: Path) -> None:
    written(tmp_path, "low", "roles: {gain: green}")
    written(tmp_path, "high", "extends: low")
    themes = Themes(Depth.TRUE, tmp_path)
    themes.use("high")
    written(tmp_path, "low", "roles: {gain: bright_green}")
    assert gain(themes.changed()) == "bright_green"


def test_a_mistake_is_told_once_and_mended_without_a_restart(tmp_path: Path) -> None:
    written(tmp_path, "mine", "roles: {gain: green}")
    themes = Themes(Depth.TRUE, tmp_path)
    themes.use("mine")
    written(tmp_path, "mine", "roles: {gain: red\nextends: x")
    with pytest.raises(DocumentError) as caught:
        themes.changed()
    assert told(caught.value).startswith("mine.yaml:2:")
    assert themes.changed() is None
    written(tmp_path, "mine", "roles: {gain: blue}")
    assert gain(themes.changed()) == "blue"


def test_a_mistake_in_a_theme_that_has_only_just_been_extended_can_be_mended_there(tmp_path: Path) -> None:
    written(tmp_path, "mine", "roles: {gain: green}")
    written(tmp_path, "low", "roles: [")
    themes = Themes(Depth.TRUE, tmp_path)
    themes.use("mine")
    written(tmp_path, "mine", "extends: low")
    with pytest.raises(DocumentError, match=r"low\.yaml"):
        themes.changed()
    written(tmp_path, "low", "roles: {gain: yellow}")
    assert gain(themes.changed()) == "yellow"


def test_a_theme_that_is_wrong_from_the_start_is_watched_all_the_same(tmp_path: Path) -> None:
    written(tmp_path, "mine", "roles: [")
    themes = Themes(Depth.TRUE, tmp_path)
    with pytest.raises(DocumentError):
        themes.use("mine")
    written(tmp_path, "mine", "roles: {gain: green}")
    assert gain(themes.changed()) == "green"


def test_a_file_that_goes_away_is_told_and_may_come_back(tmp_path: Path) -> None:
    path = written(tmp_path, "mine", "roles: {gain: green}")
    themes = Themes(Depth.TRUE, tmp_path)
    themes.use("mine")
    path.unlink()
    with pytest.raises(DocumentError, match="mine"):
        themes.changed()
    assert themes.changed() is None
    written(tmp_path, "mine", "roles: {gain: cyan}")
    assert gain(themes.changed()) == "cyan"


def test_a_theme_without_mistakes_is_taken_in_silence() -> None:
    assert told(Themes(Depth.TRUE).use("paper")) == ""


def test_among_sixteen_colours_a_theme_uses_only_the_terminals_own(tmp_path: Path) -> None:
    written(tmp_path, "mine", "roles: {gain: '#12ab34', loss: red}\nc16: {warn: blue}")
    theme = Themes(Depth.ANSI, tmp_path).use("mine")
    assert theme.ansi
    assert (gain(theme), theme.colour(Role.LOSS), theme.colour(Role.WARN)) == (gain(load("terminal")), "red", "blue")


def test_every_theme_is_given_as_the_terminal_should_show_it(tmp_path: Path) -> None:
    written(tmp_path, "mine", "roles: {gain: green}\nc256: {gain: 40}")
    themes = Themes(Depth.INDEXED, tmp_path)
    assert gain(themes.use("mine")) == "#00d700"
    written(tmp_path, "mine", "roles: {gain: green}\nc256: {gain: 46}\n")
    assert gain(themes.changed()) == "#00ff00"
    assert gain(themes.use("midnight")) == load().at(Depth.INDEXED).colour(Role.GAIN)
    assert "mine" in themes.names()
