"""Events as they are read back: a page at a time, after a moment, a row or an event."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tradetop.events.metadata import METADATA_LIMIT
from tradetop.events.moment import milliseconds
from tradetop.ingest.fault import fault_of
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

PAGE = 500
"""Events of a page that does not say how many."""
PAGE_LIMIT = 1_000
BYTES_LIMIT = 4 * 1024 * 1024
"""A page ends early once its texts are larger than this."""
_BUSY_TIMEOUT = 1.0
_AGO = re.compile(r"(\d{1,9})(?:(ms|s|m|h|d|w)|[ +](second|minute|hour|day|week)s?)", re.ASCII)
"""How long ago: `30s`, or in SQLite's words `30 seconds`, as feeds are asked."""
_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_TEXT_LIMIT = 2_000
_NAMES = ("id", "bot_id", "event_type", "pair", "strategy", "timestamp", "created_at")
_SELECT = f"""
    SELECT rowid, {", ".join(f"substr({name}, 1, {_TEXT_LIMIT})" for name in _NAMES)},
        substr(metadata, 1, {METADATA_LIMIT})
    FROM bot_events WHERE rowid > ? ORDER BY rowid LIMIT ?
"""  # noqa: S608 - only our own words

Written = dict[str, object]


class SinceError(ValueError):
    """A `since` that says nothing; one line."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, oldest first, in the order in which they were stored."""

    events: tuple[Written, ...]
    next: int
    """What the next page is after: its `since`."""
    more: bool
    """Whether there is one already."""


def read(path: Path, since: str, limit: int, now: int) -> Page:
    """At most `limit` events after `since`, which is how long ago (`30s`), a time, the row of a page before, or an id.

    Raises SinceError, and DatabaseFault where the file cannot be read.
    """
    try:
        link = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=_BUSY_TIMEOUT)
        with closing(link):
            link.text_factory = lambda text: text.decode("utf-8", "replace")
            link.execute("PRAGMA query_only = 1")
            link.execute("BEGIN")
            after = _after(link, since, now)
            return _page(link.execute(_SELECT, (after, limit + 1)), after, limit)
    except sqlite3.Error as error:
        raise fault_of(error, path) from None


def _page(rows: sqlite3.Cursor, after: int, limit: int) -> Page:
    events: list[Written] = []
    size, last = 0, after
    for row in rows:
        size += sum(len(cell) for cell in row if isinstance(cell, (str, bytes)))
        if len(events) == limit or (events and size > BYTES_LIMIT):
            return Page(tuple(events), last, more=True)
        key, *names, metadata = row
        last = key
        event = dict(zip(_NAMES, map(_plain, names), strict=True))
        events.append({"rowid": key, **event, "metadata": _object(_plain(metadata))})
    return Page(tuple(events), last, more=False)


def _plain(cell: object) -> object:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell


def _object(text: object) -> object:
    """Metadata as the object that it is; what another program wrote that is none stays a text."""
    try:
        return json.loads(text, parse_constant=_refuse) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text


def _refuse(name: str) -> object:
    raise ValueError(name)


def _after(link: sqlite3.Connection, since: str, now: int) -> int:
    """The row that the page comes after."""
    text = since.strip()
    if _NUMBER.fullmatch(text):
        return int(text)
    ago = _AGO.fullmatch(text)
    t = (
        now - int(ago[1]) * _UNITS[ago[2] or ago[3][0]]
        if ago is not None
        else milliseconds(text)
        if text[:1].isdigit()
        else None
    )
    if t is not None:
        return _first(link, t) - 1
    found = link.execute("SELECT rowid FROM bot_events WHERE id = ?", (text,)).fetchone() if text else None
    if found is None:
        raise SinceError(
            "since: write how long ago (30s, 5m, 2h), a time (2026-01-31T09:00:00Z), the `next` of the page before, "
            "or the id of an event that is there"
        )
    return int(found[0])


def _first(link: sqlite3.Connection, t: int) -> int:
    """The first row that was stored at a time (ms) or later: rows come in the order of time, so it is found by halving.

    An index on `created_at` would cost each insert more than these twenty looks.
    """
    low, high = link.execute("SELECT coalesce(min(rowid), 1), coalesce(max(rowid), 0) + 1 FROM bot_events").fetchone()
    while low < high:
        middle = (low + high) // 2
        key, stamp = link.execute(
            "SELECT rowid, substr(created_at, 1, 64) FROM bot_events WHERE rowid >= ? ORDER BY rowid LIMIT 1", (middle,)
        ).fetchone()
        if (milliseconds(stamp) or 0) >= t:
            high = middle
        else:
            low = key + 1
    return int(low)


def dumped(value: Mapping[str, object]) -> bytes:
    """JSON in ASCII alone: no name in it can reach a terminal as an escape code."""
    try:
        return json.dumps(value, allow_nan=False).encode("ascii")
    except ValueError:
        # A number that another program wrote into its metadata, such as 1e999.
        return json.dumps(json.loads(json.dumps(value), parse_constant=str)).encode("ascii")
