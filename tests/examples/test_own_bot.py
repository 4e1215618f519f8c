"""The bot of one's own does what its README says."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
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
        finally:
            bot.kill()
    with closing(sqlite3.connect(path)) as events:
        kinds = events.execute("select distinct event_type, json_type(metadata, '$.pnl_usd') from bot_events")
        assert kinds.fetchall() in ([], [("trade_close", "real")])


def test_it_is_as_short_as_promised() -> None:
    code = [
        line for line in BOT.read_text().splitlines() if line.strip() and not line.lstrip().startswith(('"""', "#"))
    ]
    assert len(code) <= 45
