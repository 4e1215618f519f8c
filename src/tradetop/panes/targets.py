"""Targets: what stands under the cursor, and how many rows it can stand on."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from tradetop.model.bot_event import BotEvent
from tradetop.model.detail_frame import ExplainFrame
from tradetop.model.feed_frame import ErrorGroup
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.model.view import Focus
from tradetop.panes import bars, sorting, strategies
from tradetop.panes.look import Look, ScreenName

if TYPE_CHECKING:
    from tradetop.panes.tree import Branch

Target = Focus | BotEvent | int | None
"""A series to go down to, an event to open, the index of a bot, or nothing."""


def target_of(frame: Frame, look: Look) -> Target:
    """What Enter opens: the thing at `look.selected` of the focused pane, or of a screen that is a list."""
    found = _targets(frame, look)
    return found[look.selected] if 0 <= look.selected < len(found) else None


def event_of(frame: Frame, look: Look) -> BotEvent | None:
    """The event that the look names, else the one under the feed's cursor."""
    opened = (frame.event,) if frame.event is not None else ()
    beside = (frame.detail.events if frame.detail else ()), (frame.group.events if frame.group else ())
    known = (*opened, *frame.feed.events, *chain(*beside))
    if look.event:
        return next((e for e in known if e.id == look.event), None)
    index = len(frame.feed.events) - 1 - look.selected
    return frame.feed.events[index] if 0 <= index < len(frame.feed.events) else None


def group_of(frame: Frame, look: Look) -> ErrorGroup | None:
    """The group of errors under the cursor, or that the screen is about; None where there is none."""
    if look.screen is ScreenName.ERRORS:
        return None if frame.group is None else frame.group.group
    if look.screen is not ScreenName.OVERVIEW or look.focus is not PaneName.ERRORS:
        return None
    index = look.selected - len(sorting.bars(frame, look, PaneName.ERRORS))
    groups = sorting.groups(frame, look)
    return groups[index] if 0 <= index < len(groups) else None


def selectable(frame: Frame, look: Look) -> int:
    """How many rows the cursor can stand on."""
    return len(_targets(frame, look))


def index_of(frame: Frame, look: Look, target: Target) -> int | None:
    """The row that a target stands in now; None where it is in none, or where rows cannot be told apart."""
    found = _targets(frame, look)
    return found.index(target) if target is not None and found.count(target) == 1 else None


def moved_to(old: Frame, new: Frame, look: Look) -> int | None:
    """Where the row under the cursor stands in a newer frame; None where it is gone, or cannot be told apart."""
    if not _on_limits(look):
        return index_of(new, look, target_of(old, look))
    before = [limit.key for limit in sorting.limits(old, look)]
    after = [limit.key for limit in sorting.limits(new, look)]
    key = before[look.selected] if look.selected < len(before) else None
    return after.index(key) if key in after else None


def _on_limits(look: Look) -> bool:
    """Whether the cursor stands on a row of the ladder, in its pane or on its own screen."""
    return look.screen is ScreenName.LADDER or (look.screen is ScreenName.OVERVIEW and look.focus is PaneName.LIMITS)


def index_of_event(frame: Frame, look: Look, id: str) -> int | None:
    """The row that the event with this id stands in now."""
    found = _targets(frame, look)
    return next((i for i, target in enumerate(found) if isinstance(target, BotEvent) and target.tells(id)), None)


def _targets(frame: Frame, look: Look) -> list[Target]:
    match look.screen:
        case ScreenName.FLEET:
            return [*sorting.bots(frame, look)]
        case ScreenName.DASHBOARD:
            from tradetop.panes.dashboard import (
                series_of,
            )  # Screens below the overview are loaded when somebody goes down.

            return [_focus(p, s) for p, s in series_of(frame)]
        case ScreenName.LADDER:
            return _of_limits(frame, look)
        case ScreenName.DETAIL:
            return [*reversed(frame.detail.events)] if frame.detail is not None else []
        case ScreenName.EXPLAIN:
            return [] if frame.explained is None else _explained(frame, frame.explained)
        case ScreenName.ERRORS:
            return [*reversed(frame.group.events)] if frame.group is not None else []
        case ScreenName.EVENT | ScreenName.JSON | ScreenName.ANSWER | ScreenName.HELP:
            return []
    if frame.subject is None:
        return [*sorting.bots(frame, look)]
    return _of_pane(frame, look)


def _explained(frame: Frame, of: ExplainFrame) -> list[Target]:
    """The series behind each line of the tree, then the events."""
    from tradetop.panes.explain import rows_of

    leaves = [_leaf(frame, of, branch) if branch.part.leaf else None for branch in rows_of(of)]
    return [*leaves, *of.events]


def _leaf(frame: Frame, of: ExplainFrame, branch: Branch) -> Focus | None:
    """The series of a panel that a leaf's series belongs to: by its very labels, else by its name in an expression."""
    element = branch.element or next(iter(branch.part.elements), None)
    if element is None or branch.more:
        return None
    same = ((p, s) for p in frame.panels for s in p.series if s.labels == element.labels and s.labels.name)
    found = next(same, None)
    if found is not None:
        return _focus(*found)
    word = re.compile(rf"(?<![\w:]){re.escape(element.labels.name)}(?![\w:])") if element.labels.name else None
    using = [p for p in frame.panels if word and any(word.search(query.expr) for query in p.panel.queries)]
    using.sort(key=lambda panel: panel.panel.id != of.rule.panel)
    return next((focus for p in using if (focus := _behind(frame, p.panel.id, element.labels)) is not None), None)


def _of_pane(frame: Frame, look: Look) -> list[Target]:
    pane = look.focus
    match pane:
        case PaneName.ALERTS:
            shown = (_behind(frame, next(iter(a.panels), a.rule.panel), a.labels) for a in frame.alerts)
            return [*shown, *(None for _ in frame.dead)]
        case PaneName.LIMITS:
            return _of_limits(frame, look)
        case PaneName.EVENTS:
            return [*reversed(frame.feed.events)]
        case PaneName.STRATEGIES:
            return [_focus(p, s) for p, s in strategies.rows_of(frame, look)]
        case PaneName.ERRORS:
            series: list[Target] = [_focus(p, s) for p, s in sorting.bars(frame, look, pane)]
            return [*series, *(group.newest for group in sorting.groups(frame, look))]
        case PaneName.RATES | PaneName.CYCLE:
            return [_focus(p, s) for p, s in sorting.bars(frame, look, pane)]
        case PaneName.PNL | PaneName.EQUITY:
            return [_focus(p, s) for p, s in bars.items(_main_first(frame, pane))]
        case _:
            return []


def _of_limits(frame: Frame, look: Look) -> list[Target]:
    return [_behind(frame, x.panel.id, x.labels, x.query) for x in sorting.limits(frame, look)]


def _main_first(frame: Frame, pane: PaneName) -> list[PanelFrame]:
    main = {PanelKind.HEADLINE, PanelKind.CHART}
    return sorted(frame.pane(pane), key=lambda p: p.panel.kind not in main)


def _focus(panel: PanelFrame, series: SeriesFrame | None) -> Focus | None:
    return None if series is None else Focus(panel.panel.id, series.query, series.labels)


def _behind(frame: Frame, panel_id: str, labels: Labels, query: int | None = None) -> Focus | None:
    """The series of a panel that agrees best with an alert's or a limit's labels, and with the query of a limit."""
    panel = frame.panel(panel_id) if panel_id else None
    if panel is None or panel.first is None:
        return None
    best = max(panel.series, key=lambda s: (s.labels == labels, s.query == query, _agreement(s.labels, labels)))
    return _focus(panel, best)


def _agreement(mine: Labels, theirs: Labels) -> int:
    return sum(1 if theirs.get(k) == v else -1 for k, v in mine.items() if k in theirs)
