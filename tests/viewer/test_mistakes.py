"""Errors of a frame: to be reviewed until somebody has, new since a deployment, and one by one."""

from __future__ import annotations

from dataclasses import replace

from tradetop.events.fingerprint import fingerprint
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.frame import Frame
from tradetop.model.mark import Mark
from tradetop.model.review import Review
from tradetop.model.view import View
from viewer.stage import Stage, T


def error(n: int, t: int, message: str = "slippage exceeded", category: str = "execution") -> BotEvent:
    facts = (Fact("message", f"{message} {n}%"),)
    return BotEvent(
        f"e{n}", t, "bot", "error", EventClass.ERROR, EventSource.DATABASE, "SOL", category=category, facts=facts
    )


def frame(stage: Stage, now: int = T, **view: object) -> Frame:
    return stage.viewer.frame(View(**view), now)  # type: ignore[arg-type]


def to_review(frame: Frame) -> int:
    assert frame.subject is not None
    return frame.subject.to_review


def test_an_execution_error_stays_to_be_reviewed_until_somebody_has_and_its_next_one_again() -> None:
    stage = Stage()
    first, timeout = error(1, T - 20 * HOUR), error(2, T - MINUTE, "RPC timeout", "connection")
    stage.record.take_events([first, timeout])
    assert to_review(frame(stage)) == 1
    assert [(g.category, g.waiting) for g in frame(stage).error_groups] == [("execution", 1), ("connection", 0)]
    stage.reviews = (Review("1", fingerprint(first), first.t, T - HOUR),)
    assert to_review(frame(stage)) == 0
    assert to_review(frame(stage, T + HOUR, at=T - 2 * HOUR)) == 1, "then nobody had looked at it yet"
    stage.record.take_events([error(3, T - 1)])
    assert to_review(frame(stage)) == 1
    stage.reviews = (Review("2", fingerprint(first), 0, T - 1),)
    assert [g.waiting for g in frame(stage).error_groups] == [2, 0]


def test_an_error_that_is_open_tells_how_many_are_like_it_and_whether_they_are_reviewed() -> None:
    stage = Stage()
    first, other = error(1, T - 20 * HOUR), error(3, T - MINUTE, "RPC timeout", "connection")
    stage.record.take_events([first, error(2, T - 19 * HOUR), other])
    alike = frame(stage, event="e1").alike
    assert alike is not None
    assert (alike.count, alike.waiting, alike.reviewed) == (2, 2, 0)
    stage.reviews = (Review("1", fingerprint(first), T - 19 * HOUR, T - HOUR),)
    alike = frame(stage, event="e1").alike
    assert alike is not None, "also where none of them is in the window, or to be reviewed"
    assert (alike.waiting, alike.reviewed) == (0, T - 19 * HOUR)
    alone = frame(stage, event="e3").alike
    assert alone is not None
    assert (alone.count, alone.waiting) == (1, 0)
    assert frame(stage).alike is None


def test_errors_from_before_the_feed_are_to_be_reviewed_too() -> None:
    stage = Stage()
    stage.record.take_events([error(1, T - MINUTE, "RPC timeout", "connection")])
    stage.record.take_past_errors([error(2, T - 6 * DAY)])
    assert to_review(frame(stage)) == 1
    assert [event.id for event in frame(stage).feed.events] == ["e1"]


def test_new_since_a_deployment_is_what_began_after_it_where_the_time_before_is_known() -> None:
    stage = Stage()
    stage.record.take_events([error(1, T - 3 * HOUR), error(2, T - HOUR, "blockhash not found")])
    assert not any(g.fresh for g in frame(stage).error_groups)
    stage.marks = (Mark("m", T - 2 * HOUR, "deploy v2"),)
    assert {g.text[:5]: g.fresh for g in frame(stage).error_groups} == {"slipp": False, "block": True}
    stage.marks = (Mark("m", T - 4 * HOUR, "deploy v1"),)
    assert not any(g.fresh for g in frame(stage).error_groups), "all would be new"


def test_a_group_is_opened_error_by_error() -> None:
    stage = Stage()
    errors = [error(n, T - (9 - n) * MINUTE) for n in range(3)]
    stage.record.take_events(errors)
    opened = frame(stage, errors=fingerprint(errors[0]))
    assert opened.group is not None
    assert [event.id for event in opened.group.events] == ["e0", "e1", "e2"]
    assert opened.group.group.count == 3
    assert frame(stage, errors="no such").group is None
    assert frame(stage).group is None


def test_the_tables_count_what_the_window_has() -> None:
    stage = Stage()
    stage.record.take_events([error(1, T - 10 * HOUR), error(2, T - MINUTE), replace(error(3, T - 1), pair="WIF")])
    told = frame(stage)
    assert [(t.names, t.total) for t in told.errors_by_pair] == [(("SOL",), 1), (("WIF",), 1)]
    assert [(t.names, t.total) for t in frame(stage, span=24 * HOUR).errors_by_type] == [(("error", "bot"), 3)]


def test_nothing_changes_while_nothing_happens() -> None:
    stage = Stage()
    stage.record.take_events([error(1, T - MINUTE)])
    before, after = frame(stage, T), frame(stage, T + 1_000)
    assert before.error_groups is after.error_groups
    assert before.errors_by_pair is after.errors_by_pair
