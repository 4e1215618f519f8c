"""Events as series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.hands import NOW
from events.making import event, row
from tradetop.events.counters import CLOSED, EVENTS, OPEN, PNL, WON, Changes, EventCounters
from tradetop.events.row import event_of
from tradetop.model.labels import Labels


def series(changes: Iterable[Changes]) -> dict[Labels, list[tuple[int, float]]]:
    found: dict[Labels, list[tuple[int, float]]] = {}
    for t, values in changes:
        for labels, value in values.items():
            found.setdefault(labels, []).append((t, value))
    return found


def named(values: Mapping[Labels, float], name: str) -> dict[str, float]:
    return {str(labels.without("__name__")): value for labels, value in values.items() if labels.name == name}


def test_an_event_counts_under_all_that_is_known_of_it() -> None:
    counters = EventCounters()
    counters.count(event("error", '{"message": "RPC timeout"}', n=1))
    assert counters.totals() == {
        Labels(
            {
                "__name__": EVENTS,
                "bot_id": "defi-1",
                "event_type": "error",
                "category": "connection",
                "strategy": "momentum",
                "pair": "SOL/USDC",
            }
        ): 1.0
    }


def test_closing_trades_add_up_to_realised_profit_wins_and_positions() -> None:
    counters = EventCounters()
    past = [
        event("trade_open", t=NOW, n=0),
        event("trade_open", t=NOW + 1, n=1),
        event("trade_close", '{"pnl_usd": 10}', t=NOW + 2, n=2),
        event("trade_close", '{"pnl_usd": -4}', t=NOW + 3, n=3),
        event("trade_close", '{"pnl_usd": 7}', t=NOW + 4, n=4, strategy="grid"),
        event("trade_close", '{"pnl_usd": 1, "mode": "PAPER"}', t=NOW + 5, n=5),
    ]
    found = series(counters.history(reversed(past)))
    of = {"bot_id": "defi-1", "strategy": "momentum"}
    assert found[Labels({"__name__": PNL, **of})] == [(NOW + 1, 0.0), (NOW + 2, 10.0), (NOW + 3, 6.0)]
    assert found[Labels({"__name__": OPEN, "bot_id": "defi-1"})] == [
        (NOW - 1, 0.0),
        (NOW, 1.0),
        (NOW + 1, 2.0),
        (NOW + 2, 1.0),
        (NOW + 3, 0.0),
    ]
    totals = counters.totals()
    momentum, paper = '{bot_id="defi-1",strategy="momentum"}', '{bot_id="defi-1",mode="paper",strategy="momentum"}'
    assert named(totals, CLOSED) == {momentum: 2.0, '{bot_id="defi-1",strategy="grid"}': 1.0, paper: 1.0}
    assert named(totals, WON) == {momentum: 1.0, '{bot_id="defi-1",strategy="grid"}': 1.0, paper: 1.0}


def test_arrivals_never_change_the_past() -> None:
    counters = EventCounters()
    series(counters.history([event(t=NOW)]))
    late = event(t=NOW - 60_000, n=1)
    (points,) = series(counters.arrivals([late, event(t=NOW - 5, n=2)], NOW + 1_000)).values()
    assert points == [(NOW + 1_000, 3.0)]
    (points,) = series(counters.arrivals([event(n=3)], NOW)).values()
    assert points == [(NOW + 1_001, 4.0)]
    assert list(counters.arrivals([], NOW)) == []


def test_a_series_is_born_with_a_zero_so_that_its_first_event_is_an_increase() -> None:
    (points,) = series(EventCounters().arrivals([event()], NOW)).values()
    assert points == [(NOW - 1, 0.0), (NOW, 1.0)]


def test_too_many_names_are_counted_together_and_none_is_lost() -> None:
    counters = EventCounters(limit=20)
    for i in range(2_000):
        counters.count(event(t=NOW + i, n=i, pair=f"TOKEN{i}", strategy=f"s{i}", event_type=f"t{i}", bot=f"b{i}"))
    counts = named(counters.totals(), EVENTS)
    assert len(counts) <= 40
    assert sum(counts.values()) == 2_000
    assert any('pair="other"' in labels for labels in counts)


kinds = st.sampled_from(["signal", "trade_open", "trade_close", "error"])


@given(st.lists(st.tuples(kinds, st.integers(0, 20), st.sampled_from("abc")), max_size=40), st.integers(0, 40))
def test_times_increase_in_every_series_and_totals_are_what_was_written(
    made: list[tuple[str, int, str]], cut: int
) -> None:
    counters = EventCounters(limit=3)
    events = [event(kind, '{"pnl_usd": 1}', t=NOW + t, n=n, pair=pair) for n, (kind, t, pair) in enumerate(made)]
    changes = [*counters.history(events[:cut]), *counters.arrivals(events[cut:], NOW + 5)]
    found = series(changes)
    for points in found.values():
        times = [t for t, _ in points]
        assert times == sorted(set(times))
    assert {labels: points[-1][1] for labels, points in found.items()} == counters.totals()
    assert sum(named(counters.totals(), EVENTS).values()) == len(events)


@pytest.mark.parametrize(("said", "mode"), [("Dry-Run", "paper"), ("simulation", "paper"), ("LIVE", "live"), ("", "")])
def test_trading_without_money_has_one_name(said: str, mode: str) -> None:
    counters = EventCounters()
    changed = counters.count(event("trade_close", f'{{"pnl_usd": 1, "mode": "{said}"}}'))
    assert {labels.get("mode", "") for labels in changed if labels.name == CLOSED} == {mode}


def test_what_is_wrong_with_events_is_counted_by_bot_and_flaw() -> None:
    counters = EventCounters()
    flawed = [
        event("signal", "no json at all", n=1),
        event("signal", '{"cut": "of', n=2),
        event("", n=3),
        event_of(row("e4", timestamp="yesterday", bot="other"), NOW, 4),
        event("signal", '{"fine": 1}', n=5),
    ]
    for one in flawed:
        counters.count(one)
    found = {
        (labels["bot_id"], labels["flaw"]): value
        for labels, value in counters.totals().items()
        if labels.name == "bot_events_flawed_total"
    }
    assert found == {("defi-1", "metadata"): 2.0, ("defi-1", "type"): 1.0, ("other", "time"): 1.0}


def test_a_settlement_tells_its_profit_and_adds_none() -> None:
    counters = EventCounters()
    counters.count(event("trade_close", '{"pnl_usd": 5}', n=1))
    counters.count(event("settlement", '{"pnl_usd": 5}', n=2))
    pnl = [value for labels, value in counters.totals().items() if labels.name == "bot_realized_pnl_usd"]
    assert pnl == [5.0]
