"""`tradetop import FILE`: what `promtool tsdb dump` or OpenMetrics text tells, into a bot's history."""

from __future__ import annotations

import contextlib
import gzip
import sys
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

import click

from tradetop.cli.configured import Settings, settings
from tradetop.cli.places import place_named, place_of
from tradetop.cli.refusal import Refusal
from tradetop.cli.zone import UTC
from tradetop.model.address import is_store
from tradetop.model.clock import SystemClock
from tradetop.model.text import clean
from tradetop.scrape.locate import is_address
from tradetop.store.file import HistoryWriter
from tradetop.store.keeping import KEEPING
from tradetop.store.lock import acquire, holder
from tradetop.store.place import history_path, lock_path, prepare, store_directory
from tradetop.store.room import told
from tradetop.transfer.importing import Importing
from tradetop.transfer.lines import Lines

_GZIP = b"\x1f\x8b"


def import_(file: Path, name: str | None, config: Path | None, store: Path | None) -> int:
    """Read a file (`-` is standard input) into the history of a bot. The exit code: 0, or 1 where lines were bad."""
    known = settings(config)
    directory = store_directory(store or (Path(known.config.store) if known.config.store else None))
    path, bot = _history(name, known, directory)
    shown = clean(str(file))
    reading = Lines()
    with _opened(file, shown) as text, _writing(path) as (history, importing):
        try:
            importing.take(reading.samples(text))
        except (OSError, EOFError, zlib.error) as error:
            raise Refusal(f"{shown}: {getattr(error, 'strerror', None) or error}; {_done(importing)}") from None
        if importing.refused:
            raise Refusal(f"{importing.refused}; {_done(importing)}")
        history.put_metadata(reading.metadata)
    for number, problem in reading.faults:
        click.echo(f"tradetop: {shown}:{number}: {problem}", err=True)
    more = reading.fault_count - len(reading.faults)
    if more:
        click.echo(f"tradetop: {shown}: and {more:,} bad lines more", err=True)
    click.echo(f"{bot}: {_done(importing)} ({path})")
    for line in (*_remarks(reading, importing, known.config.retention or KEEPING.retention), *_size(path, known)):
        click.echo(f"tradetop: {line}", err=True)
    return 1 if reading.fault_count or not importing.samples else 0


def _history(name: str | None, known: Settings, directory: Path) -> tuple[Path, str]:
    """The history that a name means: of a bot that is known or is named by its URL, else one of its own."""
    if not name or is_address(name) or is_store(name):
        place = place_of(name or None, known, directory, "--name BOT")
    elif (found := place_named(name, known, directory)) is not None:
        place = found
    else:
        return history_path(directory, name), clean(name, 100)
    return directory / f"{place.subject}.db", place.name


@contextlib.contextmanager
def _opened(file: Path, shown: str) -> Iterator[BinaryIO]:
    if str(file) == "-":
        typed = cast("BufferedReader", sys.stdin.buffer)
        yield cast("BinaryIO", gzip.GzipFile(fileobj=typed) if typed.peek(2)[:2] == _GZIP else typed)
        return
    try:
        plain = file.open("rb")
    except OSError as error:
        raise Refusal(f"{shown}: {error.strerror or error}") from None
    with plain:
        yield cast("BinaryIO", gzip.GzipFile(fileobj=plain)) if file.suffix == ".gz" else plain


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[tuple[HistoryWriter, Importing]]:
    """The history, which nobody else writes meanwhile; where it is new and nothing came into it, there is none."""
    try:
        prepare(path.parent)
        lock = acquire(lock_path(path))
    except OSError as error:
        raise Refusal(f"{path.parent}: {error.strerror or error}") from None
    if lock is None:
        pid = holder(lock_path(path))
        raise Refusal(f"{path} is being recorded by process {pid}: end that first, or import under another --name")
    with lock:
        fresh = not path.exists()
        history = HistoryWriter.open(path, now=SystemClock().now())
        importing = Importing(history)
        try:
            if history.reason:
                raise Refusal(history.reason.removeprefix("not recording: "))
            if history.notice:
                click.echo(f"tradetop: {history.notice}", err=True)
            yield history, importing
        finally:
            history.close()
            if fresh and not importing.new:
                for part in ("", "-wal", "-shm"):
                    path.with_name(path.name + part).unlink(missing_ok=True)


def _size(path: Path, known: Settings) -> Iterator[str]:
    size, limit = path.stat().st_size, known.config.history_size or KEEPING.size
    if size > limit:
        yield (
            f"the history has {told(size)} now, more than its limit of {told(limit)}: who records here next forgets the"
            " oldest (--history-size lets it be larger)"
        )


def _done(importing: Importing) -> str:
    """What was imported, in words."""
    if importing.oldest is None or importing.newest is None:
        return "no samples"
    there = importing.samples - importing.new
    known = f", {there:,} of them were there already" if there else ""
    span = f"from {UTC.stamp(importing.oldest)} to {UTC.stamp(importing.newest)}"
    return f"{importing.samples:,} samples of {len(importing.series):,} series {span}{known}"


def _remarks(reading: Lines, importing: Importing, retention: int) -> Iterator[str]:
    if reading.native:
        yield f"{reading.native:,} samples are native histograms, which are left out: a history holds numbers"
    if importing.oldest is not None and importing.oldest < SystemClock().now() - retention:
        yield "some of it is older than the retention: who records here next forgets that (--retention keeps it longer)"
