"""`tradetop status`: who records, how the bot is, and exit code 3 as soon as one of the two is not well."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli.commands import python, run, started
from tradetop.cli.places import Place
from tradetop.cli.status import Standing, standing
from tradetop.model.labels import Labels
from tradetop.model.notified import SendFault
from tradetop.model.target import Target, TargetStatus
from tradetop.store.file import HistoryWriter
from tradetop.store.lock import acquire
from tradetop.store.place import lock_path
from watched_bot import WatchedBot

T0 = 1_700_000_000_000
PAGE = "# TYPE trader_exposure_pct gauge\ntrader_exposure_pct 31.6\ntrader_daily_pnl_usd 5\n"


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE) as bot:
        yield bot


def recording(process: subprocess.Popen[str], bot: WatchedBot, scrapes: int = 3) -> None:
    """Wait until a recorder has written something: it scrapes only after it has written what came before."""
    assert process.stderr is not None
    assert "recording " in process.stderr.readline()
    bot.wait_for(bot.asked() + scrapes)


def test_of_a_bot_that_is_recorded_it_says_by_whom_and_how_it_is(bot: WatchedBot, tmp_path: Path) -> None:
    with started(tmp_path, ["record", bot.base, "--interval", "200ms"]) as process:
        recording(process, bot)
        done = run(tmp_path, "status")
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == 1
        assert done.stdout.startswith("ok ")
        assert f"recorded by process {process.pid} since 20" in done.stdout
        assert "scraped " in done.stdout
        (found,) = json.loads(run(tmp_path, "status", bot.base, "--json", "--store", tmp_path / "state/tradetop")
                          .stdout)["targets"]  # fmt: skip
        assert (found["state"], found["pid"], found["up"]) == ("ok", process.pid, True)


def test_a_recorder_that_was_killed_is_said_with_exit_code_3(bot: WatchedBot, tmp_path: Path) -> None:
    with started(tmp_path, ["record", bot.base, "--interval", "200ms"]) as process:
        recording(process, bot)
        assert run(tmp_path, "status").returncode == 0
        process.send_signal(signal.SIGKILL)
        process.wait()
        done = run(tmp_path, "status")
        assert done.returncode == 3
        assert done.stdout.startswith("STOPPED")
        assert "nobody records now" in done.stdout
        said = json.loads(run(tmp_path, "status", "--json").stdout)
        assert said["ok"] is False
        assert said["targets"][0]["pid"] is None


def test_a_bot_that_is_down_is_said_with_exit_code_3(bot: WatchedBot, tmp_path: Path) -> None:
    with started(tmp_path, ["record", bot.base, "--interval", "200ms"]) as process:
        recording(process, bot)
        bot.stop()
        assert process.stderr is not None
        assert "connection refused" in process.stderr.readline()
        done = run(tmp_path, "status")
        assert done.returncode == 3
        assert done.stdout.startswith("DOWN")
        assert "connection refused" in done.stdout


def test_what_is_not_known_is_asked_with_exit_code_2(tmp_path: Path) -> None:
    done = run(tmp_path, "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no bot has been watched yet" in done.stderr
    assert run(tmp_path, "status", "momentum").returncode == 2
    assert run(tmp_path, "status", "--jsn").returncode == 2
    assert not (tmp_path / "state").exists()


def test_a_bot_that_is_configured_but_was_never_recorded_is_not_fine(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("targets:\n  - {name: momentum, url: http://127.0.0.1:9}\n")
    done = run(tmp_path, "status", "--config", config, "--store", tmp_path / "s")
    assert done.returncode == 3
    assert done.stdout.startswith("NEVER    momentum")
    assert not (tmp_path / "s").exists()


def test_it_loads_neither_screen_nor_http_client(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("targets:\n  - {name: momentum, url: http://127.0.0.1:9}\n")
    code = (
        "import sys, atexit; from tradetop.cli import main; sys.argv[1:] = ['status', '-c', 'c.yaml'];"
        "atexit.register(lambda: print(sorted({'textual', 'httpx', 'rich'} & set(sys.modules)))); main()"
    )
    assert python(tmp_path, "-c", code).stdout.splitlines()[-1] == "[]"


# Judged at any time


def recorded(directory: Path, status: TargetStatus, t: int = T0) -> Place:
    """A history of three scrapes, 10 s apart, the last one at `t`."""
    history = HistoryWriter.open(directory / "bot.db", now=t)
    up = {Labels({"__name__": "up"}): 1.0}
    for earlier in (20_000, 10_000, 0):
        history.append_scrape("scrape", t - earlier, up)
    alerts = {("Drawdown", "firing"), ("Exposure", "firing"), ("Slow", "pending")}
    rules = {Labels({"__name__": "ALERTS", "alertname": n, "alertstate": s}): 1.0 for n, s in alerts}
    history.append_scrape("rules", t, rules)
    history.put_status(status)
    history.close()
    return Place("bot", "bot")


WELL = TargetStatus(up=True, scraped_at=T0)


def test_a_recorder_that_hangs_is_not_fine(tmp_path: Path) -> None:
    place = recorded(tmp_path, WELL)
    lock = acquire(lock_path(tmp_path / "bot.db"))
    assert lock is not None
    with lock:
        os.utime(lock.path, ns=(0, (T0 - 60_000) * 1_000_000))
        for later, state in ((0, "ok"), (24_000, "ok"), (26_000, "STALLED")):
            assert standing(place, tmp_path, T0 + later).state == state
        # A slower rhythm may be silent for longer.
        slow = Place("bot", "bot", target=Target("bot", interval=60_000))
        assert standing(slow, tmp_path, T0 + 26_000).state == "ok"
        # One that has only just begun has not had its turn yet.
        os.utime(lock.path, ns=(0, (T0 + 3_600_000) * 1_000_000))
        assert standing(place, tmp_path, T0 + 3_601_000).state == "ok"
    assert standing(place, tmp_path, T0 + 1_000).state == "STOPPED"


def test_how_much_history_there_is_and_what_is_to_be_said_of_it(tmp_path: Path) -> None:
    place = recorded(tmp_path, replace(WELL, store_notice="7 samples dropped: out of order, or twice"))
    found = standing(place, tmp_path, T0)
    assert found.history_since == T0 - 20_000
    assert found.history_bytes == (tmp_path / "bot.db").stat().st_size
    assert found.notice == "7 samples dropped: out of order, or twice"


def test_alerts_are_named_as_they_were_last_judged(tmp_path: Path) -> None:
    unsent = (SendFault("phone", "401", "401 at api.example", T0 - 60_000, 3),)
    place = recorded(tmp_path, replace(WELL, send_faults=unsent))
    found: Standing = standing(place, tmp_path, T0)
    assert (found.firing, found.pending, found.waiting) == (("Drawdown", "Exposure"), 1, 3)
    lock = acquire(lock_path(tmp_path / "bot.db"))
    assert lock is not None
    with lock:
        said = standing(place, tmp_path, T0).said
    assert "2 firing (Drawdown, Exposure), 1 pending, 3 notifications waiting" in said


def test_a_rule_that_cannot_be_evaluated_is_said(tmp_path: Path) -> None:
    place = recorded(tmp_path, replace(WELL, rules_notice="1 rule cannot be evaluated: Both: many-to-many"))
    lock = acquire(lock_path(tmp_path / "bot.db"))
    assert lock is not None
    with lock:
        found = standing(place, tmp_path, T0)
    assert found.state == "ok"
    assert found.said.endswith(", 1 rule cannot be evaluated: Both: many-to-many")


def test_a_history_that_is_damaged_is_said(tmp_path: Path) -> None:
    place = recorded(tmp_path, WELL)
    (tmp_path / "bot.db").write_bytes(b"no database at all" * 1_000)
    found = standing(place, tmp_path, T0)
    assert not found.fine
    assert "damaged" in found.problem


@pytest.mark.parametrize(("option", "config"), [(["--local"], ""), ([], "local_time: true\n")])
def test_times_are_those_of_the_zone_that_the_screen_shows_and_say_which(
    option: list[str], config: str, bot: WatchedBot, tmp_path: Path
) -> None:
    (tmp_path / "c.yaml").write_text(config)
    tokyo = {"TZ": "Asia/Tokyo"}
    with started(tmp_path, ["record", bot.base, "--interval", "200ms"]) as process:
        recording(process, bot)
        assert " UTC, " in run(tmp_path, "status", environment=tokyo).stdout
        done = run(tmp_path, "status", "--config", "c.yaml", *option, environment=tokyo)
        assert re.search(r"since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d JST, ", done.stdout), done.stdout


def test_a_history_ahead_of_the_clock_and_one_that_cannot_be_written_are_not_ok(tmp_path: Path) -> None:
    place = recorded(tmp_path, WELL)
    lock = acquire(lock_path(tmp_path / "bot.db"))
    assert lock is not None
    with lock:
        behind = standing(place, tmp_path, T0 - 3_600_000)
        assert (behind.state, behind.fine) == ("AHEAD", False)
        assert "the clock was set back: what is recorded is 3,6" in behind.said
    place = recorded(tmp_path, replace(WELL, store_reason="not recording: the disk is full"))
    lock = acquire(lock_path(tmp_path / "bot.db"))
    assert lock is not None
    with lock:
        full = standing(place, tmp_path, T0)
    assert (full.state, full.fine) == ("FAULT", False)
