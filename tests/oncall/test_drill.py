"""The fire drill: from a value to the phone on the real road, marked, and with nothing of it in the history."""

from __future__ import annotations

import hashlib
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.commands import run, started
from notify.sink import Sink
from tradetop.model.alert import Rule
from tradetop.model.clock import HOUR, SystemClock
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.silence import Silence, SilenceKind
from tradetop.rules.silencing import snooze
from tradetop.store.file import HistoryWriter
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import history_path, identity, notebook_path, subject
from watched_bot import WatchedBot

PAGE = "# TYPE trader_max_drawdown_pct gauge\ntrader_max_drawdown_pct 4.2\ntrader_exposure_pct 10\n"
RULES = """
groups:
  - name: money
    rules:
      - alert: DeepDrawdown
        expr: trader_max_drawdown_pct > 8
        for: 1m
        labels: {severity: critical}
        annotations:
          summary: "drawdown is {{ $value }} %"
          runbook: stop the bot
"""


class Home:
    """A recorded bot with one rule, and receivers that a test may add."""

    def __init__(self, folder: Path, bot: WatchedBot) -> None:
        self.folder, self.bot = folder, bot
        self.store, self.config = folder / "s", folder / "c.yaml"
        (folder / "rules.yml").write_text(RULES)
        self.configure("")
        assert self.run("snapshot").returncode == 0

    def configure(self, more: str) -> None:
        own = f"targets:\n  - {{name: trader, url: '{self.bot.base}', interval: 10s}}\n"
        self.config.write_text(f"store: s\nrules: rules.yml\n{own}{more}")

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run(self.folder, *arguments, "--config", self.config)

    def drill(self, value: float, *more: str) -> tuple[int, str]:
        """Exit code and output of a drill that does not wait."""
        done = self.run("drill", "DeepDrawdown", "--value", str(value), "--fast", *more)
        assert done.stderr == ""
        return done.returncode, done.stdout

    @property
    def history(self) -> Path:
        return history_path(self.store, identity(self.bot.url))

    def histories(self) -> dict[str, str]:
        """All that a recorder writes, by name, as it is now."""
        kinds = (".db", ".notify")
        found = (p for p in self.store.iterdir() if p.suffix in kinds and p != notebook_path(self.store))
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}

    def book(self) -> NotebookFile:
        book = NotebookFile(notebook_path(self.store))
        book.follow(0)
        return book


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with WatchedBot(PAGE) as bot:
        yield Home(tmp_path, bot)


def states(said: str) -> list[str]:
    """The words behind the times, in order."""
    return [line.split()[1] for line in said.splitlines() if line[2:3] == ":"]


def test_an_alert_goes_through_its_states_and_history_stays_as_it_was(home: Home) -> None:
    before = home.histories()
    assert list(before) == [home.history.name]
    code, said = home.drill(9.1)
    assert code == 0
    assert "DRILL of DeepDrawdown (critical) on trader: trader_max_drawdown_pct > 8, for 1m" in said
    assert f"instance={home.bot.instance}" in said
    assert states(said) == ["pending", "FIRING", "rings"]
    pending, firing = (line for line in said.splitlines() if "9.1 > 8" in line)
    assert "fires after 1m00s" in pending
    assert "1m00s after it began" in firing
    times = [datetime.strptime(line.split()[0], "%H:%M:%S").replace(tzinfo=UTC) for line in (pending, firing)]
    assert (times[1] - times[0]).seconds == 60
    assert home.histories() == before


BORN = """
groups:
  - name: born
    rules:
      - alert: Tripped
        expr: increase(trips_total[1h]) > 0
"""


@pytest.mark.parametrize("born", ["on", "off"])
def test_a_drill_counts_born_counters_as_the_rules_do(home: Home, born: str) -> None:
    (home.folder / "rules.yml").write_text(BORN)
    home.configure(f"born_counters: {born}\n")
    # The bot's breaker trips for the first time: a counter that was not there before.
    now = SystemClock().now()
    place = {"job": "trader", "instance": home.bot.instance}
    home.history.unlink()
    history = HistoryWriter.open(home.history, now=now)
    for i in range(60):
        trips = {"a": i // 20, "kill_switch": 1.0} if i > 40 else {"a": i // 20}
        found = {Labels({"__name__": "trips_total", **place, "type": kind}): value for kind, value in trips.items()}
        history.append_scrape("page", now - 600_000 + 10_000 * i, found)
    history.close()
    done = home.run("drill", "Tripped", "--value", "1", "--fast")
    assert done.returncode == 0
    assert ("type=kill_switch" in done.stdout) == (born == "on"), done.stdout


def test_a_value_that_would_not_fire_is_said_with_exit_code_1(home: Home) -> None:
    code, said = home.drill(7.9)
    assert code == 1
    assert "7.9 is not > 8: DeepDrawdown would stay inactive" in said
    assert states(said) == []


def test_an_alert_that_is_not_known_is_answered_with_the_nearest(home: Home) -> None:
    done = home.run("drill", "DepDrawdown", "--value", "9")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no alert is called DepDrawdown; did you mean DeepDrawdown?" in done.stderr
    done = home.run("drill", "DeepDrawdown", "--value", "9", "--notify")
    assert done.returncode == 2
    assert "names no receivers" in done.stderr


def test_it_is_delivered_marked_as_a_drill_and_then_said_to_be_over(home: Home) -> None:
    with Sink(200) as sink:
        home.configure(f"notify:\n  receivers:\n    - {{name: phone, url: 'json://{sink.host}/'}}\n")
        before = home.histories()
        code, said = home.drill(9.1, "--notify")
        assert code == 0, said
        assert states(said) == ["pending", "FIRING", "rings", "delivered", "delivered"]
        assert "phone: that it fires" in said
        first, last = sink.took
        assert first["title"] == "DRILL [CRITICAL] trader: DeepDrawdown"
        assert "This is a drill: nothing is wrong." in first["message"]
        assert "drawdown is 9.1 %" in first["message"]
        assert "What to do: stop the bot" in first["message"]
        assert last["title"].startswith("DRILL [RESOLVED]")
        assert home.histories() == before


def test_a_receiver_that_fails_is_said_with_exit_code_1(home: Home) -> None:
    with Sink(401) as sink:
        home.configure(f"notify:\n  receivers:\n    - {{name: phone, url: 'json://{sink.host}/'}}\n")
        code, said = home.drill(9.1, "--notify")
    assert code == 1
    assert "FAILED     phone: that it fires: " in said


def test_a_snooze_of_the_drill_keeps_it_quiet_until_it_is_worse(home: Home) -> None:
    with Sink(200) as sink:
        home.configure(f"notify:\n  receivers:\n    - {{name: phone, url: 'json://{sink.host}/'}}\n")
        home.drill(9.1)
        # As S on the screen does it, which shows the drill for a while.
        book = home.book()
        (pretended,) = book.drills(subject(home.history))
        silence = snooze_of(home, pretended.fires_at)
        assert book.silence(subject(home.history), [silence], now=pretended.fires_at)
        book.close()
        code, said = home.drill(9.1, "--notify")
        assert (code, states(said)) == (0, ["pending", "FIRING", "quiet"])
        assert "snoozed until " in said
        assert "at 9.1: known" in said
        assert sink.took == []
        code, said = home.drill(11, "--notify")
        assert (code, states(said)) == (0, ["pending", "FIRING", "rings", "delivered", "delivered"])
        assert "again: snoozed until" in said
        assert sink.took[0]["title"] == "DRILL [CRITICAL] trader: DeepDrawdown rings again"
        # The real alert is not snoozed by it.
        assert "drill" in silence.labels


def snooze_of(home: Home, now: int) -> Silence:
    """A snooze of the drill's alert for an hour, as it is in the notebook."""
    book = home.book()
    (pretended,) = book.drills(subject(home.history))
    book.close()
    rule = Rule("DeepDrawdown", "trader_max_drawdown_pct > 8", level=Level.CRITICAL)
    alert = pretended.pretended(rule, pretended.fires_at)
    assert alert is not None
    made = snooze(alert, now, HOUR, "known")
    assert made.kind is SilenceKind.SNOOZE
    return made


def test_screens_see_it_in_the_notebook_and_a_drill_that_is_left_is_over(home: Home) -> None:
    arguments = ["drill", "DeepDrawdown", "--value", "9.1", "--config", home.config]
    with started(home.folder, arguments) as process:
        assert process.stdout is not None
        while "pending" not in process.stdout.readline():
            pass
        book = home.book()
        (shown,) = book.drills(subject(home.history))
        assert (shown.value, shown.fires_at - shown.active_at) == (9.1, 60_000)
        process.send_signal(signal.SIGINT)
        process.wait()
        book.follow(1)
        (left,) = book.drills(subject(home.history))
        assert left.until < shown.fires_at
        book.close()
