"""Signals per hour of each bot."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column
from tradetop.reports.estimate import Estimate, rate
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import minutes, slot_text, stretches

WHOLE = "whole window"


@dataclass(frozen=True, slots=True)
class Signals:
    """How many signals one bot gave in an hour, a day or the whole window."""

    at: str = column("FROM", Unit.NONE)
    bot: str = column("BOT", Unit.NONE)
    signals: int = column("SIGNALS")
    hours: float = column("HOURS")
    per_hour: Estimate = column("PER HOUR", Unit.NONE)


def signals(rollup: Rollup, asked: Asked) -> Report:
    """A row for each bot over the whole window, then one for each hour, or each day of a long window, and bot."""
    source, step = Source(rollup, asked), asked.window.step
    found: defaultdict[tuple[int, int], int] = defaultdict(int)
    for stretch in stretches(asked.window, asked.offset):
        slot = f"(hour * {HOUR // MINUTE} + {stretch.offset}) / {minutes(step)} AS slot"
        part, grouped = source.within(stretch.since, stretch.until), "AND signals > 0 GROUP BY slot, bot"
        for at, bot, n in part.hours(f"{slot}, bot, SUM(signals)", "hourly", grouped):
            found[at, bot] += n
    names = rollup.texts({bot for _, bot in found})
    hours, each = source.covered(), step / HOUR
    totals: defaultdict[int, int] = defaultdict(int)
    for (_, bot), n in found.items():
        totals[bot] += n
    rows = [Signals(WHOLE, names[b], n, hours, rate(n, hours)) for b, n in sorted(totals.items(), key=lambda x: -x[1])]
    for (at, bot), n in sorted(found.items(), key=lambda one: (one[0][0], names[one[0][1]])):
        rows.append(Signals(slot_text(at, step), names[bot], n, each, rate(n, each)))
    notes = ("an hour or day without a row had no signal of that bot",)
    return Report("signals", asked.window, Signals, rows, notes if rows else ())
