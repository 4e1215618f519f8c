"""The shipped themes' colours: they can be read, told apart, and told apart by colour-blind eyes."""

from __future__ import annotations

from itertools import combinations

import pytest

from theme.eyes import Eyes, apart, contrast, seen, shown
from tradetop.theme import Depth, Role, load, names
from tradetop.theme.depth import distance

ALL = names()
COLOURED = [name for name in ALL if not load(name).ansi]
MANY = [Depth.TRUE, Depth.INDEXED]

MONEY = (Role.GAIN, Role.LOSS)
SEVERITIES = (Role.OK, Role.INFO, Role.WARN, Role.CRIT)
EVENTS = (Role.SIGNAL, Role.RISK, Role.OPEN, Role.ERROR)
"""An open and a close may look alike: they point in different directions."""


@pytest.mark.parametrize("ground", [Role.BACKGROUND, Role.SELECTION])
@pytest.mark.parametrize("depth", MANY)
@pytest.mark.parametrize("name", COLOURED)
def test_text_can_be_read_also_in_the_row_under_the_cursor(name: str, depth: Depth, ground: Role) -> None:
    theme = shown(name, depth)
    behind = theme.colour(ground)
    assert contrast(theme.colour(Role.FOREGROUND), behind) >= 7
    for role in (Role.SECONDARY, Role.MUTED, Role.PRIMARY, Role.CLOSE, *SEVERITIES, *MONEY, *EVENTS):
        assert contrast(theme.colour(role), behind) >= 4.5, role


@pytest.mark.parametrize("depth", MANY)
@pytest.mark.parametrize("name", COLOURED)
def test_what_is_dim_can_still_be_seen(name: str, depth: Depth) -> None:
    theme = shown(name, depth)
    ground = theme.colour(Role.BACKGROUND)
    for role, least in {Role.FAINT: 3, Role.BAR: 3, Role.FRAME: 1.5, Role.TRACK: 1.3, Role.GRID: 1.2}.items():
        assert contrast(theme.colour(role), ground) >= least, role


MUST_DIFFER = [
    MONEY,
    (Role.GAIN_DIM, Role.LOSS_DIM),
    *combinations((Role.OK, Role.WARN, Role.CRIT), 2),
    *combinations(EVENTS, 2),
    (Role.FRAME, Role.FRAME_FOCUS),
    (Role.FRAME, Role.WARN),
    (Role.FRAME, Role.CRIT),
    (Role.FOREGROUND, Role.MUTED),
]
"""Roles that say different things, whatever the terminal."""
TIERS = [
    (Role.BACKGROUND, Role.SELECTION),
    *combinations((Role.TRACK, Role.WARN_DIM, Role.CRIT_DIM), 2),
    *combinations((Role.FOREGROUND, Role.SECONDARY, Role.MUTED, Role.FAINT), 2),
]
"""Roles that differ a little; with sixteen colours glyphs say what they say."""


@pytest.mark.parametrize("depth", [*MANY, Depth.ANSI])
@pytest.mark.parametrize("name", ALL)
def test_no_two_roles_that_say_different_things_are_shown_in_one_colour(name: str, depth: Depth) -> None:
    theme = shown(name, depth)
    for one, other in MUST_DIFFER:
        if theme.colour(one) == "default" or theme.colour(other) == "default":
            assert theme.colour(one) != theme.colour(other), (one, other)
        else:
            assert apart(theme, one, other, Eyes.NORMAL) >= 20, (one, other)


@pytest.mark.parametrize("depth", MANY)
@pytest.mark.parametrize("name", COLOURED)
def test_shades_stay_apart(name: str, depth: Depth) -> None:
    theme = shown(name, depth)
    for one, other in TIERS:
        assert apart(theme, one, other, Eyes.NORMAL) >= 5, (one, other)


@pytest.mark.parametrize("depth", MANY)
@pytest.mark.parametrize("eyes", Eyes)
def test_the_theme_for_colour_blind_eyes_is_one(eyes: Eyes, depth: Depth) -> None:
    theme = shown("signal", depth)
    assert apart(theme, *MONEY, eyes) >= 80
    assert apart(theme, Role.WARN, Role.CRIT, eyes) >= 23
    assert apart(theme, Role.OK, Role.WARN, eyes) >= 50
    assert apart(theme, Role.OK, Role.CRIT, eyes) >= 80
    for one, other in combinations(EVENTS, 2):
        assert apart(theme, one, other, eyes) >= 15, (one, other)
    for one, other in combinations((Role.TRACK, Role.WARN_DIM, Role.CRIT_DIM), 2):
        assert apart(theme, one, other, eyes) >= 8, (one, other)


FLOORS = {
    ("midnight", Depth.TRUE): (14, 25, 8, 13, 5),
    ("midnight", Depth.INDEXED): (21, 19, 7, 13, 7),
    ("paper", Depth.TRUE): (24, 23, 38, 14, 14),
    ("paper", Depth.INDEXED): (39, 9, 50, 40, 9),
}
"""The least distance of gain and loss, warn and crit, ok and warn, ok and crit, and of any two events, to any eyes.

These two are not made for colour-blind eyes: signs, glyphs and heavy frames carry the meaning, too.
"""


@pytest.mark.parametrize(("name", "depth"), FLOORS)
def test_the_other_themes_get_no_worse_for_colour_blind_eyes(name: str, depth: Depth) -> None:
    theme = shown(name, depth)
    pairs = [MONEY, (Role.WARN, Role.CRIT), (Role.OK, Role.WARN), (Role.OK, Role.CRIT)]
    found = [min(apart(theme, *pair, eyes) for eyes in Eyes) for pair in pairs]
    found.append(min(apart(theme, *pair, eyes) for pair in combinations(EVENTS, 2) for eyes in Eyes))
    assert all(least >= floor for least, floor in zip(found, FLOORS[name, depth], strict=True)), found


def test_pure_red_and_green_look_alike_to_those_who_lack_one_of_the_two() -> None:
    red, green = "#d00000", "#6f6f00"
    assert distance(seen(red, Eyes.NORMAL), seen(green, Eyes.NORMAL)) > 60
    assert distance(seen(red, Eyes.DEUTAN), seen(green, Eyes.DEUTAN)) < 25
    assert seen("#808080", Eyes.PROTAN) == pytest.approx(seen("#808080", Eyes.NORMAL), abs=1)
