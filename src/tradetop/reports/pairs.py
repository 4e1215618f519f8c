"""Win rate of each strategy on each pair."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column
from tradetop.reports.estimate import Estimate
from tradetop.reports.results import results
from tradetop.reports.rollup import Rollup


@dataclass(frozen=True, slots=True)
class OnPair:
    """What one strategy did on one pair in one mode; money in USD."""

    strategy: str = column("STRATEGY", Unit.NONE)
    pair: str = column("PAIR", Unit.NONE)
    mode: str = column("MODE", Unit.NONE)
    trades: int = column("TRADES")
    wins: int = column("WINS")
    losses: int = column("LOSSES")
    unknown: int = column("NO P&L")
    win_rate: Estimate = column("WIN RATE", Unit.RATIO)
    pnl: float = column("P&L", Unit.USD)
    average: Estimate = column("AVG P&L", Unit.USD)


def pairs(rollup: Rollup, asked: Asked) -> Report:
    """A row for each strategy, pair and mode with closed trades, the best interval's lower end first."""
    found = results(Source(rollup, asked), "strategy, pair, mode")
    names = rollup.texts({i for place in found for i in place})
    rows = [
        OnPair(
            strategy=names[strategy],
            pair=names[pair],
            mode=names[mode],
            trades=one.n,
            wins=one.wins,
            losses=one.losses,
            unknown=one.n - one.known,
            win_rate=one.win_rate,
            pnl=one.pnl,
            average=one.average,
        )
        for (strategy, pair, mode), one in found.items()
    ]
    rows.sort(key=lambda row: (-(row.win_rate.low or 0.0), row.strategy, row.pair, row.mode))
    notes = ("ordered by the lower end of the interval: many trades at 60 % stand above three of three",)
    return Report("pairs", asked.window, OnPair, rows, notes if rows else ())
