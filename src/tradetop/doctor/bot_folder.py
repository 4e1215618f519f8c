"""The bot's own folder: its settings and its logs, read a little and never followed elsewhere."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tradetop.model.text import clean

FILES = 200
"""Files of one sort that are looked at."""
ENTRIES = 5_000
"""Entries of folders that are looked through at most."""
DEPTH = 3
SETTINGS_SIZE = 500_000
LOG_TAIL = 2_000_000
"""Bytes of a settings file, and of the end of a log, that are read."""
_SETTINGS = (".yaml", ".yml", ".toml", ".json", ".ini", ".env")
_LOGS = (".log", ".jsonl", ".txt")
_CAP = re.compile(r"^\s*[\"']?(max_[a-z_]{3,40})[\"']?\s*[:=]\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*(?:#.*)?,?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, as people look it up."""

    file: str
    number: int
    """From 1; 0 where it is not counted."""
    text: str

    @property
    def place(self) -> str:
        """file:line."""
        return f"{self.file}:{self.number}" if self.number else self.file


@dataclass(frozen=True, slots=True)
class Folder:
    """What a search in the bot's folder found."""

    files: int
    """How many files were looked at."""
    lines: tuple[Line, ...]
    count: int = 0
    """How many lines there were in all."""


def settings_lines(folder: Path, word: str, limit: int = 10) -> Folder:
    """The lines of the bot's settings files that hold a word; its YAML, TOML, JSON and INI files, wherever they lie."""
    return _search(folder, _SETTINGS, word, limit, SETTINGS_SIZE, from_end=False)


def log_lines(folder: Path, word: str, limit: int = 3) -> Folder:
    """The last lines in the ends of the bot's logs that hold a word, and how many there are."""
    return _search(folder, _LOGS, word, limit, LOG_TAIL, from_end=True)


def caps(folder: Path) -> dict[str, tuple[float, str]]:
    """The limits named max_... in the bot's settings: value and place, by what comes after max_."""
    found: dict[str, tuple[float, str]] = {}
    for line in settings_lines(folder, "max_", 200).lines:
        match = _CAP.match(line.text)
        if match is not None:
            found.setdefault(match[1].removeprefix("max_"), (float(match[2].replace("_", "")), line.place))
    return found


def is_folder(folder: Path) -> bool:
    """Whether there is such a folder that can be read."""
    try:
        return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)
    except (OSError, ValueError):
        return False


def _search(folder: Path, endings: tuple[str, ...], word: str, limit: int, size: int, *, from_end: bool) -> Folder:
    files = count = 0
    lines: list[Line] = []
    for path in _files(folder, endings):
        files += 1
        text = _read(path, size, from_end=from_end)
        if word not in text:
            continue
        shown = clean(os.path.relpath(path, folder), 200)
        found = [(i, line) for i, line in enumerate(text.splitlines(), 1) if word in line]
        count += len(found)
        kept = found[-limit:] if from_end else found[:limit]
        lines += [Line(shown, 0 if from_end else i, clean(line.strip(), 200)) for i, line in kept]
    return Folder(files, tuple(lines[-limit:] if from_end else lines[:limit]), count)


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """Regular files below a folder, in the order of their names; links are not followed, hidden folders left out."""
    entries, given, home = 0, 0, folder.resolve()
    for root, folders, names in os.walk(folder, followlinks=False):
        depth = len(Path(root).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith((".", "node_modules", "venv", "__pycache__")))
        if depth >= DEPTH:
            folders[:] = []
        for name in sorted(names):
            entries += 1
            if entries > ENTRIES or given >= FILES:
                return
            path = Path(root, name)
            if not path.resolve().is_relative_to(home):
                continue
            if name.lower().endswith(endings) and _is_regular(path):
                given += 1
                yield path


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _read(path: Path, size: int, *, from_end: bool) -> str:
    """The beginning of a file, or its end; "" where it cannot be read. A link put in its place is refused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ""
            if from_end:
                file.seek(max(0, os.fstat(descriptor).st_size - size))
            return file.read(size).decode("utf-8", "replace")
        except OSError:
            return ""
