"""A bot's event database as tests need it: the documented schema, and a real writer in its own process."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """CREATE TABLE bot_events (
id TEXT PRIMARY KEY, bot_id TEXT NOT NULL, event_type TEXT NOT NULL, pair TEXT, strategy TEXT,
timestamp TEXT NOT NULL, metadata TEXT, created_at TEXT DEFAULT (datetime('now')))"""
INDEXES = (
    "CREATE INDEX idx_bot_events_bot ON bot_events(bot_id, timestamp)",
    "CREATE INDEX idx_bot_events_type ON bot_events(event_type, timestamp)",
)
INSERT = "INSERT INTO bot_events (id, bot_id, event_type, pair, strategy, timestamp, metadata) VALUES (?,?,?,?,?,?,?)"

WRITER = """
import sqlite3, sys, time
path, journal, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
link = sqlite3.connect(path, timeout=0.1, isolation_level=None)
link.execute("PRAGMA journal_mode=" + journal)
link.execute("PRAGMA synchronous=OFF")
print("ready", flush=True)
sys.stdin.readline()
failed = 0
for i in range(count):
    try:
        link.execute(sys.argv[4], (f"w{i}", "w", "signal", "SOL/USDC", "s", "2026-01-02T03:04:05Z", '{"score": 0.5}'))
    except sqlite3.OperationalError:
        failed += 1
print(failed, flush=True)
sys.stdin.readline()
"""


def create(path: Path, journal: str = "delete", *, indexes: bool = True) -> sqlite3.Connection:
    """A new database with the documented table; the caller closes the connection."""
    link = sqlite3.connect(path, isolation_level=None)
    link.execute(f"PRAGMA journal_mode={journal}")
    link.execute("PRAGMA synchronous=OFF")
    link.execute(SCHEMA)
    for index in INDEXES if indexes else ():
        link.execute(index)
    return link


def insert(
    link: sqlite3.Connection,
    id: object,
    event_type: object = "signal",
    metadata: object = None,
    *,
    bot: object = "defi-1",
    pair: object = "SOL/USDC",
    strategy: object = "momentum",
    timestamp: object = "2026-01-02T03:04:05Z",
) -> None:
    """One event; a dict as metadata becomes JSON."""
    text = json.dumps(metadata) if isinstance(metadata, dict) else metadata
    link.execute(INSERT, (id, bot, event_type, pair, strategy, timestamp, text))


def listing(folder: Path) -> list[tuple[str, int, int, int]]:
    """Everything in a folder with what a write would change."""
    found = ((p, p.lstat()) for p in sorted(folder.iterdir()))
    return [(p.name, s.st_size, s.st_mtime_ns, s.st_ino) for p, s in found]


@contextmanager
def writer(path: Path, journal: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """A bot in its own process, 100 ms busy timeout; a line to it starts the writing, it answers how many failed."""
    command = [sys.executable, "-c", WRITER, str(path), journal, str(count), INSERT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()
