"""The real command in a terminal, watching a real bot: what is seen, what keys do, and how it ends."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from end_to_end.pages import TRADER, calm, named, text
from tui.pseudo import Pseudo
from watched_bot import WatchedBot

pytestmark = pytest.mark.terminal

HEALTH = {"/health/live": (200, {"status": "ok", "mode": "LIVE"}), "/health/ready": (200, {"status": "ok"})}
INTERVAL = 1.5


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    values = {**calm(TRADER), named(TRADER, "trader_exposure_pct"): 19.5}
    with WatchedBot(text(values, 60.0), HEALTH) as bot:
        yield bot


def watch(bot: WatchedBot, folder: Path, size: tuple[int, int] = (80, 24), interval: str = "10s") -> Pseudo:
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    arguments = ["-m", "tradetop", bot.url, "--interval", interval]
    return Pseudo(arguments, size=size, environment={**home, "LC_ALL": "C.UTF-8"})


def _stands_in_the_header(words: str, terminal: Pseudo) -> bool:
    return words in terminal.screen.display[0]


def ends(terminal: Pseudo) -> None:
    """It is over within a second, and the terminal is as it was."""
    assert terminal.ended() < 1.0
    assert terminal.process.returncode == 0
    assert terminal.attributes() == terminal.before
    assert terminal.modes.items() >= {1049: False, 1000: False, 1003: False, 2004: False, 25: True}.items()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_the_overview_appears_and_every_key_leads_somewhere_and_back(
    bot: WatchedBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with watch(bot, tmp_path, size) as terminal:
        terminal.until(lambda: "19.5%" in terminal.text and "2.00 USD" in terminal.text)
        for words in (bot.instance, "LIVE", "● live", "T+00:0"):
            terminal.until(partial(_stands_in_the_header, words, terminal))
        for pane in ("Alerts", "P&L", "Limits", "Rate limits", "Strategies", "Errors", "Events"):
            assert pane in terminal.text
        assert len(terminal.screen.display) == size[1]

        terminal.type(b"9")
        terminal.until("Open Positions")
        assert "dashboard" in terminal.screen.display[0]
        terminal.type(b"\r")
        terminal.until("trader_account_value_usd 2.0")
        terminal.type(b"\x1b")
        terminal.until("Open Positions")
        terminal.type(b"?")
        terminal.until("pause; recording goes on")
        terminal.type(b"\x1b")
        terminal.until("Open Positions")
        terminal.type(b"\x1b")
        terminal.until(lambda: "dashboard" not in terminal.screen.display[0])
        terminal.type(b"3\r")
        terminal.until("samples")
        terminal.type(b"\x1b")
        terminal.until("Rate limits")
        terminal.type(b"]")
        terminal.until("window 1h")
        terminal.type(b"[")
        terminal.until("window 15m")
        terminal.type(b"q")
        ends(terminal)
        assert "Traceback" not in terminal.text


def test_a_bot_that_dies_is_down_with_its_age_within_two_intervals(bot: WatchedBot, tmp_path: Path) -> None:
    with watch(bot, tmp_path, interval=f"{INTERVAL:g}s") as terminal:
        terminal.until_keys("19.5%")
        bot.stop()
        died = time.monotonic()
        terminal.until(lambda: "DOWN" in terminal.screen.display[0] and "no data" in terminal.text, 2 * INTERVAL)
        terminal.until("refused")
        terminal.until(lambda: re.search(r"no data \d+s", terminal.text) is not None)
        ages = [int(age) for age in re.findall(r"no data (\d+)s", terminal.text)]
        assert max(ages) <= time.monotonic() - died + INTERVAL
        # The last values stay to be seen.
        terminal.until_keys("19.5%")
        terminal.type(b"q")
        ends(terminal)


def test_a_signal_restores_the_terminal_and_keeps_the_history(bot: WatchedBot, tmp_path: Path) -> None:
    with watch(bot, tmp_path) as terminal:
        terminal.until_keys("19.5%")
        terminal.signal(signal.SIGTERM)
        ends(terminal)
    assert [path.suffix for path in sorted((tmp_path / "state").rglob("127*"))] == [".db", ".lock"]
