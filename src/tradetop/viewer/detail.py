"""The way down: one series of one panel with everything known of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tradetop.dashboards.evaluate import Evaluator
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.frame import DetailFrame, PanelFrame, SeriesFrame, StatsFrame
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.panel import Threshold
from tradetop.model.ports import Queryable
from tradetop.model.value import Matrix
from tradetop.model.view import Focus, View
from tradetop.scrape.exposition import raw_lines
from tradetop.viewer.bot import Bot

LINES = 8
"""Exposition lines shown at most."""
FINEST = 2_000
"""Points that the figures are taken from at most."""
AROUND = 5 * MINUTE


def detail(
    bot: Bot,
    engine: Evaluator,
    panels: Sequence[PanelFrame],
    users: Iterable[tuple[str, str]],
    events: Sequence[BotEvent],
    view: View,
    at: int,
) -> DetailFrame | None:
    """Everything known of the series that the view is focused on; None where it is not there.

    `users` are (title, expression) of the panels and rules that may use its metric.
    """
    focus = view.focus
    panel = next((p for p in panels if focus is not None and p.panel.id == focus.panel), None)
    if focus is None or panel is None:
        return None
    series = _series(panel, focus)
    if series is None:
        return None
    expr = panel.panel.queries[series.query].expr
    names = sorted(engine.metric_names(expr))
    family = next((m for m in map(bot.metadata, names) if m is not None), None)
    return DetailFrame(
        panel=panel.panel,
        query=series.query,
        series=series,
        stats=_stats(engine, expr, series, panel.panel.thresholds, bot.target.interval, view.span, at),
        expr=expr,
        raw=_raw(bot, names, series.labels, at),
        help=family.help if family else "",
        type=family.type if family else "",
        used_by=tuple(title for title, used in users if not frozenset(engine.metric_names(used)).isdisjoint(names)),
        events=tuple(e for e in events if abs(e.t - at) <= AROUND),
    )


def _series(panel: PanelFrame, focus: Focus) -> SeriesFrame | None:
    same = [s for s in panel.series if s.query == focus.query and focus.labels in (None, s.labels)]
    return same[0] if same else panel.first


def _stats(
    engine: Evaluator,
    expr: str,
    series: SeriesFrame,
    thresholds: Sequence[Threshold],
    interval: int,
    span: int,
    at: int,
) -> StatsFrame:
    step = max(interval, -(-span // FINEST) // SECOND * SECOND, SECOND)
    value = engine.range(expr, start=at - span, end=at, step=step)
    values: list[float] = []
    if isinstance(value, Matrix):
        values = [v for s in value.series if s.labels == series.labels for v in s.values if v == v]
    now = series.reading.value
    if not values:
        return StatsFrame(now, None, None, None, None, (), 0)
    return StatsFrame(
        now=now,
        minimum=min(values),
        average=math.fsum(values) / len(values),
        p95=_quantile(sorted(values), 0.95),
        maximum=max(values),
        above=tuple((t, step * sum(map(t.crossed, values))) for t in thresholds),
        samples=len(values),
    )


def _quantile(ordered: Sequence[float], q: float) -> float:
    """The quantile with linear interpolation between the two nearest ranks, as PromQL's quantile()."""
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def _raw(bot: Bot, names: Sequence[str], labels: Labels, at: int) -> tuple[str, ...]:
    page = bot.page()
    lines: list[str] = []
    for name in names:
        for found in _behind(bot.series, name, labels, at):
            lines += raw_lines(page, found)
            if len(lines) >= LINES:
                return tuple(lines[:LINES])
    return tuple(lines)


def _behind(series: Queryable, name: str, labels: Labels, at: int) -> list[Labels]:
    """Label sets of the samples that a result with these labels can come from."""
    columns = series.select([Matcher(NAME, MatchOp.EQUAL, name)], at - AROUND, at)
    wanted = labels.without(NAME)
    agreeing = [c.labels for c in columns if all(c.labels.get(k, v) == v for k, v in wanted.items())]
    return sorted(agreeing, key=str)
