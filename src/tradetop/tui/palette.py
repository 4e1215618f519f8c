"""The palette: a span's role as a style in the theme's colours, and as a pen in those that the terminal has."""

from __future__ import annotations

from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
from rich.style import Style

from tradetop.panes.row import Span
from tradetop.theme import Depth, Role, Theme
from tradetop.theme.colour import ANSI, DEFAULT, rgb
from tradetop.tui.pen import PLAIN, Pen, applied

SHADES = 8
"""Steps of a gradient: fewer changes of style are fewer bytes."""

_Key = tuple[Role, Role | None, bool, bool, int | None]


class Palette:
    """Styles and pens by role, made once each; every one carries its background, since Textual fills in none."""

    def __init__(self, theme: Theme, depth: Depth = Depth.TRUE) -> None:
        self._theme = theme
        self._depth = depth
        self._styles: dict[_Key, Style] = {}
        self._pens: dict[_Key, Pen] = {}

    def pen(self, span: Span) -> Pen:
        """The pen of a span."""
        key = _key(span)
        pen = self._pens.get(key)
        if pen is None:
            style = self.style(span).render("x", color_system=ColorSystem.TRUECOLOR)
            parameters = style[2:].partition("m")[0] if style.startswith("\x1b[") else ""
            pen = self._pens[key] = applied(PLAIN, parameters, self._depth)
        return pen

    def style(self, span: Span) -> Style:
        """The style of a span, whatever colours the terminal has."""
        key = _key(span)
        style = self._styles.get(key)
        if style is None:
            shade = key[-1]
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


def _key(span: Span) -> _Key:
    """What of a span decides how it looks."""
    level = span.level
    shade = None if level is None else round(max(0.0, min(1.0, level)) * SHADES)
    return span.role, span.back, span.bold, span.reverse, shade


def _colour(name: str) -> Color | None:
    """A theme's colour; None leaves the terminal's own."""
    if name == DEFAULT:
        return None
    return Color.from_ansi(ANSI.index(name)) if name in ANSI else Color.from_triplet(ColorTriplet(*rgb(name)))
