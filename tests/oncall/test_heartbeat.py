"""The heartbeat of a real recorder: pings while it works, `/fail` while the bot is down, silence once it was killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands import run, started
from watched_bot import WatchedBot

PING = "/ping/5ecre7-uu1d"


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot("trader_exposure_pct 21.6\n") as bot:
        yield bot


@pytest.fixture
def outside() -> Iterator[WatchedBot]:
    with WatchedBot(health={PING: (200, "OK"), f"{PING}/fail": (200, "OK")}) as outside:
        yield outside


def configured(home: Path, bot: WatchedBot, heartbeat: str) -> Path:
    config = home / "c.yaml"
    config.write_text(f"interval: 1s\nheartbeat: {heartbeat}\ntargets:\n  - {{name: momentum, url: '{bot.base}'}}\n")
    return config


def test_it_is_heard_outside_until_the_recorder_is_gone(bot: WatchedBot, outside: WatchedBot, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{outside.base}{PING}\n")
    (tmp_path / "url").chmod(0o600)
    config = configured(tmp_path, bot, "{url_file: url, interval: 1s}")
    with started(tmp_path, ["record", "--config", config]) as process:
        outside.wait_for(2, PING)
        bot.stop()
        outside.wait_for(1, f"{PING}/fail")
        bot.start()
        outside.wait_for(outside.asked(PING) + 1, PING)
        process.kill()
        process.wait()
        said = process.stderr.read() if process.stderr is not None else ""
    assert PING not in said
    assert all("tradetop/" in headers["User-Agent"] for _, headers in outside.requests)


def test_that_nobody_hears_it_is_one_line_and_costs_nothing(bot: WatchedBot, tmp_path: Path) -> None:
    with WatchedBot() as outside:
        url = f"{outside.base}{PING}"
    config = configured(tmp_path, bot, f"{{url: '{url}', interval: 1s}}")
    with started(tmp_path, ["record", "--config", config]) as process:
        assert process.stderr is not None
        assert "recording momentum" in process.stderr.readline()
        assert process.stderr.readline() == "heartbeat: 127.0.0.1 was not reached (refused)\n"
        bot.wait_for(bot.asked() + 3)


@pytest.mark.parametrize(
    ("heartbeat", "said"),
    [
        ("{interval: 1m}", "needs one of url, url_file and url_env"),
        ("{url: 'https://a', url_env: HC}", "needs one of url, url_file and url_env"),
        ("{url: 'ftp://5ecre7'}", "is no URL to ping"),
        ("{url_env: HC_URL}", "the environment variable HC_URL is not set"),
        ("{url_file: missing}", "cannot read"),
        ("{url_file: bad}", "is no URL to ping"),
        ("{url: 'https://a', interval: 0s}", "is not between 1s and 1h"),
    ],
)
def test_what_is_wrong_with_it_is_said_with_its_place(
    heartbeat: str, said: str, bot: WatchedBot, tmp_path: Path
) -> None:
    (tmp_path / "bad").write_text("5ecre7")
    done = run(tmp_path, "record", "--config", configured(tmp_path, bot, heartbeat))
    assert done.returncode == 2
    assert said in done.stderr
    assert "c.yaml:2:" in done.stderr
    assert "5ecre7" not in done.stderr
