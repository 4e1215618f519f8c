"""A prometheus.yml: would it be taken, does it load the rules, does it send alerts anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from doctor.making import page, verdict
from tradetop.doctor import Check, Kind, Knowledge
from tradetop.doctor.prometheus import identity_of, judge_setup, read_setup

GOOD = """
alerting:
  alertmanagers: [{static_configs: [{targets: ["127.0.0.1:9093"]}]}]
rule_files: ["rules/*.yml"]
scrape_configs:
  - job_name: trader
    static_configs: [{targets: ["localhost:8000"], labels: {mode: LIVE}}]
"""


def test_the_recorded_configuration_would_be_refused_and_its_lines_are_named(recorded: Callable[..., Path]) -> None:
    path = recorded("247trader", "prometheus.yml")
    setup = read_setup(path)
    taken, loaded = judge_setup(setup, [path.with_name("prometheus_alerts.yml")])
    assert (taken.kind, taken.check) == (Kind.NEVER, Check.CONFIG)
    assert "line 77 (storage.tsdb.path), line 78 (storage.tsdb.retention)" in taken.reason
    assert loaded.kind is Kind.CAN
    assert setup.managers == ()


def test_polybots_configuration_loads_no_rules(recorded: Callable[..., Path], tmp_path: Path) -> None:
    setup = read_setup(recorded("polybot", "prometheus.yml"))
    taken, none = judge_setup(setup, [])
    assert (taken.kind, none.kind, none.check) == (Kind.CAN, Kind.NEVER, Check.FILE)
    _, loaded = judge_setup(setup, [tmp_path / "alerts.yml"])
    assert (loaded.kind, loaded.subject, loaded.suggestion) == (Kind.NEVER, "alerts.yml", 'rule_files: ["alerts.yml"]')


def test_rules_managers_and_the_target_are_found(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text(GOOD)
    setup = read_setup(tmp_path / "prometheus.yml")
    taken, inside, outside = judge_setup(setup, [tmp_path / "rules" / "a.yml", tmp_path / "a.yml"])
    assert [taken.kind, inside.kind, outside.kind] == [Kind.CAN, Kind.CAN, Kind.NEVER]
    assert setup.managers == ("127.0.0.1:9093",)
    assert identity_of(setup, "http://127.0.0.1:8000/metrics")["job"] == "trader"
    assert not identity_of(setup, "http://127.0.0.1:8001/metrics")
    known = Knowledge(target=setup.target())
    assert verdict('up{job="other"} == 0', known).check is Check.JOB
    assert verdict('up{job="trader"} == 0', known).kind is Kind.UNPROVEN
    assert verdict('up{job="bot"} == 0', page("x 1\n")).kind is Kind.CAN


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prometheus.yml"
    for text in ("[" * 1_000, "a: [", "\x00", "scrape_configs: 3"):
        path.write_text(text)
        (taken, *_) = judge_setup(read_setup(path), [])
        assert (taken.kind, taken.check) == (Kind.NEVER, Check.CONFIG)
