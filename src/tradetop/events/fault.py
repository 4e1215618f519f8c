"""What can be wrong with an event database, in words for people."""

from __future__ import annotations

import re
import sqlite3

_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_RECOVERY"}
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_IOERR", "SQLITE_FORMAT"}
_TOO_MUCH = {"SQLITE_INTERRUPT", "SQLITE_TOOBIG", "SQLITE_NOMEM"}

_LATER = re.compile(r"; (?:trying|waiting|reading|asking) [a-z ]+$")
"""What followers of a store do about a fault, and who reads it once does not."""


class EventError(Exception):
    """An event database cannot be read; its text is one line: what, where and what to do."""


class LockedError(EventError):
    """Another program holds the file; it is worth trying again soon."""

    seconds: int = 0
    """For how long it has been so."""


class UnreachableError(EventError):
    """A server does not answer, or the connection to it broke; that passes."""


class DamagedError(EventError):
    """What is in the file makes no sense any more."""


class TooMuchError(EventError):
    """One read would have taken too long or too much memory; a smaller one may succeed."""


def in_short(reason: str) -> str:
    """What is wrong, for who does not go on trying."""
    return _LATER.sub("", reason)


def explain(path: str, error: sqlite3.Error) -> EventError:
    """SQLite's error as one of ours; `path` is already clean."""
    code = getattr(error, "sqlite_errorname", "") or ""
    family = "_".join(code.split("_")[:2])
    text = " ".join(str(error).split())[:200]
    if code in _BUSY or family in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
        return LockedError(f"{path}: locked by another program; waiting for it")
    if family in _TOO_MUCH:
        return TooMuchError(f"{path}: a read took too long or too much memory ({text}); trying smaller ones")
    if code == "SQLITE_READONLY_ROLLBACK":
        return EventError(f"{path}: the bot was stopped while writing; only the bot can repair this, start it once")
    if family in _DAMAGED:
        return DamagedError(f"{path}: database damaged ({text}); ask SQLite with PRAGMA quick_check")
    if family == "SQLITE_NOTADB":
        return EventError(f"{path}: not an SQLite database, or an encrypted one; name the bot's event database")
    if family == "SQLITE_CANTOPEN":
        return EventError(f"{path}: cannot be opened ({text}); check the permissions of the file and its -wal")
    if family == "SQLITE_AUTH":
        return EventError(f"{path}: bot_events leads to other tables ({text}); only a plain table is read")
    return EventError(f"{path}: cannot be read ({text or type(error).__name__})")
