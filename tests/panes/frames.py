"""A rich, realistic frame for tests of anything that shows frames."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.detail_frame import DetailFrame, ExplainFrame, StatsFrame
from tradetop.model.explanation import Element, Gives, Part
from tradetop.model.feed_frame import ErrorGroup, ErrorTally, FeedFrame, GroupFrame, Incident, Position
from tradetop.model.frame import BotFrame, Frame, RecorderFrame
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Panel, PanelKind, PaneName, Query, Side, Threshold
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.target import Health, HealthState, LineError, Mode
from tradetop.model.unit import Kind, Unit, kind_of
from tradetop.model.view import AlertFocus, Focus, View

NOW = 1_795_003_407_000
"""2026-11-18 12:03:27 UTC."""
SPAN = 6 * HOUR
POINTS = 120


def trend(shape: Callable[[float], float], points: int = POINTS) -> Trend:
    """A series of `shape(0..1)` over the window."""
    step = SPAN // points
    return Trend(NOW - SPAN, step, tuple(shape(i / (points - 1)) for i in range(points)))


def wave(base: float, size: float, turns: float = 3.0, seed: float = 0.0) -> Callable[[float], float]:
    """A shape that looks alive and is always the same."""
    return lambda x: (
        base + size * (0.6 * math.sin(turns * 6.28 * x + seed) + 0.4 * math.sin(turns * 17.1 * x + 2.1 * seed))
    )


def climb(start: float, end: float, noise: float, seed: float = 0.0) -> Callable[[float], float]:
    """A shape on its way from one value to another."""
    return lambda x: start + (end - start) * x**1.3 + wave(0.0, noise, 4.0, seed)(x)


def series(
    panel: Panel,
    value: float | None,
    shape: Callable[[float], float] | None = None,
    labels: Mapping[str, str] | None = None,
    legend: str = "",
    query: int = 0,
    presence: Presence = Presence.LIVE,
) -> SeriesFrame:
    """One series of a panel, live unless said otherwise."""
    unit = panel.queries[query].unit or panel.unit
    level = panel.level(value) if value is not None else Level.OK
    reading = Reading(value, unit, kind_of(unit), presence, level, NOW - SECOND)
    curve = trend(shape or wave(value or 0.0, abs(value or 1.0) * 0.2, seed=(value or 1.0) % 7))
    return SeriesFrame(query, legend, Labels(labels or {}), reading, curve)


def panel_of(id: str, title: str, pane: PaneName, kind: PanelKind, unit: Unit, expr: str, **more: object) -> Panel:
    """A panel with one query."""
    return replace(Panel(id, title, (Query(expr),), pane, kind, unit), **more)


def thresholds(warning: float, critical: float | None = None, side: Side = Side.ABOVE) -> tuple[Threshold, ...]:
    found = [Threshold(warning, Level.WARNING, side, hold=2 * MINUTE)]
    return (*found, Threshold(critical, Level.CRITICAL, side, hold=MINUTE)) if critical is not None else (*found,)


def framed(panel: Panel, *found: SeriesFrame) -> PanelFrame:
    return PanelFrame(panel, found, max((s.reading.level for s in found), default=Level.OK))


def _portfolio() -> list[PanelFrame]:
    pnl, equity, row = PaneName.PNL, PaneName.EQUITY, "Portfolio"
    head = panel_of("daily_pnl", "Daily P&L", pnl, PanelKind.HEADLINE, Unit.USD, "trader_daily_pnl_usd",
                    label="P&L today", signed=True, row=row)  # fmt: skip
    percent = panel_of("daily_pnl_pct", "Daily P&L %", pnl, PanelKind.TITLE, Unit.PERCENT, "trader_daily_pnl_pct",
                       signed=True, decimals=2, row=row)  # fmt: skip
    realised = panel_of("realised", "Realised P&L", pnl, PanelKind.STAT, Unit.USD, "bot_realized_pnl_usd",
                        label="realised", signed=True, row=row)  # fmt: skip
    opened = panel_of("open_pnl", "Open P&L", pnl, PanelKind.STAT, Unit.USD, "bot_open_pnl_usd",
                      label="open", signed=True, row=row)  # fmt: skip
    account = panel_of("account_value", "Account value", equity, PanelKind.CHART, Unit.USD,
                       "trader_account_value_usd", label="Equity", row=row)  # fmt: skip
    peak = panel_of("peak", "Peak account value", equity, PanelKind.TITLE, Unit.USD,
                    "max_over_time(trader_account_value_usd[24h])", label="peak", decimals=0, row=row)  # fmt: skip
    return [
        framed(head, series(head, 1_284.20, lambda x: -105 + 1_500 * x**1.8 + wave(0, 60, 3)(x))),
        framed(percent, series(percent, 2.52)),
        framed(realised, series(realised, 1_102.40)),
        framed(opened, series(opened, 181.80)),
        framed(account, series(account, 52_305.75, climb(50_800.0, 52_306.0, 120.0))),
        framed(peak, series(peak, 52_408.0)),
    ]


def _risk() -> list[PanelFrame]:
    pane, row = PaneName.LIMITS, "Risk"
    exposure = panel_of("exposure", "Exposure %", pane, PanelKind.GAUGE, Unit.PERCENT, "trader_exposure_pct",
                        label="exposure", thresholds=thresholds(20, 25), maximum=30.0, row=row)  # fmt: skip
    drawdown = panel_of("drawdown", "Max drawdown %", pane, PanelKind.GAUGE, Unit.PERCENT, "trader_max_drawdown_pct",
                        label="drawdown", thresholds=thresholds(8, 10), row=row)  # fmt: skip
    open_ = panel_of("positions", "Open positions", pane, PanelKind.GAUGE, Unit.SHORT, "trader_open_positions",
                     label="positions", thresholds=thresholds(8), row=row)  # fmt: skip
    loss = panel_of("day_loss", "Daily loss", pane, PanelKind.GAUGE, Unit.USD, "trader_daily_pnl_usd",
                    label="day loss", thresholds=thresholds(-400, -500, Side.BELOW), row=row)  # fmt: skip
    breaker = panel_of("breaker", "Circuit breaker", pane, PanelKind.STATE, Unit.NONE, "trader_circuit_breaker_state",
                       label="breaker", states=((0.0, "closed"), (1.0, "open")), row=row)  # fmt: skip
    rejected = panel_of("rejections", "Risk rejections by reason", pane, PanelKind.STAT, Unit.PER_HOUR,
                        "rate(trader_risk_rejections_total[1h])", label="rejected", row=row)  # fmt: skip
    return [
        framed(exposure, series(exposure, 21.6, climb(8.0, 21.6, 2.0))),
        framed(drawdown, series(drawdown, 1.8)),
        framed(open_, series(open_, 4.0)),
        framed(loss, series(loss, -120.0)),
        framed(breaker, series(breaker, 0.0, lambda x: 0.0)),
        framed(rejected, series(rejected, 7.0, labels={"reason": "cap"}, legend="cap"),
               series(rejected, 5.0, labels={"reason": "cooldown"}, legend="cooldown")),
    ]  # fmt: skip


def _operations() -> list[PanelFrame]:
    row = "Operations"
    rates = panel_of("rate_limiter", "Rate limiter utilisation", PaneName.RATES, PanelKind.BARS, Unit.PERCENT,
                     "trader_rate_limiter_utilization_pct", label="rate", thresholds=thresholds(80, 90),
                     row=row)  # fmt: skip
    used = {"products": 91.4, "candles": 71.9, "orders": 62.4, "ticker": 43.0, "accounts": 12.0, "fills": 8.2}
    cycle = panel_of("cycle", "Cycle duration", PaneName.CYCLE, PanelKind.GAUGE, Unit.SECONDS,
                     "histogram_quantile(0.95, trader_cycle_duration_seconds_bucket)", label="cycle p95",
                     thresholds=thresholds(45), maximum=60.0, row=row)  # fmt: skip
    latency = panel_of("api_latency", "API latency p95", PaneName.CYCLE, PanelKind.BARS, Unit.SECONDS,
                       "histogram_quantile(0.95, trader_api_latency_seconds_bucket)", label="api",
                       thresholds=thresholds(1.0, 2.0), row=row)  # fmt: skip
    errors = panel_of("errors", "Errors by category", PaneName.ERRORS, PanelKind.BARS, Unit.SHORT,
                      "increase(bot_errors_total[5m])", label="errors", thresholds=thresholds(5), row=row)  # fmt: skip
    counts = {"connection": 3.0, "execution": 0.0, "validation": 2.0}
    slow = {"orders": 0.182, "products": 0.421, "ticker": 0.095}
    by_endpoint = [series(rates, v, climb(v * 0.4, v, 6.0, v % 5), {"endpoint": k}, k) for k, v in used.items()]
    return [
        framed(rates, *by_endpoint),
        framed(cycle, series(cycle, 14.3)),
        framed(latency, *(series(latency, v, labels={"endpoint": k}, legend=k) for k, v in slow.items())),
        framed(errors, *(series(errors, v, lambda x, v=v: max(0.0, wave(v, 2.0, 5, v)(x)),
                                labels={"category": k}, legend=k) for k, v in counts.items())),
    ]  # fmt: skip


def _strategies() -> list[PanelFrame]:
    pane, row = PaneName.STRATEGIES, "Strategies"
    queries = (
        Query("sum by (strategy) (bot_events_total{event_type='signal'})", column="SIG"),
        Query("sum by (strategy) (bot_events_total{event_type='trade_close'})", column="TRD"),
        Query("bot_win_rate", column="WIN", unit=Unit.RATIO),
        Query("bot_realized_pnl_usd", column="P&L", unit=Unit.USD),
    )
    matrix = Panel("by_strategy", "Strategies", queries, pane, PanelKind.TABLE, Unit.SHORT, by="strategy", row=row)
    figures = {
        "momentum": (142.0, 18.0, 0.611, 812.40),
        "breakout": (71.0, 9.0, 0.667, 391.02),
        "mean-revert": (96.0, 11.0, 0.545, 204.15),
        "arb-cex": (38.0, 14.0, 0.929, 88.70),
        "sniper-sol": (51.0, 2.0, 0.5, -44.17),
        "grid-btc": (24.0, 6.0, 0.333, -167.90),
    }
    found = [
        series(matrix, value, climb(0.0, value, abs(value) * 0.2, value % 3), {"strategy": name}, name, query)
        for name, values in figures.items()
        for query, value in enumerate(values)
    ]
    triggers = panel_of("triggers", "Triggers detected", pane, PanelKind.STAT, Unit.SHORT, "trader_triggers_detected",
                        label="triggers", row=row)  # fmt: skip
    ratio = panel_of("selectivity", "Strategy selectivity", pane, PanelKind.GAUGE, Unit.SHORT,
                     "trader_triggers_to_proposals_ratio", label="selectivity", maximum=1.0, row=row,
                     thresholds=(Threshold(0.1, Level.WARNING, Side.BELOW), Threshold(0.8, Level.WARNING)))  # fmt: skip
    return [
        framed(matrix, *found),
        framed(triggers, series(triggers, 12.0)),
        framed(ratio, series(ratio, 0.35)),
    ]


_FEED: tuple[tuple[int, EventClass, str, str, str, tuple[Fact, ...], Level], ...] = (
    (84, EventClass.SIGNAL, "signal", "XRP-USD", "arb-cex",
     (Fact("side", "buy"), Fact("score", 0.86, Kind.COUNT), Fact("rsi", 38.4, Kind.COUNT)), Level.OK),
    (77, EventClass.CLOSE, "trade_close", "XRP-USD", "mean-revert",
     (Fact("pnl_usd", 29.37, Kind.MONEY, Unit.USD), Fact("held", 780.0, Kind.DURATION, Unit.SECONDS)), Level.OK),
    (70, EventClass.SIGNAL, "signal", "LINK-USD", "breakout",
     (Fact("side", "buy"), Fact("score", 0.85, Kind.COUNT), Fact("rsi", 32.9, Kind.COUNT)), Level.OK),
    (63, EventClass.OPEN, "trade_open", "SOL-USD", "breakout",
     (Fact("side", "buy"), Fact("size", 0.8992, Kind.QUANTITY), Fact("price", 171.32, Kind.MONEY, Unit.USD)), Level.OK),
    (56, EventClass.CLOSE, "trade_close", "BTC-USD", "grid-btc",
     (Fact("pnl_usd", -12.40, Kind.MONEY, Unit.USD), Fact("held", 95.0, Kind.DURATION, Unit.SECONDS)), Level.OK),
    (49, EventClass.ALERT, "alert", "", "", (Fact("change", "RateLimitCritical pending -> firing"),), Level.CRITICAL),
    (42, EventClass.ERROR, "error", "BTC-USD", "momentum",
     (Fact("message", "429 Too Many Requests /products"),), Level.WARNING),
    (35, EventClass.RISK, "risk_eval", "BTC-USD", "mean-revert",
     (Fact("decision", "rejected"), Fact("cooldown", 42.0, Kind.DURATION, Unit.SECONDS)), Level.WARNING),
    (28, EventClass.RISK, "risk_eval", "ETH-USD", "arb-cex",
     (Fact("decision", "passed"), Fact("size", 180.0, Kind.QUANTITY)), Level.OK),
    (21, EventClass.SIGNAL, "signal", "AVAX-USD", "arb-cex",
     (Fact("side", "buy"), Fact("score", 0.90, Kind.COUNT), Fact("rsi", 26.2, Kind.COUNT)), Level.OK),
    (14, EventClass.RISK, "risk_eval", "SOL-USD", "momentum",
     (Fact("decision", "rejected"), Fact("reason", "exposure_cap")), Level.WARNING),
    (7, EventClass.SIGNAL, "signal", "SOL-USD", "breakout",
     (Fact("side", "buy"), Fact("score", 0.61, Kind.COUNT), Fact("rsi", 26.7, Kind.COUNT)), Level.OK),
)  # fmt: skip


def sample_events(derived: bool = False, repeat: int = 3) -> tuple[BotEvent, ...]:
    """A feed, oldest first, newest seven seconds old."""
    found: list[BotEvent] = []
    for round_ in range(repeat, 0, -1):
        for ago, cls, type_, pair, strategy, facts, level in _FEED:
            t = NOW - (ago + 84 * (round_ - 1)) * SECOND
            metadata = {f.name: f.value for f in facts}
            raw = json.dumps({"event_type": type_, "pair": pair, "strategy": strategy, "metadata": metadata})
            found.append(
                BotEvent(
                    id=f"e{round_}-{ago}", t=t, bot="247trader-v2", type=type_, cls=cls,
                    source=EventSource.DERIVED if derived else EventSource.DATABASE, pair=pair, strategy=strategy,
                    category="connection" if cls is EventClass.ERROR else "", level=level, facts=facts,
                    written="" if derived else raw,
                )
            )  # fmt: skip
    return tuple(found)


def limits_of(panels: Sequence[PanelFrame]) -> tuple[LimitFrame, ...]:
    """The ladder of these panels, closest first."""
    found: list[LimitFrame] = []
    for frame in panels:
        for one in frame.series:
            value = one.reading.value
            if not frame.panel.thresholds or value is None or frame.panel.pane in {PaneName.ERRORS, PaneName.CYCLE}:
                continue
            if frame.panel.pane is PaneName.RATES and value < 60:
                continue
            limit = max(frame.panel.thresholds, key=lambda t: (t.level, t.value))
            low, high = min(0.0, limit.value * 1.2), max(0.0, limit.value * 1.2)
            closeness = value / limit.value if limit.value else 0.0
            several = len(frame.series) > 1
            eta = 9 * MINUTE if frame.panel.id == "exposure" else None
            slope = {"exposure": 3.4 / (9 * MINUTE), "day_loss": 1.25 / MINUTE}.get(frame.panel.id)
            found.append(
                LimitFrame(frame.panel, frame.panel.short, one.legend if several else "", one.labels, one.reading,
                           limit, low, high, closeness, eta, query=one.query, slope=slope)
            )  # fmt: skip
    return tuple(sorted(found, key=lambda x: -x.closeness))


def sample_alerts() -> tuple[Alert, ...]:
    """One firing, one pending."""
    critical = Rule("RateLimitCritical", "max(trader_rate_limiter_utilization_pct) > 90", MINUTE, 0, Level.CRITICAL,
                    condition="> 90", panel="rate_limiter")  # fmt: skip
    high = Rule(
        "HighExposure", "trader_exposure_pct > 20", 2 * MINUTE, 0, Level.WARNING, condition="> 20", panel="exposure"
    )
    return (
        Alert(
            critical, Labels({"endpoint": "products"}), AlertState.FIRING, 91.4, NOW - 190 * SECOND, NOW - 130 * SECOND
        ),
        Alert(high, EMPTY, AlertState.PENDING, 21.6, NOW - 48 * SECOND),
    )


def sample_bot(name: str = "247trader-v2", **more: object) -> BotFrame:
    """A bot that works, with money at risk."""
    bot = BotFrame(
        name=name,
        mode=Mode.LIVE,
        url="http://127.0.0.1:8000/metrics",
        up=True,
        reason="",
        age=800,
        stale=False,
        interval=10 * SECOND,
        healths=(
            Health("live", HealthState.HEALTHY, latency=0.003, checked_at=NOW - 4 * SECOND),
            Health("ready", HealthState.HEALTHY, latency=0.007, checked_at=NOW - 4 * SECOND),
        ),
        deployed_at=NOW - 3 * HOUR - 12 * MINUTE,
        hours=(Level.OK, Level.WARNING, Level.OK, Level.CRITICAL),
        restarts=0,
        preset="247trader",
        version="v1.4.2",
        pnl=Reading(1_284.20, Unit.USD, Kind.MONEY, Presence.LIVE, t=NOW - SECOND),
        worst=None,
        firing=1,
        pending=1,
        critical=1,
        errors=18,
        series=153,
        first_seen=NOW - 3 * HOUR - 12 * MINUTE,
    )
    return replace(bot, **more)


def sample_frame(
    *,
    dead: bool = False,
    quiet: bool = False,
    paper: bool = False,
    derived: bool = False,
    never_set: bool = False,
) -> Frame:
    """Everything a screen can show.

    `dead`: the bot is down for 34 s; `quiet`: nothing is crossed; `paper`: mode PAPER; `derived`: no event source;
    `never_set`: the account's metrics were never set since the process began.
    """
    panels = [*_portfolio(), *_risk(), *_operations(), *_strategies()]
    if quiet:
        panels = [_calm(p) for p in panels]
    if never_set:
        panels = [_never(p) if p.panel.pane in {PaneName.PNL, PaneName.EQUITY} else p for p in panels]
    alerts = () if quiet else sample_alerts()
    bot = sample_bot(mode=Mode.PAPER if paper else Mode.LIVE)
    if quiet:
        bot = replace(bot, firing=0, pending=0, critical=0)
    if dead:
        panels = [_stale(p) for p in panels]
        down = Rule("BotDown", "up == 0", 0, 0, Level.CRITICAL, condition="== 0")
        gone = [replace(a, last_seen=NOW - 34 * SECOND) for a in alerts if a.state is AlertState.FIRING]
        alerts = (Alert(down, EMPTY, AlertState.FIRING, 0.0, NOW - 34 * SECOND, NOW - 34 * SECOND), *gone)
        reason = "connection refused at 127.0.0.1:8000: is the bot running?"
        bot = replace(bot, up=False, stale=True, age=34_400, reason=reason, firing=1, pending=0)
    limits = limits_of(panels)
    failed = next((event for event in sample_events(derived) if event.cls is EventClass.ERROR), None)
    return Frame(
        view=View(span=SPAN, bot=0),
        at=NOW,
        now=NOW,
        bots=(replace(bot, worst=limits[0] if limits else None),),
        bot=0,
        panels=tuple(panels),
        limits=limits,
        alerts=alerts,
        rules_ok=8 if quiet else 6,
        feed=FeedFrame(sample_events(derived), per_hour=412, derived=derived),
        incidents=tuple(Incident(e.t, e.cls, e.level) for e in sample_events(derived) if e.cls is EventClass.ALERT),
        error_groups=(
            ErrorGroup("connection", "429 Too Many Requests /products", 14, NOW - 42 * SECOND, newest=failed),
            ErrorGroup("connection", "RPC timeout helius", 3, NOW - 90 * SECOND),
            ErrorGroup("execution", "slippage > 1.0%", 1, NOW - 2 * HOUR, Level.OK),
        ),
        positions=()
        if derived
        else (
            Position("BTC-USD", "momentum", "long", 0.0150, 64_012.10, NOW - 40 * MINUTE, 41.20),
            Position("ETH-USD", "arb-cex", "long", 0.8, 3_421.55, NOW - 13 * MINUTE, 118.40),
            Position("SOL-USD", "breakout", "short", 12.5, 171.32, NOW - 3 * MINUTE, -9.85),
        ),
        recorder=RecorderFrame(False, None, "/var/lib/tradetop/247trader-v2.db"),
    )


def _error(n: int, message: str, pair: str = "", stack: str = "") -> BotEvent:
    """An error that a bot wrote, so many minutes ago."""
    metadata = {"message": message, **({"stack": stack} if stack else {})}
    raw = json.dumps({"id": f"x{n}", "event_type": "error", "pair": pair, "metadata": metadata})
    facts = (Fact("message", message), *([Fact("stack", stack)] if stack else []))
    return BotEvent(
        id=f"x{n}", t=NOW - n * MINUTE, bot="sniper-1", type="error", cls=EventClass.ERROR, source=EventSource.DATABASE,
        pair=pair, category="execution", level=Level.CRITICAL, facts=facts, written=raw,
    )  # fmt: skip


STACK = """Traceback (most recent call last):
  File "bot/execute.py", line 88, in place
    return await self._send(order)
  File "bot/jupiter.py", line 41, in _send
    raise SlippageExceeded(got, limit)
bot.errors.SlippageExceeded: 1.31% > 1.0%"""


def sample_errors() -> Frame:
    """A bot whose errors have been looked at, and some that have not."""

    def counts(*busy: int) -> Trend:
        return Trend(NOW - SPAN, SPAN // 12, tuple(float(i in busy) * (i % 3 + 1) for i in range(12)))

    events = tuple(
        _error(n, f"slippage exceeded: 1.{n:02d}% > 1.0%", pair, STACK)
        for n, pair in ((71, "SOL-USDC"), (31, "WIF-USDC"), (4, "SOL-USDC"))
    )
    more = {"type": "error", "bots": ("sniper-1",)}
    slippage = ErrorGroup(
        "execution", "slippage exceeded: 1.04% > 1.0%", 3, NOW - 4 * MINUTE, Level.CRITICAL, events[-1], "f1",
        first=NOW - 71 * MINUTE, pairs=("SOL-USDC", "WIF-USDC"), trend=counts(8, 9, 11), fresh=True, waiting=2,
        reviewed=NOW - 50 * MINUTE, **more,
    )  # fmt: skip
    timeout = ErrorGroup(
        "connection", "RPC timeout helius after 4800ms", 214, NOW - 42 * SECOND, Level.WARNING, events[0], "f2",
        first=NOW - 40 * HOUR, pairs=("SOL-USDC", "WIF-USDC", "BONK-USDC"), trend=counts(*range(12)), **more,
    )  # fmt: skip
    balance = ErrorGroup(
        "execution", "insufficient balance: need 2.5 SOL", 1, NOW - 3 * HOUR, Level.CRITICAL, events[0], "f3",
        first=NOW - 3 * HOUR, trend=counts(6), reviewed=NOW - 2 * HOUR, **more,
    )  # fmt: skip
    honeypot = ErrorGroup(
        "validation", "honeypot check failed", 12, NOW - 9 * MINUTE, Level.OK, events[0], "f4",
        first=NOW - 5 * HOUR, pairs=("PEPE-USDC",), trend=counts(2, 5, 7, 11), fresh=False, **more,
    )  # fmt: skip
    frame = sample_frame()
    by = [(("error", "sniper-1"), (("connection", 190), ("execution", 4), ("validation", 12))),
          (("rpc_error", "grid"), (("connection", 24),))]  # fmt: skip
    pairs = [(("SOL-USDC",), (("connection", 120), ("execution", 3))), (("WIF-USDC",), (("connection", 61),)),
             (("PEPE-USDC",), (("validation", 12),))]  # fmt: skip
    return replace(
        frame,
        bots=(replace(frame.bots[0], to_review=1, errors=58),),
        error_groups=(slippage, timeout, honeypot, balance),
        errors_by_type=tuple(ErrorTally(*each, NOW - 42 * SECOND) for each in by),
        errors_by_pair=tuple(ErrorTally(*each, NOW - 4 * MINUTE) for each in pairs),
        group=GroupFrame(slippage, events),
        view=replace(frame.view, errors="f1"),
    )


def sample_fleet() -> Frame:
    """Four bots, seen together."""
    one = sample_frame()
    bots = (
        one.bots[0],
        sample_bot("polybot", mode=Mode.PAPER, preset="polybot", firing=0, pending=0, critical=0, errors=0,
                   pnl=Reading(0.0, Unit.USD, Kind.MONEY, Presence.NEVER_SET)),
        sample_bot("sniper-sol", up=False, stale=True, age=94_000, firing=2, reason="refused: is it running?"),
        sample_bot("grid", mode=Mode.UNKNOWN, preset="any", healths=(), firing=0, pending=2, critical=0,
                   pnl=Reading(None, Unit.USD, Kind.MONEY, Presence.ABSENT)),
    )  # fmt: skip
    return replace(one, bots=bots, bot=-1)


def sample_detail() -> Frame:
    """The products endpoint of the rate limiter, all that is known of it."""
    frame = sample_frame()
    panel = frame.panel("rate_limiter")
    assert panel is not None
    one = panel.series[0]
    above = tuple(zip(panel.panel.thresholds, (380_000, 130_000), strict=True))
    stats = StatsFrame(91.4, 42.6, 66.8, 91.5, 96.9, above, 2_160, 10 * SECOND)
    found = DetailFrame(
        panel=panel.panel,
        query=0,
        series=one,
        stats=stats,
        expr="max by (endpoint) (trader_rate_limiter_utilization_pct)",
        raw=('trader_rate_limiter_utilization_pct{endpoint="products"} 91.4',),
        help="Rate limiter utilization percentage by endpoint",
        type="gauge",
        used_by=("Rate limiter utilisation",),
        rules=(frame.alerts[0].rule, Rule("RateLimitWarning", "max(trader_rate_limiter_utilization_pct) > 80",
                                          2 * MINUTE, condition="> 80", panel="rate_limiter")),
        events=frame.feed.events[-9:],
        around=NOW,
        reached=(1.0,) * POINTS,
    )  # fmt: skip
    return replace(frame, detail=found, view=replace(frame.view, focus=Focus("rate_limiter", 0, one.labels)))


def explained_part(panel: PanelFrame, limit: Threshold) -> Part:
    """The tree of `max(metric) > 90` over a panel's series."""
    (query,) = panel.panel.queries
    unit, found = panel.panel.unit, [s for s in panel.series if s.reading.value is not None]
    leaves = tuple(
        Element(s.labels.merged({"__name__": query.expr, "job": "247trader-v2"}), s.reading.value or 0.0, NOW - SECOND)
        for s in sorted(found, key=lambda s: -(s.reading.value or 0.0))
    )
    leaf = Part(query.expr, Gives.VECTOR, leaf=True, elements=leaves, unit=unit, kind=kind_of(unit), against=limit)
    top = (Element(EMPTY, leaves[0].value, NOW),)
    whole = Part(f"max({query.expr})", Gives.VECTOR, "max", elements=top, parts=(leaf,), unit=unit, kind=kind_of(unit),
                 against=limit)  # fmt: skip
    return Part(f"max({query.expr}) > {limit.value:g}", Gives.VECTOR, ">", elements=top, parts=(whole,), holds=True,
                limit=limit.value, unit=unit, kind=kind_of(unit))  # fmt: skip


def sample_explained(frame: Frame | None = None) -> Frame:
    """Why the rate limiter's alert fires."""
    frame = frame or sample_frame()
    panel, alert = frame.panel("rate_limiter"), sample_alerts()[0]
    assert panel is not None
    limit = Threshold(90.0, Level.CRITICAL, hold=MINUTE)
    rule = replace(
        alert.rule, summary="Rate limit nearly used up", runbook="API throttling imminent, reduce request frequency",
        source="rules/247trader.yaml:14:9", group="rate_limits", corrects=("247trader APIRateLimitCritical",),
        annotations=Labels({"description": "The exchange will refuse requests soon."}),
    )  # fmt: skip
    alert = replace(alert, rule=rule)
    one = panel.series[0]
    of = ExplainFrame(
        rule=rule, alert=alert, asked=NOW, at=NOW, tree=explained_part(panel, limit), judged=one.reading, limit=limit,
        of="max(trader_rate_limiter_utilization_pct)", trend=one.trend, annotations=rule.annotations,
        events=tuple(e for e in frame.feed.events if abs(e.t - alert.active_at) <= 5 * MINUTE),
        around=alert.active_at,
    )  # fmt: skip
    focus = AlertFocus((rule.name,), rule.panel, alert.labels)
    return replace(frame, explained=of, view=replace(frame.view, alert=focus))


def _with(panel: PanelFrame, change: Callable[[Panel, SeriesFrame], SeriesFrame]) -> PanelFrame:
    return framed(panel.panel, *(change(panel.panel, s) for s in panel.series))


def _calm(panel: PanelFrame) -> PanelFrame:
    """The panel with nothing crossed."""

    def calm(of: Panel, one: SeriesFrame) -> SeriesFrame:
        if one.reading.level is Level.OK or one.reading.value is None:
            return one
        return replace(one, reading=replace(one.reading, value=one.reading.value * 0.6, level=Level.OK))

    return _with(panel, calm)


def _stale(panel: PanelFrame) -> PanelFrame:
    """The panel of a bot that has not answered for 34 seconds."""

    def gone(of: Panel, one: SeriesFrame) -> SeriesFrame:
        return replace(one, reading=replace(one.reading, presence=Presence.STALE, t=NOW - 34 * SECOND))

    return _with(panel, gone)


def _never(panel: PanelFrame) -> PanelFrame:
    """The panel of metrics that nothing ever set."""

    def born(of: Panel, one: SeriesFrame) -> SeriesFrame:
        reading = replace(one.reading, value=0.0, presence=Presence.NEVER_SET, level=Level.OK)
        return replace(one, reading=reading, trend=trend(lambda x: 0.0))

    return _with(panel, born)


BROKEN = LineError(7, 'trader_exposure_pct{bot="x" 12', 'label set is not closed: "}" is missing')
