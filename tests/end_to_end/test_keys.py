"""Keys of one's own, from the config file to the terminal."""

from __future__ import annotations

import base64
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.pages import TRADER, calm, text
from tui.pseudo import Pseudo
from watched_bot import WatchedBot

pytestmark = pytest.mark.terminal

KEYS = """\
keys:
  help: f2
  copy: Y
  bots: t
  quit: []
"""


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(text(calm(TRADER), 60.0), {}) as bot:
        yield bot


def watch(bot: WatchedBot, folder: Path, keys: str) -> Pseudo:
    config = folder / "config.yaml"
    config.write_text(keys)
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    arguments = ["-m", "tradetop", bot.url, "--config", str(config)]
    return Pseudo(arguments, size=(120, 40), environment={**home, "LC_ALL": "C.UTF-8"})


def test_own_keys_are_shown_and_work_and_ctrl_c_still_quits(bot: WatchedBot, tmp_path: Path) -> None:
    with watch(bot, tmp_path, KEYS) as terminal:
        terminal.until("F2 help")
        assert "? help" not in terminal.text
        terminal.until("config.yaml:4:9: keys.bots: t no longer does theme")
        terminal.type(b"\x1bOQ")
        terminal.until("this screen")
        assert "next theme" not in terminal.text
        terminal.type(b"\x1b")
        terminal.until("Rate limits")
        terminal.type(b"qt")
        terminal.until("there is only one bot")
        terminal.type(b"\x03")
        assert terminal.ended() < 1.0
        assert terminal.process.returncode == 0


def test_what_is_copied_reaches_the_terminals_clipboard(bot: WatchedBot, tmp_path: Path) -> None:
    with watch(bot, tmp_path, "") as terminal:
        terminal.until("Rate limits")
        terminal.until(lambda: "%" in terminal.text)
        terminal.type(b"4y")
        terminal.until("copied: ")
        copied = terminal.text.partition("copied: ")[2].split()[0]
        sent = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", terminal.raw)
        assert sent is not None
        assert base64.b64decode(sent[1]).decode() == copied


def test_a_click_reaches_the_row_under_it_and_another_opens_it(bot: WatchedBot, tmp_path: Path) -> None:
    with watch(bot, tmp_path, "") as terminal:
        terminal.until("window 15m")
        # The first picture stands before anybody listens.
        terminal.type(b"4")
        terminal.until("sort")
        terminal.type(b"2")
        terminal.until(lambda: "sort" not in terminal.text)
        y, line = next((y, line) for y, line in enumerate(terminal.screen.display, 1) if "Rate limits" in line)
        click = f"{line.index('Rate limits')};{y + 2}"
        terminal.type(f"\x1b[<0;{click}M\x1b[<0;{click}m".encode())
        terminal.until("sort")
        terminal.type(f"\x1b[<0;{click}M\x1b[<0;{click}m".encode())
        terminal.until("› Rate limits › products")
    with watch(bot, tmp_path, "mouse: false") as terminal:
        terminal.until_keys("window 15m")
        assert not terminal.modes.get(1000)


def test_a_filter_and_a_mark_are_typed_at_the_foot_of_the_screen(bot: WatchedBot, tmp_path: Path) -> None:
    with watch(bot, tmp_path, "") as terminal:
        terminal.until("window 15m")
        terminal.type(b"/(")
        terminal.until("missing )")
        terminal.type(b"\x1b")
        terminal.until("window 15m")
        terminal.type("m\x1b[200~deploy v2 日本\nq\x1b[201~\r".encode())
        terminal.until("marked 'deploy v2")
        terminal.until("deploy v2")


def test_ctrl_z_leads_to_the_shell_out_of_a_line_and_fg_back_into_it(bot: WatchedBot, tmp_path: Path) -> None:
    with watch(bot, tmp_path, "") as terminal:
        terminal.until("window 15m")
        terminal.type(b"/BTC")
        terminal.until("/BTC")
        terminal.type(b"\x1a")
        terminal.until(lambda: " T " in Path(f"/proc/{terminal.process.pid}/stat").read_text())
        terminal.screen.reset()
        terminal.signal(signal.SIGCONT)
        terminal.until("/BTC")
