"""One bot over many frames: what was evaluated is kept until something new has landed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING

from tradetop.dashboards.evaluate import Footing, PanelEvaluator
from tradetop.limits import Ladder, rule_panels
from tradetop.model.alert import Alert, DeadRule, Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND
from tradetop.model.frame import BotFrame, DetailFrame, ExplainFrame, LimitFrame, PanelFrame
from tradetop.model.panel import Dashboard, Panel
from tradetop.model.target import TargetStatus
from tradetop.model.view import View
from tradetop.promql import Engine
from tradetop.viewer.alerts import alerts, shown_by
from tradetop.viewer.bot import Bot
from tradetop.viewer.dead import DeadRules
from tradetop.viewer.detail import Details
from tradetop.viewer.header import errors, header, is_stale
from tradetop.viewer.hours import HourStrip
from tradetop.viewer.oncall import Attention, counted
from tradetop.viewer.past import landed, status_at
from tradetop.viewer.reading import number, samples
from tradetop.viewer.spanned import Spanned
from tradetop.viewer.told import Teller, Told

if TYPE_CHECKING:
    from tradetop.viewer.explaining import Explaining


@dataclass(frozen=True, slots=True)
class Seen:
    """One bot at one moment."""

    header: BotFrame
    panels: tuple[PanelFrame, ...]
    limits: tuple[LimitFrame, ...]
    alerts: tuple[Alert, ...]
    dead: tuple[DeadRule, ...]
    rules: Sequence[Rule]
    events: tuple[BotEvent, ...]
    told: Told
    scraped_at: int | None


class Watched:
    """Evaluates one bot's dashboard for a view, and only what is new."""

    def __init__(self, bot: Bot, stand_back: Callable[[], object]) -> None:
        self.bot = bot
        self.engine = Engine(bot.series, born_counters=bot.target.born_counters)
        self._spanned = Spanned(self.engine, bot.past, bot.target.born_counters, stand_back)
        self._details = Details(bot, self._spanned)
        self._strip = HourStrip(self.engine)
        self._evaluator = PanelEvaluator()
        self._rewritten = 0
        self._ladder = Ladder()
        self._limited: tuple[Sequence[Rule], tuple[Panel, ...]] = (), ()
        self._key: tuple[object, ...] = ()
        self._teller = Teller(bot)
        self._heard: tuple[object, ...] = ()
        self._seen: Seen | None = None
        self._opened: BotEvent | None = None
        self._attention = Attention()
        self._dead = DeadRules(bot)
        self._explaining: Explaining | None = None

    def seen(self, view: View, at: int) -> Seen:
        """The bot at `at` (ms); what was seen last is kept, but for its age, while nothing new has landed."""
        stale = is_stale(self.bot.target, self.bot.status(), at)
        key = (self.bot.revision(), view.span, view.points, view.at, stale, self.bot.marks())
        heard = (self.bot.heard(), view.filter, self._teller.attention(at))
        if self._seen is None or key != self._key:
            self._seen, self._key = self._look(view, at), key
        elif heard != self._heard:
            # Their series join with the next scrape; the feed does not wait for it.
            events = self.bot.events()
            top = replace(self._seen.header, errors=errors(events, at))
            self._seen = replace(self._seen, header=top, events=events, told=self._teller.told(events, view, at))
        self._heard = heard
        return _aged(self._attended(self._seen, at), at)

    def _attended(self, seen: Seen, at: int) -> Seen:
        """What was seen, with what people have done to its alerts: that changes with time alone."""
        silences, drills = self.bot.silences(), self.bot.drills()
        if not silences and not drills:
            return seen
        found = self._attention.of(seen.alerts, seen.rules, silences, drills, at)
        return replace(seen, alerts=found, header=counted(seen.header, found))

    def detail(self, seen: Seen, view: View, at: int) -> DetailFrame | None:
        """Everything known of the series that the view is focused on."""
        self._spanned.look(view.span, self.bot.memory())
        return self._details.detail(seen.panels, seen.rules, _with_noted(seen), view, at)

    def explained(self, seen: Seen, view: View, at: int) -> ExplainFrame | None:
        """Why the alert that the view asks about fires, or why it does not."""
        if view.alert is None:
            return None
        # Seldom needed, and never at the start.
        from tradetop.viewer.explaining import Explaining, Known

        if self._explaining is None:
            self._explaining = Explaining(self.bot, self.engine, self._spanned)
        self._spanned.look(view.span, self.bot.memory())
        stopped_at = seen.scraped_at if seen.header.stale else None
        known = Known(seen.rules, seen.panels, seen.limits, seen.told.noted, stopped_at)
        return self._explaining.explained(known, view, at)

    def event(self, seen: Seen, id: str) -> BotEvent | None:
        """The event with this id; while it is looked at it stays, however many come after it."""
        if not id:
            self._opened = None
        elif self._opened is None or self._opened.id != id:
            shown = chain(seen.told.feed.events, seen.told.noted, seen.events)
            self._opened = next((event for event in shown if event.id == id), None)
        return self._opened

    def _look(self, view: View, at: int) -> Seen:
        bot, status = self.bot, self.bot.status()
        if view.at is not None:
            status = status_at(status, bot.series, at)
        stale = is_stale(bot.target, status, at)
        dashboard, rules, events = bot.dashboard(), bot.rules(), bot.events()
        if bot.rewritten() != self._rewritten:
            self._rewritten, self._evaluator = bot.rewritten(), PanelEvaluator()
        self._spanned.look(view.span, self.bot.memory())
        panels = self._evaluator.frames(
            self._spanned,
            (*dashboard.panels, *self._of_rules(rules, dashboard)),
            at=at,
            span=view.span,
            points=view.points,
            footing=self._footing(dashboard, status, at, stale),
        )
        limits = self._ladder.rows(panels, at)
        found = alerts(self.engine, rules, at, stopped_at=status.scraped_at if stale else None)
        found = shown_by(found, dashboard.panels, self.engine)
        top = header(bot, status, self.engine, self._strip, panels, limits, found, events, at)
        told = self._teller.told(events, view, at)
        dead = self._dead.of(dashboard, at)
        return Seen(top, panels, limits, found, dead, rules, events, told, status.scraped_at)

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


def _with_noted(seen: Seen) -> Sequence[BotEvent]:
    """The bot's events with the person's marks among them."""
    return [*merge(seen.events, seen.told.noted, key=lambda event: event.t)] if seen.told.noted else seen.events


def _aged(seen: Seen, at: int) -> Seen:
    """What was seen, with the age of the data as it is by now."""
    scraped_at = seen.scraped_at
    return seen if scraped_at is None else replace(seen, header=replace(seen.header, age=max(0, at - scraped_at)))
