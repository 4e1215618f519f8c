"""The cursor stays on what it stands on while rows change places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import sample_fleet, sample_frame
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.view import View
from tradetop.panes.look import Look, ScreenName, Sort
from tradetop.panes.targets import target_of
from tradetop.tui.navigate import settled
from tradetop.tui.state import State


def after(look: Look, old: Frame, new: Frame) -> Look:
    return settled(State(look, View(bot=0)), old, new).look


@pytest.mark.parametrize("selected", range(6))
def test_on_a_limit_that_is_no_longer_the_closest(selected: int) -> None:
    old = sample_frame()
    new = replace(old, limits=old.limits[::-1])
    look = Look(focus=PaneName.LIMITS, selected=selected)
    assert target_of(new, after(look, old, new)) == target_of(old, look)


def test_on_a_strategy_whose_money_others_have_passed() -> None:
    old = sample_frame()
    table = old.panel("by_strategy")
    assert table is not None
    turned = tuple(replace(s, reading=replace(s.reading, value=-(s.reading.value or 0.0))) for s in table.series)
    new = replace(old, panels=tuple(replace(p, series=turned) if p is table else p for p in old.panels))
    look = Look(focus=PaneName.STRATEGIES, selected=1)
    assert target_of(new, after(look, old, new)) == target_of(old, look)
    assert after(look, old, new).selected == 4


def test_on_a_bot_among_bots_that_are_ordered_by_their_errors() -> None:
    old = sample_fleet()
    bots = tuple(replace(b, errors=100 - 10 * i) for i, b in enumerate(old.bots))
    new = replace(old, bots=tuple(replace(b, errors=10 * i) for i, b in enumerate(old.bots)))
    look = Look(screen=ScreenName.FLEET, selected=0, sorts=(Sort("fleet", 6),))
    moved = settled(State(look, View()), replace(old, bots=bots), new).look
    assert target_of(new, moved) == 0
    assert moved.selected == 3
