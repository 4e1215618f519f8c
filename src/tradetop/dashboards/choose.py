"""The built-in presets: found by name, or chosen by what a page holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from tradetop.dashboards.evaluate import APART
from tradetop.dashboards.file import load, parse
from tradetop.document import nearest
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName

ANY = "any"
"""The preset whose panels are made from the page itself."""

EVENTS = "defikit"
"""The preset for bots that are known by their events."""

BUILT_IN = ("247trader", "polybot", EVENTS)

PRESETS = Path(__file__).parents[1] / "presets"
"""Where they lie; a path, since `importlib.resources` would load the reading of zip files for it."""

LEAST = 2
"""Metrics of a preset that a page must have for it to be chosen."""

_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_FROM_EVENTS = (PaneName.STRATEGIES, PaneName.ERRORS)
"""Panes where events say more than metrics: their panels come first there."""


class UnknownPresetError(ValueError):
    """There is no preset of this name; the text lists those that are."""


def preset_names() -> tuple[str, ...]:
    """What `--preset` takes, besides the path of a dashboard file."""
    return (*BUILT_IN, ANY)


def preset(name: str) -> Dashboard | None:
    """The preset of a name, or the dashboard file at a path; None for `any`, which is made from a page.

    UnknownPresetError where there is none; DocumentError where the file is wrong.
    """
    if name == ANY:
        return None
    if name in BUILT_IN:
        return _built_in(name)
    if "/" in name or name.endswith((".yaml", ".yml")):
        return _from_file(name)
    raise UnknownPresetError(f"no preset is called {name!r}; {nearest(name, preset_names())} ({_listed()})")


def choose(names: Collection[str]) -> str:
    """Which preset fits a bot that has these metric names; `any` where none does."""
    page = {name for name in names if name not in APART}
    if not page:
        return EVENTS if "bot_events_total" in names else ANY
    scores = {name: _score(_built_in(name), page) for name in BUILT_IN if name != EVENTS}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= LEAST else ANY


def complement(dashboard: Dashboard, events: Dashboard, has_data: Callable[[Panel], bool]) -> Dashboard:
    """The dashboard of a bot that has an event database too.

    Events give the first panels of the strategies and errors panes, what was realised and how often it was a gain, and
    whole panes for which no panel of the dashboard has data; the rest of their panels stand on the dashboard screen.
    """
    told = [panel for panel in dashboard.panels if has_data(panel)]
    supplied = {panel.pane for panel in told}
    shared = {*_FROM_EVENTS}
    # Beside a bot's own P&L, events say what of it was realised, unless the bot does.
    if PaneName.PNL in supplied and not any(p.pane is PaneName.PNL and p.kind is PanelKind.STAT for p in told):
        shared.add(PaneName.PNL)
    taken = {panel.id for panel in dashboard.panels}
    first, last = [], []
    for panel in events.panels:
        if panel.id in taken:
            continue
        if panel.pane in shared:
            first.append(_realised(panel) if panel.kind is PanelKind.HEADLINE else panel)
        else:
            last.append(panel if panel.pane not in supplied else replace(panel, pane=PaneName.DASHBOARD))
    given = {panel.pane for panel in last if panel.pane is not PaneName.DASHBOARD}
    kept = [panel for panel in dashboard.panels if panel.pane not in given or panel.thresholds]
    moved = [replace(p, pane=PaneName.DASHBOARD) for p in dashboard.panels if p not in kept]
    # Events go before the panels of their panes, yet after one panel of every heading, which holds its place.
    others = [panel for panel in kept if panel.pane not in _FROM_EVENTS]
    anchors = list({panel.row: panel for panel in reversed(others)}.values())[::-1]
    rest = [panel for panel in kept if panel not in anchors]
    return replace(
        dashboard,
        panels=(*anchors, *first, *rest, *moved, *last),
        alerts=(*dashboard.alerts, *events.alerts),
        # Where no counter of cycles tells that the bot works, its events do.
        activity=dashboard.activity if dashboard.cycles else (*dashboard.activity, *events.activity),
        corrects={**events.corrects, **dashboard.corrects},
    )


def _realised(headline: Panel) -> Panel:
    """The P&L of closed trades, as a line below the bot's own."""
    return replace(headline, kind=PanelKind.STAT, label="realised")


@lru_cache(maxsize=len(BUILT_IN))
def _built_in(name: str) -> Dashboard:
    text = (PRESETS / f"{name}.yaml").read_text(encoding="utf-8")
    return parse(text, f"{name}.yaml")


@lru_cache(maxsize=16)
def _from_file(path: str) -> Dashboard:
    """Read once: a file that changes or goes while tradetop runs changes nothing."""
    return load(Path(path))


def _score(dashboard: Dashboard, page: Collection[str]) -> int:
    """How many of the page's names this dashboard knows, among those that tell its kind of bot."""
    words = {word for panel in dashboard.panels for query in panel.queries for word in _WORD.findall(query.expr)}
    return sum(name.startswith(dashboard.detect) for name in words.intersection(page))


def _listed() -> str:
    return "there are " + ", ".join(preset_names()) + ", or the path of a dashboard file"
