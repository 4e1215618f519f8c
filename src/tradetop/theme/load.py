"""Themes: YAML files that give each role a colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from tradetop.document import DocumentError, Parse, Place, Problem, nearest, read_file
from tradetop.theme.colour import colour, mixed
from tradetop.theme.roles import Role

DEFAULT_THEME = "midnight"
_PACKAGED = Path(__file__).parents[1] / "themes"
_EDITABLE = Path(__file__).parents[3] / "themes"
_ENDS = {
    Role.CHART_LO: (Role.CHART_LO, Role.CHART_HI),
    Role.CHART_HI: (Role.CHART_LO, Role.CHART_HI),
    Role.FILL_LO: (Role.FILL_LO, Role.FILL_HI),
    Role.FILL_HI: (Role.FILL_LO, Role.FILL_HI),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """A colour for every role: #rrggbb, or where `ansi` a name of the terminal's own sixteen."""

    name: str
    dark: bool
    ansi: bool
    colours: Mapping[Role, str] = field(hash=False)

    def colour(self, role: Role, level: float | None = None) -> str:
        """The colour of a role; with a level (0 to 1) the one between the ends of its gradient."""
        if level is None or role not in _ENDS:
            return self.colours[role]
        low, high = _ENDS[role]
        return mixed(self.colours[low], self.colours[high], level)


@dataclass(frozen=True, slots=True)
class _Document:
    """A theme file."""

    place: Place
    name: str = ""
    dark: bool = True
    ansi: bool = False
    extends: str = ""
    roles: Mapping[Role, Annotated[str, Parse(colour)]] = field(default_factory=dict)


def load(name_or_path: str = DEFAULT_THEME, user_dir: Path | None = None) -> Theme:
    """The theme with this name, from the user's folder or the shipped ones, or in the file at this path.

    Raises DocumentError: file:line:column, what is wrong, and the nearest valid role.
    """
    return _load(_find(name_or_path, user_dir, None), user_dir, ())


def names(user_dir: Path | None = None) -> tuple[str, ...]:
    """Every theme that `load` knows by name, the default first."""
    found = {path.stem for folder in _folders(user_dir) if folder.is_dir() for path in folder.glob("*.yaml")}
    return tuple(sorted(found, key=lambda name: (name != DEFAULT_THEME, name)))


def _load(path: Path, user_dir: Path | None, seen: tuple[Path, ...]) -> Theme:
    document = read_file(path, _Document)
    if path in seen:
        raise DocumentError([Problem(str(path), document.place, "extends", "leads back to this theme")])
    below: dict[Role, str] = {}
    if document.extends:
        below.update(_load(_find(document.extends, user_dir, path), user_dir, (*seen, path)).colours)
    below.update(document.roles)
    missing = [role.value for role in Role if role not in below]
    if missing:
        text = f"no colour for {', '.join(missing)}; give them, or write `extends: {DEFAULT_THEME}`"
        raise DocumentError([Problem(str(path), document.place, "roles", text)])
    return Theme(document.name or path.stem, document.dark, document.ansi, below)


def _find(name: str, user_dir: Path | None, source: Path | None) -> Path:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name).expanduser() if source is None else source.parent / name
    for folder in _folders(user_dir):
        path = folder / f"{name}.yaml"
        if path.is_file():
            return path
    where = str(source) if source is not None else "theme"
    key = "extends" if source is not None else ""
    raise DocumentError([Problem(where, Place(), key, f"no theme named {name!r}; {nearest(name, names(user_dir))}")])


def _folders(user_dir: Path | None) -> list[Path]:
    shipped = _PACKAGED if _PACKAGED.is_dir() else _EDITABLE
    return [folder for folder in (user_dir, shipped) if folder is not None]
