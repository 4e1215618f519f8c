"""The sample bot as a process: there when asked for, gone when not."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tradetop.demo import SampleBotError, launch


def ended(pidfd: int) -> bool:
    """Waits until a process has ended, or ten seconds have."""
    return bool(select.select([pidfd], [], [], 10)[0])


def fetched(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status, answer.read().decode()


def test_it_answers_writes_and_leaves_nothing_behind() -> None:
    with launch(seed=7) as bot:
        pidfd = os.pidfd_open(bot.pid)
        status, page = fetched(f"{bot.url}/metrics")
        assert status == 200
        assert "trader_account_value_usd " in page
        assert "process_start_time_seconds " in page
        assert json.loads(fetched(f"{bot.url}/health")[1])["mode"] == "PAPER"
        assert fetched(f"{bot.url}/health/live") == (200, '{"status": "alive"}')
        assert fetched(f"{bot.url}/health/ready") == (200, '{"status": "ready"}')
        with closing(sqlite3.connect(f"file:{bot.database}?mode=ro", uri=True)) as events:
            assert events.execute("select count(*) from bot_events").fetchone()[0] > 1_000
            assert events.execute("pragma journal_mode").fetchone() == ("wal",)
    assert ended(pidfd)
    os.close(pidfd)
    assert not bot.database.parent.exists()
    bot.stop()


def test_a_database_of_ones_own_stays(tmp_path: Path) -> None:
    with launch(database=tmp_path / "mine.db") as bot:
        assert bot.database == tmp_path / "mine.db"
    assert (tmp_path / "mine.db").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "tradetop.demo", "--port=0", f"--database={tmp_path / 'bots.db'}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as bot:
        assert bot.stdout is not None
        ready = json.loads(bot.stdout.readline())
        assert ready["url"].startswith("http://127.0.0.1:")
        bot.send_signal(number)
        out, err = bot.communicate(timeout=10)
    assert (bot.returncode, out, err) == (0, b"", b"")
    assert not (tmp_path / "bots.db-wal").exists()


def test_it_dies_with_its_parent_however_that_dies() -> None:
    code = "from tradetop.demo import launch\nbot = launch()\nprint(bot.pid, bot.home, flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid, home = parent.stdout.readline().decode().split()
        pidfd = os.pidfd_open(int(pid))
        (Path(home) / "history").mkdir()
        parent.kill()
        parent.communicate()
    assert ended(pidfd)
    os.close(pidfd)
    assert not Path(home).exists()


def test_a_taken_port_is_said_in_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SampleBotError, match=rf"cannot listen on 127.0.0.1:{port}: Address already in use"):
            launch(port=port)


def test_a_database_that_cannot_be_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SampleBotError, match="cannot write the event database"):
        launch(database=tmp_path / "nowhere" / "bots.db")
