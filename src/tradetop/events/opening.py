"""From an address to its event store: a path or a URL, whose scheme says of what kind it is."""

from __future__ import annotations

from pathlib import Path

from tradetop.events.fault import EventError
from tradetop.events.pages import Pages
from tradetop.events.sqlite import EventDatabase
from tradetop.events.store import EventStore
from tradetop.events.table import Table
from tradetop.model.address import D1, POSTGRES, file_of, is_feed, is_store, parted, scheme_of, shown
from tradetop.model.clock import Clock
from tradetop.model.lines import lines_at
from tradetop.model.target import Auth

KINDS = "a path, sqlite:///PATH, d1://ACCOUNT/DATABASE, postgresql://HOST/DATABASE, or https://HOST/api/events"
TABLES = "a path, sqlite:///PATH, d1://ACCOUNT/DATABASE, or postgresql://HOST/DATABASE"
_NO_AUTH = Auth()


def open_store(address: str, clock: Clock, auth: Auth = _NO_AUTH) -> EventStore:
    """The store at an address; nothing is opened, and nothing refused, before it is asked for something.

    `auth` is for servers; where it is empty, what stands in the address is taken.
    """
    bare, own = parted(address)
    auth = own if auth == _NO_AUTH else auth
    if (lines := lines_at(bare)) is not None:
        from tradetop.events.lines.opening import open_lines

        return open_lines(lines, clock, auth)
    # Imported late: most stores are files.
    if scheme_of(bare) in D1:
        from tradetop.events.d1 import D1Store

        return D1Store(bare, clock, auth)
    if scheme_of(bare) in POSTGRES:
        from tradetop.events.postgres import PostgresStore

        return PostgresStore(bare, clock, auth)
    if is_feed(bare):
        from tradetop.events.webfeed import WebFeed

        return WebFeed(bare, clock, auth)
    return EventDatabase(Path(file_of(bare) or shown(bare)), clock)


def open_table(address: str, clock: Clock, auth: Auth = _NO_AUTH) -> Pages:
    """The table at an address, to be read from its first row to its last; EventError where there is none.

    `auth` as for `open_store`.
    """
    bare, own = parted(address)
    auth = own if auth == _NO_AUTH else auth
    check_address(bare)
    if lines_at(bare) is not None or is_feed(bare):
        raise EventError(f"{shown(bare)}: has no past that can be read whole; name the database: {TABLES}")
    if scheme_of(bare) in D1:
        from tradetop.events.d1 import D1Table

        return D1Table(bare, auth)
    if scheme_of(bare) in POSTGRES:
        from tradetop.events.pgtable import PostgresTable

        return PostgresTable(bare, auth)
    return Table(Path(file_of(bare) or shown(bare)), clock)


def check_address(address: str) -> None:
    """EventError where no store can be meant, or can be read here; asks no server."""
    scheme = scheme_of(address)
    if scheme in D1:
        from tradetop.events.d1 import endpoint

        endpoint(address)
    elif scheme in POSTGRES:
        from tradetop.events.pgtable import INSTALL, installed

        if not installed():
            raise EventError(f"{shown(address)}: {INSTALL}")
    elif scheme in {"http", "https"} and not is_feed(address):
        raise EventError(f"{shown(address)}: is no feed: its path ends in /events, or it begins with feed+{scheme}://")
    elif "://" in address and not is_store(address):
        raise EventError(f"{shown(address)}: no event store of this kind; give {KINDS}")
