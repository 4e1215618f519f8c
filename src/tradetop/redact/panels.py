"""Panels: their numbers brought down to proportions where they tell amounts, their texts cleaned."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tradetop.model.detail_frame import StatsFrame
from tradetop.model.hidden import Hidden, Proportions
from tradetop.model.labels import Labels
from tradetop.model.panel import Panel, PanelKind, PaneName, Query, Threshold
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.unit import Kind, Unit, kind_of
from tradetop.redact.lines import expression
from tradetop.redact.names import SECRET, kind_of_metric, tells_amounts
from tradetop.redact.words import Words, named, said


@dataclass(frozen=True, slots=True)
class Veil:
    """How one panel is hidden: which of its queries tell amounts, and by how much all its amounts are scaled."""

    queries: tuple[bool, ...]
    own: bool
    """Its thresholds and the ends of its scale are amounts."""
    factor: float = 1.0

    @property
    def any(self) -> bool:
        """Whether anything of the panel is hidden."""
        return self.own or any(self.queries)

    def covers(self, query: int) -> bool:
        """Whether a query's values are hidden."""
        return self.queries[query] if query < len(self.queries) else self.own


def veil_of(frame: PanelFrame) -> Veil:
    """What has to be hidden of a panel; its greatest amount becomes 1."""
    panel = frame.panel
    veil = _veil(panel)
    if not veil.any:
        return veil
    sizes = [abs(v) for s in frame.series if veil.covers(s.query) for v in _numbers(s) if math.isfinite(v)]
    if veil.own:
        ends = (panel.minimum, panel.maximum)
        sizes += [abs(t.value) for t in panel.thresholds] + [abs(v) for v in ends if v is not None]
    greatest = max((size for size in sizes if math.isfinite(size)), default=0.0)
    return replace(veil, factor=1 / greatest if greatest > 1e-300 else 1.0)


def _alike(frames: tuple[PanelFrame, ...]) -> dict[str, Veil]:
    """The veils by panel; those of one pane scale alike, so that what is worked out of two amounts stays right."""
    veils = {frame.panel.id: veil_of(frame) for frame in frames}
    factors: dict[PaneName, float] = {}
    for frame in frames:
        pane, veil = frame.panel.pane, veils[frame.panel.id]
        if veil.any:
            factors[pane] = min(factors.get(pane, veil.factor), veil.factor)
    return {f.panel.id: replace(veils[f.panel.id], factor=factors.get(f.panel.pane, 1.0)) for f in frames}


def _veil(panel: Panel) -> Veil:
    if panel.kind is PanelKind.STATE:
        return Veil((False,) * len(panel.queries), own=False)
    queries = tuple(is_secret(q.unit or panel.unit, q.expr, q.legend or q.column or panel.title) for q in panel.queries)
    alike = [s for s, q in zip(queries, panel.queries, strict=True) if q.unit in (None, panel.unit)]
    return Veil(queries, kind_of(panel.unit) in SECRET or any(alike))


def is_secret(unit: Unit, expr: str, title: str = "") -> bool:
    """Whether values with this unit are amounts, or bare numbers that their metric's name calls so."""
    kind = kind_of(unit)
    if kind in SECRET:
        return True
    bare = kind is Kind.COUNT and unit not in (Unit.BYTES, Unit.TIME, Unit.BOOL)
    return bare and (tells_amounts(expr) or kind_of_metric(title) in SECRET)


def _numbers(series: SeriesFrame) -> Iterable[float]:
    yield from series.trend.values
    if series.reading.value is not None:
        yield series.reading.value


def hidden(value: float | None, factor: float = 1.0) -> float | None:
    """A number that keeps its proportion and says no more; None and NaN stay what they are."""
    return value if value is None or value != value else Hidden(value * factor)


def number(value: float | None) -> float | None:
    """A number of which nothing but its sign is left."""
    return value if value is None or value != value else Hidden(math.copysign(1.0, value) if value else 0.0)


class Panels:
    """Hides panels, and what refers to them."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._veils: dict[str, Veil] = {}

    def frames(self, frames: tuple[PanelFrame, ...]) -> tuple[PanelFrame, ...]:
        """The panels of one bot; their veils hold for what is hidden after them."""
        self._veils = _alike(frames)
        return tuple(self._frame(frame) for frame in frames)

    def veil(self, panel_id: str) -> Veil | None:
        """How the panel with this id is hidden; None where it is not among the frame's."""
        return self._veils.get(panel_id)

    def _of(self, panel: Panel) -> Veil:
        return self._veils.get(panel.id) or _veil(panel)

    def _frame(self, frame: PanelFrame) -> PanelFrame:
        series = tuple(self.series(frame.panel, s) for s in frame.series)
        return replace(frame, panel=self.panel(frame.panel), series=series, error=said(frame.error))

    def panel(self, panel: Panel) -> Panel:
        """The panel itself: its texts, its thresholds and the ends of its scale."""
        veil = self._of(panel)
        found = replace(
            panel,
            title=named(panel.title),
            label=named(panel.label),
            row=named(panel.row),
            needs=named(panel.needs),
            runbook=said(panel.runbook) if veil.own else named(panel.runbook),
            queries=tuple(self._query(q, veil.covers(i)) for i, q in enumerate(panel.queries)),
        )
        if not veil.own:
            return found
        return replace(
            found,
            thresholds=tuple(threshold(t, veil.factor) for t in panel.thresholds),
            minimum=hidden(panel.minimum, veil.factor),
            maximum=hidden(panel.maximum, veil.factor),
        )

    def _query(self, query: Query, secret: bool) -> Query:
        expr = expression(query.expr, self._words, secret)
        return replace(query, expr=expr, legend=named(query.legend), column=named(query.column))

    def series(self, panel: Panel, series: SeriesFrame) -> SeriesFrame:
        """One series of a panel."""
        veil = self._of(panel)
        labels = self.labels(series.labels)
        legend = self._legend(series.legend, series.labels)
        if not veil.covers(series.query):
            return replace(series, labels=labels, legend=legend)
        trend = Trend(series.trend.start, series.trend.step, Proportions.of(series.trend.values, veil.factor))
        reading = replace(series.reading, value=hidden(series.reading.value, veil.factor))
        return replace(series, labels=labels, legend=legend, reading=reading, trend=trend)

    def labels(self, labels: Labels) -> Labels:
        """The label set; ids and hosts become letters that still tell them apart."""
        found = {name: self._words.label(name, value) for name, value in labels.items() if name != "__name__"}
        if all(labels[name] == value for name, value in found.items()):
            return labels
        return labels.merged(found)

    def _legend(self, legend: str, labels: Labels) -> str:
        for name, value in labels.items():
            if value and value in legend:
                legend = legend.replace(value, self._words.label(name, value))
        return named(legend)

    def limit(self, limit: LimitFrame) -> LimitFrame:
        """A row of the ladder."""
        veil = self._of(limit.panel)
        found = replace(
            limit,
            panel=self.panel(limit.panel),
            label=named(limit.label),
            legend=self._legend(limit.legend, limit.labels),
            labels=self.labels(limit.labels),
        )
        if not veil.own:
            return found
        low, high = limit.scale_min * veil.factor, limit.scale_max * veil.factor
        return replace(
            found,
            reading=replace(limit.reading, value=hidden(limit.reading.value, veil.factor)),
            limit=threshold(limit.limit, veil.factor),
            scale_min=Hidden(low),
            scale_max=Hidden(high),
            slope=hidden(limit.slope, veil.factor),
        )

    def stats(self, panel: Panel, query: int, stats: StatsFrame) -> StatsFrame:
        """The figures of a series; how long it was beyond a threshold stays."""
        veil = self._of(panel)
        if not veil.covers(query):
            return stats
        factor = veil.factor
        return replace(
            stats,
            now=hidden(stats.now, factor),
            minimum=hidden(stats.minimum, factor),
            average=hidden(stats.average, factor),
            p95=hidden(stats.p95, factor),
            maximum=hidden(stats.maximum, factor),
            above=tuple((threshold(t, factor) if veil.own else t, ms) for t, ms in stats.above),
        )


def threshold(of: Threshold, factor: float) -> Threshold:
    """A threshold whose value is hidden."""
    return replace(of, value=Hidden(of.value * factor))


def reading(of: Reading) -> Reading:
    """A reading that stands alone: its sign stays."""
    return replace(of, value=number(of.value)) if of.kind in SECRET else of
