"""Lines of a file by their places in it: forwards from a place, and backwards from one, never all of it at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tradetop.events.file import open_plainly
from tradetop.events.lines.line import LINE_LIMIT, PAGE_BYTES

BLOCK = 64 * 1024
SCAN_LIMIT = 64 * 1024 * 1024
"""Bytes without an end of line after which the way back is given up."""
_STEP = 16 * 1024 * 1024
"""Bytes of one too long line that one read passes over."""


class Span(NamedTuple):
    """Where a line stands: its end of line is not part of it."""

    start: int
    end: int


class Forward(NamedTuple):
    """Some whole lines from a place on."""

    spans: list[Span]
    text: bytes
    """The bytes from the first line on."""
    start: int
    """Where that stands."""
    at: int
    """Where to go on: the start of a line."""
    passed: int
    """How far that line is known to have no end; `at` where nothing is known."""
    more: bool


def opened(path: Path) -> int:
    """A descriptor of a plain file, never waiting for it; EventError says what is there instead."""
    return open_plainly(path, "is not a plain file; name the file that the bot writes")


def forward(fd: int, at: int, passed: int, limit: int) -> Forward:
    """At most `limit` lines from `at` on, and not many more than `PAGE_BYTES` of them."""
    if passed > at:
        return _long(fd, at, passed)
    text = os.pread(fd, LINE_LIMIT + 1, at)
    spans: list[Span] = []
    start = 0
    while len(spans) < limit and (end := text.find(b"\n", start)) >= 0:
        spans.append(Span(at + start, at + end))
        start = end + 1
    if not spans and len(text) > LINE_LIMIT:
        return _long(fd, at, at + len(text))
    more = text.find(b"\n", start) >= 0 or len(text) > LINE_LIMIT
    return Forward(spans, text, at, at + start, at + start, more)


def _long(fd: int, at: int, passed: int) -> Forward:
    """Look for the end of a line that is too long."""
    until = passed + _STEP
    while passed < until and (block := os.pread(fd, LINE_LIMIT, passed)):
        end = block.find(b"\n")
        if end >= 0:
            line = Span(at, passed + end)
            return Forward([line], os.pread(fd, LINE_LIMIT, at), at, line.end + 1, line.end + 1, True)
        passed += len(block)
    return Forward([], b"", at, at, passed, passed >= until)


def last_end(fd: int, size: int) -> int:
    """Where the last whole line of a file of that size ends, its end of line included; 0 where there is none."""
    return max(0, next(_ends_before(fd, size), -1) + 1)


def before(fd: int, end: int, limit: int) -> tuple[list[Span], bool]:
    """The lines before a line's start, in their order, and whether there may be further ones before them."""
    spans: list[Span] = []
    stop = end
    for place in _ends_before(fd, end - 1):
        if place < 0:
            return spans[::-1], False
        spans.append(Span(place + 1, stop - 1))
        stop = place + 1
        if len(spans) == limit or end - stop >= PAGE_BYTES:
            return spans[::-1], True
    if stop > 0:
        spans.append(Span(0, stop - 1))
    return spans[::-1], False


def _ends_before(fd: int, end: int) -> Iterator[int]:
    """The places of the ends of lines before a place, the last one first; -1 where none is in sight."""
    last = end
    while end > 0:
        size = min(BLOCK, end)
        block = os.pread(fd, size, end - size)
        if len(block) < size:  # It was cut meanwhile; the next look finds that out.
            return
        at = size
        while (at := block.rfind(b"\n", 0, at)) >= 0:
            last = end - size + at
            yield last
        end -= size
        if last - end > SCAN_LIMIT:
            yield -1
            return
