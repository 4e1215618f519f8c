"""Acknowledging and snoozing by key: what is written down, what is refused, and that it is the alert that was meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import sample_detail, sample_explained
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.silence import Silence, SilenceKind
from tradetop.model.view import View
from tui.session import FRAME, DetailSource, Session, running
from tui.test_every_key import Book

FIRING, PENDING = FRAME.alerts


def with_quiet(kind: SilenceKind) -> Frame:
    """The frame with its first alert silenced."""
    made = Silence("silence 7", kind, FIRING.rule.name, FRAME.now - MINUTE, FRAME.now + HOUR, reason="deploying")
    return replace(FRAME, alerts=(replace(FIRING, silence=made), PENDING))


async def write(session: Session, text: str) -> None:
    """Type a line for a snooze of the first alert, and take it."""
    await session.tap("0")
    await session.tap("S")
    await session.type(text)
    await session.tap("enter")


async def test_the_alert_under_the_cursor_is_acknowledged_as_it_is_now() -> None:
    book = Book()
    async with running(notebook=book) as session:
        for key in ("0", "j", "a"):
            await session.tap(key)
        assert "acknowledged HighExposure" in session.footer
        ((bot, made),) = book.silences
        assert (bot, made.kind, made.alert, made.value) == (0, SilenceKind.ACK, "HighExposure", PENDING.value)
        assert (made.made, made.until) == (FRAME.now, None)


async def test_once_more_takes_it_back() -> None:
    book = Book()
    async with running(with_quiet(SilenceKind.ACK), notebook=book) as session:
        await session.tap("0")
        await session.tap("a")
        assert "RateLimitCritical is no longer acknowledged" in session.footer
        assert (book.silences, book.ended) == ([], ["silence 7"])
    async with running(with_quiet(SilenceKind.SNOOZE), notebook=book) as session:
        await session.tap("0")
        await session.tap("a")
        assert "RateLimitCritical is no longer snoozed" in session.footer


async def test_one_that_rings_again_is_acknowledged_anew() -> None:
    book = Book()
    frame = with_quiet(SilenceKind.SNOOZE)
    worse = replace(frame, alerts=(replace(frame.alerts[0], is_worse=True), PENDING))
    async with running(worse, notebook=book) as session:
        await session.tap("0")
        await session.tap("a")
        assert [made.alert for _, made in book.silences] == ["RateLimitCritical"]


async def test_all_that_fire_and_are_not_quiet_are_acknowledged_together() -> None:
    book = Book()
    second = replace(FIRING, rule=replace(FIRING.rule, name="Second"))
    frame = with_quiet(SilenceKind.ACK)
    async with running(replace(frame, alerts=(*frame.alerts, FIRING, second)), notebook=book) as session:
        await session.tap("A")
        assert "acknowledged 2 alerts" in session.footer
        assert [made.alert for _, made in book.silences] == ["RateLimitCritical", "Second"]
    async with running(frame, notebook=book) as session:
        await session.tap("A")
        assert "every alert that fires is acknowledged" in session.footer


async def test_a_snooze_says_until_when_and_why() -> None:
    book = Book()
    async with running(notebook=book) as session:
        await write(session, "2h deploying v2")
        assert "RateLimitCritical snoozed until 14:03: deploying v2" in session.footer
        ((bot, made),) = book.silences
        assert (bot, made.kind, made.reason) == (0, SilenceKind.SNOOZE, "deploying v2")
        assert made.until == FRAME.now + 2 * HOUR


async def test_what_cannot_be_taken_stays_in_the_line_with_the_reason() -> None:
    book = Book()
    async with running(notebook=book) as session:
        await write(session, "soon")
        assert "snooze RateLimitCritical soon" in session.footer
        assert "is not a duration" in session.footer
        await session.tap("ctrl+u")
        assert "is not a duration" not in session.footer
        await session.type("30d holidays")
        await session.tap("enter")
        assert "from 1m to 7d" in session.footer
        await session.tap("ctrl+u")
        await session.type("2h")
        await session.tap("enter")
        assert "say why" in session.footer
        assert book.silences == []
        await session.type(" ok")
        await session.tap("enter")
        assert len(book.silences) == 1


async def test_the_alert_that_was_meant_is_snoozed_though_others_come_before_it() -> None:
    book = Book()
    other = replace(FIRING, rule=replace(FIRING.rule, name="Other"))
    async with running(notebook=book) as session:
        for key in ("0", "S"):
            await session.tap(key)
        session.source.publish(replace(FRAME, now=FRAME.now + 1, alerts=(other, FIRING)))
        await session.until("Other")
        await session.type("1h mine")
        await session.tap("enter")
        assert [made.alert for _, made in book.silences] == ["RateLimitCritical"]


async def test_an_alert_that_is_over_by_then_is_not_snoozed() -> None:
    book = Book()
    async with running(notebook=book) as session:
        for key in ("0", "S"):
            await session.tap(key)
        later = replace(PENDING, rule=replace(PENDING.rule, name="Later"))
        session.source.publish(replace(FRAME, now=FRAME.now + 1, alerts=(later,)))
        await session.until("Later")
        await session.type("1h mine")
        await session.tap("enter")
        assert "that alert is over" in session.footer
        assert book.silences == []


async def test_of_a_redacted_screen_the_real_alert_is_silenced() -> None:
    book = Book()
    async with running(notebook=book) as session:
        await session.tap("R")
        await write(session, "2h account 4711 moves")
        ((_, made),) = book.silences
        assert made.labels == FIRING.labels
        assert made.value == FIRING.value
        assert made.reason == "account 4711 moves"
        assert "4711" not in session.footer


async def test_where_nothing_can_be_kept_or_time_is_past_that_is_said() -> None:
    async with running() as session:
        await session.tap("0")
        await session.tap("a")
        assert "no place to keep" in session.footer
    async with running(replace(FRAME, alerts=()), notebook=Book()) as session:
        await session.tap("0")
        await session.tap("a")
        assert "no alert" in session.footer


# On other screens than the overview's strip


class EverySource(DetailSource):
    """Answers for an alert by its explanation too; whatever it shows, these alerts are active."""

    def look(self, view: View) -> None:
        self.views.append(view)
        shown = sample_explained(self.frame) if view.alert else sample_detail() if view.focus else self.frame
        self.publish(replace(shown, view=view, alerts=self.frame.alerts))


PRODUCTS = FIRING.labels
FILLS = replace(FIRING, labels=Labels({"endpoint": "fills"}))
FIRED = BotEvent("247trader-v2 1 alert_firing RateLimitCritical " + str(PRODUCTS), FRAME.now - MINUTE, "247trader-v2",
                 "alert_firing", EventClass.ALERT, EventSource.DERIVED,
                 facts=(Fact("alert", "RateLimitCritical"), Fact("state", "firing")))  # fmt: skip
WITH_EVENT = replace(FRAME, feed=replace(FRAME.feed, events=(*FRAME.feed.events, FIRED)))


@pytest.mark.parametrize("way", ["i", "3", "0 x", "4", "4 enter", "4 enter x", "7", "7 enter", "7 enter enter"])
@pytest.mark.parametrize("redacted", [False, True])
async def test_the_alert_that_a_screen_shows_is_acknowledged_there(way: str, redacted: bool) -> None:
    book = Book()
    frame = replace(WITH_EVENT, alerts=(FILLS, *FRAME.alerts))
    async with running(source=EverySource(frame), notebook=book) as session:
        for key in (*(["R"] if redacted else []), *way.split(), "a"):
            await session.tap(key)
        assert "acknowledged RateLimitCritical" in session.footer
        assert [(bot, made.alert, made.labels) for bot, made in book.silences] == [(0, "RateLimitCritical", PRODUCTS)]


@pytest.mark.parametrize("way", ["i", "0 x", "4 enter", "7 enter enter"])
async def test_and_snoozed_with_the_same_line(way: str) -> None:
    book = Book()
    async with running(source=EverySource(WITH_EVENT), notebook=book) as session:
        for key in (*way.split(), "S"):
            await session.tap(key)
        assert session.footer.startswith(" snooze RateLimitCritical")
        await session.type("2h deploying v2")
        await session.tap("enter")
        assert "RateLimitCritical snoozed until 14:03: deploying v2" in session.footer
        assert [(made.alert, made.labels) for _, made in book.silences] == [("RateLimitCritical", PRODUCTS)]


async def test_what_the_explanation_shows_can_be_taken_back_there() -> None:
    book = Book()
    async with running(source=EverySource(with_quiet(SilenceKind.SNOOZE)), notebook=book) as session:
        for key in ("0", "x", "a"):
            await session.tap(key)
        assert "RateLimitCritical is no longer snoozed" in session.footer
        assert book.ended == ["silence 7"]


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("0 x", "this alert is neither firing nor pending: 0 goes to all"),
        ("4 enter", "no alert of this series is firing or pending: 0 goes to all"),
        ("i", "no alert of this row is firing or pending: 0 goes to all"),
        ("7 enter", "this event is of no alert that is firing or pending: 0 goes to all"),
    ],
)
async def test_where_the_screen_shows_no_alert_that_is_said_and_nothing_is_silenced(way: str, said: str) -> None:
    book = Book()
    other = replace(PENDING, rule=replace(PENDING.rule, name="Other", panel="other"))
    async with running(source=EverySource(replace(WITH_EVENT, alerts=(other,))), notebook=book) as session:
        for key in way.split():
            await session.tap(key)
        for key in ("a", "S"):
            await session.tap(key)
            assert said in session.footer
        assert book.silences == []


async def test_all_are_acknowledged_from_any_screen_of_the_bot() -> None:
    book = Book()
    async with running(source=EverySource(WITH_EVENT), notebook=book) as session:
        for key in ("i", "A"):
            await session.tap(key)
        assert "acknowledged 1 alert" in session.footer
        assert [made.alert for _, made in book.silences] == ["RateLimitCritical"]


@pytest.mark.parametrize("way", ["i", "0 x", "4 enter"])
async def test_the_footer_and_the_help_of_these_screens_name_the_keys(way: str) -> None:
    async with running(source=EverySource(WITH_EVENT), size=(160, 60)) as session:
        for key in way.split():
            await session.tap(key)
        assert "a A ack" in session.footer
        assert "S snooze" in session.footer
        await session.tap("?")
        assert "acknowledge an alert" in session.text
