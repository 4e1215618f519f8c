"""`tradetop query`: one expression over the history, over a bot's page, or asked of a server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tradetop.cli.asked import Asked, asked_of
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.values import as_json, as_table, error_json, moment
from tradetop.model.address import is_page, is_server
from tradetop.model.clock import LEEWAY, MINUTE, SECOND, SystemClock
from tradetop.model.text import clean
from tradetop.model.value import Matrix, Value, Vector
from tradetop.scrape.locate import is_address

if TYPE_CHECKING:
    from tradetop.cli.configured import Settings
    from tradetop.model.ports import Queryable
    from tradetop.model.target import Target
    from tradetop.promql.nodes import Node
    from tradetop.scrape.credentials import Credentials
    from tradetop.store.archive import Archive
    from tradetop.store.reader import HistoryReader

LOOKBACK = 5 * MINUTE


class QueryError(Exception):
    """A query without an answer: `kind` is the word of Prometheus' API for why."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def query(
    expr: str,
    said: TargetOptions,
    server: str | None,
    at: str | None,
    start: str | None,
    end: str | None,
    step: str | None,
    as_json_: bool,
) -> int:
    """Print what an expression gives. The exit code: 0, or 1 where it gives an error."""
    if server is not None and said.targets:
        raise Refusal("--server and TARGET are two places: name one of them")
    now = SystemClock().now()
    asked = asked_of(expr, now, at, start, end, step)
    target = said.targets[0] if said.targets else None
    if target is not None and is_server(target):
        server = target
    try:
        value = _served(asked, said, server, at) if server is not None else _evaluated(asked, said, target, at)
    except QueryError as error:
        text = clean(str(error), 2_000)
        click.echo(error_json(error.kind, text) if as_json_ else f"tradetop: {text}", err=not as_json_)
        return 1
    if as_json_:
        click.echo(as_json(value))
        return 0
    for word, lines in (("warning", value.warnings), ("info", value.infos)):
        for line in lines:
            click.echo(f"tradetop: {word}: {clean(line)}", err=True)
    table = as_table(value)
    click.echo(table or "tradetop: no series", err=not table)
    return 0


def _served(asked: Asked, said: TargetOptions, place: str, at: str | None) -> Value:
    """What a server answers."""
    from tradetop.cli.targets import tls_of
    from tradetop.model.target import Auth, Tls
    from tradetop.promql import PromQLError
    from tradetop.remote.address import narrowed, server_at
    from tradetop.remote.faults import ServerError
    from tradetop.remote.server import Server
    from tradetop.scrape.faults import FetchError

    named = place if is_server(place) else f"prometheus+{place if '://' in place else f'http://{place}'}"
    try:
        address = server_at(named)
    except ValueError as error:
        raise Refusal(f"--server: {error}") from None
    try:
        expr = narrowed(asked.expr, address)
    except PromQLError as error:
        raise QueryError("bad_data", str(error)) from None
    credentials = _credentials(said)
    server = Server(address, credentials.auth if credentials else Auth(), tls_of(said) or Tls())

    async def ask() -> Value:
        if asked.start is None:
            answer = await server.instant(expr, None if at is None else asked.at)
        else:
            answer = await server.range(expr, asked.start, asked.end, asked.step)
        for note in answer.notes[len(answer.value.warnings) :]:
            click.echo(f"tradetop: {note}", err=True)
        return answer.value

    try:
        return asyncio.run(ask())
    except FetchError as fault:
        kind = {"400": "bad_data", "422": "execution", "timeout": "timeout"}.get(fault.word, "unavailable")
        expr = (
            f": {clean(asked.expr, 200)}"
            if isinstance(fault, ServerError) and kind in ("bad_data", "execution")
            else ""
        )
        raise QueryError(kind, f"{fault}{expr}") from None


def _evaluated(asked: Asked, said: TargetOptions, target: str | None, at: str | None) -> Value:
    """What our own engine gives, over a history and, of a bot that is named by its URL, its page as it is now."""
    from tradetop.cli.configured import settings
    from tradetop.promql import Engine, PromQLError
    from tradetop.promql.ast import parse
    from tradetop.promql.nodes import Kind
    from tradetop.store.archive import Archive

    known = settings(said.config)
    try:
        node = parse(asked.expr)
    except PromQLError as error:
        raise QueryError("bad_data", str(error)) from None
    if asked.start is not None and node.kind not in (Kind.SCALAR, Kind.VECTOR):
        said_kind = f"a range query takes a scalar or an instant vector, not a {node.kind.value}"
        raise QueryError("bad_data", f"{clean(asked.expr, 200)}: {said_kind}")
    oldest = asked.at if asked.start is None else asked.start
    since = oldest - reach(node, oldest)
    store, newest = _store(said, known, target, since)
    if newest is not None and at is None and asked.start is None and target is not None and is_page_of(target):
        # The page was read a moment after the question.
        asked = Asked(asked.expr, max(asked.at, newest))
    if at is None and asked.start is None and newest is not None and newest > asked.at + LEEWAY:
        click.echo(f"tradetop: the history is ahead of this machine's clock: evaluated at {moment(newest)}", err=True)
        asked = Asked(asked.expr, newest)
    engine = Engine(store, born_counters=known.config.born_counters)
    try:
        if asked.start is None:
            value = engine.instant(asked.expr, at=asked.at)
        else:
            value = engine.range(asked.expr, start=asked.start, end=asked.end, step=asked.step)
    except PromQLError as error:
        raise QueryError("execution", str(error)) from None
    empty = (isinstance(value, Vector) and not value.samples) or (isinstance(value, Matrix) and not value.series)
    if isinstance(store, Archive):
        _say_coarse(store)
        if store.reason and empty:
            raise QueryError("execution", f"{clean(asked.expr, 200)}: no series in what can be read: {store.reason}")
        if store.reason:
            value = replace(value, warnings=(*value.warnings, clean(store.reason)))
    if empty and newest is not None and newest < oldest - LOOKBACK:
        click.echo(f"tradetop: the history ends at {moment(newest)}: --at {moment(newest)} asks about then", err=True)
    return value


def is_page_of(target: str) -> bool:
    """Whether a word names a page that can be asked."""
    return is_page(target) or (is_address(target) and "://" not in target)


def reach(node: Node, oldest: int) -> int:
    """How far back (ms) before `oldest` an expression may look, at most."""
    from tradetop.promql.nodes import Range, Selector, Subquery, walk

    found = LOOKBACK
    for each in walk(node):
        if isinstance(each, Range | Subquery):
            found += each.span
        if isinstance(each, Selector | Subquery):
            found += max(0, each.offset)
            if isinstance(each.at, int):
                found += max(0, oldest - each.at)
    return found


def _store(said: TargetOptions, known: Settings, target: str | None, since: int) -> tuple[Queryable, int | None]:
    """What is known of a target since then, and the time (ms) of the newest of it."""
    from tradetop.cli.places import place_of
    from tradetop.store.archive import Archive
    from tradetop.store.place import store_directory
    from tradetop.store.reader import HistoryReader

    directory = store_directory(said.store or (Path(known.config.store) if known.config.store else None))
    place = place_of(target, known, directory, "--server URL")
    path = directory / f"{place.subject}.db"
    reader = HistoryReader.open(path) if path.is_file() else None
    try:
        if reader is not None and reader.reason:
            click.echo(f"tradetop: {clean(reader.reason)}", err=True)
        if target is not None and is_page_of(target) and place.target is not None:
            return _live(said, place.target, reader, since)
        if reader is None:
            raise Refusal(f"{place.name} has no history in {directory}: tradetop record {place.name} makes one")
        return Archive(path, since), next(iter(reader.times("scrape", 1)), None)
    finally:
        if reader is not None:
            reader.close()


def _live(said: TargetOptions, target: Target, reader: HistoryReader | None, since: int) -> tuple[Queryable, int]:
    """What was recorded of a page, and what it says now."""
    from tradetop.cli.targets import told
    from tradetop.scrape.faults import FetchError
    from tradetop.scrape.scrape import Scraper, samples
    from tradetop.store import MemoryStore

    store = MemoryStore()
    if reader is not None:
        for name, metadata in reader.metadata().items():
            store.set_metadata(name, metadata)
        reader.load(store, since)
    watched = _as_recorded(told(target, said, _credentials(said)), reader)
    try:
        scrape = asyncio.run(Scraper(watched).scrape(SystemClock().now()))
    except FetchError as fault:
        raise QueryError("unavailable", str(fault)) from None
    if not scrape.up:
        raise QueryError("unavailable", scrape.reason)
    for name, metadata in scrape.page.metadata.items() if scrape.page is not None else ():
        store.set_metadata(name, metadata)
    newest = max(scrape.t, (store.last_time("scrape") or 0) + 1)
    store.append_scrape("scrape", newest, samples(scrape, watched))
    return store, newest


def _credentials(said: TargetOptions) -> Credentials | None:
    """The credentials that the options name; what is worth saying of them is said."""
    from tradetop.cli.targets import credentials_of

    credentials = credentials_of(said)
    for line in credentials.warnings if credentials else ():
        click.echo(f"tradetop: {line}", err=True)
    return credentials


def _as_recorded(target: Target, reader: HistoryReader | None) -> Target:
    """The target with the job and instance that its history has, or its series would be others."""
    found = reader.newest("scrape") if reader is not None else {}
    known = next((labels for labels in found if labels.name == "up"), None)
    if known is None:
        return target
    return replace(target, job=known.get("job", ""), instance=known.get("instance", ""))


def _say_coarse(store: Archive) -> None:
    """Say what was not read whole: too many series over too long a time."""
    for name, every in store.coarse.items():
        said = f"{clean(name, 100)}: one scrape of {every // SECOND} s was read: it has too many series for this time"
        click.echo(f"tradetop: {said}", err=True)
