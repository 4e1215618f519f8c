"""One bot over many frames: what was evaluated is kept until something new has landed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from tradetop.dashboards.evaluate import Footing, PanelEvaluator
from tradetop.dashboards.zone import seen_in
from tradetop.limits import Ladder, rule_panels
from tradetop.model.alert import Alert, DeadRule, Rule
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import SECOND
from tradetop.model.detail_frame import DetailFrame, ExplainFrame
from tradetop.model.drill import MARK, Drill
from tradetop.model.feed_frame import ErrorGroup, Story
from tradetop.model.frame import BotFrame
from tradetop.model.labels import Labels
from tradetop.model.panel import Dashboard, Panel, PaneName
from tradetop.model.panel_frame import LimitFrame, PanelFrame
from tradetop.model.sample import Sample
from tradetop.model.target import TargetStatus
from tradetop.model.view import View
from tradetop.promql import Engine
from tradetop.rules.expanding import External, expanding
from tradetop.rules.recall import Lasting
from tradetop.viewer.alerts import alerts, ordered, shown_by
from tradetop.viewer.bot import Bot
from tradetop.viewer.dead import DeadRules
from tradetop.viewer.detail import Details
from tradetop.viewer.header import header, is_stale
from tradetop.viewer.hours import HourStrip
from tradetop.viewer.oncall import Attention, counted
from tradetop.viewer.past import landed, status_at
from tradetop.viewer.reading import number, samples
from tradetop.viewer.spanned import Spanned
from tradetop.viewer.told import Teller, Told

if TYPE_CHECKING:
    from tradetop.viewer.explaining import Explaining
    from tradetop.viewer.wide import Wide

_time = attrgetter("t")


@dataclass(frozen=True, slots=True)
class Seen:
    """One bot at one moment."""

    header: BotFrame
    panels: tuple[PanelFrame, ...]
    limits: tuple[LimitFrame, ...]
    alerts: tuple[Alert, ...]
    dead: tuple[DeadRule, ...]
    rules: Sequence[Rule]
    told: Told
    scraped_at: int | None


class Watched:
    """Evaluates one bot's dashboard for a view, and only what is new."""

    def __init__(self, bot: Bot, stand_back: Callable[[], object]) -> None:
        self.bot = bot
        self.engine = Engine(bot.series, born_counters=bot.target.born_counters)
        self._spanned = Spanned(self.engine, bot.past, bot.target.born_counters, stand_back)
        self._details = Details(bot, self._spanned)
        self._wide = _wide(bot, stand_back)
        self._strip = HourStrip(self.engine)
        self._evaluator = PanelEvaluator()
        self._lasting = Lasting(bot.target.interval)
        self._rewritten = 0
        self._ladder = Ladder()
        self._limited: tuple[Sequence[Rule], tuple[Panel, ...]] = (), ()
        self._key: tuple[object, ...] = ()
        self._teller = Teller(bot)
        self._heard: tuple[object, ...] = ()
        self._remarks = 0
        self._seen: Seen | None = None
        self._zoned: tuple[Dashboard, int, Dashboard] | None = None
        """The bot's dashboard, a clock, and what it is by that."""
        self._opened: BotEvent | None = None
        self._storied: Story | None = None
        self._storied_for: tuple[tuple[object, ...], int, int] = (), 0, 0
        """What the story is of, what had been heard then, and when that was."""
        self._attention = Attention(self._texts)
        self._dead = DeadRules(bot)
        self._explaining: Explaining | None = None

    def seen(self, view: View, at: int) -> Seen:
        """The bot at `at` (ms); what was seen last is kept, but for its age, while nothing new has landed."""
        stale = is_stale(self.bot.target, self.bot.status(), at)
        looking = (view.span, view.points, view.at, view.offset, view.whole)
        key = (self.bot.revision(), *looking, stale, self.bot.marks())
        asked = view.filter, view.folded, view.errors, self.bot.reviews()
        heard, remarks = (self.bot.heard(), self._teller.attention(at), *asked), self.bot.remarks()
        if self._seen is None or key != self._key:
            self._seen, self._key = self._look(view, at), key
        elif heard != self._heard or remarks != self._remarks:
            # Their series join with the next scrape; the feed does not wait for it.
            told, seen = self._teller.told(view, at), self._seen
            if remarks == self._remarks:
                top = replace(seen.header, errors=told.errors, to_review=told.to_review)
            else:
                bot, status = self.bot, self._status(view, at)
                top = header(bot, status, self.engine, self._strip, seen.panels, seen.limits, seen.alerts, told, at)
            self._seen = replace(seen, header=top, told=told)
        self._heard, self._remarks = heard, remarks
        return _aged(self._attended(self._seen, at), at)

    def _attended(self, seen: Seen, at: int) -> Seen:
        """What was seen, with what people have done to its alerts: that changes with time alone."""
        silences, drills = self.bot.silences(), self.bot.drills()
        if not silences and not drills:
            return seen
        found = self._attention.of(seen.alerts, seen.rules, silences, drills, at)
        return replace(seen, alerts=found, header=counted(seen.header, found))

    def _texts(self, rule: Rule, drill: Drill) -> Labels:
        """What the alert of a drill says."""
        engine = self.engine if self._wide is None else self._wide.engine
        sample = Sample(drill.labels.without(MARK), drill.active_at, drill.value)
        return expanding(engine, drill.active_at, External(self.bot.external()))(rule, sample)[1]

    def detail(self, seen: Seen, view: View, at: int) -> DetailFrame | None:
        """Everything known of the series that the view is focused on."""
        self._span(view)
        wide = self._wide
        if wide is not None and view.focus is not None and wide.has(view.focus.panel):
            return wide.details.detail(seen.panels, seen.rules, self._with_noted(seen), view, at)
        return self._details.detail(seen.panels, seen.rules, self._with_noted(seen), view, at)

    def explained(self, seen: Seen, view: View, at: int) -> ExplainFrame | None:
        """Why the alert that the view asks about fires, or why it does not."""
        if view.alert is None:
            return None
        # Seldom needed, and never at the start.
        from tradetop.viewer.explaining import Explaining, Known

        if self._explaining is None:
            self._explaining = Explaining(self.bot, self.engine, self._spanned, self._wide)
        self._span(view)
        stopped_at = seen.scraped_at if seen.header.stale else None
        known = Known(seen.rules, seen.panels, seen.limits, seen.told.noted, stopped_at)
        return self._explaining.explained(known, view, at)

    def event(self, seen: Seen, id: str) -> BotEvent | None:
        """The event with this id; while it is looked at it stays, however many come after it."""
        if not id:
            self._opened = None
        elif self._opened is None or self._opened.id != id:
            log = self.bot.log()
            shown = chain(seen.told.feed.events, seen.told.noted, log.events, log.errors)
            self._opened = next((event for event in shown if event.id == id), None)
        return self._opened

    def alike(self, seen: Seen, id: str) -> ErrorGroup | None:
        """The errors that are like the one with this id."""
        event = self.event(seen, id)
        return None if event is None or event.cls is not EventClass.ERROR else self._teller.alike(event)

    def story(self, seen: Seen, id: str, at: int, past: int | None) -> Story | None:
        """The story of the trade that the event with this id belongs to; worked out anew when the bot has said more."""
        event = self.event(seen, id)
        if event is None:
            return None
        # Seldom needed, and never at the start.
        from tradetop.events.story import story_of

        # Openings and closes are kept for longer than the rest; what else came before has to be read again.
        kin = self.bot.kin(event)
        key, heard, told_at = self._storied_for
        # Of a busy bot once a second is enough.
        if key != (id, past, len(kin)) or (heard != self.bot.heard() and abs(at - told_at) >= SECOND):
            self._storied_for = (id, past, len(kin)), self.bot.heard(), at
            log, kin = self.bot.log(), sorted(kin, key=_time)
            parts = {part.id: part for part in merge(kin, log.trades, log.events, key=_time) if part.t <= at}
            self._storied = story_of(event, parts.values())
        return self._storied

    def _look(self, view: View, at: int) -> Seen:
        bot, status = self.bot, self._status(view, at)
        stale = is_stale(bot.target, status, at)
        dashboard, rules = self._dashboard(view), bot.rules()
        if bot.rewritten() != self._rewritten:
            self._rewritten, self._evaluator = bot.rewritten(), PanelEvaluator()
            self._lasting = Lasting(bot.target.interval)
        self._span(view)
        footing = self._footing(dashboard, status, at, stale)
        own = rules if self._wide is None else tuple(rule for rule in rules if not rule.is_filed)
        shown = (*dashboard.panels, *self._of_rules(own, dashboard))
        panels = self._panels(shown, view, at, footing)
        if self._wide is not None:
            filed = tuple(rule for rule in rules if rule.is_filed)
            panels += self._wide.frames(filed, shown, view, at, footing, self._rewritten)
        limits = self._ladder.rows(panels, at)
        found = alerts(
            self.engine,
            rules,
            at,
            stopped_at=status.scraped_at if stale else None,
            wide=None if self._wide is None else self._wide.engine,
            external=bot.external(),
            lasting=self._lasting,
            panels=panels,
        )
        if view.at is None and bot.foreign():
            # What a server had raised at other times is not kept.
            found = ordered((*found, *bot.foreign()))
        found = shown_by(found, dashboard.panels, self.engine)
        told = self._teller.told(view, at)
        top = header(bot, status, self.engine, self._strip, panels, limits, found, told, at)
        dead = self._dead.of(dashboard, at)
        return Seen(top, panels, limits, found, dead, rules, told, status.scraped_at)

    def _panels(self, shown: Sequence[Panel], view: View, at: int, footing: Footing) -> tuple[PanelFrame, ...]:
        """All panels; those that nobody sees, and no limit is taken from, as they were."""
        before = () if view.whole or self._seen is None else self._seen.panels
        kept = {id(frame.panel): frame for frame in before if _rests(frame.panel)}
        asked = [panel for panel in shown if id(panel) not in kept]
        fresh = iter(
            self._evaluator.frames(self._spanned, asked, at=at, span=view.span, points=view.points, footing=footing)
        )
        return tuple(kept.get(id(panel)) or next(fresh) for panel in shown)

    def _dashboard(self, view: View) -> Dashboard:
        """The dashboard with the days of the person's clock; the same object as long as it is the same."""
        told = self.bot.dashboard()
        if view.offset is None:
            return told
        if self._zoned is None or self._zoned[0] is not told or self._zoned[1] != view.offset:
            self._zoned = told, view.offset, seen_in(told, view.offset)
        return self._zoned[2]

    def _status(self, view: View, at: int) -> TargetStatus:
        """How watching goes, or went at the time that the view looks back to."""
        status = self.bot.status()
        return status if view.at is None else status_at(status, self.bot.series, at)

    def _span(self, view: View) -> None:
        """What follows is for the window of a view."""
        for each in (self._spanned,) if self._wide is None else (self._spanned, self._wide.spanned):
            each.look(view.span, self.bot.memory())

    def _of_rules(self, rules: Sequence[Rule], dashboard: Dashboard) -> tuple[Panel, ...]:
        """The limits of rules that are no threshold of a panel; worked out anew when there are others."""
        if rules != self._limited[0]:
            self._limited = rules, rule_panels(rules, dashboard.panels)
        return self._limited[1]

    def _footing(self, dashboard: Dashboard, status: TargetStatus, at: int, stale: bool) -> Footing:
        started = number(self.engine, "process_start_time_seconds", at)
        return Footing(
            data_at=status.scraped_at,
            started_at=None if started is None else round(started * SECOND),
            recorded_since=status.first_seen,
            down=stale,
            gap=status.scraped_at is not None and not samples(self.engine, "up", at),
            settled=self._spanned.settled(landed(self.bot.series, at), at),
            set_in_work=dashboard.set_in_work,
        )

    def _with_noted(self, seen: Seen) -> Sequence[BotEvent]:
        """The bot's events with the person's marks among them."""
        own = self.bot.log().events
        return [*merge(own, seen.told.noted, key=lambda event: event.t)] if seen.told.noted else own


def _rests(panel: Panel) -> bool:
    """Whether nothing but the dashboard's own screen shows a panel."""
    return panel.pane is PaneName.DASHBOARD and not panel.thresholds


def _wide(bot: Bot, stand_back: Callable[[], object]) -> Wide | None:
    """What rules of files see, where that is more than the bot's own target."""
    if bot.whole is None:
        return None
    from tradetop.viewer.wide import Wide

    return Wide(bot, bot.whole, stand_back)


def _aged(seen: Seen, at: int) -> Seen:
    """What was seen, with the age of the data as it is by now."""
    scraped_at = seen.scraped_at
    return seen if scraped_at is None else replace(seen, header=replace(seen.header, age=max(0, at - scraped_at)))
