"""Loki's address: where it is, what is asked of it, and who asks, with nothing secret in what is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from tradetop.events.fault import EventError
from tradetop.model.target import Auth, Secret
from tradetop.model.text import clean

_PARAMETER = re.compile(r"(?:^|&)(query|org)=")
_NOBODY = Auth()
_SHAPE = 'write loki+http://HOST:3100?query={app="bot"}'


@dataclass(frozen=True, slots=True)
class LokiUrl:
    """A query and the server that answers it."""

    base: str
    """Up to and without `/loki/api/v1`."""
    query: str
    org: str
    """The tenant, where there are several."""
    user: str
    password: Secret
    shown: str
    """As it may be shown."""


def loki_url(url: str, auth: Auth = _NOBODY) -> LokiUrl:
    """The parts of `http://USER:PASSWORD@HOST:PORT/PREFIX?query={…}&org=TENANT`; EventError where it is none.

    `auth` counts where it names somebody; an address that is kept names nobody.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise EventError(f"a Loki address is no URL: {_SHAPE}") from None
    if not host or re.search(r"[\s\\<>\"^`{|}]", host):
        raise EventError(f"a Loki address names no host: {_SHAPE}")
    shown_host = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{shown_host}" + (f":{port}" if port else "")
    said = _parameters(parts.query)
    query = said.get("query", "").strip()
    shown = clean(f"loki+{origin}", 200)
    if not query.startswith("{"):
        raise EventError(f"{shown}: its query must begin with a stream selector: {_SHAPE}")
    prefix = parts.path.rstrip("/").removesuffix("/loki/api/v1/query_range")
    return LokiUrl(
        base=origin + prefix,
        query=query,
        org=said.get("org", ""),
        user=auth.user or unquote(parts.username or ""),
        password=auth.password or Secret(unquote(parts.password or "")),
        shown=f"{shown} {clean(query, 100)}",
    )


def _parameters(query: str) -> dict[str, str]:
    """The parameters; `&` and `=` within a query need no escape unless they look like the next parameter."""
    found = list(_PARAMETER.finditer(query))
    ends = (*(match.start() for match in found[1:]), len(query))
    return {match[1]: unquote(query[match.end() : end]) for match, end in zip(found, ends, strict=False)}
