"""The dashboard is chosen by what a record holds, and a user's thresholds stand over its own."""

from __future__ import annotations

import pytest

from tradetop.document.thresholds import Bound, Levels
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import Panel
from tradetop.model.ports import Metadata
from tradetop.model.target import Target
from tradetop.recorder.plan import Plan
from tradetop.recorder.record import Record

T = 1_767_323_045_000
TRADER = ("trader_exposure_pct", "trader_open_positions", "trader_account_value_usd")
EVENTS = ("bot_events_total", "bot_trades_closed_total", "bot_realized_pnl_usd")
URL = "http://127.0.0.1:8000/metrics"


def record(*names: str, preset: str = "", url: str = URL, database: str = "") -> Record:
    made = Record(Target("bot", url, database, preset=preset))
    made.store.append_scrape("scrape", T, {Labels({"__name__": name}): 3.0 for name in ("up", *names)})
    return made


def thresholds(panel: Panel) -> list[tuple[Level, float]]:
    return [(t.level, t.value) for t in panel.thresholds]


@pytest.mark.parametrize(
    ("names", "preset"),
    [
        (TRADER, "247trader"),
        (("polybot_orders_total", "polybot_pnl_realized_usd"), "polybot"),
        (("grid_bot_orders_total", "grid_bot_balance_usd"), "any"),
        ((), "any"),
        (EVENTS, "defikit"),
    ],
)
def test_the_preset_fits_what_the_record_holds(names: tuple[str, ...], preset: str) -> None:
    made = record(*names)
    assert Plan(made, {}).dashboard().name == preset
    assert made.status.preset == preset


def test_the_user_decides() -> None:
    assert Plan(record(*TRADER, preset="polybot"), {}).dashboard().name == "polybot"


def test_the_same_dashboard_is_the_same_object_until_the_page_becomes_another() -> None:
    made = record("grid_bot_balance_usd")
    plan = Plan(made, {})
    before = plan.dashboard()
    made.store.append_scrape("scrape", T + 1, {Labels({"__name__": "grid_bot_balance_usd"}): 4.0})
    assert plan.dashboard() is before
    made.store.append_scrape("scrape", T + 2, {Labels({"__name__": name}): 4.0 for name in TRADER})
    assert plan.dashboard().name == "247trader"


def test_an_override_changes_one_threshold_and_nothing_else() -> None:
    plain = {p.id: p for p in Plan(record(*TRADER), {}).dashboard().panels}
    levels = Levels(warning=(Bound(above=15.0),))
    changed = {p.id: p for p in Plan(record(*TRADER), {"exposure": levels}).dashboard().panels}
    assert thresholds(plain["exposure"]) == [(Level.WARNING, 20.0), (Level.CRITICAL, 25.0)]
    assert thresholds(changed["exposure"]) == [(Level.WARNING, 15.0), (Level.CRITICAL, 25.0)]
    assert changed["exposure"].thresholds[0].hold == plain["exposure"].thresholds[0].hold
    assert {id_ for id_ in plain if plain[id_] != changed[id_]} == {"exposure"}


def test_a_threshold_can_be_given_to_a_panel_of_any_bot() -> None:
    made = record("grid_bot_balance_usd")
    made.store.set_metadata("grid_bot_balance_usd", Metadata("gauge", "Balance."))
    plain = Plan(made, {}).dashboard()
    panel = next(p for p in plain.panels if "grid_bot_balance_usd" in p.queries[0].expr)
    levels = Levels(critical=(Bound(below=100.0),))
    found = {p.id: p for p in Plan(made, {panel.id: levels}).dashboard().panels}
    assert thresholds(found[panel.id]) == [(Level.CRITICAL, 100.0)]


def test_a_database_beside_a_page_adds_its_panels() -> None:
    alone = {p.id for p in Plan(record(*TRADER), {}).dashboard().panels}
    both = {p.id for p in Plan(record(*TRADER, *EVENTS, database="bots.db"), {}).dashboard().panels}
    assert both > alone
    assert "events-pnl-total" in both
