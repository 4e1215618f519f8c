"""The tail of a history file: the newest scrapes, which are rows until there are enough of them for a block."""

from __future__ import annotations

import sqlite3
import zlib
from array import array
from collections.abc import Sequence

from tradetop.store import packing, schema

KEPT = 16
"""Scrapes of a group that always stay rows: who only looks at the newest unpacks no block."""
_BACKLOG = 3 * packing.ROWS
"""With more rows than this, as in a file of format 1, every scrape packs `_STEP` blocks instead of one."""
_STEP = 4

Row = tuple[int, int, int | None, bytes | None]
"""Of a scrape: id, time (ms), layout, values."""

_OLDEST = "select id, t, layout, v from scrape where grp = ? order by id limit ?"
_INSERT = "insert into block(id, grp, start, until, n, layout, t, v) values (?, ?, ?, ?, ?, ?, ?, ?)"


class Tail:
    """Knows how many rows each group has, and when it was written last; packs the oldest of them."""

    def __init__(self) -> None:
        self._waiting: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def begin(self, connection: sqlite3.Connection) -> None:
        """Look what a file has."""
        self._waiting, self._last = {}, {}
        for query in (
            "select grp, max(until), 0 from block group by grp",
            "select grp, max(t), count(*) from scrape group by grp",
        ):
            for group, t, count in connection.execute(query):
                self._last[group] = max(t, self._last.get(group, t))
                self._waiting[group] = count

    def is_late(self, group: str, t: int) -> bool:
        """Whether a scrape at `t` (ms) is not later than what the group has: no reader would ever show it."""
        last = self._last.get(group)
        return last is not None and t <= last

    def wrote(self, group: str, t: int) -> None:
        """Count a scrape at `t` (ms) that is in the file."""
        self._waiting[group] = self._waiting.get(group, 0) + 1
        self._last[group] = t

    def steps(self, group: str) -> int:
        """How many blocks are to be packed now."""
        waiting = self._waiting.get(group, 0)
        if waiting <= KEPT + packing.ROWS:
            return 0
        return _STEP if waiting > _BACKLOG else 1

    def pack(self, connection: sqlite3.Connection, group: str) -> int:
        """Make the oldest run of a group's rows a block, in the transaction that is open; how many are no rows now."""
        rows: list[Row] = connection.execute(_OLDEST, (group, packing.ROWS)).fetchall()
        run = _run(connection, rows)
        return _replace(connection, group, run) if run else 0

    def packed(self, group: str, rows: int) -> None:
        """Count rows that are in a block, now that this is in the file; none where others took them."""
        self._waiting[group] = max(0, self._waiting.get(group, 0) - rows) if rows else 0


def _run(connection: sqlite3.Connection, rows: Sequence[Row]) -> list[Row]:
    """The first rows that have one layout, as many as go into a block."""
    if not rows:
        return []
    layout = rows[0][2]
    alike = next((i for i, row in enumerate(rows) if row[2] != layout), len(rows))
    return list(rows[: min(alike, packing.rows_of(_width(connection, layout)))])


def _width(connection: sqlite3.Connection, layout: int | None) -> int:
    """How many series a layout has; 0 for scrapes that failed."""
    row = connection.execute("select length(series) / 4 from layout where id = ?", (layout,)).fetchone()
    return int(row[0]) if row else 0


def _replace(connection: sqlite3.Connection, group: str, run: Sequence[Row]) -> int:
    """Put a block where rows of one layout were; how many these are.

    Rows that are not later than what came before go: a clock that was set back left them, and no reader shows them.
    A row that cannot be read ends the run, and becomes a block as it is: readers go on saying so.
    """
    newest = connection.execute("select until from block where grp = ? order by id desc limit 1", (group,)).fetchone()
    last: int | None = newest[0] if newest else None
    width = _width(connection, run[0][2])
    taken: list[Row] = []
    values: list[array[float]] = []
    done: list[int] = []
    for row in run:
        if last is not None and row[1] <= last:
            done.append(row[0])
            continue
        found = _values(row, width)
        if found is None and taken:
            break
        done.append(row[0])
        taken.append(row)
        last = row[1]
        if found is None:
            break
        values.append(found)
    if taken:
        body = taken[0][3] if not values else packing.pack_columns(_columns(values, width))
        times = packing.pack_times([row[1] for row in taken])
        first, end, layout = taken[0], taken[-1], taken[0][2]
        connection.execute(_INSERT, (end[0], group, first[1], end[1], len(taken), layout, times, body))
    connection.executemany("delete from scrape where id = ?", [(id_,) for id_ in done])
    return len(done)


def _values(row: Row, width: int) -> array[float] | None:
    """What a scrape gave, none of it where it failed; None where it cannot be read."""
    if row[2] is None:
        return array("d")
    try:
        found = schema.unpack_values(row[3] or b"")
    except (zlib.error, ValueError):
        return None
    return found if len(found) == width else None


def _columns(rows: Sequence[array[float]], width: int) -> list[array[float]]:
    flat: array[float] = array("d")
    for row in rows:
        flat.extend(row)
    return [flat[i::width] for i in range(width)]
