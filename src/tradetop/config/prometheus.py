"""The user's own prometheus.yml: its rule files and targets as they are, and what of it has no effect here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from tradetop.document import Parse, Place, Problem, Span, Stray, nearest, read_file
from tradetop.document.problem import problem
from tradetop.model.target import Secret

_SecretText = Annotated[Secret, Parse(Secret)]
_Strays = tuple[Stray, ...]

_CLIENT = (
    *("proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header", "oauth2", "sigv4", "azuread"),
    *("follow_redirects", "enable_http2", "http_headers"),
)
"""Settings of HTTP that Prometheus has and tradetop has not."""
_LIMITS = (
    *("body_size_limit", "sample_limit", "target_limit", "keep_dropped_targets", "scrape_protocols"),
    *("label_limit", "label_name_length_limit", "label_value_length_limit", "scrape_failure_log_file"),
    *("scrape_native_histograms", "always_scrape_classic_histograms", "convert_classic_histograms_to_nhcb"),
    *("metric_name_validation_scheme", "metric_name_escaping_scheme", "extra_scrape_metrics"),
)
_WHY = {
    "alerting": "alerts are sent as the configuration of tradetop says",
    "storage": "history is kept where --store says",
    "remote_write": "nothing is written elsewhere",
    "remote_read": "nothing is read from elsewhere",
    "relabel_configs": "targets keep the labels that stand here, so rules may ask for others in vain",
    "metric_relabel_configs": "series keep their names and labels, so rules may ask for others in vain",
    "honor_labels": "labels of the target win over those of its page",
    "honor_timestamps": "samples have the time of their scrape",
    "scrape_config_files": "put their targets into this file",
}
"""What follows where a key has no effect."""


@dataclass(frozen=True, slots=True)
class _Global:
    known: ClassVar = frozenset(("query_log_file", "rule_query_offset", *_LIMITS))
    scrape_interval: Span | None = None
    scrape_timeout: Span | None = None
    evaluation_interval: Span | None = None
    external_labels: dict[str, str] | None = None
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class _BasicAuth:
    known: ClassVar = frozenset(("username_file", "username_ref", "password_ref"))
    username: str = ""
    password: _SecretText | None = None
    password_file: str = ""
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class _Authorization:
    known: ClassVar = frozenset(("credentials_ref",))
    type: str = "Bearer"
    credentials: _SecretText | None = None
    credentials_file: str = ""
    strays: _Strays = ()
    place: Place = field(default_factory=Place)

    @property
    def sendable(self) -> bool:
        return self.type.strip().lower() == "bearer"


@dataclass(frozen=True, slots=True)
class _Tls:
    known: ClassVar = frozenset(["ca", "cert", "key", "ca_ref", "cert_ref", "key_ref", "min_version", "max_version"])
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    server_name: str = ""
    insecure_skip_verify: bool = False
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class _StaticConfig:
    known: ClassVar = frozenset[str]()
    targets: tuple[str, ...] | None = None
    labels: dict[str, str] | None = None
    strays: _Strays = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class _Scrape:
    known: ClassVar = frozenset(
        (
            *("honor_labels", "honor_timestamps", "track_timestamps_staleness", "fallback_scrape_protocol"),
            *("scrape_classic_histograms", "enable_compression", "relabel_configs", "metric_relabel_configs"),
            *("native_histogram_bucket_limit", "native_histogram_min_bucket_factor"),
            *_CLIENT,
            *_LIMITS,
        )
    )
    job_name: str
    scrape_interval: Span | None = None
    scrape_timeout: Span | None = None
    metrics_path: str = ""
    scheme: str = ""
    params: dict[str, tuple[str, ...] | None] | None = None
    static_configs: tuple[_StaticConfig, ...] | None = None
    basic_auth: _BasicAuth | None = None
    authorization: _Authorization | None = None
    bearer_token: _SecretText | None = None
    bearer_token_file: str = ""
    tls_config: _Tls | None = None
    strays: _Strays = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class _Tsdb:
    known: ClassVar = frozenset(("out_of_order_time_window", "stale_series_compaction_threshold"))
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class _Storage:
    known: ClassVar = frozenset(("exemplars",))
    tsdb: _Tsdb | None = None
    strays: _Strays = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class _File:
    known: ClassVar = frozenset(
        ["runtime", "alerting", "scrape_config_files", "remote_write", "remote_read", "tracing", "otlp"]
    )
    settings: _Global | None = field(default=None, metadata={"key": "global"})
    rule_files: tuple[str, ...] | None = None
    scrape_configs: tuple[_Scrape, ...] | None = None
    storage: _Storage | None = None
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class ScrapeTarget:
    """One target of a static config, with all that its job says."""

    job: str
    address: str
    """host:port, as it is written."""
    url: str
    """Its metrics URL, as Prometheus would put it together."""
    place: Place
    """Of its static config."""
    labels: tuple[tuple[str, str], ...] = ()
    alone: bool = True
    """No other target belongs to the job."""
    interval: int | None = None
    timeout: int | None = None
    user: str = ""
    password: Secret | None = None
    password_file: str = ""
    bearer: Secret | None = None
    bearer_file: str = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    server_name: str = ""
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class PrometheusConfig:
    """What tradetop takes from a prometheus.yml; paths are whole, intervals in ms and None where it does not say."""

    rule_files: tuple[str, ...] = ()
    targets: tuple[ScrapeTarget, ...] = ()
    evaluation_interval: int | None = None
    external_labels: tuple[tuple[str, str], ...] = ()
    notices: tuple[Problem, ...] = ()
    """Keys that have no effect here, and what Prometheus itself would refuse, in the order of the file."""


def read_prometheus(path: Path) -> PrometheusConfig:
    """Read a prometheus.yml; DocumentError with every problem where it is no YAML or a value is not what it must be."""
    file = read_file(path, _File)
    source, folder = str(path), path.parent
    settings = file.settings or _Global()
    jobs = file.scrape_configs or ()
    notices = [*_strays(file, source, ""), *_oddities(jobs, source, settings)]
    if file.storage is not None:
        notices.append(problem(source, file.storage.place, "storage", f"has no effect: {_WHY['storage']}"))
    return PrometheusConfig(
        tuple(str(folder / Path(pattern).expanduser()) for pattern in file.rule_files or ()),
        tuple(target for job in jobs for target in _targets(job, settings, folder)),
        settings.evaluation_interval or None,
        tuple((settings.external_labels or {}).items()),
        tuple(sorted(notices, key=lambda p: (p.place.line, p.place.column))),
    )


def _targets(job: _Scrape, settings: _Global, folder: Path) -> Iterator[ScrapeTarget]:
    basic, bearer, tls = job.basic_auth or _BasicAuth(), job.authorization, job.tls_config or _Tls()

    def at(file: str) -> str:
        return str(folder / Path(file).expanduser()) if file else ""

    named = [(static, address) for static in job.static_configs or () for address in static.targets or ()]
    for static, address in named:
        labels = static.labels or {}
        path = labels.get("__metrics_path__") or job.metrics_path or "/metrics"
        yield ScrapeTarget(
            job.job_name,
            address,
            f"{labels.get('__scheme__') or job.scheme or 'http'}://{address}/{path.lstrip('/')}{_query(job)}",
            static.place,
            tuple((name, value) for name, value in labels.items() if not name.startswith("__")),
            len(named) == 1,
            job.scrape_interval or settings.scrape_interval or None,
            job.scrape_timeout or settings.scrape_timeout or None,
            basic.username,
            basic.password,
            at(basic.password_file),
            job.bearer_token if bearer is None else bearer.credentials if bearer.sendable else None,
            at(job.bearer_token_file if bearer is None else bearer.credentials_file if bearer.sendable else ""),
            *(at(tls.ca_file), at(tls.cert_file), at(tls.key_file), tls.server_name, tls.insecure_skip_verify),
        )


def _query(job: _Scrape) -> str:
    from urllib.parse import urlencode

    pairs = [(name, value) for name, values in (job.params or {}).items() for value in values or ()]
    return f"?{urlencode(pairs)}" if pairs else ""


def _oddities(jobs: tuple[_Scrape, ...], source: str, settings: _Global) -> Iterator[Problem]:
    """What Prometheus refuses though every key is known, and credentials of a kind that tradetop cannot send."""
    first: dict[str, Place] = {}
    for i, job in enumerate(jobs):
        key = f"scrape_configs[{i}]"
        interval = job.scrape_interval or settings.scrape_interval
        if job.job_name in first:
            said = f"Prometheus refuses the file: {job.job_name} is the job in line {first[job.job_name].line} already"
            yield problem(source, job.place, f"{key}.job_name", said)
        first.setdefault(job.job_name, job.place)
        if interval and job.scrape_timeout and job.scrape_timeout > interval:
            said = "Prometheus refuses the file: it is longer than the scrape interval"
            yield problem(source, job.place, f"{key}.scrape_timeout", said)
        if job.authorization is not None and not job.authorization.sendable:
            said = "has no effect: only Bearer is known here, so these credentials are not sent"
            yield problem(source, job.authorization.place, f"{key}.authorization.type", said)


def _strays(value: object, source: str, key: str) -> Iterator[Problem]:
    """Every key below a value that has no effect, and whether Prometheus knows it."""
    if isinstance(value, tuple):
        for each in value:
            yield from _strays(each, source, key)
    elif is_dataclass(value) and hasattr(value, "strays"):
        names = [f.metadata.get("key", f.name) for f in fields(value)]
        valid = [*names, *value.known] if hasattr(value, "known") else names
        for stray in value.strays:
            yield problem(source, stray.place, stray.key, _judged(stray.key.rpartition(".")[2], valid, stray.key))
        for f in fields(value):
            yield from _strays(getattr(value, f.name), source, f.name)


def _judged(name: str, valid: list[str], path: str) -> str:
    if name in valid or (name.endswith("_sd_configs") and path.startswith("scrape_configs[")):
        why = "only static_configs name targets here" if name.endswith("_sd_configs") else _WHY.get(name, "")
        return f"has no effect: {why}" if why else "has no effect"
    if path == "storage.tsdb.retention":
        return f"has no effect: {_WHY['storage']}; Prometheus before 3 refuses the file for it"
    known = sorted(word for word in valid if word not in ("strays", "place"))
    return f"Prometheus refuses the file: it knows no such key; {nearest(name, known)}"
