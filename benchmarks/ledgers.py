"""Event databases of any size in the documented schema: 10,000 events a day of eight bots."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from pathlib import Path

from tradetop.events.schema import CREATE_SQL as SCHEMA

PER_DAY = 10_000
_DAY = 86_400_000
_PAIRS = ("SOL/USDC", "BTC/USDT", "ETH/USDT", "XRP/USDT", "BONK/SOL")
_STRATEGIES = ("momentum", "grid", "ichimoku", "snipe")
_ERRORS = (
    ("RPC timeout after {} ms", 45),
    ("WebSocket disconnect: code {}", 20),
    ("slippage exceeded: {} bps", 15),
    ("insufficient balance for order {}", 10),
    ("honeypot check failed for pool {}", 10),
)
_INSERT = "insert into bot_events values (?, ?, ?, ?, ?, ?, ?, ?)"
Event = tuple[str, str, str, str, str, str, str, str]


def write(path: Path, rows: int, until: int) -> None:
    """A new database of that many rows, the last of them at `until` (ms); indexes are made at the end."""
    tables, indexes = SCHEMA.split(";", 1)
    with sqlite3.connect(path, isolation_level=None) as link:
        link.execute("pragma journal_mode = off")
        link.execute("pragma synchronous = off")
        link.execute(tables)
        link.execute("begin")
        link.executemany(_INSERT, events(rows, until))
        link.execute("commit")
        link.executescript(indexes)
        link.execute("pragma journal_mode = delete")
    link.close()


def events(rows: int, until: int) -> Iterator[Event]:
    """Signals, four in five of them evaluated, one in four of those traded; one event in twenty is an error."""
    dice = random.Random(7)
    step = _DAY / PER_DAY
    t, n, later = until - rows * step, 0, list[tuple[float, int, str, str, str, str, str]]()
    while n < rows:
        due = heappop(later) if later and later[0][0] <= t else None
        if due is not None:
            yield _row(n, *due[:1], *due[2:])
            n += 1
            continue
        t += step * dice.expovariate(1) * 2.4
        number = dice.randrange(8)
        bot, pair = f"bot-{number}", dice.choice(_PAIRS)
        strategy = _STRATEGIES[(number + dice.randrange(2)) % 4]
        told = f'"mode": "{"paper" if number > 5 else "live"}", "llm": {"true" if number % 2 else "false"}'
        if dice.random() < 0.11:
            text = dice.choices([e[0] for e in _ERRORS], [e[1] for e in _ERRORS])[0].format(dice.randrange(9_999))
            heappush(
                later, (t, dice.randrange(1 << 30), bot, "error", pair, strategy, f'{{"message": "{text}", {told}}}')
            )
            continue
        score = f'{{"score": {dice.random():.3f}, {told}}}'
        heappush(later, (t, dice.randrange(1 << 30), bot, "signal", pair, strategy, score))
        if dice.random() < 0.8:
            judged = t + dice.lognormvariate(6, 0.7)
            passed = dice.random() < 0.35
            verdict = f'{{"passed": {str(passed).lower()}, {told}}}'
            heappush(later, (judged, dice.randrange(1 << 30), bot, "risk_eval", pair, strategy, verdict))
            if passed:
                opened, trade = judged + dice.lognormvariate(6.5, 0.9), f"t{dice.randrange(1 << 40):x}"
                size = dice.randrange(50, 900)
                # What only openings say: a report by it has to find the opening of every close.
                entry = "limit" if size % 2 else "market"
                body = f'{{"trade_id": "{trade}", "size_usd": {size}, "entry": "{entry}", {told}}}'
                heappush(later, (opened, dice.randrange(1 << 30), bot, "trade_open", pair, strategy, body))
                body = f'{{"trade_id": "{trade}", "pnl_usd": {dice.gauss(1.5, 20):.2f}, {told}}}'
                closed = opened + dice.lognormvariate(14, 1)
                heappush(later, (closed, dice.randrange(1 << 30), bot, "trade_close", pair, strategy, body))


def _row(n: int, t: float, bot: str, kind: str, pair: str, strategy: str, metadata: str) -> Event:
    at = datetime.fromtimestamp(t / 1_000, UTC)
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1_000:03d}Z"
    return f"e{n:08x}", bot, kind, pair, strategy, stamp, metadata, f"{at:%Y-%m-%d %H:%M:%S}"
