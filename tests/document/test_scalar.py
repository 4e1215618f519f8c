"""Durations and numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.document import duration, size, span
from tradetop.document.scalar import number, whole


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("30s", 30_000),
        ("2m", 120_000),
        ("1h30m", 5_400_000),
        ("250ms", 250),
        ("1.5s", 1_500),
        ("7d", 604_800_000),
    ],
)
def test_durations(text: str, milliseconds: int) -> None:
    assert duration(text) == milliseconds


@pytest.mark.parametrize("text", ["", "5", "m", "1y", "-1s", "1 s", "1h30", "s1", "99999999d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|ten years"):
        duration(text)


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "0x10", "", "1,5"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|large"):
        number(text)


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_come_back(value: int) -> None:
    assert whole(str(value)) == value
    assert number(str(value)) == value


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("0s", 0),
        ("1ms", 1),
        ("1m30s", 90_000),
        ("1h30m", 5_400_000),
        ("1y2w3d", (365 + 14 + 3) * 86_400_000),
        ("007s", 7_000),
    ],
)
def test_spans_as_prometheus_has_them(text: str, ms: int) -> None:
    assert span(text) == ms


@pytest.mark.parametrize("text", ["", " ", "5", "-1s", "1.5h", "1m1h", "1s1s", "5 m", "1h ", "5x", "٣s", "293y"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a duration|is longer than"):
        span(text)


@pytest.mark.parametrize(
    ("text", "count"), [("1B", 1), ("2kb", 2_000), ("2 KiB", 2_048), ("1.5MiB", 1_572_864), ("3GB", 3_000_000_000)]
)
def test_sizes(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "5", "MiB", "1 PiB", "-1MiB", "1e9B", "1,5GiB", "٣MiB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size; write 500MiB or 2GiB"):
        size(text)
