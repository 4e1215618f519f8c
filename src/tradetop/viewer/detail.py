"""The way down: one series of one panel with everything known of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tradetop.dashboards.evaluate import Evaluator
from tradetop.dashboards.legend import legend
from tradetop.dashboards.window import window
from tradetop.model.alert import Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import DAY, MINUTE, SECOND
from tradetop.model.detail_frame import DetailFrame, StatsFrame
from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.level import Presence
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.panel_frame import PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.ports import Queryable
from tradetop.model.text import clean
from tradetop.model.unit import kind_of
from tradetop.model.value import Matrix
from tradetop.model.view import Focus, View
from tradetop.scrape.exposition import raw_lines
from tradetop.store.archive import Archive
from tradetop.viewer.bot import Bot
from tradetop.viewer.figures import figures, reached
from tradetop.viewer.reading import notes

LINES = 8
"""Exposition lines shown at most."""
AROUND = 5 * MINUTE
EVENTS = 200
"""Events around a moment at most, the nearest ones."""
COARSE = 5 * MINUTE
"""How exactly the end of a series is looked for that has gone longer ago than the window (ms)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What stays as it is until something new lands, wherever the crosshair goes."""

    series: SeriesFrame
    stats: StatsFrame
    reached: tuple[float, ...]
    raw: tuple[str, ...]
    names: tuple[str, ...]
    used_by: tuple[str, ...]
    rules: tuple[Rule, ...]
    notes: tuple[str, ...] = ()


class Details:
    """One bot's series in detail, one after the other; its figures are worked out once for each scrape."""

    def __init__(self, bot: Bot, engine: Evaluator) -> None:
        self._bot = bot
        self._engine = engine
        self._key: tuple[object, ...] = ()
        self._known: _Known | None = None

    def detail(
        self, panels: Sequence[PanelFrame], rules: Sequence[Rule], events: Sequence[BotEvent], view: View, at: int
    ) -> DetailFrame | None:
        """Everything known of the series that the view is focused on; None where there is no such panel.

        A series that is not there any more keeps its place, as one that has stopped; one that never was is absent.
        """
        focus = view.focus
        panel = next((p for p in panels if focus is not None and p.panel.id == focus.panel), None)
        if focus is None or panel is None or focus.query >= len(panel.panel.queries):
            return None
        key = (self._bot.revision(), replace(focus, at=None), view.span, view.points, view.at)
        if self._known is None or key != self._key:
            self._known, self._key = self._look(panel, panels, rules, view, focus, at), key
        known = self._known
        family = next((m for m in map(self._bot.metadata, known.names) if m is not None), None)
        around = at if focus.at is None else focus.at
        return DetailFrame(
            panel=panel.panel,
            query=known.series.query,
            series=known.series,
            stats=known.stats,
            expr=panel.panel.queries[known.series.query].expr,
            raw=known.raw,
            help=family.help if family else "",
            type=family.type if family else "",
            used_by=known.used_by,
            rules=known.rules,
            events=_near(events, around),
            around=around,
            reached=known.reached,
            notes=known.notes,
        )

    def _look(
        self,
        panel: PanelFrame,
        panels: Sequence[PanelFrame],
        rules: Sequence[Rule],
        view: View,
        focus: Focus,
        at: int,
    ) -> _Known:
        engine, bot = self._engine, self._bot
        series = _series(panel, focus) or _gone(engine, panel, focus, view, at)
        expr = panel.panel.queries[series.query].expr
        interval, thresholds = bot.target.interval, panel.panel.thresholds
        if panel.error and not panel.series:
            # What cannot be evaluated has no figures, and perhaps not even names.
            return _Known(series, StatsFrame(None, None, None, None, None, (), 0), (), (), (), (), ())
        names = tuple(sorted(engine.metric_names(expr)))
        users = [
            p.panel.title for p in panels if not p.error and _uses(engine, (q.expr for q in p.panel.queries), names)
        ]
        return _Known(
            series,
            figures(engine, expr, series, thresholds, interval, view.span, at),
            reached(engine, series.trend, interval),
            # The page is what it is now, whatever the view looks back on.
            () if view.at is not None else _raw(bot, names, series.labels, at),
            names,
            tuple(dict.fromkeys(users)),
            tuple(rule for rule in rules if _uses(engine, (rule.expr,), names)),
            (*notes(engine, expr, at), *self._coarse(names, view.span)),
        )

    def _coarse(self, names: Sequence[str], span: int) -> Sequence[str]:
        """Which metrics were not read whole for a long window: they have too many series for that much time."""
        past = self._bot.past() if span > min(self._bot.memory(), DAY) else None
        coarse = past.coarse if isinstance(past, Archive) else {}
        return [f"{name}: one scrape of {coarse[name] // SECOND} s was read" for name in names if name in coarse]


def _series(panel: PanelFrame, focus: Focus) -> SeriesFrame | None:
    """The focused series; without labels the query's first one, else the panel's."""
    same = [s for s in panel.series if s.query == focus.query and focus.labels in (None, s.labels)]
    if same:
        return same[0]
    return panel.first if focus.labels is None else None


def _gone(engine: Evaluator, panel: PanelFrame, focus: Focus, view: View, at: int) -> SeriesFrame:
    """The place of a series that is not there: with its last value where it had one within a day."""
    query = panel.panel.queries[focus.query]
    labels = focus.labels or EMPTY
    looking = window(at, view.span, view.points)
    unit = query.unit or panel.panel.unit
    reading = Reading(None, unit, kind_of(unit), Presence.ABSENT)
    value = None if panel.error else engine.range(query.expr, start=at - DAY, end=at, step=COARSE)
    for series in value.series if isinstance(value, Matrix) else ():
        if series.labels == labels and len(series.values):
            t, last = series.times[-1], series.values[-1]
            reading = replace(reading, value=last, presence=Presence.STALE, level=panel.panel.level(last), t=t)
    said = clean(legend(query.legend, labels, frozenset(labels) - {NAME}))
    empty = Trend(looking.start, looking.step, (math.nan,) * looking.count)
    return SeriesFrame(focus.query, said, labels, reading, empty)


def _uses(engine: Evaluator, expressions: Iterable[str], names: Sequence[str]) -> bool:
    return any(not frozenset(engine.metric_names(expr)).isdisjoint(names) for expr in expressions)


def _near(events: Sequence[BotEvent], around: int) -> tuple[BotEvent, ...]:
    found = [e for e in events if abs(e.t - around) <= AROUND]
    if len(found) > EVENTS:
        nearest = sorted(found, key=lambda e: abs(e.t - around))[:EVENTS]
        found = sorted(nearest, key=lambda e: (e.t, e.sequence))
    return tuple(found)


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
