"""The history file's tables, and what is said when SQLite refuses."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from tradetop.model.text import clean

A = TypeVar("A", "array[int]", "array[float]")

VERSION = 2
"""Version of the tables (`PRAGMA user_version`); a file with a higher one is not ours to write."""

_BLOCKS = """
    create table block(
        id integer primary key, grp text not null, start integer not null, until integer not null, n integer not null,
        layout integer, t blob not null, v blob
    );
    create index block_time on block(until, start);
    create table imported(
        id integer primary key, series integer not null, start integer not null, until integer not null,
        n integer not null, t blob not null, v blob not null
    );
    create index imported_time on imported(series, start);
"""
"""What format 2 has more than 1. A block is a run of scrapes of one group with one layout: `id` is that of its last
one, `t` and `v` are their times and columns as `packing` has them. What was imported belongs to no scrape: one series,
its own times."""

TABLES = f"""
    create table target(id integer primary key check (id = 1), first_seen integer);
    create table series(id integer primary key, labels text not null unique);
    create table layout(id integer primary key, series blob not null unique);
    create table scrape(id integer primary key, grp text not null, t integer not null, layout integer, v blob);
    create index scrape_time on scrape(t, layout);
    create table metadata(name text primary key, type text not null, help text not null, unit text not null);
    create table status(id integer primary key check (id = 1), body text not null);
    create table page(id integer primary key check (id = 1), body blob not null);
    {_BLOCKS}
"""
"""`series.labels` is a JSON object; `layout.series` holds the ids of a scrape's series (32 bit), `scrape.v` its values
in that order (64 bit floats, zlib), both little-endian. A scrape without a layout failed. Ids of scrapes only grow: the
newest scrapes are rows, older ones are packed into blocks."""

UPGRADES = {1: _BLOCKS}
"""By format: what makes the next one of it. Rows of format 1 are rows of format 2 that are not packed yet."""

SMALL_CACHE = "pragma cache_size = -256"
"""A quarter MiB of pages, for files that are read and written from end to end; SQLite would take two."""

FULL = sqlite3.SQLITE_FULL
_CHANGED = ("no such ", "has no column", "unsupported file format", "malformed")
_IO_ERRORS = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})


HEADER = 20
"""Bytes at a file's beginning; the last two tell by which versions of SQLite it may be written, and be read."""


class NewerVersionError(sqlite3.DatabaseError):
    """The file was written by a newer tradetop."""


class DamagedError(sqlite3.DatabaseError):
    """The file's parts contradict each other."""


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """What a file holds may be anything: values of another kind, and messages about it that are no text, are damage."""
    try:
        yield
    except (TypeError, ValueError, OverflowError) as error:
        raise DamagedError(f"it holds what is none of ours: {clean(str(error), 100)}") from error


def is_damage(error: sqlite3.Error | OSError) -> bool:
    """Whether the file's content is at fault, so that another try would fail as well."""
    if isinstance(error, OSError):
        return False
    # Our statements are fixed: a table or column that they miss is missing from the file.
    return (
        isinstance(error, DamagedError)
        or code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        or (code(error) == sqlite3.SQLITE_ERROR and any(said in str(error) for said in _CHANGED))
        or str(error).startswith("Could not decode to UTF-8")
    )


def code(error: sqlite3.Error) -> int:
    """SQLite's primary error code; 0 where Python raised it by itself."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def check_header(header: bytes) -> None:
    """DamagedError where a file that can be written begins with bytes for which SQLite would call it read-only."""
    if len(header) == HEADER and not {1, 2}.issuperset(header[18:20]):
        raise DamagedError("it does not begin as SQLite's files do")


def check_version(connection: sqlite3.Connection) -> int:
    """The file's version, 0 for a new one; NewerVersionError where it is beyond ours, DamagedError below any."""
    version = int(connection.execute("pragma user_version").fetchone()[0])
    if version < 0:
        raise DamagedError(f"its format is {version}")
    if version > VERSION:
        raise NewerVersionError(
            f"it was written by a newer tradetop (format {version}, this one knows up to {VERSION})"
            " and is left as it is; use that version, or --store DIR for another place"
        )
    return version


def explain(error: sqlite3.Error | OSError, path: Path) -> str:
    """Why the history file cannot be used, in one line for people."""
    if isinstance(error, OSError):
        return f"{path}: {error.strerror or error}"
    if isinstance(error, NewerVersionError):
        return f"{path}: {error}"
    said, kind = clean(str(error), 200), code(error)
    if is_damage(error):
        return f"{path} is damaged ({said})"
    if kind == FULL:
        return f"{path}: the disk is full"
    if kind == sqlite3.SQLITE_READONLY:
        return f"{path} is read-only"
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} is locked by another process"
    if kind in _IO_ERRORS:
        return f"{path} cannot be read or written ({said})"
    return f"{path}: {said}"


def pack_ids(ids: Iterable[int]) -> bytes:
    """A layout's series ids as bytes."""
    return little(array("I", ids)).tobytes()


def unpack_ids(raw: bytes) -> array[int]:
    """What `pack_ids` packed; ValueError where the bytes are cut."""
    ids = array("I")
    ids.frombytes(raw)
    return little(ids)


def pack_values(values: Iterable[float]) -> bytes:
    """A scrape's values, every bit kept: the staleness marker is a NaN like no other."""
    # Fast rather than small: within the hour it is packed with others.
    return zlib.compress(little(array("d", values)).tobytes(), 1)


def unpack_values(raw: bytes) -> array[float]:
    """What `pack_values` packed; zlib.error or ValueError where it is damaged."""
    values = array("d")
    values.frombytes(zlib.decompress(raw))
    return little(values)


def little(items: A) -> A:
    """Items of an array in the byte order of files: swapped in place where the machine has the other one."""
    if sys.byteorder == "big":
        items.byteswap()
    return items
