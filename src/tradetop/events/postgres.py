"""PostgreSQL, and what speaks its language: a table that is followed by time and id."""

from __future__ import annotations

from tradetop.events.paged import REREAD, PagedStore
from tradetop.events.pages import Pages
from tradetop.events.pgtable import PostgresTable
from tradetop.events.recent import ORDERED, Recent
from tradetop.events.row import Row
from tradetop.events.store import PAGE
from tradetop.model.address import shown
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND, Clock
from tradetop.model.target import Auth

SHARE = 20
"""For each moment that a look took, this many pass before the next: reading must not be the server's work."""
_LONGEST = 30 * SECOND
_PROOFS = 5
"""Rows of which one at least must still be there."""


class PostgresStore(PagedStore):
    """Reads `bot_events` of a PostgreSQL database as it grows.

    A row's place in the order is `(created_at, id)`, and rows may appear before the last one that was read: theirs
    was a longer transaction. So the last minute is asked for again, less the rows that were read.
    """

    def __init__(self, address: str, clock: Clock, auth: Auth) -> None:
        super().__init__(PostgresTable(address, auth), shown(address), clock)
        self._recent = Recent()
        self._table_id = ""
        self._due = 0

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The newest rows, oldest first; `read_new` goes on after them and `older` before them."""
        async with self._table() as table:
            rows, _ = await table.page(ORDERED, (), table.schema.backwards, min(limit, PAGE))
        rows.reverse()
        self._oldest = rows[0] if rows else None
        self._recent.take(rows, self._clock.now())
        return self._events(rows)

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows written since the last read, each once; `behind` says whether there are more."""
        started = self._clock.monotonic()
        if started < self._due and not self.behind:
            return ()
        async with self._table() as table:
            if await self._replaced(table):
                await self._restart(table)
            where, values = self._recent.unread()
            rows, more = await table.page(where, values, table.schema.forwards, min(limit, PAGE))
        fresh = [row for row in rows if not self._recent.knows(row)]
        self._recent.take(rows, self._clock.now())
        # Where none of a page was new, asking again at once would give the same page.
        self.behind = more and bool(fresh)
        ended = self._clock.monotonic()
        self._due = ended + min(_LONGEST, SHARE * (ended - started))
        return self._events([row for row in fresh if row.identity not in self._again])

    async def _replaced(self, table: Pages) -> bool:
        """Whether it is another table than the one that was read, or has lost all of its newest rows."""
        proofs = self._recent.newest(_PROOFS)
        any_of = " OR ".join(["(id = ? AND created_at = ?)"] * len(proofs))
        there = f"EXISTS (SELECT 1 FROM bot_events WHERE {any_of})" if proofs else "true"  # noqa: S608
        values = [cell for row in proofs for cell in (row.id, row.created_at)]
        ((found, kept),) = await table.fetch(f"SELECT to_regclass('bot_events')::oid::text, {there}", values)
        known, self._table_id = self._table_id, str(found)
        return not kept or known not in {"", self._table_id}

    async def _restart(self, table: Pages) -> None:
        """Read from the start, or from so far back as is read again."""
        self._again = frozenset(self._identities)
        self._recent.clear()
        self._notice = f"{self._name}: replaced or emptied: reading from the start, each event once"
        order = table.schema.backwards
        rows = await table.fetch(table.schema.select(ORDERED, order, offset=REREAD), (1,))
        self._recent.take([Row(*row) for row in rows], self._clock.now())
