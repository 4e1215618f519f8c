"""A pseudo-terminal with a program in it: what it writes is emulated, what a person types is written."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).with_name("sample_program.py")
PATIENCE = 10.0

_LAUNCH = """
import os, signal, sys
name, hup = sys.argv[1:3]
if hup == "ignored":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
flags = os.O_RDWR | (os.O_NOCTTY if hup == "elsewhere" else 0)
os.environ.pop("LC_CTYPE", None)  # Python itself has put it there, where the locale is C.
slave = os.open(name, flags)
for fd in (0, 1, 2):
    os.dup2(slave, fd)
os.execv(sys.executable, [sys.executable, *sys.argv[3:]])
"""
_UNKNOWN = re.compile(r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\]22;[a-z]*\x07")
"""Sequences that the emulator would print instead of ignoring them."""


class Pseudo:
    """One program in one terminal; `hup` is "default", "ignored", or "elsewhere" for no controlling terminal."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        hup: str = "default",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.master, slave = os.openpty()
        self.raw = b""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self.screen)
        self._slave = slave
        self._seen = 0
        self.resize(*size)
        self.before = termios.tcgetattr(slave)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TEXTUAL", "COV", "NO_COLOR", "COLORTERM"))}
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _LAUNCH, os.ttyname(slave), hup, *arguments],
            stdin=subprocess.DEVNULL,
            env={
                **kept,
                "TERM": "xterm-256color",
                "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}",
                **(environment or {}),
            },
            start_new_session=True,
        )

    def __enter__(self) -> Pseudo:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        for fd in (self.master, self._slave):
            with contextlib.suppress(OSError):
                os.close(fd)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    @property
    def modes(self) -> dict[int, bool]:
        """The private modes as last set: 1049 alternate screen, 25 cursor, 1000 and 1003 mouse, 2004 paste."""
        found = {}
        for number, on in re.findall(rb"\x1b\[\?(\d+)([hl])", self.raw):
            found[int(number)] = on == b"h"
        return found

    def attributes(self) -> list[object]:
        """How the terminal's line discipline is set now."""
        return termios.tcgetattr(self._slave)

    def resize(self, columns: int, lines: int) -> None:
        termios.tcsetwinsize(self._slave, (lines, columns))
        self.screen.resize(lines, columns)

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what the program has written; whether it wrote anything."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65_536)
        except OSError:
            return False
        self.raw += data
        whole = self.raw[self._seen :]
        try:
            text = whole.decode()
        except UnicodeDecodeError as error:
            text = whole[: error.start].decode()
        cut = text.rfind("\x1b", max(0, len(text) - 40))
        if cut >= 0 and not re.match(r"\x1b(\[[0-9;?<>=$]*[@-~]|\][^\x07]*\x07|[^\[\]])", text[cut:]):
            text = text[:cut]
        self._seen += len(text.encode())
        self._stream.feed(_UNKNOWN.sub("", text))
        return True

    def until(self, there: str | Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Read until a text is on the screen, or a condition holds; fails with the screen's text at the deadline."""
        condition = (lambda: there in self.text) if isinstance(there, str) else there
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (
                f"not seen within {seconds} s: {there}\n{self.text}\n{self.raw[-300:]!r}"
            )
            self.read()

    def until_keys(self, there: str) -> None:
        """Read until a text is on the screen with the keys below it: the first values come before them."""
        self.until(lambda: there in self.text and "q quit" in self.text)

    def ended(self, seconds: float = PATIENCE) -> float:
        """Read until the program has ended, and say how many seconds that took."""
        began = time.monotonic()
        while self.process.poll() is None:
            assert time.monotonic() < began + seconds, f"still running after {seconds} s\n{self.text}"
            self.read(0.01)
        took = time.monotonic() - began
        while self.read(0):
            pass
        return took

    def hang_up(self) -> float:
        """Close the terminal and say how many seconds the program lived on."""
        os.close(self._slave)
        os.close(self.master)
        began = time.monotonic()
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    def waiting(self) -> int:
        """Bytes that the program has written and nobody has read."""
        return int.from_bytes(fcntl.ioctl(self.master, termios.FIONREAD, bytes(4)), sys.byteorder)

    def cpu(self) -> float:
        """Seconds of processor time that the program has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
