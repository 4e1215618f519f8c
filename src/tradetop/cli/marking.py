"""`tradetop mark TEXT [TARGET]`: writes a mark onto a bot's time axis, for scripts that deploy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from tradetop.cli.configured import settings
from tradetop.cli.places import Place, place_of
from tradetop.cli.refusal import Refusal
from tradetop.model.clock import SystemClock
from tradetop.model.text import clean
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import notebook_path, store_directory

EVERYBODY = "all bots"


def mark(
    text: str, target: str | None, at: int | None, everybody: bool, config: Path | None, store: Path | None
) -> int:
    """Write a mark at `at` (ms; None is now) and print where. The exit code: 0; Refusal where it cannot be kept."""
    now = SystemClock().now()
    if not text.strip():
        raise Refusal('a mark needs a text, such as tradetop mark "deploy v1.4.2"')
    if at is not None and at > now:
        raise Refusal("--at lies in the future: a mark says what has happened")
    if target is not None and everybody:
        raise Refusal("a TARGET and --all contradict each other: give one of them")
    known = settings(config)
    directory = store_directory(store or (Path(known.config.store) if known.config.store else None))
    place = Place(EVERYBODY, "") if everybody else place_of(target, known, directory, "--all")
    book = NotebookFile(notebook_path(directory))
    if not book.write(place.subject, now if at is None else at, text, bot=place.bot, now=now):
        raise Refusal(book.notice(now))
    book.close()
    when = datetime.fromtimestamp((now if at is None else at) / 1_000, UTC)
    click.echo(f'marked {when:%Y-%m-%d %H:%M:%S} UTC "{clean(text.strip(), 200)}" on {place.name} ({book.path})')
    if place.subject and not (directory / f"{place.subject}.db").exists():
        click.echo(
            f"tradetop: {place.name} has no history in {directory} yet: has it another URL or --store?", err=True
        )
    return 0
