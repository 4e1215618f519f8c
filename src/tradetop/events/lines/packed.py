"""A packed log file: unpacked once, from start to end, and never followed."""

from __future__ import annotations

import gzip
import os
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tradetop.events.fault import EventError
from tradetop.events.file import shown
from tradetop.events.lines.aside import Aside
from tradetop.events.lines.blocks import opened
from tradetop.events.lines.interpret import Interpreter
from tradetop.events.lines.line import LINE_LIMIT, Line
from tradetop.events.store import PAGE, POLL
from tradetop.model.bot_event import BotEvent

MOST_LINES = 100_000
MOST_BYTES = 64 * 1024 * 1024
"""What is kept of it, the newest."""
UNPACKED_LIMIT = 4 * 1024 * 1024 * 1024
"""Bytes after which unpacking ends: a small file can stand for endless ones."""


class PackedLog:
    """Reads a `.gz` file once; nothing in it is ever new."""

    def __init__(self, path: Path, interpreter: Interpreter) -> None:
        self.path = path
        self.behind = False
        self.poll = POLL
        self._interpreter = interpreter
        self._aside = Aside()
        self._lines: deque[Line] = deque()
        self._whole = True
        self._said: list[str] = []

    async def check(self) -> None:
        """EventError where it cannot be read, or the mapping is none."""
        self._interpreter.check()
        await self._aside.run(self._first)

    async def bots(self) -> tuple[str, ...]:
        """The bots that lines have named so far."""
        return tuple(sorted(self._interpreter.bots))

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the newest lines; unpacks the file."""
        await self._aside.run(self._unpack)
        return await self._page(min(limit, PAGE), brief=False)

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the lines before those, brief; none when there are no more."""
        return await self._page(min(limit, PAGE), brief=True)

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:  # noqa: ARG002 - the port has it
        """Nothing."""
        return ()

    def take_notice(self) -> str:
        """What could not be read of it; "" for nothing."""
        told = "; ".join(filter(None, [*self._said, self._interpreter.notice()]))
        self._said.clear()
        return f"{shown(self.path)}: {told}" if told else ""

    async def close(self) -> None:
        """Keep nothing."""
        self._lines.clear()

    async def _page(self, limit: int, *, brief: bool) -> tuple[BotEvent, ...]:
        while self._lines:
            lines = [self._lines.pop() for _ in range(min(limit, len(self._lines)))][::-1]
            whole = self._whole and not self._lines
            read = partial(self._interpreter.back, lines, whole=whole, brief=brief)
            found = await self._aside.run(read)
            if found:
                return found
        return ()

    def _first(self) -> None:
        try:
            with self._file() as file:
                file.read(1)
        except (OSError, EOFError, zlib.error) as error:
            raise self._broken(error) from None

    def _unpack(self) -> None:
        self._interpreter.check()
        self._lines.clear()
        self._whole, kept = True, 0
        try:
            for line in self._unpacked():
                self._lines.append(line)
                kept += len(line.text)
                while len(self._lines) > MOST_LINES or kept > MOST_BYTES:
                    kept -= len(self._lines.popleft().text)
                    self._whole = False
        except (OSError, EOFError, zlib.error) as error:
            if not self._lines:
                raise self._broken(error) from None
            self._said.append(f"damaged, or not written to its end: read up to {self._lines[-1].id}")
        if not self._whole:
            self._said.append(f"only its last {len(self._lines):,} lines are read")

    def _unpacked(self) -> Iterator[Line]:
        place = number = 0
        with self._file() as file:
            while text := file.readline(LINE_LIMIT + 1):
                number += 1
                size = len(text)
                while not text.endswith(b"\n") and (more := file.readline(LINE_LIMIT)):
                    size += len(more)
                    if more.endswith(b"\n") or place + size > UNPACKED_LIMIT:
                        break
                place += size
                yield Line(text[:LINE_LIMIT].rstrip(b"\r\n"), f"line {number}", size if size > LINE_LIMIT + 1 else 0)
                if place > UNPACKED_LIMIT:
                    self._said.append(f"over {UNPACKED_LIMIT >> 30} GiB unpacked: the rest is not read")
                    return

    @contextmanager
    def _file(self) -> Iterator[gzip.GzipFile]:
        with os.fdopen(opened(self.path), "rb") as packed, gzip.GzipFile(fileobj=packed) as file:
            yield file

    def _broken(self, error: Exception) -> EventError:
        why = "not written to its end" if isinstance(error, EOFError) else "no gzip file, or a damaged one"
        return EventError(f"{shown(self.path)}: {why}; unpack it, or name the file itself")
