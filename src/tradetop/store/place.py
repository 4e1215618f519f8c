"""Where the history of a target lies: one file and one lock for each, under the platform's state directory."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tradetop.model.address import is_server, place_of

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_NAME_LIMIT = 60


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
    """What tells one target from another: its URL less credentials and query, or the same of its events."""
    if not url:
        return place_of(database)
    parts = urlsplit(url)
    # A server knows many bots: what is asked of it tells them apart.
    query = f"?{parts.query}" if is_server(url) else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{query}"


def history_path(directory: Path, target: str) -> Path:
    """The history file of a target's identity, such as `127.0.0.1_8000-1a2b3c4d.db`.

    The readable part is for people; the hash keeps apart targets that look alike in safe characters.
    """
    readable = target.partition("://")[2].partition("/")[0] or target.rpartition("/")[2]
    if is_server(target):
        # All bots of a server have its host: what is asked of it says more.
        readable = "_".join(value for _, value in parse_qsl(urlsplit(target).query)) or readable
    readable = _UNSAFE.sub("_", readable).strip("._-")[:_NAME_LIMIT] or "target"
    digest = hashlib.sha256(target.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return directory / f"{readable}-{digest}.db"


def history_of(directory: Path, url: str, database: str) -> Path:
    """The history file of a target: what identifies it also names its lock, its sums and its notes.

    One that was begun when a file's identity was still its path as somebody spelled it goes on where it lies.
    """
    found = history_path(directory, identity(url, database))
    if url or found.exists():
        return found
    before = history_path(directory, place_of(database, as_spelled=True))
    return before if before.exists() else found


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
    number = 1
    while aside.exists():  # Nothing that was set aside may be lost for what is set aside in the same second.
        number += 1
        aside = path.with_name(f"{path.name}.aside-{stamp}-{number}")
    for end in ("", "-wal", "-shm"):
        source = Path(f"{path}{end}")
        if source.exists():
            source.rename(f"{aside}{end}")
    return aside
