"""A frame that nobody renews looks older with every tick, never fresh."""

from __future__ import annotations

from dataclasses import replace

from panes.frames import NOW, sample_frame
from tradetop.tui.aging import aged


def test_ages_go_on_and_data_becomes_stale_without_a_new_frame() -> None:
    frame = sample_frame()
    bot = frame.bots[0]
    assert bot.age is not None
    later = aged(frame, NOW + 5_000).bots[0]
    assert (later.age, later.stale) == (bot.age + 5_000, False)
    assert aged(frame, NOW + 3 * bot.interval).bots[0].stale


def test_the_clock_moves_on_alone_where_the_time_is_held() -> None:
    frame = sample_frame()
    held = replace(frame, view=replace(frame.view, at=NOW))
    later = aged(held, NOW + 60_000)
    assert later.now == NOW + 60_000
    assert later.bots == frame.bots


def test_a_clock_that_went_back_makes_nothing_younger() -> None:
    frame = sample_frame()
    assert aged(frame, NOW - 60_000).bots == frame.bots
