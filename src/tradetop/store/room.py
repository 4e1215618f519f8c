"""Room: how large a history file may become, and what of it goes where that is too much."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from tradetop.store.statements import forget_tenth

_SPARE = 16 * 2**20
"""Bytes (or an eighth of a small disk) that we leave to others: the disk may be the bot's own."""
_UNBOUNDED = 2**32 - 2
_TRIES = 20
_LOOSE = 128
"""Free pages (half a MiB) that a file may hold for what comes next."""
_REWRITTEN = 64 * 2**20
"""Bytes that may be written anew at once: half a second of work."""
_GIVEN = 512
"""Pages that are given back to the disk at once."""


def used(connection: sqlite3.Connection) -> int:
    """Bytes of a file that hold something."""
    pages, free, size = (
        int(connection.execute(f"pragma {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def shrink(connection: sqlite3.Connection, size: int) -> bool:
    """Forget the oldest history until the file holds no more than `size` bytes; whether anything had to go."""
    shrunk = False
    for _ in range(_TRIES):
        if used(connection) <= size or not forget_tenth(connection):
            break
        shrunk = True
    return shrunk


def give_back(connection: sqlite3.Connection) -> None:
    """Let a bounded part of the pages that are free go back to the disk."""
    if connection.execute("pragma auto_vacuum").fetchone()[0] == 0:
        _make_giving(connection)
        return
    loose = connection.execute("pragma freelist_count").fetchone()[0] - _LOOSE
    if loose > 0:
        # As a script: it gives a row without columns for each page, at the first of which `execute` ends.
        connection.executescript(f"pragma incremental_vacuum({min(loose, _GIVEN)})")


def _make_giving(connection: sqlite3.Connection) -> None:
    """Write a file of format 1 anew, once, when packing has emptied most of it: until then it can give nothing back."""
    pages, free = (int(connection.execute(f"pragma {name}").fetchone()[0]) for name in ("page_count", "freelist_count"))
    if pages // 2 < free and used(connection) <= _REWRITTEN:
        connection.execute("pragma auto_vacuum = incremental")
        # It needs as much room as it keeps, for a moment: where there is none, it stays as it is.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("vacuum")


def bound(connection: sqlite3.Connection, path: Path, *, bounded: bool) -> bool:
    """Where the disk is nearly full, let the file take no more of it; whether that is so. `bounded`: it was before."""
    disk = os.statvfs(path.parent)
    if disk.f_bavail * disk.f_frsize >= min(_SPARE, disk.f_blocks * disk.f_frsize // 8):
        if bounded:
            connection.execute(f"pragma max_page_count = {_UNBOUNDED}").fetchall()
        return False
    if not bounded:
        pages = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {int(pages)}").fetchall()
    return True


def told(size: int) -> str:
    """A number of bytes for people: 25.3 MiB."""
    amount, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f} {unit}" if amount % 1 else f"{amount:.0f} {unit}"
