"""Panels: what the real bot's two dashboards show, and what is wrong with single ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from doctor.making import FAR, page
from tradetop.dashboards.grafana import load_grafana
from tradetop.doctor import Check, Kind, known_of
from tradetop.doctor.panels import Shown, judge_panels, shown
from tradetop.store import MemoryStore

PAGE = """# TYPE x_rate_pct gauge
x_rate_pct{endpoint="a"} 40
# TYPE x_trades_total counter
x_trades_total{side="BUY"} 4
# TYPE x_share gauge
# HELP x_share of the limit, 0-1
x_share 0.4
# TYPE x_born gauge
"""


def test_of_the_sixteen_panels_five_have_no_data_eight_are_zero_and_three_vary(
    recorded: Callable[..., Path], recorded_store: MemoryStore
) -> None:
    dashboard = load_grafana(recorded("247trader", "grafana_dashboard.json"))
    assert (len(dashboard.panels), dashboard.problems) == (16, ())
    found = judge_panels(shown(dashboard.panels), known_of(recorded_store.select((), 0, FAR), {}))
    says = {v.subject: v.reason.partition(":")[0] for v in found}
    assert Counter(says.values()) == {"no data": 5, "constant zero": 8, "varies": 3}
    assert {title for title, word in says.items() if word == "varies"} == {
        "Open Positions",
        "Exposure %",
        "Risk Metrics",
    }
    assert {v.subject for v in found if v.kind is Kind.NEVER} == {
        *("Rate Limiter Utilization by Endpoint", "Trade Rate (per 5min)", "Cycle Duration", "API Latency (p95)")
    }


def test_the_older_dashboard_is_wrapped_and_has_old_panels(
    recorded: Callable[..., Path], recorded_store: MemoryStore
) -> None:
    dashboard = load_grafana(recorded("247trader", "trading-dashboard.json"))
    assert Counter(panel.kind for panel in dashboard.panels)["graph"] == 6
    found = {
        v.subject: v for v in judge_panels(shown(dashboard.panels), known_of(recorded_store.select((), 0, FAR), {}))
    }
    trips = found["Circuit Breaker Trips"]
    assert (trips.kind, trips.check) == (Kind.NEVER, Check.TOTAL)
    assert trips.suggestion == "increase(trader_circuit_breaker_trips_total[1h])"


def test_a_panel_shows_the_best_of_its_queries_and_names_the_dead_ones() -> None:
    known = page(PAGE)
    (both,) = judge_panels([Shown("Both", ("x_rate_pct", "x_rates_pct"))], known)
    assert (both.kind, both.reason) == (Kind.CAN, "has data")
    assert [note.check for note in both.notes] == [Check.NAME]
    (unborn,) = judge_panels([Shown("Unborn", ("x_born",))], known)
    assert (unborn.kind, unborn.check) == (Kind.UNPROVEN, Check.UNBORN)
    assert unborn.reason.startswith("no data")


def test_titles_legends_and_colours_are_looked_at() -> None:
    known = page(PAGE)
    panels = [
        Shown("Trade Rate (per 5min)", ("rate(x_trades_total[5m])",), ("{{side}} {{symbol}}",)),
        Shown("Rates", ("max(x_rate_pct)",), ("{{endpoint}}",)),
        Shown("Share", ("x_share",), steps=(0.5, 80)),
    ]
    trades, rates, share = judge_panels(panels, known)
    assert [note.check for note in trades.notes] == [Check.UNIT, Check.TEMPLATE]
    assert "its title says per 5 minutes, and rate() is per second" in trades.notes[0].text
    assert [note.text for note in rates.notes] == ["max() drops the label endpoint"]
    assert [(note.check, note.fault) for note in share.notes] == [(Check.UNIT, True)]


def test_the_page_of_the_doctor_names_every_check() -> None:
    text = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
    missing = [check.value for check in Check if f"| {check.value} |" not in text]
    assert missing == []
