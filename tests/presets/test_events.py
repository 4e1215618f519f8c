"""The preset for event databases: money, win rates and errors as they can be told by counting events."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Mapping

import pytest

from tradetop.dashboards import PanelEvaluator, preset
from tradetop.events.counters import EventCounters
from tradetop.limits import Ladder
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel_frame import PanelFrame
from tradetop.promql import Engine
from tradetop.store import MemoryStore

MIDNIGHT = 1_700_006_400_000
assert MIDNIGHT % DAY == 0


def series(name: str, **labels: str) -> Labels:
    return Labels({"__name__": name, "bot_id": "b1", **labels})


class Events:
    """The series of a bot's events, written every minute as they stand."""

    def __init__(self, t: int) -> None:
        self.t = t
        self.store = MemoryStore()
        self.totals: Counter[Labels] = Counter()

    def tick(self, minutes: int = 1) -> None:
        for _ in range(minutes):
            self.t += MINUTE
            self.store.append_scrape("events", self.t, dict(self.totals))

    def event(self, event_type: str, strategy: str = "", category: str = "") -> None:
        self._add(series("bot_events_total", event_type=event_type, strategy=strategy, category=category))

    def close(self, strategy: str, pnl: float, mode: str = "") -> None:
        self.event("trade_close", strategy)
        self._add(series("bot_trades_closed_total", strategy=strategy, mode=mode))
        self._add(series("bot_trades_decided_total", strategy=strategy, mode=mode))
        self._add(series("bot_trades_won_total", strategy=strategy, mode=mode), float(pnl > 0))
        self._add(series("bot_realized_pnl_usd", strategy=strategy, mode=mode), pnl)

    def _add(self, labels: Labels, amount: float = 1.0) -> None:
        if labels not in self.totals:
            self.totals[labels] = 0
            self.store.append_scrape("events", self.t + MINUTE // 2, dict(self.totals))
            self.t += MINUTE // 2
        self.totals[labels] += amount  # type: ignore[assignment]  # A counter of amounts, not of things.

    def frames(self) -> Mapping[str, PanelFrame]:
        dashboard = preset("defikit")
        assert dashboard is not None
        frames = PanelEvaluator().frames(Engine(self.store), dashboard.panels, at=self.t, span=HOUR, points=30)
        assert not [f.error for f in frames if f.error]
        return {f.panel.id: f for f in frames}


def value(frame: PanelFrame) -> float | None:
    return frame.first.reading.value if frame.first else None


def test_pnl_today_begins_anew_at_midnight() -> None:
    events = Events(MIDNIGHT - 3 * HOUR)
    events.close("momentum", 100.0)
    events.tick(30)
    events.close("grid", -40.0)
    events.tick(30)
    assert value(events.frames()["events-pnl-today"]) == pytest.approx(60.0)
    events.tick(150)
    assert events.t > MIDNIGHT
    assert value(events.frames()["events-pnl-today"]) == pytest.approx(0.0)
    events.close("grid", -15.5)
    events.tick(2)
    frames = events.frames()
    assert value(frames["events-pnl-today"]) == pytest.approx(-15.5)
    assert value(frames["events-pnl-total"]) == pytest.approx(44.5)


def table(frame: PanelFrame) -> dict[tuple[str, str], float]:
    """The cells of a table by row and column."""
    return {
        (s.labels["strategy"], frame.panel.queries[s.query].column): round(s.reading.value, 2)
        for s in frame.series
        if s.reading.value is not None and s.reading.presence is Presence.LIVE
    }


def test_one_row_for_each_strategy_with_whole_counts() -> None:
    events = Events(MIDNIGHT)
    for pnl in (10.0, 20.0, -5.0):
        events.event("signal", "momentum")
        events.close("momentum", pnl, mode="paper")
        events.tick(7)
    events.event("signal", "grid")
    events.tick(3)
    frames = events.frames()
    assert table(frames["events-strategies"]) == {
        ("momentum", "SIG"): 3.0,
        ("momentum", "TRD"): 3.0,
        ("momentum", "WIN%"): 66.67,
        ("momentum", "P&L"): 25.0,
        ("grid", "SIG"): 1.0,
    }
    assert frames["events-strategies-paper"].series == ()
    assert value(frames["events-win-rate"]) == pytest.approx(2 / 3)


def test_where_a_bot_trades_both_trades_on_paper_have_a_table_of_their_own() -> None:
    events = Events(MIDNIGHT)
    for pnl in (10.0, 20.0, -5.0):
        events.event("signal", "momentum")
        events.close("momentum", pnl)
        events.tick(5)
    events.close("momentum", 500.0, mode="paper")
    events.close("grid", -30.0, mode="paper")
    events.tick(5)
    frames = events.frames()
    assert table(frames["events-strategies"]) == {
        ("momentum", "TRD"): 3.0,
        ("momentum", "WIN%"): 66.67,
        ("momentum", "P&L"): 25.0,
    }
    paper = table(frames["events-strategies-paper"])
    assert paper["momentum (paper)", "P&L"] == 500.0
    assert paper["grid (paper)", "P&L"] == -30.0
    assert paper["grid (paper)", "WIN%"] == 0.0
    assert value(frames["events-pnl-today"]) == pytest.approx(25.0)
    assert value(frames["events-win-rate"]) == pytest.approx(2 / 3)


def test_a_day_later_only_the_last_day_counts() -> None:
    events = Events(MIDNIGHT)
    events.event("signal", "momentum")
    events.close("momentum", 100.0)
    events.tick(60)
    events.event("signal", "momentum")
    events.close("momentum", -30.0)
    events.tick(23 * 60 + 5)
    cells = table(events.frames()["events-strategies"])
    assert (cells["momentum", "SIG"], cells["momentum", "TRD"], cells["momentum", "P&L"]) == (1.0, 1.0, -30.0)


def test_the_table_agrees_with_the_database() -> None:
    """Two days of trades at random times, counted, against what SQL says of the last 24 hours and of today."""
    database = sqlite3.connect(":memory:")
    database.execute("create table trades(t integer, strategy text, pnl_usd real)")
    dice, now = random.Random(5), MIDNIGHT + 9 * HOUR + 17_000
    past = []
    for n, t in enumerate(sorted(dice.sample(range(now - 2 * DAY, now), 160))):
        strategy, pnl = dice.choice(("momentum", "grid", "arb")), round(dice.gauss(2, 40), 2)
        database.execute("insert into trades values (?, ?, ?)", (t, strategy, pnl))
        kind, facts = ("trade_close", (Fact("pnl_usd", pnl),))
        past.append(BotEvent(str(n), t, "b1", kind, EventClass.CLOSE, EventSource.DATABASE, "", strategy, facts=facts))
    store, totals, t = MemoryStore(), dict[Labels, float](), now - 2 * DAY
    for at, changed in EventCounters().history(past):
        while at - t > 4 * MINUTE:
            t += 4 * MINUTE
            store_all(store, t, totals)
        totals.update(changed)
        store_all(store, at, changed)
        t = at
    store_all(store, now, totals)
    dashboard = preset("defikit")
    assert dashboard is not None
    frames = PanelEvaluator().frames(Engine(store), dashboard.panels, at=now, span=HOUR, points=30)
    found = {f.panel.id: f for f in frames}
    cells = table(found["events-strategies"])
    sql = "select strategy, count(*), round(sum(pnl_usd), 2) from trades where t > ? group by strategy"
    for strategy, count, pnl in database.execute(sql, (now - DAY,)):
        assert cells[strategy, "TRD"] == count
        assert cells[strategy, "P&L"] == pytest.approx(pnl, abs=0.011)
    ((today,),) = database.execute("select sum(pnl_usd) from trades where t >= ?", (MIDNIGHT,))
    assert value(found["events-pnl-today"]) == pytest.approx(today, abs=0.001)


def store_all(store: MemoryStore, t: int, samples: Mapping[Labels, float]) -> None:
    for labels, number in samples.items():
        store.append(labels, t, number)


@pytest.mark.parametrize(
    ("category", "count", "panel", "level"),
    [
        ("connection", 5, "events-connection", Level.OK),
        ("connection", 7, "events-connection", Level.WARNING),
        ("execution", 1, "events-execution", Level.CRITICAL),
        ("validation", 30, "events-validation", Level.OK),
    ],
)
def test_errors_alert_as_the_document_says(category: str, count: int, panel: str, level: Level) -> None:
    events = Events(MIDNIGHT)
    events.event("signal")
    events.tick(20)
    for _ in range(count):
        events.event("error", category=category)
    events.tick(1)
    frames = events.frames()
    assert frames[panel].level is level
    assert value(frames[panel]) == count


def test_without_any_error_the_rows_read_zero() -> None:
    events = Events(MIDNIGHT)
    events.event("signal")
    events.tick(20)
    frames = events.frames()
    for panel in ("events-connection", "events-execution", "events-validation", "events-other-errors"):
        assert value(frames[panel]) == 0.0
    rows = Ladder().rows(frames.values(), events.t)
    assert [(r.label, r.closeness) for r in rows] == [("connection", 0.0), ("execution", 0.0)]
