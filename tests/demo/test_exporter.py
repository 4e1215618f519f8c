"""The sample bot exposes what 247trader documents."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradetop.demo import health
from tradetop.demo.exporter import Exporter
from tradetop.demo.ledger import BOT_ID, Ledger
from tradetop.demo.story import stress
from tradetop.demo.trader import Trader

DOCUMENTED = {
    "trader_account_value_usd": "gauge",
    "trader_daily_pnl_usd": "gauge",
    "trader_daily_pnl_pct": "gauge",
    "trader_open_positions": "gauge",
    "trader_exposure_pct": "gauge",
    "trader_max_drawdown_pct": "gauge",
    "trader_trades_per_hour": "gauge",
    "trader_triggers_detected": "gauge",
    "trader_proposals_generated": "gauge",
    "trader_triggers_to_proposals_ratio": "gauge",
    "trader_rate_limiter_utilization_pct": "gauge",
    "trader_cycle_duration_seconds": "histogram",
    "trader_api_latency_seconds": "histogram",
    "trader_trades_total": "counter",
    "trader_orders_placed_total": "counter",
    "trader_orders_filled_total": "counter",
    "trader_risk_rejections_total": "counter",
    "trader_circuit_breaker_trips_total": "counter",
}


@pytest.fixture(scope="module")
def pages() -> list[str]:
    """A page for each of the first fifteen minutes."""
    trader, exporter = Trader(7), Exporter()
    for _ in trader.live_past():
        pass
    found = []
    for t in range(900):
        exporter.record(trader.advance(t, stress(t, 7)), trader.standing(t))
        if t % 60 == 0:
            found.append(exporter.page().decode())
    return found


@pytest.fixture(scope="module")
def page(pages: list[str]) -> str:
    """The last of them."""
    return pages[-1]


@pytest.mark.parametrize(("name", "kind"), DOCUMENTED.items())
def test_every_documented_metric_has_its_type_and_moves(pages: list[str], name: str, kind: str) -> None:
    assert f"# TYPE {name} {kind}\n" in pages[0]
    starts = (f"{name} ", f"{name}{{", f"{name}_count")
    samples = {line for page in pages for line in page.splitlines() if line.startswith(starts)}
    assert len(samples) > 1 or name == "trader_circuit_breaker_trips_total"


def test_it_says_that_it_only_plays(page: str) -> None:
    assert 'trader_build_info{mode="PAPER",version=' in page


def test_rejections_have_their_reasons(page: str) -> None:
    assert 'trader_risk_rejections_total{reason="cooldown"}' in page


def test_the_cycle_histogram_reaches_beyond_its_budget(page: str) -> None:
    assert 'trader_cycle_duration_seconds_bucket{le="60.0"}' in page


def test_it_is_unhealthy_when_the_exchange_is_gone_and_degraded_under_strain() -> None:
    trader = Trader(7)
    bodies = {}
    for t in range(3 * 3_600):
        trader.advance(t, stress(t, 7))
        now = trader.standing(t)
        answer = health.full(now, t)
        body = json.loads(answer.body)
        bodies[body["status"]] = (answer.status, body, health.ready(now).status)
    assert bodies["healthy"][0] == 200
    assert bodies["healthy"][1]["issues"] == []
    assert bodies["degraded"][0] == 200
    assert bodies["degraded"][1]["issues"]
    status, body, ready = bodies["unhealthy"]
    assert (status, ready) == (503, 503)
    assert body["components"]["exchange"] == {"status": "unhealthy"}
    assert "api_health" in body["issues"][0]
    assert body["mode"] == "PAPER"


@pytest.fixture
def events(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Five minutes of events, and the hours before."""
    path = tmp_path / "bots.db"
    ledger, trader = Ledger(path, "run"), Trader(7)
    for t, happened in trader.live_past():
        ledger.write((1_700_000_000_000 + t * 1_000, one) for one in happened)
    for t in range(300):
        ledger.write((1_700_000_000_000 + t * 1_000, one) for one in trader.advance(t, stress(t, 7)))
    ledger.close()
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def test_every_event_type_is_written_and_its_metadata_is_json(events: sqlite3.Connection) -> None:
    types = {kind for (kind,) in events.execute("select distinct event_type from bot_events")}
    assert types == {"signal", "risk_eval", "trade_open", "trade_close", "error"}
    assert events.execute("select distinct bot_id from bot_events").fetchall() == [(BOT_ID,)]
    assert events.execute("select count(*) from bot_events where not json_valid(metadata)").fetchone() == (0,)
    modes = events.execute("select distinct json_extract(metadata, '$.mode') from bot_events")
    assert modes.fetchall() == [("paper",)]


def test_closes_report_profit_and_opens_can_be_paired_with_their_signals(events: sqlite3.Connection) -> None:
    unpaired = """
        select count(*) from bot_events o where event_type = 'trade_open' and json_extract(metadata, '$.signal_id')
        not in (select json_extract(metadata, '$.signal_id') from bot_events where event_type = 'signal')
    """
    adjusted = 3
    assert events.execute(unpaired).fetchone()[0] <= adjusted
    closes = "select json_extract(metadata, '$.pnl_usd') from bot_events where event_type = 'trade_close'"
    results = [pnl for (pnl,) in events.execute(closes)]
    assert any(pnl > 0 for pnl in results)
    assert any(pnl < 0 for pnl in results)


def test_two_starts_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    for run in ("one", "two"):
        ledger, trader = Ledger(path, run), Trader(7)
        ledger.write((t, one) for t in range(60) for one in trader.advance(t, stress(t, 7)))
        ledger.close()
    connection = sqlite3.connect(path)
    ids = connection.execute("select count(*), count(distinct id) from bot_events").fetchone()
    connection.close()
    assert ids[0] == ids[1] > 20
    assert ids[0] % 2 == 0


def test_the_documented_indexes_exist(events: sqlite3.Connection) -> None:
    names = {name for (name,) in events.execute("select name from sqlite_master where type = 'index'")}
    assert {"idx_bot_events_bot", "idx_bot_events_type"} <= names
