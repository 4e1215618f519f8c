"""What trades earned, added up by whatever tells them apart: whole days as they are kept, the rest trade by trade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import chain
from typing import Any

from tradetop.reports.asked import Source
from tradetop.reports.estimate import Estimate, mean, share

_DAYS = "SUM(n), SUM(known), SUM(wins), SUM(losses), TOTAL(pnl), TOTAL(squares)"
_SUMS = "COUNT(*), COUNT(pnl), TOTAL(pnl > 0), TOTAL(pnl < 0), TOTAL(pnl), TOTAL(pnl * pnl)"
"""What is asked of closes one by one."""


@dataclass(frozen=True, slots=True)
class Result:
    """What some closed trades earned; money in USD."""

    n: int = 0
    known: int = 0
    """Those whose P&L is known."""
    wins: int = 0
    losses: int = 0
    pnl: float = 0.0
    squares: float = 0.0

    def plus(self, other: Result) -> Result:
        """Both together."""
        return Result(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def win_rate(self) -> Estimate:
        """The share that won of those whose P&L is known."""
        return share(self.wins, self.known)

    @property
    def losing(self) -> Estimate:
        """The share that lost of them."""
        return share(self.losses, self.known)

    @property
    def average(self) -> Estimate:
        """Their mean P&L."""
        return mean(self.known, self.pnl, self.squares)


def _summed(sums: Sequence[Any]) -> Result:
    """What one row of `_SUMS` says."""
    n, known, wins, losses, pnl, squares = sums
    return Result(n, known, int(wins), int(losses), pnl, squares)


def results(source: Source, by: str) -> dict[tuple[int, ...], Result]:
    """The results of a window's trades by some columns, which are our own words."""
    whole, edges = source.apart()
    parts = [edge.times(f"{by}, {_SUMS}", "closes", f"GROUP BY {by}") for edge in edges]
    if whole is not None:
        parts.append(whole.days(f"{by}, {_DAYS}", "close_days", f"GROUP BY {by}"))
    found: dict[tuple[int, ...], Result] = {}
    columns = by.count(",") + 1
    for row in chain.from_iterable(parts):
        place = row[:columns]
        found[place] = found.get(place, Result()).plus(_summed(row[columns:]))
    return found
