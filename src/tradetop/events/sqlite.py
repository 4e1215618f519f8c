"""A bot's event database, read without the bot noticing."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tradetop.events.fault import DamagedError, LockedError
from tradetop.events.file import Signature, shown, signature
from tradetop.events.row import Cell, Row, event_of, text_of
from tradetop.events.store import PAGE
from tradetop.events.table import Page, Table
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND, Clock
from tradetop.model.text import clean

REREAD = 50_000
"""Most rows read again from a database that was replaced."""
LOOK = 150
"""How often the file is looked at (ms); while nobody writes, that opens nothing."""
_REMEMBERED = 100_000
_SETTLED = 100
"""How long a file's stamp must have stood before it is trusted: file systems stamp in coarse ticks (ms)."""
_LOWEST = -(2**63)
_MAX_BOTS = 200


class EventDatabase:
    """Reads `bot_events` as it grows; use one for each file.

    Each read opens the file, takes one page and closes it again, so that between reads nothing is locked; a thread
    of its own does that, until `close`.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.behind = False
        """Whether the last read left rows unread."""
        self.poll = LOOK
        self._clock = clock
        self._there = Table(path, clock)
        self._last: Row | None = None
        self._oldest: Row | None = None
        self._identities = array("q")
        self._again: frozenset[int] = frozenset()
        self._next = 0
        self._first = 0
        self._stamp: Signature | None = None
        self._stamped_at = 0
        self._settled = False
        self._inode = 0
        self._moved = False
        self._locked_since: int | None = None
        self._newest_t: int | None = None
        self._notice = ""

    async def close(self) -> None:
        """Read no more."""
        await self._there.close()

    def take_notice(self) -> str:
        """What happened to the database since the last call, one line for people; "" for nothing."""
        notice, self._notice = self._notice, ""
        return notice

    async def check(self) -> None:
        """Raise EventError where the file cannot be read as an event database."""
        async with self._table():
            pass

    async def bots(self) -> tuple[str, ...]:
        """The bots that the database holds, by name; walks the index on bot_id, not the rows."""
        found: list[Cell] = []
        async with self._table() as table:
            if "bot_id" not in table.schema.columns:
                return ()
            sql = "SELECT substr(bot_id, 1, 2000) FROM bot_events WHERE bot_id > ? ORDER BY bot_id LIMIT 1"
            while len(found) < _MAX_BOTS and (rows := await table.fetch(sql, (found[-1] if found else "",))):
                found.append(rows[0][0])
        return tuple(clean(text_of(name).strip(), 120) for name in found)

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The newest rows, oldest first; `read_new` goes on after them and `older` before them."""
        async with self._table() as table:
            rows, _ = await table.page("", (), table.schema.backwards, min(limit, PAGE))
        rows.reverse()
        self._last, self._oldest = (rows[-1], rows[0]) if rows else (None, None)
        return self._events(rows)

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows before the oldest one read so far, oldest first and brief; none when there are no more."""
        if self._oldest is None:
            return ()
        async with self._table() as table:
            where, values = table.schema.beside("<", self._oldest)
            rows, _ = await table.page(where, values, table.schema.backwards, min(limit, PAGE))
        rows.reverse()
        self._oldest = rows[0] if rows else None
        return self._events(rows, brief=True)

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows written since the last read, each once and oldest first; `behind` says whether there are more."""
        stamp, at = signature(self.path), self._clock.monotonic()
        if stamp == self._stamp and self._settled:
            return ()
        self._moved, self._inode = self._inode not in {0, stamp.inode}, stamp.inode
        async with self._table() as table:
            read = self._by_key if table.schema.key else self._by_time
            rows, self.behind = await read(table, min(limit, PAGE))
        self._last = rows[-1] if rows else self._last
        if not self.behind:
            self._settle(stamp, at)
        return self._events([row for row in rows if row.identity not in self._again])

    async def _by_key(self, table: Table, limit: int) -> Page:
        """Rows after the last one by rowid; that one is looked at again, to see that it is still there."""
        key, last = table.schema.key, self._last
        if last is None:
            return await table.page("", (), key, limit)
        rows, more = await table.page(f"WHERE {key} >= ?", (last.key,), key, limit + 1)
        there = bool(rows) and rows[0].key == last.key and rows[0].identity == last.identity
        if there and (rows[1:] or not more):
            return Page(rows[1:], more)
        after = last.key if there else await self._resume(table, last)
        return await table.page(f"WHERE {key} > ?", (after,), key, limit)

    async def _resume(self, table: Table, last: Row) -> int | None:
        """The rowid to go on after when the last row is no longer where it was."""
        key = table.schema.key
        if last.id is not None:
            # VACUUM may number the rows anew.
            found, _ = await table.page("WHERE id = ?", (last.id,), key, 1)
            if found and found[0].identity == last.identity:
                return found[0].key
        known = frozenset(self._identities)
        before, _ = await table.page(f"WHERE {key} < ?", (last.key,), f"{key} DESC", 1)
        if before and before[0].identity in known and not self._moved:
            return last.key
        self._again = known
        self._last = None
        self._notice = f"{shown(self.path)}: replaced or emptied: reading from the start, each event once"
        newest, _ = await table.page("", (), table.schema.backwards, 1)
        return max(_LOWEST, (newest[0].key or 0) - REREAD) if newest else _LOWEST

    async def _by_time(self, table: Table, limit: int) -> Page:
        """Rows of a table WITHOUT ROWID: created_at counts whole seconds, so the last second is read again."""
        order, last = table.schema.forwards, self._last
        self._again = frozenset(self._identities)
        if last is None or last.created_at is None:
            page = await table.page("", (), order, limit)
        else:
            page = await table.page("WHERE created_at >= ?", (last.created_at,), order, limit)
        while page.more and all(row.identity in self._again for row in page.rows):
            page = await table.page(*table.schema.beside(">", page.rows[-1]), order, limit)
        return page

    def _events(self, rows: Sequence[Row], *, brief: bool = False) -> tuple[BotEvent, ...]:
        now, first = self._clock.now(), self._first - len(rows) if brief else self._next
        if brief:
            self._first = first
        else:
            self._next += len(rows)
        self._identities.extend(row.identity for row in rows)
        del self._identities[: max(0, len(self._identities) - _REMEMBERED)]
        events = tuple(event_of(row, now, first + i, brief=brief) for i, row in enumerate(rows))
        self._newest_t = max((event.t for event in events), default=self._newest_t)
        return events

    def _settle(self, stamp: Signature, at: int) -> None:
        """Remember the file as read to its end; believed once it stood still for longer than a stamp's tick."""
        if stamp != self._stamp:
            self._stamp, self._stamped_at = stamp, at
        self._settled = at - self._stamped_at >= _SETTLED

    @asynccontextmanager
    async def _table(self) -> AsyncIterator[Table]:
        """The table for one read; faults that go on say since when."""
        try:
            await self._there.look()
            yield self._there
        except LockedError:
            now = self._clock.monotonic()
            self._locked_since = now if self._locked_since is None else self._locked_since
            seconds = (now - self._locked_since) // SECOND
            locked = LockedError(f"{shown(self.path)}: locked by another program for {seconds} s; trying again")
            locked.seconds = seconds
            raise locked from None
        except DamagedError as error:
            if self._newest_t is None:
                raise
            last = datetime.fromtimestamp(self._newest_t / SECOND, UTC)
            raise DamagedError(f"{error}; last good event {last:%Y-%m-%d %H:%M:%S} UTC") from None
        self._locked_since = None
