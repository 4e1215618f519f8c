"""Performance day by day, per bot and mode: trade volume, wins and losses, error rate and the trend of the P&L."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column, home_modes
from tradetop.reports.counts import TOTALS
from tradetop.reports.estimate import Estimate, share
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import day_text, stretches

_DAY_MINUTES = 1_440
_KNOWN = TOTALS.index("known")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one bot in one mode; money in USD."""

    day: str = column("DAY", Unit.NONE)
    bot: str = column("BOT", Unit.NONE)
    mode: str = column("MODE", Unit.NONE)
    events: int = column("EVENTS")
    signals: int = column("SIGNALS")
    risk_checks: int = column("RISK")
    opened: int = column("OPENED")
    closed: int = column("CLOSED")
    wins: int = column("WINS")
    losses: int = column("LOSSES")
    unknown: int = column("NO P&L")
    """Closes whose P&L is missing or cannot be read: neither wins nor losses, and in no sum."""
    win_loss: float | None = column("W/L", Unit.NONE)
    """Wins for each loss; None without any loss."""
    win_rate: Estimate = column("WIN RATE", Unit.RATIO)
    errors: int = column("ERRORS")
    error_rate: Estimate = column("ERROR RATE", Unit.RATIO)
    """Errors among all events."""
    pnl: float = column("P&L", Unit.USD)
    pnl_so_far: float = column("SO FAR", Unit.USD)
    """The same since the window began: the trend."""


def daily(rollup: Rollup, asked: Asked) -> Report:
    """A row for each day of the zone, bot and mode in which something happened; money of one mode only."""
    source = Source(rollup, asked)
    homes, unsaid = home_modes(source), rollup.find("")
    sums: dict[tuple[int, int, int], list[float]] = {}
    for at, bot, mode, *found in _totals(source):
        place = at, bot, homes.get(bot, mode) if mode == unsaid else mode
        sums[place] = [a + b for a, b in zip(sums.get(place, [0] * len(TOTALS)), found, strict=True)]
    names = rollup.texts({i for _, bot, mode in sums for i in (bot, mode)})
    so_far: defaultdict[tuple[int, int], float] = defaultdict(float)
    rows = []
    for at, bot, mode in sorted(sums, key=lambda one: (one[0], names[one[1]], names[one[2]])):
        *counts, pnl = sums[at, bot, mode]
        if not counts[0]:
            # All of it belongs to the day beside it.
            continue
        # Hours that were taken away leave the dust of rounding.
        pnl = pnl if counts[_KNOWN] else 0.0
        so_far[bot, mode] += pnl
        rows.append(_day((day_text(at), names[bot], names[mode]), list(map(int, counts)), pnl, so_far[bot, mode]))
    return Report("daily", asked.window, Day, rows)


def _totals(source: Source) -> Iterator[tuple[Any, ...]]:
    """Day, bot and mode with their sums: whole days of UTC as they are kept, others by the hour."""
    chosen = ", ".join(f"SUM({name})" for name in TOTALS)
    asked = source.asked
    for stretch in stretches(asked.window, asked.offset):
        part = source.within(stretch.since, stretch.until)
        whole, edges = part.apart() if not asked.strategies else (None, [part])
        there = f"(hour * {HOUR // MINUTE} + {stretch.offset}) / {_DAY_MINUTES}"
        for edge in edges:
            yield from edge.hours(f"{there} AS day, bot, mode, {chosen}", "hourly", "GROUP BY day, bot, mode")
        if whole is None:
            continue
        yield from whole.days(f"day, bot, mode, {', '.join(TOTALS)}", "bot_days")
        if stretch.offset:
            # Of a day in UTC some hours belong to the day before or after it there.
            moved = f"AND {there} <> hour / 24 GROUP BY here, day, bot, mode"
            columns = f"hour / 24 AS here, {there} AS day, bot, mode, {chosen}"
            for here, day, bot, mode, *n in whole.hours(columns, "hourly", moved):
                yield (day, bot, mode, *n)
                yield (here, bot, mode, *(-x for x in n))


def _day(place: tuple[str, str, str], counts: Sequence[int], pnl: float, so_far: float) -> Day:
    events, signals, risks, opened, closed, errors, known, wins, losses = counts
    return Day(
        *place,
        events=events,
        signals=signals,
        risk_checks=risks,
        opened=opened,
        closed=closed,
        wins=wins,
        losses=losses,
        unknown=closed - known,
        win_loss=wins / losses if losses else None,
        win_rate=share(wins, known),
        errors=errors,
        error_rate=share(errors, events),
        pnl=pnl,
        pnl_so_far=so_far,
    )
