"""Intervals: which values a number can have, and why it can have no others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf, isnan

from tradetop.doctor.verdict import Finding


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`; NaN, which no comparison lets through, is never meant."""

    low: float = -inf
    high: float = inf
    low_why: Finding | None = None
    high_why: Finding | None = None

    @property
    def constant(self) -> bool:
        """Whether it holds a single number."""
        return self.low == self.high

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.high_why, self.low_why)

    def __add__(self, other: Interval) -> Interval:
        low, high = _sum(self.low, other.low, -inf), _sum(self.high, other.high, inf)
        return Interval(low, high, self.low_why or other.low_why, self.high_why or other.high_why)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        if other.constant and other.low >= 0:
            return Interval(_product(self.low, other.low), _product(self.high, other.low), self.low_why, self.high_why)
        if self.constant and self.low >= 0:
            return other * self
        if other.constant:
            return -self * -other
        corners = [_product(x, y) for x in (self.low, self.high) for y in (other.low, other.high)]
        why = self.low_why or other.low_why
        return Interval(min(corners), max(corners), why, self.high_why or other.high_why)

    def __truediv__(self, other: Interval) -> Interval:
        if other.constant and other.low != 0 and abs(other.low) != inf:
            return self * Interval(1 / other.low, 1 / other.low)
        if self.low >= 0 and other.low >= 0:
            return Interval(low=0.0, low_why=self.low_why)
        return ANYTHING

    def __or__(self, other: Interval) -> Interval:
        """Both together."""
        low = self if self.low <= other.low else other
        high = self if self.high >= other.high else other
        return Interval(low.low, high.high, low.low_why, high.high_why)

    def clamped(self, low: float, high: float) -> Interval:
        """What is left where smaller and larger numbers become the ends."""
        return replace(self, low=max(low, min(self.low, high)), high=min(high, max(self.high, low)))


ANYTHING = Interval()
NOT_NEGATIVE = Interval(low=0.0)


def between(low: float, high: float, why: Finding | None = None) -> Interval:
    """An interval with one reason for both ends."""
    return Interval(low, high, why, why)


def hull(intervals: Iterable[Interval | None]) -> Interval | None:
    """The interval that holds all of them; None where one is not known, or there is none."""
    found: Interval | None = None
    for each in intervals:
        if each is None:
            return None
        found = each if found is None else found | each
    return found


def satisfiable(op: str, a: Interval, b: Interval) -> bool:
    """Whether some number of `a` compares so with some number of `b`."""
    match op:
        case ">":
            return a.high > b.low
        case ">=":
            return a.high >= b.low
        case "<":
            return a.low < b.high
        case "<=":
            return a.low <= b.high
        case "==":
            return a.low <= b.high and b.low <= a.high
        case _:
            return not (a.constant and b.constant and a.low == b.low)


def certain(op: str, a: Interval, b: Interval) -> bool:
    """Whether every number of `a` compares so with every number of `b`."""
    opposite = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}[op]
    if op == "==":
        return a.constant and b.constant and a.low == b.low
    return not satisfiable(opposite, a, b)


def obstacle(op: str, a: Interval, b: Interval) -> Finding | None:
    """Why no number of `a` compares so with one of `b`, where a reason is known."""
    if op in (">", ">=") or (op == "==" and a.high < b.low):
        return a.high_why or b.low_why
    return a.low_why or b.high_why


def _sum(x: float, y: float, otherwise: float) -> float:
    total = x + y
    return otherwise if isnan(total) else total


def _product(x: float, y: float) -> float:
    return 0.0 if x == 0 or y == 0 else x * y
