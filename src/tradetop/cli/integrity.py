"""`tradetop history check`: whether histories can be read whole, and saving what can be of one that cannot."""

from __future__ import annotations

import sqlite3
from datetime import UTC as UTC_ZONE
from datetime import datetime
from pathlib import Path

import click

from tradetop.cli.configured import settings
from tradetop.cli.refusal import Refusal
from tradetop.cli.zone import UTC
from tradetop.model.clock import SECOND, SystemClock
from tradetop.model.text import clean
from tradetop.store.integrity import Found, check, is_foreign, salvage
from tradetop.store.lock import acquire, holder
from tradetop.store.place import lock_path, move_aside, notebook_path, store_directory
from tradetop.store.room import told


def check_histories(files: tuple[Path, ...], config: Path | None, store: Path | None, repair: bool) -> int:
    """Check these files, or all histories of a store. The exit code: 0, or 1 where one is damaged and stays so."""
    if not files:
        known = settings(config)
        directory = store_directory(store or (Path(known.config.store) if known.config.store else None))
        files = tuple(path for path in sorted(directory.glob("*.db")) if path != notebook_path(directory))
        foreign = [path for path in files if is_foreign(path)]
        for path in foreign:
            click.echo(f"{clean(str(path))}: a database, but no history: left alone", err=True)
        files = tuple(path for path in files if path not in foreign)
        if not files:
            raise Refusal(f"no history in {clean(str(directory))}")
    return max([_checked(path, repair) for path in files])


def _checked(path: Path, repair: bool) -> int:
    shown = clean(str(path))
    if not path.is_file():
        raise Refusal(f"{shown}: {'no such file' if not path.exists() else 'is no file'}")
    try:
        if is_foreign(path):
            raise Refusal(f"{shown}: a database, but no history of tradetop's: it is left alone")
        found = check(path)
    except sqlite3.Error as error:
        raise Refusal(f"{shown}: {error}") from None
    if not found.problem_count:
        click.echo(f"{shown}: fine: {_said(found, path)}")
        return 0
    if found.newer:
        click.echo(f"{shown}: {found.problems[0]}")
        return 1
    click.echo(f"{shown}: damaged: {_said(found, path)} can be read")
    for problem in found.problems:
        click.echo(f"  {problem}")
    if found.problem_count > len(found.problems):
        click.echo(f"  and {found.problem_count - len(found.problems):,} problems more")
    if not repair:
        click.echo("  --repair saves what can be read into a new file, and leaves this one beside it")
        return 1
    if not (found.scrapes or found.series or found.imported):
        click.echo("  nothing of it can be read: it stays as it is, and a recorder sets it aside and begins anew")
        return 1
    return _repair(path, shown)


def _said(found: Found, path: Path) -> str:
    parts = [f"{found.scrapes:,} scrapes", f"{found.series:,} series"]
    if found.imported:
        parts.append(f"{found.imported:,} imported samples")
    if found.lost:
        parts.append(f"less {found.lost:,} scrapes that are lost")
    if found.start is not None and found.end is not None:
        parts.append(f"from {UTC.stamp(found.start)} to {UTC.stamp(found.end)}")
    return f"{', '.join(parts)}, {told(path.stat().st_size)}, format {found.version}"


def _repair(path: Path, shown: str) -> int:
    """Save what can be read; the damaged file stays under a name that is said."""
    if path.suffix != ".db":
        # It was set aside before: what is saved of it gets a history of its own.
        saved = path.with_name(f"{path.name}.repaired.db")
        if saved.exists():
            raise Refusal(f"{clean(str(saved))} is there already")
        _salvage(path, saved)
        click.echo(f"  saved into {clean(saved.name)}; {clean(path.name)} stays as it is")
        return 0
    try:
        lock = acquire(lock_path(path))
    except OSError as error:
        raise Refusal(f"{shown}: {error.strerror or error}") from None
    if lock is None:
        raise Refusal(f"{shown} is being recorded by process {holder(lock_path(path))}: end that first")
    with lock:
        part = path.with_name(f"{path.name}.part")
        _salvage(path, part)
        now = datetime.fromtimestamp(SystemClock().now() / SECOND, UTC_ZONE)
        aside = move_aside(path, now.strftime("%Y%m%dT%H%M%SZ"))
        part.rename(path)
    click.echo(f"  repaired; the damaged file is {clean(aside.name)}")
    return 0


def _salvage(path: Path, into: Path) -> None:
    try:
        salvage(path, into)
    except (OSError, sqlite3.Error) as error:
        into.unlink(missing_ok=True)
        raise Refusal(f"{clean(str(into))}: {getattr(error, 'strerror', None) or error}") from None
