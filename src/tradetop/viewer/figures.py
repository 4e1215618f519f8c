"""Figures of one series over the window: least, greatest, average, time beyond each threshold, gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradetop.dashboards.evaluate import Evaluator
from tradetop.model.clock import SECOND
from tradetop.model.detail_frame import StatsFrame
from tradetop.model.panel import Threshold
from tradetop.model.panel_frame import SeriesFrame, Trend
from tradetop.model.value import Matrix

FINEST = 2_000
"""Points that the figures are taken from at most."""
MISSED = 5
"""Halves of an interval after which a page that has not come is missing."""


def figures(
    engine: Evaluator,
    expr: str,
    series: SeriesFrame,
    thresholds: Sequence[Threshold],
    interval: int,
    span: int,
    at: int,
) -> StatsFrame:
    """The series' figures over `span` up to `at` (ms), of one sample for each scrape or as many as can be afforded."""
    step = max(interval, -(-span // FINEST) // SECOND * SECOND, SECOND)
    value = engine.range(expr, start=at - span, end=at, step=step)
    found = [s for s in value.series if s.labels == series.labels] if isinstance(value, Matrix) else []
    there = [(t, v) for s in found for t, v in zip(s.times, s.values, strict=True) if v == v]
    values = [v for _, v in there]
    if not values:
        return StatsFrame(series.reading.value, None, None, None, None, (), 0, step)
    gaps, missing = _gaps([t for t, _ in there], at, step)
    return StatsFrame(
        now=series.reading.value,
        minimum=min(values),
        average=math.fsum(values) / len(values),
        p95=_quantile(sorted(values), 0.95),
        maximum=max(values),
        above=tuple((t, step * sum(map(t.crossed, values))) for t in thresholds),
        samples=len(values),
        step=step,
        gaps=gaps,
        missing=missing,
    )


def reached(engine: Evaluator, trend: Trend, interval: int) -> tuple[float, ...]:
    """For each column of a trend: 1 the bot's page arrived, 0 it did not, NaN nobody was recording."""
    if not len(trend.values):
        return ()
    seconds = max(trend.step, interval * MISSED // 2) // SECOND or 1
    end = trend.start + trend.step * (len(trend.values) - 1)
    value = engine.range(f"max_over_time(up[{seconds}s])", start=trend.start, end=end, step=trend.step)
    found = [math.nan] * len(trend.values)
    for series in value.series if isinstance(value, Matrix) else ():
        for t, number in zip(series.times, series.values, strict=True):
            found[(t - trend.start) // trend.step] = number
    return tuple(found)


def _gaps(times: Sequence[int], at: int, step: int) -> tuple[int, int]:
    """How many gaps there are from the first sample to `at`, and how long they are together (ms)."""
    holes = [later - earlier - step for earlier, later in zip(times, [*times[1:], at], strict=True)]
    found = [hole for hole in holes if hole > 0]
    return len(found), sum(found)


def _quantile(ordered: Sequence[float], q: float) -> float:
    """The quantile with linear interpolation between the two nearest ranks, as PromQL's quantile()."""
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)
