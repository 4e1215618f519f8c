"""One line, wherever it was written."""

from __future__ import annotations

from typing import NamedTuple

LINE_LIMIT = 1 << 20
"""Most bytes that are read of one line; the rest of a longer one is passed over."""
PAGE_BYTES = 1 << 20
"""Bytes after which a page takes no further line."""


class Line(NamedTuple):
    """A line without its end."""

    text: bytes
    """At most `LINE_LIMIT` of it."""
    id: str
    """Where it stands; tells it from every other line of its source."""
    size: int = 0
    """Its full length in bytes, where it was cut; 0 where it was not."""
    t: int | None = None
    """When it was taken down (ms), where the source says so."""
    priority: str = ""
    """How bad it is, where the source says so."""
