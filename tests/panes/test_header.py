"""The header: what stands in it on every screen, and in which order it gives way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from panes.frames import sample_detail, sample_fleet, sample_frame
from tradetop.model.frame import Frame
from tradetop.panes import cells
from tradetop.panes.header import header
from tradetop.panes.look import Glyphs, Look
from tradetop.theme.roles import Role

FRAME = sample_frame()
DOWN = ("Rate limits", "products", "event", "JSON")


def said(frame: Frame = FRAME, look: Look | None = None, width: int = 120, crumbs: tuple[str, ...] = ()) -> str:
    return "".join(span.text for span in header(frame, look or Look(), width, crumbs))


def test_what_is_ok_is_named_or_left_out() -> None:
    for width in range(60, 160):
        assert "ready ok" not in said(width=width)
    assert "scrape ok" in said(width=120)


def test_a_fleet_without_alerts_is_ok() -> None:
    fleet = sample_fleet()
    well = tuple(replace(bot, stale=False, firing=0, pending=0, up=True) for bot in fleet.bots)
    assert "● ok" in said(replace(fleet, bots=well, alerts=(), rules_ok=0))


@pytest.mark.parametrize("crumbs", [(), DOWN[:2], DOWN])
@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("width", [60, 70, 80, 100, 120, 200])
def test_bot_mode_health_alerts_and_clock_are_always_there(width: int, dead: bool, crumbs: tuple[str, ...]) -> None:
    look = Look(paused=True, redacted=True)
    frame = sample_frame(dead=dead)
    line = said(frame, look, width, crumbs)
    # On the narrowest one the badge's sign stands for its word.
    redacted = "REDACTED" if width > 60 else "■"
    always = ["24", "LIVE", "PAUSED", redacted, "12:03:27", "✖1", "✖ DOWN" if dead else "●"]
    assert cells.width(line) <= width
    for word in [*always, *(crumbs[-1:] if width > 60 else ())]:
        assert word in line, (word, line)


def test_the_way_down_is_whole_where_there_is_room_and_loses_its_outer_end_first() -> None:
    assert "247trader-v2  LIVE  ● ok › Rate limits › products › event › JSON" in said(width=120, crumbs=DOWN)
    assert "› Rate limits › products › event › JSON" in said(width=80, crumbs=DOWN)
    shown = [[name for name in DOWN if name in said(width=width, crumbs=DOWN)] for width in range(120, 59, -1)]
    for wider, narrower in pairwise(shown):
        assert narrower == wider[len(wider) - len(narrower) :]
    assert "› … " in said(width=62, crumbs=DOWN)
    assert shown[-1][-1] == "JSON"


def test_alerts_that_somebody_knows_of_are_counted_apart() -> None:
    bot = replace(FRAME.bots[0], firing=3, quiet=1)
    assert " ✖2 ✖1 ◔1 " in said(replace(FRAME, bots=(bot,)))
    assert " ✖3 ◔1 " in said(replace(FRAME, bots=(replace(bot, quiet=0),)))
    known = header(replace(FRAME, bots=(replace(bot, quiet=3),)), Look(), 120)
    assert next(span.role for span in known if "✖3" in span.text) is Role.MUTED


def test_a_long_name_is_cut_in_its_middle() -> None:
    line = said(width=80, crumbs=("Rate limits", "a_very_long_name_of_a_series_with_its_end"))
    assert "its_end" in line
    assert "…" in line


def test_badges_are_words_on_reversed_ground() -> None:
    frame = replace(FRAME, redacted=True, feed=replace(FRAME.feed, filter="!heartbeat"))
    spans = header(frame, Look(paused=True), 120)
    badges = [s.text.strip() for s in spans if s.reverse]
    assert badges == ["LIVE", "PAUSED", "■ REDACTED", "!heartbeat"]
    ascii_ = header(frame, Look(glyphs=Glyphs.ASCII), 120)
    assert "# REDACTED" in [s.text.strip() for s in ascii_ if s.reverse]


def test_a_filter_is_said_in_a_sign_at_least_and_a_wrong_one_in_warning() -> None:
    frame = replace(FRAME, feed=replace(FRAME.feed, filter="429|5.."))
    assert " /429|5.. " in said(frame)
    assert " / " in said(frame, Look(paused=True, redacted=True), 60)
    wrong = replace(frame, feed=replace(frame.feed, problem="missing )"))
    assert next(s for s in header(wrong, Look(), 120) if s.text == " /429|5.. ").role is Role.WARN


def test_the_age_of_the_data_is_told_on_the_way_down_too_and_turns_red() -> None:
    assert "● ok ›" in said(width=120, crumbs=DOWN[:2])
    dead = sample_frame(dead=True)
    assert "DOWN 34s ›" in said(dead, width=80, crumbs=DOWN[:2])
    assert next(s for s in header(dead, Look(), 80, DOWN[:2]) if s.text == "34s").role is Role.CRIT


@pytest.mark.parametrize(
    ("age", "told"), [(0, "ok"), (14_999, "ok"), (15_000, "15s"), (24_300, "24s"), (70_000, "1m10s")]
)
def test_data_that_comes_in_time_has_no_age_that_ticks(age: int, told: str) -> None:
    (bot,) = FRAME.bots
    frame = replace(FRAME, bots=(replace(bot, age=age, interval=10_000),))
    assert f" scrape {told}/10s " in said(frame, width=160)


def test_an_unhealthy_bot_says_so_in_a_word_below_the_overview() -> None:
    frame = sample_detail()
    bot = frame.bots[0]
    from tradetop.model.target import HealthState

    sick = replace(bot, healths=tuple(replace(h, state=HealthState.UNHEALTHY) for h in bot.healths))
    assert "✖ unhealthy" in said(replace(frame, bots=(sick, *frame.bots[1:])), width=80, crumbs=DOWN[:2])


def test_a_bot_that_only_writes_events_says_when_it_last_did() -> None:
    frame = sample_frame(quiet=True)
    bot = replace(frame.bots[0], url="/var/lib/bots.db", healths=(), series=0)
    line = said(replace(frame, bots=(bot,)), width=80)
    assert "last event 7s ago" in line
    assert "health" not in line
    assert "\u25cf ok" in line
