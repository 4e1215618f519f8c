"""Dashboard files: what they may say, and that their documentation is true."""

from __future__ import annotations

import re
from dataclasses import fields
from enum import Enum
from pathlib import Path

import pytest

from tradetop.dashboards import load, override, parse, preset, preset_names, unknown_overrides
from tradetop.dashboards.file import AlertEntry, DashboardFile, PanelEntry, QueryEntry
from tradetop.document import DocumentError, Place
from tradetop.document.thresholds import Bound, Levels
from tradetop.model.level import Level
from tradetop.model.panel import Panel, PanelKind, PaneName, Query, Side, Threshold
from tradetop.model.unit import Unit

DOCS = Path(__file__).parents[2] / "docs" / "dashboards.md"

FULL = """
name: mine
title: My bot
detect: [my_]
set_in_work: [my_equity]
health: [/health]
mode: ['my_info{mode!=""}']
panels:
  - id: rates
    title: "Rate limits \u202e"
    queries:
      - {expr: my_rate, legend: "{{endpoint}}", unit: percent, column: RATE}
      - expr: |
          100 *
          my_other
    pane: rates
    kind: table
    unit: percentunit
    label: rate
    thresholds:
      warning: [{below: 0.2}, {above: 0.5, for: 5m}]
      critical: {above: 0.9, inclusive: true, alert: RateLimitCritical}
    min: 0
    max: 1
    decimals: 1
    signed: yes
    by: endpoint
    states: {0: closed, 1: OPEN}
    needs: my_rate
    runbook: Wait
    row: Risk
  - {id: short, title: Short, expr: my_equity, legend: equity}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse(text, "mine.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_everything_that_a_file_may_say_is_read() -> None:
    dashboard = parse(FULL, "mine.yaml")
    assert (dashboard.name, dashboard.title, dashboard.detect) == ("mine", "My bot", ("my_",))
    assert (dashboard.set_in_work, dashboard.health) == (frozenset({"my_equity"}), ("/health",))
    assert dashboard.mode == (Query('my_info{mode!=""}'),)
    first, second = dashboard.panels
    assert first == Panel(
        id="rates",
        title="Rate limits <U+202E>",
        queries=(Query("my_rate", "{{endpoint}}", Unit.PERCENT, "RATE"), Query("100 *\nmy_other")),
        pane=PaneName.RATES,
        kind=PanelKind.TABLE,
        unit=Unit.RATIO,
        label="rate",
        thresholds=(
            Threshold(0.2, Level.WARNING, Side.BELOW),
            Threshold(0.5, Level.WARNING, hold=300_000),
            Threshold(0.9, Level.CRITICAL, inclusive=True, alert="RateLimitCritical"),
        ),
        minimum=0.0,
        maximum=1.0,
        decimals=1,
        signed=True,
        by="endpoint",
        states=((0.0, "closed"), (1.0, "OPEN")),
        needs="my_rate",
        runbook="Wait",
        row="Risk",
    )
    assert second.queries == (Query("my_equity", "equity"),)


def test_all_mistakes_at_once() -> None:
    text = """\
name: mine
panels:
  - {id: a, title: A, expr: m, unit: percents}
  - {id: b, title: B, expr: m, queries: [{expr: m}]}
  - {id: c, title: C, expr: m, pane: rate}
  - {id: d, title: D, expr: m, kind: table}
  - {id: e, title: E, expr: m, tresholds: {}}
  - {id: f, title: F, expr: m, min: 2, max: 1}
"""
    assert problems(text) == [
        "mine.yaml:3:38: panels[0].unit: 'percents' is not known; did you mean percent?",
        "mine.yaml:4:5: panels[1]: needs either expr or queries",
        "mine.yaml:5:38: panels[2].pane: 'rate' is not known; did you mean rates?",
        "mine.yaml:6:5: panels[3]: a table needs by: the label that names its rows",
        "mine.yaml:7:32: panels[4].tresholds: unknown key; did you mean thresholds?",
        "mine.yaml:8:5: panels[5]: min must be less than max",
    ]


def test_an_id_may_not_be_taken_twice() -> None:
    text = "name: x\npanels:\n- {id: a, title: A, expr: m}\n- {id: a, title: B, expr: m}\n"
    assert problems(text) == ["mine.yaml:4:3: panels[1].id: id a is taken by the panel in line 3"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read: No such file"):
        load(tmp_path / "none.yaml")


def test_overriding_one_level_of_one_panel_leaves_everything_else() -> None:
    dashboard = parse(FULL, "mine.yaml")
    changed = override(dashboard, {"rates": Levels(critical=Bound(above=0.95)), "nobody": Levels()})
    assert changed.panels[0].thresholds == (
        *dashboard.panels[0].thresholds[:2],
        Threshold(0.95, Level.CRITICAL, alert="RateLimitCritical"),
    )
    assert changed.panels[1] == dashboard.panels[1]


def test_an_override_of_a_panel_that_no_dashboard_has_is_named() -> None:
    dashboard = parse(FULL, "mine.yaml")
    overrides = {"rates": Levels(), "rats": Levels(place=Place(3, 5)), "my_metric": Levels()}
    (problem,) = unknown_overrides(overrides, "config.yaml", [dashboard])
    assert str(problem) == "config.yaml:3:5: thresholds.rats: no panel is called so; did you mean rates?"


def _listed(heading: str) -> set[str]:
    section = DOCS.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "cls"),
    [
        *(("The file", DashboardFile), ("A panel", PanelEntry)),
        *(("A query", QueryEntry), ("Alerts", AlertEntry)),
    ],
)
def test_the_documentation_lists_every_key_and_no_other(heading: str, cls: type[PanelEntry]) -> None:
    assert {key for key in _listed(heading) if not key[0].isupper()} == {
        f.metadata.get("key", f.name) for f in fields(cls) if f.name != "place"
    }


@pytest.mark.parametrize(("heading", "cls"), [("Panes", PaneName), ("Kinds", PanelKind), ("Units", Unit)])
def test_the_documentation_lists_every_word_and_no_other(heading: str, cls: type[Enum]) -> None:
    assert _listed(heading) == {member.value for member in cls}


def test_the_documentation_lists_every_preset() -> None:
    assert _listed("Presets") == set(preset_names())


def test_the_documentation_lists_every_threshold_that_a_preset_sets() -> None:
    text = DOCS.read_text(encoding="utf-8").split("\n## Thresholds of the presets\n")[1]
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (.*?) \| (.*?) \|", text, re.MULTILINE)
    written = {(name, id_): (warning, critical) for name, id_, warning, critical in rows}
    expected = {}
    for name in preset_names():
        for panel in getattr(preset(name), "panels", ()):
            if panel.thresholds:
                said = [
                    ", ".join(str(t) for t in panel.thresholds if t.level is x) for x in (Level.WARNING, Level.CRITICAL)
                ]
                expected[name, panel.id] = (said[0] or "-", said[1] or "-")
    assert written == expected


def test_the_example_of_the_documentation_is_right() -> None:
    example = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert parse(example, "dashboards.md").panels
