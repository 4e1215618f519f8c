"""What holds for every bot is not concluded from silence of those who tell of it."""

from __future__ import annotations

import pytest

from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.labels import NAME, Labels
from tradetop.model.panel import Dashboard
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.rules.alive import alive
from tradetop.store import MemoryStore

T0 = 1_767_323_000_000
PAGE = ("up", "trader_cycle_total", "process_start_time_seconds")


@pytest.mark.parametrize(("alert", "still"), [("BotNotWorking", 0), ("BotSilent", 18 * MINUTE)])
@pytest.mark.parametrize("told", [True, False])
def test_a_bot_of_which_nobody_tells_is_not_said_to_hang(alert: str, still: int, told: bool) -> None:
    """It worked for ten hours, was seen not to for a while, and for four minutes more nobody tells of it."""
    dashboard = Dashboard("t", "t", (), cycles=("trader_cycle_total",), activity=("trader_cycle_total",))
    (rule,) = (rule for rule in alive(dashboard) if rule.name == alert)
    store = MemoryStore()
    up, cycles, started = (Labels({NAME: name, "job": "bot"}) for name in PAGE)
    worked = T0 + 600 * MINUTE
    seen = worked + still
    end = seen + 4 * MINUTE
    for t in range(T0, end if told else seen, 5 * SECOND):
        store.append_scrape("scrape", t, {up: 1.0, cycles: (min(t, worked) - T0) // 5_000, started: T0 / 1_000})
    found = Engine(store).instant(rule.expr, at=end - 5 * SECOND)
    assert isinstance(found, Vector)
    assert bool(found.samples) is told
