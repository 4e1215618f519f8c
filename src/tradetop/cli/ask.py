"""`tradetop ask QUESTION`: ready questions run at once, a model's SQL is shown first; nothing is ever written."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Protocol

import click

from tradetop.ask.answer import Answer, Value
from tradetop.ask.fault import AskError, UnsafeError
from tradetop.ask.guard import Guard, checked, limit_memory
from tradetop.ask.history import Past, add, history_path, load
from tradetop.ask.model import Endpoint, endpoint_of
from tradetop.ask.model import ask as ask_model
from tradetop.ask.names import SQL as NAMES
from tradetop.ask.names import known_of
from tradetop.ask.prompt import messages, sql_in
from tradetop.ask.question import Found, Missed, listing, recognise
from tradetop.ask.span import Calendar
from tradetop.cli.answers import annotated, as_json, comma_separated, table, understood
from tradetop.cli.configured import Settings, settings
from tradetop.cli.refusal import Refusal
from tradetop.cli.zone import Zone
from tradetop.model.address import scheme_of
from tradetop.model.clock import SystemClock
from tradetop.model.text import clean, clean_lines
from tradetop.store.place import store_directory

_POSTGRES = {"postgres", "postgresql"}
_LISTED = 20
"""Questions of the history that are listed."""


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


class Source(Protocol):
    """What answers SQL: a guard of one database."""

    def run(self, sql: str, values: Mapping[str, Value] | None = None) -> Answer:
        """The rows of one statement; AskError says why there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What one question is answered with."""

    asking: Asking
    source: Source
    postgres: bool
    calendar: Calendar
    zone: Zone
    history: Path


def ask(asking: Asking) -> int:
    """Answer a question, or list what can be asked. The exit code: 0; Refusal where there is no answer."""
    known = settings(asking.config)
    if not asking.question.strip():
        return _list(history_path(_directory(asking, known)), Zone(asking.local or known.config.local_time))
    desk = desk_of(asking, known)
    try:
        return _answered(desk)
    except AskError as error:
        raise Refusal(str(error)) from None


def desk_of(asking: Asking, known: Settings) -> Desk:
    """Everything that a question needs; Refusal where it is unclear of what it is asked."""
    zone = Zone(asking.local or known.config.local_time)
    calendar = Calendar(SystemClock().now(), None if zone.local else UTC)
    address = _address(asking.database, known)
    limit_memory()
    history = history_path(_directory(asking, known))
    return Desk(asking, _source(address, calendar), scheme_of(address) in _POSTGRES, calendar, zone, history)


def meaning(desk: Desk) -> Found | Missed:
    """The ready question that is meant, or why it is none; AskError where the events cannot be read."""
    if desk.postgres:
        return Missed(())
    return recognise(desk.asking.question, known_of(desk.source.run(NAMES)), desk.calendar)


def _answered(desk: Desk) -> int:
    """Answer a ready question, else go to a model."""
    found = meaning(desk)
    if isinstance(found, Missed):
        return _through_model(desk, found)
    says = understood(found, desk.zone)
    if desk.asking.only_sql:
        click.echo(annotated(found.sql, found.values, desk.zone))
        return 0
    return _run(desk, found.sql, found.name, says, found.values)


def _through_model(desk: Desk, missed: Missed) -> int:
    """Have a model write the SQL, show it, and run it once somebody has said so."""
    written, endpoint = by_model(desk, missed)
    sql = _settled(desk, written, endpoint)
    if sql is None:
        return 0
    return _run(desk, sql, endpoint.model, f"SQL by {clean(endpoint.model, 60)}", {})


def by_model(desk: Desk, missed: Missed) -> tuple[str, Endpoint]:
    """The SQL that a model writes, unread and not run, and which model; AskError where there is none."""
    endpoint = endpoint_of(os.environ, desk.asking.model)
    if endpoint is None:
        raise AskError(_no_model(missed))
    if endpoint.open_key:
        click.echo(f"tradetop: the key travels unencrypted to {endpoint.where}", err=True)
    click.echo(f"tradetop: asking {clean(endpoint.model, 60)} at {endpoint.where}", err=True)
    chat = messages(desk.asking.question, desk.calendar, postgres=desk.postgres)
    return sql_in(asyncio.run(ask_model(endpoint, chat))), endpoint


def _settled(desk: Desk, sql: str, endpoint: Endpoint) -> str | None:
    """The SQL that shall run; None where none shall."""
    if desk.asking.only_sql or desk.asking.yes or not _is_terminal():
        click.echo(clean_lines(sql, 20_000), err=not desk.asking.only_sql)
        text = checked(sql)
        if desk.asking.only_sql:
            _remember(desk, text, endpoint.model, None)
            return None
        if not desk.asking.yes:
            raise Refusal("not run: without a terminal a model's SQL is run only with --yes")
        return text
    while True:
        click.echo(f"\n{clean_lines(sql, 20_000)}\n")
        try:
            text = checked(sql)
            choice = click.prompt("run it: Enter, edit it: e, leave it: q", default="", show_default=False)
        except UnsafeError as error:
            text = ""
            click.echo(f"tradetop: {error}", err=True)
            choice = click.prompt("edit it: e, leave it: q", default="q", show_default=False)
        if not choice.strip() and text:
            return text
        if choice.strip().lower() != "e":
            return None
        sql = click.edit(sql, extension=".sql", require_save=False) or sql


def _run(desk: Desk, sql: str, how: str, says: str, values: Mapping[str, Value]) -> int:
    """Run SQL, print what it gives, and remember the question."""
    answer = remembered(desk, sql, how, values)
    match desk.asking.form:
        case "json":
            click.echo(as_json(desk.asking.question, says, sql, values, answer))
        case "csv":
            click.echo(comma_separated(answer))
        case _:
            click.echo(says)
            click.echo(table(answer))
            if not answer.rows and not desk.postgres:
                click.echo(_newest(desk))
    return 0


def remembered(desk: Desk, sql: str, how: str, values: Mapping[str, Value]) -> Answer:
    """What SQL gives; the question is kept, also where it gives an AskError."""
    try:
        answer = desk.source.run(sql, values)
    except AskError:
        _remember(desk, sql, how, None)
        raise
    _remember(desk, sql, how, len(answer.rows))
    return answer


def _newest(desk: Desk) -> str:
    """When the newest event was: no rows may mean that nothing was written at all."""
    rows = desk.source.run("SELECT max(t), count(*) FROM events").rows
    t = rows[0][0] if rows else None
    return f"the newest event is of {desk.zone.stamp(t)}" if isinstance(t, int) else "the database holds no events"


def _list(history: Path, zone: Zone) -> int:
    """Print what can be asked, and what was."""
    click.echo("ready questions, which need no model; times, pairs, bots, strategies and counts may be others:")
    for example in listing():
        click.echo(f"  {example}")
    asked = load(history)
    if asked:
        click.echo("\nasked:")
    for past in asked[-_LISTED:]:
        rows = "no answer" if past.rows is None else f"{past.rows:,} row{'s' if past.rows != 1 else ''}"
        click.echo(f"  {zone.stamp(past.t)}  {past.question}  ({past.how}, {rows})")
    click.echo("\nothers go through a model: set OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL")
    return 0


def _remember(desk: Desk, sql: str, how: str, rows: int | None) -> None:
    """Keep the question; that this cannot be is no reason for no answer."""
    past = Past(desk.calendar.now, clean(desk.asking.question, 1_000), sql, clean(how, 60), rows)
    try:
        add(desk.history, past)
    except OSError as error:
        click.echo(f"tradetop: {clean(str(desk.history))}: not remembered ({error.strerror})", err=True)


def _no_model(missed: Missed) -> str:
    words = ", ".join(clean(word, 40) for word in missed.unknown[:5])
    near = f'; the nearest is: "{missed.near}"' if missed.near else ""
    return (
        f"no ready question is this one{f' (not understood: {words})' if words else ''}{near}\n"
        "for others set OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL, or see `tradetop ask`"
    )


def _address(named: str | None, known: Settings) -> str:
    """Where the events are: a path or URL, or the name of a configured target."""
    configured = {c.target.name: c.target.database for c in known.targets() if c.target.database}
    if named is not None:
        return configured.get(named, named)
    databases = dict.fromkeys(configured.values())
    if len(databases) == 1:
        return next(iter(databases))
    names = ", ".join(map(clean, configured))
    raise Refusal(f"which events? give --db with one of {names}" if names else "which events? give --db bots.db")


def _source(address: str, calendar: Calendar) -> Source:
    scheme = scheme_of(address)
    if scheme in _POSTGRES:
        from tradetop.ask.postgres import PostgresGuard

        return PostgresGuard(address)
    if scheme not in ("", "sqlite"):
        raise Refusal(f"questions are asked of SQLite and PostgreSQL databases, and {clean(scheme, 20)}: is neither")
    return Guard(Path(address.removeprefix("sqlite://")), SystemClock(), calendar.zone)


def _directory(asking: Asking, known: Settings) -> Path:
    return store_directory(asking.store or (Path(known.config.store) if known.config.store else None))


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
