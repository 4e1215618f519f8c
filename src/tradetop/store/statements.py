"""The statements that write a history file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from tradetop.store import schema


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything in the block is written, or nothing of it."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        # Where SQLite rolled back by itself there is nothing left to do.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in one transaction: a process killed meanwhile leaves an empty file, not half a one."""
    # Before the first table, or never: what is trimmed shall go back to the disk.
    connection.execute("pragma auto_vacuum = incremental")
    connection.executescript(f"begin; {schema.TABLES} pragma user_version = {schema.VERSION}; commit")


def upgrade(connection: sqlite3.Connection, version: int) -> None:
    """Make an older file one of our format, in one transaction for each step."""
    for older in range(version, schema.VERSION):
        connection.executescript(f"begin; {schema.UPGRADES[older]} pragma user_version = {older + 1}; commit")


def series_row(connection: sqlite3.Connection, labels: str) -> int:
    """The id of a label set; a new row where there is none."""
    found = connection.execute("select id from series where labels = ?", (labels,)).fetchone()
    return (
        int(found[0])
        if found
        else connection.execute("insert into series(labels) values (?)", (labels,)).lastrowid or 0
    )


def layout_row(connection: sqlite3.Connection, ids: bytes) -> int:
    """The id of a layout; a new row where there is none."""
    found = connection.execute("select id from layout where series = ?", (ids,)).fetchone()
    return (
        int(found[0]) if found else connection.execute("insert into layout(series) values (?)", (ids,)).lastrowid or 0
    )


_UNUSED = """
    delete from layout where id not in (select layout from scrape where layout is not null)
    and id not in (select layout from block where layout is not null)
"""
_PIECES = """
    select t, 1 n from scrape union all select until, n from block union all select until, n from imported order by 1
"""


def forget(connection: sqlite3.Connection, before: int) -> None:
    """Delete what is older, then layouts and series without any; the newest scrape stays, so that ids only grow."""
    gone = connection.execute(
        "delete from scrape where t < ? and id < (select max(id) from scrape)", (before,)
    ).rowcount
    for table in ("block", "imported"):
        gone += connection.execute(f"delete from {table} where until < ?", (before,)).rowcount  # noqa: S608 - ours
    if gone:
        connection.execute(_UNUSED)
        used = {i for (ids,) in connection.execute("select series from layout") for i in schema.unpack_ids(ids)}
        used.update(i for (i,) in connection.execute("select distinct series from imported"))
        unused = [(i,) for (i,) in connection.execute("select id from series") if i not in used]
        connection.executemany("delete from series where id = ?", unused)


def forget_tenth(connection: sqlite3.Connection) -> bool:
    """Free space inside a file: delete the oldest tenth of what it holds; whether there was any."""
    with transaction(connection):
        pieces: list[tuple[int, int]] = connection.execute(_PIECES).fetchall()
        left = sum(n for _, n in pieces) // 10 + 1
        for t, n in pieces:
            if left <= 0:
                forget(connection, t)
                return True
            left -= n
    return False
