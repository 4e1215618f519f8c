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
from events.bot_database import create, insert
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
    return [line.split()[2] for line in said.splitlines() if line[2:3] == ":"]


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


MORE = """
groups:
  - name: more
    rules:
      - {alert: Joined, expr: orders_open > on(desk) orders_limit}
      - {alert: Long, expr: trader_exposure_pct > 20, for: 10m}
      - {alert: Gone, expr: 'absent(trader_nothing{desk="x"})', for: 1m}
      - {alert: Rate, expr: 'rate(trades_total[5m]) > 0.5'}
      - {alert: Tripped, expr: 'increase(trips_total[1h]) > 0'}
      - {alert: Down, expr: up == 0, for: 30s}
      - {alert: Both, expr: trader_exposure_pct > 20 and on() trader_max_drawdown_pct > 8}
      - {alert: Twice, expr: trader_exposure_pct / on() orders_open > 3}
      - {alert: Nowhere, expr: trader_nothing > 5}
  - name: slow
    interval: 1m
    rules:
      - {alert: Slow, expr: trader_exposure_pct > 20, for: 90s}
  - name: few
    limit: 1
    rules:
      - {alert: TooMany, expr: orders_open > 1}
      - {alert: OneOfThem, expr: orders_open > 2}
      - {alert: Quiet, expr: orders_open > 4}
  - name: alike
    rules:
      - {alert: Alike, expr: orders_open > 1, labels: {desk: ""}}
"""
DESKS = 'orders_open{desk="a"} 3\norders_open{desk="b"} 2\norders_limit{desk="a"} 9\ntrades_total 4\ntrips_total 2\n'


@pytest.mark.parametrize(
    ("drill", "says"),
    [
        ("Joined 12", ["as the series desk=a", "FIRING     12 > orders_limit, which is 9"]),
        ("Joined 4", ["4 is not > orders_limit, which is 9: Joined would stay inactive"]),
        ("Long 25", ["25 > 20, fires after 10m00s", "25 > 20, 10m00s after it began"]),
        ("Slow 25", ["25 > 20, fires after 2m00s", "25 > 20, 2m00s after it began"]),
        ("Gone 1", ["as the series desk=x", "1m00s after it began"]),
        ("Gone 2", ["2 is not == 1: Gone would stay inactive"]),
        ("Rate 0.6", ["FIRING     0.6 > 0.5"]),
        ("Rate 0.5", ["0.5 is not > 0.5"]),
        ("Tripped 1", ["FIRING     1 > 0"]),
        ("Down 0", ["0 == 0, fires after 30s", "30s after it began"]),
        ("Down 1", ["1 is not == 0: Down would stay inactive"]),
        ("Both 25", ["does not hold now: and trader_max_drawdown_pct > 8", "FIRING     25 > 20"]),
        ("Twice 5", ["cannot be drilled, nor fire: ", "duplicate series"]),
        ("TooMany 99", ["cannot be drilled, nor fire: TooMany: gives 2 alerts, and the limit of its group few is 1"]),
        ("OneOfThem 99", ["as the series desk=a", "FIRING     99 > 2"]),
        ("Quiet 99", ["FIRING     99 > 4"]),
        ("Alike 99", ["cannot be drilled, nor fire: Alike: several series become "]),
        ("Nowhere 9", ["no such series is known now: tradetop doctor says", "FIRING     9 > 5"]),
    ],
)
def test_every_kind_of_rule_fires_at_the_value_or_says_why_not(desks: Home, drill: str, says: list[str]) -> None:
    name, value = drill.split()
    done = desks.run("drill", name, "--value", value, "--fast")
    assert done.stderr == ""
    for words in says:
        assert words in done.stdout, done.stdout
    assert done.returncode == (0 if "FIRING" in done.stdout else 1)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with WatchedBot(PAGE + DESKS) as bot:
        home = Home(tmp_path_factory.mktemp("desks"), bot)
        (home.folder / "rules.yml").write_text(MORE)
        yield home


def test_a_bot_known_by_its_events_is_drilled_by_what_its_database_tells(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    for i in range(90):
        at = datetime.fromtimestamp(SystemClock().now() / 1_000 - 60 * i, UTC).isoformat()
        insert(link, f"e{i}", "error", {"message": "RPC timeout"}, timestamp=at)
    link.close()
    (tmp_path / "c.yaml").write_text("store: s\ntargets:\n  - {name: defi, database: bots.db}\n")

    def drill(name: str, value: str) -> str:
        return run(tmp_path, "drill", name, "--value", value, "--fast", "--config", tmp_path / "c.yaml").stdout

    assert "as the series" in drill("ConnectionErrors", "6")
    assert "FIRING     6 > 5" in drill("ConnectionErrors", "6")
    assert "5 is not > 5: ConnectionErrors would stay inactive" in drill("ConnectionErrors", "5")
    assert "as it is now: BotSilent would stay inactive" in drill("BotSilent", "60")
    assert ", as it is now" in drill("BotSilent", "50000").partition("FIRING")[2]


def test_a_bot_that_was_never_recorded_is_asked_once(home: Home, tmp_path: Path) -> None:
    done = run(tmp_path, "drill", "CriticalDrawdown", "--value", "9", "--fast", home.bot.base, "--store", "new")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"as the series instance={home.bot.instance}" in done.stdout
    assert "FIRING     9 % > 8, 1m00s after it began" in done.stdout
    assert [path.name for path in (tmp_path / "new").iterdir() if path.suffix == ".db"] == ["notebook.db"]
    done = run(tmp_path, "drill", "BotDown", "--value", "1", "--fast", "http://127.0.0.1:1", "--store", "new")
    assert "connection refused" in done.stderr


def test_a_rule_that_is_broken_is_said_to_be(home: Home) -> None:
    (home.folder / "rules.yml").write_text(RULES.replace("trader_max_drawdown_pct > 8", "trader_max_drawdown_pct >"))
    done = home.run("drill", "DeepDrawdown", "--value", "9")
    assert (done.returncode, done.stdout) == (2, "")
    assert "rules.yml:6:15: groups[0].rules[0].expr: " in done.stderr
    assert "rule DeepDrawdown is disabled" in done.stderr
    assert "no alert is called DeepDrawdown" in done.stderr


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


def test_screens_get_labels_without_templates(home: Home) -> None:
    rules = RULES.replace("{severity: critical}", "{severity: critical, of: '{{ $labels.job }} {{ $value }}'}")
    (home.folder / "rules.yml").write_text(rules)
    home.drill(9.1)
    book = home.book()
    (shown,) = book.drills(subject(home.history))
    book.close()
    assert shown.labels["of"] == f"{shown.labels['job']} 9.1"


@pytest.mark.parametrize(("option", "config"), [(["--local"], ""), ([], "local_time: true\n")])
def test_times_are_those_of_the_zone_that_the_screen_shows_and_say_which(
    option: list[str], config: str, home: Home
) -> None:
    arguments = ("drill", "DeepDrawdown", "--value", "9.1", "--fast", "--config", home.config)
    _, utc = home.drill(9.1)
    home.configure(config)
    local = run(home.folder, *arguments, *option, environment={"TZ": "Asia/Tokyo"}).stdout
    (first, zone), (there, own) = (
        next(line for line in said.splitlines() if " pending " in line).split()[:2] for said in (utc, local)
    )
    assert (zone, own) == ("UTC", "JST")
    hours = [datetime.strptime(text, "%H:%M:%S").replace(tzinfo=UTC) for text in (first, there)]
    # Nine hours on, and the little time that lies between the two drills.
    assert 0 <= (hours[1] - hours[0]).seconds - 9 * 3_600 < 60
