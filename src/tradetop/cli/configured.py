"""What the configuration file says, as the command line needs it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tradetop.cli.refusal import Refusal
from tradetop.cli.stores import store_of
from tradetop.cli.targets import HEALTH_PATH, located
from tradetop.config import AuthConfig, Config, TargetConfig, default_path, load, warnings
from tradetop.document import DocumentError
from tradetop.document.thresholds import Levels
from tradetop.model.address import name_of, place_of
from tradetop.model.clock import SECOND
from tradetop.model.target import Auth, Target
from tradetop.scrape.credentials import auth_from
from tradetop.scrape.locate import locate

if TYPE_CHECKING:
    from tradetop.cli.prometheus import PrometheusFile, Scraped
    from tradetop.tui.keymap import Keymap

INTERVAL = 10 * SECOND
"""The documents' scrape interval (ms)."""
TIMEOUT = 5 * SECOND


@dataclass(frozen=True, slots=True)
class Configured:
    """A target, and the thresholds that its user gave."""

    target: Target
    overrides: Mapping[str, Levels]


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration, read and checked."""

    config: Config
    warnings: tuple[str, ...] = ()
    keymap: Keymap | None = None
    """Where it gives keys."""
    prometheus: PrometheusFile | None = None
    """The user's own prometheus.yml, where one is named."""

    def targets(self) -> tuple[Configured, ...]:
        """The targets that it names, then those of prometheus.yml that it does not."""
        named = [self._completed(self._configured(entry)) for entry in self.config.targets]
        rest = [s for s in self._scraped if not any(self._is(s, c.target) for c in named)]
        return (*named, *map(self._taken, rest))

    def named(self, word: str) -> Configured | None:
        """The target of this name; None where there is none, or a file of that name is what is meant."""
        # Some targets are called as their file is, and there may be another such file here.
        with suppress(OSError):
            if Path(word).is_file():
                return None
        return next((known for known in self.targets() if known.target.name == word), None)

    def over(self, target: Target) -> Configured:
        """A target from the command line, with what the configuration says of it or of all."""
        for known in self.targets():
            if target.url and known.target.url == target.url:
                return known
            if target.database and not target.url and _same_store(known.target.database, target.database):
                return known
        found = next((s for s in self._scraped if self._is(s, target)), None)
        if found is not None:
            known = self._taken(found)
            beside = replace(known.target, database=target.database, database_auth=target.database_auth)
            return replace(known, target=replace(beside, url=target.url))
        return Configured(self._general(target), self.config.thresholds)

    @property
    def _scraped(self) -> tuple[Scraped, ...]:
        return self.prometheus.targets if self.prometheus is not None else ()

    @staticmethod
    def _is(scraped: Scraped, target: Target) -> bool:
        from tradetop.cli.prometheus import same_place

        return same_place(scraped.target.url, target.url)

    def _taken(self, scraped: Scraped) -> Configured:
        return Configured(self._general(scraped.target, scraped.interval, scraped.timeout), self.config.thresholds)

    def _completed(self, known: Configured) -> Configured:
        """With what prometheus.yml says of the same page."""
        from tradetop.cli.prometheus import merged

        found = next((s for s in self._scraped if self._is(s, known.target)), None)
        return known if found is None else replace(known, target=merged(known.target, found))

    def _configured(self, entry: TargetConfig) -> Configured:
        try:
            address = located(entry.url, entry.tenant) if entry.url else None
            auth = _auth(entry.auth)
            database, database_auth = store_of(entry.database, os.environ, _auth(entry.database_auth))
            health = tuple(locate(url, HEALTH_PATH).url for url in entry.health_urls)
        except ValueError as error:
            raise Refusal(f"configuration, target in line {entry.place.line}: {error}") from None
        instance = address.instance if address else name_of(database)
        if address is not None and address.auth.user:
            auth = address.auth
        target = Target(
            name=entry.name or entry.bot_id or instance,
            url=address.url if address else "",
            database=database,
            database_auth=database_auth,
            bot_id=entry.bot_id,
            health=health,
            check=entry.health_check.check(),
            auth=auth,
            tls=entry.tls.tls(),
            job=entry.job,
            instance=instance,
            labels=tuple(entry.labels.items()),
            preset=entry.preset,
            mode=entry.mode,
            since=entry.since,
        )
        target = self._general(target, entry.interval, entry.timeout)
        return Configured(target, {**self.config.thresholds, **entry.thresholds})

    def _general(self, target: Target, interval: int | None = None, timeout: int | None = None) -> Target:
        interval = interval or self.config.interval or INTERVAL
        timeout = timeout or self.config.timeout or TIMEOUT
        said = self.config
        return replace(
            target, interval=interval, timeout=timeout, born_counters=said.born_counters, errors=said.errors.made()
        )


def settings(path: Path | None, prometheus: Path | None = None) -> Settings:
    """The configuration in a file, else in the usual one if there is one; Refusal with everything that is wrong.

    `prometheus` is the user's prometheus.yml, else the one that the configuration names.
    """
    known = own_settings(path)
    prometheus = prometheus or (Path(known.config.prometheus_config) if known.config.prometheus_config else None)
    if prometheus is None:
        return known
    from tradetop.cli.prometheus import prometheus_file

    return replace(known, prometheus=prometheus_file(prometheus))


def own_settings(path: Path | None) -> Settings:
    """What the configuration file itself says; Refusal with everything that is wrong."""
    source = path or default_path()
    if path is None and not source.is_file():
        return Settings(Config())
    from tradetop.cli.checks import config_checks

    try:
        config = load(source, config_checks(source, os.environ))
        keys = _keymap(config, source) if config.keys else None
    except DocumentError as error:
        raise Refusal(str(error)) from None
    return Settings(config, warnings(config, source), keys)


def _keymap(config: Config, source: Path) -> Keymap:
    from tradetop.tui.keymap import keymap

    return keymap(config.strokes, str(source))


def _auth(said: AuthConfig) -> Auth:
    return auth_from(
        os.environ,
        token_file=said.token_file,
        token_env=said.token_env,
        user=said.user,
        password_file=said.password_file,
        password_env=said.password_env,
    ).auth


def _same_store(one: str, other: str) -> bool:
    return bool(one) and place_of(one) == place_of(other)
