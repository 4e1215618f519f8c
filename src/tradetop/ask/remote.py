"""Ready questions about events on a server: those of the time that is asked about are copied into memory, and no more.

So the same SQL gives the same rows wherever the events lie; a server is asked for nothing but rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import tzinfo
from functools import partial
from typing import Protocol

from tradetop.ask.answer import Answer, Value
from tradetop.ask.fault import AskError
from tradetop.ask.guard import NEWEST, TIME, answered, prepared
from tradetop.ask.span import ALWAYS, Span
from tradetop.ask.words import Known
from tradetop.events.categorise import Categories
from tradetop.events.connection import GuardedConnection, restrict
from tradetop.events.fault import EventError, in_short
from tradetop.events.row import Cell, Row
from tradetop.events.schema import COLUMNS, Schema
from tradetop.model.clock import SECOND, Clock
from tradetop.model.error_category import USUAL, ErrorCategory

MOST = 200_000
"""Most events that are copied for one question."""
WHOLE = 128 * 1024 * 1024
"""Most characters of all of them."""
_LAST = 500
"""Events, as they were written, of which the newest is told."""
_CREATE = f"CREATE TABLE bot_events ({', '.join(COLUMNS)})"
_INSERT = f"INSERT INTO bot_events VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - only our own words


class Rows(Protocol):
    """The rows of `bot_events` on a server; every method may raise AskError or EventError."""

    name: str
    """Where they are, as it may be shown."""

    def known(self) -> Known:
        """The names of bots, strategies and pairs."""
        ...

    def read(self, span: Span, most: int) -> Generator[Row]:
        """At most so many rows that may be of a span, the newest first; it is closed where no more are wanted."""
        ...


class RemoteGuard:
    """Answers ready SQL from rows of a server; its address, which may hold a password, is never shown."""

    def __init__(
        self,
        rows: Rows,
        clock: Clock,
        zone: tzinfo | None,
        limit: int = TIME,
        most: int = MOST,
        whole: int = WHOLE,
        errors: tuple[ErrorCategory, ...] = USUAL,
        bot: str = "",
    ) -> None:
        """`limit` is how long reading may take, and then the question (ms); `most` and `whole` cap what is read.

        `errors` are the categories that errors belong to; `bot` is the one that the rows are of, "" for all.
        """
        self._bot = bot
        self._categories = Categories(errors)
        self._rows, self._clock, self._zone = rows, clock, zone
        self._limit, self._most, self._whole = limit, most, whole

    def known(self) -> Known:
        """The names that the events are about; AskError where they cannot be read."""
        try:
            return self._rows.known()
        except EventError as error:
            raise _once(error) from None

    def newest(self) -> Value:
        """When the newest of the last events was (ms), None where there is none; AskError where they cannot be read."""
        last = RemoteGuard(self._rows, self._clock, self._zone, self._limit, _LAST, bot=self._bot)
        return last.run(NEWEST).rows[0][0]

    def run(self, sql: str, values: Mapping[str, Value] | None = None, span: Span = ALWAYS) -> Answer:
        """The rows of one statement over the events of a span; AskError says why there are none."""
        copy = _Copy(self._most, self._whole, self._limit)
        return answered(partial(self._open, copy, span), self._rows.name, sql, values or {}, self._limit, copy.note)

    def _open(self, copy: _Copy, span: Span, taken: ExitStack) -> GuardedConnection:
        link = sqlite3.connect(":memory:", isolation_level=None, factory=GuardedConnection)
        taken.enter_context(closing(link))
        link.execute(_CREATE)
        try:
            with closing(self._rows.read(span, self._most + 1)) as rows:
                link.executemany(_INSERT, copy.taken(rows, self._clock))
        except EventError as error:
            raise _once(error) from None
        link.name, link.tick = self._rows.name, self._clock.monotonic
        restrict(link)
        schema = Schema(frozenset(COLUMNS), "")
        return prepared(link, schema, self._clock.now(), self._zone, self._limit, self._categories, self._bot)


class _Copy:
    """How much may be copied, and how much was."""

    def __init__(self, most: int, whole: int, limit: int) -> None:
        self._most, self._whole, self._limit = most, whole, limit
        self._count = 0
        self._why = ""

    def taken(self, rows: Iterable[Row], clock: Clock) -> Iterator[Sequence[Cell]]:
        """The cells of the rows, until there are too many or their time is over."""
        end = clock.monotonic() + self._limit
        size = 0
        for row in rows:
            if self._count == self._most:
                self._why = "as many as are read for one question"
            elif size > self._whole:
                self._why = f"{self._whole >> 20} MiB, as much as is read for one question"
            elif clock.monotonic() > end:
                self._why = f"as many as came within {self._limit // SECOND} s"
            if self._why:
                return
            self._count += 1
            size += sum(len(cell) for cell in row if isinstance(cell, (str, bytes)))
            yield row[1:9]

    def note(self) -> str:
        """What the answer leaves out, for people; "" for nothing."""
        if not self._why:
            return ""
        return f"of the newest {self._count:,} events of that time alone: {self._why}; ask for a shorter time"


def _once(error: EventError) -> AskError:
    return AskError(in_short(str(error)))
