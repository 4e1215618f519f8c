"""A store whose table is read page by page: which rows are new, and what happened to the table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice

from tradetop.events.fault import TooMuchError
from tradetop.events.pages import Page, Pages
from tradetop.events.row import Cell, Details, Row, event_of, text_of
from tradetop.events.schema import BOTS_SQL
from tradetop.events.store import PAGE, POLL
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import Clock
from tradetop.model.text import clean

REREAD = 50_000
"""Most rows read again from a table that was replaced."""
BACK = 50_000
"""Rows that are looked through, before an event, for what led to it."""
STRETCH = 5_000
"""So many of them at once."""
KIN = 2_000
"""Most of them that are read."""
MAX_BOTS = 200
"""Most bots that a store names without being read."""
_REMEMBERED = 100_000
_LOWEST = -(2**63)


class PagedStore(ABC):
    """Reads `bot_events` as it grows; what is common to files and servers. One task uses it at a time."""

    def __init__(self, table: Pages, name: str, clock: Clock) -> None:
        """`name` is how the store may be shown."""
        self.behind = False
        """Whether the last read left rows unread."""
        self.poll = POLL
        self._there = table
        self._name = name
        self._clock = clock
        self._last: Row | None = None
        self._oldest: Row | None = None
        self._identities = array("q")
        self._again: frozenset[int] = frozenset()
        self._ids: dict[Cell, None] = {}
        """Ids that have come, the oldest first, where the table itself lets one come twice."""
        self._next = 0
        self._first = 0
        self._moved = False
        """Whether what was read before is known to be another table."""
        self._newest_t: int | None = None
        self._notice = ""

    async def close(self) -> None:
        """Read no more."""
        await self._there.close()

    def take_notice(self) -> str:
        """What happened to the table since the last call, one line for people; "" for nothing."""
        notice, self._notice = self._notice, ""
        return notice

    async def check(self) -> None:
        """Raise EventError where it cannot be read as an event database."""
        async with self._table():
            pass

    async def bots(self) -> tuple[str, ...]:
        """The bots that the table holds, by name; walks the index on bot_id, not the rows."""
        async with self._table() as table:
            found = await self._named(table) if "bot_id" in table.schema.columns else ()
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
        while self._oldest is not None:
            async with self._table() as table:
                where, values = table.schema.beside("<", self._oldest)
                rows, _ = await table.page(where, values, table.schema.backwards, min(limit, PAGE))
            rows.reverse()
            self._oldest = rows[0] if rows else None
            if events := self._events(rows, brief=True):
                return events
        return ()

    async def kin(self, event: BotEvent) -> Sequence[BotEvent]:
        """The events of the same bot and pair in the rows before it, oldest first; what is read next stays the same."""
        if not isinstance(event.written, Details):
            return ()
        row, now = event.written.row, self._clock.now()
        found: list[Row] = []
        async with self._table() as table:
            same, values = _same(table, row)
            async for where, bounds in self._near(table, row):
                try:
                    page = await table.page(where + same, (*bounds, *values), table.schema.backwards, KIN)
                except TooMuchError:
                    break
                found += page.rows
                if len(found) >= KIN:
                    break
        return tuple(event_of(each, now, 0) for each in reversed(found))

    async def _near(self, table: Pages, row: Row) -> AsyncIterator[tuple[str, tuple[Cell, ...]]]:
        """Conditions for the rows that came last before one, from the latest back, each cheap to look through."""
        schema = table.schema
        if row.key is not None:
            for step in range(0, BACK, STRETCH):
                yield f"WHERE {schema.key} < ? AND {schema.key} >= ?", (row.key - step, row.key - step - STRETCH)
            return
        where, values = schema.beside("<", row)
        far = await table.fetch(schema.select(where, schema.backwards, offset=BACK), (*values, 1))
        if far:
            beyond, bound = schema.beside(">", Row(*far[0]))
            where, values = f"{where} AND {beyond.removeprefix('WHERE ')}", (*values, *bound)
        yield where, values

    @abstractmethod
    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows written since the last read, each once and oldest first; `behind` says whether there are more."""

    async def _new(self, table: Pages, limit: int) -> tuple[BotEvent, ...]:
        read = self._by_key if table.schema.key else self._by_time
        rows, self.behind = await read(table, min(limit, PAGE))
        self._last = rows[-1] if rows else self._last
        return self._events([row for row in rows if row.identity not in self._again])

    async def _named(self, table: Pages) -> Sequence[Cell]:
        """The names of all bots, by the names' order."""
        return [row[0] for row in await table.fetch(BOTS_SQL, (MAX_BOTS,))]

    async def _by_key(self, table: Pages, limit: int) -> Page:
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

    async def _resume(self, table: Pages, last: Row) -> int | None:
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
        self._notice = f"{self._name}: replaced or emptied: reading from the start, each event once"
        newest, _ = await table.page("", (), table.schema.backwards, 1)
        return max(_LOWEST, (newest[0].key or 0) - REREAD) if newest else _LOWEST

    async def _by_time(self, table: Pages, limit: int) -> Page:
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

    def _once(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows whose ids have not come before: a batch that is sent again may be written again."""
        if self._there.schema.unique:
            return rows
        fresh = []
        for row in rows:
            known = len(self._ids)
            if row.id is not None:
                self._ids.setdefault(row.id)
            if row.id is None or len(self._ids) > known:
                fresh.append(row)
        for old in list(islice(self._ids, max(0, len(self._ids) - _REMEMBERED))):
            del self._ids[old]
        return fresh

    def _events(self, rows: Sequence[Row], *, brief: bool = False) -> tuple[BotEvent, ...]:
        rows = self._once(rows)
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

    @asynccontextmanager
    async def _table(self) -> AsyncIterator[Pages]:
        """The table for one read."""
        await self._there.look()
        yield self._there


def _same(table: Pages, row: Row) -> tuple[str, tuple[Cell, ...]]:
    """The rest of a condition for rows of the same bot and pair, and its values."""
    cells = [
        (name, cell) for name, cell in (("bot_id", row.bot_id), ("pair", row.pair)) if name in table.schema.columns
    ]
    # With the sign SQLite goes by the rowid, and not by an index of all that the bot ever wrote.
    sign = "+" if table.schema.key else ""
    said = "".join(f" AND {sign}{name} {'IS NULL' if cell is None else '= ?'}" for name, cell in cells)
    return said, tuple(cell for _, cell in cells if cell is not None)
