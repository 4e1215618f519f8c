"""Rule files and a prometheus.yml on the command line: what is judged, what is said, and reading them again."""

from __future__ import annotations

import json
import queue
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.commands import PATIENCE, run, started, until
from tradetop.cli.live import Live
from tradetop.cli.rule_files import RuleFiles, Sources
from tradetop.model.clock import SystemClock
from tradetop.model.frame import Frame
from tradetop.model.target import Target
from tradetop.recorder.watch import Watch
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader
from watched_bot import WatchedBot

PAGE = "trader_exposure_pct 26.5\ntrader_open_positions 3\n"
ONE = """\
groups:
- name: own
  rules:
  - record: bot:exposure:ratio
    expr: trader_exposure_pct / 100
  - alert: TooMuch
    expr: bot:exposure:ratio > 0.25
    labels: {severity: critical}
    annotations: {summary: "{{ $value | humanizePercentage }} of it"}
"""
BROKEN = "  - {alert: Broken, expr: 'trader_exposure_pct >'}\n"
OTHER = "  - {alert: Positions, expr: trader_open_positions > 2}\n"


@pytest.fixture(scope="module")
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE) as bot:
        yield bot


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yml"
    path.write_text(ONE)
    return path


def alerts(text: str) -> dict[str, Any]:
    return {alert["name"]: alert for alert in json.loads(text)["alerts"]}


def test_rules_are_judged_beside_the_thresholds_and_their_annotations_expanded(
    bot: WatchedBot, rules: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, "snapshot", bot.url, "--rules", rules, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = alerts(done.stdout)
    assert found.keys() >= {"TooMuch", "HighExposure"}
    own = found["TooMuch"]
    assert (own["state"], own["severity"], own["value"]) == ("firing", "critical", 0.265)
    assert own["annotations"] == {"summary": "26.5% of it"}


def test_a_broken_rule_is_named_with_its_place_and_costs_itself_alone(
    bot: WatchedBot, rules: Path, tmp_path: Path
) -> None:
    rules.write_text(ONE + BROKEN)
    done = run(tmp_path, "snapshot", bot.url, "--rules", tmp_path / "*.yml", "--format", "json")
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"tradetop: {rules}:10:27: ")
    assert "Broken is disabled" in line
    assert "TooMuch" in alerts(done.stdout)


def test_a_file_that_is_not_there_is_refused(bot: WatchedBot, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", bot.url, "--rules", "nowhere.yml")
    assert (done.returncode, done.stderr) == (2, "tradetop: --rules: nowhere.yml: no such file\n")


def test_a_prometheus_yml_names_bots_and_rules_and_what_of_it_has_no_effect_is_said(
    bot: WatchedBot, rules: Path, tmp_path: Path
) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text(f"""\
global: {{external_labels: {{site: attic}}, evaluation_interval: 5s}}
rule_files: [rules.yml]
remote_write: [{{url: http://127.0.0.1:1}}]
scrape_configs:
- job_name: trader
  static_configs: [{{targets: ['{bot.instance}'], labels: {{env: prod}}}}]
""")
    text = ONE.replace("bot:exposure:ratio > 0.25", 'trader_exposure_pct{job="trader",env="prod"} > 25')
    rules.write_text(text.replace("of it", "in {{ $externalLabels.site }}"))
    done = run(tmp_path, "snapshot", "--prometheus-config", config, "--format", "json")
    assert (done.returncode, done.stderr) == (
        *(0, f"tradetop: {config}:3:1: remote_write: has no effect: nothing is written elsewhere\n"),
    )
    found = json.loads(done.stdout)
    assert [b["name"] for b in found["bots"]] == ["trader"]
    assert alerts(done.stdout)["TooMuch"]["annotations"] == {"summary": "2650% in attic"}
    labels = alerts(done.stdout)["TooMuch"]["labels"]
    assert labels == {"job": "trader", "env": "prod", "instance": bot.instance, "severity": "critical"}


def test_a_target_that_was_typed_has_the_labels_that_prometheus_gives_it(
    bot: WatchedBot, rules: Path, tmp_path: Path
) -> None:
    (tmp_path / "prometheus.yml").write_text(f"""\
scrape_configs:
- job_name: trader
  static_configs: [{{targets: ['{bot.instance.replace("127.0.0.1", "localhost")}', 'elsewhere:1']}}]
""")
    rules.write_text(ONE.replace("bot:exposure:ratio > 0.25", 'up{job="trader"} == 1'))
    (tmp_path / "config.yaml").write_text("rules: rules.yml\nprometheus_config: prometheus.yml\n")
    done = run(tmp_path, "snapshot", bot.url, "--config", "config.yaml", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "TooMuch" in alerts(done.stdout)
    assert len(json.loads(done.stdout)["bots"]) == 1


def test_a_hangup_makes_a_recorder_read_its_rules_again(bot: WatchedBot, rules: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    arguments = ("record", bot.url, "--rules", rules, "--interval", "1s", "--store", store)
    with started(tmp_path, arguments) as recorder:
        assert recorder.stderr is not None
        assert "recording" in recorder.stderr.readline()
        rules.write_text(ONE + OTHER)
        recorder.send_signal(signal.SIGHUP)
        assert recorder.stderr.readline() == "rules were read again: 3 rules in 1 group\n"
        rules.write_text("groups: [")
        recorder.send_signal(signal.SIGHUP)
        assert str(rules) in recorder.stderr.readline()
        assert recorder.stderr.readline() == (
            "rules were read again: 3 rules in 1 group, 1 problem: what cannot be read keeps the rules that it had\n"
        )
        until(lambda: fired(store) >= {"TooMuch", "Positions"})
        until(lambda: "the file keeps the rules that it had" in run(tmp_path, "status", "--store", store).stdout)
        attached = run(tmp_path, "snapshot", bot.url, "--store", store, "--format", "json")
        assert any(
            f"1 problem with rule files: {rules}:" in notice for notice in json.loads(attached.stdout)["notices"]
        )
        rules.write_text(ONE)
        recorder.send_signal(signal.SIGHUP)
        assert recorder.stderr.readline() == "rules were read again: 2 rules in 1 group\n"
        until(lambda: "problem with" not in run(tmp_path, "status", "--store", store).stdout)
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait(PATIENCE) == 0


def test_a_recorder_says_which_rules_fail_and_so_does_status(rules: Path, tmp_path: Path) -> None:
    rules.write_text(ONE + "  - {alert: Twice, expr: trader_exposure_pct / on() orders_total > 1}\n")
    with WatchedBot(PAGE + 'orders_total{side="buy"} 1\norders_total{side="sell"} 1\n') as bot:
        arguments = ("record", bot.url, "--rules", rules, "--interval", "1s", "--store", tmp_path / "store")
        with started(tmp_path, arguments) as recorder:
            assert recorder.stderr is not None
            assert "recording" in recorder.stderr.readline()
            said = recorder.stderr.readline()
            assert "1 rule cannot be evaluated: Twice: " in said
            assert "duplicate series" in said
            done = run(tmp_path, "status", "--store", tmp_path / "store")
            assert done.returncode == 0
            assert "1 rule cannot be evaluated: Twice: " in done.stdout
            bot.page = PAGE
            assert recorder.stderr.readline().endswith("all is well again\n")


def fired(folder: Path) -> set[str]:
    """The alerts that the history in a folder has."""
    store = MemoryStore()
    for path in folder.glob("*.db"):
        reader = HistoryReader.open(path)
        reader.load(store, 0)
        reader.close()
    return {labels["alertname"] for labels in store.labels_of("ALERTS")}


def test_the_screen_says_what_is_wrong_with_rules_and_reads_them_again(
    bot: WatchedBot, rules: Path, tmp_path: Path
) -> None:
    rules.write_text(ONE + BROKEN)
    files = RuleFiles(Sources((str(rules),)))

    def watches() -> tuple[Watch, ...]:
        watch = Watch(Target("bot", bot.url, interval=100), {}, tmp_path / "store", SystemClock())
        watch.judge_by(files.book)
        return (watch,)

    frames: queue.Queue[Frame] = queue.Queue()
    live = Live(watches, SystemClock(), rules=files)
    live.subscribe(frames.put)
    live.start()

    def wait(condition: Callable[[Frame], object]) -> Frame:
        while True:
            frame = frames.get(timeout=PATIENCE)
            if condition(frame):
                return frame

    def names(frame: Frame) -> set[str]:
        return {alert.rule.name for alert in frame.alerts}

    try:
        frame = wait(lambda f: "TooMuch" in names(f))
        assert any("Broken is disabled" in notice for notice in frame.notices)
        rules.write_text(ONE + OTHER)
        live.reload()
        frame = wait(lambda f: "Positions" in names(f))
        assert "TooMuch" in names(frame)
        assert not any("disabled" in notice for notice in frame.notices)
        assert any(notice.startswith("rules were read again: 3 rules") for notice in frame.notices)
    finally:
        live.stop()
