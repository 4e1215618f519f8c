"""Bringing the cache up to date with the bot's database: new rows only, each once, whenever they happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tradetop.events.categorise import Categories
from tradetop.events.fault import EventError, LockedError, UnreachableError
from tradetop.events.pages import Pages
from tradetop.events.row import Cell
from tradetop.events.schema import Schema
from tradetop.model.clock import Clock
from tradetop.reports.counts import Counts
from tradetop.reports.facts import told
from tradetop.reports.linking import FromCache, FromTable, Linking, relink, unlinked
from tradetop.reports.readers import ByIds, ByKey, Reader
from tradetop.reports.rollup import Rollup
from tradetop.reports.trades import settle, unsettled

PAGE = 2_000
"""Rows of one statement: some milliseconds of reading, after which the bot may write again."""
BATCH = 48_000
"""Rows of one step, which is kept whole or not at all."""
_USUAL = Categories()
_TRIES, _PAUSE = 60, 0.05
"""How often a page is tried while the bot holds its file, and how long is waited in between (seconds)."""
_CALLS, _REST = 4, 0.5
"""How often a server is asked that does not answer, and how long is waited in between (seconds)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of a database is."""

    read: int
    """Rows that are known, those of earlier readings too."""
    left: int | None
    """About how many are not; None where nobody can say."""
    ms: int | None
    """About how long that takes; None as yet."""
    days: int = 0
    """When all is read: how many days are to be added up."""


Watch = Callable[[Progress], None]
"""Is told after each step."""


async def catch_up(
    table: Pages,
    name: str,
    rollup: Rollup,
    clock: Clock,
    watch: Watch | None = None,
    *,
    batch: int = BATCH,
    categories: Categories = _USUAL,
) -> None:
    """Read what the cache does not know yet, a batch of rows at a time; EventError where that cannot be.

    `name` is how the database may be shown. Where the errors that are known were put into other `categories`, all is
    read again. Killed in the middle it goes on, the next time, after the last whole batch. The table is closed at the
    end.
    """
    patient = _Patient(table)
    try:
        await patient.look()
        if not patient.schema.key and not patient.schema.primary:
            raise EventError(f"{name}: bot_events is WITHOUT ROWID, so new rows cannot be told from known ones")
        reader = (ByKey if patient.schema.key else ByIds)(patient, rollup, clock)
        with rollup.writing():
            if rollup.get("categories") != categories.identity or not await reader.continues():
                rollup.clear()
                rollup.put(categories=categories.identity)
        await _read(reader, rollup, watch, batch, categories)
    finally:
        await patient.close()


async def _read(reader: Reader, rollup: Rollup, watch: Watch | None, batch: int, categories: Categories) -> None:
    started, before, more = reader.clock.monotonic(), rollup.get("rows") or 0, True
    while more:
        with rollup.writing():
            more = await _step(reader, rollup, batch, categories)
        if watch is not None and more:
            read, left = rollup.get("rows") or 0, await reader.left()
            took = reader.clock.monotonic() - started
            watch(Progress(read, left, None if left is None or read == before else took * left // (read - before)))
    for waiting, work in ((unlinked, relink), (unsettled, settle)):
        while number := waiting(rollup):
            if watch is not None and number > 1:
                watch(Progress(rollup.get("rows") or 0, 0, None, number if work is settle else -(-number // 24)))
            with rollup.writing():
                work(rollup)
            # Whoever wants it to stop is heard here.
            await asyncio.sleep(0)


async def _step(reader: Reader, rollup: Rollup, batch: int, categories: Categories) -> bool:
    """Take the next rows; whether there may be more."""
    now, counts = reader.clock.now(), Counts()
    by_key = isinstance(reader, ByKey)
    linking: Linking = FromTable(rollup, reader.table, now) if by_key else FromCache(rollup)
    count, more = 0, True
    while more and count < batch:
        rows, more = await reader.page(min(PAGE, batch))
        count += len(rows)
        for row in rows:
            event = told(row, now, categories)
            counts.add(event)
            linking.add(event)
    counts.write(rollup)
    await linking.keep()
    rollup.put(rows=(rollup.get("rows") or 0) + count)
    return more


class _Patient(Pages):
    """Waits a while where the bot is writing or a server does not answer, instead of beginning a batch again."""

    def __init__(self, table: Pages) -> None:
        self._table = table

    @property
    def _seen(self) -> Schema | None:
        return self._table._seen

    async def look(self) -> None:
        """As `Pages.look`."""
        await self._tried(self._table.look)

    async def fetch(self, sql: str, values: Iterable[Cell] = ()) -> list[tuple[Any, ...]]:
        """As `Pages.fetch`."""
        kept = tuple(values)
        found: list[tuple[Any, ...]] = await self._tried(lambda: self._table.fetch(sql, kept))
        return found

    async def close(self) -> None:
        """As `Pages.close`."""
        await self._table.close()

    async def _tried(self, what: Callable[[], Any]) -> Any:
        locked, away = 0, 0
        while True:
            try:
                return await what()
            except LockedError:
                locked += 1
                if locked > _TRIES:
                    raise
                await asyncio.sleep(_PAUSE)
            except UnreachableError:
                away += 1
                if away >= _CALLS:
                    raise
                await asyncio.sleep(_REST)
