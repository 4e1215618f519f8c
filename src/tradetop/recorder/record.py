"""Records: what the left half knows of one target, for the right half to read."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from tradetop.model.alert import Alert
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Queryable
from tradetop.model.target import Target, TargetStatus
from tradetop.regex import escaped
from tradetop.store import MemoryStore
from tradetop.store.scope import Scope

EVENTS = 2_000
"""Events of a target kept in memory."""
DERIVED = 500
ERRORS = 1_000
"""Errors from before those that are kept."""
_REMARKS = frozenset(
    {
        *("healths", "mode", "bell", "database_reason", "database_notice"),
        *(
            "store_reason",
            "store_notice",
            "dropped",
            "send_faults",
            "outbox_notice",
            "rules_notice",
            "rule_files_notice",
        ),
    }
)
"""Parts of a status that change nothing of what series are taken to say."""
PARTS = 50
"""Bots told apart in one database; the others are not shown, and that is said."""


@dataclass(frozen=True, slots=True)
class Part:
    """One bot of a record."""

    name: str
    bot_id: str | None
    """Whose events are its own; None for all of the record, "" for none."""

    @property
    def noted(self) -> str:
        """What the notebook calls it among the bots of its target; "" where it is all of that."""
        return "" if self.bot_id is None else self.bot_id or self.name

    def of(self, series: Queryable) -> Queryable:
        """The bot's part of some series: its own, and those that belong to no bot of the database."""
        if self.bot_id is None:
            return series
        own = f"{escaped(self.bot_id)}|" if self.bot_id else ""
        return Scope(series, [Matcher("bot_id", MatchOp.REGEX, own)])


class Newest(deque[BotEvent]):
    """The newest events in the order in which they arrived; it knows how many there ever were."""

    def __init__(self, limit: int) -> None:
        super().__init__(maxlen=limit)
        self._count = 0
        self.begun = 0
        """How often it began anew: who listened before has to listen again, from the first on."""

    def begin(self, events: Iterable[BotEvent]) -> None:
        """Hold these instead of all that there were."""
        self.clear()
        self._count, self.begun = 0, self.begun + 1
        self.extend(events)

    def extend(self, events: Iterable[BotEvent]) -> None:
        found = tuple(events)
        self._count += len(found)
        super().extend(found)

    def since(self, count: int) -> tuple[list[BotEvent], int]:
        """Those that arrived after the first `count`, as far as they are kept, and how many there are by now."""
        fresh = min(self._count - count, len(self))
        return [*islice(reversed(self), fresh)][::-1], self._count


class Kin:
    """What came before one event in its store, which is read when somebody asks for it."""

    def __init__(self) -> None:
        self.wanted: BotEvent | None = None
        self._found: tuple[str, Sequence[BotEvent]] = "", ()

    def of(self, event: BotEvent) -> Sequence[BotEvent]:
        """The events of the same bot and pair before it; none as long as they are not read."""
        if self._found[0] == event.id:
            return self._found[1]
        self.wanted = event
        return ()

    def take(self, event: BotEvent, events: Sequence[BotEvent]) -> None:
        """These have been read for an event."""
        self._found = event.id, events
        if self.wanted is not None and self.wanted.id == event.id:
            self.wanted = None


class Record:
    """Series, events, status and last page of one target; written by one thread, and read in it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.store = MemoryStore()
        self.status = TargetStatus()
        self.page = ""
        self.revision = 0
        """Grows with every change of series and of how scraping goes, so that a reader knows when to look again."""
        self.remarks = 0
        """Grows with every other change of the status, which the header alone shows."""
        self.heard = 0
        """Grows with every event."""
        self.rewritten = 0
        """Grows when samples were written at times long gone."""
        self.events = Newest(EVENTS)
        """From the event database, in the order they arrived."""
        self.past_errors = Newest(ERRORS)
        """Those from before the first of them."""
        self.kin = Kin()
        self.past_told = asyncio.Event()
        """Set once the event database has been read, even if nothing was in it."""
        self.derived = Newest(DERIVED)
        """Worked out from the series, oldest first."""
        self.changed: Callable[[], None] = lambda: None
        """Called when something worth a new frame has landed."""
        self.notice = ""
        """What of the target's events cannot be shown."""
        self.foreign: tuple[Alert, ...] | None = None
        """Alerts that the target's server has raised by rules of its own; None before it was asked."""
        self.followed = False
        """Whether the target's server has been asked for all that it has, even in vain."""
        self.source_notice = ""
        """What else the server says."""
        self._bots: dict[str, None] = {}

    @property
    def notices(self) -> tuple[str, str]:
        """What is to be said of its events, and what its server says."""
        return self.notice, self.source_notice

    @property
    def told(self) -> bool:
        """Whether the event database has been read."""
        return self.past_told.is_set()

    def say(self, **changes: Any) -> bool:
        """Change the status; whether that changed anything."""
        status = replace(self.status, **changes)
        if status == self.status:
            return False
        self.status = status
        if _REMARKS.issuperset(changes):
            self.remarks += 1
        else:
            self.revision += 1
        return True

    def take_events(self, events: Iterable[BotEvent], *, anew: bool = False) -> None:
        """Add what the event database gave, or hold only this."""
        found = tuple(events)
        (self.events.begin if anew else self.events.extend)(found)
        self.meet(event.bot for event in found)
        self.heard += 1
        self.changed()

    def take_past_errors(self, errors: Iterable[BotEvent]) -> None:
        """Add errors from before the events that are kept."""
        self.past_errors.extend(errors)

    def meet(self, bots: Iterable[str]) -> None:
        """Know of these bots in the database from now on."""
        for bot in bots:
            if bot not in self._bots and len(self._bots) < PARTS:
                self._bots[bot] = None
            elif bot not in self._bots and not self.target.bot_id:
                self.notice = (
                    f"{self.target.name}: only the first {PARTS} of its bots are shown: "
                    "bot_id in the configuration names others"
                )

    def holds(self, bot: str) -> bool:
        """Whether a bot of the database, by its id, is one of the record's."""
        return bot == self.target.bot_id if self.target.bot_id else bot in self._bots

    def take_derived(self, events: Iterable[BotEvent]) -> None:
        """Add what was worked out from the series."""
        found = tuple(events)
        self.derived.extend(found)
        self.heard += bool(found)

    def started_at(self) -> int | None:
        """When the bot's process began (ms), as its page says; None where it does not."""
        found = (self.store.latest(labels) for labels in self.store.labels_of("process_start_time_seconds"))
        return max((round(sample.value * SECOND) for sample in found if sample is not None), default=None)

    def parts(self) -> tuple[Part, ...]:
        """The bots that the record holds, the target's own first.

        A metrics page belongs to one bot; a database may name many. With both, the page's bot owns the events that
        carry its name, or all of them where the database knows only one bot.
        """
        target, bots = self.target, tuple(self._bots)
        if target.bot_id:
            return (Part(target.name, target.bot_id),)
        if target.url:
            if len(bots) <= 1:
                return (Part(target.name, None),)
            own = target.name if target.name in bots else ""
            return (Part(target.name, own), *(Part(bot, bot) for bot in bots if bot != own))
        if len(bots) <= 1:
            return (Part(bots[0] if bots and bots[0] else target.name, None),)
        return tuple(Part(bot or target.name, bot) for bot in bots)

    def series(self, part: Part) -> Queryable:
        """The series of one bot."""
        return part.of(self.store)
