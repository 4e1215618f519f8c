"""Presets: found by name, chosen by the page, and completed by events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tradetop.dashboards import ANY, UnknownPresetError, choose, complement, preset, preset_names
from tradetop.document import DocumentError
from tradetop.model.level import Level
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName, Query, Threshold


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ({"trader_account_value_usd", "trader_exposure_pct", "python_info"}, "247trader"),
        ({"exchange_rate_limit_utilization", "trader_open_positions", "trader_fill_ratio"}, "247trader"),
        ({"polybot_http_requests_total", "polybot_daily_pnl_usd"}, "polybot"),
        ({"polybot_http_requests_total", "polybot_daily_pnl_usd", "bot_events_total"}, "polybot"),
        ({"bot_events_total", "bot_open_positions", "up"}, "defikit"),
        ({"trader_something_else", "process_resident_memory_bytes", "up"}, ANY),
        ({"mybot_pnl_usd"}, ANY),
        (set(), ANY),
    ],
)
def test_the_preset_is_chosen_by_what_the_page_holds(names: set[str], chosen: str) -> None:
    assert choose(names) == chosen


def test_an_unknown_preset_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(UnknownPresetError) as caught:
        preset("247trade")
    assert str(caught.value) == (
        "no preset is called '247trade'; did you mean 247trader? "
        "(there are 247trader, polybot, defikit, any, or the path of a dashboard file)"
    )


def test_a_preset_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\npanels:\n- {id: a, title: A, expr: m}\n")
    mine = preset(str(path))
    assert mine is not None
    assert mine.name == "mine"
    with pytest.raises(DocumentError, match="cannot be read"):
        preset(str(tmp_path / "other.yaml"))


def test_every_name_that_is_offered_works() -> None:
    assert [preset(name) is None for name in preset_names()] == [False, False, False, True]


def panel(id_: str, pane: PaneName, *, limited: bool = False) -> Panel:
    return Panel(id_, id_, (Query(id_),), pane=pane, thresholds=(Threshold(1, Level.WARNING),) if limited else ())


def test_events_complete_a_metrics_dashboard() -> None:
    metrics = Dashboard(
        "m",
        "M",
        (
            replace(panel("daily", PaneName.PNL), kind=PanelKind.HEADLINE),
            panel("equity", PaneName.EQUITY),
            panel("symbols", PaneName.STRATEGIES),
            panel("exposure", PaneName.LIMITS),
        ),
    )
    events = Dashboard(
        "e",
        "E",
        (
            replace(panel("events-pnl", PaneName.PNL), kind=PanelKind.HEADLINE),
            panel("events-wins", PaneName.PNL),
            panel("events-curve", PaneName.EQUITY),
            panel("events-strategies", PaneName.STRATEGIES),
            panel("events-errors", PaneName.ERRORS, limited=True),
            panel("exposure", PaneName.DASHBOARD),
        ),
    )
    both = complement(metrics, events, lambda p: p.id != "equity")

    def pane(name: PaneName) -> list[str]:
        return [p.id for p in both.panels if p.pane is name]

    assert pane(PaneName.PNL) == ["daily", "events-pnl", "events-wins"]
    realised = next(p for p in both.panels if p.id == "events-pnl")
    assert (realised.kind, realised.label) == (PanelKind.STAT, "realised")
    assert pane(PaneName.EQUITY) == ["events-curve"]
    assert pane(PaneName.STRATEGIES) == ["events-strategies", "symbols"]
    assert pane(PaneName.ERRORS) == ["events-errors"]
    assert pane(PaneName.DASHBOARD) == ["equity"]
    assert len({p.id for p in both.panels}) == len(both.panels) == 9
    assert both.name == "m"


def test_the_documents_headings_stay_first_on_the_dashboard_screen() -> None:
    metrics, events = preset("247trader"), preset("defikit")
    assert metrics is not None
    assert events is not None
    both = complement(metrics, events, lambda _panel: True)
    rows = list(dict.fromkeys(p.row for p in both.panels))
    assert rows == [*dict.fromkeys(p.row for p in metrics.panels), "Events", "Rhythm"]
    tables = [p.id for p in both.panels if p.pane is PaneName.STRATEGIES and p.by]
    assert tables == ["events-strategies", "events-strategies-paper", "symbols"]
