"""Pages of rows that cost little, whatever the rows hold and wherever the table lies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tradetop.events.fault import TooMuchError
from tradetop.events.row import Cell, Row
from tradetop.events.schema import Schema

_NOTHING = frozenset[str]()
_LEAVE_OUT = (_NOTHING, frozenset({"metadata"}))
_ALL = frozenset({"metadata", "pair", "strategy", "bot_id", "event_type"})
"""What a single row that is too large is read without, at last."""


class Page(NamedTuple):
    """Some rows in order, and whether there may be more."""

    rows: list[Row]
    more: bool


class Pages(ABC):
    """`bot_events` as a store has it; every method is one short statement, or a few, and may raise EventError."""

    @property
    def schema(self) -> Schema:
        """The schema that the last look found."""
        if self._seen is None:
            raise LookupError("nobody has looked at the table yet")
        return self._seen

    @property
    @abstractmethod
    def _seen(self) -> Schema | None:
        """The same; None before anybody has looked."""

    @abstractmethod
    async def look(self) -> None:
        """See that the table is there and what it looks like; EventError says why it cannot be read."""

    @abstractmethod
    async def fetch(self, sql: str, values: Iterable[Cell] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement, `?` in it for each value."""

    @abstractmethod
    async def close(self) -> None:
        """Read no more."""

    async def page(self, where: str, values: Sequence[Cell], order: str, limit: int) -> Page:
        """At most `limit` rows; fewer where all of them would take too long."""
        while limit > 1:
            try:
                return await self._rows(where, values, order, limit)
            except TooMuchError:
                limit = max(1, limit // 8)
        for leave_out in _LEAVE_OUT:
            try:
                return await self._rows(where, values, order, 1, leave_out)
            except TooMuchError:
                continue
        return await self._rows(where, values, order, 1, _ALL)

    async def _rows(
        self, where: str, values: Sequence[Cell], order: str, limit: int, leave_out: frozenset[str] = _NOTHING
    ) -> Page:
        sql = self.schema.select(where, order, leave_out=leave_out)
        rows = [Row(*row) for row in await self.fetch(sql, (*values, limit))]
        return Page(rows, len(rows) == limit)
