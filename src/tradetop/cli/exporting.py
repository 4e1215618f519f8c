"""`tradetop export`: a bot's history as OpenMetrics text."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from tradetop.cli.configured import settings
from tradetop.cli.places import place_of
from tradetop.cli.refusal import Refusal
from tradetop.model.text import clean
from tradetop.store.archive import Archive
from tradetop.store.joined import FOREVER
from tradetop.store.place import store_directory
from tradetop.transfer.openmetrics import lines


@dataclass(frozen=True, slots=True)
class Export:
    """What was said; times in ms."""

    target: str | None
    openmetrics: bool
    start: int | None
    end: int | None
    output: Path | None
    config: Path | None
    store: Path | None


def export(said: Export) -> int:
    """Write the history of one bot. The exit code: 0; Refusal where it cannot be read or written."""
    if not said.openmetrics:
        raise Refusal("say in which form: --openmetrics is the only one yet")
    known = settings(said.config)
    directory = store_directory(said.store or (Path(known.config.store) if known.config.store else None))
    place = place_of(said.target, known, directory)
    path = directory / f"{place.subject}.db"
    if not path.exists():
        raise Refusal(f"{place.name} has no history: {clean(str(path))}: no such file")
    archive = Archive(path, 0 if said.start is None else said.start, FOREVER if said.end is None else said.end)
    archive.series()
    if archive.reason:
        raise Refusal(archive.reason)
    try:
        if said.output is None:
            _print(archive)
        else:
            _write(archive, said.output)
    finally:
        archive.close()
    return _said(archive)


def _said(archive: Archive) -> int:
    """The exit code, once what could not be read has been said."""
    if archive.reason:
        click.echo(f"tradetop: not all of it was written: {archive.reason}", err=True)
    return 1 if archive.reason else 0


def _print(archive: Archive) -> None:
    try:
        for line in lines(archive):
            sys.stdout.write(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has enough; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(archive: Archive, output: Path) -> None:
    """Into a file that is there when it is complete, and not before."""
    part = output.with_name(f"{output.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        with part.open("w") as file:
            file.writelines(lines(archive))
        part.replace(output)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise Refusal(f"--output: {clean(str(output))}: {error.strerror or error}") from None
