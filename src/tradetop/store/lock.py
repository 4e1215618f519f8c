"""One writer for each target: a lock that the kernel releases when its process dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

_PID_BYTES = 20
_TRIES = 100
_PAUSE = 0.002
"""Seconds between two tries."""


class Lock:
    """The right to write a target's history; lasts until `release` or the end of the process."""

    __slots__ = ("_fd", "path")

    def __init__(self, path: Path, fd: int) -> None:
        """`fd` is of the locked file; a negative one stands for the lock of somebody who can have none."""
        self.path = path
        self._fd: int | None = fd if fd >= 0 else None

    def release(self) -> None:
        """Give the right back; the file stays, for removing it would let two processes lock two files."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def acquire(path: Path) -> Lock | None:
    """Take the lock and write our pid into it; None where another process has it, OSError where no file can be made."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _locked(fd):
            os.close(fd)
            return None
    except OSError:
        os.close(fd)
        raise
    # A full disk must not keep us from recording in memory: the pid is only for show.
    with contextlib.suppress(OSError):
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return Lock(path, fd)


def _locked(fd: int) -> bool:
    for _ in range(_TRIES):
        if _flock(fd, fcntl.LOCK_EX):
            return True
        # `holder` looks through a shared lock: where we can have one too, nobody writes and it is worth another try.
        if not _flock(fd, fcntl.LOCK_SH):
            return False
        # Let go: two who wait with it would keep each other out. And a looker may have lost its turn just now.
        fcntl.flock(fd, fcntl.LOCK_UN)
        time.sleep(_PAUSE)
    return False


def _flock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def holder(path: Path) -> int | None:
    """The pid of the process that has the lock (0 where nothing tells it); None where nobody has it."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _flock(fd, fcntl.LOCK_SH):
            return None
        text = os.pread(fd, _PID_BYTES, 0).strip()
        return int(text) if text.isdigit() else _listed(os.fstat(fd))
    except OSError:
        return None
    finally:
        os.close(fd)


def _listed(found: os.stat_result) -> int:
    """The pid by the kernel's own list: on a full disk nobody could write it into the file."""
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    try:
        rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return 0
    return next((int(row[4]) for row in rows if row[1:4] == ["FLOCK", "ADVISORY", "WRITE"] and row[5] == place), 0)
