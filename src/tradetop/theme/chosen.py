"""The theme in use: taken anew when one of its files changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tradetop.document import DocumentError
from tradetop.theme.depth import Depth
from tradetop.theme.load import DEFAULT_THEME, Theme, find, load, names

Stamp = tuple[int, int] | None
"""When a file was changed (ns), and its size; None where there is none."""


def told(of: DocumentError | Theme) -> str:
    """The first thing that is wrong, for a line that passes: whoever edits a theme knows its folder. "" for nothing."""
    if not of.problems:
        return ""
    problem = of.problems[0]
    return str(replace(problem, source=Path(problem.source).name))


class Themes:
    """The themes at hand for a terminal's depth, and which of them is in use."""

    def __init__(self, depth: Depth, user_dir: Path | None = None) -> None:
        self._depth = depth
        self._user_dir = user_dir
        self.name = DEFAULT_THEME
        """The one in use, as it was asked for."""
        self._stamps: dict[Path, Stamp] = {}

    def names(self) -> tuple[str, ...]:
        """Every theme that can be used by name, the default first."""
        return names(self._user_dir)

    def find(self, name: str) -> Path:
        """The file of a theme; DocumentError where there is none."""
        return find(name, self._user_dir)

    def use(self, name: str) -> Theme:
        """The theme of this name, or in this file; from now on its files are watched, even where they cannot be used.

        Raises DocumentError as `load` does.
        """
        path = self.find(name)
        self.name, self._stamps = name, {}
        self._watch([path])
        return self._load()

    def changed(self) -> Theme | None:
        """The theme in use, where a file of it has changed since it was last read; DocumentError as `load`."""
        if all(_stamp(path) == stamp for path, stamp in self._stamps.items()):
            return None
        self._watch([*self._stamps])
        return self._load()

    def _load(self) -> Theme:
        try:
            theme = load(self.name, self._user_dir)
        except DocumentError as error:
            # It may be mended in a file that is not known yet.
            self._watch(Path(problem.source) for problem in error.problems if problem.place.line)
            raise
        self._watch(theme.files)
        return theme.at(self._depth)

    def _watch(self, files: Iterable[Path]) -> None:
        self._stamps |= {path: _stamp(path) for path in files}


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
