"""The notebook: a small file beside the histories for what people write down; every instance reads and writes it."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.drill import Drill
from tradetop.model.mark import Mark
from tradetop.model.review import Review
from tradetop.model.silence import Silence
from tradetop.model.text import clean
from tradetop.store import notes, schema
from tradetop.store.notes import MOST, TEXT, VERSION, Noted
from tradetop.store.place import prepare
from tradetop.store.statements import transaction

T = TypeVar("T")

__all__ = ["MOST", "TEXT", "VERSION", "NotebookFile"]

_WAIT = 250
"""How long a write waits for another process' (ms); a read does not wait at all, but is tried again."""
_PATIENCE = 5 * SECOND
"""How long the file may be locked before it is said."""
_REMIND = MINUTE
"""How long it is said that a note was not kept."""


class _Shelf(Generic[T]):
    """The notes of one kind, and whose each of them is."""

    def __init__(self) -> None:
        self._rows: tuple[Noted[T], ...] = ()
        self._known: dict[tuple[str, str], tuple[T, ...]] = {}

    def fill(self, rows: tuple[Noted[T], ...]) -> None:
        """Let these be the notes; those of a bot stay the same object while they are the same."""
        if rows != self._rows:
            self._rows, self._known = rows, {}

    def of(self, subject: str, bot: str) -> tuple[T, ...]:
        """The notes on one bot of a target, on the whole of it, and on everybody."""
        key = subject, bot
        if key not in self._known:
            self._known[key] = tuple(note for s, b, note in self._rows if not s or (s == subject and b in ("", bot)))
        return self._known[key]

    def under(self, subject: str) -> Iterator[tuple[str, T]]:
        """The notes on a target, on any of its bots, and on everybody, each with the bot or ""."""
        return ((bot, note) for s, bot, note in self._rows if s in ("", subject))


class NotebookFile:
    """The notes in one file; for one thread. No method raises for what is wrong with the file: `notice` says it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._version = -1
        self._read_at = 0
        self._marks: _Shelf[Mark] = _Shelf()
        self._silences: _Shelf[Silence] = _Shelf()
        self._drills: _Shelf[Drill] = _Shelf()
        self._reviews: _Shelf[Review] = _Shelf()
        self._reason = ""
        self._refused = ""
        self._refused_at = 0

    def notice(self, now: int) -> str:
        """Why notes cannot be read, or one lately could not be kept; "" while all is well."""
        return self._refused if self._refused and now - self._refused_at < _REMIND else self._reason

    def marks(self, subject: str, bot: str = "") -> tuple[Mark, ...]:
        """The marks of one bot of a target and those of everybody, oldest first; the same object while none is new."""
        return self._marks.of(subject, bot)

    def silences(self, subject: str, bot: str = "") -> tuple[Silence, ...]:
        """The silences that concern a bot of a target, whether they hold still or not, in the order they were made.

        Their own `bot` is "": whom they concern has been decided. The same object while none is new.
        """
        return self._silences.of(subject, bot)

    def all_silences(self, subject: str) -> tuple[Silence, ...]:
        """The silences that concern a target or any of its bots; `bot` is the one that each concerns, "" for all."""
        return tuple(replace(silence, bot=bot) for bot, silence in self._silences.under(subject))

    def drills(self, subject: str, bot: str = "") -> tuple[Drill, ...]:
        """The drills of a bot of a target, also those that are over, in the order they began."""
        return self._drills.of(subject, bot)

    def reviews(self, subject: str, bot: str = "") -> tuple[Review, ...]:
        """Which errors of a bot of a target people have looked at, the last word on each fingerprint."""
        return self._reviews.of(subject, bot)

    def follow(self, now: int) -> None:
        """Read what any process has written since, at `now` (ms); next to nothing where that is nothing."""
        try:
            connection = self._connected()
            if connection is not None:
                self._read(connection)
            self._read_at, self._reason = now, ""
        except (sqlite3.Error, OSError) as error:
            busy = isinstance(error, sqlite3.Error) and schema.code(error) == sqlite3.SQLITE_BUSY
            if not busy or now - self._read_at > _PATIENCE:
                self._reason = f"marks: {schema.explain(error, self.path)}"
            if not busy:
                self.close()

    def write(self, subject: str, t: int, text: str, *, bot: str = "", now: int) -> bool:
        """Put a mark at `t` (ms) on the axis of a target, of one of its bots, or of all (""); whether it is kept."""
        said = clean(" ".join(text.split()), TEXT)

        def work(connection: sqlite3.Connection) -> bool:
            notes.put_mark(connection, subject, bot, t, said, now)
            return True

        return self._put(f'the mark "{said}"', now, work) is not None

    def silence(self, subject: str, made: Sequence[Silence], *, bot: str = "", now: int) -> bool:
        """Silence alerts of a target, of one of its bots, or of all (""); whether that is kept."""

        def work(connection: sqlite3.Connection) -> bool:
            for silence in made:
                notes.put_silence(connection, subject, bot, silence)
            return True

        names = ", ".join(dict.fromkeys(silence.alert for silence in made))
        return self._put(f"that {names} shall be quiet", now, work) is not None

    def drill(self, subject: str, drill: Drill, *, bot: str = "", now: int) -> str:
        """Begin a drill; its id, or "" where it is not kept."""
        what = f"the drill of {drill.alert}"
        return self._put(what, now, lambda connection: notes.put_drill(connection, subject, bot, drill)) or ""

    def review(self, subject: str, made: Sequence[Review], *, bot: str = "", now: int) -> bool:
        """Note that errors of a bot were looked at, or are to be again; whether that is kept."""

        def work(connection: sqlite3.Connection) -> bool:
            for review in made:
                notes.put_review(connection, subject, bot, review)
            return True

        return self._put("the review", now, work) is not None

    def end(self, ids: Sequence[str], now: int) -> bool:
        """Let silences or drills end at `now` (ms); whether that is kept."""

        def work(connection: sqlite3.Connection) -> bool:
            for note in ids:
                notes.end(connection, note, now)
            return True

        return self._put(f"the end of {', '.join(ids)}", now, work) is not None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection, self._version = None, -1

    def _create(self) -> None:
        """Make the file where there is none, readable by its owner alone."""
        prepare(self.path.parent)
        # Never opened where it exists: closing would drop the locks that this process has on it.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))

    def _connected(self) -> sqlite3.Connection | None:
        """The file's connection; None where there is no file."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self.close()
            self._show()
            return None
        inode = found.st_dev, found.st_ino
        if self._connection is None or inode != self._inode:
            # The first look, or somebody has put another file in its place.
            self.close()
            # Opened for writing even to read: only so a write that a dead process left half done can be taken back.
            # Its journal is SQLite's simplest, which needs no files beside it while nobody writes.
            uri = f"{self.path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(uri, timeout=0, isolation_level=None, uri=True)
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            self._connection, self._inode = connection, inode
        return self._connection

    def _read(self, connection: sqlite3.Connection) -> None:
        # The version first: what is written while we read must make the next look read again.
        version = connection.execute("pragma data_version").fetchone()[0]
        if version == self._version:
            return
        layout = _layout(connection)
        self._show(
            notes.marks(connection) if layout >= 1 else (),
            notes.silences(connection, layout) if layout >= 2 else (),
            notes.drills(connection) if layout >= 2 else (),
            notes.reviews(connection) if layout >= 4 else (),
        )
        self._version = version

    def _show(
        self,
        marks: tuple[Noted[Mark], ...] = (),
        silences: tuple[Noted[Silence], ...] = (),
        drills: tuple[Noted[Drill], ...] = (),
        reviews: tuple[Noted[Review], ...] = (),
    ) -> None:
        self._marks.fill(marks)
        self._silences.fill(silences)
        self._drills.fill(drills)
        self._reviews.fill(reviews)

    def _put(self, what: str, now: int, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Write, all of it or nothing; what `work` gives, or None, and a notice that says why."""
        try:
            self._create()
            connection = self._connected()
            if connection is None:
                raise FileNotFoundError(errno.ENOENT, "removed while it was written")
            done = _written(connection, work)
        except (sqlite3.Error, OSError) as error:
            self._refused = f"{what} is not kept: {schema.explain(error, self.path)}"
            self._refused_at = now
            self.close()
            return None
        self._refused, self._version = "", -1
        self.follow(now)
        return done


def _written(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` gives, once it is written into tables of the newest layout."""
    connection.execute(f"pragma busy_timeout = {_WAIT}").fetchall()
    try:
        with transaction(connection):
            layout = _layout(connection)
            for statements in notes.LAYOUTS[layout:]:
                for statement in statements:
                    connection.execute(statement)
            if layout < VERSION:
                connection.execute(f"pragma user_version = {VERSION}")
            return work(connection)
    finally:
        connection.execute("pragma busy_timeout = 0").fetchall()


def _layout(connection: sqlite3.Connection) -> int:
    """The version of the file's tables, 0 where it has none; NewerVersionError where it is beyond ours."""
    version = int(connection.execute("pragma user_version").fetchone()[0])
    if version > VERSION:
        raise schema.NewerVersionError(
            f"it was written by a newer tradetop (format {version}, this one knows {VERSION})"
        )
    return version
