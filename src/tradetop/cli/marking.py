"""`tradetop mark TEXT [TARGET]`: writes a mark onto a bot's time axis, for scripts that deploy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from tradetop.cli.configured import Settings, settings
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.targets import targets_of
from tradetop.model.clock import SystemClock
from tradetop.model.target import Target
from tradetop.model.text import clean
from tradetop.scrape.locate import is_address
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import history_path, identity, notebook_path, store_directory, subject

EVERYBODY = "all bots"
_DIGEST = 9
"""Characters that a history's name has after what people read of it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose time axis it is."""

    name: str
    subject: str
    bot: str = ""


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
    place = _Place(EVERYBODY, "") if everybody else _place(target, known, directory)
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


def _place(target: str | None, known: Settings, directory: Path) -> _Place:
    """The place that a target names, or the only one there is; Refusal that names them all where it is unclear."""
    configured = [_of(found.target, directory) for found in known.targets()]
    watched = _watched(directory)
    if target is None:
        one = configured or watched
        if len(one) == 1:
            return one[0]
        raise Refusal(f"which bot? {_choice(one)}" if one else f"no bot has been watched yet: name one{_OR_ALL}")
    named = [place for place in (*configured, *watched) if target in (place.name, place.bot)]
    if named:
        return named[0]
    if is_address(target) or Path(target).exists():
        return _of(known.over(targets_of(TargetOptions((target,)))[0]).target, directory)
    raise Refusal(
        f'"{clean(target, 100)}" is no URL, no file and no bot that is known here: {_choice(configured or watched)}'
    )


_OR_ALL = " by its URL or database, or give --all"


def _choice(places: Sequence[_Place]) -> str:
    names = dict.fromkeys(place.name for place in places)
    return f"{', '.join(names)}; or --all" if names else f"name one{_OR_ALL}"


def _of(target: Target, directory: Path) -> _Place:
    history = history_path(directory, identity(target.url, target.database))
    return _Place(target.name, subject(history), target.bot_id)


def _watched(directory: Path) -> list[_Place]:
    """The targets that have a history here, by what people can read of its name."""
    found = [path for path in sorted(directory.glob("*.db")) if path != notebook_path(directory)]
    return [_Place(path.stem[:-_DIGEST], subject(path)) for path in found]
