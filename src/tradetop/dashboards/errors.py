"""Categories of errors as panels: one for each, with the threshold that its rule is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tradetop.model.clock import MINUTE
from tradetop.model.error_category import CONNECTION, EXECUTION, USUAL, VALIDATION, ErrorCategory
from tradetop.model.labels import quote
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName, Query, Threshold

_OTHERS = "events-other-errors"


def with_categories(dashboard: Dashboard, categories: Sequence[ErrorCategory]) -> Dashboard:
    """The dashboard with a panel for each category, as it is configured; a dashboard without errors stays as it is."""
    known = {panel.id: panel for panel in dashboard.panels}
    changed = [category for category in categories if category not in USUAL]
    if not changed or panel_id(CONNECTION) not in known:
        return dashboard
    made = {panel_id(c.name): _panel(c, known.get(panel_id(c.name))) for c in changed}
    others = known.get(_OTHERS)
    if others is not None and made.keys() - known.keys():
        made[_OTHERS] = replace(others, queries=(Query(_other(categories)),))
    panels = [made.pop(panel.id, panel) for panel in dashboard.panels]
    last = max(i for i, panel in enumerate(panels) if panel.id.startswith("events-") and panel.pane is PaneName.ERRORS)
    return replace(dashboard, panels=(*panels[: last + 1], *made.values(), *panels[last + 1 :]))


def panel_id(category: str) -> str:
    """Which panel shows a category."""
    return f"events-{category}"


def _panel(category: ErrorCategory, before: Panel | None) -> Panel:
    said = f"{category.name.capitalize()} Errors ({category.within // MINUTE} min)"
    own = Panel(
        id=panel_id(category.name),
        title=said,
        queries=(),
        pane=PaneName.ERRORS,
        kind=PanelKind.BARS,
        label=category.name,
        row="Events",
        decimals=0,
        needs="error events",
        alert=f"{category.name.title().replace(' ', '').replace('-', '').replace('_', '')}Errors",
    )
    threshold = () if category.above is None else (Threshold(category.above, category.level),)
    expr = counted(f"category={quote_label(category.name)}", category.within)
    return replace(before or own, title=said, queries=(Query(expr),), thresholds=threshold)


def counted(matcher: str, within: int) -> str:
    """The errors of the last `within` (ms): a total less what it was before, where `increase` would extrapolate."""
    window = f"{within}ms"
    total = f"bot_events_total{{{matcher}}}"
    before = f"({total} offset {window} or first_over_time({total}[{window}]))"
    return f"sum({total} - {before}) or 0 * count(bot_events_total)"


def _other(categories: Sequence[ErrorCategory]) -> str:
    names = dict.fromkeys([CONNECTION, EXECUTION, VALIDATION, *(c.name for c in categories)])
    return counted(f'category!~"{"|".join(names)}", category!=""', 5 * MINUTE)


def quote_label(text: str) -> str:
    """A label's value within quotes."""
    return f'"{quote(text)}"'
