"""The real command in a process of its own, without a terminal and without anybody's configuration."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 20.0


def _environment(home: Path, more: dict[str, str] | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG", "LC_ALL") if name in os.environ}
    own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}
    return {**kept, **own, "PYTHONIOENCODING": "utf-8", **(more or {})}


def run(
    home: Path, *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`tradetop ARGUMENTS` until it ends."""
    return python(home, "-m", "tradetop", *arguments, environment=environment)


def python(
    home: Path, *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Python with these arguments until it ends."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=home,
        env=_environment(home, environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def started(home: Path, arguments: Sequence[str | Path]) -> Iterator[subprocess.Popen[str]]:
    """`tradetop ARGUMENTS` while it runs; what it says on standard error can be read line by line."""
    command = [sys.executable, "-m", "tradetop", *map(str, arguments)]
    with subprocess.Popen(
        command,
        cwd=home,
        env=_environment(home, None),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has it ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], bool]) -> None:
    """Another process can only be looked at again and again."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
