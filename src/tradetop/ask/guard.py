"""The guard: one statement that only reads events, and ends."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

from tradetop.ask.answer import LENGTH, Answer, Value, answer_of
from tradetop.ask.events_view import EVENTS, ONLY, OURS, create
from tradetop.ask.fault import AskError, HeldError, UnsafeError
from tradetop.ask.names import SQL as NAMES
from tradetop.ask.names import known_of
from tradetop.ask.span import ALWAYS, Span
from tradetop.ask.vocabulary import listed
from tradetop.ask.words import Known
from tradetop.events.categorise import Categories
from tradetop.events.connection import COPY_LIMIT, TABLE, GuardedConnection, connect, restrict
from tradetop.events.fault import EventError, LockedError, explain, in_short
from tradetop.events.file import shown
from tradetop.events.schema import Schema
from tradetop.events.table import inspect
from tradetop.model.clock import SECOND, Clock
from tradetop.model.error_category import USUAL, ErrorCategory
from tradetop.model.text import clean, clean_lines

TIME = 20 * SECOND
"""Longest time that one question may take (ms)."""
MEMORY = 512 * 1024 * 1024
"""Most memory that SQLite may take in this process (bytes), where `limit_memory` was called."""
NEWEST = "SELECT max(t) FROM events"
_PAGES = 2_000
"""Pages that are copied under one lock of the bot's file: some 10 ms."""
_PAUSE = 0.005
WAIT = 5 * SECOND
"""How long a file is waited for that another program holds (ms)."""
_AGAIN = 0.1
_TRIES = WAIT // 100
_READABLE = {(TABLE, "main"), (TABLE, "temp"), (EVENTS, "temp"), (ONLY, "temp")}
_COUNTABLE = {TABLE, EVENTS, ""}
_FUNCTIONS = OURS | listed(
    "count sum total avg min max group_concat abs round coalesce ifnull nullif iif likely unlikely length "
    "lower upper substr substring trim ltrim rtrim replace instr like glob printf format typeof date time "
    "datetime julianday strftime unixepoch json json_extract json_valid json_type json_array_length -> "
    "->> row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value "
    "nth_value sign sqrt pow power exp ln log log10 log2 floor ceil ceiling trunc mod"
)
_LIMITS = (
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 2 * LENGTH),
    (sqlite3.SQLITE_LIMIT_COLUMN, 100),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 20),
    (sqlite3.SQLITE_LIMIT_VDBE_OP, 50_000),
    (sqlite3.SQLITE_LIMIT_FUNCTION_ARG, 20),
    (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
)
_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_VERB = re.compile(r"(select|with|values)\b", re.IGNORECASE)


def checked(sql: str) -> str:
    """A statement that may be tried, less what stands around it; UnsafeError where it is none that reads."""
    lines = sql.replace("\r\n", "\n").replace("\u00a0", " ").expandtabs(4).split("\n")
    text = "\n".join(line.rstrip() for line in lines).strip().rstrip(";").rstrip()
    if not text:
        raise UnsafeError("there is no SQL")
    if len(text) > LENGTH:
        raise UnsafeError(f"the SQL is longer than {LENGTH:,} characters")
    if clean_lines(text, LENGTH) != text:
        # What people see before it runs must be all that runs.
        raise UnsafeError("the SQL holds characters that cannot be seen")
    start = _LEADING.match(text)
    rest = text[start.end() :] if start is not None else text
    if _VERB.match(rest) is None:
        raise UnsafeError(f"only one SELECT is run, and this begins with {clean(rest.split()[0] if rest else '', 30)}")
    return text


def limit_memory() -> None:
    """Let no statement of this process take more than `MEMORY`; it cannot be taken back."""
    with closing(sqlite3.connect(":memory:")) as link:
        link.execute(f"PRAGMA hard_heap_limit={MEMORY}")


def answered(
    opened: Callable[[ExitStack], GuardedConnection],
    name: str,
    sql: str,
    values: Mapping[str, Value],
    limit: int,
    note: Callable[[], str] = str,
) -> Answer:
    """The rows of one statement on what `opened` opens; AskError says why there are none, UnsafeError: it was not run.

    `limit` is its longest time (ms); `note`, asked for at the end, goes with the answer.
    """
    text = checked(sql)
    refused: list[str] = []
    try:
        with ExitStack() as taken:
            link = opened(taken)
            link.set_authorizer(_authoriser(refused))
            cursor = link.execute(text, values)
            if cursor.description is None:
                raise UnsafeError("only one SELECT is run")
            found = answer_of((column[0] for column in cursor.description), cursor)
            link.verify()
            return replace(found, note=note())
    except EventError as error:
        raise _short(error) from None
    except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
        raise _explained(name, error, refused, limit) from None
    except (OSError, OverflowError, ValueError) as error:
        raise AskError(f"{name}: cannot be read ({clean(str(error), 200)})") from None


def prepared(
    link: GuardedConnection,
    schema: Schema,
    now: int,
    zone: tzinfo | None,
    limit: int,
    categories: Categories,
    bot: str = "",
) -> GuardedConnection:
    """The connection with the view, of one `bot` or of all (""), its limits, and `limit` for each statement (ms)."""
    link.set_authorizer(None)
    link.limit = limit
    # The view is the connection's own; nothing of it reaches a file.
    link.execute("PRAGMA query_only=0")
    create(link, schema, now, zone, categories, bot)
    link.execute("PRAGMA query_only=1")
    link.execute("PRAGMA cache_size=-16000")
    for category, most in _LIMITS:
        link.setlimit(category, most)
    return link


class Guard:
    """Answers SQL from one bot's database, without writing to it, locking it for long or waiting for ever."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        zone: tzinfo | None,
        limit: int = TIME,
        errors: tuple[ErrorCategory, ...] = USUAL,
        bot: str = "",
    ) -> None:
        """`limit` is the longest time of a question (ms); `errors` are the categories that errors belong to.

        The events are those of one `bot`, or of all ("").
        """
        self._path = path
        self._bot = bot
        self._categories = Categories(errors)
        self._clock = clock
        self._zone = zone
        self._limit = limit

    def known(self) -> Known:
        """The names that the events are about; AskError where they cannot be read."""
        return known_of(self.run(NAMES))

    def newest(self) -> Value:
        """When the newest event was (ms), None where there is none; AskError where they cannot be read."""
        return self.run(NEWEST).rows[0][0]

    def run(self, sql: str, values: Mapping[str, Value] | None = None, span: Span = ALWAYS) -> Answer:  # noqa: ARG002
        """The rows of one statement; AskError says why there are none, UnsafeError that it was not run.

        The span says what the SQL is about; here all events are at hand. A file that another program holds is waited
        for: a bot writes for some milliseconds.
        """
        name, started, held = shown(self._path), self._clock.monotonic(), ""
        for _ in range(_TRIES):
            try:
                return answered(partial(self._open, name), name, sql, values or {}, self._limit)
            except HeldError as error:
                held = str(error)
                if self._clock.monotonic() - started > WAIT:
                    break
            time.sleep(_AGAIN)
        raise HeldError(f"{held}; it was waited for {WAIT // SECOND} s, ask again when that is over")

    def _open(self, name: str, taken: ExitStack) -> GuardedConnection:
        """A connection with the view, to the file itself or to a copy of it."""
        link = taken.enter_context(closing(connect(self._path, self._clock)))
        schema = inspect(name, link)
        link = self._unlocked(name, link, taken)
        return prepared(link, schema, self._clock.now(), self._zone, self._limit, self._categories, self._bot)

    def _unlocked(self, name: str, link: GuardedConnection, taken: ExitStack) -> GuardedConnection:
        """The connection itself where readers hinder no writer, else one to a private copy: a question may last."""
        link.set_authorizer(None)
        if link.unchanged is not None or link.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            return link
        size = self._path.stat().st_size
        if size > COPY_LIMIT:
            raise AskError(
                f"{name}: {size >> 20} MiB, and a question would keep the bot from writing: let it use "
                "PRAGMA journal_mode=WAL, or ask a copy"
            )
        folder = taken.enter_context(tempfile.TemporaryDirectory(prefix="tradetop-"))
        copy = sqlite3.connect(Path(folder) / "events.db", isolation_level=None, factory=GuardedConnection)
        taken.enter_context(closing(copy))
        link.backup(copy, pages=_PAGES, progress=self._pace(name), sleep=_PAUSE)
        copy.name, copy.tick = link.name, link.tick
        restrict(copy)
        return copy

    def _pace(self, name: str) -> Callable[[int, int, int], None]:
        """What happens between two pieces of a copy: the bot has its turn; whoever writes all the time ends it."""
        started = self._clock.monotonic()

        def pause(_status: int, _left: int, _whole: int) -> None:
            if self._clock.monotonic() - started > self._limit:
                raise AskError(f"{name}: is being written all the time and cannot be copied: try again later")
            time.sleep(_PAUSE)

        return pause


def _authoriser(refused: list[str]) -> Callable[..., int]:
    """Allows reading the events and computing, and nothing else; what it refuses goes into the list."""

    def authorise(action: int, first: str | None, second: str | None, database: str | None, _inner: str | None) -> int:
        why = _objection(action, (first or "").lower(), (second or "").lower(), database)
        if why:
            refused.append(why)
        return sqlite3.SQLITE_DENY if why else sqlite3.SQLITE_OK

    return authorise


def _objection(action: int, first: str, second: str, database: str | None) -> str:
    """Why a step of a statement is not allowed; "" where it is."""
    match action:
        case sqlite3.SQLITE_SELECT:
            return ""
        case sqlite3.SQLITE_READ:
            # Counting rows reads no column, and SQLite then names no database.
            known = (first, database) in _READABLE or (database is None and first in _COUNTABLE)
            return "" if known else f"it reads {clean(first, 60)}, and only {EVENTS} and {TABLE} may be read"
        case sqlite3.SQLITE_FUNCTION:
            return "" if second in _FUNCTIONS else f"it calls {clean(second, 60)}(), which is not needed for reading"
        case sqlite3.SQLITE_RECURSIVE:
            return "it is recursive, and might not end"
        case sqlite3.SQLITE_PRAGMA:
            return f"it uses PRAGMA {clean(first, 60)}"
        case sqlite3.SQLITE_ATTACH | sqlite3.SQLITE_DETACH:
            return "it opens or closes another database"
    return "it would change the database"


def _explained(name: str, error: Exception, refused: list[str], limit: int) -> AskError:
    """SQLite's error as one of ours."""
    if refused:
        return UnsafeError(f"the SQL is not run: {refused[0]}")
    text = clean(str(error), 200)
    if isinstance(error, sqlite3.Warning) or "one statement at a time" in text:
        return UnsafeError("the SQL is not run: it holds more than one statement")
    code = getattr(error, "sqlite_errorname", "") or ""
    if code == "SQLITE_INTERRUPT":
        return AskError(f"stopped after {limit // SECOND} s: ask for a shorter time, or fewer bots")
    if code in {"SQLITE_NOMEM", "SQLITE_TOOBIG"} or isinstance(error, MemoryError):
        return AskError(f"stopped: it takes too much memory ({text}); ask for less")
    if code in {"SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_MISUSE", ""}:
        return AskError(f"SQLite does not understand the SQL: {text}")
    return _short(explain(name, error)) if isinstance(error, sqlite3.Error) else AskError(text)


def _short(error: EventError) -> AskError:
    return (HeldError if isinstance(error, LockedError) else AskError)(in_short(str(error)))
