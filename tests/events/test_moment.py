"""Times as bots spell them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.events.moment import milliseconds

T = 1_767_323_045_000
"""2026-01-02 03:04:05 UTC."""


@pytest.mark.parametrize(
    ("spelling", "t"),
    [
        ("2026-01-02T03:04:05Z", T),
        ("2026-01-02T03:04:05", T),
        ("2026-01-02 03:04:05", T),
        ("2026-01-02 03:04:05.25", T + 250),
        ("2026-01-02T03:04:05.123456789Z", T + 123),
        ("2026-01-02T05:04:05+02:00", T),
        ("2026-01-01T22:04:05-0500", T),
        ("2026-01-02 03:04:05 +00:00", T),
        ("2026-01-02 03:04:05 UTC", T),
        ("2026-01-02t03:04:05z", T),
        ("2026/01/02 03:04:05", T),
        ("20260102T030405Z", T),
        (" 2026-01-02T03:04:05Z\n", T),
        ("Fri, 02 Jan 2026 03:04:05 GMT", T),
        ("Fri, 02 Jan 2026 04:04:05 +0100", T),
        (1_767_323_045, T),
        (1_767_323_045.25, T + 250),
        ("1767323045", T),
        ("1767323045.25", T + 250),
        (T, T),
        (str(T), T),
        (T * 1_000, T),
        (T * 1_000_000, T),
        (2_461_042.627835648, T),
        (b"2026-01-02T03:04:05Z", T),
    ],
)
def test_understood(spelling: str | bytes | float, t: int) -> None:
    assert milliseconds(spelling) == t


NOT_TIMES = (
    *(None, "", "now", "yesterday", 0, -1, "0", "1970-01-01T00:00:00Z", 17, "2026-13-01", "９９９９", float("nan")),
    *(float("inf"), 10**30, "1e300", "2026-01-02T25:00:00", "12:00", b"\xff", "9" * 400, "0001-01-01T00:00+14:00"),
)


@pytest.mark.parametrize("spelling", NOT_TIMES)
def test_not_understood(spelling: str | bytes | float | None) -> None:
    assert milliseconds(spelling) is None


@given(st.text() | st.binary() | st.floats() | st.integers())
def test_never_raises(spelling: str | bytes | float) -> None:
    t = milliseconds(spelling)
    assert t is None or t > 0
