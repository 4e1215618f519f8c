"""Themes: YAML files that give each role a colour."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

from tradetop.document import Checks, DocumentError, Parse, Place, Problem, nearest, read_file
from tradetop.theme.colour import colour, index, index_colour, mixed, named
from tradetop.theme.depth import Depth
from tradetop.theme.roles import Role

DEFAULT_THEME = "midnight"
FEW = "terminal"
"""The theme for few colours."""
_PACKAGED = Path(__file__).parents[1] / "themes"
_EDITABLE = Path(__file__).parents[3] / "themes"
_ENDS = {
    Role.CHART_LO: (Role.CHART_LO, Role.CHART_HI),
    Role.CHART_HI: (Role.CHART_LO, Role.CHART_HI),
    Role.FILL_LO: (Role.FILL_LO, Role.FILL_HI),
    Role.FILL_HI: (Role.FILL_LO, Role.FILL_HI),
}
_FORGIVEN = ("roles.", "c256.", "c16.")
"""Keys whose mistakes cost only themselves."""

T = TypeVar("T")
Colours = Mapping[Role, str]


@dataclass(frozen=True, slots=True)
class Theme:
    """A colour for every role: #rrggbb, or where `ansi` a name of the terminal's own sixteen."""

    name: str
    dark: bool
    ansi: bool
    colours: Colours = field(hash=False)
    c256: Colours = field(default_factory=dict, hash=False)
    """Where the nearest of 256 colours is not the best one: that one."""
    c16: Colours = field(default_factory=dict, hash=False)
    """The same for sixteen colours, by name."""
    files: tuple[Path, ...] = ()
    """The file, and those that it extends."""
    problems: tuple[Problem, ...] = ()
    """What in them could not be used."""

    def colour(self, role: Role, level: float | None = None) -> str:
        """The colour of a role; with a level (0 to 1) the one between the ends of its gradient."""
        if level is None or role not in _ENDS:
            return self.colours[role]
        low, high = _ENDS[role]
        return mixed(self.colours[low], self.colours[high], level)

    def at(self, depth: Depth) -> Theme:
        """The theme as a terminal of this depth should show it.

        Among sixteen colours hardly any is near to another, and they are the user's own: where the theme names none of
        them, it looks like `terminal`.
        """
        if depth is Depth.INDEXED:
            return replace(self, colours={**self.colours, **self.c256})
        if depth is not Depth.ANSI or self.ansi:
            return self
        named = {role: text for role, text in self.colours.items() if not text.startswith("#")}
        return replace(self, ansi=True, colours={**load(FEW).colours, **named, **self.c16})


_NOTHING = Theme("", True, False, {})


@dataclass(frozen=True, slots=True)
class _Document:
    """A theme file."""

    place: Place
    name: str = ""
    dark: bool | None = None
    ansi: bool | None = None
    extends: str = ""
    roles: Mapping[Role, Annotated[str, Parse(colour)]] = field(default_factory=dict)
    c256: Mapping[Role, Annotated[int, Parse(index)]] = field(default_factory=dict)
    c16: Mapping[Role, Annotated[str, Parse(named)]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Rough:
    """The same file, where single colours are wrong."""

    place: Place
    name: str = ""
    dark: bool | None = None
    ansi: bool | None = None
    extends: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    c256: Mapping[str, str] = field(default_factory=dict)
    c16: Mapping[str, str] = field(default_factory=dict)


def load(name_or_path: str = DEFAULT_THEME, user_dir: Path | None = None) -> Theme:
    """The theme with this name, from the user's folder or the shipped ones, or in the file at this path.

    A role or a colour that is wrong costs only itself and is told in `problems`. Raises DocumentError, with
    file:line:column and what is wrong, where the file cannot be used at all.
    """
    return _load(find(name_or_path, user_dir), user_dir, ())


def find(name_or_path: str, user_dir: Path | None = None) -> Path:
    """The file of a theme; DocumentError where there is none."""
    try:
        return _find(name_or_path, user_dir)
    except ValueError as error:
        raise DocumentError([Problem("theme", Place(), "", str(error))]) from None


def names(user_dir: Path | None = None) -> tuple[str, ...]:
    """Every theme that `load` knows by name, the default first."""
    found = {path.stem for folder in _folders(user_dir) if folder.is_dir() for path in folder.glob("*.yaml")}
    return tuple(sorted(found, key=lambda name: (name != DEFAULT_THEME, name)))


def _load(path: Path, user_dir: Path | None, above: tuple[Path, ...]) -> Theme:
    seen = (*above, path.resolve())
    find_base = partial(_find, user_dir=user_dir, folder=path.parent, above=seen)
    document, problems = _read(path, {"extends": find_base})
    extends = document.extends
    if not extends and not path.is_relative_to(_shipped()):
        # What a file leaves out, or cannot know yet, must come from somewhere.
        extends = FEW if document.ansi else "paper" if document.dark is False else DEFAULT_THEME
    below = _load(find_base(extends), user_dir, seen) if extends else _NOTHING
    theme = Theme(
        document.name or path.stem,
        below.dark if document.dark is None else document.dark,
        below.ansi if document.ansi is None else document.ansi,
        {**below.colours, **document.roles},
        _over(below.c256, document.roles, {role: index_colour(i) for role, i in document.c256.items()}),
        _over(below.c16, document.roles, document.c16),
        (path, *below.files),
        (*problems, *below.problems),
    )
    missing = [role.value for role in Role if role not in theme.colours]
    if missing:
        text = f"no colour for {', '.join(missing)}; give them, or write `extends: {DEFAULT_THEME}`"
        raise DocumentError([Problem(str(path), document.place, "roles", text)])
    return theme


def _over(below: Colours, redefined: Colours, own: Colours) -> Colours:
    """A choice for few colours belongs to the colour it stands for: a new colour takes it away."""
    return {**{role: text for role, text in below.items() if role not in redefined}, **own}


def _read(path: Path, checks: Checks) -> tuple[_Document, tuple[Problem, ...]]:
    """A theme file, and what in it could not be used; DocumentError where that is all of it."""
    try:
        return read_file(path, _Document, checks), ()
    except DocumentError as error:
        if not all(problem.key.startswith(_FORGIVEN) for problem in error.problems):
            raise
        problems = error.problems
    rough = read_file(path, _Rough, checks)
    roles, c256, c16 = _usable(rough.roles, colour), _usable(rough.c256, index), _usable(rough.c16, named)
    return _Document(rough.place, rough.name, rough.dark, rough.ansi, rough.extends, roles, c256, c16), problems


def _usable(rough: Mapping[str, str], parse: Callable[[str], T]) -> dict[Role, T]:
    found = {}
    for name, text in rough.items():
        with contextlib.suppress(ValueError):
            found[Role(name)] = parse(text)
    return found


def _find(name: str, user_dir: Path | None, folder: Path = Path(), above: tuple[Path, ...] = ()) -> Path:
    """The file that a name means in a folder, which is none of those `above`; ValueError where there is none.

    So a theme may extend the shipped one of its own name.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name:
        known = [folder / Path(name).expanduser()]
    else:
        known = [path for place in _folders(user_dir) if (path := place / f"{name}.yaml").is_file()]
    for path in known:
        if path.resolve() not in above:
            return path
    raise ValueError(
        "leads back to this theme" if known else f"no theme named {name!r}; {nearest(name, names(user_dir))}"
    )


def _folders(user_dir: Path | None) -> list[Path]:
    return [folder for folder in (user_dir, _shipped()) if folder is not None]


def _shipped() -> Path:
    return _PACKAGED if _PACKAGED.is_dir() else _EDITABLE
