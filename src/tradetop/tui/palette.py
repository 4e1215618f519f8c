"""The palette: a span's role as a style in the theme's colours; the driver matches them to what the terminal has."""

from __future__ import annotations

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from tradetop.panes.row import Span
from tradetop.theme import Role, Theme
from tradetop.theme.colour import ANSI, DEFAULT, rgb

SHADES = 8
"""Steps of a gradient: fewer changes of style are fewer bytes."""


class Palette:
    """Styles by role, made once each; every one carries its background, since Textual fills in none."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._styles: dict[tuple[object, ...], Style] = {}

    def style(self, span: Span) -> Style:
        """The style of a span."""
        shade = None if span.level is None else round(max(0.0, min(1.0, span.level)) * SHADES)
        key = (span.role, span.back, span.bold, span.reverse, shade)
        style = self._styles.get(key)
        if style is None:
            level = None if shade is None else shade / SHADES
            # Among sixteen colours there is none on which all the others can be read.
            turned = self._theme.ansi and span.back is Role.SELECTION
            back = Role.BACKGROUND if turned or span.back is None else span.back
            style = self._styles[key] = Style(
                color=_colour(self._theme.colour(span.role, level)),
                bgcolor=_colour(self._theme.colour(back)),
                bold=span.bold or None,
                reverse=span.reverse or turned or None,
            )
        return style


def _colour(name: str) -> Color | None:
    """A theme's colour; None leaves the terminal's own."""
    if name == DEFAULT:
        return None
    return Color.from_ansi(ANSI.index(name)) if name in ANSI else Color.from_triplet(ColorTriplet(*rgb(name)))
