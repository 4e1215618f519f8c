"""`tradetop ask QUESTION`: ready questions run at once, a model's SQL is shown first; nothing is ever written."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from tradetop.ask.answer import Answer
from tradetop.ask.fault import AskError, UnsafeError
from tradetop.ask.guard import checked
from tradetop.ask.history import Past, add, history_path, load
from tradetop.ask.model import Endpoint, endpoint_of
from tradetop.ask.model import ask as ask_model
from tradetop.ask.prompt import messages, sql_in
from tradetop.ask.question import Found, Missed, listing, recognise
from tradetop.cli.answers import annotated, as_json, comma_separated, table, understood
from tradetop.cli.configured import settings
from tradetop.cli.desk import Asking, Desk, desk_of, directory_of
from tradetop.cli.refusal import Refusal
from tradetop.cli.said import say
from tradetop.cli.zone import Zone
from tradetop.model.text import clean, clean_lines

_LISTED = 20
"""Questions of the history that are listed."""


def ask(asking: Asking) -> int:
    """Answer a question, or list what can be asked. The exit code: 0; Refusal where there is no answer."""
    known = settings(asking.config)
    if not asking.question.strip():
        return _list(history_path(directory_of(asking, known)), Zone(asking.local or known.config.local_time))
    desk = desk_of(asking, known)
    try:
        return _answered(desk)
    except AskError as error:
        raise Refusal(str(error)) from None


def meaning(desk: Desk) -> Found | Missed:
    """The ready question that is meant, or why it is none; AskError where the events cannot be read."""
    return recognise(desk.asking.question, desk.source.known(), desk.calendar)


def _answered(desk: Desk) -> int:
    """Answer a ready question, else go to a model."""
    found = meaning(desk)
    if isinstance(found, Missed):
        return _through_model(desk, found)
    says = understood(found, desk.zone, desk.events.only)
    if desk.asking.only_sql:
        say(annotated(found.sql, found.values, desk.zone, desk.events.only))
        return 0
    return _run(desk, found.sql, found.name, says, found)


def _through_model(desk: Desk, missed: Missed) -> int:
    """Have a model write the SQL, show it, and run it once somebody has said so."""
    written, endpoint = by_model(desk, missed)
    sql = _settled(desk, written, endpoint)
    if sql is None:
        return 0
    return _run(desk, sql, endpoint.model, by(desk, f"SQL by {clean(endpoint.model, 60)}"))


def by(desk: Desk, whose: str) -> str:
    """Whose SQL it is, and what it is about; a server's is about every bot that it does not leave out."""
    return whose if desk.postgres or not desk.events.only else f"{whose}, {desk.events.only}"


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


def _run(desk: Desk, sql: str, how: str, says: str, found: Found | None = None) -> int:
    """Run SQL, print what it gives, and remember the question."""
    answer = remembered(desk, sql, how, found)
    match desk.asking.form:
        case "json":
            say(as_json(desk.asking.question, says, sql, {} if found is None else found.values, answer))
        case "csv":
            say(comma_separated(answer))
        case _:
            say(says)
            say(table(answer))
            if not answer.rows:
                say(newest(desk))
    if answer.note:
        click.echo(f"tradetop: {answer.note}", err=True)
    return 0


def remembered(desk: Desk, sql: str, how: str, found: Found | None = None) -> Answer:
    """What the SQL of a ready question, else (None) of a model gives; it is kept, also where it gives an AskError."""
    try:
        if found is None:
            answer = _noted(desk, desk.guard.run(sql))
        else:
            answer = desk.source.run(sql, found.values, found.asked.span)
    except AskError:
        _remember(desk, sql, how, None)
        raise
    _remember(desk, sql, how, len(answer.rows))
    return answer


def _noted(desk: Desk, answer: Answer) -> Answer:
    """The answer of a model's SQL: on a server it sees the table itself."""
    if not (desk.postgres and desk.events.only):
        return answer
    note = f"over all bots of the database, not {desk.events.only} alone, unless the SQL names it"
    return replace(answer, note="; ".join(filter(None, (note, answer.note))))


def newest(desk: Desk) -> str:
    """When the newest event was: no rows may mean that nothing was written at all."""
    t = desk.source.newest()
    return f"the newest event is of {desk.zone.stamp(t)}" if isinstance(t, int) else _none(desk)


def _none(desk: Desk) -> str:
    return f"the database holds no events{f' of {desk.events.only}' if desk.events.only else ''}"


def _list(history: Path, zone: Zone) -> int:
    """Print what can be asked, and what was."""
    say("ready questions, which need no model; times, pairs, bots, strategies and counts may be others:")
    for example in listing():
        say(f"  {example}")
    asked = load(history)
    if asked:
        say("\nasked:")
    for past in asked[-_LISTED:]:
        rows = "no answer" if past.rows is None else f"{past.rows:,} row{'s' if past.rows != 1 else ''}"
        say(f"  {zone.stamp(past.t)}  {past.question}  ({past.how}, {rows})")
    say("\nothers go through a model: set OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL")
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


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
