"""Each report against what is worked out of the same rows in another way."""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.hands import NOW
from reports.ledger import Event, asked, close, database, stamp, update
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.reports import REPORTS, ab, daily, errors, latency, pairs, signals, strategies
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import Window, stretches

BOTS = ("alpha", "beta", "gamma")
PAIRS = ("SOL/USDC", "BTC/USDT", "ETH/USDT")
MODES = {"alpha": "live", "beta": "paper", "gamma": ""}


def life(days: int = 12, each: int = 60) -> list[tuple[int, Event]]:
    """Three bots: one live, one on paper, one that says nothing; with P&L that is missing or nonsense."""
    dice, found = random.Random(11), list[tuple[int, Event]]()
    for i in range(days * each):
        t, bot = NOW - 6 * HOUR - dice.randrange(days * DAY), dice.choice(BOTS)
        strategy, pair = dice.choice(("grid", "momentum")), dice.choice(PAIRS)
        mode = f'"mode": "{MODES[bot]}", ' if MODES[bot] else ""
        pnl = dice.choices((f"{dice.gauss(1, 25):.2f}", '"oops"', "null", "NaN", "Infinity", "0"), (80, 3, 3, 3, 3, 3))[
            0
        ]
        steps = (
            (0, "signal", f'"signal_id": "s{i}"'),
            (dice.randrange(50, 900), "risk_eval", f'"signal_id": "s{i}"'),
            (
                dice.randrange(1_000, 4_000),
                "trade_open",
                f'"signal_id": "s{i}", "trade_id": "t{i}", "llm": {"true" if i % 3 else "false"}',
            ),
            (dice.randrange(5_000, 5 * HOUR), "trade_close", f'"trade_id": "t{i}", "pnl_usd": {pnl}'),
        )
        for step, (later, kind, body) in enumerate(steps[: dice.choice((1, 2, 4, 4))]):
            found.append((t + later, (f"{i}-{step}", bot, kind, pair, strategy, stamp(t + later), f"{{{mode}{body}}}")))
        if dice.random() < 0.3:
            text = dice.choice(("RPC timeout after {} ms", "slippage exceeded: {} bps")).format(dice.randrange(500))
            body = f'{{{mode}"message": "{text}"}}'
            found.append((t + 1, (f"{i}-e", bot, "error", pair, strategy, stamp(t + 1), body)))
    return sorted(found, key=lambda one: one[0])


@pytest.fixture(scope="module")
def events() -> list[tuple[int, Event]]:
    return life()


@pytest.fixture(scope="module")
def rollup(events: list[tuple[int, Event]], tmp_path_factory: pytest.TempPathFactory) -> Rollup:
    path = tmp_path_factory.mktemp("bot") / "bots.db"
    database(path, [event for _, event in events]).close()
    return update(path, Rollup(None), batch=1_000)


WINDOWS = [
    Window.around(NOW - 7 * DAY, NOW),
    Window.around(NOW - 5 * HOUR - 20 * DAY, NOW),
    Window.around(NOW - 4 * DAY - 5 * HOUR, NOW - 4 * DAY),
    Window.around(NOW - 3 * DAY, NOW - 2 * DAY + 7 * HOUR),
]


def pnl_of(event: Event) -> float | None:
    value = json.loads(event[6]).get("pnl_usd")
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e15 else None


def closes(events: Sequence[tuple[int, Event]], window: Window) -> list[tuple[int, Event]]:
    return [(t, e) for t, e in events if e[2] == "trade_close" and window.since <= t < window.until]


@pytest.mark.parametrize("offset", [0, 120, -300, 14 * 60])
@pytest.mark.parametrize("window", WINDOWS)
def test_days_are_sums_of_one_mode_each(
    events: list[tuple[int, Event]], rollup: Rollup, window: Window, offset: int
) -> None:
    expected: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    pnl: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for t, event in events:
        if window.since <= t < window.until:
            there = datetime.fromtimestamp(t / 1_000 + offset * 60, UTC)
            place = f"{there:%Y-%m-%d}", event[1], MODES[event[1]]
            expected[place][event[2]] += 1
            if event[2] == "trade_close" and (earned := pnl_of(event)) is not None:
                pnl[place] += earned
                expected[place]["wins" if earned > 0 else "losses" if earned < 0 else "even"] += 1
    rows = daily(rollup, asked(window, offset=lambda _: offset)).rows
    assert {(row.day, row.bot, row.mode) for row in rows} == set(expected)
    for row in rows:
        place, counts = (row.day, row.bot, row.mode), expected[row.day, row.bot, row.mode]
        assert (row.signals, row.risk_checks, row.opened) == (
            counts["signal"],
            counts["risk_eval"],
            counts["trade_open"],
        )
        assert (row.closed, row.errors) == (counts["trade_close"], counts["error"])
        assert (row.wins, row.losses) == (counts["wins"], counts["losses"])
        assert row.unknown == counts["trade_close"] - counts["wins"] - counts["losses"] - counts["even"]
        assert row.pnl == pytest.approx(pnl[place])
        assert row.error_rate.n == row.events
    for bot in BOTS:
        last = [row for row in rows if row.bot == bot][-1:]
        if last:
            assert last[0].pnl_so_far == pytest.approx(sum(x for (_, b, _), x in pnl.items() if b == bot))


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("bot", ["", "alpha"])
def test_strategies_side_by_side(events: list[tuple[int, Event]], rollup: Rollup, window: Window, bot: str) -> None:
    rows = strategies(rollup, asked(window, bot=bot)).rows
    chosen = [(t, e) for t, e in closes(events, window) if bot in {"", e[1]}]
    results: defaultdict[tuple[str, str], list[float | None]] = defaultdict(list)
    for _, event in chosen:
        results[event[4], MODES[event[1]]].append(pnl_of(event))
    assert {(row.strategy, row.mode) for row in rows if row.trades} == set(results)
    for row in rows:
        known = [pnl for pnl in results[row.strategy, row.mode] if pnl is not None]
        assert (row.trades, row.unknown) == (len(results[row.strategy, row.mode]), row.trades - len(known))
        if len(known) < 2:
            continue
        curve, peak, fall = 0.0, 0.0, 0.0
        for pnl in known:
            curve += pnl
            peak = max(peak, curve)
            fall = max(fall, peak - curve)
        assert row.pnl == pytest.approx(curve)
        assert row.drawdown == pytest.approx(fall)
        assert row.win_rate.value == pytest.approx(sum(pnl > 0 for pnl in known) / len(known))
        assert row.average.value == pytest.approx(statistics.fmean(known))
        assert row.sharpe.value == pytest.approx(statistics.fmean(known) / statistics.stdev(known))
        of = [(t, e) for t, e in events if window.since <= t < window.until and e[4] == row.strategy]
        assert row.signals == sum(e[2] == "signal" and MODES[e[1]] == row.mode and bot in {"", e[1]} for _, e in of)


def took(events: Sequence[tuple[int, Event]], window: Window) -> dict[tuple[str, str], list[int]]:
    """Milliseconds of each bot's stages by their ids."""
    at: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for t, event in events:
        said = json.loads(event[6])
        if "signal_id" in said:
            at[event[1], said["signal_id"]][event[2]] = t
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    ways = (("signal", "risk_eval", "signal to risk"), ("risk_eval", "trade_open", "risk to execution"),
            ("signal", "trade_open", "signal to execution"))  # fmt: skip
    for (bot, _), times in at.items():
        for one, other, stage in ways:
            if one in times and other in times and window.since <= times[other] < window.until:
                found[bot, stage].append(times[other] - times[one])
    return found


@pytest.mark.parametrize("window", WINDOWS)
def test_latency_is_the_median_of_every_stage(events: list[tuple[int, Event]], rollup: Rollup, window: Window) -> None:
    expected = took(events, window)
    whole = {(row.bot, row.stage): row for row in latency(rollup, asked(window)).rows if row.at == "whole window"}
    assert set(whole) == set(expected)
    for place, row in whole.items():
        assert row.n == len(expected[place])
        assert row.median.value == statistics.median(expected[place])
        assert row.p95.value == sorted(expected[place])[-(-95 * row.n // 100) - 1]
        assert row.longest == max(expected[place])
    means = {row.strategy: row for row in strategies(rollup, asked(window, bot="alpha")).rows}
    total = sum(row.latency.value * row.latency.n for row in means.values() if row.latency.value is not None)
    assert total == pytest.approx(sum(expected.get(("alpha", "signal to execution"), ())))


def test_long_windows_are_told_by_days_as_they_are_kept(events: list[tuple[int, Event]], rollup: Rollup) -> None:
    found = latency(rollup, asked(WINDOWS[1]), most=10)
    assert "by whole days of UTC" in found.notes[-1]
    assert len(found.rows) > 60
    for row in found.rows:
        midnight = round(datetime.fromisoformat(f"{row.at}+00:00").timestamp() * 1_000)
        expected = took(events, Window(midnight, midnight + DAY))[row.bot, row.stage]
        assert (row.n, row.longest) == (len(expected), max(expected))
        assert row.median.value == statistics.median(expected)
    exactly = [row for row in latency(rollup, asked(WINDOWS[1])).rows if row.at != "whole window"]
    assert [row for row in exactly if row.at < stamp(NOW)[:10]] == [
        row for row in found.rows if row.at < stamp(NOW)[:10]
    ]


@pytest.mark.parametrize("window", WINDOWS)
def test_pairs_and_signals_and_errors_are_counted(
    events: list[tuple[int, Event]], rollup: Rollup, window: Window
) -> None:
    on = Counter((e[4], e[3], MODES[e[1]]) for _, e in closes(events, window))
    assert {(row.strategy, row.pair, row.mode): row.trades for row in pairs(rollup, asked(window)).rows} == on
    inside = [(t, e) for t, e in events if window.since <= t < window.until]
    rows = signals(rollup, asked(window)).rows
    by_bot = Counter(e[1] for _, e in inside if e[2] == "signal")
    assert {row.bot: row.signals for row in rows if row.at == "whole window"} == by_bot
    assert sum(row.signals for row in rows if row.at != "whole window") == by_bot.total()
    kinds = Counter(json.loads(e[6])["message"].split()[0].lower() for _, e in inside if e[2] == "error")
    for bot in ("", "beta"):
        found = errors(rollup, asked(window, bot=bot)).rows
        if not bot:
            assert {row.message.split()[0]: row.n for row in found} == kinds
        for row in found:
            of_kind = [e for _, e in inside if e[2] == "error" and row.message.split()[0] in e[6].lower()]
            assert row.bots == (1 if bot else len({e[1] for e in of_kind}))
            mine = [e for e in of_kind if bot in {"", e[1]}]
            assert row.pair_n == sum(e[3] == row.pair for e in mine)
            assert row.pair_share.n == sum(e[3] == row.pair and bot in {"", e[1]} for _, e in inside)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_trade_has_the_tag_of_its_opening(events: list[tuple[int, Event]], rollup: Rollup, window: Window) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for _, event in closes(events, window):
        number = int(json.loads(event[6])["trade_id"][1:])
        expected["true" if number % 3 else "false", MODES[event[1]]] += 1
    rows = ab(rollup, asked(window, tag="llm")).rows
    assert {(row.value, row.mode): row.trades for row in rows if " less " not in row.value} == expected
    both = [mode for mode in MODES.values() if expected["true", mode] and expected["false", mode]]
    assert sum(row.value == "true less false" for row in rows) == len(both)


@pytest.mark.parametrize("ids", ["", "each its own", "used again"])
def test_openings_are_found_by_id_or_order(ids: str, tmp_path: Path) -> None:
    path, found = tmp_path / "bots.db", list[Event]()
    for i in range(40):
        t = NOW - DAY + i * MINUTE
        named = f', "trade_id": "t{i % 7 if ids == "used again" else i}"' if ids else ""
        tagged = f'{{"llm": {str(i % 2 > 0).lower()}{named}}}'
        found.append((f"o{i}", "b", "trade_open", "SOL/USDC", "grid", stamp(t), tagged))
        found.append(close(f"c{i}", t + 30_000, i % 2, more=named))
    database(path, [*found, close("stray", NOW - DAY - HOUR, 5)]).close()
    rows = ab(update(path, Rollup(None)), asked(tag="llm")).rows
    assert {row.value: (row.trades, row.pnl) for row in rows if "less" not in row.value} == {
        "(not said)": (1, 5.0),
        "false": (20, 0.0),
        "true": (20, 20.0),
    }


def test_errors_that_go_with_a_pair_say_how_much_more_often(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    found = [
        (f"e{i}", "b", "error", "BONK/SOL", "", stamp(NOW - HOUR + i), '{"message": "RPC timeout"}') for i in range(40)
    ]
    found += [
        (f"s{i}", "b", "signal", pair, "", stamp(NOW - HOUR), "")
        for i, pair in enumerate(("BONK/SOL", "SOL/USDC") * 80)
    ]
    database(path, found).close()
    (row,) = errors(update(path, Rollup(None)), asked()).rows
    assert (row.pair, row.pair_n, row.pair_share.n) == ("BONK/SOL", 40, 120)
    assert row.times_usual == pytest.approx((40 / 120) / (40 / 200))


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    midnight = NOW // DAY * DAY
    database(path, [close("1", midnight - 90 * MINUTE, 10), close("2", midnight + 30 * MINUTE, 5)]).close()
    rollup = update(path, Rollup(None))
    assert [row.pnl for row in daily(rollup, asked()).rows] == [10.0, 5.0]
    assert [row.pnl for row in daily(rollup, asked(offset=lambda _: 120)).rows] == [15.0]
    assert [row.pnl for row in daily(rollup, asked(offset=lambda _: -120)).rows] == [15.0]


def test_a_window_is_cut_where_summer_time_begins() -> None:
    change = NOW // DAY * DAY - DAY + HOUR
    parts = list(stretches(Window.around(NOW - 3 * DAY, NOW), lambda t: 60 if t < change else 120))
    assert [(part.until == change, part.offset) for part in parts] == [(True, 60), (False, 120)]
    assert parts[0].until == parts[1].since


def test_what_says_no_mode_belongs_to_the_only_mode_of_its_bot(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    t = NOW - HOUR
    signal = lambda name, bot: (name, bot, "signal", "SOL/USDC", "grid", stamp(t), "{}")  # noqa: E731
    found = [signal("s1", "one"), close("c1", t, 5, bot="one"), signal("s2", "two"), close("c2", t, 5, bot="two"),
             close("c3", t, 900, bot="two", mode="dry_run")]  # fmt: skip
    database(path, found).close()
    rows = daily(update(path, Rollup(None)), asked()).rows
    assert {(row.bot, row.mode): (row.signals, row.pnl) for row in rows} == {
        ("one", "live"): (1, 5.0),
        ("two", ""): (1, 0.0),
        ("two", "live"): (0, 5.0),
        ("two", "paper"): (0, 900.0),
    }


HOSTILE: list[tuple[Any, ...]] = [
    ("n", "b", "trade_close", "P", "s", stamp(NOW - HOUR), '{"pnl_usd": 1e308}'),
    ("m", "b", "trade_close", "P", "s", stamp(NOW - HOUR), '{"pnl_usd": -Infinity}'),
    ("o", "b", "trade_close", "P", "s", stamp(NOW - HOUR), '{"pnl_usd": {"deep": [1]}}'),
    ("p", "b", "trade_close", "P", "s", stamp(NOW - HOUR), "[" * 50_000),
    ("q", "b", "trade_close", "P", "s", stamp(NOW - HOUR), '{"pnl_usd": 5, "x": "' + "y" * 1_000_000 + '"}'),
    ("r", "b", "trade_close", "P", "s", "3026-01-01", '{"pnl_usd": 5}'),
    ("t", "\x1b[31mb", "trade_open", "=1+1", "'; DROP TABLE bot_events; --", "yesterday", b"\xff\xfe"),
    ("u", 7, "ERROR", None, 2.5, NOW / 1_000 - 60, '{"message": "\\u0000\\ud800 timeout"}'),
    (None, "b", "signal", "P", "s", stamp(NOW - HOUR), "null"),
]


def test_nonsense_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    database(path, [*HOSTILE, close("good", NOW - HOUR, 12.5, mode="", strategy="s", pair="P")]).close()
    rollup = update(path, Rollup(None))
    for name, report in REPORTS.items():
        assert report(rollup, asked(tag="mode")).rows or name == "latency"
    row = next(row for row in strategies(rollup, asked()).rows if row.strategy == "s")
    assert (row.trades, row.unknown, row.pnl) == (7, 4, 22.5)


MOMENTS = st.lists(st.tuples(st.integers(1, 7 * DAY), st.floats(-500, 500) | st.none()), max_size=30)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOMENTS, st.integers(1, 167), st.randoms())
def test_windows_that_meet_add_up_whatever_the_order_of_rows(
    tmp_path_factory: pytest.TempPathFactory, trades: list[tuple[int, float | None]], cut: int, dice: random.Random
) -> None:
    whole = Window.around(NOW - 7 * DAY, NOW)
    middle = whole.since + cut * HOUR
    found = [close(str(i), NOW - ago, None if pnl is None else repr(pnl)) for i, (ago, pnl) in enumerate(trades)]
    dice.shuffle(found)
    path = tmp_path_factory.mktemp("bot") / "bots.db"
    database(path, found).close()
    rollup = update(path, Rollup(None))
    parts = [
        row
        for window in (whole, Window(whole.since, middle), Window(middle, whole.until))
        for row in (pairs(rollup, asked(window)).rows or [None])
    ]
    all_of, *rest = parts
    if all_of is None:
        assert not trades
        return
    rest = [row for row in rest if row is not None]
    assert all_of.trades == sum(row.trades for row in rest) == len(trades)
    assert all_of.wins == sum(row.wins for row in rest)
    assert all_of.win_rate.n == sum(row.win_rate.n for row in rest)
    assert all_of.pnl == pytest.approx(sum(row.pnl for row in rest), abs=1e-6)
