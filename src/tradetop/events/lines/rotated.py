"""One open log file: where it has been read to, and whether it is still the same."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tradetop.events.fault import EventError
from tradetop.events.lines.blocks import Forward, Span, forward, opened
from tradetop.events.lines.line import LINE_LIMIT
from tradetop.model.clock import MINUTE

LINGER = MINUTE
"""How long a file that was renamed is still looked at after its last line (ms): its writer may not know yet."""
_PROOF = 64
"""Bytes before the place that must still be there."""
_MOST_LOOKED_AT = 32
_ROTATED = re.compile(r"[._-](?:[\dT._-]+|old|prev|bak)")
"""What log rotation puts behind a name."""
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
    head: bytes = b""
    """How it begins, as far as it has been read."""
    proof: bytes = b""
    """What stands right before `at`."""
    grown: int = 0
    """When it last had something new, on the monotonic clock (ms)."""
    linger: int = LINGER
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
        self.head = os.pread(self.fd, size, 0) if len(self.head) < size or not at else self.head

    def text(self, span: Span) -> bytes:
        """A line, as much of it as is read."""
        return os.pread(self.fd, min(span.end - span.start, LINE_LIMIT), span.start)

    def rest(self) -> bytes:
        """What stands after the last whole line, as far as it is no longer than a line may be."""
        return b"" if self.passed > self.at else os.pread(self.fd, LINE_LIMIT, self.at)

    def was_emptied_unread(self, path: Path) -> bool:
        """Whether it may have been emptied before anything of it was read: only new copies beside it can tell."""
        return self.at == 0 and any(neighbour.inode not in self.beside for neighbour in _beside(path))

    def copies(self, path: Path, now: int) -> list[OpenFile]:
        """What was in it and is not read yet, oldest first: the copy of it from here on, and copies made since.

        A copy of what is in it now is none of them: it may still be growing.
        """
        found: list[OpenFile] = []
        own: list[OpenFile] = []
        for file in _opened(_beside(path), self.number, now, but=self.beside):
            # The copy first: what is in this file by then is either the same or was never in that.
            start, now_in = os.pread(file.fd, _PROOF, 0), os.pread(self.fd, _PROOF, 0)
            if not start or (now_in and _alike(start, now_in)):
                file.close()
                continue
            self.beside |= {os.fstat(file.fd).st_ino}
            (own if self.head and _alike(start, self.head) else found).append(file)
        own.sort(key=lambda file: os.fstat(file.fd).st_size)
        for i, file in enumerate(own):
            file.at, file.passed, file.proof = self.at, self.at, self.proof
            # Where the writer went on after the copy was made, more has been read than is in it.
            if i < len(own) - 1 or file.was_cut():
                file.close()
            else:
                found.insert(0, file)
        return found

    def followed_by(self, new: OpenFile, path: Path, now: int) -> list[OpenFile]:
        """Files that had the name after this one and before the new one, oldest first.

        They lie beside it, were not there when this one was opened, and begin otherwise: no copy of it.
        """
        start = os.pread(self.fd, _PROOF, 0)
        found: list[OpenFile] = []
        for file in _opened(_beside(path), self.number, now, but=self.beside):
            # The new one may have been renamed since it was opened.
            known = any(file.is_at(os.fstat(other.fd)) for other in (self, new))
            if known or _alike(start, os.pread(file.fd, _PROOF, 0)):
                file.close()
                continue
            new.beside |= {os.fstat(file.fd).st_ino}
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
                rest = entry.name.removeprefix(path.name)
                if rest != entry.name and _ROTATED.fullmatch(rest) and entry.is_file():
                    found.append(_Neighbour(entry.stat().st_mtime, path.parent / entry.name, entry.inode()))
    except OSError:
        return []
    return sorted(found)


def _alike(one: bytes, other: bytes) -> bool:
    """Whether two files begin alike, as far as the shorter start tells."""
    return one.startswith(other) or (bool(one) and other.startswith(one))


def _opened(neighbours: list[_Neighbour], number: int, now: int, *, but: frozenset[int]) -> Iterator[OpenFile]:
    """The newest of the neighbours, oldest first, but for those that were there before or are packed."""
    for neighbour in [neighbour for neighbour in neighbours if neighbour.inode not in but][-_MOST_LOOKED_AT:]:
        with suppress(EventError):
            file = OpenFile(opened(neighbour.path), number, grown=now)
            if os.pread(file.fd, 2, 0) == _PACKED:
                file.close()
            else:
                yield file
