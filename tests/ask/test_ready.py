"""Ready questions in thirty wordings and more, judged by the rows that they return."""

# ruff: noqa: E501 - one question is one row.

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from statistics import mean, stdev

import pytest

from ask.asked import DAY, HOUR, NOW, TODAY, Clock, Told, between, counted, database, events
from tradetop.ask.answer import Answer
from tradetop.ask.fault import AskError
from tradetop.ask.guard import Guard
from tradetop.ask.names import SQL, known_of
from tradetop.ask.question import Found, Missed, listing, recognise
from tradetop.ask.span import Calendar
from tradetop.ask.words import Known

EVENTS = events()
CALENDAR = Calendar(NOW, UTC)


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    return Guard(database(tmp_path_factory.mktemp("ask") / "bots.db", EVENTS), Clock(), UTC)


@pytest.fixture(scope="module")
def known(guard: Guard) -> Known:
    return known_of(guard.run(SQL))


def answered(question: str, guard: Guard, known: Known) -> Answer:
    found = recognise(question, known, CALENDAR)
    assert isinstance(found, Found), (question, found)
    return guard.run(found.sql, found.values)


YESTERDAY = between(TODAY - DAY, TODAY)
BOT, PAIR, STRATEGY = (lambda e: e.bot), (lambda e: e.pair), (lambda e: e.strategy)


def kind(*names: str) -> Callable[[Told], bool]:
    return lambda event: event.kind in names


def say(*words: str) -> Callable[[Told], bool]:
    return lambda event: any(word in event.message for word in words)


def both(*conditions: Callable[[Told], bool]) -> Callable[[Told], bool]:
    return lambda event: all(condition(event) for condition in conditions)


def sol(event: Told) -> bool:
    return event.has("SOL")


ERROR, SIGNAL, OPEN = kind("error"), kind("signal"), kind("trade_open")
LOST = both(kind("trade_close"), lambda e: e.pnl is not None and e.pnl < 0)
WON = both(kind("trade_close"), lambda e: e.pnl is not None and e.pnl > 0)

REWORDED = (
    ("Show me bots that had more than 3 errors yesterday with SOL pairs", BOT, ERROR, both(YESTERDAY, sol), (4, None)),
    ("bots that had more than 10 errors yesterday with SOL pairs", BOT, ERROR, both(YESTERDAY, sol), (11, None)),
    ("which bots had at least 5 errors yesterday on ETH pairs?", BOT, ERROR, both(YESTERDAY, lambda e: e.has("ETH")), (5, None)),
    ("Bots with fewer than three errors today", BOT, ERROR, between(TODAY, TODAY + DAY), (None, 2)),
    ("bots having over 8 errors in the last 6 hours", BOT, ERROR, between(NOW - 6 * HOUR), (9, None)),
    ("list the bots with 4 or more errors in the past 24h", BOT, ERROR, between(NOW - DAY), (4, None)),
    ("show bots with > 20 errors on 2026-11-27", BOT, ERROR, between(TODAY - 3 * DAY, TODAY - 2 * DAY), (21, None)),
    ("bots that had more than 30 errors between 2026-11-24 and 2026-11-26", BOT, ERROR, between(TODAY - 6 * DAY, TODAY - 3 * DAY), (31, None)),
    ("how many errors did defi-1 have yesterday", BOT, ERROR, both(YESTERDAY, lambda e: e.bot == "defi-1"), (None, None)),
    ("errors of bot sol-sniper two days ago", BOT, ERROR, both(between(TODAY - 2 * DAY, TODAY - DAY), lambda e: e.bot == "sol-sniper"), (None, None)),
    ("errors per pair yesterday", PAIR, ERROR, YESTERDAY, (None, None)),
    ("which pairs had more than 5 errors since Friday?", PAIR, ERROR, between(TODAY - 3 * DAY), (6, None)),
    ("strategies with at most 40 errors last week", STRATEGY, ERROR, between(NOW - 7 * DAY), (None, 40)),
    ("connection errors by bot yesterday", BOT, both(ERROR, say("RPC")), YESTERDAY, (None, None)),
    ("bots with more than 2 execution errors in the last 3 days", BOT, both(ERROR, say("slippage")), between(NOW - 3 * DAY), (3, None)),
    ("validation errors per pair this week", PAIR, both(ERROR, say("honeypot")), between(TODAY), (None, None)),
    ('bots with errors mentioning "kaboom" since 2026-11-20', BOT, both(ERROR, say("kaboom")), between(TODAY - 10 * DAY), (None, None)),
    ("signals by bot today", BOT, SIGNAL, between(TODAY, TODAY + DAY), (None, None)),
    ("how many signals did momentum produce per pair yesterday?", PAIR, SIGNAL, both(YESTERDAY, lambda e: e.strategy == "momentum"), (None, None)),
    ("bots that made more than 12 trades the day before yesterday", BOT, OPEN, between(TODAY - 2 * DAY, TODAY - DAY), (13, None)),
    ("trades on XRP-USDT in the last 5 days", BOT, OPEN, both(between(NOW - 5 * DAY), lambda e: e.has("XRP")), (None, None)),
    ("trades on SOL/USDC by strategy in november", STRATEGY, OPEN, both(between(TODAY - 29 * DAY, TODAY + DAY), lambda e: e.pair == "SOL/USDC"), (None, None)),
    ("losing trades per strategy last month", STRATEGY, LOST, between(NOW - 30 * DAY), (None, None)),
    ("which pairs had exactly 3 winning trades yesterday", PAIR, WON, YESTERDAY, (3, 3)),
    ("closed trades of ichimoku by bot on 24 november", BOT, kind("trade_close"), both(between(TODAY - 6 * DAY, TODAY - 5 * DAY), lambda e: e.strategy == "ichimoku"), (None, None)),
    ("risk checks by bot on November 25th", BOT, kind("risk_eval"), between(TODAY - 5 * DAY, TODAY - 4 * DAY), (None, None)),
    ("events per bot and strategy today", lambda e: (e.bot, e.strategy), lambda _: True, between(TODAY, TODAY + DAY), (None, None)),
    ("errors per bot per day since 2026-11-28", lambda e: (e.bot, day(e)), ERROR, between(TODAY - 2 * DAY), (None, None)),
    ("errors by bot yesterday with SOL, ETH or XRP pairs", BOT, ERROR, YESTERDAY, (None, None)),
    ("SOL and ETH errors by pair yesterday", PAIR, ERROR, both(YESTERDAY, lambda e: e.has("SOL") or e.has("ETH")), (None, None)),
    ("signals of defi-1 and defi-2 by strategy today", STRATEGY, SIGNAL, both(between(TODAY, TODAY + DAY), lambda e: e.bot != "sol-sniper"), (None, None)),
    ("errors on SOL/USDC or XRP-USDT by pair yesterday", PAIR, ERROR, both(YESTERDAY, lambda e: e.pair in ("SOL/USDC", "XRP-USDT")), (None, None)),
    ("bots without errors today with JUP pairs", BOT, ERROR, both(between(TODAY, TODAY + DAY), lambda e: e.has("JUP")), (None, 0)),
    ("errors in the last 90 minutes", BOT, ERROR, between(NOW - 90 * 60_000), (None, None)),
    ("total errors by strategy for defi-2 on sunday with usdt pairs", STRATEGY, ERROR, both(YESTERDAY, lambda e: e.bot == "defi-2" and e.has("USDT")), (None, None)),
)  # fmt: skip


def day(event: Told) -> str:
    return f"2026-11-{30 - (TODAY + DAY - 1 - event.t) // DAY:02}"


@pytest.mark.parametrize(("question", "by", "wanted", "chosen", "bounds"), REWORDED, ids=[q[0] for q in REWORDED])
def test_the_rows_are_those_that_plain_python_finds(
    question: str,
    by: Callable[[Told], object],
    wanted: Callable[[Told], bool],
    chosen: Callable[[Told], bool],
    bounds: tuple[int | None, int | None],
    guard: Guard,
    known: Known,
) -> None:
    least, most = bounds
    expected = {
        group: n
        for group, n in counted(EVENTS, by, wanted, chosen).items()
        if (least is None or n >= least) and (most is None or n <= most)
    }
    rows = answered(question, guard, known).rows
    assert {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows} == expected


def test_there_are_thirty_of_them_and_most_find_something(guard: Guard, known: Known) -> None:
    assert len(REWORDED) >= 30
    assert sum(bool(answered(question, guard, known).rows) for question, *_ in REWORDED) >= 27


def test_every_listed_question_is_one(guard: Guard, known: Known) -> None:
    for example in listing():
        answered(example, guard, known)


def test_win_rates_keep_paper_and_live_apart(guard: Guard, known: Known) -> None:
    rows = answered("win rate per strategy per pair last week", guard, known).rows
    found = {row[:3]: row[3:] for row in rows}
    for strategy, pair, mode in found:
        closed = [
            e.pnl
            for e in EVENTS
            if e.kind == "trade_close"
            and e.t >= NOW - 7 * DAY
            and (e.strategy, e.pair, e.mode) == (strategy, pair, mode)
        ]
        won = sum(pnl > 0 for pnl in closed)
        assert found[strategy, pair, mode] == (
            len(closed),
            won,
            pytest.approx(100 * won / len(closed), abs=0.051),
            pytest.approx(sum(closed), abs=0.006),
        )
    assert {mode for _, _, mode in found} == {"live", "paper"}


def test_a_days_profit_is_a_sum(guard: Guard, known: Known) -> None:
    answer = answered("daily performance", guard, known)
    found = {row[:2]: dict(zip(answer.columns, row, strict=True)) for row in answer.rows}
    closed = [e for e in EVENTS if e.kind == "trade_close" and e.bot == "defi-1" and day(e) == "2026-11-28"]
    one = found["defi-1", "2026-11-28"]
    assert one["closed"] == len(closed)
    assert one["pnl_live_usd"] == pytest.approx(sum(e.pnl or 0 for e in closed if e.mode == "live"), abs=0.006)
    assert one["pnl_paper_usd"] == pytest.approx(sum(e.pnl or 0 for e in closed if e.mode == "paper"), abs=0.006)


def test_strategies_side_by_side(guard: Guard, known: Known) -> None:
    answer = answered("compare the strategies", guard, known)
    one = dict(zip(answer.columns, next(r for r in answer.rows if r[:2] == ("momentum", "live")), strict=True))
    pnls = [e.pnl for e in EVENTS if e.pnl is not None and (e.strategy, e.mode) == ("momentum", "live")]
    total = peak = down = 0.0
    for pnl in pnls:
        total += pnl
        peak = max(peak, total)
        down = max(down, peak - total)
    assert one["trades"] == len(pnls)
    assert one["drawdown_usd"] == pytest.approx(down, abs=0.006)
    assert one["sharpe_of_trades"] == pytest.approx(mean(pnls) / stdev(pnls), abs=0.0051)


def test_two_strategies_are_compared_by_their_names(guard: Guard, known: Known) -> None:
    rows = answered("compare momentum and ichimoku", guard, known).rows
    assert {row[0] for row in rows} == {"momentum", "ichimoku"}
    assert {row[0] for row in answered("compare momentum", guard, known).rows} == {"momentum"}


def test_bursts_count_within_a_window_that_moves(guard: Guard, known: Known) -> None:
    rows = dict(row[:2] for row in answered("more than 1 errors in 5 minutes", guard, known).rows)
    for bot in ("defi-1", "defi-2", "sol-sniper"):
        times = [e.t for e in EVENTS if e.kind == "error" and e.bot == bot]
        most = max(sum(t - 300_000 < other <= t for other in times) for t in times)
        assert rows.get(bot, 1) == most


def test_latency_is_from_the_last_signal_before(tmp_path: Path) -> None:
    told = [
        Told("b", "signal", "SOL/USDC", "s", NOW - 60_000),
        Told("b", "signal", "ETH/USDT", "s", NOW - 11_000),
        Told("b", "signal", "SOL/USDC", "s", NOW - 10_000),
        Told("b", "risk_eval", "SOL/USDC", "s", NOW - 9_000),
        Told("b", "trade_open", "SOL/USDC", "s", NOW - 6_500),
    ]
    guard = Guard(database(tmp_path / "one.db", told), Clock(), UTC)
    answer = answered("how long does each stage of the pipeline take?", guard, Known())
    assert answer.rows == (("b", 1, 1.0, 2.5, 3.5, 3.5),)


def test_paper_and_live_are_what_events_say(guard: Guard, known: Known) -> None:
    for mode in ("live", "paper"):
        rows = dict(answered(f"closed {mode} trades by bot yesterday", guard, known).rows)
        assert rows == counted(EVENTS, BOT, kind("trade_close"), both(YESTERDAY, lambda e, m=mode: e.mode == m))
    assert (
        answered("errors in paper mode", guard, known).rows
        == answered("errors on paper of xrp pairs", guard, known).rows
    )


def test_a_question_without_end(known: Known) -> None:
    with pytest.raises(AskError, match="longer than"):
        recognise("errors " * 1_000, known, CALENDAR)


def test_the_latest_are_the_newest(guard: Guard, known: Known) -> None:
    rows = answered("last 20 errors with SOL pairs", guard, known).rows
    newest = [e.message for e in EVENTS if e.kind == "error" and sol(e)][:-21:-1]
    assert [row[-1] for row in rows] == newest


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("bots with errors on binance yesterday", "binance"),
        ("errors excluding SOL pairs", "excluding"),
        ("not errors", "not"),
        ("SOL errors in ETH", "eth"),
        ("bots with more than 3 errors and 2 signals", "2"),
        ("win rate above 50 percent", "percent"),
        ("errors of bot defi-9", "defi"),
        ("'; DROP TABLE bot_events; --", "drop"),
        ("what is the meaning of life", "meaning"),
        ("win rate of the top strategies with more than 3 trades", "(count)"),
    ],
)
def test_a_word_that_is_not_understood_is_said_and_not_passed_over(question: str, word: str, known: Known) -> None:
    found = recognise(question, known, CALENDAR)
    assert isinstance(found, Missed)
    assert word in found.unknown


def test_a_day_that_there_is_not(known: Known) -> None:
    with pytest.raises(AskError, match="no such time"):
        recognise("errors on 2026-02-30", known, CALENDAR)


def test_values_never_become_sql(guard: Guard) -> None:
    name = "x' OR 1=1 --"
    found = recognise(f'errors of bot "{name}"', Known((name,)), CALENDAR)
    assert isinstance(found, Found)
    assert name not in found.sql
    assert found.values["bot"] == name
    several = recognise("errors of a, b and c", Known(("aaaa", "bbbb")), CALENDAR)
    assert isinstance(several, Missed)
    assert guard.run(found.sql, found.values).rows == ()
