"""The history of questions: a small file of the user's own, one question a line."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tradetop.model.text import clean, clean_lines

KEPT = 200
"""Questions that are kept."""
_LIMIT = 1024 * 1024
"""Most bytes that are read of the file."""
_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Past:
    """A question that was asked at `t` (ms)."""

    t: int
    question: str
    sql: str
    how: str
    """Which ready question it was, or which model was asked."""
    rows: int | None = None
    """How many rows it gave; None where it was not run, or failed."""


def history_path(directory: Path) -> Path:
    """The file of the history in the state directory."""
    return directory / "questions.jsonl"


def load(path: Path) -> tuple[Past, ...]:
    """The questions that are kept, oldest first; lines that cannot be read are left out."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            lines = file.read(_LIMIT).decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    found = (_read(line) for line in lines[-KEPT:])
    return tuple(past for past in found if past is not None)


def add(path: Path, past: Past) -> None:
    """Write one more; OSError where that cannot be. Only its owner can read the file, and it does not grow for ever."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = (*load(path), past)[-KEPT:]
    # Written beside and put in its place: a program that is killed meanwhile leaves the old one.
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(one), ensure_ascii=True) + "\n" for one in kept)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def _read(line: str) -> Past | None:
    try:
        told = json.loads(line)
        rows = told.get("rows")
        return Past(
            int(told["t"]),
            clean(str(told["question"]), _TEXT),
            clean_lines(str(told.get("sql", "")), 20_000),
            clean(str(told.get("how", "")), 100),
            int(rows) if isinstance(rows, int) else None,
        )
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError):
        return None
