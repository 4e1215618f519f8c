"""Raw samples of a server become the scrapes that they were."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from remote.served import series
from tradetop.model.labels import Labels
from tradetop.model.value import Series
from tradetop.remote.scrapes import SETTLED, Scrapes, Sorter

FAR = 1 << 40
UP, A, B, ALONE = series("up"), series("a"), series("b"), series("recorded")


def raw(labels: Labels, times: Sequence[int], values: Sequence[float] | None = None) -> Series:
    return Series(labels, times, values or [1.0] * len(times))


def rows(found: Scrapes) -> dict[int, set[str]]:
    return {t: {labels.name for labels in row} for t, row in found.rows}


def test_what_was_read_together_is_together() -> None:
    found = Sorter().take([raw(UP, [10, 20, 30]), raw(A, [10, 20, 30]), raw(B, [10, 30])], 0, FAR)
    assert rows(found) == {10: {"up", "a", "b"}, 20: {"up", "a"}, 30: {"up", "a", "b"}}


def test_only_what_came_since_counts() -> None:
    found = Sorter().take([raw(UP, [10, 20, 30]), raw(A, [10, 20, 30])], 20, FAR)
    assert rows(found) == {30: {"up", "a"}}


def test_a_series_with_times_of_its_own_stays_alone() -> None:
    sorter = Sorter()
    found = sorter.take([raw(UP, [10, 20]), raw(A, [10, 20]), raw(ALONE, [11, 21])], 0, FAR)
    assert rows(found) == {10: {"up", "a"}, 20: {"up", "a"}}
    assert found.alone == ((ALONE, 11, 1.0), (ALONE, 21, 1.0))
    again = sorter.take([raw(UP, [20, 30]), raw(A, [20, 30]), raw(ALONE, [11, 21, 30])], 20, FAR)
    assert again.alone == ((ALONE, 30, 1.0),)
    assert rows(again) == {30: {"up", "a"}}


def test_without_up_the_series_that_has_most_says_when() -> None:
    found = Sorter().take([raw(A, [10, 20, 30]), raw(B, [20])], 0, FAR)
    assert rows(found) == {10: {"a"}, 20: {"a", "b"}, 30: {"a"}}


def test_a_scrape_that_may_be_on_its_way_is_left_for_the_next_time() -> None:
    sorter, t = Sorter(), 100_000
    sorter.take([raw(UP, [t - 10_000]), raw(A, [t - 10_000])], 0, t - 9_000)
    assert rows(sorter.take([raw(UP, [t])], t - 10_000, t + 100)) == {}
    assert rows(sorter.take([raw(UP, [t]), raw(A, [t])], t - 10_000, t + 1_000)) == {t: {"up", "a"}}
    assert rows(sorter.take([raw(UP, [t + 10_000])], t, t + 10_000 + SETTLED)) == {t + 10_000: {"up"}}


def test_a_failed_scrape_is_believed_at_once() -> None:
    sorter = Sorter()
    sorter.take([raw(UP, [10]), raw(A, [10])], 0, 20)
    assert rows(sorter.take([raw(UP, [20], [0.0])], 10, 21)) == {20: {"up"}}


def test_a_nan_that_stands_for_the_end_of_a_series_is_no_value() -> None:
    sorter, nan = Sorter(), float("nan")
    kept = sorter.take([raw(UP, [10, 20]), raw(A, [10, 20], [1.0, nan])], 0, FAR)
    assert rows(kept) == {10: {"up", "a"}, 20: {"up", "a"}}, "the page itself may say NaN"
    failed = sorter.take([raw(UP, [30, 40], [1.0, 0.0]), raw(A, [30, 40], [1.0, nan])], 20, FAR)
    assert rows(failed) == {30: {"up", "a"}, 40: {"up"}}
    # From here on it is known that the server shows its markers.
    ended = sorter.take([raw(UP, [50, 60, 70]), raw(A, [50, 60, 70], [1.0, nan, nan])], 40, FAR)
    assert rows(ended) == {50: {"up", "a"}, 60: {"up"}, 70: {"up", "a"}}


def test_nothing_is_nothing() -> None:
    assert Sorter().take([], 0, 10) == Scrapes()


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.lists(st.booleans(), min_size=40, max_size=40))
def test_reading_in_parts_gives_the_same_as_reading_at_once(gaps: list[int], there: list[bool]) -> None:
    times = [*accumulate(gaps)]
    some = [t for t, has in zip(times, there, strict=False) if has]
    every = [raw(UP, times), raw(A, times), *([raw(B, some)] if some else [])]
    whole = rows(Sorter().take(every, 0, FAR))
    sorter, parts, since = Sorter(), dict[int, set[str]](), 0
    for cut in (len(times) // 2, len(times)):
        seen = [Series(s.labels, [t for t in s.times if t in times[:cut]], [1.0] * len(s.times)) for s in every]
        seen = [Series(s.labels, s.times, [1.0] * len(s.times)) for s in seen if s.times]
        found = sorter.take(seen, since, FAR)
        parts |= rows(found)
        since = found.rows[-1][0] if found.rows else since
    assert parts == whole
