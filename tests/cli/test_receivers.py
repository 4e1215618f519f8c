"""A hangup makes a recorder read its receivers again; a recorder of several bots keeps the caps of all together."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.commands import started
from notify.sink import Sink
from watched_bot import WatchedBot

QUIET, LOUD = "pnl_usd -100\n", "pnl_usd -480\n"
RULES = "groups: [{name: money, rules: [{alert: DailyLoss, expr: 'pnl_usd < -400', labels: {severity: warning}}]}]\n"


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(LOUD) as bot:
        yield bot


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    return tmp_path / "c.yaml"


def hook(name: str, sink: Sink) -> str:
    return f"{{name: {name}, url: 'json://{sink.host}/?cto=1&rto=1'}}"


def write(config: Path, bots: dict[str, WatchedBot], *receivers: str, more: str = "") -> None:
    targets = ", ".join(f"{{name: {name}, url: '{bot.base}'}}" for name, bot in bots.items())
    config.write_text(
        f"store: s\nrules: rules.yml\ninterval: 1s\ntargets: [{targets}]\n"
        f"notify: {{group_wait: 0s, group_interval: 0s, {more} receivers: [{', '.join(receivers)}]}}\n"
    )
    config.chmod(0o600)


def until(recorder: subprocess.Popen[str], said: str) -> list[str]:
    """What the recorder says, up to a line with this in it."""
    assert recorder.stderr is not None
    lines: list[str] = []
    while not lines or said not in lines[-1]:
        line = recorder.stderr.readline()
        assert line, lines
        lines.append(line)
    return lines


def titles(sink: Sink) -> list[str]:
    return [message["title"] for message in sink.took]


def test_receivers_change_while_alerts_fire_and_nobody_is_told_twice(
    bot: WatchedBot, config: Path, tmp_path: Path
) -> None:
    with Sink() as old, Sink() as new, Sink() as more:
        write(config, {"trader": bot}, hook("phone", old))
        with started(tmp_path, ["record", "--config", config]) as recorder:
            old.until(1)
            write(config, {"trader": bot}, hook("phone", new), hook("mail", more))
            recorder.send_signal(signal.SIGHUP)
            until(recorder, "receivers were read again: phone, mail")
            more.until(1)
            bot.wait_for(bot.asked() + 2)
            bot.page = QUIET
            new.until(1)
            more.until(2)
    assert titles(old) == ["[WARNING] trader: DailyLoss"]
    assert titles(new) == ["[RESOLVED] trader: DailyLoss"]
    assert titles(more) == ["[WARNING] trader: DailyLoss", "[RESOLVED] trader: DailyLoss"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("notify: {receivers: [{name: phone}]}", "needs url_file or url_env"),
        ("notify: {receivers: [{name: phone, url_env: NOT_SET_ANYWHERE}]}", "NOT_SET_ANYWHERE"),
        ("notify: [", "c.yaml:"),
        (None, "c.yaml"),
    ],
)
def test_a_configuration_that_is_broken_leaves_the_receivers_as_they_were_and_that_is_said(
    broken: str | None, said: str, bot: WatchedBot, config: Path, tmp_path: Path
) -> None:
    bot.page = QUIET
    with Sink() as sink:
        write(config, {"trader": bot}, hook("phone", sink))
        with started(tmp_path, ["record", "--config", config]) as recorder:
            bot.wait_for(2)
            if broken is None:
                config.unlink()
            else:
                config.write_text(broken)
            recorder.send_signal(signal.SIGHUP)
            lines = until(recorder, "receivers stay as they were (phone): the configuration cannot be used")
            assert any(said in line for line in lines[:-1]), lines
            bot.page = LOUD
            sink.until(1)
    assert titles(sink) == ["[WARNING] trader: DailyLoss"]


def test_receivers_may_come_to_a_recorder_that_had_none_and_go_again(
    bot: WatchedBot, config: Path, tmp_path: Path
) -> None:
    with Sink() as sink:
        write(config, {"trader": bot})
        with started(tmp_path, ["record", "--config", config]) as recorder:
            bot.wait_for(2)
            write(config, {"trader": bot}, hook("phone", sink))
            recorder.send_signal(signal.SIGHUP)
            until(recorder, "receivers were read again: phone")
            sink.until(1)
            write(config, {"trader": bot})
            recorder.send_signal(signal.SIGHUP)
            until(recorder, "nobody is told of alerts any more")
            bot.page = QUIET
            bot.wait_for(bot.asked() + 3)
    assert titles(sink) == ["[WARNING] trader: DailyLoss"]


def test_three_bots_have_one_cap_also_over_a_kill(config: Path, tmp_path: Path) -> None:
    with ExitStack() as running, Sink() as sink:
        bots = {name: running.enter_context(WatchedBot(LOUD)) for name in ("one", "two", "three")}
        write(config, bots, hook("phone", sink), more="per_hour: 2,")
        for count in (2, 2, 2):
            with started(tmp_path, ["record", "--config", config]):
                sink.until(count)
                for bot in bots.values():
                    bot.wait_for(bot.asked() + 3)
            # Killed, with one bot's alert waiting for the next hour.
    assert len(sink.asked) == 2
    assert len(set(titles(sink))) == 2
