"""The feed, reports and questions read the same of what bots should not have written."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from ask.asked import Clock
from events.hands import NOW, HandClock
from reports.ledger import Event, asked, close, database, stamp, update
from tradetop.ask.guard import Guard
from tradetop.events.categorise import Categories, Categorised
from tradetop.events.sqlite import EventDatabase
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import HOUR
from tradetop.model.error_category import USUAL, ErrorCategory
from tradetop.reports import errors, strategies
from tradetop.reports.rollup import Rollup


def seen(path: Path, name: str, of: tuple[ErrorCategory, ...] = USUAL) -> list[object]:
    """What the feed's events have of something, in their order."""

    async def read() -> Sequence[BotEvent]:
        database = Categorised(EventDatabase(path, HandClock()), of)
        try:
            return await database.newest()
        finally:
            await database.close()

    return [getattr(event, name) for event in asyncio.run(read())]


def asked_of(path: Path, column: str, of: tuple[ErrorCategory, ...] = USUAL) -> list[object]:
    """The same of a question's rows."""
    answer = Guard(path, Clock(NOW), UTC, errors=of).run(f"SELECT {column} FROM events ORDER BY id")
    return [cell for (cell,) in answer.rows]


def test_a_profit_that_none_can_be_counts_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    said = ("1e16", "-1e16", "1e15", "-1e15", "12.5", "1e308", "1e400", '"1e16"')
    database(path, [close(f"{n}", NOW - HOUR, pnl) for n, pnl in enumerate(said)]).close()
    counts = [None, None, 1e15, -1e15, 12.5, None, None, None]
    assert seen(path, "pnl") == counts
    assert asked_of(path, "pnl_usd") == counts
    (row,) = strategies(update(path, Rollup(None)), asked()).rows
    assert (row.trades, row.unknown, row.pnl) == (8, 5, 12.5)


def test_what_stands_before_the_cut_of_long_metadata_counts_everywhere(tmp_path: Path) -> None:
    path, long = tmp_path / "bots.db", "x" * 300_000
    error = json.dumps({"error_type": "execution", "message": "slippage exceeded", "stack": long})
    rows: list[Event] = [
        close("a", NOW - HOUR, -500, more=f', "book": "{long}"'),
        ("b", "b", "error", "SOL/USDC", "grid", stamp(NOW - HOUR), error),
        ("c", "b", "error", "SOL/USDC", "grid", stamp(NOW - HOUR), json.dumps({"stack": long, "message": "slippage"})),
    ]
    database(path, rows).close()
    assert seen(path, "pnl") == [-500.0, None, None]
    assert seen(path, "category") == ["", "execution", "other"]
    assert seen(path, "flaws") == [("metadata",)] * 3
    assert asked_of(path, "pnl_usd") == [-500.0, None, None]
    assert asked_of(path, "category") == [None, "execution", "other"]
    rollup = update(path, Rollup(None))
    assert strategies(rollup, asked()).rows[0].pnl == -500.0
    assert {(row.category, row.message) for row in errors(rollup, asked()).rows} == {
        ("execution", "slippage exceeded"),
        ("other", "error"),
    }


OWN = (
    ErrorCategory("liquidation", ("liquidat", "code 1015", "^wallet call")),
    ErrorCategory("connection", ("venue",)),
    *USUAL[1:],
)


def test_errors_are_in_the_categories_of_a_configuration_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    said = (
        ("error", '{"error_type": "execution", "message": "position liquidated at 93"}'),
        ("error", '{"message": "RPC timeout, code 1015"}'),
        ("error", '{"message": "RPC timeout, code 1016"}'),
        ("Wallet_Call_Failed", "{}"),
        ("error", "no JSON, of LIQUIDATION"),
        ("error", '{"reason": "venue says no"}'),
        ("error", '{"message": "odd"}'),
        ("error", json.dumps({"message": "liquidated", "book": "x" * 70_000})),
        ("signal", '{"message": "liquidation"}'),
    )
    rows: list[Event] = [(f"{n}", "b", kind, "P", "s", stamp(NOW - HOUR), text) for n, (kind, text) in enumerate(said)]
    database(path, rows).close()
    own = [
        "liquidation",
        "liquidation",
        "connection",
        "liquidation",
        "liquidation",
        "connection",
        "other",
        "liquidation",
    ]
    usual = ["execution", "connection", "connection", "other", "other", "other", "other", "other"]
    rollup = Rollup(None)
    # One cache under changing categories: what it holds is put into the new ones.
    for errors_of, wanted in ((USUAL, usual), (OWN, own), (USUAL, usual)):
        assert seen(path, "category", errors_of)[:8] == wanted
        assert asked_of(path, "category", errors_of) == [*wanted, None]
        update(path, rollup, categories=Categories(errors_of))
        counted: Counter[str] = Counter()
        for row in errors(rollup, asked()).rows:
            counted[row.category] += row.n
        assert counted == Counter(wanted)
    before = rollup.get("rows")
    update(path, rollup)
    assert rollup.get("rows") == before
