"""Standard error away from the screen: what anything prints goes to the log."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

LOG_LIMIT = 1 << 20
"""Bytes after which the log starts anew."""


@contextlib.contextmanager
def stderr_to(log: Path | None) -> Iterator[None]:
    """Send file descriptor 2 elsewhere, so that nothing a library prints lands on the screen."""
    sys.stderr.flush()
    kept = os.dup(2)
    target = -1
    if log is not None:
        with contextlib.suppress(OSError):
            target = open_log(log)
    if target < 0:
        target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, 2)
    os.close(target)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def open_log(log: Path) -> int:
    """Open the log for appending, for the user alone. Raises OSError."""
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    if os.fstat(target).st_size > LOG_LIMIT:
        os.ftruncate(target, 0)
    return target
