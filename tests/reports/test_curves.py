"""Curves of trades: parts that are joined say what the whole says."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.reports.curves import Curve, curve

RESULTS = st.lists(st.none() | st.floats(-1e4, 1e4))


def test_the_deepest_fall_is_from_the_highest_before_it() -> None:
    found = curve([100.0, -30.0, 20.0, -60.0, None, 200.0, -10.0])
    assert (found.n, found.known, found.wins) == (7, 6, 3)
    assert found.drawdown == 70.0
    assert found.first == 220.0


def test_a_curve_that_only_falls_falls_from_zero() -> None:
    assert curve([-5.0, -7.0]).drawdown == 12.0
    assert curve([]) == Curve()
    assert curve([None]).drawdown == 0.0


@given(RESULTS, RESULTS, RESULTS)
def test_parts_joined_are_the_whole(
    one: list[float | None], two: list[float | None], three: list[float | None]
) -> None:
    joined = curve(one).then(curve(two)).then(curve(three))
    assert astuple(joined) == pytest.approx(astuple(curve(one + two + three)), rel=1e-9, abs=1e-6)
    assert joined.win_rate == curve(one + two + three).win_rate
