"""Colours as people with and without colour vision see them."""

from __future__ import annotations

from enum import Enum

from tradetop.theme import Depth, Theme, ansi, indexed, load
from tradetop.theme.colour import index_rgb, linear, rgb
from tradetop.theme.depth import distance, lab
from tradetop.theme.roles import Role

Matrix = tuple[tuple[float, float, float], ...]


class Eyes(Enum):
    """How a linear RGB colour looks: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based
    Model for Simulation of Color Vision Deficiency", IEEE Transactions on Visualization and Computer Graphics 15(6),
    2009; the matrices of severity 1.0."""

    NORMAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    PROTAN = (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    )
    DEUTAN = (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    )
    TRITAN = (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    )


def apart(theme: Theme, one: Role, other: Role, eyes: Eyes) -> float:
    """How far apart two roles look (CIE76; from about 2 they can be told apart side by side)."""
    return distance(seen(theme.colour(one), eyes), seen(theme.colour(other), eyes))


def seen(colour: str, eyes: Eyes) -> tuple[float, float, float]:
    """CIE-Lab of a colour as these eyes see it."""
    light = [linear(part) for part in rgb(colour)]
    red, green, blue = (round(_stored(sum(m * part for m, part in zip(row, light, strict=True)))) for row in eyes.value)
    return lab((red, green, blue))


def shown(name: str, depth: Depth) -> Theme:
    """A shipped theme in the colours that a terminal of this depth shows."""
    theme = load(name).at(depth)
    if depth is Depth.TRUE:
        return theme
    nearest = indexed if depth is Depth.INDEXED else ansi
    colours = {role: text if text == "default" else _written(nearest(text)) for role, text in theme.colours.items()}
    return Theme(theme.name, theme.dark, theme.ansi, colours)


def _written(index: int) -> str:
    return "#" + "".join(f"{part:02x}" for part in index_rgb(index))


def _stored(light: float) -> float:
    """Linear light as a channel of sRGB (0 to 255), IEC 61966-2-1."""
    light = min(1.0, max(0.0, light))
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (linear(part) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
