"""Which rows a server sends for a time: never one too few."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ask.asked import DAY, HOUR, MINUTE, NOW
from tradetop.ask.events_view import create
from tradetop.ask.span import ALWAYS, Span
from tradetop.ask.window import near
from tradetop.events.categorise import Categories
from tradetop.events.row import Cell
from tradetop.events.schema import COLUMNS, Schema

SCHEMA = Schema(frozenset(COLUMNS), "rowid")
TIMES = st.integers(NOW - 40 * DAY, NOW + 3 * DAY)


def iso(t: int, minutes: int, separator: str) -> str:
    zone = timezone(timedelta(minutes=minutes))
    return datetime.fromtimestamp(t / 1_000, UTC).astimezone(zone).isoformat(separator)


SPELLED = st.one_of(
    st.builds(iso, TIMES, st.integers(-12 * 60, 14 * 60), st.sampled_from("T ")),
    TIMES,
    TIMES.map(lambda t: t / 1_000),
    TIMES.map(lambda t: str(t // 1_000)),
    TIMES.map(lambda t: t * 1_000),
    TIMES.map(lambda t: t * 1_000_000),
    TIMES.map(lambda t: f"{datetime.fromtimestamp(t / 1_000, UTC):%a, %d %b %Y %H:%M:%S GMT}"),
    TIMES.map(lambda t: f"{datetime.fromtimestamp(t / 1_000, UTC):%Y/%m/%d %H:%M:%S UTC}"),
    TIMES.map(lambda t: f"  {datetime.fromtimestamp(t / 1_000, UTC):%Y%m%dT%H%M%S} "),
    TIMES.map(lambda t: 2_440_587.5 + t / DAY),
    st.sampled_from([None, "", "0", 0, "soon", "0001-01-01", "2098-01-01T00:00:00Z", b"\xff", "9" * 40]),
)


@given(SPELLED, SPELLED, st.integers(NOW - 40 * DAY, NOW + DAY), st.integers(MINUTE, 20 * DAY))
@example(iso(NOW, 14 * 60, "T"), None, NOW, MINUTE)
@example(iso(NOW - DAY, -12 * 60, " "), None, NOW - DAY, MINUTE)
@example("2098-01-01", NOW - HOUR, NOW - DAY, DAY)
def test_no_event_of_the_time_is_left_out(timestamp: Cell, created_at: Cell, since: int, size: int) -> None:
    with closing(sqlite3.connect(":memory:")) as link:
        link.execute(f"CREATE TABLE bot_events ({', '.join(COLUMNS)})")
        link.execute("INSERT INTO bot_events (timestamp, created_at) VALUES (?, ?)", (timestamp, created_at))
        create(link, Schema(frozenset(COLUMNS), ""), NOW, UTC, Categories())
        ((t,),) = link.execute("SELECT t FROM events")
        where, values = near(SCHEMA, Span(since, since + size), NOW)
        # As D1 has it: every value is a text.
        sent = link.execute(f"SELECT count(*) FROM bot_events WHERE {where}", [*map(str, values)]).fetchone()[0]
    assert sent or t is None or not since <= t < since + size


@pytest.mark.parametrize("days", [2, 3, 10])
def test_what_is_of_another_time_is_not_sent(days: int) -> None:
    with closing(sqlite3.connect(":memory:")) as link:
        link.execute(f"CREATE TABLE bot_events ({', '.join(COLUMNS)})")
        for t in (NOW - days * DAY, (NOW - days * DAY) // 1_000, iso(NOW - days * DAY, 0, "T")):
            # A past that was written down today, as an import does.
            link.execute("INSERT INTO bot_events (timestamp, created_at) VALUES (?, ?)", (t, iso(NOW, 0, " ")))
        where, values = near(SCHEMA, Span(NOW - HOUR, NOW + 1), NOW)
        assert link.execute(f"SELECT count(*) FROM bot_events WHERE {where}", values).fetchone() == (0,)


def test_all_events_are_of_all_times() -> None:
    assert near(SCHEMA, ALWAYS, NOW) == ("", ())
