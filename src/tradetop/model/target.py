"""Targets: what is pulled, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tradetop.model.error_category import USUAL, ErrorCategory
from tradetop.model.notified import Bell, SendFault

SECOND = 1_000
STALE_AFTER = 2.5
"""Intervals without a good scrape after which a bot's data is too old to act on."""


class Mode(Enum):
    """Whether real money is at risk, as far as a source says so."""

    LIVE = "LIVE"
    PAPER = "PAPER"
    UNKNOWN = "?"


class HealthState(Enum):
    """Seed 001's container check as a state: start period, retries, then healthy or unhealthy."""

    UNKNOWN = "unknown"
    """No endpoint answers: grey, never red."""
    STARTING = "starting"
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Secret:
    """A text that never shows itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text; call it only where it is sent."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Auth:
    """Credentials for one target: a bearer token, or a user and a password."""

    bearer: Secret | None = None
    user: str = ""
    password: Secret | None = None
    file: str = field(default="", compare=False)
    """Where the token or the password was read, for who reads it again when it changes; "" for nowhere."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How to check the target's certificate, and which to show it."""

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    server_name: str = ""
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """When a health endpoint counts as healthy; seed 001's container check by default (milliseconds)."""

    interval: int = 30 * SECOND
    timeout: int = 10 * SECOND
    retries: int = 3
    start_period: int = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Target:
    """One bot as it is reached: a metrics URL, an event database, or both."""

    name: str
    """The bot's name: the configured one, else host:port or the database's file name."""
    url: str = ""
    """Where /metrics is; "" for a bot known by its events alone."""
    database: str = field(default="", repr=False)
    """Where its events lie, a path or a URL without secrets; "" for none. Shown by `address.shown` alone."""
    bot_id: str = ""
    """Which bot of the database it is; "" for all."""
    health: tuple[str, ...] = ()
    """Health URLs that the user named; empty to try the usual places."""
    interval: int = 10 * SECOND
    timeout: int = 5 * SECOND
    check: HealthCheck = HealthCheck()
    auth: Auth = Auth()
    tls: Tls = Tls()
    database_auth: Auth = Auth()
    """The credentials for the events' place, which stand in no address."""
    job: str = ""
    """The `job` label; the name when empty."""
    instance: str = ""
    """The `instance` label: host:port."""
    labels: tuple[tuple[str, str], ...] = ()
    """Further labels for every series, as the user's config says."""
    preset: str = ""
    """Dashboard to use; "" to choose by what the page holds."""
    mode: Mode = Mode.UNKNOWN
    """Where the user said it."""
    since: int | None = None
    """The deployment, where the user said it (ms)."""
    born_counters: bool = True
    """Whether a counter that is born with its first event counts from zero in `rate`, `increase` and rules."""
    errors: tuple[ErrorCategory, ...] = USUAL
    """The categories that its errors belong to, with their thresholds."""


@dataclass(frozen=True, slots=True)
class LineError:
    """A line of a page that could not be read; every text is already clean."""

    line: int
    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the bot, as its health body lists it."""

    name: str
    status: str
    detail: str = ""
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What one health endpoint last said."""

    role: str
    """live, ready or health."""
    state: HealthState
    url: str = ""
    latency: float | None = None
    """Seconds."""
    checked_at: int | None = None
    since: int | None = None
    """When it came into this state."""
    reason: str = ""
    mode: Mode = Mode.UNKNOWN
    components: tuple[Component, ...] = ()
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """How the watching of one target goes; everything that the header and the target's faults need."""

    up: bool | None = None
    """Whether the last scrape succeeded; None before the first, or without a metrics URL."""
    scraped_at: int | None = None
    """Time of the last scrape that succeeded (ms)."""
    tried_at: int | None = None
    failing_since: int | None = None
    duration: float | None = None
    samples: int = 0
    reason: str = ""
    """Why the last scrape failed or gave no samples, and what to do; one line for people."""
    errors: tuple[LineError, ...] = ()
    """The first bad lines of the last page."""
    error_count: int = 0
    healths: tuple[Health, ...] = ()
    database_reason: str = ""
    """What is wrong with the event database; one line for people."""
    database_notice: str = ""
    """What happened to it, though it can be read."""
    preset: str = ""
    mode: Mode = Mode.UNKNOWN
    first_seen: int | None = None
    deployed_at: int | None = None
    version: str = ""
    restarts: int = 0
    store_reason: str = ""
    """Why no history is kept at present."""
    store_notice: str = ""
    """What else is worth saying of the history, which is kept; one line for people."""
    dropped: int = 0
    """Samples that were not recorded: they came out of order, or twice."""
    rules_notice: str = ""
    """Which rules cannot be evaluated at present, and why; they keep their states."""
    rule_files_notice: str = ""
    """What is wrong with the rule files, and what that costs."""
    send_faults: tuple[SendFault, ...] = ()
    """Receivers of notifications that cannot be reached."""
    outbox_notice: str = ""
    """What is wrong with the file that keeps notifications over a restart."""
    bell: Bell | None = None
    """The last notification for the terminal itself."""
