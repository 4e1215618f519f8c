"""Bringing the cache up to date with the bot's database: new rows only, each once, whenever they happened."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tradetop.events.fault import EventError, LockedError
from tradetop.events.file import shown
from tradetop.events.row import Cell, Row
from tradetop.events.table import Table
from tradetop.model.clock import DAY, HOUR, Clock
from tradetop.reports.counts import Counts
from tradetop.reports.curves import keep_curves
from tradetop.reports.facts import told
from tradetop.reports.rollup import Rollup
from tradetop.reports.spans import keep_stage_days, keep_stages
from tradetop.reports.stages import CARRY, Staged, link, staged

PAGE = 2_000
"""Rows of one statement: some milliseconds of reading, after which the bot may write again."""
BATCH = 48_000
"""Rows of one step, which is kept whole or not at all."""
CHUNK = 512
"""Rows that are read again together when an hour of the past gets another event."""
_TRIES, _PAUSE = 60, 0.05
"""How often a page is tried while the bot holds its file, and how long is waited in between (seconds)."""
MOST_REREAD = 128
"""Most such chunks in one step; hours that would need more stay without their stages."""

Progress = Callable[[int, int], None]
"""Is told how many rows have been read, and how many there are at most."""


async def catch_up(
    path: Path, rollup: Rollup, clock: Clock, progress: Progress | None = None, *, batch: int = BATCH
) -> None:
    """Read what the cache does not know yet, a batch of rows at a time; EventError where that cannot be.

    Killed in the middle it goes on, the next time, after the last whole batch.
    """
    table = _Patient(path, clock)
    try:
        await table.look()
        if not table.schema.key:
            raise EventError(f"{shown(path)}: bot_events is WITHOUT ROWID, so new rows cannot be told from known ones")
        with rollup.writing():
            if not await _continues(table, rollup):
                rollup.clear()
        read, more = 0, True
        while more:
            with rollup.writing():
                step = _Step(table, rollup, clock)
                more = await step.take(batch)
                read += step.count
            if progress is not None and more:
                progress(read, await _last_key(table))
    finally:
        await table.close()


class _Patient(Table):
    """Waits a while where the bot is writing, instead of beginning a batch again."""

    async def fetch(self, sql: str, values: Iterable[Cell] = ()) -> list[tuple[Any, ...]]:
        """As `Table.fetch`."""
        for _ in range(_TRIES):
            try:
                return await super().fetch(sql, values)
            except LockedError:
                await asyncio.sleep(_PAUSE)
        return await super().fetch(sql, values)


async def _continues(table: Table, rollup: Rollup) -> bool:
    """Whether the database is the one that the cache was made of: its first and last known rows are as they were."""
    key = table.schema.key
    for name in ("last", "first"):
        at = rollup.get(f"{name}_key")
        if at is None:
            return False
        rows, _ = await table.page(f"WHERE {key} = ?", (at,), key, 1)
        # What the bot has cleared away at the beginning stays counted.
        gone = not rows and name == "first"
        if not gone and not (rows and _digest(rows[0]) == rollup.get(f"{name}_row")):
            return False
    return True


async def _last_key(table: Table) -> int:
    rows, _ = await table.page("", (), table.schema.backwards, 1)
    return rows[0].key or 0 if rows else 0


def _digest(row: Row) -> str:
    return hashlib.blake2b(repr(row[1:9]).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _identity(row: Row) -> int:
    return int.from_bytes(hashlib.blake2b(repr(row.id).encode("utf-8", "surrogatepass"), digest_size=7).digest(), "big")


class _Step:
    """Some rows on their way into the cache."""

    def __init__(self, table: Table, rollup: Rollup, clock: Clock) -> None:
        self._table = table
        self._rollup = rollup
        self._now = clock.now()
        self._before: int | None = rollup.get("last_key")
        """The last row that earlier steps took."""
        self._staged: defaultdict[int, list[Staged]] = defaultdict(list)
        self._old: dict[int, dict[int, list[Staged]]] = {}
        """Stages of chunks that earlier steps took, read again, by their hours."""
        self.count = 0

    async def take(self, batch: int) -> bool:
        """Take the next rows; whether there may be more."""
        counts = Counts()
        key, at, more = self._table.schema.key, self._before, True
        chunks: set[tuple[int, int]] = set()
        while more and self.count < batch:
            where = "" if at is None else f"WHERE {key} > ?"
            rows, more = await self._table.page(where, () if at is None else (at,), key, min(PAGE, batch))
            if not rows:
                break
            self._remember(rows)
            at = rows[-1].key
            self.count += len(rows)
            for event in [told(row, self._now) for row in self._fresh(rows)]:
                counts.add(event)
                if (stage := staged(event)) is not None:
                    self._staged[stage.t // HOUR].append(stage)
                    chunks.add((stage.t // HOUR, event.key // CHUNK))
        counts.write(self._rollup)
        keep_curves(self._rollup, counts.days)
        self._rollup.many("INSERT OR IGNORE INTO chunks VALUES (?, ?)", chunks)
        await self._link_again()
        return more

    def _remember(self, rows: Sequence[Row]) -> None:
        if self._rollup.get("first_key") is None:
            self._rollup.put(first_key=rows[0].key, first_row=_digest(rows[0]))
        self._rollup.put(last_key=rows[-1].key, last_row=_digest(rows[-1]))

    def _fresh(self, rows: Sequence[Row]) -> Iterable[Row]:
        """Rows whose ids have not come before; most tables see to that themselves."""
        if self._table.schema.unique:
            return rows
        return [row for row in rows if row.id is None or self._is_new(_identity(row))]

    def _is_new(self, identity: int) -> bool:
        known = self._rollup.rows("SELECT 1 FROM seen WHERE id = ?", (identity,))
        if not known:
            self._rollup.many("INSERT INTO seen VALUES (?)", [(identity,)])
        return not known

    async def _link_again(self) -> None:
        """Work out the stages of every hour that got a new one, or one shortly before it."""
        dirty = {
            hour for found in self._staged.values() for e in found for hour in (e.t // HOUR, (e.t + CARRY) // HOUR)
        }
        for hour in sorted(dirty):
            known = await self._stages(hour), await self._stages(hour - 1)
            if known[0] is None or known[1] is None:
                self._rollup.many("INSERT OR IGNORE INTO unlinked VALUES (?)", [(hour,)])
                continue
            since = hour * HOUR
            carried = [event for event in known[1] if event.t >= since - CARRY]
            keep_stages(self._rollup, hour, [span for span in link([*carried, *known[0]]) if span.t >= since])
        keep_stage_days(self._rollup, {hour * HOUR // DAY for hour in dirty})

    async def _stages(self, hour: int) -> list[Staged] | None:
        """All stages of an hour; None where too much would have to be read for them."""
        found = list(self._staged.get(hour, ()))
        if self._before is None:
            return found
        for (chunk,) in self._rollup.rows(
            "SELECT chunk FROM chunks WHERE hour = ? AND chunk <= ?", (hour, self._before // CHUNK)
        ):
            if chunk not in self._old and len(self._old) >= MOST_REREAD:
                return None
            found += (await self._chunk(chunk)).get(hour, ())
        return found

    async def _chunk(self, chunk: int) -> dict[int, list[Staged]]:
        if chunk not in self._old:
            rows = await self._again(chunk * CHUNK, min((chunk + 1) * CHUNK - 1, self._before or 0))
            if not self._table.schema.unique:
                rows = list({row.key if row.id is None else row.id: row for row in reversed(rows)}.values())
            by_hour: defaultdict[int, list[Staged]] = defaultdict(list)
            for row in rows:
                if (stage := staged(told(row, self._now))) is not None:
                    by_hour[stage.t // HOUR].append(stage)
            self._old[chunk] = by_hour
        return self._old[chunk]

    async def _again(self, first: int, last: int) -> list[Row]:
        """Rows that earlier steps took, by their keys, both included."""
        key, found, more = self._table.schema.key, list[Row](), True
        while more and first <= last:
            rows, more = await self._table.page(f"WHERE {key} >= ? AND {key} <= ?", (first, last), key, CHUNK)
            found += rows
            first = (rows[-1].key or 0) + 1 if rows else last + 1
        return found
