"""The bot of one's own does what its README says."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

BOT = Path(__file__).parents[2] / "examples" / "own-bot" / "bot.py"


def test_it_exposes_metrics_and_writes_events(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    command = [sys.executable, str(BOT), "0", str(path), "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bot:
        try:
            assert bot.stdout is not None
            _, url, database = bot.stdout.readline().split()
            assert database == str(path)
            with urllib.request.urlopen(url, timeout=5) as answer:
                page = answer.read().decode()
            assert "# TYPE mybot_equity_usd gauge" in page
            assert ("trade_close", "real") in seen(path)
        finally:
            bot.kill()


def seen(path: Path) -> list[tuple[str, str]]:
    """Event types with the JSON type of their profit, once there are any; gives up after five seconds."""
    end = time.monotonic() + 5
    found: list[tuple[str, str]] = []
    with closing(sqlite3.connect(path, timeout=5)) as events:
        while not found and time.monotonic() < end:
            found = events.execute("select event_type, json_type(metadata, '$.pnl_usd') from bot_events").fetchall()
    return found


def test_it_is_as_short_as_promised() -> None:
    code = [
        line for line in BOT.read_text().splitlines() if line.strip() and not line.lstrip().startswith(('"""', "#"))
    ]
    assert len(code) <= 45
