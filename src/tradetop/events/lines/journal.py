"""A unit's journal, through systemd's own `journalctl`: no shell, nothing written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import IO

from tradetop.events.fault import EventError
from tradetop.events.lines.aside import Aside
from tradetop.events.lines.interpret import Interpreter
from tradetop.events.lines.line import LINE_LIMIT, PAGE_BYTES, Line
from tradetop.events.lines.severity import SYSLOG
from tradetop.events.store import PAGE, POLL
from tradetop.model.bot_event import BotEvent
from tradetop.model.text import clean

USER = "user/"
"""Before a unit's name: it is one of the user's own."""
_UNIT = re.compile(r"[\w:.@*?][\w:.@\\*?-]{0,254}")
_FIELDS = "--output-fields=MESSAGE,PRIORITY"
_NUMBER = re.compile(r"(?:^|;)i=([0-9a-f]+)")
_PRIORITIES = {str(number): severity for number, severity in enumerate(SYSLOG)}
_WAIT = 2.0
"""Seconds that journalctl has for ending once it was told to."""


class JournalLog:
    """Follows the journal of one unit: its past in pages backwards, what is new from `journalctl --follow`.

    What is not read waits in the pipe, and journalctl with it; if it ends, the next one goes on after the last entry.
    """

    def __init__(self, unit: str, interpreter: Interpreter, command: Sequence[str] = ("journalctl",)) -> None:
        self.behind = False
        self.poll = POLL
        self._unit = unit
        self._interpreter = interpreter
        self._command = command
        self._aside = Aside()
        self._newest_cursor = ""
        self._oldest_cursor = ""
        self._whole = False
        self._follower: subprocess.Popen[bytes] | None = None
        self._asked: subprocess.Popen[bytes] | None = None
        self._half = b""
        self._half_size = 0

    async def check(self) -> None:
        """EventError where there is no journal of that unit."""
        self._interpreter.check()
        if not await self._aside.run(lambda: self._page("", 1)):
            raise EventError(
                f"{self._name}: no entries; check the unit's name (systemctl list-units), and that this user may read "
                "the journal (group systemd-journal)"
            )

    async def bots(self) -> tuple[str, ...]:
        """The bots that entries have named so far."""
        return tuple(sorted(self._interpreter.bots))

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the newest entries, oldest first."""
        self._stop()
        self._newest_cursor = self._oldest_cursor = ""
        self._whole = False
        return await self._back(min(limit, PAGE), brief=False)

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the entries before those, brief; none when there are no more."""
        return await self._back(min(limit, PAGE), brief=True)

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events of the entries written since the last read."""
        self._interpreter.check()
        return await self._aside.run(lambda: self._read_new(min(limit, PAGE)))

    def take_notice(self) -> str:
        """How many entries could not be read, if that is news."""
        notice = self._interpreter.notice()
        return f"{self._name}: {notice}" if notice else ""

    async def close(self) -> None:
        """Read no more, and end journalctl."""
        self._stop()
        if self._asked is not None:
            self._asked.kill()
        self._aside.finish()

    @property
    def _name(self) -> str:
        return clean(f"journal of {self._unit}", 200)

    async def _back(self, limit: int, *, brief: bool) -> tuple[BotEvent, ...]:
        self._interpreter.check()
        while not self._whole:
            found = await self._aside.run(lambda: self._older(limit, brief=brief))
            if found:
                return found
        return ()

    def _older(self, limit: int, *, brief: bool) -> tuple[BotEvent, ...]:
        entries = self._page(self._oldest_cursor, limit)
        self._whole = not entries
        if not entries:
            return self._interpreter.back((), whole=True, brief=brief)
        self._oldest_cursor = entries[-1][0]
        self._newest_cursor = self._newest_cursor or entries[0][0]
        return self._interpreter.back([line for _, line in reversed(entries)], whole=False, brief=brief)

    def _page(self, before: str, limit: int) -> list[tuple[str, Line]]:
        """Entries before one, the newest first, each with its cursor."""
        place = [f"--cursor={before}"] if before else []
        # The entry at the cursor comes first.
        process = self._asked = self._start("--reverse", f"--lines={limit + len(place)}", *place)
        entries: list[tuple[str, Line]] = []
        size = 0
        for raw, length in _lines_of(process.stdout):
            entry = self._entry(raw, length)
            if entry is not None and entry[0] != before:
                entries.append(entry)
                size += len(raw)
            if size >= PAGE_BYTES:
                process.kill()
                break
        self._end(process, whole=size < PAGE_BYTES)
        return entries

    def _read_new(self, limit: int) -> tuple[BotEvent, ...]:
        if self._follower is None:
            place = [f"--after-cursor={self._newest_cursor}"] if self._newest_cursor else []
            self._follower = self._start("--follow", "--no-tail", *place)
            self._half, self._half_size = b"", 0
        process = self._follower
        ended = process.poll() is not None
        raws = list(self._arrived(process.stdout, limit))
        entries = [entry for entry in (self._entry(*raw) for raw in raws) if entry is not None]
        self.behind = len(raws) >= limit
        if entries:
            self._newest_cursor = entries[-1][0]
        elif ended:
            self._follower = None
            self._end(process, whole=True)
            raise EventError(f"{self._name}: journalctl has ended; starting it again")
        return self._interpreter.forward([line for _, line in entries])

    def _arrived(self, pipe: IO[bytes] | None, limit: int) -> Iterator[tuple[bytes, int]]:
        """The whole lines that are in the pipe now, each cut and with its full length."""
        fd = pipe.fileno() if pipe is not None else -1
        os.set_blocking(fd, False)
        for _ in range(limit):
            while (end := self._half.find(b"\n")) < 0:
                try:
                    block = os.read(fd, LINE_LIMIT)
                except BlockingIOError:
                    return
                if not block:
                    return
                self._half_size += len(block)
                if len(self._half) > LINE_LIMIT and b"\n" not in block:
                    continue
                self._half += block
            rest = len(self._half) - end - 1
            yield self._half[:end], self._half_size - rest - 1
            self._half, self._half_size = self._half[end + 1 :], rest

    def _entry(self, raw: bytes, length: int) -> tuple[str, Line] | None:
        """An entry's cursor, and its message as a line; None, and counted, where it makes no sense."""
        try:
            entry = json.loads(raw)
            cursor, stamp = str(entry["__CURSOR"]), int(entry["__REALTIME_TIMESTAMP"]) // 1_000
            message = entry.get("MESSAGE")
            # Where it is no UTF-8, journalctl gives a list of bytes; where it is far too long, nothing.
            text = bytes(message) if isinstance(message, list) else str(message or "").encode("utf-8", "replace")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            why = f"{length:,} bytes long" if length > LINE_LIMIT else "no entry as journalctl writes them"
            self._interpreter.lost("an entry", why)
            return None
        number = _NUMBER.search(cursor)
        name = f"entry {int(number[1], 16)}" if number is not None else clean(cursor, 120)
        size = len(text) if len(text) > LINE_LIMIT else 0
        return cursor, Line(text[:LINE_LIMIT], name, size, stamp, _PRIORITIES.get(str(entry.get("PRIORITY")), ""))

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        unit, user = self._unit.removeprefix(USER), self._unit.startswith(USER)
        if not _UNIT.fullmatch(unit):
            raise EventError(f"{self._name}: is no unit's name; write journal:bot.service, or journal:user/bot.service")
        program = shutil.which(self._command[0])
        if program is None:
            raise EventError(f"{self._name}: no journalctl here; name the bot's log file instead: log:PATH")
        which = f"--{'user-' if user else ''}unit={unit}"
        command = [program, *self._command[1:], which, "--output=json", _FIELDS, "--all", "--no-pager", *options]
        environment = {**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"}
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        try:
            return subprocess.Popen(command, stdin=nothing, stdout=pipe, stderr=pipe, env=environment)  # noqa: S603
        except OSError as error:
            raise EventError(f"{self._name}: journalctl cannot be started ({error.strerror})") from None

    def _end(self, process: subprocess.Popen[bytes], *, whole: bool) -> None:
        """Take leave of a journalctl; EventError with what it says where it failed by itself."""
        with process:
            said = _last_words(process) if whole else ""
            try:
                code = process.wait(_WAIT)
            except subprocess.TimeoutExpired:
                process.kill()
                code = 0
        if whole and code > 0:
            raise EventError(f"{self._name}: journalctl failed: {said or f'code {code}'}")

    def _stop(self) -> None:
        process, self._follower = self._follower, None
        if process is not None:
            process.kill()
            self._end(process, whole=False)


def _lines_of(pipe: IO[bytes] | None) -> Iterator[tuple[bytes, int]]:
    """Every line of a pipe, cut, with its full length."""
    while pipe is not None and (raw := pipe.readline(LINE_LIMIT)):
        size = len(raw)
        while not raw.endswith(b"\n") and (more := pipe.readline(LINE_LIMIT)):
            size += len(more)
            if more.endswith(b"\n"):
                break
        yield raw, size


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """The end of what a process complained of, once it has ended its output."""
    if process.stderr is None:
        return ""
    lines = process.stderr.read(8_192).decode("utf-8", "replace").strip().splitlines()
    return clean(lines[-1], 200) if lines else ""
