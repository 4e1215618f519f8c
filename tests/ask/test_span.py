"""Times in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tradetop.ask.fault import AskError
from tradetop.ask.span import ALWAYS, Calendar, Span, taken

NOW = 1_796_050_800_000
"""Monday 2026-11-30 15:00 UTC."""
CALENDAR = Calendar(NOW, UTC)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("today", "2026-11-30T00:00Z", "2026-12-01T00:00Z"),
        ("yesterday", "2026-11-29T00:00Z", "2026-11-30T00:00Z"),
        ("the day before yesterday", "2026-11-28T00:00Z", "2026-11-29T00:00Z"),
        ("3 days ago", "2026-11-27T00:00Z", "2026-11-28T00:00Z"),
        ("on monday", "2026-11-23T00:00Z", "2026-11-24T00:00Z"),
        ("last Tuesday", "2026-11-24T00:00Z", "2026-11-25T00:00Z"),
        ("on 2026-11-03", "2026-11-03T00:00Z", "2026-11-04T00:00Z"),
        ("on November 3rd", "2026-11-03T00:00Z", "2026-11-04T00:00Z"),
        ("on 3 nov", "2026-11-03T00:00Z", "2026-11-04T00:00Z"),
        ("on dec 24", "2025-12-24T00:00Z", "2025-12-25T00:00Z"),
        ("on May 1st, 2025", "2025-05-01T00:00Z", "2025-05-02T00:00Z"),
        ("in november", "2026-11-01T00:00Z", "2026-12-01T00:00Z"),
        ("during December 2025", "2025-12-01T00:00Z", "2026-01-01T00:00Z"),
        ("between 2026-11-03 and 2026-11-01", "2026-11-01T00:00Z", "2026-11-04T00:00Z"),
        ("from yesterday to today", "2026-11-29T00:00Z", "2026-12-01T00:00Z"),
        ("since friday", "2026-11-27T00:00Z", None),
        ("since midnight", "2026-11-30T00:00Z", None),
        ("this week", "2026-11-30T00:00Z", None),
        ("this month so far", "2026-11-01T00:00Z", None),
        ("in the last 6 hours", "2026-11-30T09:00Z", None),
        ("over the past two days", "2026-11-28T15:00Z", None),
        ("last hour", "2026-11-30T14:00Z", None),
        ("in the last 24h", "2026-11-29T15:00Z", None),
        ("last week", "2026-11-23T15:00Z", None),
    ],
)
def test_a_time_in_words(words: str, since: str, until: str | None) -> None:
    span, rest = taken(f"errors {words} of bots", CALENDAR)
    assert span == Span(ms(since), NOW + 1 if until is None else ms(until))
    assert rest.split() == ["errors", "of", "bots"]


@pytest.mark.parametrize(
    "words", ["errors", "the last 20 errors", "bots that may fail", "1.5", "lasting", "sunday-bot"]
)
def test_what_is_no_time(words: str) -> None:
    assert taken(words, CALENDAR) == (ALWAYS, words)


@pytest.mark.parametrize(
    "words", ["on 2026-02-30", "on november 31", "last 0 days", "on 0000-01-01", "999999999 days ago"]
)
def test_what_there_is_not(words: str) -> None:
    with pytest.raises(AskError, match="no such time"):
        taken(words, CALENDAR)


def test_days_are_those_of_the_zone_also_where_clocks_change() -> None:
    berlin = Calendar(ms("2026-10-26T10:00Z"), ZoneInfo("Europe/Berlin"))
    span, _ = taken("yesterday", berlin)
    assert span == Span(ms("2026-10-24T22:00Z"), ms("2026-10-25T23:00Z"))
