"""Evaluation: panels to panel frames, each refresh paying only for what is new."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tradetop.dashboards.legend import legend, telling
from tradetop.dashboards.trend import NAN, TrendCache
from tradetop.dashboards.window import Window, window
from tradetop.dashboards.zero import ZeroWatch
from tradetop.model.clock import SECOND
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Panel, PanelKind, Query
from tradetop.model.panel_frame import PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.ports import Querier
from tradetop.model.text import clean
from tradetop.model.unit import kind_of
from tradetop.model.value import Scalar, Value, Vector
from tradetop.promql import PromQLError

SETTLE = 30 * SECOND
"""How long samples may take to land, where nobody says what has landed: longer than any scrape or probe."""

SERIES_LIMIT = 200
"""Series that a query may show; a bot with more has a label that grows without end."""

APART = frozenset(
    {
        *("up", "scrape_duration_seconds", "scrape_samples_scraped", "probe_success", "probe_duration_seconds"),
        *("ALERTS", "ALERTS_FOR_STATE"),
        *("bot_events_total", "bot_realized_pnl_usd", "bot_trades_closed_total", "bot_trades_won_total"),
        *("bot_trades_decided_total", "bot_open_positions", "bot_events_flawed_total"),
        *("bot_last_event_timestamp_seconds", "bot_silence_limit_seconds"),
        *("bot_hourly_events", "bot_hourly_events_mean", "bot_hourly_events_stddev"),
    }
)
"""Metrics that tradetop writes itself: they live on when the bot's page does not arrive."""


LATER = frozenset({"probe_success", "probe_duration_seconds", "ALERTS", "ALERTS_FOR_STATE"})
"""Metrics of which a sample may land after a page that was asked for later."""


class Evaluator(Querier, Protocol):
    """A querier that also knows its expressions."""

    def is_incremental(self, expr: str) -> bool:
        """Whether a step once evaluated stays true when later steps are."""
        ...

    def metric_names(self, expr: str) -> Collection[str]:
        """The metric names that an expression selects."""
        ...


@dataclass(frozen=True, slots=True)
class Footing:
    """What the readings stand on: whose data it is and how much of it there can be; times in ms."""

    data_at: int | None = None
    """The last good scrape."""
    started_at: int | None = None
    """When the bot's process began."""
    recorded_since: int | None = None
    """When recording began."""
    down: bool = False
    """The bot's page does not arrive: what is worked out of it stays as it was at `data_at`."""
    gap: bool = False
    """Nobody was recording at the view's time."""
    settled: int | None = None
    """Every sample of the bot's page up to here has landed; None to wait `SETTLE`."""
    set_in_work: frozenset[str] = frozenset()
    """Metrics that normal work moves."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One series of one expression now, before a panel gives it a unit and a name."""

    labels: Labels
    value: float | None
    presence: Presence
    t: int | None
    unmoved_since: int | None
    trend: Trend


class PanelEvaluator:
    """Evaluates the panels of one bot, tick after tick; an expression that several panels share is evaluated once."""

    def __init__(self) -> None:
        self._expressions: dict[str, _Expression] = {}

    def frames(
        self,
        querier: Evaluator,
        panels: Sequence[Panel],
        *,
        at: int,
        span: int,
        points: int,
        footing: Footing = Footing(),
    ) -> tuple[PanelFrame, ...]:
        """One frame for each panel at `at` (ms), with trends over `span` (ms) in at most `points` columns.

        A query that fails costs its own panel alone. Panels may be given in several calls, to cut the work.
        """
        looking = window(at, span, points)
        seen: dict[str, list[_Line] | str] = {}
        return tuple(self._panel(querier, panel, looking, footing, seen) for panel in panels)

    def _panel(
        self,
        querier: Evaluator,
        panel: Panel,
        looking: Window,
        footing: Footing,
        seen: dict[str, list[_Line] | str],
    ) -> PanelFrame:
        series: list[SeriesFrame] = []
        errors: list[str] = []
        for i, query in enumerate(panel.queries):
            if query.expr not in seen:
                seen[query.expr] = self._look(querier, query.expr, looking, footing)
            lines = seen[query.expr]
            if isinstance(lines, str):
                errors.append(lines)
                continue
            apart = frozenset() if query.legend else telling([line.labels for line in lines[:SERIES_LIMIT]])
            series += [_series(panel, i, query, line, apart) for line in lines[:SERIES_LIMIT]]
            if len(lines) > SERIES_LIMIT:
                errors.append(f"{len(lines):,} series; only {SERIES_LIMIT} are shown")
        if panel.kind is PanelKind.TABLE:
            # A row that is gone is no row, nor part of a total; where nothing lives the table stays as it was.
            series = [s for s in series if s.reading.presence is not Presence.STALE] or series
        level = max((s.reading.level for s in series if s.reading.presence is Presence.LIVE), default=Level.OK)
        return PanelFrame(panel, tuple(series), level, "; ".join(dict.fromkeys(errors)))

    def _look(self, querier: Evaluator, expr: str, looking: Window, footing: Footing) -> list[_Line] | str:
        try:
            if expr not in self._expressions:
                self._expressions[expr] = _Expression(expr, querier)
            return self._expressions[expr].look(querier, looking, footing)
        except PromQLError as error:
            return clean(str(error))


class _Expression:
    """One expression with everything remembered of it."""

    def __init__(self, expr: str, querier: Evaluator) -> None:
        self._expr = expr
        self._names = frozenset(querier.metric_names(expr))
        self._trends = TrendCache(expr, incremental=querier.is_incremental(expr))
        self._zeros = ZeroWatch(expr)
        self._last: dict[Labels, tuple[int, float]] = {}
        self._looked_back: int | None = None
        self._order: dict[Labels, str] = {}

    def look(self, querier: Evaluator, looking: Window, footing: Footing) -> list[_Line]:
        """Every series at the window's end: those that live, then those that have stopped within the window."""
        at = looking.at
        settled = at if footing.settled is None else min(at, footing.settled)
        if footing.settled is None or not self._names or not self._names.isdisjoint(LATER):
            # What is not of the page may land later than it; and what may be of it, no earlier.
            settled = min(settled, at - SETTLE)
        trends = self._trends.columns(querier, looking, settled)
        silent = footing.gap or (footing.down and not self._names <= APART)
        now = {} if silent else _numbers(querier.instant(self._expr, at=at))
        data_at = at if footing.data_at is None or footing.data_at > at else footing.data_at
        for labels, value in now.items():
            self._last[labels] = (data_at, value)
        unmoved, since = self._unmoved(querier, now, trends, looking, footing)
        lines = []
        for labels in self._sorted(now):
            value = now[labels]
            presence = Presence.LIVE
            if labels in unmoved and not self._names.isdisjoint(footing.set_in_work):
                presence = Presence.NEVER_SET
            trend = _trend(looking, trends.get(labels), value)
            lines.append(_Line(labels, value, presence, data_at, since if labels in unmoved else None, trend))
        if silent or at - data_at > SETTLE:
            self._look_back(querier, now, looking, footing)
        return lines + self._stopped(now, trends, looking, footing)

    def _look_back(self, querier: Evaluator, now: Mapping[Labels, float], looking: Window, footing: Footing) -> None:
        """See what there was at the last good scrape, where that was too long ago to be what is there now."""
        data_at = footing.data_at
        if not now and data_at is not None and data_at < looking.at and data_at != self._looked_back:
            self._looked_back = data_at
            for labels, value in _numbers(querier.instant(self._expr, at=data_at)).items():
                self._last[labels] = (data_at, value)

    def _stopped(
        self,
        now: Mapping[Labels, float],
        trends: Mapping[Labels, array[float]],
        looking: Window,
        footing: Footing,
    ) -> list[_Line]:
        """Series that had samples within the window, or at the last good scrape, and have none now."""
        data_at = footing.data_at
        last: dict[Labels, tuple[int, float]] = {}
        for labels, column in trends.items():
            found = next((i for i in range(len(column) - 1, -1, -1) if column[i] == column[i]), None)
            if labels not in now and found is not None:
                last[labels] = (looking.start + found * looking.step, column[found])
        for labels, (t, value) in list(self._last.items()):
            if labels in now or t > looking.at:
                continue
            within = t >= looking.start or t == data_at
            if within and t >= last.get(labels, (t, value))[0]:
                last[labels] = (t, value)
            elif t < looking.start and labels not in last:
                del self._last[labels]
        if footing.gap:
            gap = Presence.NOT_RECORDED
            lines = [_Line(x, None, gap, last[x][0], None, _trend(looking, trends.get(x))) for x in self._sorted(last)]
            return lines or [_Line(EMPTY, None, gap, None, None, _trend(looking, None))]
        return [
            _Line(x, last[x][1], Presence.STALE, last[x][0], None, _trend(looking, trends.get(x)))
            for x in self._sorted(last)
        ]

    def _unmoved(
        self,
        querier: Evaluator,
        now: Mapping[Labels, float],
        trends: Mapping[Labels, array[float]],
        looking: Window,
        footing: Footing,
    ) -> tuple[frozenset[Labels], int]:
        begun = [t for t in (footing.started_at, footing.recorded_since) if t is not None and t <= looking.at]
        since = max(begun, default=looking.start)
        zeros = []
        for labels, value in now.items():
            if value == 0:
                zeros.append(labels)
            else:
                self._zeros.saw(labels, looking.at)
        if not zeros:
            return frozenset(), since
        return self._zeros.unmoved(querier, zeros, trends, looking, since), since

    def _sorted(self, labels: Collection[Labels]) -> list[Labels]:
        """In a stable order, whatever the store's is."""
        for item in labels:
            if item not in self._order:
                self._order[item] = str(item)
        if len(self._order) > 2 * SERIES_LIMIT + len(labels):
            self._order = {item: str(item) for item in labels}
        return sorted(labels, key=self._order.__getitem__)


def _numbers(value: Value) -> dict[Labels, float]:
    """The samples of an instant result; NaN says that there is no value."""
    match value:
        case Vector(samples=samples):
            return {s.labels: s.value for s in samples if s.value == s.value}
        case Scalar(value=number) if number == number:
            return {EMPTY: number}
        case _:
            return {}


def _trend(looking: Window, column: array[float] | None, value: float = NAN) -> Trend:
    past = column if column is not None else array("d", [NAN]) * (looking.count - 1)
    return Trend(looking.start, looking.step, past + array("d", [value]))


def _series(panel: Panel, index: int, query: Query, line: _Line, apart: Collection[str]) -> SeriesFrame:
    unit = query.unit or panel.unit
    level = Level.OK
    if line.value is not None and line.presence in (Presence.LIVE, Presence.STALE) and unit is panel.unit:
        level = panel.level(line.value)
    reading = Reading(line.value, unit, kind_of(unit), line.presence, level, line.t, line.unmoved_since)
    return SeriesFrame(index, clean(legend(query.legend, line.labels, apart)), line.labels, reading, line.trend)
