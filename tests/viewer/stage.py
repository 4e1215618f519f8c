"""A record that a test feeds by hand, and the frames that come of it."""

from __future__ import annotations

from tradetop.events.log import Log
from tradetop.model.alert import Rule
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import SECOND
from tradetop.model.drill import Drill
from tradetop.model.frame import BotFrame, Frame, RecorderFrame
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName, Query, Threshold
from tradetop.model.review import Review
from tradetop.model.silence import Silence
from tradetop.model.target import Target
from tradetop.model.unit import Unit
from tradetop.model.view import View
from tradetop.recorder.record import Record
from tradetop.viewer.bot import Bot
from tradetop.viewer.viewer import Viewer

T = 1_767_323_045_000
STEP = 10 * SECOND
EXPOSURE = Panel(
    "exposure",
    "Exposure",
    (Query("exposure_pct"),),
    PaneName.LIMITS,
    PanelKind.GAUGE,
    Unit.PERCENT,
    thresholds=(Threshold(20.0, Level.WARNING), Threshold(25.0, Level.CRITICAL)),
)
PNL = Panel("pnl", "P&L Today", (Query("pnl_usd"),), PaneName.PNL, PanelKind.HEADLINE, Unit.USD, signed=True)
LATENCY = Panel("latency", "Latency", (Query("rate(latency_seconds_sum[1m])", "{{endpoint}}"),), unit=Unit.SECONDS)
DASHBOARD = Dashboard("test", "Test", (EXPOSURE, PNL, LATENCY), set_in_work=frozenset({"pnl_usd"}))
RULE = Rule("Exposure", "exposure_pct > 20", labels=Labels({"severity": "warning"}), panel="exposure", condition="> 20")

LIVE = View()


class Stage:
    """One bot whose scrapes, events and status a test writes."""

    def __init__(self, name: str = "bot", target: Target | None = None, dashboard: Dashboard = DASHBOARD) -> None:
        self.target = target or Target(name, f"http://{name}.example:8000/metrics", instance=f"{name}.example:8000")
        self.record = Record(self.target)
        self.dashboard = dashboard
        self.marks: tuple[Mark, ...] = ()
        self.silences: tuple[Silence, ...] = ()
        self.drills: tuple[Drill, ...] = ()
        self.reviews: tuple[Review, ...] = ()
        self.rules: tuple[Rule, ...] = (RULE,)
        self.bot = Bot(
            name=name,
            target=self.target,
            series=self.record.store,
            past=lambda: self.record.store,
            memory=lambda: 25 * 3_600_000,
            status=lambda: self.record.status,
            log=self._log,
            marks=lambda: self.marks,
            dashboard=lambda: self.dashboard,
            rules=lambda: self.rules,
            metadata=self.record.store.metadata,
            page=lambda: self.record.page,
            recorder=lambda: RecorderFrame(False, 7, "history.db"),
            revision=lambda: self.record.revision,
            remarks=lambda: self.record.remarks,
            heard=lambda: self.record.heard,
            kin=self.record.kin.of,
            silences=lambda: self.silences,
            drills=lambda: self.drills,
            reviews=lambda: self.reviews,
        )
        self.viewer = Viewer(lambda: (self.bot,))

    def _log(self) -> Log:
        log = Log()
        log.add((*self.record.events, *self.record.derived))
        log.add_errors(self.record.past_errors)
        return log

    def scrape(self, i: int, *, up: bool = True, **values: float) -> None:
        """The scrape at step `i`; what is not named is not on the page."""
        t, record = T + i * STEP, self.record
        found = {Labels({"__name__": name, "job": self.bot.name}): value for name, value in values.items() if up}
        record.store.append_scrape("scrape", t, {Labels({"__name__": "up", "job": self.bot.name}): float(up), **found})
        first = record.status.first_seen or t
        scraped_at = t if up else record.status.scraped_at
        record.say(up=up, scraped_at=scraped_at, tried_at=t, first_seen=first, reason="" if up else "refused")
        record.revision += 1

    def alert(self, i: int, *, firing: bool = True) -> None:
        """The rules at step `i`."""
        own = {"alertname": RULE.name, "severity": "warning", "job": self.bot.name}
        found = {
            Labels({"__name__": "ALERTS", "alertstate": "firing", **own}): 1.0,
            Labels({"__name__": "ALERTS_FOR_STATE", **own}): (T + i * STEP) / SECOND,
        }
        self.record.store.append_scrape("rules", T + i * STEP, found if firing else {})
        self.record.revision += 1

    def happen(self, i: int, type: str = "trade", cls: EventClass = EventClass.TRADE, *facts: Fact) -> None:
        """An event of the database at step `i`."""
        source, t = EventSource.DATABASE, T + i * STEP
        self.record.take_events(
            [BotEvent(f"{self.bot.name} {type} {i}", t, self.bot.name, type, cls, source, facts=facts)]
        )

    def frame(self, now: int, view: View = LIVE) -> Frame:
        """The frame of a view at step `now`."""
        return self.viewer.frame(view, T + now * STEP)

    def top(self, now: int, view: View = LIVE) -> BotFrame:
        """The header of that frame."""
        found = self.frame(now, view).subject
        assert found is not None
        return found
