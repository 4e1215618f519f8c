"""Marks on every time axis: the charts of a bot agree on what happened and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, sample_detail, sample_frame
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.frame import FeedFrame, Frame, Incident
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
    return replace(sample_frame(), marks=marks)


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
    assert "deploy v9" in drawn
    assert "stop 2%" in drawn


def test_the_chart_of_one_series_has_them() -> None:
    frame = replace(sample_detail(), marks=(DEPLOY, NOTE))
    drawn = as_text(screen(frame, Look(screen=ScreenName.DETAIL, mono=True), 120, 40), 120, 40)
    assert "▾deploy v9" in drawn
    assert "stop 2%" in drawn


def test_no_filter_of_the_feed_takes_anything_from_an_axis() -> None:
    frame = replace(marked(NOTE), incidents=(Incident(NOW - 10 * MINUTE, EventClass.ALERT, Level.CRITICAL),))
    narrow = replace(frame, feed=FeedFrame((), filter="zzz", hidden=431))
    assert happened(narrow, Look()) == happened(frame, Look())


def test_a_deployment_that_is_marked_is_not_told_twice() -> None:
    bot = replace(sample_frame().bots[0], deployed_at=DEPLOY.t, version="8")
    labels = [mark.label for mark in happened(replace(marked(DEPLOY), bots=(bot,), incidents=()), Look())]
    assert labels == ["deploy v9"]
    without = [mark.label for mark in happened(replace(sample_frame(), bots=(bot,), incidents=()), Look())]
    assert without == ["deploy 8"]


def test_a_new_mark_is_drawn_though_nothing_else_changed() -> None:
    painter, look = Painter(), Look()
    frame = sample_frame()
    assert "stop 2%" not in said(painter.screen(frame, look, 120, 40), PaneName.PNL)
    later = painter.screen(replace(frame, marks=(NOTE,)), look, 120, 40)
    assert "stop 2%" in said(later, PaneName.PNL)
    assert "stop 2%" in said(later, PaneName.EQUITY)


def test_a_mark_in_the_feed_says_who_wrote_it() -> None:
    event = BotEvent(
        "mark 2", NOW, "", "mark", EventClass.MARK, EventSource.PERSON, facts=(Fact("text", "stop 2%"),), raw="{}"
    )
    frame = replace(sample_frame(), feed=FeedFrame((event,)), event=event)
    assert "mark" in said(screen(frame, Look(mono=True), 120, 40), PaneName.EVENTS)
    assert "stop 2%" in said(screen(frame, Look(mono=True), 120, 40), PaneName.EVENTS)
    opened = as_text(screen(frame, Look(screen=ScreenName.EVENT, event="mark 2", mono=True), 120, 40), 120, 40)
    assert "written by a person" in opened
