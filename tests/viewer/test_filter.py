"""The feed's filter: what it shows, what it leaves out, and what it never touches."""

from __future__ import annotations

import pytest

from tradetop.model.bot_event import EventClass, Fact
from tradetop.model.clock import HOUR
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.mark import Mark
from tradetop.model.view import View
from tradetop.viewer.viewer import Viewer
from viewer.stage import STEP, Stage, T


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.scrape(0, exposure_pct=10.0)
    for i in range(6):
        made.happen(i, "error" if i % 3 == 0 else "trade", EventClass.ERROR if i % 3 == 0 else EventClass.TRADE)
    return made


def filtered(stage: Stage, text: str, at: int | None = None) -> FeedFrame:
    return stage.frame(9, View(filter=text, at=at)).feed


def steps(feed: FeedFrame) -> list[int]:
    """Of all events, also those that are told in one row with others."""
    return [(event.t - T) // STEP for row in feed.events for event in row.told]


def test_only_what_matches_is_shown_and_the_rest_counted(stage: Stage) -> None:
    feed = filtered(stage, "error")
    assert (steps(feed), feed.hidden, feed.filter, feed.problem) == ([0, 3], 4, "error", "")
    inverse = filtered(stage, "!error")
    assert (steps(inverse), inverse.hidden) == ([1, 2, 4, 5], 2)
    assert filtered(stage, "").hidden == 0


def test_a_filter_that_is_none_shows_everything_and_says_why(stage: Stage) -> None:
    feed = filtered(stage, "err(or")
    assert (len(feed.events), feed.hidden, feed.filter) == (6, 0, "err(or")
    assert "missing )" in feed.problem


def test_it_looks_as_far_back_as_memory_goes(stage: Stage) -> None:
    for i in range(6, 1_800):
        stage.happen(i)
    feed = stage.frame(1_800, View(filter="error")).feed
    assert (steps(feed), feed.hidden, feed.total) == ([0, 3], 1_798, 1_800)
    many = stage.frame(1_800, View(filter="trade", folded=False)).feed
    assert (len(many.events), many.hidden) == (1_798, 2)
    assert steps(many)[-1] == 1_799


def test_what_arrives_later_goes_through_it_too(stage: Stage) -> None:
    assert steps(filtered(stage, "error")) == [0, 3]
    stage.happen(7, "error", EventClass.ERROR)
    stage.happen(8)
    feed = filtered(stage, "error")
    assert (steps(feed), feed.hidden) == ([0, 3, 7], 5)


def test_rates_groups_and_positions_do_not_know_of_it(stage: Stage) -> None:
    stage.happen(6, "trade_open", EventClass.OPEN, Fact("size", 2.0))
    stage.happen(7, "restart", EventClass.RESTART)
    plain, narrow = stage.frame(9), stage.frame(9, View(filter="nothing like it"))
    assert narrow.feed.events == ()
    assert (narrow.feed.per_hour, narrow.feed.hidden) == (8, 8)
    assert narrow.error_groups == plain.error_groups != ()
    assert narrow.positions == plain.positions != ()
    assert [i.cls for i in narrow.incidents] == [i.cls for i in plain.incidents] == [EventClass.RESTART]
    assert narrow.bots[0].errors == 2


def test_a_look_back_is_filtered_as_it_was(stage: Stage) -> None:
    feed = filtered(stage, "error", at=T + 2 * STEP)
    assert (steps(feed), feed.hidden) == ([0], 2)


def test_the_feed_of_all_bots_is_filtered(stage: Stage) -> None:
    other = Stage("other")
    other.happen(1, "error", EventClass.ERROR)
    stage.marks = other.marks = (Mark("mark 1", T + STEP, "deploy v2", everybodys=True),)
    viewer = Viewer(lambda: (stage.bot, other.bot))
    feed = viewer.frame(View(filter="error"), T + 9 * STEP).feed
    assert ([e.bot for row in feed.events for e in row.told], feed.hidden) == (["other", "bot", "bot"], 5)
    both = viewer.frame(View(), T + 9 * STEP).feed
    assert [e.cls for e in both.events].count(EventClass.MARK) == 1
    assert both.per_hour == 7
    assert viewer.frame(View(filter="(", span=HOUR), T + 9 * STEP).feed.problem


def test_an_event_that_was_opened_through_a_filter_is_found(stage: Stage) -> None:
    frame = stage.frame(9, View(filter="error", event="bot error 0"))
    assert frame.event is not None
    assert frame.event.t == T


def test_an_error_that_the_filter_hides_opens_from_its_group(stage: Stage) -> None:
    frame = stage.frame(9, View(filter="trade"))
    newest = frame.error_groups[0].newest
    assert newest is not None
    assert newest.id == "bot error 3"
    assert newest not in frame.feed.events
    opened = stage.frame(9, View(filter="trade", event=newest.id)).event
    assert opened == newest
