"""A bot of one's own in forty lines: metrics by prometheus_client, events in a `bot_events` table.

Run it, then watch it with the command that it prints.
"""

import json
import random
import sqlite3
import sys
import time
import uuid

from prometheus_client import Counter, Gauge, start_http_server

EQUITY = Gauge("mybot_equity_usd", "What everything is worth, in USD")
DRAWDOWN = Gauge("mybot_drawdown_pct", "How far below the best it is, in percent")
TRADES = Counter("mybot_trades", "Trades closed", ["pair"])

TABLE = """create table if not exists bot_events (id text primary key, bot_id text not null, event_type text not null,
    pair text, strategy text, timestamp text not null, metadata text, created_at text default (datetime('now')))"""


def event(database: sqlite3.Connection, kind: str, pair: str, **metadata: object) -> None:
    """Write one event."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    row = (str(uuid.uuid4()), "mybot", kind, pair, "coin-toss", now, json.dumps(metadata))
    insert = (
        "insert into bot_events(id, bot_id, event_type, pair, strategy, timestamp, metadata) values (?,?,?,?,?,?,?)"
    )
    with database:
        database.execute(insert, row)


def main(port: int = 8000, path: str = "bots.db", pause: float = 5.0) -> None:
    """Toss a coin for ever."""
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.execute(TABLE)
    server, _ = start_http_server(port, addr="127.0.0.1")
    print(f"tradetop http://127.0.0.1:{server.server_port} {path}", flush=True)
    equity = best = 10_000.0
    while True:
        pnl = random.gauss(1, 20)
        equity, best = equity + pnl, max(best, equity + pnl)
        EQUITY.set(equity)
        DRAWDOWN.set(100 * (1 - equity / best))
        TRADES.labels("BTC-USD").inc()
        event(database, "trade_close", "BTC-USD", pnl_usd=round(pnl, 2))
        time.sleep(pause)


if __name__ == "__main__":
    main(*(cast(text) for cast, text in zip((int, str, float), sys.argv[1:], strict=False)))
