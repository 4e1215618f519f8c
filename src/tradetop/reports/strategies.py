"""The comparison of strategies: seven figures of each, any two of them side by side, with what they are worth."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain

from tradetop.model.clock import DAY, HOUR
from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column, home_modes
from tradetop.reports.curves import Curve, Place, curves
from tradetop.reports.estimate import Estimate, mean, rate
from tradetop.reports.rollup import Rollup
from tradetop.reports.stages import TO_EXECUTION

_YEAR = 365.25 * DAY / HOUR


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy in one mode; money in USD."""

    strategy: str = column("STRATEGY", Unit.NONE)
    mode: str = column("MODE", Unit.NONE)
    trades: int = column("TRADES")
    """Closed ones."""
    unknown: int = column("NO P&L")
    """Of them those whose P&L is missing or cannot be read: in no other figure."""
    win_rate: Estimate = column("WIN RATE", Unit.RATIO)
    pnl: float = column("P&L", Unit.USD)
    average: Estimate = column("AVG P&L", Unit.USD)
    drawdown: float = column("MAX DRAWDOWN", Unit.USD)
    """The deepest fall of the running P&L below its highest within the window."""
    sharpe: Estimate = column("SHARPE/TRADE", Unit.NONE)
    sharpe_year: Estimate = column("SHARPE/YEAR", Unit.NONE)
    """The same, times the square root of the trades of a year."""
    signals: int = column("SIGNALS")
    signals_per_hour: Estimate = column("SIGNALS/H", Unit.NONE)
    latency: Estimate = column("AVG LATENCY", Unit.MILLISECONDS)
    """From signal to execution."""


def strategies(rollup: Rollup, asked: Asked) -> Report:
    """A row for each strategy and mode, those with most trades first."""
    source = Source(rollup, asked)
    results, signals, latency = curves(source), _signals(source), _latency(source)
    hours = source.covered()
    places = {*results, *signals, *latency}
    names = rollup.texts({i for place in places for i in place})
    rows = [
        _row(names[s], names[mode], results.get((s, mode), Curve()), signals[s, mode], hours, latency.get((s, mode)))
        for s, mode in places
    ]
    rows.sort(key=lambda row: (-row.trades, -row.signals, row.strategy, row.mode))
    unknown = sum(row.unknown for row in rows)
    notes = (f"{unknown:,} closed trades say no P&L that can be read: they count as trades and in nothing else",)
    return Report("strategies", asked.window, Strategy, rows, notes if unknown else ())


def _signals(source: Source) -> Counter[Place]:
    """Signals by strategy and mode; what says no mode belongs to its bot's only one."""
    homes, unsaid = home_modes(source), source.rollup.find("")
    found: Counter[Place] = Counter()
    grouped = "AND signals > 0 GROUP BY bot, strategy, mode"
    for bot, strategy, mode, n in source.hours("bot, strategy, mode, SUM(signals)", "hourly", grouped):
        found[strategy, homes.get(bot, mode) if mode == unsaid else mode] += n
    return found


def _latency(source: Source) -> dict[Place, Estimate]:
    """The mean time from signal to execution."""
    homes, unsaid = home_modes(source), source.rollup.find("")
    chosen = "bot, strategy, mode, SUM(n), SUM(total), TOTAL(squares)"
    where = f"AND stage = {TO_EXECUTION} GROUP BY bot, strategy, mode"
    whole, edges = source.apart()
    parts = [edge.hours(chosen, "stages", where) for edge in edges]
    if whole is not None:
        parts.append(whole.days(chosen, "stage_days", where))
    sums: defaultdict[Place, list[float]] = defaultdict(lambda: [0, 0, 0])
    for bot, strategy, mode, *found in chain.from_iterable(parts):
        place = strategy, homes.get(bot, mode) if mode == unsaid else mode
        sums[place] = [a + b for a, b in zip(sums[place], found, strict=True)]
    return {place: mean(int(n), total, squares) for place, (n, total, squares) in sums.items()}


def _row(strategy: str, mode: str, results: Curve, signals: int, hours: float, latency: Estimate | None) -> Strategy:
    single = results.sharpe
    return Strategy(
        strategy=strategy,
        mode=mode,
        trades=results.n,
        unknown=results.n - results.known,
        win_rate=results.win_rate,
        pnl=results.first,
        average=results.average,
        drawdown=results.drawdown,
        sharpe=single,
        sharpe_year=single.times(math.sqrt(results.known * _YEAR / hours)) if hours else single,
        signals=signals,
        signals_per_hour=rate(signals, hours),
        latency=latency or mean(0, 0.0, 0.0),
    )
