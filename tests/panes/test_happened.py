"""Marks on every time axis: the charts of a bot agree on what happened and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, sample_detail, sample_frame
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.feed_frame import FeedFrame, Incident
from tradetop.model.frame import Frame
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.panel import PaneName
from tradetop.panes.export import as_text
from tradetop.panes.happened import happened
from tradetop.panes.layout import Painter, screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.panes.row import Box

DEPLOY = Mark("mark 1", NOW - 3 * HOUR, "deploy v9")
NOTE = Mark("mark 2", NOW - HOUR, "stop 2%")


def marked(*marks: Mark) -> Frame:
    """The sample frame with these marks, and T+ from the last of them that is a deployment."""
    frame = sample_frame()
    deployed_at = max((m.t for m in marks if m.is_deployment), default=frame.bots[0].deployed_at)
    return replace(frame, marks=marks, bots=(replace(frame.bots[0], deployed_at=deployed_at),))


def said(boxes: tuple[Box, ...], pane: PaneName) -> str:
    box = next(box for box in boxes if box.id == pane.value)
    return "\n".join("".join(span.text for span in row) for row in box.rows)


@pytest.mark.parametrize("pane", [PaneName.EQUITY, PaneName.PNL])
@pytest.mark.parametrize("glyphs", Glyphs)
def test_marks_stand_on_the_axes_of_the_overview(pane: PaneName, glyphs: Glyphs) -> None:
    drawn = said(screen(marked(NOTE), Look(glyphs=glyphs, mono=True), 120, 40), pane)
    sign = "▾" if glyphs is Glyphs.BRAILLE else "v"
    assert f"{sign}stop 2%" in drawn or f"stop 2%{sign}" in drawn
    assert glyphs is not Glyphs.ASCII or drawn.isascii()


def test_the_compact_overview_has_them_on_the_equity() -> None:
    drawn = said(screen(marked(DEPLOY, NOTE), Look(mono=True), 80, 24), PaneName.EQUITY)
    assert "▾deploy v9" in drawn
    # There is no room for the name of the other one, but its sign is never left out.
    assert drawn.splitlines()[-1].count("▾") == 2


def test_the_chart_of_one_series_has_them() -> None:
    frame = replace(marked(DEPLOY, NOTE), detail=sample_detail().detail, view=sample_detail().view)
    drawn = as_text(screen(frame, Look(screen=ScreenName.DETAIL, mono=True), 120, 40), 120, 40)
    assert "▾deploy v9" in drawn
    assert "stop 2%" in drawn


def test_no_filter_of_the_feed_takes_anything_from_an_axis() -> None:
    frame = replace(marked(NOTE), incidents=(Incident(NOW - 10 * MINUTE, EventClass.ALERT, Level.CRITICAL),))
    narrow = replace(frame, feed=FeedFrame((), filter="zzz", hidden=431))
    assert happened(narrow, Look()) == happened(frame, Look())


@pytest.mark.parametrize(("cls", "sign"), [(EventClass.ALERT, "✖"), (EventClass.RESTART, "↻"), (EventClass.MARK, "▾")])
def test_every_kind_of_incident_has_a_sign_of_its_own(cls: EventClass, sign: str) -> None:
    incident = Incident(NOW - 10 * MINUTE, cls, Level.CRITICAL, "x" if cls is EventClass.MARK else "")
    bot = replace(sample_frame().bots[0], deployed_at=None)
    found = happened(replace(sample_frame(), bots=(bot,), incidents=(incident,), marks=()), Look())
    assert [of.glyph for of in found] == [sign]


def test_a_deployment_that_is_marked_is_not_told_twice() -> None:
    bot = replace(sample_frame().bots[0], deployed_at=DEPLOY.t, version="8")
    labels = [mark.label for mark in happened(replace(marked(DEPLOY), bots=(bot,), incidents=()), Look())]
    assert labels == ["deploy v9"]
    without = [mark.label for mark in happened(replace(sample_frame(), bots=(bot,), incidents=()), Look())]
    assert without == ["deploy 8"]


def test_where_room_is_short_the_deployment_that_the_time_counts_from_is_named() -> None:
    crowd = tuple(Mark(f"mark {i}", DEPLOY.t + i * MINUTE, "a longer note") for i in range(1, 9))
    bot = replace(sample_frame().bots[0], deployed_at=DEPLOY.t)
    drawn = said(screen(replace(marked(DEPLOY, *crowd), bots=(bot,)), Look(mono=True), 80, 24), PaneName.EQUITY)
    assert "deploy v9" in drawn


def test_a_new_mark_is_drawn_though_nothing_else_changed() -> None:
    painter, look = Painter(), Look()
    frame = sample_frame()
    assert "stop 2%" not in said(painter.screen(frame, look, 120, 40), PaneName.PNL)
    later = painter.screen(replace(frame, marks=(NOTE,)), look, 120, 40)
    assert "stop 2%" in said(later, PaneName.PNL)
    assert "stop 2%" in said(later, PaneName.EQUITY)


def test_a_mark_in_the_feed_says_who_wrote_it() -> None:
    event = BotEvent(
        "mark 2", NOW, "", "mark", EventClass.MARK, EventSource.PERSON, facts=(Fact("text", "stop 2%"),), written="{}"
    )
    frame = replace(sample_frame(), feed=FeedFrame((event,)), event=event)
    assert "mark" in said(screen(frame, Look(mono=True), 120, 40), PaneName.EVENTS)
    assert "stop 2%" in said(screen(frame, Look(mono=True), 120, 40), PaneName.EVENTS)
    opened = as_text(screen(frame, Look(screen=ScreenName.EVENT, event="mark 2", mono=True), 120, 40), 120, 40)
    assert "written by a person" in opened
