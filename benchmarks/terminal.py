"""Runs a program in a pseudo-terminal and measures what it costs: time to screen, bytes, CPU, memory, time to quit."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyte

Size = tuple[int, int]
"""Columns and rows."""
NORMAL: Size = (120, 40)
CALM = 0.12
"""Seconds without output after which a picture is whole."""
_TICKS = os.sysconf("SC_CLK_TCK")

# What a terminal is asked, and what a common one answers.
_QUERIES = (
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
)
# pyte paints text and colours; it stumbles over private sequences, which paint nothing.
UNPAINTED = re.compile(rb"\x1b\[[<=>?][0-9;:]*[ -/]*[@-~]|\x1b[\]P_^X].*?(?:\x07|\x1b\\)", re.DOTALL)


@dataclass(slots=True)
class Session:
    """One program in its terminal; every chunk it wrote, with its time."""

    pid: int
    fd: int
    began: float
    size: Size = NORMAL
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    ended: bool = False

    @classmethod
    def start(cls, command: Sequence[str], environment: dict[str, str] | None = None, size: Size = NORMAL) -> Session:
        """Start the command in a terminal of so many columns and rows."""
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        variables |= environment or {}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        began = time.perf_counter()
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            try:
                os.execvpe(command[0], list(command), variables)
            finally:
                os._exit(127)
        return cls(pid, fd, began, size)

    def read(self, seconds: float, until: re.Pattern[str] | None = None) -> bool:
        """Read for a while, or until the text is in what was written; whether the program still runs."""
        end = time.perf_counter() + seconds
        seen = b""
        while not self.ended and (left := end - time.perf_counter()) > 0:
            chunk = self.take(left)
            if until is not None:
                seen = (seen + chunk)[-200_000:]
                if until.search(re.sub(rb"\x1b\[[0-9;:]*[A-Za-z]", b"", seen).decode("utf-8", "replace")):
                    # The rest of the same picture.
                    until, end = None, min(end, time.perf_counter() + 0.3)
        return not self.ended

    def take(self, seconds: float) -> bytes:
        """What it writes next, its questions answered; nothing where it writes nothing for so long, or has ended."""
        if not select.select([self.fd], [], [], max(0.0, seconds))[0]:
            return b""
        try:
            chunk = os.read(self.fd, 65_536)
        except OSError:
            chunk = b""
        if not chunk:
            self.ended = True
            return b""
        self.chunks.append((time.perf_counter(), chunk))
        for query, reply in _QUERIES:
            for _ in query.findall(chunk):
                os.write(self.fd, reply)
        return chunk

    def calm(self, seconds: float = CALM, limit: float = 3.0) -> None:
        """Read until nothing has been written for so long."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end and self.take(seconds):
            continue

    def written(self, since: int = 0) -> int:
        """Bytes of the chunks from that one on."""
        return sum(len(chunk) for _, chunk in self.chunks[since:])

    @property
    def first_byte(self) -> float | None:
        """Seconds until it wrote anything."""
        return self.chunks[0][0] - self.began if self.chunks else None

    def shown(self, *texts: re.Pattern[str]) -> list[float | None]:
        """Seconds until each text was on the screen, by emulating it afterwards."""
        screen = pyte.Screen(*self.size)
        stream = pyte.ByteStream(screen)
        found: list[float | None] = [None] * len(texts)
        for at, chunk in self.chunks:
            stream.feed(UNPAINTED.sub(b"", chunk))
            display = "\n".join(screen.display)
            for i, text in enumerate(texts):
                if found[i] is None and text.search(display):
                    found[i] = at - self.began
            if None not in found:
                break
        return found

    def display(self) -> str:
        """The screen as it stands."""
        screen = pyte.Screen(*self.size)
        stream = pyte.ByteStream(screen)
        for _, chunk in self.chunks:
            stream.feed(UNPAINTED.sub(b"", chunk))
        return "\n".join(line.rstrip() for line in screen.display)

    def cpu_seconds(self) -> float:
        """User and system time of the program and its children so far."""
        total = 0
        for pid in self._tree():
            fields = _stat(pid)
            total += sum(int(fields[i]) for i in (11, 12)) if fields else 0
        return total / _TICKS

    def pss_mib(self) -> float:
        """Proportional memory of the program and its children."""
        total = 0
        for pid in self._tree():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])  # type: ignore[index]
        return total / 1024

    def quit(self, keys: bytes, limit: float = 5.0) -> float | None:
        """Press the keys that quit; seconds until the program was gone, None where it had to be killed."""
        ended = os.pidfd_open(self.pid)
        began = time.perf_counter()
        os.write(self.fd, keys)
        taken = None
        while (left := began + limit - time.perf_counter()) > 0:
            ready, _, _ = select.select([ended, self.fd], [], [], left)
            if ended in ready:
                taken = time.perf_counter() - began
                break
            try:
                os.read(self.fd, 65_536)
            except OSError:
                select.select([ended], [], [], max(0.0, began + limit - time.perf_counter()))
                taken = time.perf_counter() - began
                break
        self.kill()
        os.close(ended)
        return taken

    def kill(self) -> None:
        """End the program for certain."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def _tree(self) -> list[int]:
        parents = {pid: int(fields[1]) for pid in _pids() if (fields := _stat(pid))}
        tree = [self.pid]
        for parent in tree:
            tree += [pid for pid, of in parents.items() if of == parent]
        return tree


def attend(sessions: Sequence[Session], seconds: float) -> None:
    """Read what several programs write, for a while."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        running = {session.fd: session for session in sessions if not session.ended}
        if not running:
            return
        for fd in select.select([*running], [], [], left)[0]:
            running[fd].take(0.0)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty where the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
