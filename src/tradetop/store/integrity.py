"""Integrity: whether everything in a history file can be read, and saving what can be."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradetop.model.labels import Labels
from tradetop.model.text import clean
from tradetop.store import packing, schema
from tradetop.store.imported import unpacked
from tradetop.store.statements import create, transaction

SHOWN = 10
"""Problems that are named; the others are counted."""
_FARTHEST = 2**62
_BATCH = 500
FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged file may raise: even the messages about it may be no text."""

Row = tuple[Any, ...]

_COLUMNS = {
    "series": "id, labels",
    "layout": "id, series",
    "scrape": "id, grp, t, layout, v",
    "block": "id, grp, start, until, n, layout, t, v",
    "imported": "id, series, start, until, n, t, v",
}
_PLAIN = {"target": "id, first_seen", "metadata": "name, type, help, unit", "status": "id, body", "page": "id, body"}


@dataclass(slots=True)
class Found:
    """What is in a file; times in ms."""

    version: int = 0
    scrapes: int = 0
    series: int = 0
    imported: int = 0
    """Samples that were imported."""
    start: int | None = None
    end: int | None = None
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0
    lost: int = 0
    """Scrapes that cannot be read, as far as it is known that they were there."""
    newer: bool = False
    """A newer version wrote it: nothing else is known of it."""

    def problem(self, text: str) -> None:
        """Note what is wrong."""
        self.problem_count += 1
        if len(self.problems) < SHOWN and text not in self.problems:
            self.problems.append(text)

    def span(self, start: int, end: int) -> None:
        """Note that something is from `start` to `end`."""
        self.start = start if self.start is None else min(self.start, start)
        self.end = end if self.end is None else max(self.end, end)


def _untouched(path: Path) -> str:
    """A file to be read so that nothing appears beside it, where nobody has it open: even readers make files there."""
    closed = not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' * closed}"


def is_foreign(path: Path) -> bool:
    """Whether a file is somebody else's database: it can be read, and has tables, but none of a history's own."""
    connection = sqlite3.connect(_untouched(path), uri=True)
    try:
        tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    except FAULTS:
        return False
    finally:
        connection.close()
    return bool(tables) and tables.isdisjoint({"scrape", "layout"})


def check(path: Path) -> Found:
    """Read everything in a file and write nothing; what is wrong is in `problems`."""
    return _walk(path, lambda _table, _row: None)


def salvage(path: Path, into: Path) -> Found:
    """Copy all that can be read of a file into a new one, under the same ids. OSError, sqlite3.Error of the new one."""
    into.unlink(missing_ok=True)
    target = sqlite3.connect(into, isolation_level=None)
    try:
        create(target)
        into.chmod(0o600)
        with transaction(target):
            found = _walk(path, lambda table, row: _copy(target, table, row))
    finally:
        target.close()
    return found


def _copy(target: sqlite3.Connection, table: str, row: Row) -> None:
    marks = ", ".join("?" * len(row))
    target.execute(f"insert or ignore into {table}({(_COLUMNS | _PLAIN)[table]}) values ({marks})", row)  # noqa: S608 - ours


def _walk(path: Path, take: Callable[[str, Row], None]) -> Found:
    """Give every row that can be read, and be understood, to `take`."""
    found = Found()
    connection = sqlite3.connect(_untouched(path), uri=True, isolation_level=None)
    try:
        found.version = schema.check_version(connection)
        connection.execute("begin")  # What its recorder packs meanwhile would else be neither here nor there.
        for (line,) in connection.execute(f"pragma integrity_check({SHOWN})"):
            if line != "ok":
                found.problem(clean(str(line).replace("\n", " "), 200))
    except schema.NewerVersionError as error:
        found.newer = True
        found.problem(clean(str(error), 200))
    except FAULTS as error:
        found.problem(clean(str(error), 200))
    if not found.newer:
        _Walk(connection, found, take).run()
    connection.close()
    return found


class _Walk:
    """One way through a file, from what others refer to, to what refers to it."""

    def __init__(self, connection: sqlite3.Connection, found: Found, take: Callable[[str, Row], None]) -> None:
        self._connection = connection
        self._found = found
        self._take = take
        self._series: set[int] = set()
        self._widths: dict[int, int] = {}

    def run(self) -> None:
        steps = {"series": self._is_series, "layout": self._is_layout, "block": self._is_block}
        steps |= {"scrape": self._is_scrape, "imported": self._is_imported}
        for table, is_good in steps.items():
            if table in ("block", "imported") and self._found.version == 1:
                continue
            for row in self._rows(table):
                if not (is_good(row) and self._taken(table, row)):
                    self._found.problem(f"{table} {clean(str(row[0]), 30)} cannot be read")
        for table, columns in _PLAIN.items():
            with contextlib.suppress(*FAULTS):  # They are shown, and replaced with the next scrape.
                for row in self._connection.execute(f"select {columns} from {table}"):  # noqa: S608 - ours
                    self._taken(table, row)

    def _taken(self, table: str, row: Row) -> bool:
        """Whether a row was good enough for a table of ours."""
        try:
            self._take(table, row)
        except sqlite3.IntegrityError:
            return False
        return True

    def _rows(self, table: str) -> Iterator[Row]:
        """The rows of a table in the order of their ids, past pages that cannot be read."""
        query = f"select {_COLUMNS[table]} from {table} where id > ? order by id limit ?"  # noqa: S608 - ours
        last = -_FARTHEST
        while True:
            limit = _BATCH
            try:
                rows = self._connection.execute(query, (last, limit)).fetchall()
            except FAULTS as error:
                self._found.problem(f"{table}: {clean(str(error), 200)}")
                rows = self._one_by_one(query, last)
                beyond = rows[-1][0] if rows else max(last, 0)
                following = self._following(query, beyond)
                yield from rows
                if following is None:
                    return
                last = following - 1
                continue
            yield from rows
            if len(rows) < limit:
                return
            last = rows[-1][0]

    def _one_by_one(self, query: str, last: int) -> list[Row]:
        """The rows behind `last` up to the first that cannot be read."""
        rows: list[Row] = []
        with contextlib.suppress(*FAULTS):
            while row := self._connection.execute(query, (last, 1)).fetchone():
                rows.append(row)
                last = row[0]
        return rows

    def _following(self, query: str, beyond: int) -> int | None:
        """The id of the first row behind what cannot be read after `beyond`; None where there is none."""

        def row_after(id_: int) -> Row | None:
            row: Row | None = self._connection.execute(query, (id_, 1)).fetchone()
            return row

        step, row = 1, None
        while beyond + step < _FARTHEST:
            try:
                row = row_after(beyond + step)
            except FAULTS:
                step *= 2
            else:
                break
        if row is None:
            return None
        bad, good = step // 2, step
        while good - bad > 1:
            middle = (good + bad) // 2
            try:
                row = row_after(beyond + middle) or row
                good = middle
            except FAULTS:
                bad = middle
        return int(row[0])

    def _is_series(self, row: Row) -> bool:
        try:
            Labels(json.loads(row[1]))
        except (ValueError, TypeError, AttributeError):
            return False
        self._series.add(row[0])
        self._found.series += 1
        return True

    def _is_layout(self, row: Row) -> bool:
        try:
            ids = schema.unpack_ids(row[1])
        except (ValueError, TypeError):
            return False
        if not self._series.issuperset(ids):
            return False
        self._widths[row[0]] = len(ids)
        return True

    def _is_block(self, row: Row) -> bool:
        _, _, start, end, n, layout, times, values = row
        try:
            at = packing.unpack_times(times)
            width = 0 if layout is None else self._widths[layout]
            good = len(at) == n and at[0] == start and at[-1] == end
            if good and layout is not None:
                packing.unpack_columns(values, n, width)
        except (zlib.error, ValueError, TypeError, KeyError, IndexError):
            good = False
        return self._counted(good, n, start, end)

    def _is_scrape(self, row: Row) -> bool:
        _, _, t, layout, values = row
        try:
            good = layout is None or len(schema.unpack_values(values)) == self._widths[layout]
        except (zlib.error, ValueError, TypeError, KeyError):
            good = False
        return self._counted(good, 1, t, t)

    def _counted(self, good: bool, n: object, start: object, end: object) -> bool:
        if not (isinstance(n, int) and isinstance(start, int) and isinstance(end, int)):
            return False
        if good:
            self._found.scrapes += n
            self._found.span(start, end)
        else:
            self._found.lost += n
        return good

    def _is_imported(self, row: Row) -> bool:
        _, series, start, end, n, times, values = row
        try:
            samples = unpacked(times, n, values)
        except schema.DamagedError:
            return False
        if series not in self._series or not samples:
            return False
        self._found.imported += n
        self._found.span(start, end)
        return True
