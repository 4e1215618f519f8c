"""What can be wrong with the file that is written, in words for people."""

from __future__ import annotations

import errno
from pathlib import Path

from tradetop.model.text import clean

_WORDS = {
    "BUSY": "is locked by another program",
    "LOCKED": "is locked by another program",
    "PROTOCOL": "is locked by another program",
    "READONLY": "is read-only",
    "PERM": "is read-only",
    "CANTOPEN": "cannot be opened: does its folder exist, and may this user write there?",
    "IOERR": "cannot be written: its disk reports an error",
    "CORRUPT": "is damaged: move it away, then a new one is made",
    "NOTADB": "is no SQLite file: name another one",
}


class DatabaseFault(Exception):  # noqa: N818 - a fault, as elsewhere: it may pass.
    """Nothing was written; its text is one line: what, where and what to do."""

    full: bool = False
    """Whether there is no room."""


def fault_of(error: Exception, path: Path) -> DatabaseFault:
    """The fault that SQLite or the file system reports."""
    name = clean(str(path), 300)
    if isinstance(error, OSError):
        fault = DatabaseFault(f"{name}: {error.strerror or 'cannot be opened'}")
        fault.full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return fault
    code = str(getattr(error, "sqlite_errorname", "")).removeprefix("SQLITE_").partition("_")[0]
    if code == "FULL":
        fault = DatabaseFault(f"{name}: the disk is full: make room; nothing of the batch was stored")
        fault.full = True
        return fault
    return DatabaseFault(f"{name}: {_WORDS.get(code) or clean(str(error), 200)}")
