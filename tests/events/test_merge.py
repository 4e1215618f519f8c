"""One feed out of two sources."""

from __future__ import annotations

from events.hands import NOW
from events.making import event
from tradetop.events.derive import derive
from tradetop.events.edges import scrape_edge
from tradetop.events.merge import merge
from tradetop.model.bot_event import BotEvent
from tradetop.model.labels import Labels


def derived(name: str, t: int) -> tuple[BotEvent, ...]:
    series = Labels({"__name__": name})
    return derive({series: 0.0}, {series: 1.0}, t, bot="b", types=lambda _: "")


def test_without_a_database_the_derived_feed_is_all_there_is() -> None:
    trade = derived("trades_total", NOW)
    assert merge(None, trade, 10) == trade


def test_with_a_database_only_what_it_does_not_tell_stays() -> None:
    worked_out = (
        *derived("trades_total", NOW),
        *derived("api_errors_total", NOW),
        *derived("circuit_breaker_state", NOW + 1),
        *derived("circuit_breaker_trips_total", NOW + 2),
        *scrape_edge(True, False, NOW + 3, bot="b"),
    )
    told = event("trade_open", t=NOW + 2, n=7)
    assert [e.type for e in merge([told], worked_out, 10)] == [
        "breaker_open",
        "trade_open",
        "breaker_trip",
        "scrape_failed",
    ]
    assert [e.type for e in merge([], worked_out, 10)] == ["breaker_open", "breaker_trip", "scrape_failed"]


def test_by_time_newest_last_and_in_order_of_arrival_where_times_are_equal() -> None:
    events = [event(t=NOW + t, n=n) for n, t in enumerate((3, 1, 2, 1))]
    assert [e.id for e in merge(events, (), 10)] == ["e1", "e3", "e2", "e0"]
    assert [e.id for e in merge(events, (), 2)] == ["e2", "e0"]
    assert merge(events, (), 0) == ()
    assert [e.id for e in merge(events, (), 10, until=NOW + 1)] == ["e1", "e3"]
