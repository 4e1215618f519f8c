"""Caps: the limits that a bot keeps by itself, as its preset, its page or its settings say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress

from tradetop.doctor.knowledge import Cap
from tradetop.doctor.names import UNITS
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName
from tradetop.promql.ast import parse
from tradetop.promql.error import PromQLError
from tradetop.promql.nodes import Binary, Selector
from tradetop.store.matching import metric_name

_SCALES = (1.0, 100.0)
"""Ends of a scale that are no limit."""


def of_preset(dashboard: Dashboard) -> dict[str, Cap]:
    """The caps that a dashboard's gauges end at, by metric name."""
    found = {}
    for panel in dashboard.panels:
        name = _metric(panel)
        if name and panel.maximum is not None and panel.maximum not in _SCALES:
            found[name] = Cap(panel.maximum, f"preset {dashboard.name}")
    return found


def of_settings(settings: Mapping[str, tuple[float, str]], names: Collection[str]) -> dict[str, Cap]:
    """The caps in the bot's settings (value and place, by what follows `max_`), each for the metric it speaks of."""
    found = {}
    for key, (value, place) in settings.items():
        words = set(key.split("_")) - UNITS
        fitting = [name for name in names if words and words <= set(name.split("_"))]
        if fitting:
            found[min(fitting, key=lambda name: (len(name), name))] = Cap(value, place)
    return found


def _metric(panel: Panel) -> str:
    """The metric that a gauge of limits shows as it is; "" where it shows something else."""
    if panel.kind is not PanelKind.GAUGE or panel.pane is not PaneName.LIMITS:
        return ""
    with suppress(PromQLError):
        node = parse(panel.queries[0].expr)
        while isinstance(node, Binary) and node.op == "or":
            node = node.left
        if isinstance(node, Selector):
            return metric_name(node.matchers) or ""
    return ""
