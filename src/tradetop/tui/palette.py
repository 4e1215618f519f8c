"""The palette: a span's role as a style, in the theme's colours or the nearest that the terminal has."""

from __future__ import annotations

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from tradetop.panes.row import Span
from tradetop.theme import Depth, Role, Theme, ansi, indexed
from tradetop.theme.colour import DEFAULT, rgb

SHADES = 8
"""Steps of a gradient: fewer changes of style are fewer bytes."""


class Palette:
    """Styles by role, made once each; every one carries its background, since Textual fills in none."""

    def __init__(self, theme: Theme, depth: Depth = Depth.TRUE) -> None:
        self._theme = theme
        self._depth = depth
        self._styles: dict[tuple[object, ...], Style] = {}

    def style(self, span: Span) -> Style:
        """The style of a span."""
        shade = None if span.level is None else round(max(0.0, min(1.0, span.level)) * SHADES)
        key = (span.role, span.back, span.bold, span.reverse, shade)
        style = self._styles.get(key)
        if style is None:
            level = None if shade is None else shade / SHADES
            style = self._styles[key] = Style(
                color=self._colour(self._theme.colour(span.role, level)),
                bgcolor=self._colour(self._theme.colour(span.back or Role.BACKGROUND)),
                bold=span.bold or None,
                reverse=span.reverse or None,
            )
        return style

    def _colour(self, name: str) -> Color | None:
        """A theme's colour as this terminal can show it; None leaves the terminal's own."""
        if name == DEFAULT or self._depth is Depth.NONE:
            return None
        if self._depth is Depth.ANSI or not name.startswith("#"):
            return Color.from_ansi(ansi(name))
        if self._depth is Depth.INDEXED:
            return Color.from_ansi(indexed(name))
        return Color.from_triplet(ColorTriplet(*rgb(name)))
