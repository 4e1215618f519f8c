"""Over a slow link the feed stands still for a while, but nothing that matters waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import sample_frame
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.frame import Frame
from tradetop.tui.calm import HOLD, calmed

FRAME = sample_frame()
NEWEST = FRAME.feed.events[-1]


def later(cls: EventClass, ms: int) -> Frame:
    """The frame as it is `ms` after its newest event, with another one that came just now."""
    now = NEWEST.t + ms
    event: BotEvent = replace(NEWEST, id=f"new-{ms}", t=now, cls=cls)
    return replace(FRAME, now=now, at=now, feed=replace(FRAME.feed, events=(*FRAME.feed.events, event)))


def test_a_signal_waits_and_everything_else_of_the_frame_does_not() -> None:
    new = later(EventClass.SIGNAL, 5_000)
    shown = calmed(FRAME, new)
    assert shown.feed is FRAME.feed
    assert (shown.now, shown.panels) == (new.now, new.panels)


def test_it_does_not_wait_for_ever() -> None:
    new = later(EventClass.SIGNAL, HOLD)
    assert calmed(FRAME, new) is new


@pytest.mark.parametrize("cls", [cls for cls in EventClass if cls not in {EventClass.SIGNAL, EventClass.RISK}])
def test_money_faults_and_what_is_not_known_come_at_once(cls: EventClass) -> None:
    new = later(cls, 1_000)
    assert calmed(FRAME, new) is new


def test_another_view_filter_or_source_is_shown_at_once() -> None:
    new = later(EventClass.SIGNAL, 1_000)
    for other in (
        replace(new, view=replace(new.view, span=3_600_000)),
        replace(new, feed=replace(new.feed, filter="SOL")),
        replace(new, feed=replace(new.feed, stale=True)),
    ):
        assert calmed(FRAME, other) is other
    assert calmed(None, new) is new
