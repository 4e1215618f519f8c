"""The notebook's tables: what brings a file to the newest layout, and rows as values and back."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from tradetop.model.drill import Drill
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.panel import Side
from tradetop.model.review import Review
from tradetop.model.silence import Silence, SilenceKind
from tradetop.model.text import clean

T = TypeVar("T")
Noted = tuple[str, str, T]
"""A note with whose it is: the name of a target's history file less its ending, "" for every target; and one of several
bots of that target, "" for all of it."""

TEXT = 200
"""Characters of a person's text that are kept."""
MOST = 1_000
"""Notes of a kind that are read, the latest ones."""
MOST_REVIEWS = 10_000
"""An error must not come back to be reviewed because many others were."""

_MARKS = (
    """
    create table mark(
        id integer primary key autoincrement,
        subject text not null,
        bot text not null,
        t integer not null,
        text text not null,
        made integer not null
    )
    """,
    "create index mark_time on mark(t)",
)
"""`t` is where the mark stands, `made` when it was written (ms)."""
_SILENCES = (
    """
    create table silence(
        id integer primary key autoincrement,
        subject text not null,
        bot text not null,
        kind text not null,
        alert text not null,
        labels text not null,
        made integer not null,
        until integer,
        reason text not null,
        level integer not null,
        value real,
        side text not null
    )
    """,
    """
    create table drill(
        id integer primary key autoincrement,
        subject text not null,
        bot text not null,
        alert text not null,
        labels text not null,
        value real,
        active_at integer not null,
        fires_at integer not null,
        until integer not null
    )
    """,
)
"""`labels` is a JSON object; a `value` that is null is no number; a `side` that is "" is none. Times are in ms."""
_PLANNED = (
    "alter table silence add column planned integer",
    "update silence set planned = until where kind = 'snooze'",
)
"""When a silence was to end as it was made: `until` is where it ends, and earlier where somebody took it back."""
_REVIEWS = (
    """
    create table review(
        id integer primary key autoincrement,
        subject text not null,
        bot text not null,
        fingerprint text not null,
        until integer not null,
        made integer not null,
        text text not null
    )
    """,
)
"""That the errors of a fingerprint up to `until` (ms) were looked at; of several rows the last one holds."""
LAYOUTS = (_MARKS, _SILENCES, _PLANNED, _REVIEWS)
"""What brings a file from each version of its tables (`PRAGMA user_version`) to the next one."""
VERSION = len(LAYOUTS)
"""A file with a higher one is left alone."""

_READ_MARKS = """
    select subject, bot, id, t, text from mark
    where typeof(t) = 'integer' and typeof(text) = 'text' order by t desc, id desc limit ?
"""
_READ_SILENCES = """
    select subject, bot, id, kind, alert, labels, made, until, reason, level, value, side, planned from silence
    order by id desc limit ?
"""
_READ_OLD_SILENCES = _READ_SILENCES.replace("planned", "until")
_READ_DRILLS = """
    select subject, bot, id, alert, labels, value, active_at, fires_at, until from drill order by id desc limit ?
"""
_READ_REVIEWS = """
    select subject, bot, max(id), fingerprint, until, made, text from review group by subject, bot, fingerprint
    order by max(id) desc limit ?
"""
_MARK = "insert into mark(subject, bot, t, text, made) values (?, ?, ?, ?, ?)"
_SILENCE = """
    insert into silence(subject, bot, kind, alert, labels, made, until, reason, level, value, side, planned)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_DRILL = """
    insert into drill(subject, bot, alert, labels, value, active_at, fires_at, until) values (?, ?, ?, ?, ?, ?, ?, ?)
"""
_REVIEW = "insert into review(subject, bot, fingerprint, until, made, text) values (?, ?, ?, ?, ?, ?)"


def marks(connection: sqlite3.Connection) -> tuple[Noted[Mark], ...]:
    """The marks, in the order of their times."""
    return _rows(connection, _READ_MARKS, _mark)


def silences(connection: sqlite3.Connection, layout: int) -> tuple[Noted[Silence], ...]:
    """The silences of a file with this layout, in the order in which they were made."""
    return _rows(connection, _READ_SILENCES if layout >= 3 else _READ_OLD_SILENCES, _silence)


def drills(connection: sqlite3.Connection) -> tuple[Noted[Drill], ...]:
    """The drills, in the order in which they were begun."""
    return _rows(connection, _READ_DRILLS, _drill)


def reviews(connection: sqlite3.Connection) -> tuple[Noted[Review], ...]:
    """The last review of each fingerprint, in the order in which they were made."""
    return _rows(connection, _READ_REVIEWS, _review, MOST_REVIEWS)


def put_review(connection: sqlite3.Connection, subject: str, bot: str, of: Review) -> None:
    """Write a review; its id is the file's to give."""
    said = clean(of.text, TEXT)
    connection.execute(_REVIEW, (subject, bot, of.fingerprint, of.until, of.made, said))


def put_mark(connection: sqlite3.Connection, subject: str, bot: str, t: int, said: str, now: int) -> None:
    """Write a mark; `said` is short and clean."""
    connection.execute(_MARK, (subject, bot, t, said, now))


def put_silence(connection: sqlite3.Connection, subject: str, bot: str, of: Silence) -> None:
    """Write a silence; its id is the file's to give."""
    side, said = of.side.value if of.side is not None else "", clean(" ".join(of.reason.split()), TEXT)
    row = (subject, bot, of.kind.value, of.alert, _written(of.labels), of.made, of.until, said)
    connection.execute(_SILENCE, (*row, int(of.level), of.value, side, of.planned))


def put_drill(connection: sqlite3.Connection, subject: str, bot: str, of: Drill) -> str:
    """Write a drill; the id that the file gives it."""
    row = (subject, bot, of.alert, _written(of.labels), of.value, of.active_at, of.fires_at, of.until)
    return f"drill {connection.execute(_DRILL, row).lastrowid}"


def end(connection: sqlite3.Connection, id: str, t: int) -> None:
    """Let a silence or a drill end at `t` (ms), if it has not before."""
    kind, _, number = id.partition(" ")
    table = {"silence": "silence", "drill": "drill"}[kind]
    connection.execute(
        f"update {table} set until = ? where id = ? and (until is null or until > ?)",  # noqa: S608 - one of two words.
        (t, int(number), t),
    )


def _rows(connection: sqlite3.Connection, query: str, make: Callable[..., T], most: int = MOST) -> tuple[Noted[T], ...]:
    """The rows as values, the oldest first; `make` gets the subject, then what follows the bot."""
    found: list[Noted[T]] = []
    for subject, bot, *rest in connection.execute(query, (most,)):
        try:
            found.append((subject, bot, make(subject, *rest)))
        except (ValueError, TypeError, AttributeError, RecursionError):
            # Somebody else put it into the file, or a later version means more by it: the others are worth reading.
            continue
    return tuple(reversed(found))


def _mark(subject: str, id: int, t: int, said: str) -> Mark:
    return Mark(f"mark {id}", t, clean(said, 2 * TEXT), not subject)


def _silence(_: str, id: int, kind: str, alert: str, labels: str, made: int, until: int | None, *rest: Any) -> Silence:
    reason, level, value, side, planned = rest
    return Silence(
        id=f"silence {id}",
        kind=SilenceKind(kind),
        alert=clean(alert, TEXT),
        made=_whole(made),
        until=None if until is None else _whole(until),
        labels=_labels(labels),
        reason=clean(reason, 2 * TEXT),
        level=Level(level),
        value=_number(value),
        side=Side(side) if side else None,
        planned=None if planned is None else _whole(planned),
    )


def _drill(_: str, id: int, alert: str, labels: str, value: float | None, *times: int) -> Drill:
    active_at, fires_at, until = map(_whole, times)
    return Drill(f"drill {id}", clean(alert, TEXT), _labels(labels), _number(value), active_at, fires_at, until)


def _review(_: str, id: int, fingerprint: str, until: int, made: int, said: str) -> Review:
    return Review(f"review {id}", clean(fingerprint, TEXT), _whole(until), _whole(made), clean(said, 2 * TEXT))


def _written(labels: Labels) -> str:
    return json.dumps(dict(labels), ensure_ascii=False)


def _labels(text: str) -> Labels:
    return Labels({clean(name, TEXT): clean(value) for name, value in json.loads(text).items()})


def _whole(value: int) -> int:
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
