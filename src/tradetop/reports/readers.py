"""Which rows of a table the cache does not know yet: by their key, or where a table has none, by their ids."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from tradetop.events.fault import EventError, TooMuchError
from tradetop.events.moment import milliseconds
from tradetop.events.pages import Page, Pages
from tradetop.events.recent import ORDERED, OVERLAP
from tradetop.events.row import AHEAD, Cell, Row, text_of
from tradetop.events.schema import CELL_LIMIT
from tradetop.model.clock import Clock
from tradetop.reports.rollup import Rollup

KEYS = 10_000
"""Keys of one statement, where every one has to be looked at."""
_SINGLY = 8
"""Up to so many new rows among those are fetched one by one."""
_OLDEST = -(2**63)


class Reader(ABC):
    """Reads a table once; what it knows lies in the cache and changes with each of its steps, or not at all."""

    def __init__(self, table: Pages, rollup: Rollup, clock: Clock) -> None:
        self.table = table
        self.rollup = rollup
        self.clock = clock

    @abstractmethod
    async def continues(self) -> bool:
        """Whether the table is the one that the cache was made of."""

    @abstractmethod
    async def page(self, limit: int) -> Page:
        """The next rows that are not known, each with a key, and whether there may be more; within `writing`."""

    @abstractmethod
    async def left(self) -> int | None:
        """About how many rows are unread; None where nobody can say."""

    async def _same(self, which: str, where: str) -> bool | None:
        """Whether a row that was remembered is as it was; None where it has gone."""
        rows, _ = await self.table.page(where, (self.rollup.get(f"{which}_key"),), self.table.schema.forwards, 1)
        return _digest(rows[0]) == self.rollup.get(f"{which}_row") if rows else None


class ByKey(Reader):
    """Rows have a key that grows (SQLite's rowid): what is new lies behind the last."""

    async def continues(self) -> bool:
        """As `Reader.continues`: by its first and last known rows; what was cleared away at the beginning may be."""
        if self.rollup.get("last_key") is None:
            return False
        where = f"WHERE {self.table.schema.key} = ?"
        return bool(await self._same("last", where)) and await self._same("first", where) is not False

    async def page(self, limit: int) -> Page:
        """As `Reader.page`."""
        key, at = self.table.schema.key, self.rollup.get("last_key")
        where = "" if at is None else f"WHERE {key} > ?"
        found = await self.table.page(where, () if at is None else (at,), key, limit)
        if rows := found.rows:
            if at is None:
                self.rollup.put(first_key=rows[0].key, first_row=_digest(rows[0]))
            self.rollup.put(last_key=rows[-1].key, last_row=_digest(rows[-1]))
        return found if self.table.schema.unique else Page(self._once(rows), found.more)

    def _once(self, rows: Sequence[Row]) -> list[Row]:
        """Rows whose ids have not come before; most tables see to that themselves."""
        known = known_of(self.rollup, [_identity(row.id) for row in rows if row.id is not None])
        fresh = []
        for row in rows:
            identity = _identity(row.id)
            if row.id is None or identity not in known:
                fresh.append(row)
                known.add(identity)
        _remember(self.rollup, ((_identity(row.id), None, None) for row in fresh if row.id is not None))
        return fresh

    async def left(self) -> int | None:
        """As `Reader.left`: keys are a little sparser than rows at times."""
        first, at, rows = (self.rollup.get(name) for name in ("first_key", "last_key", "rows"))
        newest, _ = await self.table.page("", (), self.table.schema.backwards, 1)
        if at is None or not newest or at == first:
            return None
        return int(((newest[0].key or 0) - at) * rows / (at - first))


class ByIds(Reader):
    """Rows have no key that grows (WITHOUT ROWID, PostgreSQL): they are numbered here, and ids tell which are known.

    All of them are read in the order of the primary key. After that the ids alone are gone through again; or, where
    the server finds them by time, the rows since the last minute that is known.
    """

    def __init__(self, table: Pages, rollup: Rollup, clock: Clock) -> None:
        super().__init__(table, rollup, clock)
        self._key = table.schema.primary
        self._names = ", ".join(self._key)
        self._by_time = bool(table.schema.cast)
        # Killed in the middle, the keys before are gone through once more: rows may have come between them.
        self._once_more = not self._by_time and self._cursor() is not None
        self._cells: dict[int, tuple[Cell, ...]] = {}
        """The primary keys of new rows as the table has them: a row's own cells are texts."""
        self._began: str | None = None
        """Where this reading by time begins."""
        self._behind: Row | None = None
        """The last row of it."""

    async def continues(self) -> bool:
        """As `Reader.continues`: by the newest row that is known."""
        cells = [self.rollup.get(f"last_{name}") for name in self._key]
        if None in cells:
            return False
        where = f"WHERE ({self._names}) = ({', '.join('?' * len(self._key))})"
        rows, _ = await self.table.page(where, cells, self._names, 1)
        return bool(rows) and _digest(rows[0]) == self.rollup.get("last_row")

    async def page(self, limit: int) -> Page:
        """As `Reader.page`."""
        if self._by_time and self.rollup.get("walked"):
            found = await self._since(limit)
        else:
            found = await self._walk(limit)
        number = self.rollup.get("number") or 0
        rows = [row._replace(key=number + i) for i, row in enumerate(found.rows, 1)]
        self.rollup.put(number=number + len(rows))
        self._keep_newest(rows)
        return Page(rows, found.more)

    async def left(self) -> int | None:
        """None: counting would take as long as reading."""
        return None

    async def _walk(self, limit: int) -> Page:
        """The rows that are new among the next keys in their order."""
        if self._by_time and self.rollup.get("since") is None:
            await self._mark()
        at, size = self._cursor(), len(self._key)
        where = f"WHERE ({self._names}) > ({', '.join('?' * size)})" if at is not None else ""
        keys, more = await self._keys(where, at or (), KEYS if self.rollup.get("walked") else limit)
        if more:
            self.rollup.put(**{f"at_{n}": _kept(cell) for n, cell in zip(self._key, keys[-1], strict=False)})
        else:
            self.rollup.put(**dict.fromkeys([f"at_{name}" for name in self._key]), walked=1)
        every = {_identity(key[size:]): key[:size] for key in keys}
        known = known_of(self.rollup, [*every])
        self._cells = {identity: cells for identity, cells in every.items() if identity not in known}
        found = await self._rows([*self._cells.values()])
        rows = {identity: row for row in found if (identity := _identity(self._of(row))) not in known}
        self._know(rows.values(), every=not self._by_time)
        # By time come those that were written meanwhile.
        more, self._once_more = more or self._by_time or self._once_more, self._once_more and more
        return Page([*rows.values()], more)

    def _cursor(self) -> list[Cell] | None:
        """The primary key at which the walk stands; None at its beginning."""
        cells = [self.rollup.get(f"at_{name}") for name in self._key]
        return None if None in cells else cells

    async def _keys(self, where: str, at: Sequence[Cell], limit: int) -> tuple[list[tuple[Cell, ...]], bool]:
        cut = ", ".join(f"substr({name}{self.table.schema.cast}, 1, {CELL_LIMIT})" for name in self._key)
        sql = f"SELECT {self._names}, {cut} FROM bot_events {where} ORDER BY {self._names} LIMIT ?"  # noqa: S608
        while True:
            try:
                found = await self.table.fetch(sql, (*at, limit))
                if any(len(row) != 2 * len(self._key) for row in found):
                    raise EventError("bot_events: the keys that were asked for do not come; is it that database?")
                return found, len(found) == limit
            except TooMuchError:
                if limit == 1:
                    raise
                limit = max(1, limit // 8)

    async def _rows(self, keys: Sequence[tuple[Cell, ...]]) -> list[Row]:
        """The rows of some keys, and maybe more that lie between them."""
        marks, found = f"({', '.join('?' * len(self._key))})", list[Row]()
        if len(keys) <= _SINGLY:
            for key in keys:
                found += (await self.table.page(f"WHERE ({self._names}) = {marks}", key, self._names, 1)).rows
            return found
        values, more, sign = (*keys[0], *keys[-1]), True, ">="
        while more:
            where = f"WHERE ({self._names}) {sign} {marks} AND ({self._names}) <= {marks}"
            rows, more = await self.table.page(where, values, self._names, len(keys) + 1)
            found += rows
            more, sign = more and len(rows) > 0, ">"
            if more:
                last = self._cells.get(_identity(self._of(rows[-1])), self._of(rows[-1]))
                values = (*last, *keys[-1])
        return found

    async def _mark(self) -> None:
        """Remember how far the table goes now: what is written while it is walked through comes later."""
        rows, _ = await self.table.page(ORDERED, (), self.table.schema.backwards, 1_000)
        now = self.clock.now()
        times = [(t, row) for row in rows if (t := milliseconds(row.created_at)) is not None and t <= now + AHEAD]
        newest = max((t for t, _ in times), default=0)
        since = min((one for one in times if one[0] >= newest - OVERLAP), default=None, key=lambda one: one[0])
        self.rollup.put(since=text_of(since[1].created_at) if since else "", since_t=since[0] if since else _OLDEST)

    async def _since(self, limit: int) -> Page:
        """The rows that are new among those of the last minute that is known, and after it."""
        since, order = self.rollup.get("since"), self.table.schema.forwards
        if since != self._began:
            # Another process has read on, and knows the rows before no longer by their ids.
            self._began, self._behind = since, None
        if self._behind is not None:
            where, values = self.table.schema.beside(">", self._behind)
        else:
            where, values = ("WHERE created_at >= ? AND id IS NOT NULL", (since,)) if since else (ORDERED, ())
        rows, more = await self.table.page(where, values, order, limit)
        self._behind = rows[-1] if rows else self._behind
        known = known_of(self.rollup, [_identity(self._of(row)) for row in rows])
        fresh = list({identity: row for row in rows if (identity := _identity(self._of(row))) not in known}.values())
        self._know(fresh, every=False)
        if not more:
            self._move_on()
        return Page(fresh, more)

    def _know(self, rows: Iterable[Row], *, every: bool) -> None:
        """Remember their ids: of all, or of those that will be read again."""
        since, now = self.rollup.get("since_t") or _OLDEST, self.clock.now()
        kept = []
        for row in rows:
            t = None if every else milliseconds(row.created_at)
            # One dated ahead of the clock stays known, and moves nothing.
            t = None if t is not None and t > now + AHEAD else t
            if every or t is None or t >= since:
                kept.append((_identity(self._of(row)), t, text_of(row.created_at)))
        _remember(self.rollup, kept)

    def _move_on(self) -> None:
        """Let the last minute begin where it does now."""
        newest = self.rollup.rows("SELECT MAX(t) FROM seen")[0][0]
        if newest is not None:
            self.rollup.many("DELETE FROM seen WHERE t < ?", [(newest - OVERLAP,)])
            t, at = self.rollup.rows("SELECT t, at FROM seen WHERE t IS NOT NULL ORDER BY t LIMIT 1")[0]
            self.rollup.put(since=at, since_t=t)

    def _keep_newest(self, rows: Iterable[Row]) -> None:
        """Remember the newest row, as the proof that the table is the same next time."""
        newest, found = self.rollup.get("newest"), None
        for row in rows:
            t = milliseconds(row.created_at) or _OLDEST
            if newest is None or t >= newest:
                newest, found = t, row
        if found is not None:
            cells = self._cells.get(_identity(self._of(found)), self._of(found))
            proof = {f"last_{name}": _kept(cell) for name, cell in zip(self._key, cells, strict=True)}
            self.rollup.put(newest=newest, last_row=_digest(found), **proof)

    def _of(self, row: Row) -> tuple[Cell, ...]:
        return tuple(getattr(row, name) for name in self._key)


def known_of(rollup: Rollup, identities: Sequence[int]) -> set[int]:
    """Which of these the cache knows."""
    sql = "SELECT id FROM seen WHERE id IN (SELECT value FROM json_each(?))"
    return {identity for (identity,) in rollup.rows(sql, (json.dumps(identities),))}


def _remember(rollup: Rollup, rows: Iterable[tuple[int, int | None, str | None]]) -> None:
    rollup.many("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", rows)


def _digest(row: Row) -> str:
    return hashlib.blake2b(repr(row[1:9]).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _identity(cells: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(cells).encode("utf-8", "surrogatepass"), digest_size=7).digest(), "big")


def _kept(cell: object) -> Cell:
    return cell if isinstance(cell, str | bytes | int | float) else str(cell)
