"""Rows can be ordered by any column; the cursor stands on what is drawn; what is absent stays last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import sample_fleet, sample_frame
from tradetop.model.frame import Frame
from tradetop.model.level import Presence
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import Reading
from tradetop.model.unit import Kind, Unit
from tradetop.model.view import Focus
from tradetop.panes import sorting
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName, Sort
from tradetop.panes.targets import index_of, selectable, target_of

SORTABLE = [PaneName.LIMITS, PaneName.RATES, PaneName.ERRORS, PaneName.STRATEGIES, PaneName.CYCLE]
FLEET = Look(screen=ScreenName.FLEET)


def by(look: Look, frame: Frame, column: str, *, inverted: bool = False) -> Look:
    names = sorting.columns(frame, look)
    return replace(look, sorts=(Sort(sorting.table_of(frame, look), names.index(column), inverted),))


def rows(frame: Frame, look: Look, pane: str, names: tuple[str, ...]) -> list[str]:
    """Which of the names stand in the pane, from top to bottom, each once."""
    box = next(b for b in screen(frame, look, 200, 55) if b.id == pane)
    found = [name for row in box.rows for name in names if name in "".join(s.text for s in row)]
    return list(dict.fromkeys(found))


STRATEGIES = ("momentum", "breakout", "mean-revert", "arb-cex", "sniper-sol", "grid-btc")
ZOOMED = Look(focus=PaneName.STRATEGIES, zoomed=True)


@pytest.mark.parametrize(
    ("column", "inverted", "first", "last"),
    [
        ("P&L", False, "momentum", "grid-btc"),
        ("P&L", True, "grid-btc", "momentum"),
        ("WIN", False, "arb-cex", "grid-btc"),
        ("SIG", True, "grid-btc", "momentum"),
        ("STRATEGY", False, "arb-cex", "sniper-sol"),
        ("STRATEGY", True, "sniper-sol", "arb-cex"),
    ],
)
def test_strategies_are_ordered_by_a_column(column: str, inverted: bool, first: str, last: str) -> None:
    frame = replace(sample_frame(), positions=())
    found = rows(frame, by(ZOOMED, frame, column, inverted=inverted), "strategies", STRATEGIES)
    assert (found[0], found[-1]) == (first, last)


def test_without_a_choice_the_greatest_gain_comes_first_and_its_heading_says_so() -> None:
    frame = sample_frame()
    assert rows(frame, ZOOMED, "strategies", STRATEGIES) == [*STRATEGIES]
    assert sorting.current(frame, ZOOMED) == Sort("strategies", sorting.columns(frame, ZOOMED).index("P&L"))
    for glyphs, sign in ((Glyphs.BRAILLE, "▾"), (Glyphs.ASCII, "v")):
        assert f"P&L{sign}" in as_text(screen(frame, replace(ZOOMED, glyphs=glyphs), 120, 40), 120, 40)


@pytest.mark.parametrize(("glyphs", "falling", "rising"), [(Glyphs.BRAILLE, "▾", "▴"), (Glyphs.ASCII, "v", "^")])
def test_the_heading_says_which_way_the_rows_are_ordered(glyphs: Glyphs, falling: str, rising: str) -> None:
    frame = sample_frame()
    for inverted, sign in ((False, falling), (True, rising)):
        look = replace(by(ZOOMED, frame, "WIN", inverted=inverted), glyphs=glyphs)
        text = as_text(screen(frame, look, 120, 40), 120, 40)
        assert f"WIN{sign}" in text
        assert f"P&L{falling}" not in text


def test_positions_are_ordered_by_their_own_columns_and_strategies_stay() -> None:
    frame = sample_frame()
    look = by(ZOOMED, frame, "OPEN")
    assert rows(frame, look, "strategies", ("BTC-USD", "ETH-USD", "SOL-USD")) == ["ETH-USD", "BTC-USD", "SOL-USD"]
    assert rows(frame, look, "strategies", STRATEGIES)[:6] == [*STRATEGIES]


def test_a_column_that_rows_are_ordered_by_is_not_dropped() -> None:
    frame = sample_frame()
    look = by(replace(ZOOMED, zoomed=False), frame, "SIDE")
    assert "SIDE▴" in as_text(screen(frame, look, 110, 44), 110, 44)


def test_what_is_absent_stays_last_in_either_direction() -> None:
    frame = sample_fleet()
    for inverted in (False, True):
        bots = sorting.bots(frame, by(FLEET, frame, "P&L", inverted=inverted))
        assert frame.bots[bots[-1]].name == "grid"
    limits = sample_frame()
    for inverted in (False, True):
        look = by(Look(focus=PaneName.LIMITS), limits, "time left", inverted=inverted)
        assert sorting.limits(limits, look)[0].panel.id == "exposure"


def test_names_and_the_time_that_is_left_rise_and_numbers_fall() -> None:
    frame = sample_fleet()
    names = [bot.name for bot in frame.bots]
    for column in ("BOT", "MODE", "PRESET", "P&L", "ALERTS", "AGE"):
        look = by(FLEET, frame, column)
        rises = column in {"BOT", "MODE", "PRESET"}
        assert sorting.arrows(frame, look, "fleet")(column) == ("▴" if rises else "▾"), column
    assert [names[i] for i in sorting.bots(frame, by(FLEET, frame, "BOT"))] == sorted(names, key=str.casefold)
    one = sample_frame()
    first, second = (replace(limit, eta=eta) for limit, eta in zip(one.limits, (9_000_000, 60_000), strict=False))
    one = replace(one, limits=(first, second))
    assert sorting.limits(one, by(Look(focus=PaneName.LIMITS), one, "time left")) == [second, first]


def test_rows_that_are_equal_keep_their_order() -> None:
    frame = sample_fleet()
    same = Reading(1.0, Unit.USD, Kind.MONEY, Presence.LIVE)
    frame = replace(frame, bots=tuple(replace(b, pnl=same) for b in frame.bots))
    for inverted in (False, True):
        assert sorting.bots(frame, by(FLEET, frame, "P&L", inverted=inverted)) == [0, 1, 2, 3]


def test_bots_are_ordered_and_enter_opens_the_one_under_the_cursor() -> None:
    frame = sample_fleet()
    look = by(FLEET, frame, "ERR/h", inverted=True)
    assert frame.bots[sorting.bots(frame, look)[0]].name == "polybot"
    assert target_of(frame, look) == 1
    names = ("247trader-v2", "polybot", "sniper-sol", "grid ")
    assert rows(frame, look, "bots", names)[0] == "polybot"


@pytest.mark.parametrize("pane", SORTABLE)
def test_the_cursor_stands_on_the_row_that_is_drawn(pane: PaneName) -> None:
    frame = sample_frame()
    look = Look(focus=pane, zoomed=True, mono=True)
    for column in range(len(sorting.columns(frame, look))):
        for inverted in (False, True):
            sorted_look = replace(look, sorts=(Sort(pane.value, column, inverted),))
            for index in range(selectable(frame, sorted_look)):
                at = replace(sorted_look, selected=index)
                target = target_of(frame, at)
                assert target is None or index_of(frame, at, target) == index
                box = next(b for b in screen(frame, at, 120, 60) if b.id == pane.value)
                lit = ["".join(s.text for s in row) for row in box.rows[1:-1] if row[2].reverse]
                assert len(lit) == 1
                if isinstance(target, Focus) and target.labels:
                    assert any(word in lit[0] for word in target.labels.values())


def test_nothing_can_be_sorted_where_there_is_no_table() -> None:
    frame = sample_frame()
    for look in (Look(), Look(focus=PaneName.EVENTS), Look(focus=PaneName.PNL), Look(screen=ScreenName.DASHBOARD)):
        assert sorting.columns(frame, look) == ()
        assert sorting.current(frame, look) is None


def test_an_order_of_a_column_that_is_gone_breaks_nothing() -> None:
    frame = sample_frame()
    look = replace(ZOOMED, sorts=(Sort("strategies", 40), Sort("limits", 7), Sort("rates", -3)))
    assert "momentum" in as_text(screen(frame, look, 120, 40), 120, 40)
