"""Addresses of lines: a log file, a unit's journal, or a query to Loki, each with the mapping of its lines."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

_ENDING = re.compile(r"\.(jsonl|ndjson|json|log|txt)(?:[.-]\d+)*(?:\.gz)?$", re.IGNORECASE)
_SCHEME = re.compile(r"(jsonl|log|journal|loki\+https?):(.*)", re.IGNORECASE | re.DOTALL)
_MAPPING = re.compile(r"#([\w.-]+|[^#]+\.ya?ml)$")


class Form(Enum):
    """What the lines of a source are."""

    JSON = "jsonl"
    """Each an object; any other line is a fault."""
    TEXT = "log"
    """Text, with objects among it."""


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
