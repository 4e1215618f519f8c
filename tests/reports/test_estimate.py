"""Figures and their intervals, by answers that are published or can be worked out by hand."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.reports.estimate import FEW, difference, mean, median, p95, rate, share, sharpe, student


def ends(estimate: object) -> tuple[float, float]:
    low, high = estimate.low, estimate.high  # type: ignore[attr-defined]
    return round(low, 4), round(high, 4)


def test_wilson_s_interval_of_a_share() -> None:
    # Newcombe, Statistics in Medicine 17, 1998, 857-872, table I: the score method without continuity correction.
    assert ends(share(81, 263)) == (0.2553, 0.3662)
    assert ends(share(15, 148)) == (0.0624, 0.1605)
    assert ends(share(0, 20)) == (0.0, 0.1611)
    assert ends(share(1, 29)) == (0.0061, 0.1718)
    assert share(0, 0).value is None


def test_newcombe_s_interval_of_a_difference_of_shares() -> None:
    # Newcombe, ibid. 873-890, table II, method 10: 56/70 less 48/80, and 9/10 less 3/10.
    assert ends(difference(share(56, 70), share(48, 80))) == (0.0524, 0.3339)
    assert ends(difference(share(9, 10), share(3, 10))) == (0.1705, 0.8090)


def test_student_s_interval_of_a_mean() -> None:
    values = [float(x) for x in range(1, 11)]
    found = mean(10, sum(values), sum(x * x for x in values))
    assert found.value == 5.5
    assert ends(found) == (3.3343, 7.6657)
    assert found.too_few
    assert mean(1, 5.0, 25.0).low is None
    assert mean(0, 0.0, 0.0).value is None


def test_byar_s_interval_of_a_count() -> None:
    # Exact (Garwood): 10 events, 4.795 to 18.390; none, 0 to 3.689.
    assert rate(10, 1.0).low == pytest.approx(4.795, abs=0.01)
    assert rate(10, 1.0).high == pytest.approx(18.390, abs=0.01)
    assert rate(0, 2.0).high == pytest.approx(3.689 / 2, abs=0.03)
    assert rate(3, 0.0).value is None


def of(values: list[float]) -> tuple[int, float, float, float, float]:
    return (len(values), *(math.fsum(x**k for x in values) for k in (1, 2, 3, 4)))  # type: ignore[return-value]


def test_sharpe_s_ratio_with_the_interval_of_lo_and_mertens() -> None:
    values = [1.0, -1.0, 3.0, 1.0] * 25
    found = sharpe(*of(values))
    middle, spread = statistics.fmean(values), statistics.stdev(values)
    assert found.value == pytest.approx(middle / spread)
    s = middle / spread
    apart = [x - middle for x in values]
    population = statistics.pstdev(values)
    skew = statistics.fmean(x**3 for x in apart) / population**3
    kurtosis = statistics.fmean(x**4 for x in apart) / population**4
    error = math.sqrt((1 + s * s / 2 - skew * s + (kurtosis - 3) / 4 * s * s) / 100)
    assert found.high == pytest.approx(s + 1.959964 * error)
    assert not found.too_few


def test_a_sharpe_ratio_of_twelve_trades_says_that_they_are_too_few() -> None:
    found = sharpe(*of([4.0, 9.0, -2.0, 7.0, 5.0, 3.0, 8.0, -1.0, 6.0, 2.0, 4.0, 5.0]))
    assert found.value is not None
    assert found.value > 1
    assert found.too_few
    assert found.n == 12 < FEW
    assert found.low is not None
    assert found.low < 0.75


def test_results_that_are_all_the_same_have_no_sharpe_ratio() -> None:
    assert sharpe(*of([2.5] * 40)).value is None
    assert sharpe(*of([0.1] * 40)).value is None
    assert sharpe(1, 5.0, 25.0, 125.0, 625.0).value is None
    assert sharpe(*of([0.0] * 5)).value is None


def test_median_and_95th_percentile() -> None:
    assert median([3, 5]).value == 4.0
    assert median([1, 2, 9]).value == 2.0
    assert median([]).value is None
    assert median([1, 2, 9]).too_few
    assert p95(list(range(1, 101))).value == 95.0
    assert p95(list(range(1, 21))).value == 19.0
    assert p95([7]).value == 7.0
    assert p95([7]).too_few
    assert p95([]).value is None


def test_student_s_quantiles_meet_where_the_table_ends() -> None:
    # Of 40, 60 and 120 degrees of freedom: 2.021, 2.000, 1.980.
    for freedom, quantile in ((1, 12.706), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980)):
        assert student(freedom) == pytest.approx(quantile, abs=0.002)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_lies_in_its_interval_and_the_interval_between_0_and_1(wins: int, losses: int) -> None:
    found = share(wins, wins + losses)
    if found.value is not None:
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.too_few == (wins + losses < FEW)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2))
def test_a_sharpe_ratio_lies_in_its_interval(values: list[float]) -> None:
    found = sharpe(*of(values))
    if found.value is not None:
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
