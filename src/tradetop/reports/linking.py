"""Keeping stages: each hour's are linked anew whenever it gets an event, whatever has come of it before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict

from tradetop.events.pages import Pages
from tradetop.events.row import Row
from tradetop.model.clock import DAY, HOUR
from tradetop.reports.facts import Told, told
from tradetop.reports.rollup import Rollup
from tradetop.reports.spans import keep_stage_days, keep_stages
from tradetop.reports.stages import CARRY, Staged, link, staged

CHUNK = 512
"""Rows that are read again together when an hour of the past gets another event."""
MOST_REREAD = 128
"""Most such chunks in one step; hours that would need more stay without their stages."""
STEP = 200
"""Hours that are linked together where stages are kept."""


class Linking(ABC):
    """The stages of one step's events."""

    def __init__(self, rollup: Rollup) -> None:
        self._rollup = rollup
        self._staged: defaultdict[int, list[Staged]] = defaultdict(list)

    def add(self, event: Told) -> None:
        """Take one event."""
        if (stage := staged(event)) is not None:
            self._staged[stage.t // HOUR].append(stage)

    @abstractmethod
    async def keep(self) -> None:
        """Keep what has been taken; within `writing`."""

    def _dirty(self) -> set[int]:
        """Every hour that got a stage, or one shortly before it."""
        return {hour for found in self._staged.values() for e in found for hour in (e.t // HOUR, (e.t + CARRY) // HOUR)}


class FromTable(Linking):
    """Stages of earlier steps are read again from the table, by the keys of their rows."""

    def __init__(self, rollup: Rollup, table: Pages, now: int) -> None:
        super().__init__(rollup)
        self._table = table
        self._now = now
        self._before: int | None = rollup.get("last_key")
        """The last row that earlier steps took."""
        self._old: dict[int, dict[int, list[Staged]]] = {}
        """Stages of chunks that earlier steps took, read again, by their hours."""

    async def keep(self) -> None:
        """As `Linking.keep`."""
        chunks = {(hour, stage.key // CHUNK) for hour, found in self._staged.items() for stage in found}
        self._rollup.many("INSERT OR IGNORE INTO chunks VALUES (?, ?)", chunks)
        dirty = self._dirty()
        for hour in sorted(dirty):
            known = await self._stages(hour), await self._stages(hour - 1)
            if known[0] is None or known[1] is None:
                self._rollup.many("INSERT OR IGNORE INTO unlinked VALUES (?)", [(hour,)])
                continue
            _keep(self._rollup, hour, known[1], known[0])
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


class FromCache(Linking):
    """Stages are kept where the table cannot give them again, and linked when everything has been read."""

    async def keep(self) -> None:
        """As `Linking.keep`."""
        n = self._rollup.number
        self._rollup.many(
            "INSERT OR IGNORE INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (hour, e.key, e.t, e.order, n(e.bot), n(e.mode), n(e.strategy), n(e.pair), "\n".join(e.ids))
                for hour, found in self._staged.items()
                for e in found
            ],
        )
        self._rollup.many("INSERT OR IGNORE INTO relink VALUES (?)", [(hour,) for hour in self._dirty()])


def unlinked(rollup: Rollup) -> int:
    """How many hours of kept stages have to be linked."""
    return int(rollup.rows("SELECT COUNT(*) FROM relink")[0][0])


def relink(rollup: Rollup) -> None:
    """Link some hours, the first ones first; within `writing`."""
    hours = [hour for (hour,) in rollup.rows("SELECT hour FROM relink ORDER BY hour LIMIT ?", (STEP,))]
    before: tuple[int, list[Staged]] = (-1, [])
    for hour in hours:
        earlier = before[1] if before[0] == hour - 1 else _kept(rollup, hour - 1)
        before = hour, _kept(rollup, hour)
        _keep(rollup, hour, earlier, before[1])
    keep_stage_days(rollup, {hour * HOUR // DAY for hour in hours})
    rollup.many("DELETE FROM relink WHERE hour = ?", [(hour,) for hour in hours])


def _kept(rollup: Rollup, hour: int) -> list[Staged]:
    rows = rollup.rows("SELECT t, place, key, bot, mode, strategy, pair, ids FROM staged WHERE hour = ?", (hour,))
    names = rollup.texts({number for row in rows for number in row[3:7]})
    return [
        Staged(t, place, key, names[bot], names[mode], names[strategy], names[pair], tuple(ids.split("\n")))
        for t, place, key, bot, mode, strategy, pair, ids in rows
    ]


def _keep(rollup: Rollup, hour: int, earlier: list[Staged], events: list[Staged]) -> None:
    since = hour * HOUR
    carried = [event for event in earlier if event.t >= since - CARRY]
    keep_stages(rollup, hour, [span for span in link([*carried, *events]) if span.t >= since])
