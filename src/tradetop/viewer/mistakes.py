"""A bot's errors at one moment: those that are alike, how many of what, and which a person must look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tradetop.events.groups import BINS, Asked, ErrorGroups, by_pair, by_type
from tradetop.events.log import Log, between
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import HOUR
from tradetop.model.error_category import reviewed
from tradetop.model.feed_frame import ErrorGroup, ErrorTally, GroupFrame
from tradetop.model.view import View
from tradetop.viewer.bot import Bot
from tradetop.viewer.noted import deployed

SHOWN = 500
"""Errors of one group that are shown one by one, the newest."""


class Mistakes:
    """Looks at one bot's errors; the same objects while they say the same."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._reviewing = reviewed(bot.target.errors)
        self._all = ErrorGroups()
        self.groups: tuple[ErrorGroup, ...] = ()
        self.by_type: tuple[ErrorTally, ...] = ()
        """By type and bot."""
        self.by_pair: tuple[ErrorTally, ...] = ()
        self.to_review = 0
        self._asked = Asked()
        """How they were looked at last."""
        self._group: GroupFrame | None = None
        self._key: tuple[object, ...] = ()

    def look(self, log: Log, view: View, at: int) -> None:
        """Look at them in a view's window that ends at `at` (ms)."""
        since = at - max(view.span, HOUR)
        known, shown = between(log.errors, 0, at), between(log.errors, since + 1, at)
        asked = Asked(since + 1, at, self._deployed(log, at), self._looked_at(at), self._reviewing)
        # Between two errors time moves nothing but the columns of the trends.
        step = max(1, (at - since - 1) // BINS)
        self._asked = asked
        key = (*_ends(known), *_ends(shown), at // step, since // step, asked.deployed, asked.reviewed)
        if key == self._key:
            return
        self._key = key
        groups = self._all.of(known, asked)
        tables = by_type(shown), by_pair(shown)
        self.groups = self.groups if groups == self.groups else groups
        if tables != (self.by_type, self.by_pair):
            self.by_type, self.by_pair = tables
        self.to_review = self._all.waiting(asked) if self._reviewing else 0

    def opened(self, fingerprint: str) -> GroupFrame | None:
        """The errors of a fingerprint, one by one; None where there are none, or none is asked for."""
        group = self.alike(fingerprint)
        if group is None:
            self._group = None
            return None
        found = GroupFrame(group, tuple(self._all.alike(fingerprint)[-SHOWN:]))
        if found != self._group:
            self._group = found
        return self._group

    def alike(self, fingerprint: str) -> ErrorGroup | None:
        """The errors of a fingerprint as one; None where there are none, or none is asked for."""
        events = self._all.alike(fingerprint)[-SHOWN:] if fingerprint else ()
        known = next((group for group in self.groups if group.fingerprint == fingerprint), None)
        if known is not None or not events:
            return known
        # None of them is in the window, nor is any to be reviewed.
        (group,) = ErrorGroups().of(events, replace(self._asked, since=events[0].t, until=events[-1].t))
        return group

    def _looked_at(self, at: int) -> dict[str, int]:
        """By fingerprint up to when people had looked at them by `at` (ms)."""
        return {review.fingerprint: review.until for review in self._bot.reviews() if review.made <= at}

    def _deployed(self, log: Log, at: int) -> int | None:
        """The last deployment, if anything of what was before it is known: else all errors would be new since."""
        found = deployed(self._bot.target, self._bot.status(), self._bot.marks(), at)
        begun = min((events[0].t for events in (log.events, log.errors) if events), default=at)
        return found if found is not None and begun < found else None


def _ends(errors: Sequence[BotEvent]) -> tuple[object, ...]:
    """What tells a stretch of a log from every other."""
    return (len(errors), id(errors[0]), id(errors[-1])) if errors else ()
