"""Categories of one's own: what a configuration says of errors comes before what is built in."""

from __future__ import annotations

import json
from pathlib import Path

from events.bot_database import create, insert
from events.hands import HandClock
from events.making import event
from tradetop.config import parse
from tradetop.dashboards import preset
from tradetop.dashboards.errors import with_categories
from tradetop.events.categorise import Categories, Categorised
from tradetop.events.sqlite import EventDatabase
from tradetop.model.bot_event import BotEvent
from tradetop.model.error_category import USUAL, ErrorCategory
from tradetop.model.level import Level
from tradetop.model.panel import PaneName
from tradetop.rules import rules_of

CONFIG = """
errors:
  categories:
    liquidation: {patterns: [liquidat, margin call], above: 0, severity: critical, review: true}
    connection: {patterns: quote api, above: 10, within: 10m}
    execution: {above: off, review: false}
"""


def said(message: str, kind: str = "error", **more: object) -> BotEvent:
    return event(kind, json.dumps({"message": message, **more}))


def test_patterns_come_before_what_is_built_in_and_the_rest_stays() -> None:
    categories = Categories(parse(CONFIG, "c.yaml").errors.made())
    for message, category, level in (
        ("Position LIQUIDATED at 12.5", "liquidation", Level.CRITICAL),
        ("margin call on order 7", "liquidation", Level.CRITICAL),
        ("Quote API said no", "connection", Level.WARNING),
        ("RPC timeout", "connection", Level.WARNING),
        ("slippage exceeded", "execution", Level.CRITICAL),
        ("honeypot check failed", "validation", Level.OK),
        ("odd", "other", Level.WARNING),
    ):
        found = categories.of(said(message))
        assert (found.category, found.level) == (category, level), message
    assert categories.of(said("odd", "liquidation_failed")).category == "liquidation"


def test_what_the_bot_calls_critical_stays_that_and_what_is_no_error_is_left_alone() -> None:
    categories = Categories((ErrorCategory("calm", ("odd",), level=Level.OK),))
    assert categories.of(said("odd")).level is Level.OK
    assert categories.of(said("odd", severity="critical")).level is Level.CRITICAL
    signal = event("signal", '{"message": "odd"}')
    assert categories.of(signal) is signal
    error = said("odd")
    assert Categories().of(error) is error


async def test_a_store_gives_its_errors_so_categorised_new_old_and_older(tmp_path: Path) -> None:
    link = create(tmp_path / "e.db")
    for n in range(3):
        insert(link, f"e{n}", "error", json.dumps({"message": "margin call"}))
    store = Categorised(EventDatabase(tmp_path / "e.db", HandClock()), parse(CONFIG, "c.yaml").errors.made())
    found = [*await store.newest(2), *await store.older()]
    insert(link, "e3", "error", json.dumps({"message": "margin call"}))
    found += await store.read_new()
    assert [each.category for each in found] == ["liquidation"] * 4
    assert (await store.bots(), store.behind, store.take_notice()) == (("defi-1",), False, "")
    await store.check()
    await store.close()
    link.close()


def test_each_category_is_a_panel_and_its_threshold_an_ordinary_rule() -> None:
    events = preset("defikit")
    assert events is not None
    assert with_categories(events, USUAL) is events
    changed = with_categories(events, parse(CONFIG, "c.yaml").errors.made())
    rules = {rule.name: rule for rule in rules_of(changed)}
    assert rules["LiquidationErrors"].expr.endswith("> 0")
    assert 'category="liquidation"' in rules["LiquidationErrors"].expr
    assert rules["LiquidationErrors"].level is Level.CRITICAL
    assert "[600000ms]" in rules["ConnectionErrors"].expr
    assert rules["ConnectionErrors"].condition == "> 10"
    assert "ExecutionError" not in rules
    shown = [panel.id for panel in changed.panels if panel.pane is PaneName.ERRORS]
    assert shown == ["events-connection", "events-execution", "events-validation", "events-liquidation"]
    (other,) = [panel for panel in changed.panels if panel.id == "events-other-errors"]
    assert "liquidation" in other.queries[0].expr
    other_bot = preset("247trader")
    assert other_bot is not None
    assert with_categories(other_bot, parse(CONFIG, "c.yaml").errors.made()) is other_bot
