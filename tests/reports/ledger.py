"""A bot's database, and a cache of it that is brought up to date."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from events.bot_database import INSERT, create
from events.hands import NOW, HandClock
from tradetop.events.categorise import Categories
from tradetop.events.file import shown
from tradetop.events.table import Table
from tradetop.model.clock import DAY
from tradetop.reports import Asked
from tradetop.reports.reading import catch_up
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import Window

USUAL = Categories()
Event = tuple[Any, ...]
"""id, bot, type, pair, strategy, timestamp, metadata."""
WEEK = Window.around(NOW - 7 * DAY, NOW)


def stamp(t: int) -> str:
    """A time (ms) as most bots write it."""
    at = datetime.fromtimestamp(t / 1_000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{t % 1_000:03d}Z"


def database(path: Path, events: Iterable[Event] = ()) -> sqlite3.Connection:
    """A new database with these events; the caller closes the connection."""
    link = create(path)
    link.executemany(INSERT, events)
    return link


def update(path: Path, rollup: Rollup, batch: int = 48_000, categories: Categories = USUAL) -> Rollup:
    """Read what is new."""
    asyncio.run(
        catch_up(Table(path, HandClock()), shown(path), rollup, HandClock(), batch=batch, categories=categories)
    )
    return rollup


def asked(window: Window = WEEK, **more: Any) -> Asked:
    """A question in UTC."""
    return Asked(window, **more)


def close(id: str, t: int, pnl: object, *, bot: str = "b", strategy: str = "grid", pair: str = "SOL/USDC",
          mode: str = "live", more: str = "") -> Event:  # fmt: skip
    """A closed trade; `pnl` as it stands in JSON, None for none."""
    said = "" if pnl is None else f', "pnl_usd": {pnl}'
    return id, bot, "trade_close", pair, strategy, stamp(t), f'{{"mode": "{mode}"{said}{more}}}'


TABLES = {
    "hourly": "hour, bot, mode, strategy | events, signals, risks, opens, closes, errors, known, wins, losses, pnl",
    "bot_days": "day, bot, mode | events, signals, risks, opens, closes, errors, known, wins, losses, pnl",
    "pairs": "hour, bot, pair | n",
    "pair_days": "day, bot, pair | n",
    "closes": "t, bot, mode, strategy, pair, tags, opened | ids, pnl",
    "opens": "t, bot, mode, strategy, pair, tags | ids, done",
    "close_days": "day, bot, mode, strategy, pair, tags, opened | n, known, wins, losses, pnl, squares",
    "curve_days": "day, bot, strategy, mode | n, known, wins, first, second, low, high, drawdown",
    "errors": "hour, bot, category, message, pair | n",
    "error_pairs": "day, category, message, pair | n",
    "error_bots": "day, category, message, bot | n",
    "stages": "hour, bot, mode, strategy | stage, n, total, squares",
    "stage_days": "day, bot, mode, strategy | stage, n, total, squares",
    "latency_days": "day, bot | stage, n, middle, p95, longest",
    "unlinked": "hour |",
}


def content(rollup: Rollup) -> dict[str, list[tuple[object, ...]]]:
    """All that a cache holds, with names instead of numbers, in an order of its own."""
    names = dict(rollup.rows("SELECT id, text FROM names"))
    found = {}
    for table, columns in TABLES.items():
        texts, _, rest = columns.partition(" |")
        wanted = texts.split(", ")
        rows = rollup.rows(f"SELECT {texts}{', ' + rest if rest.strip() else ''} FROM {table}")
        found[table] = sorted(
            (row[0], *(names.get(x, str(x)) for x in row[1 : len(wanted)]), *(_round(x) for x in row[len(wanted) :]))
            for row in rows
        )
    return found


def _round(value: object) -> object:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else value
