"""A theme of one's own in the real program: found, shown, taken anew when its file changes, never fatal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.pages import TRADER, calm, named, text
from tui.pseudo import Pseudo
from watched_bot import WatchedBot

pytestmark = pytest.mark.terminal

VALUES = {**calm(TRADER), named(TRADER, "trader_exposure_pct"): 19.5}
FIRST, SECOND = '"#123456"', '"#654321"'
SENT = {FIRST: b"38;2;18;52;86", SECOND: b"38;2;101;67;33"}
MIDNIGHT = b"38;2;92;207;230"
"""The same role's colour in midnight."""


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(text(VALUES, 60.0)) as bot:
        yield bot


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "tradetop" / "themes"
    folder.mkdir(parents=True)
    return folder / "mine.yaml"


def start(bot: WatchedBot, folder: Path, *more: str) -> Pseudo:
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    arguments = ["-m", "tradetop", bot.url, "--interval", "1s", *more]
    return Pseudo(arguments, environment={**home, "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor"})


def test_a_theme_is_taken_anew_while_it_is_on_the_screen(bot: WatchedBot, tmp_path: Path, file: Path) -> None:
    file.write_text(f"roles:\n  primary: {FIRST}\n")
    with start(bot, tmp_path, "--theme", "mine") as terminal:
        terminal.until_keys("19.5%")
        assert SENT[FIRST] in terminal.raw
        file.write_text(f"roles:\n  primary: {SECOND}\n  # and more\n")
        terminal.until(lambda: SENT[SECOND] in terminal.raw)
        file.write_text("roles:\n  primary: [\n")
        terminal.until("mine.yaml:3:")
        terminal.until_keys("19.5%")
        terminal.type(b"q")
        terminal.ended()
        assert terminal.process.returncode == 0


def test_a_theme_that_cannot_be_used_leaves_midnight_and_is_taken_when_it_is_mended(
    bot: WatchedBot, tmp_path: Path, file: Path
) -> None:
    file.write_text("roles: what\n")
    (tmp_path / "tradetop" / "config.yaml").write_text("theme: mine\n")
    with start(bot, tmp_path) as terminal:
        terminal.until("mine.yaml:1:8")
        terminal.until_keys("19.5%")
        assert MIDNIGHT in terminal.raw
        file.write_text(f"roles:\n  primary: {FIRST}\n")
        terminal.until(lambda: SENT[FIRST] in terminal.raw)
        terminal.type(b"q")
        terminal.ended()
        assert terminal.process.returncode == 0


def test_a_role_that_does_not_exist_is_said_with_its_line_and_the_rest_is_shown(
    bot: WatchedBot, tmp_path: Path, file: Path
) -> None:
    file.write_text(f"roles:\n  primary: {FIRST}\n  gian: {SECOND}\n")
    with start(bot, tmp_path, "--theme", str(file)) as terminal:
        terminal.until("mine.yaml:3:3")
        terminal.until_keys("19.5%")
        assert SENT[FIRST] in terminal.raw
        terminal.type(b"q")
        terminal.ended()


def test_a_theme_that_is_not_there_is_said_before_the_screen_is_taken(bot: WatchedBot, tmp_path: Path) -> None:
    with start(bot, tmp_path, "--theme", "midnite") as terminal:
        terminal.ended()
        assert terminal.process.returncode == 2
        assert "did you mean midnight?" in " ".join(terminal.text.split())
        assert b"\x1b" not in terminal.raw
