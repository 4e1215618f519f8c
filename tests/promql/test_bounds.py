"""Where windows begin and end: what is remembered is what would be searched anew."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from tradetop.promql.bounds import MOST, Bounds

GAPS = st.lists(st.sampled_from([1, 9_999, 10_000, 10_000, 10_000, 10_001, 600_000]), max_size=60)
REFS = st.builds(
    lambda start, count, step: range(start, start + count * step, step),
    st.integers(-100_000, 900_000),
    st.integers(1, 50),
    st.sampled_from([1, 5_000, 7_000, 10_000, 35_000]),
)
SPANS = st.sampled_from([1, 10_000, 35_000, 70_000, 10**9])


def searched(times: array[int], refs: range, span: int) -> tuple[list[int], list[int]]:
    return [bisect_right(times, ref - span) for ref in refs], [bisect_right(times, ref) for ref in refs]


@given(GAPS, GAPS, st.lists(st.tuples(REFS, SPANS), min_size=1, max_size=6))
def test_places_are_right_while_times_grow_and_are_cut(
    first: list[int], more: list[int], asked: list[tuple[range, int]]
) -> None:
    bounds, times, t = Bounds(), array("q"), 0
    for gaps, cut in ((first, 0), ([], 0), (more, 0), ([], len(first) // 2), (more, 1)):
        for gap in gaps:
            t += gap
            times.append(t)
        del times[:cut]
        for refs, span in asked:
            # Every evaluation has a range of its own, which all its columns share.
            again = range(refs.start, refs.stop, refs.step)
            assert bounds.of(times, again, span) == searched(times, refs, span)
            assert bounds.of(times, again, span) == searched(times, refs, span)


def test_columns_with_times_of_their_own_do_not_fill_memory() -> None:
    bounds = Bounds()
    for i in range(MOST // 10):
        times = array("q", [i, i + 1])
        assert bounds.of(times, range(i, i + 1), 1) == ([0], [1])
    assert len(bounds) < MOST // 30
