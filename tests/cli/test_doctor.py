"""`tradetop doctor` as a shell runs it: what it prints, exit codes, JSON, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.commands import run
from tradetop.model.clock import SystemClock
from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.store.file import HistoryWriter
from tradetop.store.place import history_path
from watched_bot import WatchedBot

PAGE = """# TYPE x_exposure_pct gauge
x_exposure_pct 17
# TYPE x_errors_total counter
x_errors_total{endpoint="a"} 4
# TYPE x_requests_total counter
x_requests_total{status="200"} 4
"""
RULES = """groups:
  - name: all
    rules:
      - alert: Exposure
        expr: x_exposure_pct > 25
      - alert: Errors
        expr: rate(x_errors[5m]) > 1
        annotations: {summary: "{{ $value }} errors/min"}
"""
GOOD = RULES.replace("rate(x_errors[", "60 * rate(x_errors_total[")
DASHBOARD = {"panels": [{"id": 1, "title": "Exposure", "targets": [{"expr": "x_exposure"}]}]}


@pytest.fixture(scope="module")
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE, {"/health/live": (200, {"status": "alive"})}) as bot:
        yield bot


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "good.yml").write_text(GOOD)
    (tmp_path / "dashboard.json").write_text(json.dumps(DASHBOARD))
    return tmp_path


def test_dead_rules_and_panels_are_told_with_the_line_that_would_work(bot: WatchedBot, files: Path) -> None:
    done = run(files, "doctor", bot.base, "--rules", "rules.yml", "--dashboard", "dashboard.json")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "Rules: 1 NEVER, 1 CAN" in lines
    first = next(i for i, line in enumerate(lines) if line.startswith("NEVER     Errors"))
    assert lines[first].endswith("rules.yml:6:9")
    assert lines[first + 1 : first + 3] == [
        "          no metric is called x_errors: it is x_errors_total",
        "          try   60 * rate(x_errors_total[5m]) > 1",
    ]
    assert "did you mean x_exposure_pct?" in done.stdout
    for title in ("Metrics not showing", "No data", "Alerts not firing", "Rate-limit warnings persist"):
        assert title in lines


def test_a_clean_setup_is_exit_code_0(bot: WatchedBot, files: Path) -> None:
    done = run(files, "doctor", bot.base, "--rules", "good.yml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Rules: 2 CAN" in done.stdout


def test_json_is_for_programs(bot: WatchedBot, files: Path) -> None:
    done = run(files, "doctor", bot.base, "--rules", "rules.yml", "--dashboard", "dashboard.json", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found.keys() == {"subject", "clean", "problems", "files", "rules", "panels", "steps"}
    by_name = {rule["subject"]: rule for rule in found["rules"]}
    assert by_name["Exposure"]["kind"] == "CAN"
    errors = by_name["Errors"]
    assert errors.keys() == {"subject", "kind", "check", "reason", "suggestion", "place", "works", "notes"}
    assert (errors["kind"], errors["check"]) == ("NEVER", "_total")
    assert [panel["kind"] for panel in found["panels"]] == ["NEVER"]
    assert found["steps"][0]["title"] == "Metrics not showing"


def test_without_a_bot_only_the_files_are_looked_at(files: Path, recorded: Callable[..., Path]) -> None:
    alerts, config = recorded("247trader", "prometheus_alerts.yml"), recorded("247trader", "prometheus.yml")
    done = run(files, "doctor", "--offline", "--rules", alerts, "--prometheus-config", config)
    assert done.returncode == 1
    assert "line 77 (storage.tsdb.path), line 78" in done.stdout
    assert "NEVER     AccountValueDrop" in done.stdout
    assert "ALWAYS    MetricsStale" in done.stdout
    assert "no bot was asked" in done.stdout


def test_what_was_recorded_counts(bot: WatchedBot, files: Path) -> None:
    # A gauge that never moved for an hour was never set; the page alone could not say so.
    path = history_path(files / "store", bot.url)
    path.parent.mkdir()
    now = SystemClock().now()
    history = HistoryWriter.open(path, now=now)
    series = Labels({"__name__": "x_exposure_pct", "job": bot.instance, "instance": bot.instance})
    history.put_metadata({"x_exposure_pct": Metadata("gauge")})
    for i in range(360):
        history.append_scrape("page", now - 3_700_000 + 10_000 * i, {series: 17.0})
    history.close()
    done = run(files, "doctor", bot.base, "--rules", "good.yml", "--store", files / "store")
    assert "x_exposure_pct has always been 17" in done.stdout
    assert done.returncode == 0
    assert [p.name for p in path.parent.iterdir() if not p.name.startswith(path.name)] == []


def test_a_rule_that_cannot_be_evaluated_over_the_page_cannot_fire(files: Path) -> None:
    (files / "fails.yml").write_text(
        "groups:\n  - name: all\n    rules:\n      - {alert: Both, expr: x_exposure_pct / on() x_requests_total > 1}\n"
    )
    page = PAGE + 'x_requests_total{status="500"} 1\n'
    with WatchedBot(page) as bot:
        done = run(files, "doctor", bot.base, "--rules", "fails.yml")
    assert done.returncode == 1
    assert "NEVER     Both" in done.stdout
    said = " ".join(done.stdout.split())
    assert "cannot be evaluated: found duplicate series for the match group {} on the right hand-side" in said


@pytest.mark.parametrize(("switch", "verdict"), [("on", "CAN"), ("off", "UNPROVEN")])
def test_a_counter_that_was_born_counts_unless_that_is_switched_off(files: Path, switch: str, verdict: str) -> None:
    (files / "born.yml").write_text(
        "groups:\n  - name: all\n    rules:\n      - alert: Trips\n        expr: increase(x_trips_total[5m]) > 0\n"
        "      - alert: Both\n        expr: increase(x_trips_total[5m]) + increase(x_trips_total[5m]) > 1\n"
    )
    with WatchedBot(PAGE + 'x_trips_total{type="a"} 1\n') as bot:
        path = history_path(files / "store", bot.url)
        path.parent.mkdir()
        now = SystemClock().now()
        history = HistoryWriter.open(path, now=now)
        place = {"job": bot.instance, "instance": bot.instance}
        up, trips = (Labels({"__name__": name, **place, **more}) for name, more in BORN)
        history.put_metadata({"x_trips_total": Metadata("counter")})
        for i in range(360):
            found = {up: 1.0, trips: 1.0} if i >= 100 else {up: 1.0}
            history.append_scrape("page", now - 3_700_000 + 10_000 * i, found)
        history.close()
        (files / "c.yaml").write_text(f"born_counters: {switch}\nstore: store\ntargets:\n  - url: {bot.base}\n")
        done = run(files, "doctor", "--config", "c.yaml", "--rules", "born.yml")
    said = {
        line.split()[1]: line.split()[0]
        for line in done.stdout.splitlines()
        if line.endswith(("born.yml:4:9", "born.yml:6:9"))
    }
    assert said == {"Trips": verdict, "Both": verdict}, done.stdout
    assert ("here it counts" in " ".join(done.stdout.split())) == (switch == "on")


BORN = (("up", {}), ("x_trips_total", {"type": "a"}))


def test_a_bot_that_is_down_or_empty_is_the_reason(files: Path) -> None:
    with WatchedBot("# Prometheus client not installed\n") as empty:
        done = run(files, "doctor", empty.base, "--rules", "rules.yml")
        port = empty.port
    assert done.returncode == 1
    assert 'it says "Prometheus client not installed"' in " ".join(done.stdout.split())
    done = run(files, "doctor", f"http://127.0.0.1:{port}", "--rules", "good.yml")
    assert done.returncode == 1
    assert "connection refused" in " ".join(done.stdout.split())
    assert "UNPROVEN" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--rules", "nothing.yml"),
        ("--dashboard", "nothing.json"),
        ("--prometheus-config", "nothing.yml"),
        ("--bot-dir", "nothing"),
    ],
)
def test_what_is_not_there_is_exit_code_2(files: Path, arguments: tuple[str, str]) -> None:
    done = run(files, "doctor", "--offline", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "nothing" in done.stderr


def test_the_bots_folder_is_looked_into(bot: WatchedBot, files: Path) -> None:
    (files / "bot" / "config").mkdir(parents=True)
    (files / "bot" / "config" / "universe.yaml").write_text("products_cache_minutes: 5\n")
    done = run(files, "doctor", bot.base, "--rules", "good.yml", "--bot-dir", "bot")
    assert "config/universe.yaml:1: products_cache_minutes: 5" in done.stdout


def test_broken_files_cost_what_they_name_and_no_more(bot: WatchedBot, files: Path) -> None:
    (files / "broken.yml").write_text(RULES + "      - alert: Broken\n        expr: '('\n")
    (files / "dashboard.json").write_text("{")
    done = run(files, "doctor", bot.base, "--rules", "broken.yml", "--dashboard", "dashboard.json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = " ".join(done.stdout.split())
    assert "Cannot be read" in said
    assert "rule Broken is disabled" in said
    assert "not JSON" in said
    assert "CAN Exposure" in said
