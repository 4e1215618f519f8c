"""Marks: in the feed, on the axes, and as the deployment that T+ counts from."""

from __future__ import annotations

import json

import pytest

from tradetop.model.bot_event import EventClass, EventSource
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.view import Focus, View
from tradetop.viewer.viewer import Viewer
from viewer.stage import STEP, Stage, T

NOTE = Mark("mark 1", T + STEP, "config: stop at 2 %")
DEPLOY = Mark("mark 2", T + 3 * STEP, "deploy v1.4.2")


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    for i in range(6):
        made.scrape(i, exposure_pct=10.0 + i)
    made.marks = (NOTE, DEPLOY)
    return made


def test_a_mark_is_an_event_of_the_feed_told_apart_from_the_bots_own(stage: Stage) -> None:
    stage.happen(2)
    events = stage.frame(5).feed.events
    assert [(e.cls, e.source) for e in events] == [
        (EventClass.MARK, EventSource.PERSON),
        (EventClass.TRADE, EventSource.DATABASE),
        (EventClass.MARK, EventSource.PERSON),
    ]
    assert [f.value for f in events[0].facts] == ["config: stop at 2 %"]
    assert json.loads(events[0].raw)["mark"] == "config: stop at 2 %"
    assert stage.frame(5).feed.per_hour == 1


def test_a_mark_that_is_opened_is_shown(stage: Stage) -> None:
    opened = stage.frame(5, View(event="mark 2")).event
    assert opened is not None
    assert opened.t == DEPLOY.t


def test_marks_near_the_crosshair_are_among_its_events(stage: Stage) -> None:
    detail = stage.frame(5, View(focus=Focus("exposure"))).detail
    assert detail is not None
    assert [e.id for e in detail.events] == ["mark 1", "mark 2"]


def test_a_new_mark_shows_at_once_though_nothing_else_has_landed(stage: Stage) -> None:
    assert len(stage.frame(5).marks) == 2
    stage.marks = (NOTE, DEPLOY, Mark("mark 3", T + 4 * STEP, "Deployment 2"))
    frame = stage.frame(5)
    assert [m.id for m in frame.marks] == ["mark 1", "mark 2", "mark 3"]
    assert frame.feed.events[-1].id == "mark 3"
    assert frame.bots[0].deployed_at == T + 4 * STEP


def test_a_deployment_restarts_the_time_and_its_hours(stage: Stage) -> None:
    for i in range(6, 1_000):
        stage.scrape(i, exposure_pct=10.0)
    stage.marks = ()
    assert (stage.top(999).deployed_at, len(stage.top(999).hours)) == (T, 3)
    stage.marks = (Mark("mark 1", T + 990 * STEP, "DEPLOY"),)
    assert (stage.top(999).deployed_at, stage.top(999).hours) == (T + 990 * STEP, (Level.OK,))


def test_the_past_knows_no_later_marks(stage: Stage) -> None:
    back = stage.frame(5, View(at=T + 2 * STEP))
    assert [m.id for m in back.marks] == ["mark 1"]
    assert [e.id for e in back.feed.events] == ["mark 1"]
    assert back.bots[0].deployed_at == T


def test_the_window_has_its_own_marks_and_the_deployment_however_old(stage: Stage) -> None:
    old = (
        Mark("mark 1", T - 2 * DAY, "deploy v1"),
        Mark("mark 2", T - DAY, "a note"),
        Mark("mark 3", T - 5 * MINUTE, "a later note"),
    )
    stage.marks = old
    assert [m.id for m in stage.frame(5, View(span=HOUR)).marks] == ["mark 1", "mark 3"]


def test_incidents_of_the_window_stay_however_many_events_follow(stage: Stage) -> None:
    stage.happen(1, "restart", EventClass.RESTART)
    stage.happen(2, "config_changed", EventClass.MARK)
    for i in range(3, 900):
        stage.happen(i)
    frame = stage.frame(900, View(span=3 * HOUR))
    assert [(i.cls, i.label) for i in frame.incidents] == [
        (EventClass.RESTART, ""),
        (EventClass.MARK, "config_changed"),
    ]
    assert stage.frame(900, View(span=HOUR)).incidents == ()


def test_all_bots_together_show_a_mark_of_everybodys_once(stage: Stage) -> None:
    other = Stage("other")
    everybodys = Mark("mark 3", T + 4 * STEP, "network maintenance", everybodys=True)
    stage.marks, other.marks = (*stage.marks, everybodys), (everybodys,)
    frame = Viewer(lambda: (stage.bot, other.bot)).frame(View(), T + 5 * STEP)
    assert [m.id for m in frame.marks] == ["mark 1", "mark 2", "mark 3"]
    assert [(e.id, e.bot) for e in frame.feed.events] == [("mark 1", "bot"), ("mark 2", "bot"), ("mark 3", "")]


def test_what_an_axis_shows_stays_the_same_object_while_only_the_feed_goes_on(stage: Stage) -> None:
    stage.happen(1, "restart", EventClass.RESTART)
    before = stage.frame(5)
    stage.happen(4)
    after = stage.frame(5)
    assert len(after.feed.events) == len(before.feed.events) + 1
    assert after.marks is before.marks
    assert after.incidents is before.incidents
