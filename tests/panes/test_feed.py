"""The feed says what it shows: its filter, what lies below, and why it is empty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, sample_frame
from panes.stories import TRADE, repeated, repeating, telling
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.unit import Kind, Unit
from tradetop.panes import cells, times
from tradetop.panes.events import facts
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.redact import redact

SIZES = ((80, 24), (120, 40), (200, 55))


def feed(size: tuple[int, int], filtered: str = "", problem: str = "", hidden: int = 0, **look: object) -> list[str]:
    frame = sample_frame()
    told = replace(frame.feed, filter=filtered, problem=problem, hidden=hidden)
    return drawn(replace(frame, feed=told), size, **look)


def drawn(frame: Frame, size: tuple[int, int], **look: object) -> list[str]:
    box = next(b for b in screen(frame, Look(**look), *size) if b.id == "events")
    return ["".join(span.text for span in row) for row in box.rows]


@pytest.mark.parametrize("size", SIZES)
def test_a_filter_stands_in_the_title_with_how_much_it_lets_pass(size: tuple[int, int]) -> None:
    assert "/SOL · 36 of 431 " in feed(size, "SOL", hidden=395)[0]
    assert "!risk · 36 of 40 " in feed(size, "!risk", hidden=4)[0]
    assert "/SOL - 36 of 431 " in feed(size, "SOL", hidden=395, glyphs=Glyphs.ASCII)[0]


@pytest.mark.parametrize("size", SIZES)
def test_a_filter_that_cannot_be_applied_says_why_and_everything_is_shown(size: tuple[int, int]) -> None:
    rows = feed(size, "(", "missing )")
    assert "/( · missing ) " in rows[0]
    assert "12:03:20" in "".join(rows)


@pytest.mark.parametrize("size", SIZES)
def test_a_filter_that_hides_everything_says_so_and_how_to_change_it(size: tuple[int, int]) -> None:
    frame = replace(sample_frame(), feed=FeedFrame((), filter="XYZ", hidden=431))
    said = " ".join("".join(drawn(frame, size)).replace("│", " ").split())
    assert "nothing matches /XYZ in 431 events" in said
    assert "/ changes it" in said


def test_without_a_filter_the_title_names_none() -> None:
    assert " of " not in feed((120, 40))[0]
    assert "● following" in feed((120, 40))[0]


def test_what_came_in_below_is_counted_while_not_following() -> None:
    top = feed((120, 40), focus=PaneName.EVENTS, selected=20, following=False)[0]
    assert "16 newer" in top, "the window moves on by two thirds of a page"
    assert "following" not in top
    assert "○ not following" in feed((120, 40), following=False)[0]


def test_the_window_stays_while_events_come_in_below_it() -> None:
    def shown(cut: int) -> list[str]:
        """`cut` events before they came in, and the cursor on the same one."""
        frame = sample_frame()
        told = replace(frame.feed, events=frame.feed.events[: len(frame.feed.events) - cut])
        look = {"focus": PaneName.EVENTS, "selected": 15 - cut, "scroll": 9 - cut, "following": False}
        return drawn(replace(frame, feed=told), (120, 40), **look)

    assert "2 newer" in shown(7)[0]
    assert "9 newer" in shown(0)[0]
    assert shown(0)[1:-1] == shown(7)[1:-1]


@pytest.mark.parametrize("newer", [0, 1, 5, 30])
def test_the_window_has_the_cursor_wherever_that_goes(newer: int) -> None:
    events = sample_frame().feed.events
    for selected in range(len(events)):
        box = feed((120, 40), focus=PaneName.EVENTS, selected=selected, scroll=newer, following=False)
        assert any(times.clock(events[-1 - selected].t, 0) in row for row in box[1:])


def test_times_are_in_the_chosen_zone() -> None:
    assert "17:33:20 ◇ signal" in feed((80, 24), offset=330)[-1]


def test_half_a_number_is_never_shown() -> None:
    event = replace(
        sample_frame().feed.events[-1],
        cls=EventClass.OPEN,
        facts=(Fact("size", 0.8992, Kind.QUANTITY), Fact("price", 171.32, Kind.MONEY, Unit.USD)),
    )
    whole = "".join(s.text for s in facts(event))
    for width in range(60):
        said = "".join(s.text for s in facts(event, "", width))
        assert cells.width(said) <= width or not said
        assert said in {"", "size 0.90", whole}


def test_a_fact_that_does_not_fit_gives_way_to_one_that_does() -> None:
    event = replace(
        sample_frame().feed.events[-1],
        facts=(Fact("side", "buy"), Fact("price", 64_012.10, Kind.MONEY, Unit.USD), Fact("score", 0.8, Kind.COUNT)),
    )
    said = "".join(s.text for s in facts(event, "", 18))
    assert said == "buy  score 0.80"


def test_words_that_do_not_fit_end_in_an_ellipsis() -> None:
    row = next(line for line in feed((112, 40)) if "429" in line)
    assert "429 Too Many Requests" in row
    assert row.rstrip(" │").endswith("…")


def test_a_row_says_how_often_and_what_was_dropped_where_the_feed_ends() -> None:
    rows = drawn(repeated(), (120, 40), focus=PaneName.EVENTS, zoomed=True)
    (row,) = (row for row in rows if "RPC timeout" in row)
    assert "x12" in row
    assert "1,087 ms" in row or "1087 ms" in row, "the newest of them"
    assert "1,234 older dropped" in rows[0]
    unfolded = replace(repeated(), view=replace(repeated().view, folded=False))
    assert "unfolded" in drawn(unfolded, (120, 40))[0]
    assert "dropped" not in drawn(repeated(), (80, 24))[0], "older ones are still below"


def test_redacted_repeats_hide_what_each_of_them_would() -> None:
    frame = telling(2, *repeating())
    row = redact(frame).feed.events[-1]
    assert len(row.told) == 12
    assert all("0x00" not in "".join(s.text for s in facts(one)) for one in row.told)
    story = "".join(
        s.text
        for box in screen(redact(telling(3, *TRADE)), Look(screen=ScreenName.EVENT, event=TRADE[3].id), 120, 40)
        for r in box.rows
        for s in r
    )
    assert "trade_id and signal_id" in story
    assert not {"12.40", "480.25", "sig-4711"} & set(story.replace("$", " ").split())


DONE = BotEvent(
    "silence 7", NOW - 60_000, "247trader-v2", "snoozed", EventClass.ONCALL, EventSource.PERSON,
    facts=(Fact("change", "snoozed"), Fact("alert", "DailyLoss"),
           Fact("until", (NOW + 7_200_000) / 1_000, Kind.DURATION, Unit.TIME), Fact("reason", "deploying 480.25 out")),
)  # fmt: skip


def with_done() -> Frame:
    frame = sample_frame()
    return replace(frame, feed=replace(frame.feed, events=(*frame.feed.events, DONE)))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_done_to_an_alert_is_a_sentence_in_the_zone_of_the_screen(size: tuple[int, int]) -> None:
    utc, local = ("".join(drawn(with_done(), size, **zone)) for zone in ({}, {"offset": 120, "zone": "CEST"}))
    assert "on call snoozed DailyLoss until 14:03" in utc
    assert "on call snoozed DailyLoss until 16:03" in local


def test_redacted_it_says_what_was_done_and_hides_amounts_of_the_reason() -> None:
    said = "".join(drawn(redact(with_done()), (200, 55)))
    assert "snoozed DailyLoss until 14:03: deploying" in said
    assert "480.25" not in said


def test_its_own_screen_says_who_and_until_when() -> None:
    look = Look(screen=ScreenName.EVENT, event=DONE.id)
    said = "".join(span.text for box in screen(with_done(), look, 120, 40) for row in box.rows for span in row)
    assert "a person, by a key" in said
    assert "14:03:27 UTC" in said
