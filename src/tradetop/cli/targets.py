"""From what the user said to targets."""

from __future__ import annotations

import os
from dataclasses import replace

from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.stores import store_of
from tradetop.model.address import is_server, is_store, name_of
from tradetop.model.target import Mode, Target, Tls
from tradetop.scrape.credentials import Credentials, auth_from
from tradetop.scrape.locate import METRICS_PATH, Address, is_address, locate

HEALTH_PATH = "/health"


def targets_of(said: TargetOptions) -> tuple[Target, ...]:
    """The targets that the command line names; one URL and one database belong together.

    Refusal where one of them cannot be one.
    """
    if not all(text.strip() for text in said.targets):
        raise Refusal("a target is empty: give a URL such as http://127.0.0.1:8000, or the bot's database")
    pages = [is_address(text) and not is_store(text) for text in said.targets]
    addresses = [_address(text) for text, page in zip(said.targets, pages, strict=True) if page]
    databases = [_events(text) for text, page in zip(said.targets, pages, strict=True) if not page]
    if len(addresses) == 1 and len(databases) == 1:
        return (_with_url(databases[0], addresses[0]),)
    return (*(_with_url(Target(""), address) for address in addresses), *databases)


def told(target: Target, said: TargetOptions, credentials: Credentials | None) -> Target:
    """A target with what the options say put over it."""
    return replace(
        target,
        name=said.name or target.name,
        interval=said.interval or target.interval,
        health=tuple(_address(url, HEALTH_PATH).url for url in said.health) or target.health,
        preset=said.preset or target.preset,
        since=target.since if said.since is None else said.since,
        mode=Mode[said.mode.upper()] if said.mode else target.mode,
        auth=credentials.auth if credentials else target.auth,
        tls=tls_of(said) or target.tls,
    )


def credentials_of(said: TargetOptions) -> Credentials | None:
    """The credentials that the options name; None where they name none; Refusal where they cannot be had."""
    if not (said.token_file or said.token_env or said.user or said.password_file or said.password_env):
        return None
    try:
        return auth_from(
            os.environ,
            token_file=str(said.token_file or ""),
            token_env=said.token_env or "",
            user=said.user or "",
            password_file=str(said.password_file or ""),
            password_env=said.password_env or "",
        )
    except ValueError as error:
        raise Refusal(str(error)) from None


def tls_of(said: TargetOptions) -> Tls | None:
    """How the options want certificates checked; None where they do not say."""
    files = {"ca_file": said.ca_file, "cert_file": said.cert_file, "key_file": said.key_file}
    if not any(files.values()) and not said.insecure:
        return None
    for option, path in files.items():
        if path is not None and not path.is_file():
            raise Refusal(f"--{option.replace('_', '-')}: {path}: no such file")
    return Tls(**{name: str(path or "") for name, path in files.items()}, insecure=said.insecure)


def _address(text: str, path: str = METRICS_PATH) -> Address:
    try:
        return locate(text, path) if path != METRICS_PATH else located(text)
    except ValueError as error:
        raise Refusal(str(error)) from None


def located(text: str, tenant: str = "") -> Address:
    """Where a page or a server is; ValueError with a line for people where the text leads to neither."""
    if not is_server(text):
        return locate(text)
    # Imported late: it loads the evaluator.
    from tradetop.remote.address import server_at

    server = server_at(text)
    if tenant:
        server = replace(server, tenant=tenant)
    return Address(server.url, server.place, server.base, server.auth)


def _with_url(target: Target, address: Address) -> Target:
    return replace(target, name=address.instance, url=address.url, instance=address.instance, auth=address.auth)


def _events(text: str) -> Target:
    try:
        address, auth = store_of(text, os.environ)
    except ValueError as error:
        raise Refusal(str(error)) from None
    name = name_of(address)
    return Target(name, database=address, database_auth=auth, instance=name)
