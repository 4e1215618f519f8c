"""A log file followed as it grows, through renames, truncation, removal and return."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from tradetop.events.fault import EventError
from tradetop.events.file import shown, unreachable
from tradetop.events.lines.aside import Aside
from tradetop.events.lines.blocks import SCAN_LIMIT, Span, before, last_end
from tradetop.events.lines.interpret import Interpreter
from tradetop.events.lines.line import LINE_LIMIT, Line
from tradetop.events.lines.rotated import OpenFile
from tradetop.events.store import PAGE, POLL
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND, Clock

MOST_OPEN = 4
BACK = 256 * 1024 * 1024
"""Bytes of a file's past that are looked at, at most."""
_GONE = 2 * SECOND
"""How long a file may be gone before that is said: a rename and a new file are two steps (ms)."""


class LogFile:
    """Follows one file by its inode; each line is read once, whichever way the file is rotated."""

    def __init__(self, path: Path, interpreter: Interpreter, clock: Clock) -> None:
        self.path = path
        self.behind = False
        self.poll = POLL
        self._interpreter = interpreter
        self._clock = clock
        self._aside = Aside()
        self._files: list[OpenFile] = []
        """The one that has the name is the last; before it those that had it."""
        self._count = 0
        self._oldest = 0
        self._past: OpenFile | None = None
        self._looked_back = 0
        self._lines: list[Line] = []
        """Lines that are read and not given yet: a disk that fails in the middle must not cost them."""
        self._gone_since: int | None = None
        self._fault: EventError | None = None
        self._said: list[str] = []

    async def check(self) -> None:
        """EventError where the file cannot be read, or the mapping is none."""
        self._interpreter.check()
        await self._aside.run(lambda: OpenFile.open(self.path, 0, 0).close())

    async def bots(self) -> tuple[str, ...]:
        """The bots that lines have named so far."""
        return tuple(sorted(self._interpreter.bots))

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the newest lines, oldest first; read backwards from the file's end."""
        return await self._read(self._newest, limit)

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the lines before those read so far, brief; none when there are no more."""
        return await self._read(self._older, limit)

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the lines written since the last read."""
        return await self._read(self._read_new, limit)

    def take_notice(self) -> str:
        """What happened to the file since the last call, one line for people; "" for nothing."""
        said, self._said = [*dict.fromkeys(self._said), self._interpreter.notice()], []
        told = "; ".join(filter(None, said))
        return f"{shown(self.path)}: {told}" if told else ""

    async def close(self) -> None:
        """Read no more."""
        if self._aside.finish():
            self._close()

    async def _read(self, read: Callable[[int], tuple[BotEvent, ...]], limit: int) -> tuple[BotEvent, ...]:
        try:
            return await self._aside.run(lambda: read(min(limit, PAGE)))
        except OSError as error:
            raise EventError(f"{shown(self.path)}: cannot be read ({error.strerror})") from None

    def _close(self) -> None:
        for file in self._files:
            file.close()
        self._files.clear()
        self._past = None

    def _newest(self, limit: int) -> tuple[BotEvent, ...]:
        self._interpreter.check()
        self._close()
        file = self._open(self._clock.monotonic())
        self._oldest = last_end(file.fd, os.fstat(file.fd).st_size)
        file.go_to(self._oldest)
        self._past = file
        return self._back(limit, brief=False) or self._older(limit, brief=False)

    def _older(self, limit: int, *, brief: bool = True) -> tuple[BotEvent, ...]:
        while self._oldest > 0 and self._past is not None:
            if found := self._back(limit, brief=brief):
                return found
        return ()

    def _back(self, limit: int, *, brief: bool) -> tuple[BotEvent, ...]:
        file = self._past
        if file is None or self._oldest == 0:
            return ()
        spans, more = before(file.fd, self._oldest, limit)
        start = spans[0].start if spans else self._oldest
        self._looked_back += self._oldest - start
        if not more and start > 0:
            self._interpreter.lost(f"byte {start}", f"over {SCAN_LIMIT >> 20} MiB long; nothing before it is read")
        elif more and self._looked_back >= BACK:
            self._said.append(f"only its last {BACK >> 20} MiB are read")
            more = False
        self._oldest = start if more else 0
        written = round(os.fstat(file.fd).st_mtime * SECOND)
        lines = [_line(file, span, file.text(span)) for span in spans]
        return self._interpreter.back(lines, whole=start == 0, brief=brief, written=written)

    def _read_new(self, limit: int) -> tuple[BotEvent, ...]:
        self._interpreter.check()
        now = self._clock.monotonic()
        self._look(now)
        lines = self._lines
        self.behind = False
        for file in tuple(self._files):
            if self._take(file, limit - len(lines), lines, now):
                self.behind = True
                break
            if file is not self._files[-1] and (now - file.grown >= file.linger or len(self._files) > MOST_OPEN):
                self._leave(file, lines)
        if not lines and self._fault is not None and (self._gone_since is None or now - self._gone_since >= _GONE):
            raise self._fault
        self._lines = []
        return self._interpreter.forward(lines)

    def _take(self, file: OpenFile, limit: int, lines: list[Line], now: int) -> bool:
        """Take the next lines of a file; whether there are more."""
        if limit <= 0:
            return True
        page = file.read(limit, now)
        lines += [_line(file, span, page.text[span.start - page.start : span.end - page.start]) for span in page.spans]
        rest = page.text[page.at - page.start :]
        if not page.more and _is_object(rest):
            # Nothing can follow but its end of line, which may never be written.
            lines.append(_line(file, Span(page.at, page.at + len(rest)), rest))
            file.go_to(page.at + len(rest))
        return page.more

    def _look(self, now: int) -> None:
        """See what became of the file, and of its name."""
        self._fault = None
        last = self._files[-1] if self._files else None
        if last is not None and (last.was_cut() or last.was_emptied_unread(self.path)):
            self._cut(last, now)
        try:
            found = self.path.stat()
        except OSError as error:
            self._gone_since = now if self._gone_since is None else self._gone_since
            self._fault = unreachable(self.path, error)
            return
        self._gone_since = None
        if self._files and self._files[-1].is_at(found):
            return
        try:
            self._open(now)
        except EventError as error:
            self._fault = error
            return
        if self._count > 1:
            self._said.append("replaced, as log rotation does; the new file is read from its start")

    def _open(self, now: int) -> OpenFile:
        file = OpenFile.open(self.path, 0, now)
        # It may have been rotated more than once since the last look.
        between = self._files[-1].followed_by(file, self.path, now) if self._files else []
        for new in (*between, file):
            self._count += 1
            new.number = self._count
            self._files.append(new)
        return file

    def _cut(self, file: OpenFile, now: int) -> None:
        copies = file.copies(self.path, now)
        if file.at == 0 and not copies:
            return
        for copy in copies:
            # Closed as soon as it has been read: it is a copy, nobody writes to it.
            copy.linger = 0
            self._files.insert(len(self._files) - 1, copy)
        if copies:
            self._said.append("emptied, as log rotation does; what was not read yet came from its copy")
        else:
            self._said.append("emptied: read from its start; what was written just before may be missing")
        self._count += 1
        file.number = self._count
        file.start_again()

    def _leave(self, file: OpenFile, lines: list[Line]) -> None:
        """Close a file that had the name; what it ends with is a line now."""
        if rest := file.rest():
            lines.append(_line(file, Span(file.at, file.at + len(rest)), rest))
        file.close()
        self._files.remove(file)


def _line(file: OpenFile, span: Span, text: bytes) -> Line:
    name = f"byte {span.start}" + (f" of file {file.number}" if file.number > 1 else "")
    size = span.end - span.start
    return Line(text, name, size if size > LINE_LIMIT else 0)


def _is_object(text: bytes) -> bool:
    """Whether a line without its end is a whole JSON object."""
    if not text.startswith(b"{") or not text.rstrip().endswith(b"}"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
