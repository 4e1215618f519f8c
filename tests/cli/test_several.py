"""Rule files over several bots, by the real command: what a Prometheus server with the same jobs would see."""

from __future__ import annotations

import json
import queue
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.commands import PATIENCE, run, started, until
from tradetop.cli.live import Live
from tradetop.cli.options import TargetOptions
from tradetop.cli.wiring import wire
from tradetop.model.frame import Frame
from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.sample import is_stale
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader
from watched_bot import WatchedBot

RULES = """\
groups:
- name: own
  rules:
  - record: job:exposure:sum
    expr: sum by (job) (exposure_pct)
  - alert: Gone
    expr: absent(up{job="b"}) or absent(up{job="a"})
  - alert: OverLimit
    expr: exposure_pct > on() group_left() limit_pct
    labels: {severity: critical}
    annotations:
      summary: "{{ $labels.job }} in {{ $externalLabels.site }}: {{ $value }} > {{ query `limit_pct` | first | value }}"
  - alert: SomeDown
    expr: count(up) - sum(up) > 0
  - alert: Total
    expr: sum(job:exposure:sum) > 40
"""
OWN = ("Gone", "OverLimit", "SomeDown", "Total", "Both")


@pytest.fixture
def bots() -> Iterator[tuple[WatchedBot, WatchedBot]]:
    with WatchedBot("exposure_pct 26\n") as a, WatchedBot("exposure_pct 15\nlimit_pct 20\n") as b:
        yield a, b


@pytest.fixture
def config(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    path = tmp_path / "prometheus.yml"
    path.write_text(f"""\
global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{site: attic}}}}
rule_files: [rules.yml]
scrape_configs:
- {{job_name: a, static_configs: [{{targets: ['{bots[0].instance}']}}]}}
- {{job_name: b, static_configs: [{{targets: ['{bots[1].instance}']}}]}}
""")
    return path


def alerts(text: str) -> dict[str, Any]:
    return {alert["name"]: alert for alert in json.loads(text)["alerts"]}


def firing(folder: Path, bots: tuple[WatchedBot, WatchedBot]) -> set[tuple[str, str]]:
    """The alerts of the files that fire by the histories in a folder: (job, alert)."""
    found = set()
    for job, bot in zip("ab", bots, strict=True):
        store = MemoryStore()
        for path in folder.glob(f"127.0.0.1_{bot.port}-*.db"):
            reader = HistoryReader.open(path)
            reader.load(store, 0)
            reader.close()
        matchers = [Matcher(NAME, MatchOp.EQUAL, "ALERTS"), Matcher("alertstate", MatchOp.EQUAL, "firing")]
        for column in store.select(matchers, 0, 1 << 62):
            there = column.first + len(column.values) == len(column.times) and not is_stale(column.values[-1])
            if there and column.labels["alertname"] in OWN:
                found.add((job, column.labels["alertname"]))
    return found


def test_a_picture_shows_every_alert_once_with_the_value_that_all_bots_together_give(
    bots: tuple[WatchedBot, WatchedBot], config: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, "snapshot", "--prometheus-config", config, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    shown = [alert for alert in json.loads(done.stdout)["alerts"] if alert["name"] in OWN]
    assert sorted(alert["name"] for alert in shown) == ["OverLimit", "Total"]
    found = alerts(done.stdout)
    assert found["Total"]["value"] == 41
    over = found["OverLimit"]
    assert (over["value"], over["labels"]["job"]) == (26, "a")
    assert over["annotations"]["summary"] == "a in attic: 26 > 20"


def test_a_server_that_scrapes_itself_is_the_last_of_the_bots_and_seen_by_rules(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    (tmp_path / "rules.yml").write_text("groups: [{name: g, rules: [{alert: Total, expr: sum(exposure_pct) > 40}]}]")
    (tmp_path / "prometheus.yml").write_text(f"""\
rule_files: [rules.yml]
scrape_configs:
- {{job_name: prometheus, static_configs: [{{targets: ['{bots[0].instance}']}}]}}
- {{job_name: trader, static_configs: [{{targets: ['{bots[1].instance}']}}]}}
""")
    done = run(tmp_path, "snapshot", "--prometheus-config", tmp_path / "prometheus.yml", "--format", "json")
    assert [bot["name"] for bot in json.loads(done.stdout)["bots"]] == ["trader", "prometheus"]
    assert alerts(done.stdout)["Total"]["value"] == 41
    assert firing(tmp_path / "state" / "tradetop", bots) == {("b", "Total")}


def test_a_recorder_keeps_every_alert_with_its_bot_and_a_screen_beside_it_shows_the_same(
    bots: tuple[WatchedBot, WatchedBot], config: Path, tmp_path: Path
) -> None:
    a, b = bots
    store = tmp_path / "store"
    command = ("record", "--prometheus-config", config, "--store", store)
    with started(tmp_path, command) as recorder:
        until(lambda: firing(store, bots) == {("a", "OverLimit"), ("a", "Total")})
        beside = run(tmp_path, "snapshot", "--prometheus-config", config, "--store", store, "--format", "json")
        found = alerts(beside.stdout)
        assert found.keys() & {"OverLimit", "Total", "Gone", "SomeDown"} == {"OverLimit", "Total"}
        assert found["OverLimit"]["annotations"]["summary"] == "a in attic: 26 > 20"
        b.page = "exposure_pct 25\nlimit_pct 20\n"
        until(lambda: firing(store, bots) == {("a", "OverLimit"), ("b", "OverLimit"), ("a", "Total")})
        b.stop()
        until(lambda: firing(store, bots) == {("a", "SomeDown")})
        b.start()
        a.page = "exposure_pct 2\n"
        until(lambda: firing(store, bots) == {("b", "OverLimit")})
        (tmp_path / "rules.yml").write_text(RULES + "  - {alert: Both, expr: count(up) == 2}\n")
        recorder.send_signal(signal.SIGHUP)
        until(lambda: firing(store, bots) == {("b", "OverLimit"), ("a", "Both")})
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait(PATIENCE) == 0


def test_a_screen_shows_no_false_alert_from_its_first_picture_on_and_reads_rules_again(
    bots: tuple[WatchedBot, WatchedBot], config: Path, tmp_path: Path
) -> None:
    wiring = replace(wire(TargetOptions(prometheus_config=config, store=tmp_path / "store")), rings=False)
    frames: queue.Queue[Frame] = queue.Queue()
    live = Live(wiring.watches, wiring.clock, ask=wiring.scrapers, rules=wiring.rules)
    live.subscribe(frames.put)
    live.start()
    try:
        seen: set[str] = set()
        while not seen >= {"OverLimit", "Total"}:
            seen = {alert.rule.name for alert in frames.get(timeout=PATIENCE).alerts}
            assert not seen & {"Gone", "SomeDown"}
        (tmp_path / "rules.yml").write_text(RULES + "  - {alert: Both, expr: count(up) == 2}\n")
        live.reload()
        while "Both" not in seen:
            seen = {alert.rule.name for alert in frames.get(timeout=PATIENCE).alerts}
            assert seen >= {"OverLimit", "Total"}
            assert not seen & {"Gone", "SomeDown"}
    finally:
        live.stop()


class TwoPages(WatchedBot):
    """Two bots behind one host and port."""

    def answer(self, path: str) -> tuple[int, str, str]:
        status, kind, page = super().answer("/metrics")
        return (status, kind, page.replace("26", "40")) if path == "/second/metrics" else (status, kind, page)


def test_bots_that_no_rule_could_tell_apart_are_judged_alone_and_that_is_said(tmp_path: Path) -> None:
    """Their series have the same labels, and none must hide the other's."""
    (tmp_path / "rules.yml").write_text("groups: [{name: g, rules: [{alert: High, expr: exposure_pct > 25}]}]")
    with TwoPages("exposure_pct 26\n") as bot:
        second = f"{bot.base}/second/metrics"
        done = run(tmp_path, "snapshot", bot.url, second, "--rules", "rules.yml", "--format", "json")
    assert "have the same job and instance: rules of files see each bot alone" in done.stderr
    found = [alert["value"] for alert in json.loads(done.stdout)["alerts"] if alert["name"] == "High"]
    assert sorted(found) == [26, 40]
