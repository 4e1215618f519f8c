"""The sample bot's event database: DeFiKit's `bot_events`, written as its bots write it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tradetop.demo.exporter import MODE
from tradetop.demo.happening import Closed, Cycled, Failed, Happening, Opened, RiskVerdict, Signal, Tripped
from tradetop.events.schema import CREATE_SQL

BOT_ID = "sample-bot"

_INSERT = """
    insert or ignore into bot_events(id, bot_id, event_type, pair, strategy, timestamp, metadata, created_at)
    values (?, ?, ?, ?, ?, ?, ?, ?)
"""

_Row = tuple[str, str, str, str | None, str | None, str, str, str]


class Ledger:
    """Appends events to a SQLite file; for one thread."""

    def __init__(self, path: Path, run: str) -> None:
        """`run` keeps the ids of one start apart from those of another in the same file."""
        self._run = run
        self._number = 0
        self._connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(CREATE_SQL)

    def write(self, events: Iterable[tuple[int, Happening]]) -> None:
        """Write what happened, each with its time (ms), in one transaction."""
        rows = [row for t, one in events if (row := self._row(t, one)) is not None]
        if rows:
            self._connection.execute("begin immediate")
            self._connection.executemany(_INSERT, rows)
            self._connection.execute("commit")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _row(self, t: int, one: Happening) -> _Row | None:
        described = _describe(one)
        if described is None:
            return None
        kind, pair, strategy, metadata = described
        self._number += 1
        at = datetime.fromtimestamp(t / 1000, UTC)
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{t % 1000:03d}Z"
        body = json.dumps({**metadata, "mode": MODE.lower()})
        event = f"{self._run}-{self._number:06d}"
        return event, BOT_ID, kind, pair, strategy, stamp, body, at.strftime("%Y-%m-%d %H:%M:%S")


def _describe(one: Happening) -> tuple[str, str | None, str | None, dict[str, object]] | None:
    """Event type, pair, strategy and metadata; None for what the bot does not log."""
    match one:
        case Signal():
            body: dict[str, object] = {"signal_id": one.id, "side": "BUY", "confidence": one.confidence}
            return "signal", one.pair, one.strategy, {**body, "price": round(one.price, 2)}
        case RiskVerdict(signal=signal):
            body = {"signal_id": signal.id, "approved": one.approved, "risk_score": one.score}
            return "risk_eval", signal.pair, signal.strategy, {**body, "reason": one.reason} if one.reason else body
        case Opened():
            body = {"trade_id": one.trade, "signal_id": one.signal, "side": "BUY", "size_usd": round(one.size_usd, 2)}
            return (
                "trade_open",
                one.pair,
                one.strategy,
                {
                    **body,
                    "entry_price": round(one.price, 2),
                    "latency_ms": one.latency_ms,
                },
            )
        case Closed():
            return (
                "trade_close",
                one.pair,
                one.strategy,
                {
                    "trade_id": one.trade,
                    "side": "SELL",
                    "entry_price": round(one.entry, 2),
                    "exit_price": round(one.exit, 2),
                    "pnl_usd": one.pnl_usd,
                    "pnl_pct": round(100 * (one.exit / one.entry - 1), 2),
                    "hold_seconds": one.hold_seconds,
                    "reason": one.why,
                },
            )
        case Failed():
            body = {"category": one.category, "error_type": one.kind, "message": one.message}
            if one.endpoint:
                body["endpoint"] = one.endpoint
            return "error", one.pair or None, one.strategy or None, body
        case Tripped():
            return (
                "error",
                None,
                None,
                {
                    "category": "connection",
                    "error_type": "circuit_breaker",
                    "message": f"Circuit breaker {one.breaker} opened: the exchange does not answer",
                },
            )
        case Cycled():
            return None
