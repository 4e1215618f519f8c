"""What the two documents promise, from a page on a socket to the cells of the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from end_to_end.pages import POLYBOT, TRADER, Metric, Values, calm, distinct, named, text
from end_to_end.person import Person
from recorder.machine import Machine, Running, running
from tradetop.cli.bots import Bots
from tradetop.model.alert import AlertState
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.frame import Frame
from tradetop.model.level import Level
from tradetop.model.panel import PaneName
from tradetop.model.target import Target
from tradetop.model.view import View
from tradetop.theme.roles import Role
from tradetop.viewer.viewer import Viewer
from watched_bot import WatchedBot

SCRAPES = 6
RAN = SCRAPES * 10
"""Seconds that the bot has counted when it is looked at."""
CURVE = re.compile("[\u2800-\u28ff]+")


@pytest.fixture(scope="module")
def bot() -> Iterator[WatchedBot]:
    with WatchedBot() as bot:
        yield bot


def frame(run: Running) -> Frame:
    return Viewer(Bots([run.watch])).frame(View(span=15 * MINUTE, points=40), run.machine.now())


async def watched(bot: WatchedBot, values: Values, folder: Path) -> Frame:
    """The frame after a minute of scraping a bot with these values."""
    bot.page = text(values, 0)
    async with running(Target("bot", bot.url, instance=bot.instance), folder, Machine()) as run:
        await run.first()
        for i in range(1, SCRAPES + 1):
            bot.page = text(values, i * 10)
            await run.scrape()
        return frame(run)


def rows(person: Person) -> dict[str, str]:
    """The dashboard by title, as much of it as one key shows: the words beside each title, without curves."""
    titles = sorted((panel.panel.title for panel in person.frame.panels), key=len, reverse=True)
    found: dict[str, str] = {}
    title = ""
    for line in person.press("dashboard").splitlines()[2:-1]:
        starts = next((name for name in titles if line[2:].startswith((name, name[:25]))), "")
        said = line[2:].removeprefix(starts)
        if starts and said == line[2:]:
            said = said.partition("…")[2]  # A title that the narrow screen cut.
        title = starts or title
        found[title] = f"{found.get(title, '')} {' '.join(CURVE.sub(' ', said).split())} "
    return found


def seconds(value: float) -> str:
    return f"{value:.1f}s"


Said = Callable[[Callable[[str], float]], list[str]]
SIXTEEN: dict[str, Said] = {
    "Account Value": lambda v: [f"{v('account_value_usd'):,.2f} USD"],
    "Daily PnL %": lambda v: [f"{v('daily_pnl_pct'):+.2f}%"],
    "Open Positions": lambda v: [f"{v('open_positions'):.0f} "],
    "Exposure %": lambda v: [f"{v('exposure_pct'):.1f}%"],
    "Account Value & PnL Over Time": lambda v: [
        f"Account Value {v('account_value_usd'):,.2f} USD",
        f"Daily PnL {v('daily_pnl_usd'):,.2f} USD",
    ],
    "Risk Metrics": lambda v: [f"Exposure % {v('exposure_pct'):.1f}%", f"Max Drawdown {v('max_drawdown_pct'):.1f}%"],
    "Trades Per Hour": lambda v: [f"{v('trades_per_hour'):.1f}/h"],
    "Triggers Detected (Last Cycle)": lambda v: [f"{v('triggers_detected'):.0f} "],
    "Proposals Generated (Last Cycle)": lambda v: [f"{v('proposals_generated'):.0f} "],
    "Strategy Selectivity (Proposals/Triggers)": lambda v: [f"{v('triggers_to_proposals_ratio') * 100:,.1f}%"],
    "Triggers vs Proposals Over Time": lambda v: [
        f"Triggers {v('triggers_detected'):.0f} ",
        f"Proposals {v('proposals_generated'):.0f} ",
    ],
    "Rate Limiter Utilization by Endpoint": lambda v: [f"products {v('rate_limiter_utilization_pct'):.1f}%"],
    "Trade Rate (per 5min)": lambda v: [f"{v('trades_total') * RAN:,.1f} "],
    "Cycle Duration": lambda v: [f"cycle average {seconds(v('cycle_duration_seconds'))}", "cycle p95 "],
    "Risk Rejections by Reason": lambda v: [f"{v('risk_rejections_total') * RAN:,.0f} "],
    # The 95th percentile lies 0.5 % below the one value that every observation had: buckets are cut in tenths.
    "API Latency (p95)": lambda v: [seconds(v("api_latency_seconds") * 0.995)],
}
FIVE: dict[str, Said] = {
    "P&L Overview": lambda v: [f"total {v('pnl_total'):+,.2f} USD", f"arb {v('pnl_total'):+,.2f} USD"],
    "Order Activity": lambda v: [f"{v('orders_total') * RAN:,.0f}/h"],
    "Position Summary": lambda v: ["open positions 1 ", f"exposure {v('position_value_usd'):,.2f} USD"],
    "Signal Rate": lambda v: [f"{v('signals_total') * RAN / 5:.1f}/min"],
    "API Performance": lambda v: ["latency p95 ", "s ", f"errors {v('http_requests_total') * RAN / 300:.2f}/s"],
}


def valued(values: Values, prefix: str) -> Callable[[str], float]:
    by_name = {metric.name: value for metric, value in reversed(list(values.items()))}
    return lambda name: by_name[f"{prefix}_{name}"]


@pytest.mark.parametrize(("metrics", "prefix", "promised"), [(TRADER, "trader", SIXTEEN), (POLYBOT, "polybot", FIVE)])
async def test_one_key_shows_every_documented_panel_with_title_value_and_unit(
    bot: WatchedBot, tmp_path: Path, metrics: tuple[Metric, ...], prefix: str, promised: dict[str, Said]
) -> None:
    values = distinct(metrics)
    found = rows(Person(await watched(bot, values, tmp_path)))
    for title, said in promised.items():
        for words in said(valued(values, prefix)):
            assert words in found[title], title


MOVES: dict[str, set[str]] = {
    "trader_account_value_usd": {"Account Value", "Account Value & PnL Over Time"},
    "trader_daily_pnl_usd": {"Account Value & PnL Over Time"},
    "trader_daily_pnl_pct": {"Daily PnL %"},
    "trader_open_positions": {"Open Positions"},
    "trader_exposure_pct": {"Exposure %", "Risk Metrics"},
    "trader_max_drawdown_pct": {"Risk Metrics"},
    "trader_trades_per_hour": {"Trades Per Hour"},
    "trader_triggers_detected": {"Triggers Detected (Last Cycle)", "Triggers vs Proposals Over Time"},
    "trader_proposals_generated": {"Proposals Generated (Last Cycle)", "Triggers vs Proposals Over Time"},
    "trader_triggers_to_proposals_ratio": {"Strategy Selectivity (Proposals/Triggers)"},
    "trader_rate_limiter_utilization_pct": {"Rate Limiter Utilization by Endpoint"},
    "trader_cycle_duration_seconds": {"Cycle Duration"},
    "trader_api_latency_seconds": {"API Latency (p95)"},
    "trader_trades_total": {"Trade Rate (per 5min)"},
    "trader_risk_rejections_total": {"Risk Rejections by Reason"},
    "trader_circuit_breaker_trips": set(),
    "trader_orders_placed_total": set(),
    "trader_orders_filled_total": set(),
    "polybot_http_request_duration_seconds": {"API Performance"},
    "polybot_http_requests_total": {"API Performance"},
    "polybot_orders_total": {"Order Activity"},
    "polybot_position_value_usd": {"Position Summary"},
    "polybot_pnl_total": {"P&L Overview"},
    "polybot_pnl_unrealized": set(),
    "polybot_signals_total": {"Signal Rate"},
    "polybot_scans_total": set(),
    "polybot_strategy_running": set(),
    "polybot_websocket_connections": set(),
    "polybot_nng_queue_depth": set(),
}


@pytest.mark.parametrize(("metrics", "promised"), [(TRADER, SIXTEEN), (POLYBOT, FIVE)])
async def test_changing_one_value_changes_exactly_its_panels_on_the_screen(
    bot: WatchedBot, tmp_path: Path, metrics: tuple[Metric, ...], promised: dict[str, Said]
) -> None:
    values = distinct(metrics)
    before = rows(Person(await watched(bot, values, tmp_path / "before")))
    for i, metric in enumerate(metrics):
        after = rows(Person(await watched(bot, {**values, metric: values[metric] * 1.5 + 1}, tmp_path / str(i))))
        changed = {title for title in promised if before[title] != after[title]}
        assert changed == MOVES[metric.name], metric


# The level is that of the alert: what is red on the screen may be loud as the document says, and no louder.
CROSSINGS = [
    ("trader_exposure_pct", 20.5, PaneName.LIMITS, 2, "exposure", Level.WARNING),
    ("trader_exposure_pct", 25.5, PaneName.LIMITS, 2, "exposure", Level.WARNING),
    ("trader_max_drawdown_pct", 8.5, PaneName.LIMITS, 1, "drawdown", Level.CRITICAL),
    ("trader_max_drawdown_pct", 10.5, PaneName.LIMITS, 1, "drawdown", Level.CRITICAL),
    ("trader_daily_pnl_pct", -3.5, PaneName.LIMITS, 5, "day-loss", Level.WARNING),
    ("trader_daily_pnl_pct", -5.5, PaneName.LIMITS, 1, "day-loss", Level.CRITICAL),
    ("trader_open_positions", 5.0, PaneName.LIMITS, 5, "open-positions", Level.WARNING),
    ("trader_open_positions", 8.0, PaneName.LIMITS, 5, "open-positions", Level.WARNING),
    ("trader_trades_per_hour", 10.5, PaneName.LIMITS, 10, "trades-per-hour", Level.WARNING),
    ("trader_triggers_to_proposals_ratio", 0.15, PaneName.LIMITS, 5, "selectivity", Level.WARNING),
    ("trader_triggers_to_proposals_ratio", 0.85, PaneName.LIMITS, 5, "selectivity", Level.WARNING),
    ("trader_rate_limiter_utilization_pct", 81.0, PaneName.RATES, 2, "rate-limits", Level.WARNING),
    ("trader_rate_limiter_utilization_pct", 91.0, PaneName.RATES, 1, "rate-limits", Level.CRITICAL),
    ("trader_cycle_duration_seconds", 46.0, PaneName.CYCLE, 2, "cycle-duration", Level.WARNING),
    ("trader_api_latency_seconds", 2.5, PaneName.CYCLE, 3, "api-latency-p95", Level.WARNING),
    ("trader_risk_rejections_total", 0.1, PaneName.STRATEGIES, 3, "rejections", Level.WARNING),
]


@pytest.mark.parametrize(("name", "value", "pane", "minutes", "panel", "level"), CROSSINGS)
async def test_crossing_a_documented_threshold_highlights_its_pane_and_rings_when_it_lasts(
    bot: WatchedBot, tmp_path: Path, name: str, value: float, pane: PaneName, minutes: int, panel: str, level: Level
) -> None:
    values = calm(TRADER)
    target = Target("bot", bot.url, instance=bot.instance, interval=30 * SECOND)
    async with running(target, tmp_path, Machine()) as run:
        bot.page = text(values, 0)
        await run.first()
        await run.scrape()
        assert not highlighted(Person(frame(run)), pane)
        assert frame(run).alerts == ()

        values[named(TRADER, name)] = value
        fired = await ringing(run, bot, values, minutes)
        person = Person(frame(run))
        assert highlighted(person, pane)
        assert fired in range(minutes * MINUTE, (minutes + 6) * MINUTE), "not before it has lasted"
        alert = next(a.rule for a in person.frame.alerts if a.state is AlertState.FIRING)
        assert (alert.panel, alert.level) == (panel, level)
        shown = person.press("pane-alerts")
        assert re.search(rf"FIRING\s+{alert.name[:8]}", shown), shown


async def ringing(run: Running, bot: WatchedBot, values: Values, minutes: int) -> int:
    """Scrape until an alert fires; how long that took (ms)."""
    begun, counted = run.machine.now(), 0.0
    for _ in range(2 * (minutes + 6)):
        counted += 30
        bot.page = text(values, counted)
        await run.scrape()
        if run.value('ALERTS{alertstate="firing"}') is not None:
            return run.machine.now() - begun
    raise AssertionError("no alert fired")


def highlighted(person: Person, pane: PaneName) -> bool:
    """Whether one key at most shows a pane framed in the colour of a warning, on a small and on a large screen."""
    roles = []
    for size in ((80, 24), (120, 40)):
        looking = Person(person.frame, size)
        looking.press(f"pane-{pane.value}")
        roles.append(looking.box(pane.value).rows[0][0].role)
    assert len(set(roles)) == 1
    return roles[0] in (Role.WARN, Role.CRIT)
