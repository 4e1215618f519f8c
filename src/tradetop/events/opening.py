"""From an address to its event store: a path or a URL, whose scheme says of what kind it is."""

from __future__ import annotations

import re
from pathlib import Path

from tradetop.events.lines.address import lines_at, open_lines
from tradetop.events.sqlite import EventDatabase
from tradetop.events.store import EventStore
from tradetop.model.clock import Clock

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


def scheme_of(address: str) -> str:
    """How an address begins, in small letters; "" for a plain path."""
    found = _SCHEME.match(address)
    return found[1].lower() if found is not None else ""


def open_store(address: str, clock: Clock) -> EventStore:
    """The store at an address; nothing is opened before it is asked for something."""
    if (lines := lines_at(address)) is not None:
        return open_lines(lines, clock)
    return EventDatabase(Path(address.removeprefix("sqlite://")), clock)
