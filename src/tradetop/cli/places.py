"""Places: what a word may mean to commands that watch nothing: targets that are configured, or have a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tradetop.cli.configured import Settings
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.targets import targets_of
from tradetop.model.address import is_server, is_store
from tradetop.model.target import Target
from tradetop.model.text import clean
from tradetop.scrape.locate import is_address
from tradetop.store.place import history_of, notebook_path, subject

_DIGEST = 9
"""Characters that a history's name has after what people read of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where what is known of a target lies."""

    name: str
    subject: str
    """Name of its history file less the ending; "" for every target."""
    bot: str = ""
    """One of several bots of the target, or ""."""
    target: Target | None = None
    """None where nothing but its history is known."""


def place_of(named: str | None, known: Settings, directory: Path, instead: str = "") -> Place:
    """The place that a word names, or (None) the only one there is; Refusal that names them all where it is unclear.

    `instead` is the option that may be given instead of a target.
    """
    configured, watched = _configured(known, directory), _watched(directory)
    if named is None:
        one = configured or watched
        if len(one) == 1:
            return one[0]
        raise Refusal(f"which bot? {_choice(one, instead)}" if one else f"no bot has been watched yet: {_by(instead)}")
    if (found := place_named(named, known, directory)) is not None:
        return found
    if is_address(named) or is_store(named) or Path(named).exists():
        bots = _named(named, known, directory)
        if len(bots) > 1:
            raise Refusal(f"which bot of the server? {', '.join(place.name for place in bots)}")
        return bots[0]
    offered = _choice(configured or watched, instead)
    raise Refusal(f'"{clean(named, 100)}" is no URL, no file and no bot that is known here: {offered}')


def place_named(name: str, known: Settings, directory: Path) -> Place | None:
    """The place of a target that is called so, in the configuration or by its history; None where there is none."""
    watched = _watched(directory)
    found = next(
        (place for place in (*_configured(known, directory), *watched) if name in (place.name, place.bot)), None
    )
    # One that was recorded with --name is called so nowhere but in its series.
    return found or next((replace(place, name=name) for place in watched if _job(directory, place) == name), None)


def places_of(named: Sequence[str], known: Settings, directory: Path) -> tuple[Place, ...]:
    """The places that words name; without any all that are configured, else all that have a history."""
    if named:
        servers = {name: _named(name, known, directory) for name in named if is_server(name)}
        return tuple(p for name in named for p in servers.get(name) or [place_of(name, known, directory)])
    found = _configured(known, directory) or _watched(directory)
    if not found:
        raise Refusal(f"no bot has been watched yet: {_by()}")
    return tuple(found)


def _by(instead: str = "") -> str:
    return "name one by its URL or database" + (f", or give {instead}" if instead else "")


def _choice(places: Sequence[Place], instead: str) -> str:
    names = dict.fromkeys(place.name for place in places)
    return f"{', '.join(names)}" + (f"; or {instead}" if instead else "") if names else _by(instead)


def _configured(known: Settings, directory: Path) -> list[Place]:
    return [_of(target, directory) for found in known.targets() for target in _each(found.target, directory)]


def _each(target: Target, directory: Path) -> list[Target]:
    """A target, or of a server the bots that it had when it was asked last."""
    if not is_server(target.url):
        return [target]
    from tradetop.cli.servers import remembered

    return [*remembered(target, directory)] or [target]


def _named(named: str, known: Settings, directory: Path) -> list[Place]:
    """The places of what is no name: a page, a database, or a server, which has many."""
    target = known.over(targets_of(TargetOptions((named,)))[0]).target
    return [_of(each, directory) for each in _each(target, directory)]


def _of(target: Target, directory: Path) -> Place:
    history = history_of(directory, target.url, target.database)
    return Place(target.name, subject(history), target.bot_id, target)


def _watched(directory: Path) -> list[Place]:
    """The targets that have a history here, by what people can read of its name."""
    found = [path for path in sorted(directory.glob("*.db")) if path != notebook_path(directory)]
    served = _served(directory)
    return [Place(served.get(subject(path), path.stem[:-_DIGEST]), subject(path)) for path in found]


def _job(directory: Path, place: Place) -> str:
    """The job that a history's series had last; "" where it cannot be read."""
    from tradetop.store.reader import HistoryReader

    reader = HistoryReader.open(directory / f"{place.subject}.db")
    found = reader.newest("scrape")
    reader.close()
    return next((labels.get("job", "") for labels in found if labels.name == "up"), "")


def _served(directory: Path) -> dict[str, str]:
    """What the bots of servers are called, by their histories."""
    from tradetop.cli.servers import FILE, all_remembered

    if not (directory / FILE).is_file():
        return {}
    places = [_of(target, directory) for target in all_remembered(directory)]
    return {place.subject: place.name for place in places}
