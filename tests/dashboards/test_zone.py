"""Days begin at the midnight of the zone that is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradetop.dashboards import preset
from tradetop.dashboards.zone import in_zone, seen_in
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.panel import Query
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.store import MemoryStore

MIDNIGHT = 1_700_006_400_000
assert MIDNIGHT % DAY == 0


def today(offset: int, at: int) -> float:
    """P&L today of a bot that earns 1 USD a minute, `at` a time (ms), `offset` minutes east of UTC."""
    store, labels = MemoryStore(), Labels({"__name__": "bot_realized_pnl_usd", "bot_id": "b"})
    for i in range(3 * DAY // MINUTE):
        t = MIDNIGHT - 2 * DAY + i * MINUTE
        if t <= at:
            store.append(labels, t, float(i))
    found = preset("defikit")
    assert found is not None
    (panel,) = (panel for panel in in_zone(found, offset).panels if panel.id == "events-pnl-today")
    value = Engine(store).instant(panel.queries[0].expr, at=at)
    assert isinstance(value, Vector)
    return value.samples[0].value


@pytest.mark.parametrize(("offset", "hours"), [(0, 10), (120, 12), (-300, 5), (330, 15.5), (-660, 23)])
def test_profit_today_is_since_midnight_there(offset: int, hours: float) -> None:
    # At 10:00 UTC so many hours of the day have passed; that many dollars are earned, but for what five minutes hide.
    assert today(offset, MIDNIGHT + 10 * HOUR) == pytest.approx(hours * 60, abs=5)


def test_in_utc_nothing_is_another() -> None:
    found = preset("defikit")
    assert found is not None
    assert in_zone(found, 0) is found


@pytest.mark.parametrize("configured", [0, 120, -300])
def test_another_clock_has_the_days_of_its_own_and_leaves_other_panels_alone(configured: int) -> None:
    found, polybot = preset("defikit"), preset("polybot")
    assert found is not None
    assert polybot is not None
    for offset in (0, 330, -660):
        assert seen_in(in_zone(found, configured), offset) == in_zone(found, offset)
    own = replace(polybot.panels[0], queries=(Query("hour() > 8"),))
    assert seen_in(replace(polybot, panels=(own,)), 330).panels == (own,), "an hour of the person's own means that hour"
