"""How long a trade's stages take: from signal to risk check to execution."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass

from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column
from tradetop.reports.estimate import FEW_MEDIAN, FEW_P95, Estimate, median, p95
from tradetop.reports.rollup import Rollup
from tradetop.reports.signals import WHOLE
from tradetop.reports.stages import LINK, STAGES
from tradetop.reports.window import Window, day_text, minutes, slot_text, stretches

MOST = 200_000
"""Stages that a report sorts; of a longer window than those fill it takes the days as they are kept."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one stage took one bot, in an hour, a day or the whole window."""

    at: str = column("FROM", Unit.NONE)
    bot: str = column("BOT", Unit.NONE)
    stage: str = column("STAGE", Unit.NONE)
    n: int = column("N")
    median: Estimate = column("MEDIAN", Unit.MILLISECONDS)
    p95: Estimate = column("P95", Unit.MILLISECONDS)
    longest: int = column("LONGEST", Unit.MILLISECONDS)


def latency(rollup: Rollup, asked: Asked, most: int = MOST) -> Report:
    """Rows for each bot and stage over the whole window, then for each hour, or each day of a long window.

    A long window with more than `most` stages has its whole days alone.
    """
    source = Source(rollup, asked)
    if source.asked.window.step == HOUR or _spans(source) <= most:
        return Report("latency", asked.window, Latency, _exactly(source), _notes(source))
    chosen = "day, bot, stage, n, middle, p95, longest"
    window = Window(-(-asked.window.since // DAY) * DAY, asked.window.until // DAY * DAY)
    found = source.within(window.since, window.until).days(chosen, "latency_days")
    names = rollup.texts({row[1] for row in found})
    rows = [
        Latency(day_text(day), names[bot], STAGES[stage], n, *_as_estimates(n, middle, high), longest)
        for day, bot, stage, n, middle, high, longest in sorted(found, key=lambda row: (row[0], names[row[1]], row[2]))
    ]
    note = f"more than {most:,} stages: told by whole days of UTC and all strategies together"
    return Report("latency", window, Latency, rows, (*_notes(source), note))


def _spans(source: Source) -> int:
    whole, _ = source.apart()
    return 0 if whole is None else int(whole.days("TOTAL(n)", "stage_days")[0][0])


def _as_estimates(n: int, middle: float, high: float) -> tuple[Estimate, Estimate]:
    return Estimate(middle, n, too_few=n < FEW_MEDIAN), Estimate(high, n, too_few=n < FEW_P95)


def _exactly(source: Source) -> list[Latency]:
    """By every single span."""
    asked, step = source.asked, source.asked.window.step
    parts: defaultdict[tuple[int, int, int], array[int]] = defaultdict(lambda: array("q"))
    for stretch in stretches(asked.window, asked.offset):
        slot = f"(hour * {HOUR // MINUTE} + {stretch.offset}) / {minutes(step)} AS slot"
        part = source.within(stretch.since, stretch.until)
        for at, bot, stage, took in part.hours(f"{slot}, bot, stage, took", "stages"):
            parts[at, bot, stage].frombytes(took)
    wholes: defaultdict[tuple[int, int], array[int]] = defaultdict(lambda: array("q"))
    for (_, bot, stage), spans in parts.items():
        wholes[bot, stage].extend(spans)
    names = source.rollup.texts({bot for bot, _ in wholes})
    rows = [_row(WHOLE, names[bot], stage, spans) for (bot, stage), spans in wholes.items()]
    rows += [_row(slot_text(at, step), names[bot], stage, spans) for (at, bot, stage), spans in parts.items()]
    # The whole window first, then by time.
    return sorted(rows, key=lambda row: (row.at != WHOLE, row.at, row.bot, STAGES.index(row.stage)))


def _notes(source: Source) -> tuple[str, ...]:
    linked = (
        "stages are linked by the ids that events name (signal_id, trade_id, ...); without any, each follows the "
        f"newest one before it of the same bot, pair and strategy, at most {LINK // MINUTE} min earlier"
    )
    window = source.asked.window
    missing = source.rollup.rows(
        "SELECT COUNT(*) FROM unlinked WHERE hour >= ? AND hour < ?", (window.since // HOUR, window.until // HOUR)
    )[0][0]
    if not missing:
        return (linked,)
    return (linked, f"{missing:,} hours are left out: the database holds their events too far apart to be linked")


def _row(at: str, bot: str, stage: int, took: array[int]) -> Latency:
    ordered = sorted(took)
    return Latency(at, bot, STAGES[stage], len(ordered), median(ordered), p95(ordered), ordered[-1])
