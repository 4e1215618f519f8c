"""`notify:` of the config: who is told of alerts, when and how often, and where the secrets of their URLs are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated

from tradetop.config.value import one_of
from tradetop.document import Duration, Parse, Place, Problem
from tradetop.model.target import Secret
from tradetop.model.text import clean

KINDS = ("apprise", "alertmanager", "bell")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_NAME = re.compile(r"[\w.-]{1,40}")


def _minute(text: str) -> int:
    """Minutes after midnight of a time of the day."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time of the day; write 22:00")
    return int(found[1]) * 60 + int(found[2])


def _zone(text: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # A MiB that only somebody's own clock needs.

    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{text!r} is no time zone that this machine knows; write Europe/Berlin, or UTC") from None


def _off(text: str) -> bool:
    if text not in ("off", "false", "no"):
        raise ValueError(f"{text!r} is not known; write off, or {{from: 22:00, to: 07:00}}")
    return False


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no name for a receiver: letters, digits, . _ - only, at most 40")
    return text


def _cap(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 4:
        raise ValueError(f"{text!r} is not a number of messages; 0 for any number")
    return int(text)


TimeOfDay = Annotated[int, Parse(_minute)]
Zone = Annotated[tzinfo, Parse(_zone)]
Cap = Annotated[int, Parse(_cap)]
Severity = Annotated[str, Parse(one_of("warning", "critical"))]
Ringing = Annotated[str, Parse(one_of("rings", "waits"))]


@dataclass(frozen=True, slots=True)
class QuietConfig:
    """`quiet:` hours in which receivers are left alone."""

    start: TimeOfDay = field(metadata={"key": "from"})
    end: TimeOfDay = field(metadata={"key": "to"})
    zone: Zone = UTC
    critical: Ringing = "rings"

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("from and to are the same time: there are no quiet hours between them")


Quiet = Annotated[bool, Parse(_off)] | QuietConfig | None
"""`off` is False; None where it is not said."""


@dataclass(frozen=True, slots=True)
class ReceiverConfig:
    """One entry of `notify.receivers`; what is None is as `notify` says for all."""

    name: Annotated[str, Parse(_name)]
    kind: Annotated[str, Parse(one_of(*KINDS))] = "apprise"
    url: Annotated[Secret, Parse(Secret)] | None = None
    url_file: str = ""
    url_env: str = ""
    level: Severity = "warning"
    after: Duration = 0
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    per_hour: Cap | None = None
    send_resolved: bool = True
    quiet: Quiet = None
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        given = [key for key in ("url", "url_file", "url_env") if getattr(self, key)]
        if self.kind == "bell":
            if given:
                raise ValueError(f"a bell is the terminal's own: drop {given[0]}")
        elif not given:
            raise ValueError("needs url_file or url_env (or url, where it holds no secret)")
        elif len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are both set: keep one of them")


@dataclass(frozen=True, slots=True)
class NotifyConfig:
    """`notify:` as a whole."""

    receivers: tuple[ReceiverConfig, ...] = ()
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    per_hour: Cap | None = None
    quiet: Quiet = None

    @property
    def holds_secrets(self) -> bool:
        """Whether a URL in it is a secret: that of every service, and one with a password."""
        urls = ((r.kind, r.url.reveal()) for r in self.receivers if r.url is not None)
        return any(kind == "apprise" or "@" in url for kind, url in urls)


def receiver_problems(config: NotifyConfig, source: str) -> Iterator[Problem]:
    """What is wrong with the receivers as a whole: names that are given twice."""
    first: dict[str, Place] = {}
    for i, receiver in enumerate(config.receivers):
        if receiver.name in first:
            text = f"{receiver.name} is the name of the receiver in line {first[receiver.name].line} already"
            yield Problem(clean(source), receiver.place, f"notify.receivers[{i}].name", text)
        first.setdefault(receiver.name, receiver.place)


def resolved(config: NotifyConfig, folder: Path) -> NotifyConfig:
    """The config with the paths in it taken from a folder."""

    def at(file: str) -> str:
        return str(folder / Path(file).expanduser()) if file else ""

    return replace(config, receivers=tuple(replace(r, url_file=at(r.url_file)) for r in config.receivers))


def secret_files(config: NotifyConfig) -> Iterable[tuple[str, Place]]:
    """The files that hold secrets, and where they are named."""
    return [(receiver.url_file, receiver.place) for receiver in config.receivers if receiver.url_file]
