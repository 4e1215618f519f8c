"""The view `events`: the bot's table with clean columns, and the functions that SQL may use beside SQLite's own.

Times in the table have many spellings, its metadata may be no JSON, and what an event is depends on the bot's words.
The view has one time, one class and plain facts instead, as the feed shows them.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from statistics import median, stdev
from typing import Any, cast

from tradetop.events.categorise import Categories
from tradetop.events.classify import category_of, class_of
from tradetop.events.facts import facts_of
from tradetop.events.fingerprint import essence
from tradetop.events.metadata import METADATA_LIMIT, Metadata, read
from tradetop.events.moment import milliseconds
from tradetop.events.row import AHEAD, Cell, text_of
from tradetop.events.schema import Schema
from tradetop.model.bot_event import EventClass, earned
from tradetop.model.clock import SECOND
from tradetop.model.text import clean

EVENTS = "events"
ONLY = "only_bot"
"""Holds the bot that the events are of, where they are of one."""
_OWN = f"CREATE TEMP VIEW bot_events AS SELECT * FROM main.bot_events WHERE trim(bot_id) = (SELECT bot_id FROM {ONLY})"  # noqa: S608
_NONE = "CREATE TEMP VIEW bot_events AS SELECT * FROM main.bot_events WHERE 0"
FACTS = ("message", "result", "mode")
"""Details that are columns of their own; `fact` tells every other."""
OURS = frozenset({"ms", "at", "day", "hour", "kind", "category", "fact", "amount", "alike", "has", "moment"}) | {
    "median",
    "stdev",
}
"""The functions that are registered here."""
_DOCUMENTED = " ".join(
    f"WHEN '{name}' THEN '{class_of(name).value}'"
    for name in ("signal", "risk_eval", "trade_open", "trade_close", "error")
)
"""The documented types are told without leaving SQLite: nearly all rows have one."""
_QUOTES = ("USDT", "USDC", "BUSD", "FDUSD", "USD", "DAI", "EUR", "BTC", "ETH", "SOL", "BNB")
"""What ends a pair that exchanges write in one word: SOLUSDT."""
_KINDS = frozenset({"PERP", "SWAP", "SPOT"})
"""What stands in names of pairs and is no asset."""
_PARTS = re.compile(r"[^A-Z0-9$]+")
_COUNTED = 1_000_000
"""Values that a median is taken of; beyond it there is none, rather than a wrong one."""


def create(
    link: sqlite3.Connection, schema: Schema, now: int, zone: tzinfo | None, categories: Categories, bot: str = ""
) -> None:
    """Register the functions and create the view; `now` is in ms, days are those of `zone` (None: the machine's).

    Of one `bot` the view, and `bot_events` itself as SQL names it, hold the events of that bot alone.
    """
    for name, count, function in (*_functions(now, zone), ("category", 2, _category(categories))):
        link.create_function(name, count, function, deterministic=True)
    # Typeshed knows aggregates of integers alone.
    link.create_aggregate("median", 1, cast("Any", _Median))
    link.create_aggregate("stdev", 1, cast("Any", _Stdev))
    if bot:
        # A view takes no parameters, and the name comes from outside.
        link.execute(f"CREATE TEMP TABLE {ONLY} (bot_id TEXT)")
        link.execute(f"INSERT INTO temp.{ONLY} VALUES (?)", (bot,))  # noqa: S608 - our own word
        link.execute(_OWN if "bot_id" in schema.columns else _NONE)
    link.execute(definition(schema))


def definition(schema: Schema) -> str:
    """The statement that creates the view over a table that may lack some of the documented columns."""

    def column(name: str) -> str:
        return name if name in schema.columns else "NULL"

    kind, metadata = column("event_type"), column("metadata")
    named = {
        "id": column("id"),
        "bot_id": f"trim({column('bot_id')})",
        "event_type": kind,
        "class": f"CASE {kind} {_DOCUMENTED} ELSE kind({kind}) END",
        "pair": f"trim({column('pair')})",
        "strategy": f"trim({column('strategy')})",
        "t": f"moment({column('timestamp')}, {column('created_at')})",
        "category": f"category({kind}, {metadata})",
        "pnl_usd": f"amount({kind}, {metadata}, 'pnl_usd')",
        **{name: f"fact({kind}, {metadata}, '{name}')" for name in FACTS},
        "metadata": f"CASE WHEN json_valid({metadata}) THEN {metadata} END",
    }
    columns = ", ".join(f"{sql} AS {name}" for name, sql in named.items())
    # Where there is such a view, it stands before the table.
    return f"CREATE TEMP VIEW {EVENTS} AS SELECT {columns} FROM bot_events"  # noqa: S608 - only our own words


def _functions(now: int, zone: tzinfo | None) -> tuple[tuple[str, int, Callable[..., Cell]], ...]:
    def stamped(form: str) -> Callable[[Cell], str | None]:
        def written(t: Cell) -> str | None:
            if not isinstance(t, (int, float)) or not math.isfinite(t):
                return None
            try:
                return datetime.fromtimestamp(t / SECOND, zone).strftime(form)
            except (ValueError, OverflowError, OSError):
                return None

        return written

    def moment(timestamp: Cell, created_at: Cell) -> int | None:
        for cell in (timestamp, created_at):
            t = milliseconds(cell)
            if t is not None and t <= now + AHEAD:
                return t
        return None

    return (
        ("ms", 1, milliseconds),
        ("at", 1, stamped("%Y-%m-%d %H:%M:%S")),
        ("day", 1, stamped("%Y-%m-%d")),
        ("hour", 1, stamped("%Y-%m-%d %H:00")),
        ("kind", 1, lambda event_type: class_of(text_of(event_type)).value),
        ("fact", 3, _fact),
        ("amount", 3, _amount),
        ("alike", 1, lambda message: essence(text_of(message)) if message is not None else None),
        ("has", 2, has),
        ("moment", 2, moment),
    )


def has(pair: Cell, asset: Cell) -> bool:
    """Whether a pair is this one, or one of its sides is this asset: SOL/USDC, SOLUSDC have SOL, JITOSOL/USDC not."""
    wanted = sides(text_of(asset)) if "/" in text_of(asset) else frozenset({text_of(asset).strip().upper()})
    return bool(wanted - {""}) and wanted <= sides(text_of(pair))


@lru_cache(maxsize=4_096)
def sides(pair: str) -> frozenset[str]:
    """The assets of a pair, in capitals; of one in a single word as far as its end is a usual one."""
    words = [word for word in _PARTS.split(pair.upper()[:200]) if word]
    assets = [word for word in words if word not in _KINDS]
    if len(assets) == 1:
        quote = next((quote for quote in _QUOTES if assets[0].endswith(quote) and assets[0] != quote), "")
        assets = [assets[0].removesuffix(quote), quote] if quote else assets
    return frozenset(assets)


@lru_cache(maxsize=8)
def _facts(event_type: str, metadata: str) -> Mapping[str, str | float]:
    """What an event's metadata tells; a row is asked for several of its facts in turn."""
    return {fact.name: fact.value for fact in facts_of(class_of(event_type), _read(metadata).values)}


def _read(metadata: str) -> Metadata:
    return read(metadata[:METADATA_LIMIT], len(metadata))


def _fact(event_type: Cell, metadata: Cell, name: Cell) -> str | float | None:
    value = _facts(text_of(event_type), text_of(metadata)).get(text_of(name)) if metadata is not None else None
    return clean(value, 500) if isinstance(value, str) else value


def _amount(event_type: Cell, metadata: Cell, name: Cell) -> float | None:
    return earned(_fact(event_type, metadata, name))


def _category(categories: Categories) -> Callable[[Cell, Cell], str | None]:
    def category(event_type: Cell, metadata: Cell) -> str | None:
        kind, text = text_of(event_type), text_of(metadata)
        if class_of(kind) is not EventClass.ERROR:
            return None
        found = _read(text)
        built_in = category_of(kind, found.values)
        if not categories.identity:
            return built_in
        facts = _facts(kind, text)
        message = next(
            (said for name in ("message", "reason") if isinstance(said := facts.get(name), str) and said), ""
        )
        return categories.named(kind, message or found.text or kind, built_in)

    return category


class _Numbers:
    """An aggregate over numbers; what is none is left out."""

    _least = 1

    def __init__(self) -> None:
        self.values: list[float] = []
        self.count = 0

    def step(self, value: Cell, /) -> None:
        if isinstance(value, (int, float)) and math.isfinite(value):
            self.count += 1
            if self.count <= _COUNTED:
                self.values.append(float(value))

    def finalize(self) -> float | None:
        """What they come to."""
        return self._of(self.values) if self._least <= self.count <= _COUNTED else None

    def _of(self, values: Sequence[float]) -> float:
        raise NotImplementedError


class _Median(_Numbers):
    """The middle one."""

    def _of(self, values: Sequence[float]) -> float:
        return median(values)


class _Stdev(_Numbers):
    """The standard deviation of a sample; none of fewer than two."""

    _least = 2

    def _of(self, values: Sequence[float]) -> float:
        return stdev(values)
