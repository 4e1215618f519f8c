"""Dashboards whose days begin at the midnight of the zone that is shown."""

from __future__ import annotations

import re
from dataclasses import replace

from tradetop.model.panel import Dashboard

_CLOCK = re.compile(r"\b(hour|minute)\(\)")


def in_zone(dashboard: Dashboard, offset: int) -> Dashboard:
    """The dashboard with the hours and minutes of its expressions `offset` minutes east of UTC."""
    if offset == 0:
        return dashboard
    there = rf"\1(vector(time() + {offset * 60}))"
    panels = tuple(
        replace(panel, queries=tuple(replace(query, expr=_CLOCK.sub(there, query.expr)) for query in panel.queries))
        for panel in dashboard.panels
    )
    return replace(dashboard, panels=panels)
