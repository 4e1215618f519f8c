"""A bot's event database, read without the bot noticing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tradetop.events.fault import DamagedError, LockedError
from tradetop.events.file import Signature, shown, signature
from tradetop.events.paged import MAX_BOTS, PagedStore
from tradetop.events.pages import Pages
from tradetop.events.row import Cell
from tradetop.events.store import PAGE
from tradetop.events.table import Table
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND, Clock

LOOK = 180
"""How often the file is looked at (ms); while nobody writes, that opens nothing."""
_SETTLED = SECOND
"""How long a file's stamp must have stood before it is trusted: file systems stamp in coarse ticks (ms)."""


class EventDatabase(PagedStore):
    """Reads `bot_events` as it grows; use one for each file.

    Each read opens the file, takes one page and closes it again, so that between reads nothing is locked; a thread
    of its own does that, until `close`.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(Table(path, clock), shown(path), clock)
        self.path = path
        self.poll = LOOK
        self._stamp: Signature | None = None
        self._stamped_at = 0
        self._settled = False
        self._inode = 0
        self._locked_since: int | None = None

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows written since the last read, each once and oldest first; `behind` says whether there are more."""
        stamp, at = signature(self.path), self._clock.monotonic()
        if stamp == self._stamp and (self._settled or at - self._stamped_at < _SETTLED):
            # Of two writes in one tick the second may still hide behind this stamp: it is looked for once, later.
            return ()
        self._moved, self._inode = self._inode not in {0, stamp.inode}, stamp.inode
        async with self._table() as table:
            events = await self._new(table, limit)
        if not self.behind:
            self._settle(stamp, at)
        return events

    async def _named(self, table: Pages) -> Sequence[Cell]:
        # One statement for all needs a recursion, which this connection is not allowed.
        found: list[Cell] = []
        sql = "SELECT substr(bot_id, 1, 2000) FROM bot_events WHERE bot_id > ? ORDER BY bot_id LIMIT 1"
        while len(found) < MAX_BOTS and (rows := await table.fetch(sql, (found[-1] if found else "",))):
            found.append(rows[0][0])
        return found

    def _settle(self, stamp: Signature, at: int) -> None:
        """Remember the file as read to its end; believed once it stood still for longer than a stamp's tick."""
        if stamp != self._stamp:
            self._stamp, self._stamped_at = stamp, at
        self._settled = at - self._stamped_at >= _SETTLED

    @asynccontextmanager
    async def _table(self) -> AsyncIterator[Pages]:
        """The table for one read; faults that go on say since when."""
        try:
            await self._there.look()
            yield self._there
        except LockedError:
            now = self._clock.monotonic()
            self._locked_since = now if self._locked_since is None else self._locked_since
            seconds = (now - self._locked_since) // SECOND
            locked = LockedError(f"{self._name}: locked by another program for {seconds} s; trying again")
            locked.seconds = seconds
            raise locked from None
        except DamagedError as error:
            if self._newest_t is None:
                raise
            last = datetime.fromtimestamp(self._newest_t / SECOND, UTC)
            raise DamagedError(f"{error}; last good event {last:%Y-%m-%d %H:%M:%S} UTC") from None
        self._locked_since = None
