"""The bot's file seen from outside: what it is, before SQLite is allowed near it."""

from __future__ import annotations

import errno
import os
import stat
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from tradetop.events.fault import EventError
from tradetop.model.text import clean

MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_NEWEST_FORMAT = 2
_KINDS = ((stat.S_ISDIR, "a directory"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))


class Journal(Enum):
    """How the database's writers keep it whole."""

    ROLLBACK = "rollback"
    WAL = "wal"


class Signature(NamedTuple):
    """Changes whenever somebody wrote to the database."""

    device: int
    inode: int
    size: int
    modified: int
    wal_size: int
    wal_modified: int


def shown(path: Path) -> str:
    """The path as it may be shown."""
    return clean(str(path), 300)


def signature(path: Path) -> Signature:
    """Look at the file without opening it; EventError says what is there instead of a database."""
    # Many times a second: without Path, and a link is followed only where there is one.
    name = str(path)
    try:
        found = os.lstat(name)
        if stat.S_ISLNK(found.st_mode):
            found, name = path.stat(), os.path.realpath(name)
    except OSError as error:
        raise unreachable(path, error) from None
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for test, name in _KINDS if test(found.st_mode)), "a device")
        raise EventError(f"{shown(path)}: is {kind}, not a file; name the bot's SQLite database")
    if found.st_size == 0:
        raise EventError(f"{shown(path)}: is empty: the bot has not created its tables yet")
    try:
        wal = os.lstat(f"{name}-wal")
    except OSError:
        return Signature(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, 0, 0)
    return Signature(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, wal.st_size, wal.st_mtime_ns)


def open_plainly(path: Path, otherwise: str = "is no longer a file; name the bot's SQLite database") -> int:
    """A descriptor of a plain file; never waits, whatever the path has become. EventError says it `otherwise`."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise unreachable(path, error) from None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise EventError(f"{shown(path)}: {otherwise}")


def journal(path: Path, fd: int) -> Journal:
    """The journal mode by the header's bytes 18 and 19 (sqlite.org/fileformat2.html, 1.3.3)."""
    header = os.pread(fd, _HEADER, 0)
    if not header.startswith(MAGIC):
        start = clean(header[:24].decode("utf-8", "replace"), 24)
        raise EventError(f'{shown(path)}: is not an SQLite database (it begins "{start}")')
    if len(header) < _HEADER:
        raise EventError(f"{shown(path)}: database damaged: it ends after {len(header)} bytes")
    if header[19] > _NEWEST_FORMAT:
        raise EventError(f"{shown(path)}: written in a format newer than this SQLite reads (version {header[19]})")
    return Journal.WAL if header[19] == _NEWEST_FORMAT else Journal.ROLLBACK


def unreachable(path: Path, error: OSError) -> EventError:
    """Why a file cannot be opened, in words for people."""
    name = shown(path)
    if error.errno == errno.ENOENT and path.is_symlink():
        return EventError(f"{name}: is a link to {shown(path.readlink())}, which does not exist")
    if error.errno == errno.ENOENT:
        return EventError(f"{name}: no such file; check the path, or start the bot that writes it")
    if error.errno == errno.ELOOP:
        return EventError(f"{name}: is a link that leads back to itself")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return EventError(f"{name}: may not be read by this user; ask for read permission")
    return EventError(f"{name}: cannot be opened ({error.strerror})")
