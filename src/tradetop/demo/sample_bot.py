"""Starting the sample bot in a process of its own, and ending it for certain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from types import TracebackType
from typing import IO

READY_SECONDS = 15.0
STOP_SECONDS = 3.0


class SampleBotError(Exception):
    """The sample bot did not start; the text is for people."""


@dataclass(slots=True)
class SampleBot:
    """A running sample bot; leaving its context ends it and removes the directory made for it."""

    url: str
    database: Path
    home: Path
    """The directory of its database; one made for it goes with it, and whatever else was put there."""
    pid: int
    _process: subprocess.Popen[bytes] = field(repr=False)
    _made: tempfile.TemporaryDirectory[str] | None = field(repr=False)

    def stop(self) -> None:
        """End the bot; gently, then not; does nothing the second time."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.poll() is None:
            self._process.terminate()
        _reap(self._process)
        if self._made is not None:
            self._made.cleanup()
            self._made = None

    def __enter__(self) -> SampleBot:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def launch(*, seed: int = 7, port: int = 0, database: Path | None = None) -> SampleBot:
    """Start the sample bot and wait until it answers; SampleBotError where it does not.

    It ends with this process at the latest, however that dies: it reads a pipe that only we hold. Then it also removes
    the directory made for it.
    """
    made = None
    command = [sys.executable, "-m", "tradetop.demo", "--until-eof", f"--port={port}", f"--seed={seed}"]
    if database is None:
        made = tempfile.TemporaryDirectory(prefix="tradetop-demo-", ignore_cleanup_errors=True)
        database = Path(made.name) / "bots.db"
        command.append(f"--home={made.name}")
    # Its own session: a Ctrl-C at our terminal is ours, and we end the bot after it.
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module.
        [*command, f"--database={database}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        ready = _ready_line(process)
    except BaseException:
        process.kill()
        _reap(process)
        if made is not None:
            made.cleanup()
        raise
    return SampleBot(ready["url"], database, database.parent, process.pid, process, made)


def _ready_line(process: subprocess.Popen[bytes]) -> dict[str, str]:
    """The bot's first line, waited for until the deadline."""
    assert process.stdout is not None
    end = time.monotonic() + READY_SECONDS
    line = b""
    while not line.endswith(b"\n"):
        left = end - time.monotonic()
        if left <= 0 or not select([process.stdout], [], [], left)[0]:
            raise SampleBotError(f"the sample bot did not start within {READY_SECONDS:.0f} s")
        chunk = os.read(process.stdout.fileno(), 4_096)
        if not chunk:
            raise SampleBotError(f"the sample bot did not start: {_last_words(process.stderr)}")
        line += chunk
    answer: dict[str, str] = json.loads(line)
    return answer


def _last_words(stderr: IO[bytes] | None) -> str:
    lines = stderr.read().decode("utf-8", "replace").strip().splitlines() if stderr else []
    return lines[-1] if lines else "it said nothing"


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process that was asked to end; kill it where it does not."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None and not stream.closed:
            stream.close()
