"""The config file: what `docs/config.md` describes, read into values."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tradetop.config import errors
from tradetop.config import notify as notifying
from tradetop.config.errors import ErrorsConfig
from tradetop.config.keystroke import Keystroke
from tradetop.config.notify import NotifyConfig
from tradetop.config.value import ColorDepth, GlyphSet, HistorySize, KeyName, ModeName, Moment, Period, Port, Retention
from tradetop.document import NO_CHECKS, Checks, DocumentError, Duration, Place, Problem, read, read_file
from tradetop.document.thresholds import Levels
from tradetop.model.address import file_of, is_server, is_url, scheme_of
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.lines import Source, lines_at
from tradetop.model.target import HealthCheck, Mode, Tls
from tradetop.model.text import clean

USUAL_PORTS = (8000, 8080, 9090, 9091, 9092, 9093)
"""Loopback ports that are tried where nothing is named."""

_PASSWORD = re.compile(r"//[^/@]*:[^/@]+@")


@dataclass(frozen=True, slots=True)
class AuthConfig:
    """`auth:` of a target: where its secrets are, never the secrets themselves."""

    token_file: str = ""
    token_env: str = ""
    user: str = ""
    password_file: str = ""
    password_env: str = ""
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        if self.token_file and self.token_env:
            raise ValueError("token_file and token_env are both set: keep one of them")
        if self.password_file and self.password_env:
            raise ValueError("password_file and password_env are both set: keep one of them")
        password = bool(self.password_file or self.password_env)
        if (self.token_file or self.token_env) and (self.user or password):
            raise ValueError("takes a token, or a user and a password, not both: drop one of them")
        if bool(self.user) != password:
            raise ValueError("a user needs a password_file or password_env, and they a user")

    @property
    def given(self) -> bool:
        """Whether it names any secret."""
        return bool(self.token_file or self.token_env or self.user)


@dataclass(frozen=True, slots=True)
class CheckConfig:
    """`health_check:` of a target: when a health endpoint counts as healthy."""

    interval: Period = 30 * SECOND
    timeout: Period = 10 * SECOND
    retries: int = 3
    start_period: Duration = 60 * SECOND

    def __post_init__(self) -> None:
        if not 1 <= self.retries <= 100:
            raise ValueError("retries must be between 1 and 100")

    def check(self) -> HealthCheck:
        """The check itself."""
        return HealthCheck(self.interval, self.timeout, self.retries, self.start_period)


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """`tls:` of a target."""

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    server_name: str = ""
    insecure: bool = False

    def tls(self) -> Tls:
        """The options themselves."""
        return Tls(self.ca_file, self.cert_file, self.key_file, self.server_name, self.insecure)


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """One entry of `targets:`."""

    url: str = ""
    database: str = ""
    database_auth: AuthConfig = field(default_factory=AuthConfig)
    name: str = ""
    bot_id: str = ""
    health: tuple[str, ...] | str = ()
    interval: Period | None = None
    timeout: Period | None = None
    preset: str = ""
    mode: ModeName = Mode.UNKNOWN
    since: Moment | None = None
    job: str = ""
    tenant: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    auth: AuthConfig = field(default_factory=AuthConfig)
    tls: TlsConfig = field(default_factory=TlsConfig)
    health_check: CheckConfig = field(default_factory=CheckConfig)
    thresholds: dict[str, Levels] = field(default_factory=dict)
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        if not self.url and not self.database:
            raise ValueError("needs a url, a database, or both")
        if self.tenant and not is_server(self.url):
            raise ValueError("tenant is for a server of many tenants: set url to prometheus+https://...")
        if self.bot_id and not self.database:
            raise ValueError("bot_id says which bot of a database it is: set database")
        if self.database_auth.given and not self.database:
            raise ValueError("database_auth says how a database is opened: set database")

    @property
    def health_urls(self) -> tuple[str, ...]:
        """The health endpoints, one or several."""
        return (self.health,) if isinstance(self.health, str) else self.health


@dataclass(frozen=True, slots=True)
class DiscoverConfig:
    """`discover:` where to look on this machine when no target is named."""

    ports: tuple[Port, ...] = ()

    @property
    def all_ports(self) -> tuple[int, ...]:
        """The usual ports, then the named ones."""
        return tuple(dict.fromkeys((*USUAL_PORTS, *self.ports)))


@dataclass(frozen=True, slots=True)
class HeartbeatConfig:
    """`heartbeat:` whom the recorder tells that it works."""

    url: str = ""
    url_file: str = ""
    url_env: str = ""
    interval: Period = MINUTE
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        if len([where for where in (self.url, self.url_file, self.url_env) if where]) != 1:
            raise ValueError("needs one of url, url_file and url_env")


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file; what is not said is None or empty."""

    targets: tuple[TargetConfig, ...] = ()
    interval: Period | None = None
    timeout: Period | None = None
    store: str = ""
    retention: Retention | None = None
    history_size: HistorySize | None = None
    theme: str = ""
    glyphs: GlyphSet = "auto"
    color: ColorDepth = "auto"
    mouse: bool = True
    local_time: bool = False
    born_counters: bool = True
    keys: dict[str, KeyName | tuple[KeyName, ...]] = field(default_factory=dict)
    thresholds: dict[str, Levels] = field(default_factory=dict)
    rules: tuple[str, ...] | str = ()
    prometheus_config: str = ""
    discover: DiscoverConfig = field(default_factory=DiscoverConfig)
    heartbeat: HeartbeatConfig | None = None
    notify: NotifyConfig = field(default_factory=NotifyConfig)
    errors: ErrorsConfig = field(default_factory=ErrorsConfig)

    @property
    def rule_files(self) -> tuple[str, ...]:
        """The rule files, one or several, or patterns of them."""
        return (self.rules,) if isinstance(self.rules, str) else self.rules

    @property
    def strokes(self) -> dict[str, tuple[Keystroke, ...]]:
        """The user's keys by the ids of what they do; () takes every key from one."""
        return {name: (keys,) if isinstance(keys, Keystroke) else keys for name, keys in self.keys.items()}


def parse(text: str, source: str) -> Config:
    """The config in a YAML text; DocumentError with every problem, `source` naming the text."""
    return _checked(read(text, source, Config), source)


def load(path: Path, checks: Checks = NO_CHECKS) -> Config:
    """The config in a file; paths in it are taken from its own folder. DocumentError with every problem.

    `checks` are those of values that only others understand: presets, panels, URLs.
    """
    return _resolved(_checked(read_file(path, Config, checks), str(path)), path.parent)


def default_path() -> Path:
    """Where the config is looked for: `tradetop/config.yaml` in the platform's config directory."""
    from platformdirs import user_config_path

    return user_config_path("tradetop") / "config.yaml"


def warnings(config: Config, source: Path) -> tuple[str, ...]:
    """Lines for people about secrets that other users of the machine can read."""
    found = [
        f"{clean(str(source))}:{place.line}:{place.column}: other users can read {clean(file)}: chmod 600 it"
        for file, place in _secret_files(config)
        if _open_to_others(Path(file).expanduser())
    ]
    if _open_to_others(source) and any(
        _PASSWORD.search(said) for target in config.targets for said in (target.url, target.database)
    ):
        found.append(f"{clean(str(source))}: holds a password and other users can read it: chmod 600 it")
    if config.notify.holds_secrets and _open_to_others(source):
        text = (
            "holds the URL of a receiver, which is a secret, and other users can read it: chmod 600 it, or use url_file"
        )
        found.append(f"{clean(str(source))}: {text}")
    return tuple(found)


def _secret_files(config: Config) -> Iterator[tuple[str, Place]]:
    for target in config.targets:
        for auth in (target.auth, target.database_auth):
            yield from ((file, target.place) for file in (auth.token_file, auth.password_file) if file)
        if target.tls.key_file:
            yield target.tls.key_file, target.place
    if config.heartbeat is not None and config.heartbeat.url_file:
        yield config.heartbeat.url_file, config.heartbeat.place
    yield from notifying.secret_files(config.notify)


def _open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _checked(config: Config, source: str) -> Config:
    first: dict[str, Place] = {}
    problems = [*notifying.receiver_problems(config.notify, source), *errors.problems(config.errors, source)]
    for i, target in enumerate(config.targets):
        if target.name in first:
            text = f"{clean(target.name)} is the name of the target in line {first[target.name].line} already"
            problems.append(Problem(source, target.place, f"targets[{i}].name", text))
        if target.name:
            first.setdefault(target.name, target.place)
    if problems:
        raise DocumentError(problems)
    return config


def _located(address: str, at: Callable[[str], str]) -> str:
    """An address of events whose paths, its own and its mapping's, begin at the configuration's folder."""
    lines = lines_at(address)
    if lines is None:
        return address if is_url(address) else at(file_of(address))
    where, hash_, mapping = address.partition("#")
    mapping = at(mapping) if mapping.endswith((".yaml", ".yml")) else mapping
    if lines.source is Source.FILE:
        kind = scheme_of(where)
        where = f"{kind}:{at(lines.place)}" if kind else at(lines.place)
    return f"{where}{hash_}{mapping}"


def _resolved(config: Config, folder: Path) -> Config:
    def at(file: str) -> str:
        return str(folder / Path(file).expanduser()) if file else ""

    def auth_at(auth: AuthConfig) -> AuthConfig:
        return replace(auth, token_file=at(auth.token_file), password_file=at(auth.password_file))

    targets = tuple(
        replace(
            target,
            database=_located(target.database, at),
            database_auth=auth_at(target.database_auth),
            preset=at(target.preset) if target.preset.endswith((".yaml", ".yml")) else target.preset,
            auth=auth_at(target.auth),
            tls=replace(
                target.tls,
                ca_file=at(target.tls.ca_file),
                cert_file=at(target.tls.cert_file),
                key_file=at(target.tls.key_file),
            ),
        )
        for target in config.targets
    )
    theme = at(config.theme) if config.theme.endswith((".yaml", ".yml")) else config.theme
    beat = config.heartbeat and replace(config.heartbeat, url_file=at(config.heartbeat.url_file))
    return replace(
        config,
        targets=targets,
        store=at(config.store),
        theme=theme,
        rules=tuple(map(at, config.rule_files)),
        prometheus_config=at(config.prometheus_config),
        heartbeat=beat,
        notify=notifying.resolved(config.notify, folder),
    )
