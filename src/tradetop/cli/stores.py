"""From what was said of an event store to its address, which holds no secret, and its credentials."""

from __future__ import annotations

from collections.abc import Mapping

from tradetop.model.address import D1, POSTGRES, file_of, is_remote, is_url, parted, scheme_of
from tradetop.model.lines import lines_at
from tradetop.model.target import Auth
from tradetop.scrape.credentials import secret_from

CLOUDFLARE = "CLOUDFLARE_API_TOKEN"
"""Cloudflare's own variable, for `d1://`, which leads nowhere but to Cloudflare."""
TOKEN = "TRADETOP_DATABASE_TOKEN"  # noqa: S105 - the variable's name
"""For the other stores that take a token: `d1+https://` and feeds."""


def store_of(said: str, environment: Mapping[str, str], auth: Auth | None = None) -> tuple[str, Auth]:
    """The address and the credentials: `auth` where it is given, else those in the address, else the environment's.

    The variable holds the token, or with `_FILE` behind its name the path of a file that does. PostgreSQL's driver
    looks for PGPASSWORD and ~/.pgpass by itself. Raises ValueError where a named file cannot be read.
    """
    if not is_url(said):
        return said if lines_at(said) is not None else file_of(said), Auth()
    address, own = parted(said.strip())
    found = auth if auth not in (None, Auth()) else own
    scheme = scheme_of(address)
    if found is None or found.bearer or found.password or scheme in POSTGRES or not is_remote(address):
        return address, found or Auth()
    name = CLOUDFLARE if scheme in D1 - {"d1+http", "d1+https"} else TOKEN
    file = environment.get(f"{name}_FILE", "")
    variable = name if environment.get(name) and not file else ""
    token, _ = secret_from(environment, name, file, variable)
    return address, Auth(bearer=token) if token is not None else found
