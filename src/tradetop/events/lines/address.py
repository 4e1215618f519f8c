"""Addresses of lines: a log file, a unit's journal, or a query to Loki, each with the mapping of its lines."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from tradetop.events.lines.line import Form

if TYPE_CHECKING:
    from tradetop.events.store import EventStore
    from tradetop.model.clock import Clock

_ENDING = re.compile(r"\.(jsonl|ndjson|json|log|txt)(?:[.-]\d+)*(?:\.gz)?$", re.IGNORECASE)
_SCHEME = re.compile(r"(jsonl|log|journal|loki\+https?):(.*)", re.IGNORECASE | re.DOTALL)
_MAPPING = re.compile(r"#([\w.-]+|[^#]+\.ya?ml)$")


class Source(Enum):
    """Where lines come from."""

    FILE = "file"
    JOURNAL = "journal"
    LOKI = "loki"


class LinesAddress(NamedTuple):
    """Where lines are, and what they are."""

    source: Source
    place: str
    """A path, a unit, or a URL with its query."""
    form: Form
    mapping: str
    """A mapping's name, or the path of its file; "" to tell by each line's keys."""


def lines_at(address: str) -> LinesAddress | None:
    """The lines that an address names; None where it names something else.

    `jsonl:PATH`, `log:PATH`, `journal:UNIT`, `loki+http://HOST:PORT?query={…}`, or a path that ends as log files do;
    `#MAPPING` at its end names the mapping.
    """
    named = _MAPPING.search(address)
    rest, mapping = (address[: named.start()], named[1]) if named is not None else (address, "")
    scheme = _SCHEME.fullmatch(rest)
    if scheme is None:
        ending = _ENDING.search(rest)
        if ending is None or "://" in rest:
            return None
        return LinesAddress(Source.FILE, rest, Form.JSON if "js" in ending[1].lower() else Form.TEXT, mapping)
    kind, place = scheme[1].lower(), scheme[2]
    if kind in {"jsonl", "log"}:
        return LinesAddress(Source.FILE, place, Form(kind), mapping)
    if kind == "journal":
        return LinesAddress(Source.JOURNAL, place, Form.TEXT, mapping)
    return LinesAddress(Source.LOKI, f"{kind.removeprefix('loki+')}:{place}", Form.TEXT, mapping)


def open_lines(address: LinesAddress, clock: Clock) -> EventStore:
    """The store of the events that those lines tell; nothing is opened before it is asked for something."""
    from tradetop.events.lines.interpret import Interpreter

    interpreter = Interpreter(address.form, address.mapping, clock)
    if address.source is Source.JOURNAL:
        from tradetop.events.lines.journal import JournalLog

        return JournalLog(address.place, interpreter)
    if address.source is Source.LOKI:
        from tradetop.events.lines.loki import LokiLog

        return LokiLog(address.place, interpreter, clock)
    path = Path(address.place).expanduser()
    if path.suffix.lower() == ".gz":
        from tradetop.events.lines.packed import PackedLog

        return PackedLog(path, interpreter)
    from tradetop.events.lines.logfile import LogFile

    return LogFile(path, interpreter, clock)


def is_lines(text: str) -> bool:
    """Whether a word from the command line names lines, though it may look like a URL."""
    return lines_at(text) is not None


def name_at(address: str) -> str:
    """What a target is called that has nothing but events there, where nobody gave it a name."""
    lines = lines_at(address)
    if lines is None:
        return Path(address).name
    return _server(lines) if lines.source is Source.LOKI else Path(lines.place).name.removesuffix(".service")


def shown_at(address: str) -> str:
    """An address for people: no user, no password."""
    lines = lines_at(address)
    if lines is None or lines.source is not Source.LOKI:
        return address
    return f"loki {_server(lines)} {unquote(urlsplit(lines.place).query).removeprefix('query=')}"


def _server(lines: LinesAddress) -> str:
    return urlsplit(lines.place).netloc.rpartition("@")[2]
