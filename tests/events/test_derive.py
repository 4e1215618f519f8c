"""What two scrapes, one after the other, tell."""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from events.hands import NOW
from tradetop.events.derive import derive
from tradetop.model.bot_event import BotEvent, EventClass, EventSource
from tradetop.model.labels import Labels
from tradetop.model.level import Level

Page = dict[Labels, float]
PAIRS = re.compile(r'(\w+)="([^"]*)"')


def page(**lines: float) -> Page:
    """Series by text, such as `**{'trades_total{side="buy"}': 1}`."""
    return {series(text): value for text, value in lines.items()}


def series(text: str) -> Labels:
    name, _, labels = text.partition("{")
    return Labels({"__name__": name, **dict(PAIRS.findall(labels))})


def types(name: str) -> str:
    return "counter" if name.endswith("_total") else "gauge"


def between(before: Page | None, after: Page, *, fresh: bool = True) -> tuple[BotEvent, ...]:
    return derive(before, after, NOW, bot="247", types=types, fresh=fresh)


def told(events: tuple[BotEvent, ...]) -> list[tuple[object, ...]]:
    return [(e.type, e.cls, e.pair, *((f.name, f.value) for f in e.facts)) for e in events]


TRADE = 'trader_trades_total{side="buy",symbol="SOL-USD",strategy="grid",job="j",instance="i"}'


def test_a_counter_that_went_up_is_an_event_with_its_labels() -> None:
    (event,) = between(page(**{TRADE: 4}), page(**{TRADE: 5}))
    assert told((event,)) == [("trade", EventClass.TRADE, "SOL-USD", ("side", "buy"))]
    assert (event.t, event.bot, event.strategy, event.source) == (NOW, "247", "grid", EventSource.DERIVED)


def test_one_trade_is_told_once_however_many_counters_it_moves() -> None:
    labels = '{side="BUY",symbol="SOL-USD"}'
    names = ("trader_orders_placed_total", "trader_orders_filled_total", "trader_fills_total", "trader_trades_total")
    before, after = ({f"{name}{labels}": float(n) for name in names} for n in (1, 2))
    other = 'trader_orders_placed_total{side="SELL",symbol="BTC-USD"}'
    found = between(page(**before, trader_fills_total=7), page(**after, trader_fills_total=8, **{other: 1}))
    assert [(event.type, event.pair) for event in found] == [("trade", "SOL-USD"), ("order_placed", "BTC-USD")]


def test_trades_without_labels_are_told_where_there_are_no_others() -> None:
    (event,) = between(page(trades_total=1, orders_total=1), page(trades_total=2, orders_total=2))
    assert event.type == "trade"


def test_a_large_increase_is_one_event_with_its_count() -> None:
    (event,) = between(page(**{TRADE: 4}), page(**{TRADE: 904}))
    assert ("count", 900.0) in [(fact.name, fact.value) for fact in event.facts]


def test_each_kind_by_its_name() -> None:
    names = {
        'trader_orders_placed_total{side="BUY",symbol="BTC-USD"}': ("order_placed", EventClass.TRADE),
        'trader_orders_filled_total{side="BUY",symbol="BTC-USD"}': ("order_filled", EventClass.TRADE),
        'trader_risk_rejections_total{reason="max_open_positions"}': ("risk_rejection", EventClass.RISK),
        'trader_circuit_breaker_trips_total{type="daily_stop_loss"}': ("breaker_trip", EventClass.RISK),
        'trader_order_rejections_total{reason="post_only"}': ("order_rejected", EventClass.ERROR),
        'exchange_api_errors_total{endpoint="/products"}': ("error", EventClass.ERROR),
        'trader_no_trade_total{reason="cooldown"}': ("no_trade", EventClass.RISK),
        'polybot_orders_total{strategy="arb",side="buy",status="open"}': ("order_placed", EventClass.TRADE),
        'polybot_signals_total{strategy="arb",action="buy"}': ("signal", EventClass.SIGNAL),
        "my_bot_trades_opened_total": ("trade_open", EventClass.OPEN),
        "bot_orders_filled_total": ("order_filled", EventClass.TRADE),
    }
    for name, meaning in names.items():
        (event,) = between({series(name): 1.0}, {series(name): 2.0})
        assert (event.type, event.cls) == meaning


def test_how_bad_derived_errors_are() -> None:
    names = (
        'trader_circuit_breaker_trips_total{type="x"}',
        "trader_order_rejections_total",
        "exchange_api_errors_total",
    )
    events = between(dict.fromkeys(map(series, names), 0.0), dict.fromkeys(map(series, names), 1.0))
    assert [(event.category, event.level) for event in events] == [
        ("", Level.CRITICAL),
        ("execution", Level.CRITICAL),
        ("connection", Level.WARNING),
    ]


def test_what_is_no_event_is_not_told() -> None:
    boring = (
        "python_gc_collections_total",
        "process_cpu_seconds_total",
        "http_requests_total",
        'polybot_http_requests_total{status="500"}',
        "trader_order_fill_time_seconds_bucket",
        "trader_order_fill_time_seconds_count",
        "trader_trim_liquidated_usd_total",
        "trader_open_positions",
        "trader_trades_per_hour",
        "moon_phases_total",
        'bot_trades_closed_total{bot_id="a"}',
    )
    assert between(dict.fromkeys(map(series, boring), 1.0), dict.fromkeys(map(series, boring), 2.0)) == ()


def test_nothing_is_told_without_an_earlier_scrape_or_without_a_change() -> None:
    assert between(None, page(**{TRADE: 5})) == ()
    assert between(page(**{TRADE: 5}), page(**{TRADE: 5})) == ()
    assert between(page(**{TRADE: 5}), {}) == ()


def test_a_counter_just_born_counts_from_zero_unless_scrapes_failed_in_between() -> None:
    assert told(between({}, page(**{TRADE: 2}))) == [
        ("trade", EventClass.TRADE, "SOL-USD", ("side", "buy"), ("count", 2.0))
    ]
    assert between({}, page(**{TRADE: 2}), fresh=False) == ()
    assert len(between(page(**{TRADE: 1}), page(**{TRADE: 2}), fresh=False)) == 1


def test_a_restart_is_told_and_nothing_across_it() -> None:
    start = "process_start_time_seconds"
    before, after = page(**{start: 1_000, TRADE: 7}), page(**{start: 2_000, TRADE: 9})
    assert told(between(before, after)) == [("restart", EventClass.RESTART, "", ("started", 2000.0))]
    made = "trader_trades_created"
    assert between(page(**{made: 1, TRADE: 7}), page(**{made: 2, TRADE: 9}))[0].cls is EventClass.RESTART
    assert between(page(**{TRADE: 7}), page(**{TRADE: 1}))[0].cls is EventClass.RESTART


def test_one_counter_that_fell_back_alone_was_reset() -> None:
    other = "trader_risk_rejections_total"
    events = between(page(**{TRADE: 7, other: 3, "a_total": 1}), page(**{TRADE: 1, other: 3, "a_total": 1}))
    assert told(events) == [("trade", EventClass.TRADE, "SOL-USD", ("side", "buy"))]


def test_a_breaker_a_kill_switch_and_the_mode_are_told_when_they_change() -> None:
    breaker, kill = 'trader_circuit_breaker_state{breaker="latency"}', "trader_kill_switch_active"
    off = page(**{breaker: 0, kill: 0, 'trader_mode{mode="PAPER"}': 1, 'trader_mode{mode="LIVE"}': 0})
    on = page(**{breaker: 1, kill: 1, 'trader_mode{mode="PAPER"}': 0, 'trader_mode{mode="LIVE"}': 1})
    events = between(off, on)
    assert told(events) == [
        ("mode", EventClass.MARK, "", ("mode", "LIVE"), ("before", "PAPER")),
        ("breaker_open", EventClass.RISK, "", ("state", "open"), ("breaker", "latency")),
        ("kill_switch_on", EventClass.RISK, "", ("state", "on")),
    ]
    assert [event.level for event in events] == [Level.WARNING, Level.CRITICAL, Level.CRITICAL]
    assert [event.type for event in between(on, off)] == ["mode", "breaker_closed", "kill_switch_off"]


names = st.sampled_from(
    [TRADE, "x_errors_total", "breaker_state", "process_start_time_seconds", "y_total", "y_created"]
)
values = st.floats(0, 1e6) | st.sampled_from([float("nan"), float("inf"), -1.0])
pages = st.dictionaries(names.map(series), values)


@given(pages, pages)
def test_any_two_pages_are_read_and_equal_ones_tell_nothing(before: Page, after: Page) -> None:
    events = between(before, after)
    assert len({event.id for event in events}) == len(events)
    assert all(event.t == NOW for event in events)
    calm = {key: value for key, value in after.items() if value == value}
    assert between(calm, calm) == ()


def test_the_recorded_bots_trades_rejections_and_trips_are_found(recorded: Callable[..., Path]) -> None:
    scrapes: dict[int, Page] = defaultdict(dict)
    with gzip.open(recorded("247trader", "prometheus-50h.promtool-dump.txt.gz"), "rt") as dump:
        for line in dump:
            labels, _, rest = line.rpartition("} ")
            value, t = rest.split()
            if value != "NaN":
                scrapes[int(t)][Labels(dict(PAIRS.findall(labels)))] = float(value)
    up = [t for t in sorted(scrapes) if max(v for s, v in scrapes[t].items() if s.name == "up") == 1]
    found: list[BotEvent] = []
    for earlier, later in pairwise(up):
        fresh = later - earlier < 20_000
        found += derive(scrapes[earlier], scrapes[later], later, bot="247trader", types=types, fresh=fresh)
    assert {event.type for event in found} == {"order_filled", "risk_rejection", "breaker_trip", "restart"}
    trips = [event for event in found if event.type == "breaker_trip"]
    assert {fact.value for event in trips for fact in event.facts if fact.name == "type"} == {
        "daily_stop_loss",
        "kill_switch",
    }
    assert {event.pair for event in found if event.type == "order_filled"} == {"PENGU-USDC", "SOL-USD"}
