"""Results of trades in the order of time, as sums that can be joined: the part of a curve that a day is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from itertools import accumulate, chain
from operator import sub

from tradetop.model.clock import DAY
from tradetop.reports.asked import EVERY, Source
from tradetop.reports.estimate import Estimate, mean, share, sharpe
from tradetop.reports.rollup import Rollup

Place = tuple[int, int]
"""A strategy and a mode, by their numbers."""
_COLUMNS = "n, known, wins, first, second, third, fourth, low, high, drawdown"


@dataclass(frozen=True, slots=True)
class Curve:
    """A stretch of trades; money in USD."""

    n: int = 0
    """Closed trades."""
    known: int = 0
    """Those whose P&L is known; all that follows is of them."""
    wins: int = 0
    first: float = 0.0
    second: float = 0.0
    third: float = 0.0
    fourth: float = 0.0
    """The sums of their first to fourth powers; the first is the P&L."""
    low: float = 0.0
    high: float = 0.0
    """How far the running P&L goes below and above where it began."""
    drawdown: float = 0.0
    """Its deepest fall below its highest so far."""

    def then(self, later: Curve) -> Curve:
        """This stretch and the one after it."""
        return Curve(
            self.n + later.n,
            self.known + later.known,
            self.wins + later.wins,
            self.first + later.first,
            self.second + later.second,
            self.third + later.third,
            self.fourth + later.fourth,
            min(self.low, self.first + later.low),
            max(self.high, self.first + later.high),
            max(self.drawdown, later.drawdown, self.high - (self.first + later.low)),
        )

    @property
    def win_rate(self) -> Estimate:
        """The share of wins among trades whose P&L is known."""
        return share(self.wins, self.known)

    @property
    def average(self) -> Estimate:
        """The mean P&L."""
        return mean(self.known, self.first, self.second)

    @property
    def sharpe(self) -> Estimate:
        """The Sharpe ratio of single trades."""
        return sharpe(self.known, self.first, self.second, self.third, self.fourth)


def curve(results: Iterable[float | None]) -> Curve:
    """The curve of trades in the order of time; None stands for a P&L that is not known."""
    every = list(results)
    known = [pnl for pnl in every if pnl is not None]
    so_far = list(accumulate(known))
    peaks = accumulate(chain((0.0,), so_far), max)
    squares = [pnl * pnl for pnl in known]
    return Curve(
        len(every),
        len(known),
        sum(pnl > 0 for pnl in known),
        so_far[-1] if so_far else 0.0,
        sum(squares),
        sum(map(float.__mul__, squares, known)),
        sum(square * square for square in squares),
        min(0.0, min(so_far, default=0.0)),
        max(0.0, max(so_far, default=0.0)),
        max(map(sub, peaks, chain((0.0,), so_far))),
    )


def keep_curves(rollup: Rollup, days: Iterable[int]) -> None:
    """Work out the curves of some days (UTC) anew, of each bot and of all together."""
    for day in days:
        found: defaultdict[tuple[int, int, int], list[float | None]] = defaultdict(list)
        for bot, strategy, mode, pnl in rollup.rows(
            "SELECT bot, strategy, mode, pnl FROM closes WHERE t >= ? AND t < ? ORDER BY t, key",
            (day * DAY, (day + 1) * DAY),
        ):
            found[bot, strategy, mode].append(pnl)
            found[EVERY, strategy, mode].append(pnl)
        rollup.many(
            "INSERT OR REPLACE INTO curve_days VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(day, *place, *astuple(curve(results))) for place, results in found.items()],
        )


def curves(source: Source) -> dict[Place, Curve]:
    """The curve of each strategy and mode over a window: whole days as they are kept, the rest trade by trade."""
    whole, edges = source.apart()
    parts: list[tuple[int, Place, Curve]] = []
    if whole is not None:
        rows = whole.days(f"day, strategy, mode, {_COLUMNS}", "curve_days", also=f"bot = {source.bot} AND")
        parts += [(day, (strategy, mode), Curve(*rest)) for day, strategy, mode, *rest in rows]
    for edge in edges:
        results: defaultdict[Place, list[float | None]] = defaultdict(list)
        for strategy, mode, pnl in edge.times("strategy, mode, pnl", "closes", "ORDER BY t, key"):
            results[strategy, mode].append(pnl)
        parts += [(edge.asked.window.since // DAY, place, curve(pnl)) for place, pnl in results.items()]
    found: dict[Place, Curve] = {}
    for _, place, part in sorted(parts, key=lambda one: one[0]):
        found[place] = found[place].then(part) if place in found else part
    return found
