"""Themes: roles, the colours that themes give them, and how many of them a terminal can show."""

from tradetop.theme.chosen import Themes, told
from tradetop.theme.depth import Depth, ansi, detect, indexed
from tradetop.theme.load import DEFAULT_THEME, FEW, Theme, load, names
from tradetop.theme.roles import Role

__all__ = [
    "DEFAULT_THEME",
    "FEW",
    "Depth",
    "Role",
    "Theme",
    "Themes",
    "ansi",
    "detect",
    "indexed",
    "load",
    "names",
    "told",
]
