"""Themes as the command line chooses them, and `tradetop themes`: which there are and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import click

from tradetop.cli.refusal import Refusal
from tradetop.config import default_path
from tradetop.document import DocumentError
from tradetop.model.text import clean
from tradetop.theme import DEFAULT_THEME, FEW, Depth, Theme, Themes, load, names, told


def theme_folder() -> Path:
    """Where the user's own themes are: `themes` beside the usual configuration file."""
    return default_path().parent / "themes"


def chosen(themes: Themes, said: str | None, depth: Depth) -> tuple[Theme, str]:
    """The theme to begin with, and a line about what is wrong with it, if anything is.

    A theme with mistakes is no reason not to watch; one that is not there was mistyped a moment ago: Refusal.
    """
    name = said or (FEW if depth in (Depth.ANSI, Depth.NONE) else DEFAULT_THEME)
    try:
        theme = themes.use(name)
    except DocumentError as error:
        if not any(problem.place.line for problem in error.problems):
            raise Refusal(str(error)) from None
        return load().at(depth), told(error)
    return theme, told(theme)


def list_themes() -> int:
    """Print every theme with its file, and what is wrong in it. The exit code: 1 where something is."""
    folder, wrong = theme_folder(), 0
    themes = Themes(Depth.TRUE, folder)
    for name in names(folder):
        try:
            problems = load(name, folder).problems
        except DocumentError as error:
            problems = error.problems
        wrong += bool(problems)
        click.echo(f"{clean(name):<16}{clean(str(themes.find(name)))}")
        for problem in problems:
            click.echo(f"{'':<16}{problem}")
    click.echo(f"your own: {clean(str(folder))}")
    return 1 if wrong else 0
