"""What the screen shows of an event database alone, against independent SQL over what really happened.

The file has three bots, paper beside live, P&L that is missing or nonsense, rows that were written twice, and times as
seven programs spell them. The same things lie as typed rows in a database in memory, which is asked in SQL.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from events.bot_database import INSERT
from recorder.machine import T0, Machine, running
from reports.ledger import asked, update
from tradetop.dashboards import PanelEvaluator, preset
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.model.level import Presence
from tradetop.model.panel_frame import PanelFrame
from tradetop.model.target import Target
from tradetop.promql import Engine
from tradetop.recorder.plan import Plan
from tradetop.reports import strategies
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import Window

BOTS = {"alpha": ("live",), "beta": ("paper",), "gamma": ("live", "dry_run")}
MIDNIGHT = T0 // DAY * DAY
MONEY = "mode NOT IN ('paper', 'dry_run')"
ERRORS = {
    "RPC timeout after 900 ms": "connection",
    "slippage exceeded: 80 bps": "execution",
    "honeypot check failed": "validation",
    "strange thing": "other",
}


def spelled(t: int, dice: random.Random) -> object:
    """A time (ms, whole seconds) as one bot or another writes it."""
    at = datetime.fromtimestamp(t / 1_000, UTC)
    return dice.choice(
        (
            f"{at:%Y-%m-%dT%H:%M:%SZ}",
            f"{at:%Y-%m-%d %H:%M:%S}",
            at.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(),
            f"{at:%Y/%m/%d %H:%M:%S UTC}",
            t // 1_000,
            t,
            str(t / 1_000),
        )
    )


@pytest.fixture(params=["paper beside live", "live alone"])
def truth(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """What happened; the bots' file is written beside it."""
    alone = request.param == "live alone"
    dice = random.Random(23)
    truth = sqlite3.connect(":memory:")
    truth.execute("CREATE TABLE told(t INT, bot TEXT, kind TEXT, strategy TEXT, mode TEXT, pnl REAL, category TEXT)")
    file = sqlite3.connect(tmp_path / "bots.db")
    file.execute(
        "CREATE TABLE bot_events (id TEXT, bot_id TEXT, event_type TEXT, pair TEXT, strategy TEXT, timestamp, metadata "
        "TEXT, created_at TEXT DEFAULT (datetime('now')))"
    )
    for i, t in enumerate(sorted(dice.sample(range((T0 - 2 * DAY) // SECOND, (T0 - MINUTE) // SECOND), 700))):
        bot = dice.choice(tuple(BOTS))
        mode, strategy = "live" if alone else dice.choice(BOTS[bot]), dice.choice(("grid", "momentum"))
        kind = dice.choices(("signal", "trade_open", "trade_close", "error"), (35, 20, 35, 10))[0]
        said: dict[str, object] = {"mode": mode}
        pnl, text, category = None, "", ""
        if kind == "trade_close":
            earned = round(dice.gauss(3, 40), 2)
            pnl, written = dice.choices(
                ((earned, earned), (earned, str(earned)), (None, "oops"), (None, None), (None, [earned])),
                (75, 10, 5, 5, 5),
            )[0]
            said |= {} if dice.random() < 0.02 and pnl is None else {"pnl_usd": written}
        if kind == "error":
            text, category = dice.choice(tuple(ERRORS.items()))
            said["message"] = text
        truth.execute(
            "INSERT INTO told VALUES (?, ?, ?, ?, ?, ?, ?)", (t * SECOND, bot, kind, strategy, mode, pnl, category)
        )
        metadata = json.dumps(said) if dice.random() > 0.02 or kind == "trade_close" or kind == "error" else "{broken"
        row = (f"e{i}", bot, kind, "SOL/USDC", strategy, spelled(t * SECOND, dice), metadata)
        for _ in range(dice.choices((1, 2), (93, 7))[0]):
            # Twice where a batch was sent again; then now and then in another spelling.
            file.execute(
                INSERT,
                row,
            )
    file.commit()
    file.close()
    yield truth
    truth.close()


def value(frame: PanelFrame) -> float | None:
    return frame.first.reading.value if frame.first else None


def table(frame: PanelFrame) -> dict[tuple[str, str], float]:
    return {
        (s.labels["strategy"], frame.panel.queries[s.query].column): s.reading.value
        for s in frame.series
        if s.reading.value is not None and s.reading.presence is Presence.LIVE
    }


async def test_the_screen_says_what_sql_says(truth: sqlite3.Connection, tmp_path: Path) -> None:
    machine = Machine()
    target = Target("bots.db", database=str(tmp_path / "bots.db"), instance="bots.db")
    async with running(target, tmp_path / "history", machine) as run:
        await run.until(lambda: run.record.told)
        store, feed = run.record.store, list(run.record.events)
        dashboard = preset("defikit")
        assert dashboard is not None
        found = PanelEvaluator().frames(Engine(store), dashboard.panels, at=T0, span=6 * HOUR, points=60)
    assert not [frame.error for frame in found if frame.error]
    frames = {frame.panel.id: frame for frame in found}

    def ask(sql: str, *values: object) -> float:
        return truth.execute(sql, values).fetchone()[0]

    closes = f"FROM told WHERE kind = 'trade_close' AND {MONEY}"
    assert value(frames["events-pnl-today"]) == pytest.approx(ask(f"SELECT TOTAL(pnl) {closes} AND t >= ?", MIDNIGHT))
    assert value(frames["events-pnl-total"]) == pytest.approx(ask(f"SELECT TOTAL(pnl) {closes}"))
    rate = f"SELECT AVG(pnl > 0) {closes} AND pnl IS NOT NULL AND t > ?"
    assert value(frames["events-win-rate"]) == pytest.approx(ask(rate, T0 - DAY))

    curve = frames["events-pnl-curve"].first
    assert curve is not None
    trend = curve.trend
    steps = [(trend.start + i * trend.step, total) for i, total in enumerate(trend.values) if total == total]
    assert len(steps) > 50
    for t, total in steps:
        assert total == pytest.approx(ask(f"SELECT TOTAL(pnl) {closes} AND t <= ?", t), abs=1e-6)
    cells = table(frames["events-strategies"])
    for strategy in ("grid", "momentum"):
        mine = f"{closes} AND strategy = ? AND t > ?"
        values = strategy, T0 - DAY
        assert cells[strategy, "TRD"] == ask(f"SELECT COUNT(*) {mine}", *values)
        assert cells[strategy, "P&L"] == pytest.approx(ask(f"SELECT TOTAL(pnl) {mine}", *values))
        wins = ask(f"SELECT 100 * AVG(pnl > 0) {mine} AND pnl IS NOT NULL", *values)
        assert cells[strategy, "WIN%"] == pytest.approx(wins)
        if not ask(f"SELECT COUNT(*) FROM told WHERE NOT {MONEY}"):
            # Beside trades on paper nobody knows for which a signal is meant.
            signals = "SELECT COUNT(*) FROM told WHERE kind = 'signal' AND strategy = ? AND t > ?"
            assert cells[strategy, "SIG"] == ask(signals, *values)
    assert len(feed) == ask("SELECT COUNT(*) FROM told")
    assert [event.t for event in feed] == [t for (t,) in truth.execute("SELECT t FROM told ORDER BY t")]
    for category in ("connection", "execution", "validation"):
        of = "SELECT COUNT(*) FROM told WHERE kind = 'error' AND category = ? AND t > ?"
        assert value(frames[f"events-{category}"]) == ask(of, category, T0 - 5 * MINUTE)


@pytest.mark.parametrize("offset", [0, 120, -300, 345])
async def test_profit_today_is_that_of_the_zone_shown(offset: int, truth: sqlite3.Connection, tmp_path: Path) -> None:
    machine = Machine()
    target = Target("bots.db", database=str(tmp_path / "bots.db"), instance="bots.db")
    async with running(target, tmp_path / "history", machine) as run:
        await run.until(lambda: run.record.told)
        dashboard = Plan(run.record, {}, offset).dashboard()
        found = PanelEvaluator().frames(Engine(run.record.store), dashboard.panels, at=T0, span=6 * HOUR, points=60)
    assert not [frame.error for frame in found if frame.error]
    midnight = (T0 + offset * MINUTE) // DAY * DAY - offset * MINUTE
    sql = f"SELECT TOTAL(pnl) FROM told WHERE kind = 'trade_close' AND {MONEY} AND t >= ?"
    (frame,) = (frame for frame in found if frame.panel.id == "events-pnl-today")
    assert value(frame) == pytest.approx(truth.execute(sql, (midnight,)).fetchone()[0])


def test_reports_say_what_sql_says(truth: sqlite3.Connection, tmp_path: Path) -> None:
    rollup = update(tmp_path / "bots.db", Rollup(None), batch=300)
    since = T0 // HOUR * HOUR - 30 * HOUR
    found = strategies(rollup, asked(Window.around(since, T0))).rows
    assert sum(row.trades for row in found) > 100
    for row in (row for row in found if row.trades):
        # What other bots call trading on paper.
        modes = ("paper", "dry_run") if row.mode == "paper" else (row.mode, row.mode)
        of = "FROM told WHERE kind = 'trade_close' AND strategy = ? AND mode IN (?, ?) AND t >= ?"
        values = row.strategy, *modes, since
        count, known, pnl, wins = truth.execute(
            f"SELECT COUNT(*), COUNT(pnl), TOTAL(pnl), TOTAL(pnl > 0) {of}", values
        ).fetchone()
        assert (row.trades, row.unknown, row.win_rate.n) == (count, count - known, known)
        assert row.pnl == pytest.approx(pnl)
        assert row.win_rate.value == pytest.approx(wins / known)
        fall = truth.execute(
            "WITH curve AS (SELECT t, SUM(pnl) OVER (ORDER BY t) AS total "
            f"{of} AND pnl IS NOT NULL) SELECT MAX(peak - total) FROM "
            "(SELECT total, MAX(0, MAX(total) OVER (ORDER BY t)) AS peak FROM curve)",
            values,
        ).fetchone()[0]
        assert row.drawdown == pytest.approx(fall)
