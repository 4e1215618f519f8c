"""Dashboards whose days begin at the midnight of the zone that is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from tradetop.dashboards.choose import EVENTS, preset
from tradetop.model.panel import Dashboard, Panel

_CLOCK = re.compile(r"\b(hour|minute)\(\)")
_ANY_CLOCK = re.compile(r"\b(hour|minute)\((?:vector\(time\(\) \+ -?\d+\))?\)")


def in_zone(dashboard: Dashboard, offset: int) -> Dashboard:
    """The dashboard with the hours and minutes of its expressions `offset` minutes east of UTC."""
    if offset == 0:
        return dashboard
    return replace(dashboard, panels=tuple(_moved(panel, _CLOCK, offset) for panel in dashboard.panels))


def seen_in(dashboard: Dashboard, offset: int) -> Dashboard:
    """The dashboard by a clock `offset` minutes east of UTC: the days of events begin at its midnight."""
    days = _days()
    panels = (_moved(panel, _ANY_CLOCK, offset) if panel.id in days else panel for panel in dashboard.panels)
    return replace(dashboard, panels=tuple(panels))


@lru_cache(maxsize=1)
def _days() -> frozenset[str]:
    """The panels of events that are about a day."""
    events = preset(EVENTS)
    panels = () if events is None else events.panels
    return frozenset(panel.id for panel in panels if any(_CLOCK.search(query.expr) for query in panel.queries))


def _moved(panel: Panel, clock: re.Pattern[str], offset: int) -> Panel:
    there = rf"\1(vector(time() + {offset * 60}))" if offset else r"\1()"
    queries = tuple(replace(query, expr=clock.sub(there, query.expr)) for query in panel.queries)
    return panel if queries == panel.queries else replace(panel, queries=queries)
