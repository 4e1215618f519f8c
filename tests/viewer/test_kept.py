"""What a pause loses of a feed that goes on: nothing that memory can hold, and the rest is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from events.making import event
from tradetop.cli.bots import Bots
from tradetop.cli.options import TargetOptions
from tradetop.cli.wiring import wire
from tradetop.events.log import LIMIT
from tradetop.model.bot_event import EventClass, Fact
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.panel import Dashboard, Query
from tradetop.model.unit import Kind
from tradetop.model.view import View
from tradetop.recorder.watch import Watch
from tradetop.viewer.viewer import Viewer
from viewer.stage import PNL, Stage, T

Tell = Callable[[int, int], None]
See = Callable[..., FeedFrame]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    (watch,) = wire(TargetOptions(("127.0.0.1:9",), store=tmp_path)).watches()
    return watch


@pytest.fixture
def tell(watch: Watch) -> Tell:
    """Events from one number to another arrive."""

    def tell(first: int, end: int) -> None:
        watch.record.take_events([event(t=T + n, n=n, pair=f"P{n}") for n in range(first, end)])

    return tell


@pytest.fixture
def see(watch: Watch) -> See:
    viewer = Viewer(Bots([watch]))

    def see(at: int | None = None, **view: object) -> FeedFrame:
        return viewer.frame(View(at=at, **view), T + 1_000_000).feed

    return see


def numbers(feed: FeedFrame) -> list[int]:
    return [one.t - T for row in feed.events for one in row.told]


def test_what_arrives_in_a_pause_is_all_there_afterwards(tell: Tell, see: See) -> None:
    tell(0, 100)
    paused = see(T + 99)
    for first in range(100, 2_400, 100):
        tell(first, first + 100)
        assert see(T + 99).events == paused.events, "a pause shows what it showed"
    feed = see()
    assert numbers(feed) == [*range(2_400)]
    assert feed.dropped == 0


def test_what_memory_cannot_hold_is_counted(tell: Tell, see: See) -> None:
    tell(0, 100)
    paused = see(T + 99)
    for first in range(100, 9_000, 100):
        tell(first, first + 100)
        assert see(T + 99).events == paused.events
    feed = see()
    assert numbers(feed) == [*range(9_000 - LIMIT, 9_000)]
    assert feed.dropped == 9_000 - LIMIT


def test_a_burst_between_two_looks_is_counted_too(tell: Tell, see: See) -> None:
    see()
    tell(0, 50_000)
    feed = see()
    assert len(numbers(feed)) + feed.dropped == 50_000
    assert numbers(feed)[-1] == 49_999


def test_repeats_are_one_row_until_they_are_unfolded(watch: Watch, see: See) -> None:
    watch.record.take_events([event("error", f'{{"message": "timeout {n}"}}', t=T + n, n=n) for n in range(12)])
    assert [len(row.told) for row in see().events] == [12]
    assert [len(row.told) for row in see(folded=False).events] == [1] * 12
    assert see().total == see(folded=False).total == 12
    assert see(filter="type:error timeout").events[0].t == T + 11


def test_what_led_to_a_trade_before_memory_begins_joins_its_story_once_it_is_read() -> None:
    stage = Stage()
    stage.happen(2, "trade_close", EventClass.CLOSE, Fact("trade_id", "7", Kind.ID))
    close = View(event="bot trade_close 2")
    story = stage.frame(3, close).story
    assert story is not None
    assert (story.signal, story.opened) == (None, None)
    wanted = stage.record.kin.wanted
    assert wanted is not None
    assert wanted.id == "bot trade_close 2"
    earlier = Stage()
    earlier.happen(0, "signal", EventClass.SIGNAL)
    earlier.happen(1, "trade_open", EventClass.OPEN, Fact("trade_id", "7", Kind.ID))
    stage.record.kin.take(wanted, tuple(earlier.record.events))
    stage.record.heard += 1
    story = stage.frame(4, close).story
    assert story is not None
    assert story.opened is not None
    assert (story.signal, story.opened.id) == (earlier.record.events[0], "bot trade_open 1")
    assert stage.record.kin.wanted is None, "it is read once"


def test_an_event_brings_the_story_of_its_trade() -> None:
    stage = Stage()
    stage.happen(0, "signal", EventClass.SIGNAL)
    stage.happen(1, "trade_open", EventClass.OPEN, Fact("trade_id", "7", Kind.ID))
    frame = stage.frame(2, View(event="bot signal 0"))
    assert frame.story is not None
    assert frame.story.opened is not None
    assert frame.story.close is None
    stage.happen(3, "trade_close", EventClass.CLOSE, Fact("trade_id", "7", Kind.ID), Fact("pnl_usd", -2.5))
    story = stage.frame(4, View(event="bot signal 0")).story
    assert story is not None
    assert story.close is not None
    assert story.close.pnl == -2.5
    past = stage.frame(4, View(event="bot signal 0", at=T + 20_000)).story
    assert past is not None
    assert past.close is None, "what happens later changes no look back"
    assert stage.frame(4).story is None
    assert replace(frame, story=None) != frame


def test_another_clock_is_another_day_at_once_and_back() -> None:
    panel = replace(PNL, id="events-pnl-today", queries=(Query("hour()"),))
    stage = Stage(dashboard=Dashboard("test", "Test", (panel,)))
    stage.scrape(0, pnl_usd=1.0)

    def hour(offset: int | None) -> float | None:
        first = stage.frame(0, View(offset=offset)).panels[0].first
        assert first is not None
        return first.reading.value

    utc = hour(None)
    assert utc is not None
    assert hour(120) == (utc + 2) % 24
    assert hour(-60) == (utc - 1) % 24
    assert (hour(0), hour(None)) == (utc, utc)
