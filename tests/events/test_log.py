"""One feed out of two sources."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from events.hands import NOW
from events.making import event
from tradetop.events.derive import derive
from tradetop.events.edges import scrape_edge
from tradetop.events.log import Log, between, untold
from tradetop.model.bot_event import BotEvent
from tradetop.model.labels import Labels


def derived(name: str, t: int) -> tuple[BotEvent, ...]:
    series = Labels({"__name__": name})
    return derive({series: 0.0}, {series: 1.0}, t, bot="b", types=lambda _: "")


def logged(*events: BotEvent, limit: int = 10) -> Log:
    log = Log(limit)
    log.add(events)
    return log


def test_with_a_database_only_what_it_does_not_tell_stays() -> None:
    worked_out = (
        *derived("trades_total", NOW),
        *derived("api_errors_total", NOW),
        *derived("circuit_breaker_state", NOW + 1),
        *derived("circuit_breaker_trips_total", NOW + 2),
        *scrape_edge(True, False, NOW + 3, bot="b"),
    )
    assert [e.type for e in untold(worked_out)] == ["breaker_open", "breaker_trip", "scrape_failed"]


def test_by_time_newest_last_and_in_order_of_arrival_where_times_are_equal() -> None:
    events = [event(t=NOW + t, n=n) for n, t in enumerate((3, 1, 2, 1))]
    assert [e.id for e in logged(*events).events] == ["e1", "e3", "e2", "e0"]
    assert [e.id for e in logged(*events, limit=2).events] == ["e2", "e0"]
    assert [e.id for e in between(logged(*events).events, NOW, NOW + 1)] == ["e1", "e3"]


def test_what_is_rare_is_kept_beyond_what_is_frequent() -> None:
    log = logged(event("error", t=NOW), event("trade_open", t=NOW), *(event(t=NOW + i) for i in range(20)))
    assert {e.type for e in log.events} == {"signal"}
    assert [e.type for e in (*log.errors, *log.trades)] == ["error", "trade_open"]


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(0, 10), st.integers(0, 10))
def test_a_stretch_of_time_is_what_a_look_at_every_event_finds(times: list[int], since: int, until: int) -> None:
    events = [event(t=NOW + t, n=n) for n, t in enumerate(times)]
    kept = sorted(events, key=lambda e: e.t)
    found = between(logged(*events, limit=100).events, NOW + since, NOW + until)
    assert [*found] == [e for e in kept if NOW + since <= e.t <= NOW + until]
