"""`tradetop report NAME [DATABASE]`: what a bot's events say of any window, as a table, CSV or JSON."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click

from tradetop.cli.configured import settings
from tradetop.cli.refusal import Refusal
from tradetop.cli.said import say
from tradetop.cli.sheets import FORMS, About
from tradetop.cli.whose import Events, events_of, only_events
from tradetop.cli.zone import Zone
from tradetop.events.categorise import Categories
from tradetop.events.fault import EventError, in_short
from tradetop.events.file import shown
from tradetop.events.opening import open_table
from tradetop.model.clock import DAY, SystemClock
from tradetop.model.target import Target
from tradetop.model.text import clean
from tradetop.model.unit import Unit
from tradetop.panes.numbers import amount, rough
from tradetop.reports import REPORTS, Asked, Report
from tradetop.reports.asked import known_window
from tradetop.reports.reading import Progress, Watch, catch_up
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import Window
from tradetop.store.place import history_of, prepare, store_directory

SPAN = 7 * DAY
FAR = "reading events"
"""How it begins what says how far the reading is."""
STOPPED = 130
"""The exit code of what somebody has stopped."""
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What was said about a report; None and () mean that nothing was. Times in ms."""

    since: int | None = None
    until: int | None = None
    bot: str = ""
    strategies: tuple[str, ...] = ()
    tag: str = ""
    form: str = "table"
    local: bool = False
    config: Path | None = None
    store: Path | None = None
    rebuild: bool = False


def list_reports() -> int:
    """Print what can be asked for. The exit code: 0."""
    width = max(map(len, REPORTS))
    for name, report in REPORTS.items():
        module = sys.modules[report.__module__].__doc__ or ""
        click.echo(f"{name.ljust(width)}  {module.splitlines()[0]}")
    click.echo("\ntradetop report NAME [DATABASE] [--since 7d]; docs/reports.md says what each figure is")
    return 0


def report(name: str, database: str | None, said: ReportOptions) -> int:
    """Print one report. The exit code: 0; Refusal where the database cannot be read or the question makes no sense."""
    known = settings(said.config)
    events = events_of(database, known) if database else _configured([found.target for found in known.targets()])
    directory = store_directory(said.store or (Path(known.config.store) if known.config.store else None))
    watch = _show if sys.stderr.isatty() else None
    found, about = made(name, events, directory, said, Zone(said.local or known.config.local_time), watch)
    say(FORMS[said.form](found, about), nl=False)
    return 0


def made(
    name: str, events: Events, directory: Path, said: ReportOptions, zone: Zone, watch: Watch | None = None
) -> tuple[Report, About]:
    """A report on events, whose sums lie in a directory; Refusal as `report`."""
    if name not in REPORTS:
        raise Refusal(f'there is no report "{clean(name, 60)}": there are {", ".join(REPORTS)}')
    until = SystemClock().now() if said.until is None else said.until
    since = until - SPAN if said.since is None else said.since
    if since >= until:
        raise Refusal("--since lies after --until: there is no time between them")
    if events.bot and said.bot not in ("", events.bot):
        raise Refusal(f"this is {events.only} alone: name its database, {events.shown}, for others")
    window, bot = Window.around(max(0, since), until), said.bot or events.bot
    asked = Asked(window, lambda t: zone.at(t)[0], bot, said.strategies, said.tag or "")
    cache = _cache(directory, events.address)
    try:
        return _told(name, events, cache, asked, said, zone, watch)
    except sqlite3.OperationalError as error:
        raise Refusal(
            f"{_named(cache)}: cannot be written ({error}): free some space, or name another --store"
        ) from None
    except sqlite3.DatabaseError:
        # Damaged behind its first page; nothing is lost with it.
        if cache is None:
            raise
        _remove(cache)
        return _told(name, events, cache, asked, said, zone, watch)


def _told(
    name: str,
    events: Events,
    cache: Path | None,
    asked: Asked,
    said: ReportOptions,
    zone: Zone,
    watch: Watch | None,
) -> tuple[Report, About]:
    if said.rebuild and cache is not None:
        _remove(cache)
    with closing(_opened(cache)) as rollup:
        if rollup.outdated:
            click.echo(f"tradetop: {_named(cache)}: of another version: all events are read again, once", err=True)
        _read(events, rollup, watch)
        with rollup.still():
            _check(name, events, rollup, asked)
            found = REPORTS[name](rollup, asked)
            if not found.rows:
                found = replace(found, notes=(_where(rollup, zone), *found.notes))
    of = [f"bot {clean(asked.bot, 60)}"] if asked.bot else []
    of += [f"strategy {clean(one, 60)}" for one in asked.strategies]
    about = About(
        events.shown, "".join(f"  {one}" for one in of), zone, name == "strategies" and len(asked.strategies) == 2
    )
    return found, about


def _where(rollup: Rollup, zone: Zone) -> str:
    """Where there are events, said where a window has nothing to tell."""
    known = known_window(rollup)
    if known is None:
        return "the database has no events yet"
    return f"nothing in this window; events lie between {zone.stamp(known.since)} and {zone.stamp(known.until)}"


def _read(events: Events, rollup: Rollup, watch: Watch | None) -> None:
    """Bring the cache up to date; whoever watches is told how far it is."""
    clock = SystemClock()
    try:
        table = open_table(events.address, clock, events.auth)
        asyncio.run(catch_up(table, events.shown, rollup, clock, watch, categories=Categories(events.errors)))
    except EventError as error:
        raise Refusal(in_short(str(error))) from None
    except KeyboardInterrupt:
        if watch is _show:
            _show(None)
        known = rollup.get("rows") or 0
        click.echo(f"stopped: {known:,} events are read; the next report goes on from there", err=True)
        raise SystemExit(STOPPED) from None
    if watch is _show:
        _show(None)


def progress_text(progress: Progress) -> str:
    """`reading events: 3.1M of 10.0M, ~2m left`."""
    read, left = amount(progress.read, Unit.SHORT), progress.left
    if progress.days:
        return f"{FAR}: {read}, adding up {progress.days:,} days"
    if left is None:
        return f"{FAR}: {read}"
    ends = "" if progress.ms is None else f", {rough(progress.ms)} left"
    return f"{FAR}: {read} of {amount(progress.read + left, Unit.SHORT)}{ends}"


def _show(progress: Progress | None) -> None:
    """Say on the terminal how far it is, in the place of what was said before; None when it is over."""
    click.echo("\r\x1b[K" + (progress_text(progress) if progress else ""), err=True, nl=False)


def _check(name: str, events: Events, rollup: Rollup, asked: Asked) -> None:
    """Refusal where nothing can be found by what was named."""
    for kind, column, names in (("bot", "bot", (asked.bot,)), ("strategy", "strategy", asked.strategies)):
        there = rollup.values(column) if any(names) else ()
        for one in names:
            if one and one not in there:
                raise Refusal(f'{events.shown}: no {kind} "{clean(one, 60)}": there are {_few(there)}')
    if name == "ab" and not asked.tag:
        tags = {key for text in rollup.values("tags", "close_days") if text for key in json.loads(text)}
        raise Refusal(f"ab needs --tag NAME: closed trades have {_few(tuple(sorted(tags)))}")


def _few(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return (", ".join(clean(name or "(none)", 60) for name in names[:_MOST_NAMED]) or "none") + more


def _configured(targets: Sequence[Target]) -> Events:
    """The only events that the configuration names; several bots may write into one place."""
    found = only_events(targets)
    if found is None:
        which = ", ".join(clean(target.name) for target in targets if target.database)
        raise Refusal(f"which database? {f'one of {which}' if which else 'name one: tradetop report NAME bots.db'}")
    return found


def _cache(directory: Path, database: str) -> Path | None:
    """Where the cache of a database lies: beside its history; None where nothing can be kept."""
    try:
        prepare(directory)
    except OSError as error:
        _say(f"{shown(directory)}: {error.strerror}")
        return None
    return history_of(directory, "", database).with_suffix(".rollup")


def _opened(cache: Path | None) -> Rollup:
    """The cache, in memory where its file may not be written."""
    try:
        return Rollup(cache)
    except OSError as error:
        _say(f"{_named(cache)}: {error.strerror}")
        return Rollup(None)


def _say(why: str) -> None:
    click.echo(f"tradetop: {why}: nothing is kept for the next report", err=True)


def _named(cache: Path | None) -> str:
    return "the cache" if cache is None else shown(cache)


def _remove(cache: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{cache}{ending}").unlink(missing_ok=True)
