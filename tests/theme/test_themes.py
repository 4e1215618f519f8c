from __future__ import annotations

from pathlib import Path

import pytest

from tradetop.document import DocumentError
from tradetop.theme import DEFAULT_THEME, Depth, Role, indexed, load, names


def test_four_themes_are_shipped_and_the_default_comes_first() -> None:
    assert names() == (DEFAULT_THEME, "paper", "signal", "terminal")


@pytest.mark.parametrize("name", names())
def test_every_role_has_a_colour(name: str) -> None:
    theme = load(name)
    assert set(theme.colours) == set(Role)
    assert theme.problems == ()


def test_a_gradient_runs_from_lo_to_hi() -> None:
    theme = load()
    assert theme.colour(Role.CHART_LO, 0.0) == theme.colour(Role.CHART_LO)
    assert theme.colour(Role.CHART_LO, 1.0) == theme.colour(Role.CHART_HI)
    assert theme.colour(Role.WARN, 0.5) == theme.colour(Role.WARN)


def test_a_users_theme_changes_what_it_names_and_inherits_the_rest(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text('extends: midnight\nroles:\n  gain: "#00ff00"\n')
    theme = load("mine", tmp_path)
    assert theme.name == "mine"
    assert theme.colour(Role.GAIN) == "#00ff00"
    assert theme.colour(Role.LOSS) == load().colour(Role.LOSS)
    assert "mine" in names(tmp_path)


def test_a_theme_may_be_a_file_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text("extends: paper\n")
    assert load(str(path)).colours == load("paper").colours


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: midnigt\n", "bad.yaml:1:10: extends: no theme named 'midnigt'; did you mean midnight?"),
        ("extends: bad\n", "bad.yaml:1:10: extends: leads back to this theme"),
        ("extends: ../themes/./bad.yaml\n", "extends: leads back to this theme"),
        ("roles: [\n", "bad.yaml:2:1: not YAML"),
        ("nmae: x\nextends: midnight\n", "bad.yaml:1:1: nmae: unknown key; did you mean name?"),
        ("dark: maybe\n", "bad.yaml:1:7: dark: 'maybe' is neither true nor false"),
    ],
)
def test_a_file_that_is_no_theme_is_named_at_the_place_where_it_goes_wrong(
    tmp_path: Path, text: str, said: str
) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "bad.yaml").write_text(text)
    with pytest.raises(DocumentError) as caught:
        load("bad", folder)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('gian: "#00ff00"', "bad.yaml:3:3: roles.gian: 'gian' is not known; did you mean gain?"),
        ('gain: "#0f0"', "bad.yaml:3:9: roles.gain: '#0f0' is not a colour; write #rrggbb"),
        (
            "gain: gren",
            "bad.yaml:3:9: roles.gain: 'gren' is not a colour; write #rrggbb or a name, did you mean green?",
        ),
    ],
)
def test_a_role_that_is_wrong_costs_only_itself(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(f'extends: paper\nroles:\n  {text}\n  loss: "#ff0000"\nc16:\n  warn: 17\n')
    theme = load("bad", tmp_path)
    assert said in str(theme.problems[0])
    assert "bad.yaml:6:9: c16.warn: '17' is none of the sixteen colours" in str(theme.problems[1])
    assert theme.colour(Role.GAIN) == load("paper").colour(Role.GAIN)
    assert theme.colour(Role.LOSS) == "#ff0000"


@pytest.mark.parametrize(
    ("kind", "base"), [("", "midnight"), ("dark: false\n", "paper"), ("dark: true\nansi: true\n", "terminal")]
)
def test_what_a_theme_does_not_name_comes_from_the_shipped_one_of_its_kind(
    tmp_path: Path, kind: str, base: str
) -> None:
    (tmp_path / "short.yaml").write_text(f"{kind}roles:\n  gain: cyan\n")
    theme = load("short", tmp_path)
    assert theme.colours == {**load(base).colours, Role.GAIN: "cyan"}
    assert (theme.dark, theme.ansi) == (load(base).dark, load(base).ansi)


def test_a_theme_may_stand_in_for_the_shipped_one_that_it_extends(tmp_path: Path) -> None:
    (tmp_path / "midnight.yaml").write_text('extends: midnight\nroles:\n  gain: "#00ff00"\n')
    theme = load("midnight", tmp_path)
    assert theme.colours == {**load("midnight").colours, Role.GAIN: "#00ff00"}
    assert names(tmp_path) == names()


def test_a_theme_chooses_its_own_colours_where_there_are_few(tmp_path: Path) -> None:
    (tmp_path / "few.yaml").write_text('roles:\n  track: "#102030"\nc256:\n  track: 24\nc16:\n  track: blue\n')
    theme = load("few", tmp_path)
    shown = {depth: theme.at(depth).colour(Role.TRACK) for depth in Depth}
    assert shown == {
        Depth.TRUE: "#102030",
        Depth.INDEXED: "#005f87",
        Depth.ANSI: "blue",
        Depth.NONE: "#102030",
    }
    assert indexed(shown[Depth.INDEXED]) == 24
    (tmp_path / "fewer.yaml").write_text('extends: few\nroles:\n  track: "#ffffff"\n')
    assert load("fewer", tmp_path).at(Depth.INDEXED).colour(Role.TRACK) == "#ffffff", "a choice for another colour"


def test_an_unknown_theme_says_which_there_are() -> None:
    with pytest.raises(DocumentError, match="did you mean midnight"):
        load("midnite")
    with pytest.raises(DocumentError, match="cannot be read"):
        load("./nowhere.yaml")
