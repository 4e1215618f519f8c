"""DeFiKit's worker as a server of its own: `GET /api/events?since=` over SQLite, its statement word for word."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from events.bot_database import INDEXES, SCHEMA

FEED = "SELECT * FROM bot_events WHERE created_at > datetime('now', ?) ORDER BY created_at DESC LIMIT 50"


class Worker:
    """A running worker, and the database behind it."""

    def __init__(self, port: int, link: sqlite3.Connection) -> None:
        self.port = port
        self.link = link
        self.lock = threading.Lock()
        self.asked: list[str] = []


@contextmanager
def worker() -> Iterator[Worker]:
    """A worker with the documented table, still empty."""
    link = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    link.row_factory = sqlite3.Row
    for statement in (SCHEMA, *INDEXES):
        link.execute(statement)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.asked.append(self.path)
            since = parse_qs(urlsplit(self.path).query).get("since", ["30s"])[0]
            try:
                with running.lock:
                    rows = [dict(row) for row in link.execute(FEED, (f"-{since}",))]
                status, body = 200, json.dumps(rows).encode()
            except sqlite3.Error as error:
                status, body = 500, json.dumps({"error": str(error)}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Worker(server.server_port, link)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
        link.close()
