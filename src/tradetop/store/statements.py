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
    connection.executescript(f"begin; {schema.TABLES} pragma user_version = {schema.VERSION}; commit")


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


def forget(connection: sqlite3.Connection, before: int) -> None:
    """Delete older scrapes, then layouts and series without one; the newest scrape stays, so that ids only grow."""
    older = "delete from scrape where t < ? and id < (select max(id) from scrape)"
    if connection.execute(older, (before,)).rowcount == 0:
        return
    unused = "delete from layout where id not in (select layout from scrape where layout is not null)"
    if connection.execute(unused).rowcount:
        used = {i for (ids,) in connection.execute("select series from layout") for i in schema.unpack_ids(ids)}
        gone = [(i,) for (i,) in connection.execute("select id from series") if i not in used]
        connection.executemany("delete from series where id = ?", gone)


def forget_tenth(connection: sqlite3.Connection) -> bool:
    """Free space inside a file that cannot grow: delete the oldest tenth of its scrapes; whether there were any."""
    with transaction(connection):
        count = connection.execute("select count(*) from scrape").fetchone()[0]
        bound = connection.execute("select t from scrape order by t limit 1 offset ?", (count // 10 + 1,)).fetchone()
        if bound is not None:
            forget(connection, bound[0])
    return bound is not None
