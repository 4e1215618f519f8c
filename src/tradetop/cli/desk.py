"""What one question is answered with: of which events it is asked, and what answers SQL about them."""

from __future__ import annotations

import os
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
from tradetop.cli.stores import store_of
from tradetop.cli.zone import Zone
from tradetop.model.address import D1, POSTGRES, scheme_of
from tradetop.model.clock import SystemClock
from tradetop.model.target import Auth
from tradetop.model.text import clean
from tradetop.store.place import store_directory

_NO_AUTH = Auth()


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
    auth: Auth = _NO_AUTH
    """For a database whose address was parted from its credentials."""


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
    address, auth = _address(asking, known)
    limit_memory()
    source, guard = _sources(address, auth, calendar)
    return Desk(asking, source, guard, scheme_of(address), calendar, zone, history_path(directory_of(asking, known)))


def _address(asking: Asking, known: Settings) -> tuple[str, Auth]:
    """Where the events are, and what opens them: a path or URL, or the name of a configured target."""
    configured = {c.target.name: (c.target.database, c.target.database_auth) for c in known.targets()}
    configured = {name: place for name, place in configured.items() if place[0]}
    named = asking.database
    if named is not None:
        if named in configured or asking.auth != _NO_AUTH:
            return configured.get(named, (named, asking.auth))
        try:
            return store_of(named, os.environ)
        except ValueError as error:
            raise Refusal(str(error)) from None
    databases = {place[0]: place for place in configured.values()}
    if len(databases) == 1:
        return next(iter(databases.values()))
    names = ", ".join(map(clean, configured))
    raise Refusal(f"which events? give --db with one of {names}" if names else "which events? give --db bots.db")


def _sources(address: str, auth: Auth, calendar: Calendar) -> tuple[Source, Runner]:
    """What answers ready questions, and what answers a model's SQL; Refusal where nothing does."""
    scheme, clock = scheme_of(address), SystemClock()
    if scheme in POSTGRES:
        from tradetop.ask.postgres import PostgresGuard
        from tradetop.ask.served import PostgresRows

        rows = PostgresRows(address, auth, clock, TIME)
        return RemoteGuard(rows, clock, calendar.zone), PostgresGuard(address, auth=auth)
    if scheme in D1:
        from tradetop.ask.served import D1Rows

        copied = RemoteGuard(D1Rows(address, auth, clock), clock, calendar.zone)
        return copied, copied
    if scheme not in ("", "sqlite"):
        kind = clean(scheme, 20)
        raise Refusal(f"questions are asked of SQLite, PostgreSQL and D1 databases, and {kind}: is none of them")
    guard = Guard(Path(address.removeprefix("sqlite://")), clock, calendar.zone)
    return guard, guard


def directory_of(asking: Asking, known: Settings) -> Path:
    """Where questions are remembered."""
    return store_directory(asking.store or (Path(known.config.store) if known.config.store else None))
