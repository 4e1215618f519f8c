"""Checks of a prometheus.yml: would Prometheus take it, does it load these rules, does it send alerts anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from tradetop.config.prometheus import PrometheusConfig, read_prometheus
from tradetop.doctor.verdict import Check, Kind, Verdict
from tradetop.document import DocumentError, Problem, Stray, read_file
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.text import clean

_Strays = tuple[Stray, ...]
_REFUSES = "refuses the file"
LISTED = 8
"""Lines that one verdict names at most."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A prometheus.yml as far as the doctor needs it."""

    path: Path
    config: PrometheusConfig = field(default_factory=PrometheusConfig)
    managers: tuple[str, ...] = ()
    """Addresses of Alertmanagers."""
    refused: tuple[Problem, ...] = ()
    """Why Prometheus would not take the file."""

    def target(self) -> Mapping[str, frozenset[str]]:
        """The values of `job` that it gives."""
        jobs = frozenset(target.job for target in self.config.targets)
        return {"job": jobs} if jobs else {}


@dataclass(frozen=True, slots=True)
class _Static:
    targets: tuple[str, ...] | None = None
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class _Manager:
    static_configs: tuple[_Static, ...] | None = None
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class _Alerting:
    alertmanagers: tuple[_Manager, ...] | None = None
    strays: _Strays = ()


@dataclass(frozen=True, slots=True)
class _File:
    alerting: _Alerting | None = None
    strays: _Strays = ()


def read_setup(path: Path) -> Setup:
    """The prometheus.yml at a path. Never raises: what cannot be read is among what Prometheus refuses."""
    try:
        config = read_prometheus(path)
    except DocumentError as error:
        return Setup(path, refused=error.problems)
    refused = tuple(notice for notice in config.notices if _REFUSES in notice.text)
    return Setup(path, config, _managers(path), refused)


def judge_setup(setup: Setup, files: Sequence[Path]) -> tuple[Verdict, ...]:
    """Whether Prometheus would take the file, and whether it loads each of these rule files."""
    name = clean(setup.path.name)
    found = [_taken(setup, name)]
    found += [_loaded(setup, file, name) for file in files]
    if not setup.config.rule_files and not files and not setup.refused:
        found.append(Verdict(name, Kind.NEVER, "it has no rule_files: no alert is ever loaded", "", name, Check.FILE))
    return tuple(found)


def _taken(setup: Setup, name: str) -> Verdict:
    if not setup.refused:
        return Verdict(name, Kind.CAN, "Prometheus would take it", "", name)
    listed = [f"line {p.place.line} ({p.key or p.text})" for p in setup.refused[:LISTED]]
    more = f" and {len(setup.refused) - LISTED} more" if len(setup.refused) > LISTED else ""
    reason = f"Prometheus would refuse it: {', '.join(listed)}{more}"
    first = setup.refused[0]
    return Verdict(
        name, Kind.NEVER, reason, "", f"{clean(str(setup.path))}:{first.place.line}:{first.place.column}", Check.CONFIG
    )


def _loaded(setup: Setup, file: Path, name: str) -> Verdict:
    patterns = setup.config.rule_files
    subject, place = clean(file.name), clean(str(file))
    if any(_fits(file, pattern) for pattern in patterns):
        return Verdict(subject, Kind.CAN, f"{name} loads it", "", place)
    if not patterns:
        reason = f"{name} has no rule_files: none of its rules is ever evaluated by Prometheus"
    else:
        shown = ", ".join(clean(Path(pattern).name) for pattern in patterns[:LISTED])
        reason = f"{name} does not load it: its rule_files are {shown}"
    return Verdict(subject, Kind.NEVER, reason, f'rule_files: ["{clean(file.name)}"]', place, Check.FILE)


def _fits(file: Path, pattern: str) -> bool:
    try:
        return fnmatch(str(file.resolve()), str(Path(pattern).parent.resolve() / Path(pattern).name))
    except (OSError, ValueError, RuntimeError):
        return False


def _managers(path: Path) -> tuple[str, ...]:
    try:
        alerting = read_file(path, _File).alerting
    except DocumentError:
        return ()
    every: Iterable[_Manager] = alerting.alertmanagers or () if alerting is not None else ()
    return tuple(clean(t) for m in every for static in m.static_configs or () for t in static.targets or ())


def identity_of(setup: Setup, url: str) -> Labels:
    """The labels that the file gives to the target at a URL; none where it has no such target."""
    same = (t for t in setup.config.targets if _same(t.url, url))
    found = next(same, None)
    return EMPTY if found is None else Labels({"job": found.job, "instance": found.address, **dict(found.labels)})


def _same(one: str, other: str) -> bool:
    return one.replace("//localhost", "//127.0.0.1") == other.replace("//localhost", "//127.0.0.1")
