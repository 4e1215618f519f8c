"""One open log file: where it has been read to, and whether it is still the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tradetop.events.fault import EventError
from tradetop.events.lines.blocks import Forward, Span, forward, opened
from tradetop.events.lines.line import LINE_LIMIT

_PROOF = 64
"""Bytes before the place that must still be there."""
_MOST_LOOKED_AT = 8
_PACKED = b"\x1f\x8b"
_MOST_LISTED = 2_000


@dataclass(slots=True)
class OpenFile:
    """A file that stays open while it is followed, so that no rename or removal takes away what is not read yet."""

    fd: int
    number: int
    """Which file it is of those that had the name, from 1."""
    at: int = 0
    """Where the next line begins."""
    passed: int = 0
    """How far that line is known to have no end."""
    proof: bytes = b""
    """What stands right before `at`."""
    grown: int = 0
    """When it last had something new, on the monotonic clock (ms)."""
    beside: frozenset[int] = frozenset()
    """The files beside it when it was opened, by their inodes."""

    @classmethod
    def open(cls, path: Path, number: int, now: int) -> OpenFile:
        """Open the file at a path; EventError says why it cannot be."""
        fd = opened(path)
        return cls(fd, number, grown=now, beside=frozenset(neighbour.inode for neighbour in _beside(path)))

    def is_at(self, found: os.stat_result) -> bool:
        """Whether this is the file that was found."""
        mine = os.fstat(self.fd)
        return (mine.st_dev, mine.st_ino) == (found.st_dev, found.st_ino)

    def was_cut(self) -> bool:
        """Whether somebody emptied it, even if it has grown again since."""
        return os.fstat(self.fd).st_size < self.at or (
            os.pread(self.fd, len(self.proof), self.at - len(self.proof)) != self.proof
        )

    def start_again(self) -> None:
        """Go back to the start; a writer that kept its place leaves a hole there, which is passed over."""
        start = 0
        if os.pread(self.fd, 1, 0) == b"\0":
            with suppress(OSError):
                start = os.lseek(self.fd, 0, os.SEEK_DATA)
        self.go_to(start)

    def read(self, limit: int, now: int) -> Forward:
        """The next whole lines."""
        page = forward(self.fd, self.at, self.passed, limit)
        if page.at != self.at or page.passed != self.passed:
            self.grown = now
        self.go_to(page.at)
        self.passed = page.passed
        return page

    def go_to(self, at: int) -> None:
        """Go on at a place; what stands right before it proves later that it is still the same file."""
        self.at = self.passed = at
        size = min(_PROOF, at)
        self.proof = os.pread(self.fd, size, at - size)

    def text(self, span: Span) -> bytes:
        """A line, as much of it as is read."""
        return os.pread(self.fd, min(span.end - span.start, LINE_LIMIT), span.start)

    def rest(self) -> bytes:
        """What stands after the last whole line, as far as it is no longer than a line may be."""
        return b"" if self.passed > self.at else os.pread(self.fd, LINE_LIMIT, self.at)

    def was_cut_into(self, path: Path, now: int) -> OpenFile | None:
        """The copy that was made before it was emptied, at the place to go on; None where none is found."""
        for copy in _opened(_beside(path)[-_MOST_LOOKED_AT:] if self.proof else (), self.number, now):
            copy.at = copy.passed = self.at
            copy.proof = self.proof
            if not copy.was_cut():
                return copy
            copy.close()
        return None

    def followed_by(self, path: Path, now: int) -> list[OpenFile]:
        """Files that had the name after this one and before the one that has it now, oldest first.

        They lie beside it, were not there when this one was opened, and begin otherwise: no copy of it.
        """
        start = os.pread(self.fd, _PROOF, 0)
        found: list[OpenFile] = []
        new = [candidate for candidate in _beside(path) if candidate.inode not in self.beside]
        for file in _opened(new[-_MOST_LOOKED_AT:], self.number, now):
            head = os.pread(file.fd, _PROOF, 0)
            if (
                file.is_at(os.fstat(self.fd)) or head.startswith((_PACKED, start or b"\n")) or start.startswith(head)
            ):
                file.close()
            else:
                found.append(file)
        return found

    def close(self) -> None:
        """Read no more of it."""
        os.close(self.fd)


class _Neighbour(NamedTuple):
    """A file whose name begins with the followed one's: where log rotation puts them."""

    modified: float
    path: Path
    inode: int


def _beside(path: Path) -> list[_Neighbour]:
    """The neighbours of a file, the oldest first."""
    found: list[_Neighbour] = []
    try:
        with os.scandir(path.parent) as entries:
            for _, entry in zip(range(_MOST_LISTED), entries, strict=False):
                if entry.name != path.name and entry.name.startswith(path.name) and entry.is_file():
                    found.append(_Neighbour(entry.stat().st_mtime, path.parent / entry.name, entry.inode()))
    except OSError:
        return []
    return sorted(found)


def _opened(neighbours: Iterable[_Neighbour], number: int, now: int) -> Iterator[OpenFile]:
    for neighbour in neighbours:
        with suppress(EventError):
            yield OpenFile(opened(neighbour.path), number, grown=now)
