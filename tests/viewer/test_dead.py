"""Rules of files that can never fire are found while a bot is watched, and forgotten once they can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tradetop.model.ports import Metadata
from tradetop.rules.file import load_rules, read_rules
from tradetop.viewer.viewer import Viewer
from viewer.stage import Stage, T

RULES = """\
groups:
- name: g
  rules:
  - {record: 'double:ratio', expr: exposure_pct * 2}
  - {alert: Fine, expr: 'double:ratio > 40'}
  - {alert: Renamed, expr: exposure_percent > 20}
  - {alert: Elsewhere, expr: 'up{job="other"} == 0'}
"""


def staged(text: str = RULES) -> Stage:
    stage = Stage()
    rules = read_rules(text, "rules.yml").rules
    families = {"exposure_pct": Metadata("gauge"), "pnl_usd": Metadata("gauge")}
    stage.bot = replace(stage.bot, filed=lambda: rules, families=lambda: families)
    stage.viewer = Viewer(lambda: (stage.bot,))
    return stage


def test_they_are_named_with_the_proof_once_the_bot_has_answered() -> None:
    stage = staged()
    assert stage.frame(0).dead == ()
    stage.scrape(0, exposure_pct=21.0, pnl_usd=4.0)
    found = {dead.rule.name: dead for dead in stage.frame(0).dead}
    assert found.keys() == {"Renamed", "Elsewhere"}
    assert "exposure_pct" in found["Renamed"].reason
    assert found["Elsewhere"].suggestion == 'up{job="bot"} == 0'
    assert found["Renamed"].rule.source == "rules.yml:6:5"


def test_a_rule_is_alive_once_its_metric_is_there() -> None:
    stage = staged()
    stage.scrape(0, exposure_pct=21.0, pnl_usd=4.0)
    assert "Renamed" in {dead.rule.name for dead in stage.frame(0).dead}
    stage.scrape(1, exposure_pct=21.0, pnl_usd=4.0, exposure_percent=20.0)
    assert {dead.rule.name for dead in stage.frame(1).dead} == {"Elsewhere"}


def test_rules_of_a_preset_are_not_counted() -> None:
    stage = Stage()
    stage.scrape(0, pnl_usd=4.0)
    assert stage.frame(0).dead == ()


def test_what_nobody_can_read_in_a_rule_file_stops_no_frame(recorded: Callable[..., Path]) -> None:
    rules = load_rules([str(recorded("247trader", "prometheus_alerts.yml"))], Path()).rules
    stage = staged()
    stage.bot = replace(stage.bot, filed=lambda: rules)
    stage.scrape(0, exposure_pct=21.0)
    assert len(stage.frame(0).dead) > 10
    assert stage.frame(0).at == T
