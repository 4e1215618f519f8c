"""What one question is answered with: of which events it is asked, and what answers SQL about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Protocol

from tradetop.ask.answer import Answer, Value
from tradetop.ask.guard import TIME, Guard, limit_memory
from tradetop.ask.history import history_path
from tradetop.ask.remote import RemoteGuard
from tradetop.ask.span import ALWAYS, Calendar, Span
from tradetop.ask.words import Known
from tradetop.cli.configured import Settings
from tradetop.cli.refusal import Refusal
from tradetop.cli.whose import Events, events_of, only_events
from tradetop.cli.zone import Zone
from tradetop.model.address import D1, POSTGRES, file_of, scheme_of
from tradetop.model.clock import SystemClock
from tradetop.model.text import clean
from tradetop.store.place import store_directory


@dataclass(frozen=True, slots=True)
class Asking:
    """What was said on the command line."""

    question: str
    database: str | None = None
    config: Path | None = None
    store: Path | None = None
    only_sql: bool = False
    yes: bool = False
    form: str = "table"
    model: str = ""
    local: bool = False
    events: Events | None = None
    """Where they are, if that is known already."""


class Source(Protocol):
    """What answers the SQL of ready questions."""

    def known(self) -> Known:
        """The names that the events are about; AskError where they cannot be read."""
        ...

    def newest(self) -> Value:
        """When the newest event was (ms), None where there is none; AskError where they cannot be read."""
        ...

    def run(self, sql: str, values: Mapping[str, Value] | None = None, span: Span = ALWAYS) -> Answer:
        """The rows of one statement about a span; AskError says why there are none."""
        ...


class Runner(Protocol):
    """What answers the SQL of a model."""

    def run(self, sql: str) -> Answer:
        """The rows of one statement; AskError says why there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What one question is answered with."""

    asking: Asking
    events: Events
    source: Source
    guard: Runner
    """For the SQL of a model."""
    scheme: str
    """How the address of the events begins; "" for a path."""
    calendar: Calendar
    zone: Zone
    history: Path

    @property
    def postgres(self) -> bool:
        """Whether a model's SQL is PostgreSQL's."""
        return self.scheme in POSTGRES


def desk_of(asking: Asking, known: Settings) -> Desk:
    """Everything that a question needs; Refusal where it is unclear of what it is asked."""
    zone = Zone(asking.local or known.config.local_time)
    calendar = Calendar(SystemClock().now(), None if zone.local else UTC)
    events = asking.events or _events(asking.database, known)
    limit_memory()
    source, guard = _sources(events, calendar)
    history = history_path(directory_of(asking, known))
    return Desk(asking, events, source, guard, scheme_of(events.address), calendar, zone, history)


def _events(named: str | None, known: Settings) -> Events:
    """What is named, or the only events that the configuration names."""
    if named is not None:
        return events_of(named, known)
    targets = [found.target for found in known.targets() if found.target.database]
    found = only_events(targets)
    if found is None:
        names = ", ".join(clean(target.name) for target in targets)
        raise Refusal(f"which events? give --db with one of {names}" if names else "which events? give --db bots.db")
    return found


def _sources(events: Events, calendar: Calendar) -> tuple[Source, Runner]:
    """What answers ready questions, and what answers a model's SQL; Refusal where nothing does."""
    address, bot, scheme, clock = events.address, events.bot, scheme_of(events.address), SystemClock()
    if scheme in POSTGRES:
        from tradetop.ask.postgres import PostgresGuard
        from tradetop.ask.served import PostgresRows

        rows = PostgresRows(address, events.auth, clock, TIME, bot)
        copied = RemoteGuard(rows, clock, calendar.zone, errors=events.errors, bot=bot)
        return copied, PostgresGuard(address, auth=events.auth)
    if scheme in D1:
        from tradetop.ask.served import D1Rows

        held = D1Rows(address, events.auth, clock, bot)
        copied = RemoteGuard(held, clock, calendar.zone, errors=events.errors, bot=bot)
        return copied, copied
    if scheme not in ("", "sqlite"):
        kind = clean(scheme, 20)
        raise Refusal(f"questions are asked of SQLite, PostgreSQL and D1 databases, and {kind}: is none of them")
    guard = Guard(Path(file_of(address)), clock, calendar.zone, errors=events.errors, bot=bot)
    return guard, guard


def directory_of(asking: Asking, known: Settings) -> Path:
    """Where questions are remembered."""
    return store_directory(asking.store or (Path(known.config.store) if known.config.store else None))
