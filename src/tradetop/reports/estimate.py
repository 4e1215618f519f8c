"""Figures with what they are worth: how many they rest on, a 95 % interval, and whether those are too few."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEW = 30
"""Below so many a share, a mean or a Sharpe ratio is marked as resting on too few."""
FEW_P95 = 20
"""Below so many a 95th percentile is nothing but the largest value."""
FEW_MEDIAN = 5
_SAME = 1e-18
"""Results whose variance is no larger are all the same, but for what rounding makes of them."""
_Z = 1.959964
# fmt: off
_STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)
# fmt: on
"""97.5 % quantiles of Student's distribution with 1 to 30 degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure worked out of `n` observations; None where they allow none."""

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    """The ends of its 95 % interval."""
    too_few: bool = False

    def times(self, factor: float) -> Estimate:
        """The same in another unit; the factor is positive."""
        value, low, high = (None if x is None else x * factor for x in (self.value, self.low, self.high))
        return Estimate(value, self.n, low, high, self.too_few)


def share(part: int, n: int) -> Estimate:
    """`part` of `n` with Wilson's interval (E. B. Wilson, JASA 22, 1927, 209-212): right for small n, near 0 and 1."""
    if n == 0:
        return Estimate(None, 0, too_few=True)
    p, z2 = part / n, _Z * _Z
    middle, half = p + z2 / (2 * n), _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)
    return Estimate(p, n, min(p, max(0.0, low)), max(p, min(1.0, high)), n < FEW)


def mean(n: int, total: float, squares: float) -> Estimate:
    """The mean of `n` values by their sum and the sum of their squares, with Student's interval."""
    if n == 0:
        return Estimate(None, 0, too_few=True)
    value = total / n
    if n == 1:
        return Estimate(value, 1, too_few=True)
    half = student(n - 1) * math.sqrt(max(0.0, (squares - total * value) / (n - 1)) / n)
    return Estimate(value, n, value - half, value + half, n < FEW)


def sharpe(n: int, first: float, second: float, third: float, fourth: float) -> Estimate:
    """Mean over standard deviation of `n` results by the sums of their powers, with the interval that skew needs.

    Its variance is (1 + S^2/2 - skew S + (kurtosis - 3)/4 S^2) / n: A. Lo, Financial Analysts Journal 58(4), 2002,
    36-52, for normal results, and E. Mertens, "Comments on variance of the IID estimator in Lo (2002)", 2002, for all.
    """
    if n < 2:
        return Estimate(None, n, too_few=True)
    m = first / n
    spread = second / n - m * m
    if not spread > max(1e-12 * m * m, _SAME):
        return Estimate(None, n, too_few=True)
    skew = (third / n - 3 * m * second / n + 2 * m**3) / spread**1.5
    kurtosis = (fourth / n - 4 * m * third / n + 6 * m * m * second / n - 3 * m**4) / spread**2
    value = m / math.sqrt(spread * n / (n - 1))
    variance = (1 + value**2 / 2 - skew * value + (kurtosis - 3) / 4 * value**2) / n
    half = _Z * math.sqrt(max(0.0, variance))
    return Estimate(value, n, value - half, value + half, n < FEW)


def rate(count: int, over: float) -> Estimate:
    """Events per unit of time, `over` units, with Byar's interval of a count (Breslow, Day, IARC 82, 1987, p. 69)."""
    if over <= 0:
        return Estimate(None, count, too_few=True)
    more = count + 1
    low = count * (1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3 if count else 0.0
    high = more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3
    return Estimate(count / over, count, max(0.0, low) / over, high / over, count < FEW)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """One figure less another that is independent of it, by their intervals' ends.

    R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890, method 10, for shares with Wilson's intervals; for means
    the same is the usual interval of two variances (G. Y. Zou and A. Donner, ibid. 27, 2008, 1693-1702).
    """
    n, few = min(one.n, other.n), one.too_few or other.too_few
    if one.value is None or other.value is None:
        return Estimate(None, n, too_few=True)
    apart = one.value - other.value
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Estimate(apart, n, too_few=True)
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(apart, n, apart - below, apart + above, few)


def median(ordered: Sequence[float]) -> Estimate:
    """The middle of values in order, or the mean of the two in the middle."""
    n = len(ordered)
    value = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2 if n else None
    return Estimate(value, n, too_few=n < FEW_MEDIAN)


def p95(ordered: Sequence[float]) -> Estimate:
    """The smallest of values in order that 95 % of them do not exceed (nearest rank)."""
    n = len(ordered)
    return Estimate(float(ordered[-(-95 * n // 100) - 1]) if n else None, n, too_few=n < FEW_P95)


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's distribution; above 30 degrees of freedom within 0.002."""
    return _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else _Z + 2.4 / freedom
