from __future__ import annotations

from pathlib import Path

import pytest

from tradetop.document import DocumentError
from tradetop.theme import DEFAULT_THEME, Role, load, names
from tradetop.theme.colour import contrast

SHIPPED = [name for name in names() if not load(name).ansi]
SEVERITIES = (Role.OK, Role.INFO, Role.WARN, Role.CRIT)
MONEY = (Role.GAIN, Role.LOSS)
EVENTS = (Role.SIGNAL, Role.RISK, Role.OPEN, Role.CLOSE, Role.ERROR)


def test_four_themes_are_shipped_and_the_default_comes_first() -> None:
    assert names() == (DEFAULT_THEME, "paper", "signal", "terminal")


@pytest.mark.parametrize("name", names())
def test_every_role_has_a_colour(name: str) -> None:
    theme = load(name)
    assert set(theme.colours) == set(Role)


@pytest.mark.parametrize("name", SHIPPED)
def test_text_can_be_read(name: str) -> None:
    theme = load(name)
    ground = theme.colour(Role.BACKGROUND)
    assert contrast(theme.colour(Role.FOREGROUND), ground) >= 7
    for role in (Role.SECONDARY, Role.MUTED, Role.PRIMARY, *SEVERITIES, *MONEY, *EVENTS):
        assert contrast(theme.colour(role), ground) >= 4.5, role
    for role in (Role.FAINT, Role.BAR):
        assert contrast(theme.colour(role), ground) >= 3, role


@pytest.mark.parametrize("name", SHIPPED)
def test_the_row_under_the_cursor_can_be_read(name: str) -> None:
    theme = load(name)
    ground = theme.colour(Role.SELECTION)
    for role in (Role.FOREGROUND, Role.SECONDARY, Role.MUTED, *SEVERITIES, *MONEY):
        assert contrast(theme.colour(role), ground) >= 3, role


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
        (
            'extends: midnight\nroles:\n  gian: "#00ff00"\n',
            "bad.yaml:3:3: roles.gian: 'gian' is not known; did you mean gain",
        ),
        (
            'extends: midnight\nroles:\n  gain: "#0f0"\n',
            "bad.yaml:3:9: roles.gain: '#0f0' is not a colour; write #rrggbb",
        ),
        ("extends: midnight\nroles:\n  gain: gren\n", "did you mean green?"),
        ("extends: midnigt\n", "no theme named 'midnigt'; did you mean midnight?"),
        ("extends: bad\n", "extends: leads back to this theme"),
        ('roles:\n  gain: "#00ff00"\n', "no colour for foreground"),
        ("roles: [\n", "bad.yaml:2:1: not YAML"),
        ("nmae: x\nextends: midnight\n", "bad.yaml:1:1: nmae: unknown key; did you mean name?"),
    ],
)
def test_a_mistake_is_named_at_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(DocumentError) as caught:
        load("bad", tmp_path)
    assert said in str(caught.value)


def test_an_unknown_theme_says_which_there_are() -> None:
    with pytest.raises(DocumentError, match="did you mean midnight"):
        load("midnite")
    with pytest.raises(DocumentError, match="cannot be read"):
        load("./nowhere.yaml")
