"""How long stages took, as it is kept: every single one by hour, and by day what longer windows need."""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable

from tradetop.model.clock import DAY, HOUR
from tradetop.reports.estimate import median, p95
from tradetop.reports.rollup import Rollup
from tradetop.reports.stages import Span

_HOURS = DAY // HOUR


def keep_stages(rollup: Rollup, hour: int, spans: Iterable[Span]) -> None:
    """Put an hour's spans in the place of those known so far."""
    took: defaultdict[tuple[int, int, int, int], array[int]] = defaultdict(lambda: array("q"))
    for span in spans:
        place = rollup.number(span.bot), rollup.number(span.mode), rollup.number(span.strategy), span.stage
        took[place].append(span.took)
    rollup.many("DELETE FROM stages WHERE hour = ?", [(hour,)])
    rollup.many("DELETE FROM unlinked WHERE hour = ?", [(hour,)])
    rollup.many(
        "INSERT INTO stages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (hour, *place, len(ms), sum(ms), sum(x * x for x in ms), sqlite3.Binary(ms.tobytes()))
            for place, ms in took.items()
        ],
    )


def keep_stage_days(rollup: Rollup, days: Iterable[int]) -> None:
    """Work out some days (UTC) anew from their hours."""
    for day in days:
        hours = day * _HOURS, (day + 1) * _HOURS
        rollup.many("DELETE FROM stage_days WHERE day = ?", [(day,)])
        rollup.many(
            "INSERT INTO stage_days SELECT ?, bot, mode, strategy, stage, SUM(n), SUM(total), SUM(squares) FROM stages "
            "WHERE hour >= ? AND hour < ? GROUP BY bot, mode, strategy, stage",
            [(day, *hours)],
        )
        found: defaultdict[tuple[int, int], array[int]] = defaultdict(lambda: array("q"))
        for bot, stage, took in rollup.rows("SELECT bot, stage, took FROM stages WHERE hour >= ? AND hour < ?", hours):
            found[bot, stage].frombytes(took)
        ordered = {place: sorted(took) for place, took in found.items()}
        rollup.many("DELETE FROM latency_days WHERE day = ?", [(day,)])
        rollup.many(
            "INSERT INTO latency_days VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(day, *place, len(ms), median(ms).value, p95(ms).value, ms[-1]) for place, ms in ordered.items()],
        )
