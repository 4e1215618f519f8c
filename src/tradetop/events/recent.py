"""Which rows near the end of a table have been read, where a time and an id must tell what is new."""

from __future__ import annotations

import json
from bisect import insort
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from tradetop.events.moment import milliseconds
from tradetop.events.row import AHEAD, Cell, Row, text_of
from tradetop.model.clock import MINUTE

OVERLAP = MINUTE
"""How long after its time a row may still appear: a transaction dates it when it begins, and shows it when it ends."""
MOST = 1_000
"""Rows that are remembered by their ids."""
ORDERED = "WHERE created_at IS NOT NULL AND id IS NOT NULL"
"""Rows without these have no place in the order."""
ID = "substr(id::text, 1, 2000)"
_UNREAD = f"{ID} NOT IN (SELECT jsonb_array_elements_text(?::jsonb))"

Condition = tuple[str, tuple[Cell, ...]]


class Recent:
    """The rows that were read last; all that lie in the table's order behind the first of them are among them."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, Row]] = []
        """With their times (ms) and numbers, by which they are in order."""
        self._astray: dict[str, Row] = {}
        """Dated in the future: behind one of them nothing would ever be new."""
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._number = 0

    def take(self, rows: Iterable[Row], now: int) -> None:
        """These have been read at `now` (ms)."""
        for row in rows:
            self._seen[row.identity] = None
            t = milliseconds(row.created_at)
            if t is not None and t > now + AHEAD and len(self._astray) < MOST:
                self._astray[text_of(row.id)] = row
                continue
            self._number += 1
            last = self._rows[-1][0] if self._rows else 0
            insort(self._rows, (last if t is None else t, self._number, row))
        while len(self._seen) > 4 * MOST:
            self._seen.popitem(last=False)
        newest = self._rows[-1][0] if self._rows else 0
        kept = next((i for i, (t, _, _) in enumerate(self._rows) if t >= newest - OVERLAP), 0)
        del self._rows[: max(kept, len(self._rows) - MOST)]

    def knows(self, row: Row) -> bool:
        """Whether it was read lately."""
        return row.identity in self._seen

    def unread(self) -> Condition:
        """The condition for the rows that were not read, and its values."""
        ids = json.dumps([*(text_of(row.id) for _, _, row in self._rows), *self._astray])
        if not self._rows:
            return f"{ORDERED} AND {_UNREAD}", (ids,)
        first = self._rows[0][2]
        return f"WHERE (created_at, id) >= (?, ?) AND {_UNREAD}", (first.created_at, first.id, ids)

    def newest(self, count: int) -> Sequence[Row]:
        """The newest of these rows."""
        return [row for _, _, row in self._rows[-count:]]

    def clear(self) -> None:
        """Nothing of what is there now has been read."""
        self._rows.clear()
        self._astray.clear()
        self._seen.clear()
