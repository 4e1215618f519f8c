"""From the user's prometheus.yml to targets."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from tradetop.cli.refusal import Refusal
from tradetop.config.prometheus import PrometheusConfig, ScrapeTarget, read_prometheus
from tradetop.document import DocumentError
from tradetop.model.target import Auth, Target, Tls
from tradetop.model.text import clean
from tradetop.scrape.credentials import auth_from
from tradetop.scrape.locate import locate

OWN_JOB = "prometheus"
"""What the job is called by which a Prometheus server scrapes itself."""


@dataclass(frozen=True, slots=True)
class Scraped:
    """A target as prometheus.yml has it."""

    target: Target
    interval: int | None
    timeout: int | None


@dataclass(frozen=True, slots=True)
class PrometheusFile:
    """A prometheus.yml as the command line needs it."""

    path: Path
    config: PrometheusConfig
    targets: tuple[Scraped, ...] = ()
    """In the order of the file, but for the server itself, which comes last."""
    warnings: tuple[str, ...] = ()
    """What of it cannot be used, as lines for people."""


def prometheus_file(path: Path) -> PrometheusFile:
    """Read a prometheus.yml; Refusal with everything that is wrong where it cannot be used."""
    try:
        config = read_prometheus(path)
    except DocumentError as error:
        raise Refusal(str(error)) from None
    warnings = [str(notice) for notice in config.notices]
    targets = []
    for found in config.targets:
        where = f"{clean(str(path))}:{found.place.line}:{found.place.column}"
        try:
            auth, said = _auth(found)
            warnings += [f"{where}: {clean(found.job)}: {line}" for line in said]
            targets.append(_scraped(found, auth))
        except ValueError as error:
            warnings.append(f"{where}: {clean(found.address)}: {error}: it is not watched")
    # The server's own job stands first in most files, and is no bot: what belongs to nobody belongs to the first.
    targets.sort(key=lambda scraped: scraped.target.job == OWN_JOB)
    return PrometheusFile(path, config, tuple(targets), tuple(warnings))


def _scraped(found: ScrapeTarget, auth: Auth) -> Scraped:
    address, labels = locate(found.url), dict(found.labels)
    job, instance = labels.pop("job", found.job), labels.pop("instance", address.instance)
    target = Target(
        name=clean(job if found.alone else instance),
        url=address.url,
        job=job,
        instance=instance,
        labels=tuple(labels.items()),
        auth=auth,
        tls=Tls(found.ca_file, found.cert_file, found.key_file, found.server_name, found.insecure),
    )
    return Scraped(target, found.interval, found.timeout)


def _auth(found: ScrapeTarget) -> tuple[Auth, tuple[str, ...]]:
    """The credentials, and what is wrong with them: without those of a missing file the target may still answer."""
    user, file = found.user, found.password_file
    try:
        read = auth_from(os.environ, token_file=found.bearer_file, user=user if file else "", password_file=file)
    except ValueError as error:
        return Auth(), (f"{error}: it is asked without",)
    given = Auth(bearer=found.bearer) if found.bearer else Auth(user=user, password=found.password)
    return (read.auth if file or found.bearer_file else given), read.warnings


def same_place(one: str, other: str) -> bool:
    """Whether two metrics URLs lead to the same page, however this machine is called."""
    return bool(one) and one.replace("//localhost", "//127.0.0.1") == other.replace("//localhost", "//127.0.0.1")


def merged(target: Target, found: Scraped) -> Target:
    """A target of the configuration with what prometheus.yml says of the same page, where it says nothing itself."""
    return replace(
        target,
        job=target.job or found.target.job,
        instance=found.target.instance,
        labels=tuple({**dict(found.target.labels), **dict(target.labels)}.items()),
        auth=found.target.auth if target.auth == Auth() else target.auth,
        tls=found.target.tls if target.tls == Tls() else target.tls,
    )
