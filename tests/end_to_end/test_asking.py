"""Asking with the real command in a terminal: a real database, the process that answers, a model that is not there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ask.asked import Told, database
from events.bot_database import listing
from tui.pseudo import Pseudo

pytestmark = pytest.mark.terminal


def test_a_question_is_answered_and_the_bots_folder_stays_as_it_is(tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    folder = tmp_path / "bot"
    folder.mkdir()
    told = [Told(f"defi-{n % 2}", "error", "SOL/USDC", "s", now - 60_000 * n, "RPC timeout") for n in range(9)]
    bots = database(folder / "bots.db", told, "wal")
    before = listing(folder)
    environment = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "LC_ALL": "C.UTF-8",
    }
    with Pseudo(["-m", "tradetop", str(bots)], size=(100, 30), environment=environment) as terminal:
        terminal.until(lambda: "defi-1" in terminal.text)
        terminal.type(b";errors by bot\r")
        terminal.until(lambda: "2 rows" in terminal.text)
        assert "defi-0       5" in terminal.text
        assert "defi-1       4" in terminal.text
        terminal.type(b";errors on binance\r")
        terminal.until(lambda: "not understood: binance" in terminal.text)
        terminal.type(b"\x1b")
        terminal.until(lambda: "defi-1" in terminal.text)
        assert listing(folder) == before
        terminal.type(b"q")
        assert terminal.ended() < 2.0
    assert "Traceback" not in terminal.text
