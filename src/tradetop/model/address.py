"""Where a bot's events lie: a path or a URL, told apart by how it begins, and never shown with a secret."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from tradetop.model.lines import Source, lines_at
from tradetop.model.target import Auth, Secret
from tradetop.model.text import clean

SQLITE = frozenset({"sqlite"})
D1 = frozenset({"d1", "d1+http", "d1+https"})
POSTGRES = frozenset({"postgresql", "postgres"})
SERVERS = frozenset({"prometheus+http", "prometheus+https"})
"""Servers that know the series of many bots, and answer queries as Prometheus does."""
FEEDS = frozenset({"feed+http", "feed+https"})
"""Feeds whose path says nothing: the same without `feed+` is fetched."""
_WEB = frozenset({"http", "https"})
_FEED_PATH = "/events"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_SECRETS = frozenset({"password", "token", "api_token", "key", "secret", "sslpassword"})
"""Words of a query whose values are never kept in an address."""
_PLACE = ("host", "hostaddr", "port", "dbname")
"""Words of a PostgreSQL URL's query that say which database it is."""


def scheme_of(address: str) -> str:
    """How an address begins, in small letters; "" for a plain path."""
    found = _SCHEME.match(address)
    return found[1].lower() if found is not None else ""


def is_feed(address: str) -> bool:
    """Whether it is an HTTP feed: `feed+https://...`, or a plain web URL whose path ends in `/events`."""
    scheme = scheme_of(address)
    if scheme in FEEDS:
        return True
    path = address.partition("?")[0].partition("#")[0]
    return scheme in _WEB and path.rstrip("/").lower().endswith(_FEED_PATH)


def is_remote(address: str) -> bool:
    """Whether it is a store on a network rather than a file."""
    return scheme_of(address) in D1 | POSTGRES or is_feed(address)


def is_server(text: str) -> bool:
    """Whether it names a Prometheus-compatible server rather than one bot's page."""
    return scheme_of(text) in SERVERS


def is_store(text: str) -> bool:
    """Whether a word with a scheme names a store of events rather than a metrics page."""
    return scheme_of(text) in SQLITE or is_remote(text) or lines_at(text) is not None


def is_page(text: str) -> bool:
    """Whether a URL leads to a page of metrics rather than to a store of events or a server."""
    return "://" in text and not is_store(text) and not is_server(text)


def is_url(address: str) -> bool:
    """Whether it is a URL, be it of a kind that is read or not; `sqlite:///path` is a file's path."""
    return "://" in address and scheme_of(address) not in SQLITE


def file_of(address: str) -> str:
    """The path of a file: of a plain one itself, of `sqlite:///path` the path; "" for a store on a network."""
    if is_url(address):
        return ""
    if scheme_of(address) not in SQLITE:
        return address
    path = unquote(address[len("sqlite:") :].partition("?")[0])
    # sqlite:///path has an empty host; some write an absolute path with a slash more.
    path = path.removeprefix("//")
    return re.sub(r"^/+", "/", path)


def name_of(address: str) -> str:
    """What a bot is called that is known by these events alone: its file, database or host."""
    lines = lines_at(address)
    if not is_url(address):
        place = file_of(address) if lines is None else lines.place.removesuffix(".service")
        return Path(place).name
    parts = _split(address)
    if parts is None:
        return "events"
    if lines is not None:
        return clean(parts.netloc.rpartition("@")[2], 60)
    if is_feed(address) or scheme_of(address) in D1 - {"d1"}:
        return clean(parts.netloc.rpartition("@")[2], 60)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2])
    return clean(last or dict(parse_qsl(parts.query)).get("dbname", "") or parts.netloc.rpartition("@")[2], 60)


def place_of(address: str, *, as_spelled: bool = False) -> str:
    """What tells one store from another: a file's real path, a URL less user, password and options.

    `as_spelled` is what it was before one file had one place: the path as somebody wrote it, with its `..` and links.
    """
    lines = lines_at(address)
    if lines is not None and lines.source is Source.JOURNAL:
        return f"journal:{lines.place}"
    if not is_url(address):
        kind = f"{scheme_of(address)}:" if lines is not None and scheme_of(address) else ""
        path = file_of(address) if lines is None else lines.place
        if not path:
            return ""
        whole = Path(path).expanduser().absolute()
        return f"{kind}{whole if as_spelled else _real(whole, itself=lines is None)}"
    parts = _split(address)
    if parts is None:
        return ""
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    if lines is not None:
        # One Loki keeps the lines of many bots: the query tells which.
        return f"{host}?{parts.query}"
    if scheme_of(address) not in POSTGRES:
        return host
    said = [(name, value) for name, value in parse_qsl(parts.query) if name in _PLACE]
    return host + (f"?{urlencode(said)}" if said else "")


def _real(path: Path, *, itself: bool) -> str:
    """A path without `..` and links: its own one is followed where it stands for `itself`, not for a file of today."""
    try:
        return os.path.realpath(path) if itself else str(Path(os.path.realpath(path.parent)) / path.name)
    except ValueError:
        # No file can be called so; that is said by who opens it.
        return str(path)


def parted(address: str) -> tuple[str, Auth]:
    """An address without the secrets that somebody wrote into it, and these as credentials."""
    parts = _split(address) if is_url(address) else None
    if parts is None:
        return address, Auth()
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    asked = parse_qsl(parts.query, keep_blank_values=True)
    secrets = {name.lower(): value for name, value in asked if name.lower() in _SECRETS}
    if scheme_of(address) in POSTGRES:
        said = unquote(password) or secrets.get("password", "")
        kept = urlencode([pair for pair in asked if pair[0].lower() not in _SECRETS], quote_via=quote)
        bare = parts._replace(netloc=f"{user}@{host}" if user else host, query=kept)
        return _written(bare), Auth(user=unquote(user), password=Secret(said) if said else None)
    bare = parts._replace(netloc=host)
    if scheme_of(address) in D1:
        # Nothing of a query means anything here, and what stands in one is most likely the token.
        token = secrets.get("api_token") or secrets.get("token") or unquote(password or user)
        return _written(bare._replace(query="")), Auth(bearer=Secret(token)) if token else Auth()
    return _written(bare), Auth(user=unquote(user), password=Secret(unquote(password))) if login else Auth()


def shown(address: str) -> str:
    """An address for people, on one clean line: without user, password and whatever a query says."""
    if not is_url(address):
        return clean(address if lines_at(address) is not None else file_of(address), 300)
    parts = _split(address)
    if parts is None:
        return f"a broken {scheme_of(address)}:// address"
    open_query = lines_at(address) is not None or is_server(address)
    query = unquote(parts.query) if open_query else re.sub(r"=[^&]*", "=***", parts.query)
    host = parts.netloc.rpartition("@")[2]
    return clean(f"{parts.scheme}://{host}{parts.path}" + (f"?{query}" if query else ""), 300)


def _split(address: str) -> SplitResult | None:
    """The parts of a URL; None where it is none."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return None


def _written(parts: SplitResult) -> str:
    """The URL; `geturl` leaves out the slashes before an empty host, which PostgreSQL needs."""
    query, mapping = (f"?{parts.query}" if parts.query else ""), (f"#{parts.fragment}" if parts.fragment else "")
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}{mapping}"
