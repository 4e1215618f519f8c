"""The right half itself: stores and a view give a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tradetop.model.alert import Alert
from tradetop.model.clock import HOUR
from tradetop.model.frame import Frame, RecorderFrame
from tradetop.model.view import AUTO, SPANS, View
from tradetop.viewer.bot import Bot
from tradetop.viewer.told import together
from tradetop.viewer.watched import Seen, Watched

WINDOW = 6 * HOUR
"""The documents' window (ms)."""


class Viewer:
    """Makes frames of the bots that `bots` gives at the moment; a bot that appears later joins the next frame.

    `stand_back` is called before each expression, and may wait a moment for something more urgent.
    """

    def __init__(self, bots: Callable[[], Sequence[Bot]], stand_back: Callable[[], object] = lambda: None) -> None:
        self._bots = bots
        self._stand_back = stand_back
        self._watched: dict[str, Watched] = {}

    def frame(self, view: View, now: int) -> Frame:
        """The frame of a view; `now` (ms) is the evaluation time of a live one."""
        at = now if view.at is None else view.at
        watched = [self._watch(bot) for bot in self._bots()]
        index = _shown(view, len(watched))
        if view.span == AUTO:
            view = replace(view, span=_grown([w.bot for w in (watched if index is None else [watched[index]])], at))
        seen = [w.seen(view, at) for w in watched]
        if index is None:
            return _everybody(view, at, now, watched, seen)
        return _one(view, at, now, watched[index], seen, index)

    def _watch(self, bot: Bot) -> Watched:
        known = self._watched.get(bot.name)
        if known is None or known.bot is not bot:
            known = self._watched[bot.name] = Watched(bot, self._stand_back)
        return known


def _everybody(view: View, at: int, now: int, watched: Sequence[Watched], seen: Sequence[Seen]) -> Frame:
    """All bots, as rows."""
    noted = {event.id: event for s in seen for event in s.told.noted}
    marks = {mark.id: mark for s in seen for mark in s.told.marks}
    recorders = [w.bot.recorder() for w in watched]
    return Frame(
        view=view,
        at=at,
        now=now,
        bots=tuple(s.header for s in seen),
        bot=-1,
        alerts=tuple(a for s in seen for a in s.alerts),
        feed=together([s.told.own for s in seen], [*noted.values()], view.filter),
        marks=tuple(sorted(marks.values(), key=lambda mark: mark.t)),
        recorder=_keeping(recorders),
        connecting=_connecting(seen),
        notices=tuple(dict.fromkeys(notice for each in recorders for notice in each.notices)),
    )


def _one(view: View, at: int, now: int, of: Watched, seen: Sequence[Seen], index: int) -> Frame:
    """One of the bots, with its panes."""
    one, recorder = seen[index], of.bot.recorder()
    return Frame(
        view=view,
        at=at,
        now=now,
        bots=tuple(s.header for s in seen),
        bot=index,
        panels=one.panels,
        limits=one.limits,
        alerts=one.alerts,
        dead=one.dead,
        rules_ok=_ok(len(one.rules) - len(one.dead), one.alerts),
        feed=one.told.feed,
        error_groups=one.told.error_groups,
        errors_by_type=one.told.errors_by_type,
        errors_by_pair=one.told.errors_by_pair,
        group=one.told.group,
        positions=one.told.positions,
        recorder=recorder,
        detail=of.detail(one, view, at) if view.focus else None,
        event=of.event(one, view.event),
        story=of.story(one, view.event, at, view.at),
        alike=of.alike(one, view.event),
        explained=of.explained(one, view, at),
        marks=one.told.marks,
        incidents=one.told.incidents,
        connecting=_connecting(seen),
        notices=recorder.notices,
    )


def _connecting(seen: Sequence[Seen]) -> bool:
    """Whether nothing is known of any bot yet, not even why."""
    return all(s.header.up is None and s.header.age is None and not s.header.reason for s in seen)


def _shown(view: View, count: int) -> int | None:
    """Index of the bot whose panes are shown; None for all of them."""
    if count == 0 or (view.bot is None and count > 1):
        return None
    return min(view.bot or 0, count - 1)


def _keeping(recorders: Sequence[RecorderFrame]) -> RecorderFrame:
    """Who keeps the history of several bots: the one that is in trouble, if one is."""
    troubled = sorted(recorders, key=lambda r: (not r.reason, not r.notices, r.attached))
    return troubled[0] if troubled else RecorderFrame(False, None, "")


def _grown(bots: Sequence[Bot], at: int) -> int:
    """The shortest window, up to six hours, that holds all that was recorded of these bots."""
    if not all(bot.target.url for bot in bots):
        return WINDOW
    first = min((seen for bot in bots if (seen := bot.status().first_seen) is not None), default=at)
    return next((span for span in SPANS if span >= min(at - first, WINDOW)), WINDOW)


def _ok(rules: int, alerts: Sequence[Alert]) -> int:
    return rules - len({a.rule.name for a in alerts if a.last_seen is None and not a.is_drill})
