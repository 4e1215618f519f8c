"""Where the history of a target lies: one file and one lock for each, under the platform's state directory."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_NAME_LIMIT = 60
_PATHS = frozenset({"jsonl", "log"})
"""Schemes of addresses that go on with a path."""
_ADDRESSES = frozenset({"journal"})
"""Those that go on with no path."""


def store_directory(override: Path | None = None) -> Path:
    """The directory of all histories: `override` (what `--store` says), else the platform's; not created here."""
    if override is not None:
        return override.expanduser().absolute()
    # Imported late: half of its cost is not needed where `--store` is given.
    from platformdirs import user_state_path

    return user_state_path("tradetop")


def prepare(directory: Path) -> None:
    """Make the directory, readable by its owner alone; OSError where that cannot be."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def identity(url: str = "", database: str = "") -> str:
    """What tells one target from another: its URL less credentials and query, or its database's full path."""
    if not url:
        return _database(database) if database else ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _database(address: str) -> str:
    scheme, colon, place = address.partition(":")
    if colon and scheme in _PATHS:
        return f"{scheme}:{Path(place).expanduser().absolute()}"
    if place.startswith("//"):
        end = next((i for i, char in enumerate(place) if i > 1 and char in "/?#"), len(place))
        return f"{scheme}://{place[2:end].rpartition('@')[2]}{place[end:]}"
    return address if colon and scheme in _ADDRESSES else str(Path(address).expanduser().absolute())


def history_path(directory: Path, target: str) -> Path:
    """The history file of a target's identity, such as `127.0.0.1_8000-1a2b3c4d.db`.

    The readable part is for people; the hash keeps apart targets that look alike in safe characters.
    """
    readable = target.partition("://")[2].partition("/")[0] or target.rpartition("/")[2]
    readable = _UNSAFE.sub("_", readable).strip("._-")[:_NAME_LIMIT] or "target"
    digest = hashlib.sha256(target.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return directory / f"{readable}-{digest}.db"


def notebook_path(directory: Path) -> Path:
    """The file for what people write down about any of these targets."""
    return directory / "notebook.db"


def subject(history: Path) -> str:
    """What the notebook calls the target of a history file."""
    return history.stem


def lock_path(history: Path) -> Path:
    """The lock file that belongs to a history file."""
    return history.with_suffix(".lock")


def move_aside(path: Path, stamp: str) -> Path:
    """Give a damaged database and what lies beside it another name; the new one. OSError where that cannot be done."""
    aside = path.with_name(f"{path.name}.aside-{stamp}")
    for end in ("", "-wal", "-shm"):
        source = Path(f"{path}{end}")
        if source.exists():
            source.rename(f"{aside}{end}")
    return aside
