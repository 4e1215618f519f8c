"""The way to the bottom of an alert: its expression with every part's value, since when, and what happened around."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from operator import is_
from typing import TYPE_CHECKING

from tradetop.dashboards.evaluate import Evaluator
from tradetop.dashboards.window import window
from tradetop.events.log import between
from tradetop.model.alert import Alert, Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import MINUTE
from tradetop.model.detail_frame import ExplainFrame
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Presence
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Trend
from tradetop.model.text import clean
from tradetop.model.unit import Unit
from tradetop.model.value import Matrix
from tradetop.model.view import AlertFocus, View
from tradetop.promql import Engine, PromQLError
from tradetop.promql.explain import agree
from tradetop.viewer.alerts import alerts
from tradetop.viewer.bot import Bot
from tradetop.viewer.reading import notes
from tradetop.viewer.worked import Worked

if TYPE_CHECKING:
    from tradetop.viewer.wide import Wide

AROUND = 5 * MINUTE
EVENTS = 200
"""Events around a moment at most, the nearest ones."""
CANDIDATES = 8
"""Rules that are worked out at most to find the one that is nearest to its limit."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a bot at one moment, and what an explanation takes from it."""

    rules: Sequence[Rule]
    panels: Sequence[PanelFrame]
    limits: Sequence[LimitFrame]
    noted: Sequence[BotEvent]
    """The person's marks as events."""
    stopped_at: int | None
    """When the data stopped, where it has (ms)."""


class Explaining:
    """Explains one bot's alerts; what has been worked out is kept until something new lands."""

    def __init__(self, bot: Bot, engine: Engine, spanned: Evaluator, wide: Wide | None = None) -> None:
        """`wide` is what rules of files see, where that is more than the bot's own series."""
        self._bot = bot
        self._engine = engine
        self._spanned = spanned
        self._wide = wide
        self._key: tuple[object, ...] = ()
        self._made: ExplainFrame | None = None

    def explained(self, known: Known, view: View, at: int) -> ExplainFrame | None:
        """The explanation that the view asks for at `at` (ms); None where no rule watches what it names."""
        key = (self._bot.revision(), view.alert, view.span, view.points, view.at, known.stopped_at)
        if key != self._key:
            self._key, self._made = key, None if view.alert is None else self._look(known, view.alert, view, at)
        if self._made is not None:
            events = self._near(known.noted, self._made.around, at)
            if not _same(events, self._made.events):
                self._made = replace(self._made, events=events)
        return self._made

    def _look(self, known: Known, focus: AlertFocus, view: View, at: int) -> ExplainFrame | None:
        asked = at if focus.at is None else focus.at
        # A moment of the past has its own data: what has stopped since is nothing to it.
        stopped_at = known.stopped_at if focus.at is None else None
        engine, wide = self._engine_at(asked, at), self._wide_at(asked, at)
        rules = [*_watching(known, focus, engine)]
        given = [] if rules else [a for a in self._bot.foreign() if a.rule.name in focus.rules]
        rules = rules or [*dict.fromkeys(alert.rule for alert in given)]
        if not rules:
            return None
        try:
            known_ones = alerts(engine, rules, asked, stopped_at=stopped_at, wide=wide, external=self._bot.external())
            active = [*given, *(alert for alert in known_ones if alert.rule in rules)]
        except PromQLError as error:
            return ExplainFrame(rules[0], None, asked, asked, None, clean(str(error)), around=asked)
        alert = _chosen(active, focus, asked)
        moment = asked if stopped_at is None else stopped_at
        if alert is not None:
            moment = asked if alert.last_seen is None else alert.last_seen
            rules = [alert.rule]
        labels = (focus.labels or EMPTY) if alert is None else alert.labels
        seeing = [wide if rule.is_filed and wide is not None else engine for rule in rules]
        found = [Worked.of(by, rule, moment, labels) for by, rule in zip(seeing, rules[:CANDIDATES], strict=False)]
        of = min(found, key=lambda each: each.distance)
        panel = next((p for p in known.panels if of.rule.panel and p.panel.id == of.rule.panel), None)
        unit = Unit.NONE if panel is None else panel.panel.unit
        presence = Presence.LIVE if moment == asked else Presence.STALE
        return ExplainFrame(
            rule=of.rule,
            alert=alert,
            asked=asked,
            at=moment,
            tree=of.marked(unit),
            problem=of.problem,
            judged=of.reading(unit, presence),
            limit=of.limit,
            eta=_eta(known.limits, of, labels) if focus.at is None else None,
            of=of.judged.text if of.judged is not None else "",
            trend=self._trend(of, view, asked, seeing[found.index(of)]),
            annotations=of.rule.annotations if alert is None else alert.annotations,
            notes=notes(seeing[found.index(of)], of.rule.expr, moment),
            others=len([a for a in active if a.rule.name == of.rule.name and a is not alert]),
            around=asked if alert is None else alert.active_at,
        )

    def _engine_at(self, asked: int, at: int) -> Engine:
        """The engine over what is remembered, or over the history where that does not go back so far."""
        if at - asked <= self._bot.memory():
            return self._engine
        return Engine(self._bot.past(), born_counters=self._bot.target.born_counters)

    def _wide_at(self, asked: int, at: int) -> Engine | None:
        """The same over what rules of files see; None where that is no more."""
        if self._wide is None:
            return None
        return self._wide.engine if at - asked <= self._bot.memory() else Engine(self._wide.whole.past())

    def _trend(self, of: Worked, view: View, asked: int, engine: Engine) -> Trend | None:
        """The judged value over the window that ends at the moment asked about."""
        element = of.element
        if of.judged is None or element is None:
            return None
        looking = window(asked, view.span, view.points)
        past = [math.nan] * (looking.count - 1)
        try:
            querier = self._spanned if engine is self._engine else engine
            if self._wide is not None and engine is self._wide.engine:
                querier = self._wide.spanned
            value = querier.range(
                of.judged.text, start=looking.start, end=max(looking.start, looking.last - 1), step=looking.step
            )
        except PromQLError:
            return None
        for series in value.series if isinstance(value, Matrix) else ():
            if series.labels == element.labels:
                for t, v in zip(series.times, series.values, strict=True):
                    if (index := (t - looking.start) // looking.step) < len(past):
                        past[index] = v
        return Trend(looking.start, looking.step, (*past, element.value))

    def _near(self, noted: Sequence[BotEvent], around: int, at: int) -> tuple[BotEvent, ...]:
        """The events within five minutes that have happened by `at`, oldest first; of too many the nearest."""
        since, until = around - AROUND, min(at, around + AROUND)
        own = between(self._bot.log().events, since, until)
        found = [*merge(own, (event for event in noted if since <= event.t <= until), key=_time)]
        if len(found) > EVENTS:
            nearest = sorted(found, key=lambda event: abs(event.t - around))[:EVENTS]
            found = sorted(nearest, key=lambda event: (event.t, event.sequence))
        return tuple(found)


def _watching(known: Known, focus: AlertFocus, engine: Engine) -> Iterable[Rule]:
    """The rules that were asked about: by their names, those of the panel, else those of files that use its metrics."""
    if focus.rules:
        return [rule for rule in known.rules if rule.name in focus.rules]
    own = [rule for rule in known.rules if rule.panel == focus.panel]
    panel = next((p.panel for p in known.panels if p.panel.id == focus.panel), None)
    if own or panel is None:
        return own
    names = frozenset(name for query in panel.queries for name in _names(engine, query.expr))
    # What watches another panel says nothing of this one, though the metric may be the same.
    return [rule for rule in known.rules if not rule.panel and not names.isdisjoint(_names(engine, rule.expr))]


def _names(engine: Engine, expr: str) -> frozenset[str]:
    try:
        return engine.metric_names(expr)
    except PromQLError:
        return frozenset()


def _chosen(active: Sequence[Alert], focus: AlertFocus, asked: int) -> Alert | None:
    """The alert with these labels, else the first that agrees with them; of a past moment the one that began then."""
    fitting = [alert for alert in active if focus.labels is None or agree(alert.labels, focus.labels)]
    if focus.at is not None:
        fitting.sort(key=lambda alert: abs(asked - (alert.fired_at or alert.active_at)))
    return min(fitting, key=lambda alert: alert.labels != focus.labels, default=None)


def _eta(limits: Sequence[LimitFrame], of: Worked, labels: Labels) -> int | None:
    rows = _rows(limits, of.rule.panel, labels)
    return next((row.eta for row in rows if of.limit is not None and row.limit.value == of.limit.value), None)


def _rows(limits: Sequence[LimitFrame], panel: str, labels: Labels) -> Iterator[LimitFrame]:
    return (row for row in limits if panel and row.panel.id == panel and agree(row.labels, labels))


def _time(event: BotEvent) -> int:
    return event.t


def _same(events: Sequence[BotEvent], known: Sequence[BotEvent]) -> bool:
    return len(events) == len(known) and all(map(is_, events, known))
